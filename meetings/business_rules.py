"""Pure decisions about what a meeting leaves to be done: lines of its conclusion, and what is passed on."""

from core.display import day_text
from core.errors import DomainError
from meetings.enums import TaskingStatus

MOST_REACHED = 100_000
TASKING_MOVES = {
    TaskingStatus.OPEN: {TaskingStatus.DONE, TaskingStatus.DROPPED},
    TaskingStatus.DONE: {TaskingStatus.OPEN},
    TaskingStatus.DROPPED: {TaskingStatus.OPEN},
}
"""A line that ended is reopened before anything else is done with it."""


def check_line(text, has_body, has_person, due_on, held_on):
    """A line of a conclusion says what, who and by when; nothing is due before it was said."""
    if not text:
        raise DomainError("Nhập nội dung giao.", "text")
    if not has_body and not has_person:
        raise DomainError("Chọn cơ quan chủ trì hoặc ghi người phụ trách.", "body")
    if due_on is None:
        raise DomainError("Nhập hạn hoàn thành dạng ngày/tháng/năm, ví dụ 25/11/2026.", "due_on")
    if due_on < held_on:
        raise DomainError(
            f"Hạn hoàn thành {day_text(due_on)} trước ngày họp {day_text(held_on)}. Nhập từ ngày họp trở đi.", "due_on"
        )


def check_tasking_move(before, after):
    before, after = TaskingStatus(before), TaskingStatus(after)
    if after not in TASKING_MOVES[before]:
        raise DomainError(f"Việc giao đang ở trạng thái “{before.label}” nên không chuyển sang “{after.label}” được.")


def check_finish(result, done_on, held_on, today):
    """Done on a day between the meeting and today, with a result in words."""
    if not result:
        raise DomainError("Ghi kết quả đã làm được.", "result")
    if done_on > today:
        raise DomainError(f"Ngày hoàn thành {day_text(done_on)} ở tương lai. Nhập ngày không sau hôm nay.", "done_on")
    if done_on < held_on:
        raise DomainError(f"Ngày hoàn thành trước ngày họp {day_text(held_on)}. Nhập từ ngày họp trở đi.", "done_on")


def check_relay(relayed_on, reach_count, held_on, today):
    if relayed_on > today:
        raise DomainError(
            f"Ngày truyền đạt {day_text(relayed_on)} ở tương lai. Nhập ngày không sau hôm nay.", "relayed_on"
        )
    if relayed_on < held_on:
        raise DomainError(f"Ngày truyền đạt trước ngày họp {day_text(held_on)}. Nhập từ ngày họp trở đi.", "relayed_on")
    if not 0 <= reach_count <= MOST_REACHED:
        raise DomainError("Số người được nghe phải từ 0 đến 100.000.", "reach_count")
