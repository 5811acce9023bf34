"""Pure decisions about opinions: allowed moves, due days, what is overdue (domain.md §3.3, §4)."""

import re
from datetime import timedelta

from core.errors import DomainError
from core.text import fold
from feedback.enums import UNRESOLVED, Competence, OpinionStatus, Verb

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
    _S.IN_PROGRESS: _FROM_WORK,
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
}
"""The status a verb leads to; verbs not named here leave the status as it is."""

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
}

DEFAULT_DAYS = {
    Competence.VILLAGE: 30,
    Competence.COMMUNE: 30,
    Competence.DISTRICT: 30,
    Competence.PROVINCE: 60,
    Competence.CENTRAL: 60,
    Competence.SECTOR: 60,
}
"""Calendar days to resolve (domain.md §4, our own defaults); a province changes them with DueRule rows."""

_SECRET = re.compile(r"\b(toi mat|tuyet mat|do mat|tai lieu mat|van ban mat)\b")


def check_move(verb, before, note=""):
    """The status that `verb` leads to from `before`; refused when the map or a missing note says no."""
    before = OpinionStatus(before)
    after = TARGET.get(verb, before)
    if after != before and after not in NEXT[before]:
        raise DomainError(f"Ý kiến đang ở trạng thái “{before.label}” nên không thực hiện “{Verb(verb).label}” được.")
    if after == before and verb in TARGET and verb not in PASSED_ON:
        raise DomainError(f"Ý kiến đã ở trạng thái “{before.label}”. Tải lại trang để xem việc mới nhất.")
    if (verb == Verb.REOPEN) != (before not in UNRESOLVED and after == _S.IN_PROGRESS):
        raise DomainError(f"Ý kiến đang ở trạng thái “{before.label}” nên không thực hiện “{Verb(verb).label}” được.")
    if verb == Verb.RETURN and before not in (_S.ESCALATED, _S.TRANSFERRED):
        raise DomainError("Chỉ trả lại được ý kiến vừa được chuyển đến.")
    if verb == Verb.UNASSIGN and before != _S.ASSIGNED:
        raise DomainError("Chỉ rút lại được việc giao khi cơ quan chưa bắt đầu giải quyết.")
    if verb in NEEDS_NOTE and not note.strip():
        raise DomainError(NEEDS_NOTE[verb], "note")
    return after


def allowed_verbs(status):
    """The verbs that the status alone permits; who may use them is another question."""
    verbs = []
    for verb in TARGET:
        try:
            check_move(verb, status, note="x")
        except DomainError:
            continue
        verbs.append(verb)
    return verbs


def due_day(received_on, days):
    """The day by which an answer is owed, `days` calendar days after it was received."""
    return received_on + timedelta(days=days)


def is_overdue(status, due_on, today, planned_on=None):
    """Unresolved and past its due day; a scheduled matter waits for its planned day."""
    if status not in UNRESOLVED or due_on is None:
        return False
    if status == _S.SCHEDULED and planned_on is not None and planned_on >= today:
        return False
    return due_on < today


def check_content(text, limit=10_000):
    """Refuse an opinion without content, too long, or that says it is a state secret."""
    if not text.strip():
        raise DomainError("Nhập nội dung ý kiến.", "text")
    if len(text) > limit:
        raise DomainError(f"Nội dung dài {len(text)} ký tự, tối đa {limit}. Rút gọn hoặc đính kèm tệp.", "text")
    if _SECRET.search(fold(text)):
        raise DomainError(
            "Phần mềm không nhận nội dung thuộc bí mật nhà nước (mật, tối mật, tuyệt mật). "
            "Xử lý theo Luật Bảo vệ bí mật nhà nước, không nhập vào đây.",
            "text",
        )


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
