"""Invitations by e-mail: one letter an address and revision, with the meeting as an iCal file. No opinions in it.

The revision grows when the day, the hour or the place differ from what was last sent; what that was stands in the
activity log of the meeting.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.activity import record
from core.display import clock_text, day_text
from core.errors import DomainError
from core.jobs import create_job
from core.models import Activity
from journal.services import NO_MAIL
from meetings.access import may_log
from meetings.calendar.feeds import calendar_file
from meetings.enums import MeetingStatus
from meetings.models import InvitationMail, Meeting
from meetings.rules import read_back_first
from meetings.services.attendance import roster_on
from meetings.services.scheduling import lock
from people.models import Person, User
from people.rules import masked_email
from units.enums import Level

VERB = "meeting.invite"
JOB = "invitations"
HOST_SILENT = "Máy chủ thư không trả lời."
REFUSED = "Máy chủ thư không nhận địa chỉ này."
PATIENCE = 3
"""So many letters in a row that found no mail server end the run; the rest can be sent again later."""

AGENDA_LINES = 12
HEADING = re.compile(r"\s*(\d+|[IVX]+)\s*[.)]")


def is_mail_ready():
    return settings.EMAIL_BACKEND != NO_MAIL


@dataclass(frozen=True)
class Invitee:
    """Somebody called to the meeting; `address` is empty when no letter can reach them."""

    person_id: int
    unit_id: int
    name: str
    duties: str
    address: str


def invitees(meeting):
    """Everybody called on the planned day, with the address of the person, else of the person's account."""
    seats = [seat for seat in roster_on(meeting.unit, meeting.planned_on) if seat.person_id]
    ids = [seat.person_id for seat in seats]
    addresses = dict(User.objects.active().filter(person__in=ids).exclude(email="").values_list("person_id", "email"))
    addresses |= dict(Person.objects.filter(pk__in=ids).exclude(email="").values_list("pk", "email"))
    return [Invitee(s.person_id, s.unit_id, s.name, s.duties, addresses.get(s.person_id, "").strip()) for s in seats]


def shown_address(invitee, meeting):
    """In full inside one's own unit (a commune's villages belong to it), else only that there is one."""
    is_own = meeting.level == Level.COMMUNE or invitee.unit_id == meeting.unit_id
    return invitee.address if is_own else masked_email(invitee.address)


def _facts(meeting):
    return {"day": f"{meeting.planned_on}", "clock": clock_text(meeting.started_at), "place": meeting.place}


def last_revision(meeting):
    """(revision, facts) of the last letters; (0, {}) before the first."""
    lines = Activity.objects.filter(target_kind="meetings.meeting", target_id=meeting.pk, verb=VERB)
    after = dict(lines.values_list("after", flat=True).first() or {})
    return after.pop("revision", 0), after


def revision_now(meeting):
    """The revision that letters sent now would bear."""
    revision, facts = last_revision(meeting)
    return revision if revision and facts == _facts(meeting) else revision + 1


def check_can_invite(meeting, today):
    if not is_mail_ready():
        raise DomainError("Hệ thống chưa cài máy chủ thư. In giấy mời, hoặc tải tệp Word để gửi.")
    if meeting.status != MeetingStatus.PLANNED or not meeting.planned_on:
        raise DomainError("Chỉ gửi giấy mời khi hội nghị đã lên lịch và có ngày dự kiến.")
    if meeting.planned_on < today:
        raise DomainError(f"Ngày dự kiến {meeting.planned_on:%d/%m/%Y} đã qua. Sửa ngày họp rồi gửi giấy mời.")


