"""Plans as a list shows them, with how far each has come."""

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from core.periods import Period
from visits.enums import COUNTED, PlanState, Rating
from visits.models import PlannedVisit, VisitPlan

COLUMNS = ("pk", "month", "state", "unit__name", "published_at", "lines_count", "made_count")
TONES = {PlanState.DRAFT: "waiting", PlanState.PUBLISHED: "done"}


def plans_of(user):
    """Plans the user may open, each with the standing lines the user reads and those of them that were made."""
    lines = PlannedVisit.objects.visible_to(user).standing().filter(plan=OuterRef("pk"))
    return VisitPlan.objects.visible_to(user).annotate(
        lines_count=_number(lines), made_count=_number(lines.filter(visit__status__in=COUNTED))
    )


def _number(lines):
    counted = lines.order_by().values("plan_id").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def plan_row(row):
    state = PlanState(row["state"])
    label = Period.of_day(row["month"], "month").label
    return row | {"label": label, "word": state.label, "tone": TONES[state]}


def weak_row(row):
    """A Ranked as the page shows it; an unrated cell is said, and no reason."""
    facts = row.facts
    return {
        "pk": row.village.pk,
        "name": row.village.name,
        "commune": row.village.commune,
        "sentences": row.sentences,
        "rating": f"{Rating(facts.rating).label} ({facts.rated_in})" if facts.rating else "Chưa có xếp loại",
        "last_on": facts.last_on,
    }
