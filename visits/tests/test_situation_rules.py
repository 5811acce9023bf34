"""Pure: the order of times, who knew first, how long it took."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import DomainError
from visits.enums import SituationState
from visits.situations.rules import (
    FEWEST,
    check_knowings,
    check_move,
    check_steps,
    duration_words,
    known_above_first,
    median_span,
    spans_of,
)


def at(hour, day=20):
    return datetime(2026, 11, day, hour, tzinfo=UTC)


NOW = at(12, 22)


@pytest.mark.parametrize(
    ("knowings", "happened", "field"),
    [
        ({}, at(8), "village_on"),
        ({"village": at(7)}, at(8), "village_on"),
        ({"village": at(9), "district": at(13, 22)}, at(8), "district_on"),
        ({"responsible": at(9)}, at(13, 22), "happened_on"),
        ({"village": at(8), "district": NOW}, at(8), None),
    ],
)
def test_nobody_knew_before_it_happened_or_in_the_future(knowings, happened, field):
    if field is None:
        assert check_knowings(knowings, happened, NOW) is None
    else:
        with pytest.raises(DomainError) as refusal:
            check_knowings(knowings, happened, NOW)
        assert refusal.value.field == field


@pytest.mark.parametrize(
    ("reported", "handling", "closed", "field"),
    [
        (None, None, None, None),
        (at(9), at(9), at(9), None),
        (at(8), None, None, "reported_on"),
        (at(13, 22), None, None, "reported_on"),
        (None, at(8), None, "handling_on"),
        (None, None, at(11), "closed_on"),
        (None, at(11), at(10), "closed_on"),
        (None, at(11), at(13, 22), "closed_on"),
        (at(12), at(11), at(12), None),
    ],
)
def test_steps_follow_each_other(reported, handling, closed, field):
    if field is None:
        assert check_steps(at(9), reported, handling, closed, NOW) is None
    else:
        with pytest.raises(DomainError) as refusal:
            check_steps(at(9), reported, handling, closed, NOW)
        assert refusal.value.field == field


WHO_FIRST = [
    ("district", {"responsible": at(9), "district": at(8)}, ["district"]),
    ("district", {"responsible": at(9), "district": at(9)}, []),
    ("district", {"responsible": at(9), "district": at(10), "commune": at(8), "village": at(8)}, []),
    ("district", {"responsible": at(9), "province": at(7), "district": at(8)}, ["province", "district"]),
    ("district", {"district": at(8), "village": at(7)}, ["district"]),
    ("district", {"village": at(7), "commune": at(8)}, []),
    ("commune", {"responsible": at(9), "commune": at(8)}, ["commune"]),
    ("commune", {"responsible": at(9), "village": at(8)}, []),
    ("province", {"responsible": at(9), "district": at(8)}, []),
    ("province", {"province": at(8), "district": at(8)}, ["province"]),
    ("", {"province": at(8)}, []),
]


@pytest.mark.parametrize(("level", "knowings", "levels"), WHO_FIRST)
def test_who_knew_before_the_responsible_cadre(level, knowings, levels):
    assert known_above_first(knowings, level) == levels


ALLOWED = {("open", "handling"), ("handling", "closed"), ("closed", "handling")}


@pytest.mark.parametrize("before", SituationState.values)
@pytest.mark.parametrize("after", SituationState.values)
def test_moves(before, after):
    if (before, after) in ALLOWED:
        assert check_move(before, after) is None
    else:
        with pytest.raises(DomainError, match="không chuyển sang"):
            check_move(before, after)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (None, ""),
        (timedelta(), "ngay lúc đó"),
        (timedelta(minutes=20), "20 phút"),
        (timedelta(hours=3, minutes=20), "3 giờ 20 phút"),
        (timedelta(days=2, hours=5, minutes=50), "2 ngày 5 giờ"),
        (timedelta(days=1), "1 ngày"),
    ],
)
def test_durations_in_words(span, words):
    assert duration_words(span) == words


def test_spans_are_counted_from_the_step_before():
    hours = timedelta(hours=1)
    assert spans_of(at(8), at(9), at(11), at(14)) == (hours, 2 * hours, 3 * hours)
    assert spans_of(at(8), None, at(11), None) == (None, 3 * hours, None)
    assert spans_of(at(8), at(12), at(11), None) == (4 * hours, None, None)


def test_a_median_needs_enough():
    spans = [timedelta(hours=n) for n in range(1, FEWEST + 1)]
    assert median_span([*spans, None]) == timedelta(hours=3)
    assert median_span([*spans[:-1], None, None]) is None
