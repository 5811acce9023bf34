"""Pure decisions about opinions: allowed moves, due days, what is overdue (docs/sources.md §3.3, §4)."""

import re
from datetime import timedelta
from enum import Enum
from typing import NamedTuple

from core.errors import DomainError
from core.periods import Period
from feedback.enums import (
    ASKED_FOR,
    FOLLOWED_KINDS,
    UNRESOLVED,
    Competence,
    OpinionStatus,
    Satisfaction,
    Verb,
)

_S = OpinionStatus
_FROM_WORK = {
    _S.ASSIGNED,
    _S.SCHEDULED,
    _S.RESOLVED,
    _S.EXPLAINED,
    _S.ACCEPTED,
    _S.DECLINED,
    _S.ESCALATED,
    _S.TRANSFERRED,
    _S.DUPLICATE,
    _S.REDIRECTED,
    _S.WITHDRAWN,
}
NEXT = {
    _S.RECORDED: {
        _S.ASSIGNED,
        _S.ANSWERED_ON_SPOT,
        _S.ESCALATED,
        _S.TRANSFERRED,
        _S.EXPLAINED,
        _S.ACCEPTED,
        _S.DECLINED,
        _S.DUPLICATE,
        _S.REDIRECTED,
        _S.WITHDRAWN,
    },
    _S.ASSIGNED: _FROM_WORK | {_S.IN_PROGRESS, _S.RECORDED},
    _S.IN_PROGRESS: _FROM_WORK | {_S.RECORDED},
    _S.SCHEDULED: _FROM_WORK | {_S.IN_PROGRESS},
    _S.ESCALATED: {_S.ASSIGNED, _S.RECORDED},
    _S.TRANSFERRED: {_S.ASSIGNED, _S.RECORDED},
} | {status: {_S.IN_PROGRESS} for status in _S if status not in UNRESOLVED}
"""Allowed moves. From a terminal status only reopening, with a reason."""

TARGET = {
    Verb.ANSWER_ON_SPOT: _S.ANSWERED_ON_SPOT,
    Verb.ASSIGN: _S.ASSIGNED,
    Verb.UNASSIGN: _S.RECORDED,
    Verb.START: _S.IN_PROGRESS,
    Verb.SCHEDULE: _S.SCHEDULED,
    Verb.RESOLVE: _S.RESOLVED,
    Verb.EXPLAIN: _S.EXPLAINED,
    Verb.ACCEPT: _S.ACCEPTED,
    Verb.DECLINE: _S.DECLINED,
    Verb.ESCALATE: _S.ESCALATED,
    Verb.TRANSFER: _S.TRANSFERRED,
    Verb.RETURN: _S.RECORDED,
    Verb.MERGE: _S.DUPLICATE,
    Verb.REDIRECT: _S.REDIRECTED,
    Verb.WITHDRAW: _S.WITHDRAWN,
    Verb.REOPEN: _S.IN_PROGRESS,
    Verb.UNMERGE: _S.IN_PROGRESS,
    Verb.DISCLAIM: _S.RECORDED,
}
"""The status a verb leads to; verbs not named here leave the status as it is."""

KEEPS = dict.fromkeys(
    (Verb.RECEIPT, Verb.EXTEND, Verb.ASK_EXTENSION, Verb.GRANT_EXTENSION, Verb.REFUSE_EXTENSION), UNRESOLVED
) | {
    Verb.REVIEW_PLAN: (_S.SCHEDULED,),
    Verb.ADD_STEP: (_S.IN_PROGRESS, _S.SCHEDULED),
    Verb.PROGRESS: (_S.IN_PROGRESS, _S.SCHEDULED),
}
"""Verbs that leave the status as it is, and the only statuses in which they may be used."""

SUPPORT_VERBS = (Verb.ASK_SUPPORT, Verb.REPLY_SUPPORT, Verb.WITHDRAW_SUPPORT)
KEEPS |= dict.fromkeys(SUPPORT_VERBS, UNRESOLVED)

REOPENS = (Verb.REOPEN, Verb.UNMERGE)

PASSED_ON = {Verb.ASSIGN, Verb.ESCALATE, Verb.TRANSFER}
"""Verbs that may leave the status as it is because they move the matter on: to another body, one more level."""

