"""Rows of opinion lists, prepared: the templates print words and compute nothing."""

from datetime import timedelta

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import Truncator

from core.display import day_text, due_text, group_digits
from feedback.enums import (
    FOLLOWED_KINDS,
    GROUP_OF,
    Competence,
    OpinionKind,
    OpinionStatus,
    ReportGroup,
    Verb,
    Visibility,
)
from feedback.models import Opinion, OpinionMove, Support
from feedback.querysets import SOON_DAYS, due_soon_when, in_group, overdue_when
from feedback.rules import days_ever_late, is_overdue
from meetings.lists import addresses
from meetings.models import Meeting
from units.enums import Level
from units.models import Body, Unit, UnitLineage
from units.naming import placed_body
from units.panels import Panel, PanelLine
from units.scoping import scope_of

COLUMNS = (
    *("pk", "text", "status", "due_on", "planned_on", "raised_on", "kind", "level", "competence", "visibility"),
    *("is_pressing", "is_open", "topic__name", "village__name", "commune__name", "district__name", "unit__name"),
    *("first_due_on", "promised_on", "late_days"),
    *("topic_id", "holder_id", "holder__name", "body__name", "raised_by_name", "settled_before_id"),
)
TONES = {
    ReportGroup.SETTLED: "done",
    ReportGroup.EXPLAINED: "done",
    ReportGroup.IN_PROGRESS: "progress",
    ReportGroup.UNASSIGNED: "waiting",
    ReportGroup.EXCLUDED: "neutral",
}
SHORT = {
    OpinionStatus.RECORDED: "Chưa giao",
    OpinionStatus.ASSIGNED: "Đã giao",
    OpinionStatus.ESCALATED: "Chuyển lên, chờ tiếp nhận",
    OpinionStatus.TRANSFERRED: "Chuyển xuống, chờ tiếp nhận",
    OpinionStatus.REDIRECTED: "Hướng dẫn khiếu nại, tố cáo",
}
EXCERPT = 200


def tone_of(status):
    return TONES[GROUP_OF[status]]


def word_of(status):
    """A status in few words, for lists."""
    return SHORT.get(status) or OpinionStatus(status).label


def is_wrong_level(level, competence):
    """Raised above the commune though the commune itself can settle it (docs/sources.md §3.4)."""
    return level in (Level.DISTRICT, Level.PROVINCE) and competence == Competence.COMMUNE


def settled_before(row, earlier, url_of):
    """{url, day} of what the commune settled before, for those who may read it."""
    pk = row["settled_before_id"]
    return {"url": url_of(pk), "day": earlier[pk]} if earlier and pk in earlier else None


def due_words(row, today):
    """(words, tone) of the clock of an unresolved row; an initiative's is a day to be considered by, never late."""
    if row["kind"] in FOLLOWED_KINDS:
        is_due = row["due_on"] <= today
        return ("Đến ngày cần xem xét", "soon") if is_due else (f"Xem xét trước {day_text(row['due_on'])}", "waiting")
    if row["status"] == OpinionStatus.SCHEDULED and row["planned_on"] and row["planned_on"] >= today:
        return f"Dự kiến xong {day_text(row['planned_on'])}", "waiting"
    if is_overdue(row["status"], row["due_on"], today, row["planned_on"], row["kind"]):
        return due_text(row["due_on"], today), "late"
    return due_text(row["due_on"], today), "soon" if (row["due_on"] - today).days <= SOON_DAYS else "waiting"


def lateness_words(row, today):
    """'Từng quá hạn 12 ngày', for good, of what was late and is not today; empty otherwise."""
    days = days_ever_late(row["is_open"], row["promised_on"], row["late_days"], today, row["kind"])
    now = is_overdue(row["status"], row["due_on"], today, row["planned_on"], row["kind"])
    late_now = (today - row["due_on"]).days if now else 0
    return f"Từng quá hạn {group_digits(days)} ngày" if days > late_now else ""


def first_day_words(row):
    """'Hạn đầu tiên 05/03/2026', where it differs from today's day."""
    if row["first_due_on"] == row["due_on"] or row["kind"] in FOLLOWED_KINDS:
        return ""
    return f"Hạn đầu tiên {day_text(row['first_due_on'])}"


def who_of(row):
    """The body charged with its place, unless the row says the place already; else the unit that holds it."""
    if not row["body__name"]:
        return row["holder__name"]
    is_said = row["holder__name"] == row["commune__name"]
    return row["body__name"] if is_said else placed_body(row["body__name"], row["holder__name"])


