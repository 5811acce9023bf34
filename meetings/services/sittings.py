"""What may not be saved as sittings: strangers to the unit, one commune twice a day, people at two meetings at once."""

from collections import defaultdict

from django.db.models import Q

from core.errors import DomainError
from meetings.enums import HELD_STATES, SEVERAL_SITTINGS
from meetings.models import Meeting
from meetings.rounds import member_spans, members_on
from meetings.rules import times_overlap
from units.selectors import names_on


def check_sittings(meeting, plans):
    """Each sitting's units lie in the meeting's unit (or in one that met with it) on its day, once a day."""
    if not plans:
        return
    joint = meeting.joint_occurrences.values_list("unit_id", flat=True)
    spans = member_spans([meeting.unit_id, *joint], meeting.level)
    sat = set()
    for plan in plans:
        strangers = set(plan.commune_ids) - members_on(spans, plan.held_on)
        if strangers:
            raise DomainError(
                f"{_names(strangers, plan.held_on)} không thuộc {meeting.unit.name} vào ngày {plan.held_on:%d/%m/%Y}. "
                "Sửa ngày, hoặc chọn lại cụm, đơn vị dự.",
                "sittings",
            )
        again = {unit_id for unit_id in plan.commune_ids if (plan.held_on, unit_id) in sat}
        if again:
            raise DomainError(
                f"{_names(again, plan.held_on)} được ghi hai cuộc trong ngày {plan.held_on:%d/%m/%Y}. "
                "Gộp làm một cuộc, hoặc sửa ngày.",
                "sittings",
            )
        sat |= {(plan.held_on, unit_id) for unit_id in plan.commune_ids}


def check_clashes(meeting, facts, plans):
    """Nobody sits at two meetings of a unit at the same hours; unknown hours are not asked about."""
    if facts.started_at is None:
        return
    ours = _by_day(facts.held_on, [(plan.held_on, plan.commune_ids) for plan in plans])
    others = (
        Meeting.objects.filter(unit=meeting.unit_id, status__in=HELD_STATES, started_at__isnull=False)
        .exclude(pk=meeting.pk)
        .filter(Q(held_on__in=ours) | Q(sittings__held_on__in=ours))
        .distinct()
        .prefetch_related("sittings__communes")
    )
    for other in others:
        if times_overlap((facts.started_at, facts.ended_at), (other.started_at, other.ended_at)):
            _refuse_shared(ours, _days_of(other), other)


def _days_of(meeting):
    sittings = meeting.sittings.all() if meeting.form in SEVERAL_SITTINGS else ()
    return _by_day(meeting.held_on, [(each.held_on, [unit.pk for unit in each.communes.all()]) for each in sittings])


def _by_day(held_on, sittings):
    """{day: ids of the units that sat}; None stands for everybody."""
    days = defaultdict(set)
    for day, ids in sittings:
        days[day] |= set(ids)
    return dict(days) or {held_on: None}


def _refuse_shared(ours, theirs, other):
    for day in sorted(ours.keys() & theirs.keys()):
        if ours[day] is not None and theirs[day] is not None and not ours[day] & theirs[day]:
            continue
        shared = [ids for ids in (ours[day], theirs[day]) if ids is not None]
        who = f" với {_names(set.intersection(*shared), day)}" if shared else ""
        raise DomainError(
            f"Ngày {day:%d/%m/%Y} đã ghi “{other.title}” lúc {other.started_at:%H:%M}{who}, trùng giờ. "
            "Sửa ngày, giờ của hội nghị này hoặc hội nghị kia.",
            "started_at",
        )


def _names(ids, day):
    return ", ".join(sorted(names_on(ids, day).values()))
