"""What the page of a meeting says of its days, of who met jointly, of where people came from; and the acts on it."""

from collections import defaultdict

from core.periods import Period
from feedback.forms.meetings import ConcludeForm
from meetings.access import may_credit, may_decide_exemption, may_log, may_plan
from meetings.clocks import meeting_clocks
from meetings.enums import CADENCE_KINDS, PRESENT_STATES
from meetings.models import Occurrence
from meetings.selectors import own_unit_ids
from meetings.services.rebooking import CLOSED, neighbours
from units.selectors import names_on


def dates_context(user, meeting, today, attendances, counts, refusal):
    """The clocks in words, units that met jointly, people by village, and the forms of what may be done."""
    joint = meeting.joint_occurrences.select_related("unit").order_by("unit__name")
    return {
        "clocks": meeting_clocks(meeting, today),
        "joint": [row.unit.name for row in joint],
        "by_unit": people_by_unit(meeting, attendances, counts),
        "conclude": _concluding(user, meeting, refusal),
        "rebook": _rebooking(user, meeting, refusal),
        "may_join": may_join(user, meeting),
    }


def may_join(user, meeting):
    """Those who could credit another unit as well: the level above, and whoever keeps several units."""
    counts = meeting.is_held and meeting.kind in CADENCE_KINDS and may_credit(user, meeting)
    return counts and (may_decide_exemption(user, meeting) or len(own_unit_ids(user)) > 1)


def joinable(user, meeting):
    """Periods of other units that this meeting may be credited to: open on its day and not met; those it is, first."""
    joined = list(meeting.joint_occurrences.select_related("unit").order_by("unit__name"))
    open_then = Occurrence.objects.visible_to(user).filter(
        level=meeting.level,
        province=meeting.province_id,
        opens_on__lte=meeting.held_on,
        starts_on__lte=meeting.period_last,
        ends_on__gte=meeting.period_first,
        begun_on=None,
    )
    rest = open_then.exclude(unit=meeting.unit_id).select_related("unit").order_by("unit__name", "starts_on")
    return [row for row in (*joined, *rest) if may_credit(user, row)]


def people_by_unit(meeting, attendances, counts):
    """[(unit name, present)] where people of several units came, the meeting's own unit first; [] where of one."""
    present = defaultdict(int)
    for seat in attendances:
        if seat.presence in PRESENT_STATES and not seat.is_guest:
            present[seat.unit_id] += 1
    for count in counts:
        present[count.unit_id] += count.number
    if (len(present.keys() - {None}) < 2 and None in present) or len(present) < 2:
        return []
    names = names_on(present.keys() - {None}, meeting.held_on)
    rows = [(names.get(pk, "Không ghi theo đơn vị"), number, pk) for pk, number in present.items()]
    rows.sort(key=lambda row: (row[2] != meeting.unit_id, row[2] is None, row[0]))
    return [(name, number) for name, number, _ in rows]


def _concluding(user, meeting, refusal):
    """The form of the day the conclusion was issued; None where it may not be written."""
    if not (meeting.is_held and may_log(user, meeting)):
        return None
    day = f"{meeting.conclusion_on:%d/%m/%Y}" if meeting.conclusion_on else ""
    return _typed(refusal, "conclude", {"on": day, "base": ConcludeForm(meeting=meeting)["base"].value()})


def _rebooking(user, meeting, refusal):
    """The form of moving to a neighbouring period; None where there is none or it may not be moved."""
    if meeting.occurrence is None or meeting.status in CLOSED or not may_plan(user, meeting):
        return None
    choices = [
        {"pk": row.pk, "label": f"{Period.parse(row.period).label}{_met(row)}"}
        for row in neighbours(meeting.occurrence)
    ]
    form = _typed(refusal, "rebook", {"occurrence": "", "reason": "", "is_extra": ""})
    return form | {"choices": choices} if choices else None


def _met(occurrence):
    return f", đã họp {occurrence.met_on:%d/%m/%Y}" if occurrence.met_on else ""


def _typed(refusal, name, values):
    """What was typed into a refused form and why it was refused, else `values`."""
    if refusal and refusal["act"] == name:
        return values | {"error": refusal["error"], "is_open": True} | refusal.get("typed", {})
    return values | {"error": "", "is_open": False}
