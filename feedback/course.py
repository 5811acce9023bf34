"""What the page of one opinion says of its clocks and of the steps on its way, in prepared words."""

from core.display import day_text
from feedback.enums import ExtensionKind, ExtensionState, Satisfaction, Verb
from feedback.rules import is_receipt_overdue

EXTENSION_TONES = {ExtensionState.PENDING: "waiting", ExtensionState.GRANTED: "done", ExtensionState.REFUSED: "late"}


def course_of(opinion, today, is_office):
    """{"clocks": [{label, text, tone, word}], "steps": […], "extensions": […]}; empty lists show nothing."""
    rows = opinion.extensions.all() if is_office else opinion.extensions.filter(state=ExtensionState.GRANTED)
    return {
        "clocks": [*_clocks(opinion, today)],
        "steps": [_step(row, today) for row in opinion.milestones.all()],
        "extensions": [_extension(row) for row in rows],
    }


def _clocks(opinion, today):
    if opinion.receipt_due_on:
        yield _receipt(opinion, today)
    if opinion.waiting_from:
        days = (today - opinion.waiting_from).days
        text = f"từ {day_text(opinion.waiting_from)} ({days} ngày); hạn của cấp dưới tạm dừng"
        yield {"label": "Chờ cấp trên", "text": text}
    elif opinion.waited_days:
        yield {"label": "Đã chờ cấp trên", "text": f"{opinion.waited_days} ngày"}
    if opinion.review_on:
        tone, word = ("late", "Đến kỳ rà soát") if opinion.review_on <= today else ("", "")
        yield {"label": "Rà soát kế hoạch", "text": day_text(opinion.review_on), "tone": tone, "word": word}
    if opinion.shown_above_on:
        word = "Trình cấp trên xem xét"
        yield {"label": "Quá hạn", "text": f"từ {day_text(opinion.shown_above_on)}", "tone": "late", "word": word}
    if opinion.dissatisfied_count:
        yield {"label": "Chưa hài lòng", "text": f"{opinion.dissatisfied_count} lần"}
    if opinion.is_open:
        yield {"label": "Từ khi nêu", "text": f"{(today - opinion.raised_on).days} ngày"}


def _receipt(opinion, today):
    if opinion.receipted_on:
        late = opinion.receipted_on > opinion.receipt_due_on
        text = f"{day_text(opinion.receipted_on)}{', muộn' if late else ''}"
        return {"label": "Thông báo tiếp nhận", "text": text}
    facts = (opinion.status, opinion.receipt_due_on, opinion.receipted_on)
    late = is_receipt_overdue(*facts, today)
    tone, word = ("late", "Chưa tiếp nhận, quá hạn") if late else ("waiting", "Chờ tiếp nhận")
    return {"label": "Hạn tiếp nhận", "text": day_text(opinion.receipt_due_on), "tone": tone, "word": word}


def _step(row, today):
    late = row.done_on is None and row.due_on is not None and row.due_on < today
    if row.done_on:
        word, tone = f"Xong {day_text(row.done_on)}", "done"
    elif row.due_on:
        word, tone = f"Hạn {day_text(row.due_on)}", "late" if late else "progress"
    else:
        word, tone = "Chưa xong", "progress"
    return {"text": row.text, "word": word, "tone": tone}


def _extension(row):
    who = f"{row.asked_by_name}, {day_text(row.asked_on)}" if row.asked_by_name else ""
    return {
        "days": f"{day_text(row.old_due_on)} → {day_text(row.new_due_on)}",
        "kind": ExtensionKind(row.kind).label,
        "who": who,
        "agreed": f"{row.decided_by_name}, {day_text(row.decided_at)}" if row.decided_by_name else "",
        "reason": row.reason,
        "word": ExtensionState(row.state).label,
        "tone": EXTENSION_TONES[row.state],
        "note": row.decision_note,
    }


def proposal_to_reopen(opinion, verbs, objecting=()):
    """After the first "chưa hài lòng", also of somebody merged into it, the page offers to take the matter up again."""
    return Verb.REOPEN in verbs and (opinion.satisfaction == Satisfaction.NOT or bool(objecting))
