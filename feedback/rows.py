"""Rows of opinion lists, prepared: the templates print words and compute nothing."""

from core.display import day_text, due_text, group_digits
from feedback.enums import FOLLOWED_KINDS, GROUP_OF, Competence, OpinionKind, OpinionStatus, ReportGroup, Visibility
from feedback.querysets import SOON_DAYS
from feedback.rules import days_ever_late, is_overdue
from meetings.rows import addresses
from units.enums import Level

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
    """Raised above the commune though the commune itself can settle it (domain.md §3.4)."""
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
            "who": row["body__name"] or row["holder__name"],
            "due_on": row["due_on"],
            "due": due,
            "due_tone": due_tone,
            "first_day": first_day_words(row),
            "lateness": lateness_words(row, today),
            "is_open": row["is_open"],
            "usual": usual.get(row["pk"], "") if usual else "",
            "may_tick": row["is_open"] and row["holder_id"] in own_units,
        }
