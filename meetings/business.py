"""Reads over lines of conclusions and announcements: rows of lists, the story of a line, what waits for somebody."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse

from core.display import day_text, due_text
from core.models import Activity
from meetings.enums import TaskingStatus
from meetings.models import Announcement, Tasking
from meetings.relays import BELOW_WORDS, LOOK_BACK, progress_of
from meetings.rows import addresses
from meetings.rules import is_tasking_overdue
from meetings.selectors import own_unit_ids
from people.models import User

SOON_DAYS = 7
TASKING_COLUMNS = (
    *("pk", "text", "due_on", "done_on", "status", "body__name", "person__name", "unit__name"),
    *("meeting_id", "meeting__held_on"),
)
ANNOUNCEMENT_COLUMNS = (
    *("pk", "text", "due_on", "meeting_id", "meeting__title", "meeting__level", "meeting__unit__name"),
    "meeting__held_on",
)
STORY = {
    "create": "Giao việc",
    "edit": "Sửa nội dung giao",
    "finish": "Báo đã xong",
    "reopen": "Mở lại",
    "drop": "Không thực hiện nữa",
}
MOST_AT_HOME = 4


def tasking_state(status, due_on, done_on, today):
    """(word, tone) of a line."""
    if status == TaskingStatus.DONE:
        return f"Đã xong {day_text(done_on)}", "done"
    if status == TaskingStatus.DROPPED:
        return TaskingStatus.DROPPED.label, "neutral"
    if is_tasking_overdue(status, due_on, today):
        return due_text(due_on, today), "late"
    return due_text(due_on, today), "soon" if (due_on - today).days <= SOON_DAYS else "waiting"


def tasking_rows(found, today):
    """From dicts of TASKING_COLUMNS."""
    url_of = addresses("tasking_detail")
    for row in found:
        word, tone = tasking_state(row["status"], row["due_on"], row["done_on"], today)
        yield {
            "pk": row["pk"],
            "url": url_of(row["pk"]),
            "text": row["text"],
            "who": row["body__name"] or row["person__name"],
            "person": row["person__name"] if row["body__name"] else "",
            "unit": row["unit__name"],
            "held_on": row["meeting__held_on"],
            "due_on": row["due_on"],
            "word": word,
            "tone": tone,
        }


def tasking_story(tasking):
    """What happened to a line, oldest first: moment, who, what, and the words of a result or a reason."""
    lines = list(Activity.objects.filter(target_kind="meetings.tasking", target_id=tasking.pk).order_by("pk"))
    users = User.objects.filter(pk__in={line.actor_id for line in lines})
    names = {user.pk: user.person.name for user in users}
    return [
        {
            "at": line.at,
            "who": names.get(line.actor_id, "Hệ thống"),
            "what": STORY.get(line.verb.partition(".")[2], line.verb),
            "note": line.after.get("reason") or line.after.get("result") or "",
        }
        for line in lines
    ]


def announcement_rows(found, today):
    """From dicts of ANNOUNCEMENT_COLUMNS: how many units passed it on, how many persons heard it."""
    url_of, meeting_of = addresses("relay_detail"), addresses("meeting_detail")
    progress = progress_of([row["pk"] for row in found])
    for row in found:
        told, wanted, reach = progress[row["pk"]]
        due_on = row["due_on"]
        is_late = bool(due_on and due_on < today and told < wanted)
        yield {
            "pk": row["pk"],
            "url": url_of(row["pk"]),
            "text": row["text"],
            "meeting": row["meeting__title"],
            "meeting_url": meeting_of(row["meeting_id"]),
            "unit": row["meeting__unit__name"],
            "held_on": row["meeting__held_on"],
            "due": due_text(due_on, today) if due_on else "",
            "due_on": due_on,
            "due_tone": "late" if is_late else "waiting",
            "told": told,
            "wanted": wanted,
            "below": BELOW_WORDS.get(row["meeting__level"], ""),
            "reach": reach,
        }


def announcements_to_pass_on(user, today):
    """What some unit that the user answers for has not passed on yet, of the meetings of a year."""
    return Announcement.objects.current(today - LOOK_BACK).waiting_for(user)


def business_tasks(user, today):
    """Rows of the task list: lines owed that are late or due within a week, and what is to be passed on."""
    return [*_owed(user, today), *_to_pass_on(user, today)]


def _owed(user, today):
    """Of the own units' conclusions, of the own bodies, and one's own."""
    scope = user.scope
    persons = {grant.person_id for grant in scope.grants if grant.writes and grant.person_id}
    mine = Q(unit_id__in=own_unit_ids(user)) | Q(body_id__in=scope.body_ids(writing=True)) | Q(person_id__in=persons)
    owed = Tasking.objects.visible_to(user).unfinished().filter(mine, due_on__lte=today + timedelta(days=SOON_DAYS))
    found = list(owed.order_by("due_on", "pk").values(*TASKING_COLUMNS)[: MOST_AT_HOME + 1])
    rows = [
        {
            "title": row["text"],
            "url": row["url"],
            "hint": f"Việc giao tại hội nghị {day_text(row['held_on'])} · {row['who']}",
            "word": row["word"],
            "tone": row["tone"],
            "action_label": "Xem việc",
        }
        for row in tasking_rows(found[:MOST_AT_HOME], today)
    ]
    if len(found) > MOST_AT_HOME:
        rows.append({"title": "Các việc giao khác sắp hạn, quá hạn", "url": reverse("tasking_list")})
        rows[-1] |= {"action_label": "Xem tất cả"}
    return rows


def _to_pass_on(user, today):
    """One row, for those who report: villages, communes, and the keepers of the meetings."""
    keeps = own_unit_ids(user)
    villages = {pk for grant in user.scope.grants if grant.role == "village" and grant.writes for pk in grant.unit_ids}
    if not keeps | villages:
        return []
    waiting = announcements_to_pass_on(user, today)
    if keeps:
        waiting = waiting.filter(Q(meeting__unit_id__in=keeps) | ~Q(meeting__level="commune"))
    count = waiting.count()
    if not count:
        return []
    return [
        {
            "title": f"{count} nội dung hội nghị chưa truyền đạt xong",
            "url": reverse("relay_list"),
            "hint": "Ghi ngày truyền đạt, số người nghe và câu hỏi gửi lại",
            "word": "Chưa xong",
            "tone": "waiting",
            "action_label": "Mở",
        }
    ]
