"""Pure decisions about yearly ratings, helped units with their checks, and yearly sheets."""

from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import DomainError
from core.periods import Period
from visits.enums import Rating
from visits.rules import asked

FIRST_RATED_YEAR = 2013
GRACE_DAYS = 5
"""A check of the quarter's last days is written down some days later; then it is missing."""

LONGEST_SPAN = 365
FEWEST_VISITS, FEWEST_OPINIONS = 3, 5
"""Below these numbers a share says nothing: the page says so instead of a percentage."""

SIGNED_FROM_MONTH = 11
"""Cadres are reviewed at the end of the year; sheets of a running year are signed from this month on."""

REVIEWED_UNTIL_MONTH = 3

SEVERITY = (Rating.FAILED, Rating.DONE, Rating.GOOD)
"""Ratings that ask for help, the weakest first."""


@dataclass(frozen=True)
class Span:
    """Days from first to last, both included."""

    first: date
    last: date

    @property
    def days(self):
        return (self.last - self.first).days + 1


def rated_on(year, today):
    """The day whose units are rated for a year: its last one, or today while the year runs."""
    return min(date(year, 12, 31), today)


def check_rated_year(year, today):
    if not FIRST_RATED_YEAR <= year <= today.year:
        raise DomainError(
            f"Không ghi được xếp loại năm {year}. Chọn năm từ {FIRST_RATED_YEAR} đến {today.year}.", "year"
        )


def check_rated(name, valid_from, valid_to, year, today):
    """Refuse a place that was not there yet, or no longer, when the year was rated."""
    day = rated_on(year, today)
    if valid_from > day:
        raise DomainError(
            f"{name} lập ngày {valid_from:%d/%m/%Y}, sau kỳ xếp loại năm {year}. Để trống dòng này.", "year"
        )
    if valid_to and valid_to <= day:
        raise DomainError(
            f"{name} đã kết thúc trước ngày {valid_to:%d/%m/%Y}, không xếp loại năm {year}. "
            "Xếp loại đơn vị kế thừa trong năm đó.",
            "year",
        )


def check_registered_on(registered_on, today):
    if registered_on > today:
        raise DomainError(
            f"Ngày đăng ký {registered_on:%d/%m/%Y} ở tương lai. Nhập ngày không sau hôm nay ({today:%d/%m/%Y}).",
            "registered_on",
        )


def check_checked_on(checked_on, registered_on, exited_on, today):
    """A check happens while the place is helped, in the registered year."""
    year = registered_on.year
    last = min(each for each in (exited_on, today, date(year, 12, 31)) if each)
    if not registered_on <= checked_on <= last:
        raise DomainError(
            f"Ngày kiểm tra phải từ ngày đăng ký ({registered_on:%d/%m/%Y}) đến {last:%d/%m/%Y}. "
            "Đơn vị được đăng ký giúp đỡ theo từng năm; việc của năm khác ghi ở đăng ký năm đó.",
            "checked_on",
        )


def check_exited_on(exited_on, registered_on, last_check_on, today):
    last = min(today, date(registered_on.year, 12, 31))
    if not registered_on <= exited_on <= last:
        raise DomainError(
            f"Ngày kết thúc phải từ ngày đăng ký ({registered_on:%d/%m/%Y}) đến {last:%d/%m/%Y}. "
            "Sang năm mà còn giúp thì kết thúc ngày 31/12 rồi đăng ký cho năm mới.",
            "exited_on",
        )
    if last_check_on and exited_on < last_check_on:
        raise DomainError(
            f"Đã ghi lượt kiểm tra ngày {last_check_on:%d/%m/%Y}. Chọn ngày kết thúc từ ngày đó trở đi.", "exited_on"
        )


def quarters_asked(registered_on, exited_on):
    """The quarters in which a helped place is to be checked: those it is helped for at least half of."""
    end = exited_on + timedelta(days=1) if exited_on else None
    quarters = Period.year(registered_on.year).parts("quarter")
    return [quarter for quarter in quarters if asked([(registered_on, end)], (), quarter)]


def is_check_missing(quarter, today):
    """Is a check that was asked for and not made missing by now?"""
    return today > quarter.last + timedelta(days=GRACE_DAYS)


def equal_spans(began_on, ended_on):
    """(before, since): as many days before help began as it has lasted, at most a year; None on the first day.

    Help that lasted longer is seen by its latest year.
    """
    days = min((ended_on - began_on).days + 1, LONGEST_SPAN)
    if days < 1:
        return None
    before = Span(began_on - timedelta(days=days), began_on - timedelta(days=1))
    return before, Span(ended_on - timedelta(days=days - 1), ended_on)


def check_sheet_year(year, today):
    if not FIRST_RATED_YEAR <= year <= today.year:
        raise DomainError(f"Chưa lập được phiếu năm {year}. Chọn năm từ {FIRST_RATED_YEAR} đến {today.year}.", "year")


def year_reviewed(today):
    """The year whose sheets are written now: the running one at its end, the last one in the first quarter."""
    if today.month >= SIGNED_FROM_MONTH:
        return today.year
    return today.year - 1 if today.month <= REVIEWED_UNTIL_MONTH else None


def check_signing(year, remark, today):
    if today < date(year, SIGNED_FROM_MONTH, 1):
        raise DomainError(
            f"Phiếu năm {year} ký từ ngày 01/{SIGNED_FROM_MONTH}/{year}, khi số liệu năm đã gần đủ. Đến lúc đó mời ký."
        )
    if not remark:
        raise DomainError("Nhập nhận xét rồi bấm Lưu nhận xét trước khi ký.", "remark")
