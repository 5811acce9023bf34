"""What a person may put on the calendar: units of one's own, and their periods that are still to be held."""

from datetime import timedelta

from core.periods import Period
from meetings.models import Occurrence
from units.models import Unit

PLANNERS = {"commune": ("commune", "commune_leader"), "district": ("district", "leader", "specialist")}
PAST_DAYS, AHEAD_DAYS = 400, 45


def plannable_units(user, today):
    """Units at which the user runs meetings; closed ones are left out."""
    ids = [grant.unit_id for grant in user.scope.grants if grant.writes and grant.role in PLANNERS.get(grant.level, ())]
    return list(Unit.objects.visible_to(user).filter(pk__in=ids).on(today).order_by("level", "name"))


def plannable_occurrences(user, today):
    """Occurrences of these units, next ones first, not too old; each with a `label` for the form."""
    units = [unit.pk for unit in plannable_units(user, today)]
    window = {"starts_on__lte": today + timedelta(days=AHEAD_DAYS), "ends_on__gte": today - timedelta(days=PAST_DAYS)}
    found = list(Occurrence.objects.visible_to(user).filter(unit_id__in=units, **window).order_by("-starts_on"))
    for occurrence in found:
        held = f" – đã họp {occurrence.met_on:%d/%m/%Y}" if occurrence.met_on else ""
        held = " – đang họp, chưa đủ" if occurrence.begun_on and not held else held
        occurrence.label = f"{Period.parse(occurrence.period).label}{held}"
    return found