def opinion_rows(found, today, query="", limit=EXCERPT, own_units=(), earlier=None, usual=None):
    """From dicts of COLUMNS; `query` is kept in each row's address, so that the queue can be walked from a row.

    `own_units`: ids of the units whose open rows may be ticked to be handed out. `earlier`: {pk: day settled} of
    the earlier opinions that may be named. `usual`: {pk: name of the body that a routing rule names}.
    """
    url_of = addresses("opinion_detail")
    for row in found:
        due, due_tone = due_words(row, today) if row["is_open"] else ("", "")
        text = row["text"]
        yield {
            "pk": row["pk"],
            "url": url_of(row["pk"]) + query,
            "text": text if limit is None or len(text) <= limit else f"{text[: limit - 1]}…",
            "place": row["village__name"] or row["commune__name"] or row["district__name"] or row["unit__name"],
            "upper": (row["commune__name"] if row["village__name"] else row["district__name"]) or "",
            "where": ", ".join(filter(None, [row["village__name"], row["commune__name"]])) or row["unit__name"],
            "raised_on": row["raised_on"],
            "kind": OpinionKind(row["kind"]).label,
            "topic": row["topic__name"],
            "competence": Competence(row["competence"]).label,
            "is_pressing": row["is_pressing"],
            "is_restricted": row["visibility"] == Visibility.RESTRICTED,
            "is_wrong_level": is_wrong_level(row["level"], row["competence"]),
            "status": row["status"],
            "settled_before": settled_before(row, earlier, url_of),
            "word": word_of(row["status"]),
            "tone": tone_of(row["status"]),
            "who": who_of(row),
            "due_on": row["due_on"],
            "due": due,
            "due_tone": due_tone,
            "first_day": first_day_words(row),
            "lateness": lateness_words(row, today),
            "is_open": row["is_open"],
            "usual": usual.get(row["pk"], "") if usual else "",
            "may_tick": row["is_open"] and row["holder_id"] in own_units,
        }


def competences_on(place, day):
    """The competences offered for a place on a day: the district's only where the tree has one (docs/sources.md §3.4).

    `place` is anything with the branch columns, a meeting for one.
    """
    if place.district_id is not None or _has_districts(place.province_id, place.commune_id, day):
        return list(Competence)
    return [competence for competence in Competence if competence != Competence.DISTRICT]


def _has_districts(province_id, commune_id, day):
    """Does a province-wide table have districts below it that day? (A commune's own branch already said no.)"""
    if commune_id is not None:
        return False
    below = UnitLineage.objects.filter(ancestor_id=province_id, unit__level=Level.DISTRICT)
    return below.on(day).exists()


def own_bodies(user, today):
    """The bodies of the units the user works for, for the bulk form of the desk."""
    units = scope_of(user).unit_ids()
    return Body.objects.filter(unit_id__in=units).on(today).order_by("sort_key")


def desk_counts(user, today):
    """What waits for the user, in one query: keys unresolved, overdue, due_soon, unassigned, mine, escalated.

    As the lists they lead to: restricted ones that the user may not read count, too (`hidden` of the unresolved),
    except in what depends on who holds them. The same number for everybody of a branch.
    """
    scope = scope_of(user)
    hidden = Opinion.objects.hidden_filter(scope)
    held_here = Q(status=OpinionStatus.ESCALATED, holder_id__in=scope.unit_ids())
    return (
        Opinion.objects.totalled_for(user)
        .unresolved()
        .aggregate(
            unresolved=Count("pk"),
            hidden=Count("pk", filter=hidden),
            overdue=Count("pk", filter=overdue_when(today)),
            hidden_overdue=Count("pk", filter=overdue_when(today) & hidden),
            due_soon=Count("pk", filter=due_soon_when(today)),
            unassigned=Count("pk", filter=in_group(ReportGroup.UNASSIGNED)),
            mine=Count("pk", filter=Q(body_id__in=scope.body_ids(writing=True))),
            escalated=Count("pk", filter=held_here & ~hidden),
        )
    )


def most_overdue(user, today, limit=5):
    """Prepared rows (feedback.reads) of the longest overdue opinions the user sees."""
    found = Opinion.objects.visible_to(user).overdue(today).order_by("due_on", "pk")
    return list(opinion_rows(found.values(*COLUMNS)[:limit], today))


