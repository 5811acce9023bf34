"""Lines of plans as a page shows them: by day, with what was changed since they were published."""

from datetime import date
from itertools import groupby

from core.display import clock_text, day_text
from core.models import Activity
from meetings.calendar import WEEKDAYS
from visits.enums import LineState
from visits.models import PlannedVisit, Visit
from visits.plans.feed import place_name

TONES = {
    LineState.COMING: "progress",
    LineState.DONE: "done",
    LineState.MISSED: "late",
    LineState.CANCELLED: "neutral",
}
RELATED = ("person", "post__unit", "unit", "commune", "plan", "visit")


def days_of(lines, user, today, marked=None, may_edit=False):
    """[{"day", "weekday", "off", "rows"}] of PlannedVisit rows in the order of their days.

    `marked`: days that differ from the working week; `may_edit`: the rows lead to their form. Two queries beside the
    lines'. Whoever comes from a village reads no reasons: they are for those who send.
    """
    lines = list(lines)
    changes, readable = _changes(lines), _readable_visits(lines, user)
    rows = [_row(line, user, today, changes.get(line.pk, ""), readable, may_edit) for line in lines]
    days = []
    for day, held in groupby(rows, key=lambda row: row["day"]):
        mark = (marked or {}).get(day)
        off = mark.name if mark and not mark.is_working else ""
        if not mark and day.weekday() > 4:
            off = "ngày nghỉ hằng tuần"
        days.append({"day": day, "weekday": WEEKDAYS[day.weekday()], "off": off, "rows": list(held)})
    return days


def _row(line, user, today, changed, readable, may_edit):
    state = line.state_on(today)
    is_open = state in (LineState.COMING, LineState.MISSED)
    is_own = line.person_id == user.person_id
    return {
        "pk": line.pk,
        "day": line.planned_on,
        "clock": clock_text(line.starts_at),
        "person": line.person.name,
        "title": line.post.unit_title,
        "place": place_name(line.unit, line.commune),
        "group": line.get_group_display(),
        "reasons": line.reasons if user.scope.sees(line) or is_own else [],
        "note": line.note,
        "changed": changed,
        "word": state.label,
        "tone": TONES[state],
        "version": line.version,
        "may_remove": line.plan.is_draft,
        "may_edit": may_edit and is_open,
        "may_log": is_own and is_open and line.plan.month <= today,
        "unit_id": line.unit_id,
        "visit_id": line.visit_id if state == LineState.DONE and line.visit_id in readable else None,
        "plan_url": line.plan.get_absolute_url(),
    }


def _readable_visits(lines, user):
    ids = [line.visit_id for line in lines if line.visit_id]
    return set(Visit.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


def _changes(lines):
    """{line id: what was different when it was published}, from the activity log; drafts have no past."""
    published = {line.pk: line.plan.published_at for line in lines if line.plan.published_at}
    if not published:
        return {}
    kind, words = PlannedVisit._meta.label_lower, {}
    written = Activity.objects.filter(target_kind=kind, target_id__in=published, at__gt=min(published.values()))
    for pk, verb, at, before in written.order_by("id").values_list("target_id", "verb", "at", "before"):
        if at <= published[pk] or pk in words:
            continue
        if verb == "planned_visit.add":
            words[pk] = "thêm sau khi công bố"
        elif verb == "planned_visit.edit":
            clock = f"{before['at']} " if before["at"] else ""
            words[pk] = f"đã đổi, trước là {clock}{day_text(date.fromisoformat(before['on']))} tại {before['place']}"
    return words