NEEDS_NOTE = {
    Verb.ANSWER_ON_SPOT: "Nhập nội dung đã trả lời tại hội nghị.",
    Verb.RESOLVE: "Nhập kết quả giải quyết để thôn, khu biết.",
    Verb.EXPLAIN: "Nhập nội dung giải trình để thôn, khu biết.",
    Verb.ACCEPT: "Nhập nội dung tiếp thu.",
    Verb.DECLINE: "Nhập lý do không có cơ sở giải quyết.",
    Verb.ESCALATE: "Nhập lý do chuyển cấp trên.",
    Verb.TRANSFER: "Nhập lý do chuyển.",
    Verb.RETURN: "Nhập lý do trả lại.",
    Verb.UNASSIGN: "Nhập lý do rút lại việc giao.",
    Verb.SCHEDULE: "Nhập nội dung lộ trình, kế hoạch.",
    Verb.REDIRECT: "Nhập nội dung đã hướng dẫn.",
    Verb.WITHDRAW: "Nhập lý do rút ý kiến.",
    Verb.REOPEN: "Nhập lý do mở lại.",
    Verb.COMMENT: "Nhập nội dung trao đổi.",
    Verb.EXTEND: "Nhập lý do gia hạn.",
    Verb.ASK_EXTENSION: "Nhập lý do gia hạn.",
    Verb.REFUSE_EXTENSION: "Nhập lý do không đồng ý gia hạn.",
    Verb.REVIEW_PLAN: "Nhập kết quả rà soát kế hoạch.",
    Verb.PROGRESS: "Nhập phần việc đã làm được.",
    Verb.UNMERGE: "Nhập lý do tách ý kiến.",
    Verb.DISCLAIM: "Nhập lý do không thuộc thẩm quyền.",
    Verb.ASK_SUPPORT: "Nhập nội dung đề nghị phối hợp.",
    Verb.REPLY_SUPPORT: "Nhập ý kiến phối hợp.",
    Verb.WITHDRAW_SUPPORT: "Nhập lý do thôi đề nghị phối hợp.",
}

DEFAULT_DAYS = {
    Competence.VILLAGE: 30,
    Competence.COMMUNE: 30,
    Competence.DISTRICT: 30,
    Competence.PROVINCE: 60,
    Competence.CENTRAL: 60,
    Competence.SECTOR: 60,
}
"""Calendar days to resolve (docs/sources.md §4, our own defaults); a province changes them with DueRule rows."""

_SECRET = re.compile(
    r"\b(tối mật|tuyệt mật|độ mật|(tài liệu|văn bản|công văn|hồ sơ|báo cáo|dấu) mật)\b"
    r"(?!\s+(mã|khẩu|ong|độ|phục|thiết))"
    r"|[(\[]\s*mật\s*[)\]]|^\s*mật\s*$|[(\[]\s*(tối |tuyệt |toi |tuyet )?mat\s*[)\]]",
    re.MULTILINE,
)
"""A document's mark of secrecy. Accents count: 'do mất mùa', 'đỏ mặt', 'tới mặt đường' are no secrets."""

_COMPLAINT = re.compile(r"\b(tố cáo|khiếu nại|khiếu tố)\b")


def check_move(verb, before, note=""):
    """The status that `verb` leads to from `before`; refused when the map or a missing note says no."""
    before = OpinionStatus(before)
    after = TARGET.get(verb, before)
    if after != before and after not in NEXT[before]:
        raise DomainError(f"Ý kiến đang ở trạng thái “{before.label}” nên không thực hiện “{Verb(verb).label}” được.")
    if after == before and verb in TARGET and verb not in PASSED_ON:
        raise DomainError(f"Ý kiến đã ở trạng thái “{before.label}”. Tải lại trang để xem việc mới nhất.")
    reopens = before not in UNRESOLVED and after == _S.IN_PROGRESS
    if (verb in REOPENS) != reopens or before not in KEEPS.get(verb, (before,)):
        raise DomainError(f"Ý kiến đang ở trạng thái “{before.label}” nên không thực hiện “{Verb(verb).label}” được.")
    if verb == Verb.UNMERGE and before != _S.DUPLICATE:
        raise DomainError("Chỉ tách được ý kiến đã gộp vì trùng.")
    if verb == Verb.RETURN and before not in (_S.ESCALATED, _S.TRANSFERRED):
        raise DomainError("Chỉ trả lại được ý kiến vừa được chuyển đến.")
    if verb == Verb.UNASSIGN and before != _S.ASSIGNED:
        raise DomainError("Chỉ rút lại được việc giao khi cơ quan chưa bắt đầu giải quyết.")
    if verb == Verb.DISCLAIM and before not in (_S.ASSIGNED, _S.IN_PROGRESS):
        raise DomainError("Chỉ cơ quan đang được giao mới báo không thuộc thẩm quyền được.")
    if verb in NEEDS_NOTE and not note.strip():
        raise DomainError(NEEDS_NOTE[verb], "note")
    return after


def allowed_verbs(status):
    """The verbs that the status alone permits; who may use them is another question."""
    verbs = []
    for verb in (*TARGET, *KEEPS):
        try:
            check_move(verb, status, note="x")
        except DomainError:
            continue
        verbs.append(verb)
    return verbs


def due_day(received_on, days, calendar):
    """The day by which an answer is owed: `days` calendar days after it was received, or the working day after."""
    return calendar.roll_forward(received_on + timedelta(days=days))


RECEIPT_DAYS = 10
"""Working days within which those who receive a matter say so (Quy định 11-QĐi/TW)."""

ACKNOWLEDGES = {Verb.RECEIPT, Verb.START, Verb.SCHEDULE, Verb.ADD_STEP, Verb.PROGRESS}
"""Verbs that say the matter was received; an answer says so, too."""