def answers_to_read_back(user, today, limit=20):
    """Prepared rows of what was answered since the last meeting of the user's communes and not yet confirmed.

    The answers given at the meeting itself have been heard.
    """
    communes = {pk for g in scope_of(user).content_grants if g.level == Level.COMMUNE for pk in g.unit_ids}
    if not communes:
        return []
    held = Meeting.objects.held().filter(level=Level.COMMUNE, unit_id__in=communes, held_on__lte=today)
    last = held.aggregate(day=Max("held_on"))["day"] or today - timedelta(days=60)
    answered = Opinion.objects.visible_to(user).filter(commune_id__in=communes, satisfaction="").answered()
    answered = answered.filter(answered_on__gte=last).exclude(status=OpinionStatus.ANSWERED_ON_SPOT)
    rows = answered.order_by("-answered_on", "-pk").values(*COLUMNS, "answer_status")[:limit]
    return list(opinion_rows((row | {"status": row["answer_status"]} for row in rows), today))


def raised_later(thing, on):
    """(number, day) of the opinions about a village raised on a day or later."""
    if not isinstance(thing, Unit):
        return ()
    rows = Opinion.objects.filter(village=thing, raised_on__gte=on).order_by("raised_on", "pk")
    return ((f"YK-{pk}", day) for pk, day in rows.values_list("pk", "raised_on")[:10])


def assigned_later(thing, on):
    """(number, day) of the opinions that a body was given on a day or later."""
    if isinstance(thing, Unit):
        return ()
    given = OpinionMove.objects.filter(body=thing, verb=Verb.ASSIGN, at__date__gte=on).order_by("at", "pk")
    return ((f"YK-{move.opinion_id}", timezone.localtime(move.at).date()) for move in given[:10])


SHOWN, WORDS = 6, 30


def village_opinions(user, village, day, today):
    """The last that were raised, each with its state or the day it was answered; restricted ones are not named."""
    if not (user.scope.content_grants or village.pk in user.scope.village_ids()):
        return None
    opinions = Opinion.objects.visible_to(user).filter(village=village).exclude(visibility=Visibility.RESTRICTED)
    rows = opinions.order_by("-raised_on", "-pk").values_list("pk", "text", "raised_on", "status", "settled_on")
    lines = [
        PanelLine(
            Truncator(text).words(WORDS),
            f"YK-{pk}, nêu {day_text(raised_on)}: {_state(status, settled_on)}",
            reverse("opinion_detail", args=[pk]),
        )
        for pk, text, raised_on, status, settled_on in rows[:SHOWN]
    ]
    return Panel(
        "Ý kiến, kiến nghị và trả lời",
        lines,
        "Chưa có ý kiến nào của thôn, khu này.",
        "Mọi ý kiến của thôn, khu",
        f"{reverse('opinion_list')}?{urlencode({'trang-thai': 'all', 'don-vi': village.key})}",
    )


def _state(status, settled_on):
    label = OpinionStatus(status).label
    return f"{label[:1].lower()}{label[1:]}" + (f" ngày {day_text(settled_on)}" if settled_on else "")


_finders = {}
_page_parts = []


def register_origin(word, find):
    """`find` answers for opinions whose `origin` is `word`."""
    _finders[word] = find


def register_page_part(find):
    """`find(opinion, user, today)` answers more of the context of an opinion's page: papers about it, for instance."""
    _page_parts.append(find)


def page_parts(opinion, user, today):
    """What higher floors show on the page of an opinion, as one context."""
    return {name: value for find in _page_parts for name, value in find(opinion, user, today).items()}


def origin_of(opinion, user):
    """What the opinion's page says of its origin to this user, or None."""
    find = _finders.get(opinion.origin)
    return find(opinion.origin_id, user) if find and opinion.origin_id else None


def asked_of(user):
    """Requests that wait for the user's bodies, while the opinion is open."""
    waiting = Support.objects.filter(replied_on=None, withdrawn_on=None, opinion__is_open=True)
    return waiting.filter(body_id__in=scope_of(user).body_ids(writing=True))


def support_tasks(user, today):
    """One line of the home page for those whose body is asked."""
    days = list(asked_of(user).values_list("due_on", flat=True))
    if not days:
        return []
    late = sum(day < today for day in days)
    return [
        {
            "title": f"{len(days)} ý kiến cần phối hợp",
            "url": "/y-kien/?phoi-hop=on",
            "hint": f"{late} đã quá hạn phối hợp" if late else f"Hạn gần nhất {min(days):%d/%m/%Y}",
            "word": "Quá hạn" if late else "",
            "tone": "late" if late else "",
            "action_label": "Trả lời",
        }
    ]
