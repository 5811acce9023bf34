"""Dated trees without a database: spans, lineages, inheritance, names of villages."""

from datetime import date

import pytest

from units.rules import heirs_of, in_force, lineage_of, overlap, village_name

D = date
A, B, C, E = D(2014, 1, 1), D(2020, 1, 1), D(2025, 7, 1), D(2024, 2, 29)


@pytest.mark.parametrize(
    ("start", "end", "day", "expected"),
    [
        (A, None, A, True),
        (A, None, D(2013, 12, 31), False),
        (A, C, D(2025, 6, 30), True),
        (A, C, C, False),
        (E, D(2024, 3, 1), E, True),
        (E, D(2024, 3, 1), D(2024, 3, 1), False),
    ],
)
def test_in_force_is_half_open(start, end, day, expected):
    assert in_force(start, end, day) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((A, None), (B, None), (B, None)),
        ((A, B), (B, C), None),
        ((A, C), (B, None), (B, C)),
        ((A, C), (A, C), (A, C)),
        ((B, None), (A, C), (B, C)),
    ],
)
def test_overlap(first, second, expected):
    assert overlap(first, second) == expected


def test_lineage_follows_the_parents_of_each_day():
    versions = [
        ("p", None, A, None),
        ("d", "p", A, C),
        ("c", "d", A, C),
        ("c", "p", C, None),
        ("v", "c", B, None),
    ]
    lineage = lineage_of(versions)
    assert lineage["c"] == [("c", A, None), ("d", A, C), ("p", A, None)]
    assert lineage["v"] == [("c", B, None), ("d", B, C), ("p", B, None), ("v", B, None)]


def test_lineage_joins_renames_and_keeps_gaps():
    versions = [("p", None, A, None), ("q", None, A, None), ("d", "p", A, B), ("d", "q", B, E), ("d", "p", E, None)]
    assert lineage_of(versions)["d"] == [("d", A, None), ("p", A, B), ("p", E, None), ("q", B, E)]


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([], []),
        ([("a", "b")], [("b", "a")]),
        ([("a", "b"), ("b", "c")], [("b", "a"), ("c", "a"), ("c", "b")]),
        ([("a", "c"), ("b", "c")], [("c", "a"), ("c", "b")]),
        ([("a", "a")], []),
        ([("a", "b"), ("a", "c")], [("b", "a"), ("c", "a")]),
    ],
)
def test_heirs_over_any_number_of_mergers(links, expected):
    assert heirs_of(links) == expected


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("Thôn", "Đầu", "Thôn Đầu"),
        ("Thôn", "Thôn Đầu", "Thôn Đầu"),
        ("Khu phố", "khu 5", "Khu 5"),
        ("Khu phố", "5", "Khu phố 5"),
        ("Bản", "Khe Mọi", "Bản Khe Mọi"),
        ("Thôn", "Bản", "Thôn Bản"),
    ],
)
def test_a_village_is_called_by_kind_and_name(kind, name, expected):
    assert village_name(kind, name) == expected