def is_receipt_overdue(status, receipt_due_on, receipted_on, today):
    """Unresolved, and those who received it have not said so in time."""
    waits = status in UNRESOLVED and receipted_on is None and receipt_due_on is not None
    return waits and receipt_due_on < today


class Wait(NamedTuple):
    """A level that sent the matter up and waits: the due day it had, and since when."""

    holder_id: int
    due_on: object
    day: object


def standing_waits(steps):
    """Of a thread's (verb, holder id, due day, day) in order: those who escalated and still wait, lowest first."""
    waits, holder, due_on = [], None, None
    for verb, holder_id, step_due_on, day in steps:
        if verb == Verb.ESCALATE:
            waits.append(Wait(holder, due_on, day))
        elif verb in REOPENS:
            waits.clear()
        else:
            known = [wait.holder_id for wait in waits]
            if holder_id in known:
                del waits[known.index(holder_id) :]
        holder, due_on = holder_id, step_due_on
    return waits


def resumed_due(due_on, waiting_from, today, calendar):
    """The due day of a level that gets its matter back: moved by the days it waited for the level above."""
    waited = max((today - waiting_from).days, 0)
    return calendar.roll_forward(due_on + timedelta(days=waited))


def next_review(today, planned_on, calendar):
    """When a plan is looked at again: the end of the quarter, or of the next one; never for a plan done by then."""
    last = Period.of_day(today, "quarter").last
    if last <= today:
        last = Period.of_day(today + timedelta(days=1), "quarter").last
    review_on = calendar.roll_forward(last)
    return review_on if planned_on is None or planned_on > review_on else None


DISSATISFIED_LIMIT = 2


def dissatisfaction(count, before, before_on, said, today):
    """How often those who raised it have been dissatisfied; a word mended on the same day replaces the first one."""
    if before == Satisfaction.NOT and before_on == today:
        count = max(count - 1, 0)
    if said == Satisfaction.NOT:
        return count + 1
    return 0 if said == Satisfaction.SATISFIED else count


def is_overdue(status, due_on, today, planned_on, kind):
    """Unresolved and past its due day; a scheduled matter waits for its planned day, an initiative for nothing."""
    if status not in UNRESOLVED or due_on is None or kind in FOLLOWED_KINDS:
        return False
    if status == _S.SCHEDULED and planned_on is not None and planned_on >= today:
        return False
    return due_on < today


def days_late(promised_on, ended_on):
    """Days by which an answer, or whatever ended the wait, came after a promised day; 0: in time."""
    return max((ended_on - promised_on).days, 0)


def days_ever_late(is_open, promised_on, late_days, today, kind):
    """The most days by which a promised day has passed unanswered: what had passed before, or passes now."""
    if kind in FOLLOWED_KINDS:
        return 0
    return max(late_days, days_late(promised_on, today)) if is_open else late_days


class Agreement(Enum):
    """Whose agreement a later day needs before it counts."""

    NOBODY = "nobody"
    HOLDER = "holder"
    ABOVE = "above"


def agreement_for(kind, *, is_late, is_own, is_first, from_body):
    """Who must agree to a later day (docs/decisions/0006).

    `is_late`: the matter is past its day or was before. `is_own`: no body has it but the holder's own committee.
    `is_first`: it had no other day that was asked for. `from_body`: the body that has it asks.
    """
    if is_late:
        return Agreement.ABOVE
    if kind not in ASKED_FOR:  # the clock of another level begins or goes on, or one begins anew
        return Agreement.NOBODY
    if is_own:
        return Agreement.ABOVE
    if is_first:
        return Agreement.NOBODY
    return Agreement.HOLDER if from_body else Agreement.ABOVE


def check_content(text, limit=10_000):
    """Refuse an opinion without content, too long, or that says it is a state secret."""
    if not text.strip():
        raise DomainError("Nhập nội dung ý kiến.", "text")
    if len(text) > limit:
        raise DomainError(f"Nội dung dài {len(text)} ký tự, tối đa {limit}. Rút gọn hoặc đính kèm tệp.", "text")
    if _SECRET.search(text.lower()):
        raise DomainError(
            "Phần mềm không nhận nội dung thuộc bí mật nhà nước (mật, tối mật, tuyệt mật). "
            "Xử lý theo Luật Bảo vệ bí mật nhà nước, không nhập vào đây.",
            "text",
        )


def sounds_like_complaint(text):
    """May this be a complaint or a denunciation, which other laws deal with? Only ever a hint."""
    return bool(_COMPLAINT.search(text.lower()))


REMIND_DAYS = 3
ABOVE_DAYS = 5


def reminder_stage(deadline, today):
    """What is said of an unresolved opinion today: `soon`, `today`, `above` (the level above looks at it), or None."""
    late = (today - deadline).days
    if late >= ABOVE_DAYS:
        return "above"
    if late == 0:
        return "today"
    return "soon" if -REMIND_DAYS <= late < 0 else None
