"""Papers of a few recent meetings, issued by units that have accounts: registers are not empty."""

from datetime import timedelta

from feedback.papers.issuing import BY_SLUG, issue_meeting_paper
from feedback.papers.signing import propose_signing
from meetings.access import may_issue
from meetings.models import Meeting
from people.enums import Role
from people.models import User

WRITERS = (Role.COMMUNE, Role.LEADER)
MEETINGS_A_UNIT, MOST_UNITS = 2, 6
CONCLUDED_AFTER = 4
BEFORE = {"giay-moi": 6, "chuong-trinh": 4}
"""Days before a meeting on which a paper is signed."""


def issue_papers(accounts, today):
    """Invitation, programme, minutes and conclusion of the last meetings of a few units."""
    writers = {account.unit.pk: account.user_id for account in accounts.opened if account.role in WRITERS}
    for unit_id in sorted(writers)[:MOST_UNITS]:
        held = Meeting.objects.held().filter(unit_id=unit_id).select_related("unit", "occurrence")
        actor = User.objects.get(pk=writers[unit_id])
        meetings = list(held.order_by("-held_on", "-pk")[:MEETINGS_A_UNIT])
        for meeting in reversed(meetings):
            for slug, day in _due(meeting, is_last=meeting == meetings[0]):
                if may_issue(actor, meeting) and day <= today:
                    _issue(meeting, BY_SLUG[slug], day, actor, today)


def _due(meeting, is_last):
    """(kind, signing day) of what a careful office issues; the last meeting still waits for its conclusion."""
    days = [(slug, meeting.held_on - timedelta(days=days)) for slug, days in BEFORE.items()]
    days.append(("bien-ban", meeting.held_on))
    if meeting.conclusion_on or not is_last:
        days.append(("ket-luan", meeting.conclusion_on or meeting.held_on + timedelta(days=CONCLUDED_AFTER)))
    return [(slug, day) for slug, day in days if day >= meeting.unit.valid_from]


def _issue(meeting, kind, day, actor, today):
    signing = propose_signing(meeting, kind.kind, day)
    issue_meeting_paper(meeting, kind, signing, actor=actor, today=today, request_id=f"demo-{meeting.pk}-{kind.slug}")
