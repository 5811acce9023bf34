"""What the held meetings make of their expected meeting."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Now

from meetings.closed import check_open
from meetings.enums import CADENCE_KINDS, HELD_STATES, SEVERAL_SITTINGS
from meetings.models import Exemption, Meeting, Occurrence, Sitting
from units.enums import Level
from units.models import Unit

_PARTS = [form.value for form in SEVERAL_SITTINGS]
DERIVED = ("met_on", "completed_on", "is_exempt")
MEMBER_LEVEL = {Level.DISTRICT: Level.COMMUNE, Level.COMMUNE: Level.VILLAGE}


@transaction.atomic
def refresh_occurrence(occurrence):
    """Recompute the day met, the day complete and the exemption from the meetings; call it in the saving transaction.

    Met on the first day of a held meeting that satisfies the cadence, its own or a joint one. Once met, an exemption
    no longer counts and a pending request is closed; when the meeting is cancelled again, a granted one counts again.
    A closed one that would change by it refuses the whole act.
    """
    row = Occurrence.objects.select_for_update(of=("self",)).select_related("unit").get(pk=occurrence.pk)
    before = row.met_on, row.is_exempt
    held = list(
        Meeting.objects.filter(Q(occurrence=row) | Q(pk__in=row.joint_meetings.values("pk")))
        .filter(kind__in=CADENCE_KINDS, status__in=HELD_STATES)
        .order_by("held_on")
        .values_list("pk", "form", "held_on")
    )
    row.met_on = held[0][2] if held else None
    row.completed_on = _completed_on(row, held)
    row.is_exempt = not held and row.exemptions.filter(is_granted=True).exists()
    if (row.met_on, row.is_exempt) != before:
        check_open([row])
    row.save(update_fields=DERIVED)
    if held:
        row.exemptions.filter(is_granted=None).update(
            is_granted=False, decided_at=Now(), decision_note="Hội nghị đã họp nên không cần miễn."
        )
    for name in DERIVED:
        setattr(occurrence, name, getattr(row, name))
    return occurrence


def refresh_occurrences(ids):
    """The same for many, in a fixed number of statements; only rounds with sittings are looked at one by one."""
    joint = Meeting.joint_occurrences.through.objects.filter(
        meeting=OuterRef("pk"), occurrence=OuterRef(OuterRef("pk"))
    )
    held = Meeting.objects.filter(Q(occurrence=OuterRef("pk")) | Exists(joint), kind__in=CADENCE_KINDS).held()
    first, whole = (rows.order_by("held_on").values("held_on")[:1] for rows in (held, held.exclude(form__in=_PARTS)))
    rows, granted = Occurrence.objects.filter(pk__in=ids), Exemption.objects.filter(is_granted=True)
    rows.update(met_on=Subquery(first), completed_on=Subquery(whole))
    excused = rows.filter(met_on=None).filter(Exists(granted.filter(occurrence=OuterRef("pk"))))
    rows.filter(met_on__isnull=False).update(is_exempt=False)
    excused.update(is_exempt=True)
    sittings = Sitting.objects.filter(meeting__occurrence=OuterRef("pk"))
    for occurrence in rows.filter(Exists(sittings) | Exists(_pending())):
        refresh_occurrence(occurrence)


def _pending():
    return Exemption.objects.filter(occurrence=OuterRef("pk"), is_granted=None)


def _completed_on(row, held):
    """The first meeting of everybody at once, or the day the sittings have covered all members, if earlier."""
    whole = [day for _, form, day in held if form not in SEVERAL_SITTINGS]
    parts = [pk for pk, form, _ in held if form in SEVERAL_SITTINGS]
    days = whole[:1]
    if parts:
        visits = Sitting.objects.filter(meeting__in=parts).values_list("held_on", "communes")
        day = _covered_on(_members(row), [(day, unit_id) for day, unit_id in visits if unit_id])
        days += [day] if day else []
    return min(days, default=None)


def _members(row):
    """The units a round must reach: those of the level below on the last day of its period."""
    below = Unit.objects.under(row.unit_id, row.ends_on).filter(level=MEMBER_LEVEL[row.level])
    return set(below.values_list("pk", flat=True))


def _covered_on(members, visits):
    """The first day by which (day, unit) visits have reached every member; None until then."""
    missing = set(members)
    for day, unit_id in sorted(visits):
        missing.discard(unit_id)
        if not missing:
            return day
    return None
