"""Who is to pass on what a meeting announced, and how far that has come."""

from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum
from django.urls import reverse

from core.display import day_text, due_text
from core.models import Activity
from meetings.access import may_charge, may_relay
from meetings.enums import TaskingStatus
from meetings.lists import addresses
from meetings.models import Announcement, Relay, Tasking
from meetings.querysets import addressed_lines, relaying_units
from meetings.reads import own_unit_ids
from meetings.rules import is_tasking_overdue
from people.models import User
from units.enums import Level
from units.models import Unit, UnitLineage

BELOW = {Level.COMMUNE: Level.VILLAGE, Level.DISTRICT: Level.COMMUNE}
"""A commune's meeting speaks to its villages, a district's to its communes."""

BELOW_WORDS = {Level.COMMUNE: "thôn, khu", Level.DISTRICT: "xã, phường"}
LOOK_BACK = timedelta(days=366)
"""How long it is asked for that something was passed on."""


def relay_targets(meeting):
    """The units one level below the meeting's unit on its day, by code."""
    day, level = meeting.held_on or meeting.planned_on, BELOW.get(meeting.level)
    if day is None or level is None:
        return []
    lineage = UnitLineage.objects.filter(ancestor_id=meeting.unit_id, unit=OuterRef("pk")).on(day)
    return list(Unit.objects.filter(Exists(lineage), level=level).order_by("code", "pk"))


def progress_of(ids):
    """{announcement id: (units that passed it on, units to do so, persons reached)}, in two queries for all."""
    counted = addressed_lines().order_by().values("ancestor").annotate(n=Count("pk")).values("n")
    wanted = Announcement.objects.filter(pk__in=ids).order_by().annotate(wanted=Subquery(counted[:1]))
    told = Relay.objects.filter(announcement_id__in=ids).order_by().values("announcement_id")
    told = told.annotate(units=Count("pk"), reach=Sum("reach_count"))
    done = {row["announcement_id"]: (row["units"], row["reach"]) for row in told}
    return {
        pk: (done.get(pk, (0, 0))[0], count or 0, done.get(pk, (0, 0))[1])
        for pk, count in wanted.values_list("pk", "wanted")
    }


def relay_matrix(meeting, user):
    """Announcements × units of one meeting: {"lines", "rows", "told", "wanted", "reach"}; every cell prepared."""
    lines, units = list(meeting.announced.order_by("number")), _shown_to(user, meeting)
    relays = {(r.announcement_id, r.unit_id): r for r in Relay.objects.filter(announcement__in=lines)}
    rows = [_row(unit, lines, relays) for unit in units]
    writes_all, own = may_charge(user, meeting), relaying_units(user.scope, writing=True)
    for row in rows:
        row["may_relay"] = bool(row["missing"]) and (writes_all or row["unit"].pk in own)
    return {
        "lines": [_head(line, relays) for line in lines],
        "rows": rows,
        "told": sum(bool(lines) and not row["missing"] for row in rows),
        "wanted": len(units),
        "reach": sum(relay.reach_count for relay in relays.values()),
        "may_relay_all": writes_all and any(row["missing"] for row in rows),
    }


def _shown_to(user, meeting):
    """All targets for those who see the meeting's branch, one's own for the others."""
    units = relay_targets(meeting)
    if user.scope.sees(meeting):
        return units
    own = relaying_units(user.scope)
    return [unit for unit in units if unit.pk in own]


def _head(line, relays):
    told = sum(announcement_id == line.pk for announcement_id, _ in relays)
    return {"pk": line.pk, "number": line.number, "text": line.text, "due_on": line.due_on, "told": told}


def _row(unit, lines, relays):
    cells = [{"line": line, "relay": relays.get((line.pk, unit.pk))} for line in lines]
    return {
        "unit": unit,
        "cells": cells,
        "missing": sum(cell["relay"] is None for cell in cells),
        "reach": sum(cell["relay"].reach_count for cell in cells if cell["relay"]),
    }


def relay_lines(announcement, user):
    """The units one announcement is addressed to, each with its report."""
    meeting = announcement.meeting
    units = _shown_to(user, meeting)
    relays = {relay.unit_id: relay for relay in announcement.relays.all()}
    return [
        {"unit": unit, "relay": relays.get(unit.pk), "may_relay": may_relay(user, meeting, unit.pk)} for unit in units
    ]


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
