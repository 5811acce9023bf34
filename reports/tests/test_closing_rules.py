"""The pure rules of closing."""

from datetime import date

import pytest

from core.errors import DomainError
from core.periods import Period
from reports.closing.rules import NEXT, check_closable, check_kind, check_move, check_whole, half_closed_words
from reports.enums import ClosureState

MARCH = Period.parse("2016-03")


@pytest.mark.parametrize("kind", ["month", "year"])
@pytest.mark.parametrize("state", ClosureState)
@pytest.mark.parametrize("target", ClosureState)
def test_every_move(state, target, kind):
    fits = {ClosureState.ACCEPTED: kind == "month", ClosureState.FROZEN: kind == "year"}.get(target, True)
    if target in NEXT[state] and fits:
        check_move(state, target, kind, "bổ sung")
    else:
        with pytest.raises(DomainError, match="Tải lại trang"):
            check_move(state, target, kind, "bổ sung")


def test_opening_again_says_why():
    with pytest.raises(DomainError, match="Nhập lý do"):
        check_move(ClosureState.CLOSED, ClosureState.REOPENED, "month")


@pytest.mark.parametrize(
    ("level", "kind", "words"),
    [
        ("commune", "month", ""),
        ("district", "quarter", ""),
        ("province", "year", ""),
        ("commune", "year", "Cấp xã khóa số liệu theo tháng"),
        ("district", "month", "Cấp huyện khóa số liệu theo quý"),
        ("province", "quarter", "Cấp tỉnh khóa số liệu theo năm"),
        ("village", "month", "Thôn, khu không khóa"),
    ],
)
def test_who_closes_what(level, kind, words):
    if not words:
        check_kind(level, kind)
    else:
        with pytest.raises(DomainError, match=words):
            check_kind(level, kind)


@pytest.mark.parametrize(
    ("word", "today", "is_fine"),
    [
        ("2016-03", date(2016, 3, 31), False),
        ("2016-03", date(2016, 4, 1), True),
        ("2016-Q1", date(2016, 3, 31), False),
        ("2016", date(2016, 12, 31), False),
        ("2016", date(2017, 1, 1), True),
        ("2013..2015", date(2017, 1, 1), False),
    ],
)
def test_only_what_is_over(word, today, is_fine):
    if is_fine:
        check_closable(Period.parse(word), today)
    else:
        with pytest.raises(DomainError, match=r"Chỉ khóa được|chưa hết"):
            check_closable(Period.parse(word), today)


def test_what_is_still_open_below_is_named():
    assert half_closed_words([]) == ""
    assert half_closed_words([(MARCH, ["Xã A", "Xã B"])]) == "còn 2 đơn vị chưa khóa tháng 3/2016: Xã A, Xã B"
    same = half_closed_words([(Period.month(2016, month), ["Xã A"]) for month in (1, 2, 3)])
    assert same == "còn 1 đơn vị chưa khóa tháng 1/2016, tháng 2/2016 và tháng 3/2016: Xã A"
    many = half_closed_words([(MARCH, [f"Xã {n}" for n in range(13 + k)]) for k in range(8)])
    assert "Xã 7 và 5 đơn vị nữa" in many
    assert many.endswith("; và 2 nhóm kỳ khác")


def test_a_half_closed_period_needs_the_province_and_a_reason():
    missing = [(MARCH, ["Xã A"])]
    check_whole([], "", False)
    check_whole(missing, "Xã A đã sáp nhập", True)
    for reason, override, words in (("x", False, "Đôn đốc"), ("", True, "Nhập lý do")):
        with pytest.raises(DomainError, match=words):
            check_whole(missing, reason, override)
