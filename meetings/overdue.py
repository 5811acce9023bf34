"""Telling about missing meetings. Truth is computed (`rules.is_overdue`); `flagged_on` only remembers that we told.

Day by day the digest (`reminders.remind`) claims and tells them, so that a person gets one message; `flag_overdue`
does the same by itself, for the command and for a day on which the digest did not run.
"""

from collections import defaultdict

from django.db import transaction
from django.urls import reverse

from core.activity import record_system
from core.periods import Period
from journal.services import notify_many
from meetings.models import Occurrence
from meetings.rounds import begun_count
from people.enums import Role
from people.selectors import users_with_roles

TOLD = (Role.COMMUNE, Role.COMMUNE_LEADER, Role.DISTRICT, Role.LEADER, Role.SPECIALIST, Role.PROVINCE)
"""At a unit: those who keep or lead its meetings, and those who watch over the units below."""

NAMES_IN_LINE = 3
COLUMNS = (
    "pk",
    "unit_id",
    "unit__name",
    "level",
    "period",
    "ends_on",
    "begun_on",
    "due_on",
    "district_id",
    "province_id",
)


@transaction.atomic
def flag_overdue(today):
    """Claim every newly overdue occurrence and tell its unit and those above once; returns how many were claimed."""
    flagged = claim_overdue(today)
    notify_many(_notices(flagged, today))
    return len(flagged)


def claim_overdue(today):
    """The newly overdue occurrences, claimed by this call and no other; the caller tells in the same transaction."""
    new = Occurrence.objects.overdue(today).filter(flagged_on=None)
    rows = list(new.select_for_update(no_key=True).order_by("ends_on", "pk").values_list(*COLUMNS, named=True))
    if not rows:
        return []
    claimed = new.update(flagged_on=today)
    if claimed != len(rows):  # one more fell due in between: rather told twice than never
        flagged = Occurrence.objects.filter(flagged_on=today).order_by("ends_on", "pk")
        rows = list(flagged.values_list(*COLUMNS, named=True))
    record_system("meetings.flag_overdue", {"today": str(today), "count": claimed})
    return rows


def _notices(flagged, today):
    """(recipient, key, text, url) rows: one per unit, one line per unit above and level."""
    own, below = defaultdict(list), defaultdict(list)
    for row in flagged:
        own[row.unit_id].append(row)
        for above in {row.district_id, row.province_id} - {row.unit_id, None}:
            below[above, row.level].append(row)
    users = users_with_roles({*own, *(above for above, _ in below)}, TOLD, today)
    for unit_id, rows in own.items():
        for user_id in users.get(unit_id, ()):
            yield user_id, _key(unit_id, "own", rows), _own_text(rows), _own_url(rows)
    for (above, level), rows in below.items():
        for user_id in users.get(above, ()):
            yield (
                user_id,
                _key(above, level, rows),
                _below_text(rows),
                f"{reverse('meeting_list')}?muc=thieu&cap={level}",
            )


def _key(unit_id, about, rows):
    """The same news has the same key, also when a second run of the day reads the rows again."""
    return f"meeting-overdue:{unit_id}:{about}:{rows[0].pk}-{rows[-1].pk}-{len(rows)}"


def _label(row):
    return Period.parse(row.period).label_inside


def _own_text(rows):
    unit, last = rows[0].unit__name, _label(rows[-1])
    if len(rows) == 1 and rows[0].begun_on:
        return (
            f"{unit} đã quá hạn hội nghị giao ban {last}, mới họp {begun_count(rows[0])}. Họp tiếp các đơn vị còn lại."
        )
    if len(rows) == 1:
        return f"{unit} đã quá hạn hội nghị giao ban {last}. Ghi hội nghị, hoặc xin miễn nếu có lý do."
    return f"{unit} còn {len(rows)} kỳ giao ban quá hạn chưa họp, từ {_label(rows[0])} đến {last}."


def _own_url(rows):
    return reverse("occurrence_detail", args=[rows[0].pk]) if len(rows) == 1 else f"{reverse('meeting_list')}?muc=thieu"


def _below_text(rows):
    names = list(dict.fromkeys(row.unit__name for row in rows))
    shown = ", ".join(names[:NAMES_IN_LINE])
    more = f" và {len(names) - NAMES_IN_LINE} đơn vị khác" if len(names) > NAMES_IN_LINE else ""
    return f"{len(rows)} kỳ giao ban quá hạn chưa họp: {shown}{more}. Kỳ gần nhất: {_label(rows[-1])}."
