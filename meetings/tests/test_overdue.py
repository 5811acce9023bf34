"""Overdue: the rule and the queryset decide alike; people are told once."""

import json
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from journal.models import Notice
from meetings.jobs import flag_overdue
from meetings.models import Occurrence
from meetings.rules import is_overdue
from meetings.tests.builders import make_occurrence, make_rule

LATE_UNTIL = date(2026, 11, 5)


@pytest.mark.parametrize("met_on", [None, date(2026, 10, 20), date(2026, 11, 20)])
@pytest.mark.parametrize("is_exempt", [False, True])
@pytest.mark.parametrize("is_incomplete", [False, True])
@pytest.mark.parametrize("days", [-10, 0, 1, 40])
def test_rule_and_queryset_agree(tree, met_on, is_exempt, is_incomplete, days):
    today = LATE_UNTIL + timedelta(days=days)
    facts = {"met_on": met_on, "is_exempt": is_exempt, "is_incomplete": is_incomplete}
    row = make_occurrence(make_rule(tree.province), tree.a1, "2026-10", **facts)
    expected = met_on is None and not is_exempt and not is_incomplete and days > 0
    assert is_overdue(row, today) is expected
    assert Occurrence.objects.overdue(today).exists() is expected


@pytest.fixture
def october(cast):
    rule = make_rule(cast.tree.province)
    rows = [make_occurrence(rule, unit, "2026-10") for unit in (cast.tree.a1, cast.tree.a2, cast.tree.b1)]
    rows[2].met_on = date(2026, 10, 30)
    rows[2].save()
    return rows


def told(user):
    return list(Notice.objects.filter(recipient=user).values_list("text", "url"))


def test_tells_the_unit_and_those_above_once(cast, october):
    assert flag_overdue(LATE_UNTIL) == 0
    assert flag_overdue(LATE_UNTIL + timedelta(days=1)) == 2
    ((text, url),) = told(cast.commune)
    assert "Xã Đồng Tâm đã quá hạn hội nghị giao ban tháng 10/2026" in text
    assert url == f"/hoi-nghi/ky/{october[0].pk}/"
    ((line, url),) = told(cast.leader)
    assert line.startswith("2 kỳ giao ban quá hạn chưa họp: Xã Đồng Tâm, Xã Hải Lạng.")
    assert url == "/hoi-nghi/?muc=thieu&cap=commune"
    assert len(told(cast.specialist)) == len(told(cast.commune_leader)) == len(told(cast.other_commune)) == 1
    assert told(cast.other_leader) == told(cast.outsider) == told(cast.agency) == []
    before = Notice.objects.count()
    assert flag_overdue(LATE_UNTIL + timedelta(days=1)) == flag_overdue(LATE_UNTIL + timedelta(days=2)) == 0
    assert Notice.objects.count() == before


def test_later_ones_are_told_alone(cast, october):
    flag_overdue(date(2026, 11, 6))
    make_occurrence(october[0].rule, cast.tree.a1, "2026-11")
    assert flag_overdue(date(2026, 12, 6)) == 1
    assert next(text for text, _ in told(cast.commune)).count("tháng 11/2026") == 1
    assert len(told(cast.commune)) == 2


def test_many_months_at_once_are_one_line(cast):
    rule = make_rule(cast.tree.province)
    for month in range(1, 7):
        make_occurrence(rule, cast.tree.a1, f"2026-{month:02d}")
    assert flag_overdue(date(2026, 8, 1)) == 6
    ((text, _),) = told(cast.commune)
    assert text == "Xã Đồng Tâm còn 6 kỳ giao ban quá hạn chưa họp, từ tháng 1/2026 đến tháng 6/2026."


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_statements_does_not_grow(cast, django_assert_max_num_queries, count):
    rule = make_rule(cast.tree.province)
    for unit in (cast.tree.a1, cast.tree.a2, cast.tree.b1)[:count]:
        make_occurrence(rule, unit, "2026-10")
    with django_assert_max_num_queries(9):  # five of ours, and the savepoints of this test's own transaction
        assert flag_overdue(date(2026, 11, 30)) == count


def test_command(cast, october, capsys):
    call_command("flag_overdue", "--today", "2026-11-06", "--json")
    assert json.loads(capsys.readouterr().out) == {"meetings": 2, "opinions": 0}