@transaction.atomic
def queue_invitations(meeting_id, *, actor, now):
    """Letters to all who have an address and have not got this revision; failed ones again. The job, or None."""
    meeting = lock(meeting_id, actor=actor, may=may_log, counts=False)
    check_can_invite(meeting, timezone.localtime(now).date())
    revision = revision_now(meeting)
    people = defaultdict(list)
    for invitee in invitees(meeting):
        if invitee.address:
            people[invitee.address.lower()].append(invitee.name)
    if not people:
        raise DomainError("Chưa ai trong danh sách mời có địa chỉ thư. Ghi thư điện tử ở Danh bạ, hoặc in giấy mời.")
    mails = [
        InvitationMail(meeting=meeting, name=", ".join(names)[:120], address=address, revision=revision)
        for address, names in people.items()
    ]
    InvitationMail.objects.bulk_create(mails, ignore_conflicts=True)
    waiting = InvitationMail.objects.filter(meeting=meeting, revision=revision, sent_at=None)
    waiting.exclude(failure="").update(failure="")
    count = waiting.count()
    if not count:
        return None
    record(actor.pk, VERB, meeting, after={**_facts(meeting), "revision": revision})
    return create_job(
        kind=JOB,
        title=f"Gửi {count} giấy mời – {meeting.title}",
        params={"meeting_id": meeting.pk, "revision": revision},
        owner_id=actor.pk,
    )


def send_invitations(meeting_id, revision, *, now, progress):
    """Send what waits, each letter claimed first; a second run sends nothing. Returns (sent, failed)."""
    meeting = Meeting.objects.select_related("unit").get(pk=meeting_id)
    waiting = InvitationMail.objects.filter(meeting=meeting, revision=revision, sent_at=None, failure="")
    if meeting.status != MeetingStatus.PLANNED or last_revision(meeting)[0] != revision:
        return 0, waiting.update(failure="Hội nghị đã đổi lịch, hoãn hoặc hủy trước khi gửi.")
    mails = list(waiting)
    invitation = calendar_file([meeting], now=now, name=meeting.title)
    sent, failed, silent = 0, 0, 0
    for done, mail in enumerate(mails, 1):
        if silent >= PATIENCE:
            failed += waiting.update(failure=HOST_SILENT)
            break
        outcome = _send(mail, meeting, invitation, now)
        sent, failed = sent + (outcome == ""), failed + bool(outcome)
        silent = silent + 1 if outcome == HOST_SILENT else 0
        progress(done, len(mails))
    return sent, failed


def send_called_off(meeting_id, *, now, progress):
    """Tell every address that got an invitation that the meeting is not held; each letter once. Returns how many."""
    meeting = Meeting.objects.select_related("unit").get(pk=meeting_id)
    if meeting.status != MeetingStatus.CANCELLED or not is_mail_ready():
        return 0
    mails = list(InvitationMail.objects.filter(meeting=meeting, sent_at__isnull=False, called_off_at=None))
    notice, told = calendar_file([meeting], now=now, name=meeting.title), set()
    for done, mail in enumerate(mails, 1):
        claimed = InvitationMail.objects.filter(pk=mail.pk, called_off_at=None).update(called_off_at=now)
        if claimed and mail.address not in told and _told_off(mail, meeting, notice):
            told.add(mail.address)
        progress(done, len(mails))
    return len(told)


def _told_off(mail, meeting, notice):
    title = " ".join(meeting.title.split())
    lines = [f"Kính gửi đồng chí {mail.name},", "", f"Hội nghị sau đây không họp: {title}"]
    lines += [f"Thời gian đã mời: {day_text(meeting.planned_on)}"] if meeting.planned_on else []
    lines += [f"Lý do: {meeting.reason}", "", meeting.unit.name]
    letter = EmailMessage(f"Không họp: {title}", "\n".join(lines), to=[mail.address])
    letter.connection = get_connection()
    letter.attach("khong-hop.ics", notice.decode(), "text/calendar")
    try:
        letter.send()
    except (SMTPException, OSError, ValueError):
        InvitationMail.objects.filter(pk=mail.pk).update(called_off_at=None)
        return False
    return True


