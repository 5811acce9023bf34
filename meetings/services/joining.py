"""A joint meeting: one hội nghị that several units hold together and that makes the period of each of them held."""

from django.db import transaction

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.periods import Period
from meetings.access import may_credit
from meetings.closed import check_open
from meetings.enums import HELD_STATES
from meetings.models import Occurrence
from meetings.occurrences import refresh_occurrence
from meetings.rules import satisfies_cadence
from meetings.services.guard import lock


@transaction.atomic
def join_meeting(meeting_id, occurrence_ids, *, actor, version, today):
    """Credit exactly these periods of other units with a held meeting; those left out lose the credit again.

    The keeper of every unit concerned, or the level above all of them. The meeting itself stays the host's and is
    counted once; each credited period counts as held on its day.
    """
    meeting = lock(meeting_id, actor=actor, may=may_credit, version=version)
    if not satisfies_cadence(meeting.kind, meeting.status):
        raise DomainError("Chỉ hội nghị định kỳ đã họp mới tính chung cho đơn vị khác. Ghi hội nghị trước.")
    former = set(meeting.joint_occurrences.values_list("pk", flat=True))
    changed = former ^ set(occurrence_ids)
    rows = list(
        Occurrence.objects.select_for_update(of=("self",)).select_related("unit").filter(pk__in=changed).order_by("pk")
    )
    if len(rows) != len(changed) or not all(may_credit(actor, row) for row in rows):
        raise NotAllowed("Chỉ cấp trên của các đơn vị mới ghi được hội nghị họp chung. Đề nghị cấp trên ghi giúp.")
    check_open(rows)
    for row in rows:
        if row.pk not in former:
            _check(meeting, row)
    if not rows:
        return meeting
    meeting.joint_occurrences.set(set(occurrence_ids))
    meeting.version += 1
    meeting.save(update_fields=["version"])
    for row in rows:
        refresh_occurrence(row)
    after = {"joint": sorted(set(occurrence_ids)), "on": str(today)}
    record(actor.pk, "meeting.join", meeting, {"joint": sorted(former)}, after)
    return meeting


def _check(meeting, row):
    """Another unit of the level and province, whose window was open on the day and which has not met."""
    name = f"{row.unit.name} kỳ {Period.parse(row.period).label_inside}"
    if (row.level, row.province_id) != (meeting.level, meeting.province_id) or row.unit_id == meeting.unit_id:
        raise DomainError(f"{name} không cùng cấp, cùng tỉnh với hội nghị này nên không họp chung được.", "occurrences")
    if meeting.held_on < row.opens_on:
        raise DomainError(
            f"{name} được họp sớm nhất ngày {row.opens_on:%d/%m/%Y}, sau ngày họp chung. Chọn kỳ khác.", "occurrences"
        )
    own = row.meetings.filter(status__in=HELD_STATES).exists()
    if row.begun_on is not None or own:
        raise DomainError(f"{name} đã có hội nghị nên không ghi họp chung nữa.", "occurrences")
