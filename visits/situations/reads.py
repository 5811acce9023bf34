"""Who answered for a place on a day, and which levels knew of a situation before them."""

from collections import defaultdict

from django.db.models import Q
from django.urls import reverse

from core.display import moment_text
from units.enums import LEVEL_ORDER
from visits.enums import Knower, SituationState
from visits.models import Assignment, Knowing, Situation
from visits.situations.access import EXPLANATION_REVIEWERS
from visits.situations.filters import WAITING
from visits.situations.rules import FEWEST, duration_words, known_above_first, median_span, spans_of


def assigned_at(place, day):
    """The assignments that covered a place on a day: the nearest place first, main before deputy, the whole first."""
    units = [pk for pk in (place.village_id, place.commune_id, place.district_id) if pk]
    held = Assignment.objects.on(day).filter(unit__in=units).select_related("person", "post__unit", "unit")
    return sorted(held, key=lambda each: (units.index(each.unit_id), each.is_deputy, bool(each.group), each.pk))


def levels_before(situation, knowings):
    """The levels that knew before the responsible cadre; none where nobody was responsible."""
    if situation.responsible_post is None:
        return []
    known = {knowing.knower: knowing.known_at for knowing in knowings}
    return known_above_first(known, situation.responsible_post.unit.level)


TONES = {SituationState.OPEN: "waiting", SituationState.HANDLING: "progress", SituationState.CLOSED: "done"}
COLUMNS = (
    *("pk", "title", "happened_at", "state", "unit__name", "commune__name", "responsible__name"),
    *("responsible_post__unit__level", "explanation__pk", "explanation__reviewed_at"),
)
TIMES = ("reported_at", "handling_at", "closed_at")


def situation_rows(found):
    """Prepared rows of a page; one query for what was known."""
    known = _known([row["pk"] for row in found])
    return [_row(row, known[row["pk"]]) for row in found]


def _known(ids):
    known = defaultdict(dict)
    for pk, knower, at in Knowing.objects.filter(situation_id__in=ids).values_list(
        "situation_id", "knower", "known_at"
    ):
        known[pk][knower] = at
    return known


def _row(row, known):
    state, level = SituationState(row["state"]), row["responsible_post__unit__level"]
    first = known_above_first(known, level) if level else []
    own = known.get(Knower.RESPONSIBLE)
    return row | {
        "place": place_words(row["unit__name"], row["commune__name"]),
        "word": state.label,
        "tone": TONES[state],
        "own": moment_text(own) or "chưa biết",
        "above": [level_words(knower, known[knower], own) for knower in first],
        "answer": _answer(row),
    }


def place_words(unit, commune):
    return unit if unit == commune else f"{unit}, {commune}"


def level_words(knower, known_at, own):
    """'Cấp huyện biết 08:00 20/11/2026, sớm hơn 3 giờ'."""
    words = f"{Knower(knower).label} biết {moment_text(known_at)}"
    return f"{words}, sớm hơn {duration_words(own - known_at)}" if own else words


def _answer(row):
    """The word and tone of the explanation."""
    if row["explanation__reviewed_at"]:
        return {"word": "Cấp trên đã cho ý kiến", "tone": "done"}
    if row["explanation__pk"]:
        return {"word": "Chờ cấp trên cho ý kiến", "tone": "waiting"}
    return {"word": "Chưa giải trình", "tone": "neutral"}


def span_rows(situations, is_by_district):
    """[{"name", "count", "spans"}] by district (else by commune) with the medians in words, and the row of all.

    Two queries whatever their number; a median of fewer than FEWEST known spans is not said.
    """
    columns = ("pk", "district__name", "commune__name", *TIMES)
    rows = list(situations.order_by("commune__sort_key", "pk").values_list(*columns))
    first = {}
    known = Knowing.objects.filter(situation__in=situations.order_by().values("pk"))
    for pk, at in known.values_list("situation_id", "known_at"):
        first[pk] = min(at, first.get(pk, at))
    groups, everything = defaultdict(list), []
    for pk, district, commune, *times in rows:
        spans = spans_of(first.get(pk), *times)
        groups[district if is_by_district and district else commune].append(spans)
        everything.append(spans)
    return [_spans(name, groups[name]) for name in sorted(groups)], _spans("Tất cả", everything)


def _spans(name, spans):
    medians = [duration_words(median_span(column)) for column in zip(*spans, strict=True)] if spans else [""] * 3
    return {"name": name, "count": len(spans), "spans": [words or f"chưa đủ {FEWEST} việc" for words in medians]}


MOST = 5


def situation_tasks(user):
    """Rows of the task list; two queries."""
    return [*_to_explain(user), *_to_review(user)]


def _to_explain(user):
    rows = Situation.objects.visible_to(user).filter(responsible_id=user.person_id, explanation=None)
    return [
        {
            "title": situation.title,
            "url": f"{situation.get_absolute_url()}#giai-trinh",
            "hint": "Cấp trên biết trước người phụ trách; đồng chí có quyền giải trình",
            "word": "Chưa giải trình",
            "tone": "waiting",
            "action_label": "Giải trình",
        }
        for situation in rows.known_above_first().order_by("happened_at", "pk")[:MOST]
    ]


def _to_review(user):
    """Explanations without a word yet, of cadres whose branch or level below the user keeps."""
    mine = Q(pk__in=[])
    for grant in user.scope.grants:
        if grant.writes and grant.role in EXPLANATION_REVIEWERS.get(grant.level, ()):
            below = LEVEL_ORDER[LEVEL_ORDER.index(grant.level) :]
            branch = Q(**{f"{grant.level}_id__in": grant.unit_ids})
            mine |= branch & Q(responsible_post__unit__level__in=below)
    waiting = Situation.objects.filter(mine, explanation__isnull=False, explanation__reviewed_at=None)
    number = waiting.exclude(responsible_id=user.person_id).count()
    if not number:
        return []
    return [
        {
            "title": f"{number} giải trình chờ cấp trên cho ý kiến",
            "url": f"{reverse('situation_review')}?giai-trinh={WAITING}",
            "hint": "Sự việc cấp trên biết trước người phụ trách",
            "word": "Chờ cho ý kiến",
            "tone": "waiting",
            "action_label": "Xem",
        }
    ]