def _send(mail, meeting, invitation, now):
    """Claim, then send: '' when sent, a sentence when not, None when somebody else has it.

    A letter whose worker dies between the two counts as sent: better one missing than two.
    """
    row = InvitationMail.objects.filter(pk=mail.pk, sent_at=None)
    if not row.update(sent_at=now):
        return None
    try:
        _letter(mail, meeting, invitation).send()
    except (SMTPException, OSError, ValueError) as error:
        is_about_address = isinstance(error, (SMTPRecipientsRefused, SMTPDataError, ValueError))
        failure = REFUSED if is_about_address else HOST_SILENT
        InvitationMail.objects.filter(pk=mail.pk).update(sent_at=None, failure=failure)
        return failure
    return ""


def _letter(mail, meeting, invitation):
    title = " ".join(meeting.title.split())
    again = " (thay đổi)" if mail.revision > 1 else ""
    subject = f"Giấy mời{again}: {title}, {day_text(meeting.planned_on)}"
    letter = EmailMessage(subject, letter_text(mail.name, mail.revision, meeting), to=[mail.address])
    letter.connection = get_connection()
    letter.attach("giay-moi.ics", invitation.decode(), "text/calendar")
    return letter


def letter_text(name, revision, meeting):
    """The words of a letter: what, when, where, the headings of the agenda."""
    lines = [f"Kính gửi đồng chí {name},", ""]
    if revision > 1:
        lines += ["Thời gian hoặc địa điểm hội nghị đã thay đổi so với giấy mời trước.", ""]
    lines += [f"Trân trọng kính mời đồng chí dự: {meeting.title}", *when_and_where(meeting)]
    headings = read_back_first(agenda_headings(meeting.agenda))
    lines += ["", "Chương trình:", *headings] if headings else []
    lines += ["", "Mở tệp kèm theo để đưa hội nghị vào lịch. Nếu không dự được, đề nghị đồng chí báo đơn vị triệu tập."]
    return "\n".join([*lines, "", meeting.unit.name])


def when_and_where(meeting):
    """The lines that a letter and a printed slip share."""
    at = f"{clock_text(meeting.started_at)}, ngày" if meeting.started_at else "ngày"
    lines = [f"Thời gian: {at} {day_text(meeting.planned_on)}"]
    lines += [f"Địa điểm: {meeting.place}"] if meeting.place else []
    return lines + ([f"Họp trực tuyến: {meeting.link}"] if meeting.link else [])


def slips_of(meeting):
    """What is printed for those whom no letter reaches: {"people", "lines", "headings"}."""
    people = [invitee for invitee in invitees(meeting) if not invitee.address] if meeting.planned_on else []
    lines = when_and_where(meeting) if people else []
    return {"people": people, "lines": lines, "headings": read_back_first(agenda_headings(meeting.agenda))}


def agenda_headings(text):
    """The numbered headings of an agenda; what stands under them may quote opinions and stays here."""
    rows = [" ".join(row.split()) for row in text.splitlines() if HEADING.match(row)]
    return [row[:160] for row in rows[:AGENDA_LINES]]


def states_of(meeting):
    """{address: (word, tone)} of the letters of the revision now in force."""
    states = {}
    revision, facts = last_revision(meeting)
    is_stale = facts != _facts(meeting)
    for mail in InvitationMail.objects.filter(meeting=meeting, revision=revision):
        if is_stale:
            state = ("Đã mời theo lịch cũ", "soon")
        elif mail.sent_at:
            state = (f"Đã gửi {day_text(mail.sent_at)} {clock_text(mail.sent_at)}", "done")
        else:
            state = (mail.failure, "problem") if mail.failure else ("Đang chờ gửi", "waiting")
        states[mail.address] = state
    return states


def invitation_rows(meeting):
    """Rows of the page: those without an address first, for something is still to be done about them."""
    states = states_of(meeting)
    rows = [
        {
            "key": invitee.person_id,
            "name": invitee.name,
            "url": reverse("person_detail", args=[invitee.person_id]),
            "duties": invitee.duties,
            "address": shown_address(invitee, meeting),
            "state": states.get(invitee.address.lower()) if invitee.address else None,
        }
        for invitee in invitees(meeting)
    ]
    return sorted(rows, key=lambda row: bool(row["address"]))
