"""Biểu 11 to 14 and the visits behind them, against a recount over the raw rows."""

from collections import Counter
from datetime import date

import pytest
from django.utils import timezone

from conftest import make_person, make_user
from core.periods import Period
from feedback.models import Topic
from feedback.thread.raising import raise_opinion
from feedback.thread.recording import OpinionDraft
from reports.figures import figures
from reports.tables import group_table, sender_table, training_table, visit_records, visit_table
from reports.tables.visit_parts import LEVELS
from reports.tests.lists import Lengths, cells_of
from units.models import Unit
from units.reads import places_on
from visits.models import Commendation, TrainingCourse, TrainingTurn, Visit
from visits.tests.builders import count_visits, make_assignment, make_cadre, make_norm, make_visit

TODAY = date(2016, 7, 10)
YEAR, QUARTER = Period.year(2016), Period.parse("2016-Q1")


@pytest.fixture
def turns(tree):
    """Cadres of three levels in two communes, in and outside their assignments, one turn withdrawn."""
    make_norm(tree.province)
    make_norm(tree.province, level="commune")
    one, two = make_cadre(tree.a), make_cadre(tree.a1, "Mai Thị Xã")
    sent, own = make_assignment(one, tree.a1), make_assignment(two, tree.villages[0])
    make_visit(one, tree.villages[0], date(2016, 1, 5), sent, members_due=20, members_present=13, status="confirmed")
    make_visit(one, tree.a2, date(2016, 3, 31))
    make_visit(one, tree.a2, date(2016, 3, 30), status="withdrawn")
    make_visit(two, tree.villages[0], date(2016, 4, 1), own, findings="Đường xuống cấp")
    Visit.objects.filter(person=two.person).update(group="women")
    tree.one, tree.two = one, two
    return tree


def rows_of(table):
    (section,) = table.sections
    return {
        row.cells["name"]: Counter({k: v for k, v in row.cells.items() if isinstance(v, int) and k != "no"})
        for row in section.rows
    }


@pytest.mark.parametrize("period", [YEAR, QUARTER, Period.month(2016, 4)])
def test_turns_by_place_equal_a_recount(turns, period):
    found = rows_of(visit_table(turns.a, period, "then", TODAY))
    for unit in (turns.a1, turns.a2):
        mine = [
            v
            for v in Visit.objects.all()
            if v.commune_id == unit.pk and v.status != "withdrawn" and v.visited_on in period
        ]
        row = found.get(unit.name, Counter())
        assert row["visits"] == len(mine)
        assert row["district_done"] == sum(v.level == "district" for v in mine)
        assert row["commune_done"] == sum(v.level == "commune" for v in mine)
        assert row["confirmed"] == sum(v.status == "confirmed" for v in mine)
        assert row["outside"] == sum(v.assignment_id is None for v in mine)
        assert (row["due"], row["present"]) == (
            sum(v.members_due or 0 for v in mine),
            sum(v.members_present or 0 for v in mine),
        )


@pytest.mark.parametrize("top", ["province", "a", "a1"])
def test_sums_are_the_words_of_figures(turns, top):
    unit = getattr(turns, top)
    words = figures(unit, YEAR, "then", TODAY)
    (section,) = visit_table(unit, YEAR, "then", TODAY).sections
    for level in ("province", "district", "commune"):
        assert sum(row.cells[f"{level}_done"] for row in section.rows) == words[f"{level}_visits"]
        assert sum(row.cells[f"{level}_expected"] for row in section.rows) == words[f"{level}_visits_expected"]
    assert sum(row.cells["present"] for row in section.rows) == words["visits_members_present"]
    assert words["district_visits_expected"] == (6 if top != "a2" else 0)


def test_what_was_heard_stands_beside_the_turns(turns):
    visit = Visit.objects.get(person=turns.two.person)
    raise_opinion(
        OpinionDraft("Đề nghị sửa đường", Topic.objects.get(code="LAND").pk), origin="visit", origin_id=visit.pk,
        unit=turns.a1, place_unit=visit.unit, raised_on=visit.visited_on, source_key="x", today=TODAY,
        actor=make_user("xa1", "commune", turns.a1),
    )  # fmt: skip
    row = rows_of(visit_table(turns.a, YEAR, "then", TODAY))[turns.a1.name]
    assert (row["opinions"], row["answered"]) == (1, 0)
    assert rows_of(visit_table(turns.a, QUARTER, "then", TODAY))[turns.a1.name]["opinions"] == 0


def linked_columns(tree):
    return {column.key for column in visit_table(tree.province, YEAR, "then", TODAY).columns if column.listing}


def test_counted_entries_have_a_column_and_take_the_links_away(turns):
    turns_alone = {"province_done", "district_done", "commune_done", "visits"}
    assert turns_alone < linked_columns(turns)
    count_visits(turns.province, "commune", 26140, 1000, 657, date(2016, 1, 1), date(2016, 6, 30))
    table = visit_table(turns.province, YEAR, "then", TODAY)
    common = rows_of(table)["Chung toàn tỉnh"]
    assert (common["visits"], common["counted"], common["commune_done"]) == (26140, 26140, 26140)
    assert linked_columns(turns) == {"confirmed", "outside", "opinions", "answered"}
    records = visit_records(turns.province, YEAR, "then", TODAY).sections[0].rows
    assert sum(row.cells["visits"] for row in records) == 26140 + 3
    assert (
        rows_of(group_table(turns.province, YEAR, "then", TODAY))["Không phân theo tổ chức (số tổng hợp)"]["visits"]
        == 26140
    )


def test_turns_by_group_and_by_sender(turns):
    groups = rows_of(group_table(turns.a, YEAR, "then", TODAY))
    assert {name: row["visits"] for name, row in groups.items()} == {"Chi bộ": 2, "Chi hội phụ nữ": 1}
    assert groups["Chi hội phụ nữ"]["found"] == 1
    senders = rows_of(sender_table(turns.a, YEAR, "then", TODAY))
    assert {name: (row["people"], row["visits"]) for name, row in senders.items()} == {
        turns.a.name: (1, 2),
        turns.a1.name: (1, 1),
    }


def _course(unit, ended_on, **fields):
    return TrainingCourse.objects.create(
        unit=unit, level=unit.level, title="Nghiệp vụ dân vận", started_on=ended_on, ended_on=ended_on,
        **places_on([unit.pk], ended_on)[unit.pk].columns, **fields,
    )  # fmt: skip


def test_training_counts_turns_once_and_people_once(turns):
    people = [make_person(f"Lê Văn {n}") for n in range(3)]
    first, second = _course(turns.a, date(2016, 2, 1)), _course(turns.a, date(2016, 5, 1), counted_turns=None)
    _course(turns.a1, date(2016, 6, 1), counted_turns=40)
    _course(turns.a1, date(2017, 1, 1), counted_turns=9)
    TrainingTurn.objects.bulk_create(
        [TrainingTurn(course=course, person=person) for course in (first, second) for person in people]
    )
    Commendation.objects.create(
        unit=turns.a1, level="commune", person=people[0], form="paper", issuer="UBND xã", decided_on=date(2016, 6, 30),
        reason="Dân vận khéo", **places_on([turns.a1.pk], date(2016, 6, 30))[turns.a1.pk].columns,
    )  # fmt: skip
    found = rows_of(training_table(turns.province, YEAR, "then", TODAY))[turns.a.name]
    assert (found["courses"], found["turns"], found["people"], found["counted"]) == (3, 46, 3, 40)
    assert (found["commendations"], found["paper"], found["letter"], found["initiatives"]) == (1, 1, 0, 0)
    user = make_user("vien", "specialist", turns.province)
    lengths = Lengths(user, timezone.localdate())
    table = training_table(turns.province, YEAR, "then", TODAY, user)
    opened = {column.key: lengths.of(url) for _, _, column, _, url in cells_of(table, YEAR) if url}
    assert opened == {"courses": 3, "commendations": 1, "paper": 1}
    words = figures(turns.province, YEAR, "then", TODAY)
    assert [words[f"training_{word}"] for word in ("courses", "turns", "persons")] == [3, 46, 3]
    assert words["commendations"] == 1
    inside = rows_of(training_table(turns.a, YEAR, "then", TODAY))
    assert (inside["Cấp huyện tổ chức"]["turns"], inside[turns.a1.name]["turns"]) == (6, 40)


@pytest.mark.parametrize("make_table", [visit_table, group_table, sender_table, training_table, visit_records])
def test_a_year_without_anything_is_an_empty_table(tree, make_table):
    assert make_table(tree.province, YEAR, "then", TODAY).is_empty


@pytest.mark.parametrize("make_table", [visit_table, group_table, sender_table, training_table])
def test_tables_take_a_fixed_number_of_queries(turns, make_table, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        make_table(turns.province, YEAR, "then", TODAY)
    for number in range(3):
        make_visit(make_cadre(turns.a2, f"Vũ Văn {number}"), turns.a2, date(2016, 5, 1 + number))
    with django_assert_max_num_queries(16):
        make_table(turns.province, YEAR, "then", TODAY)
    assert Unit.objects.count() > 3


def test_numbers_open_lists_of_their_length(turns):
    """Beside sums of members, what norms ask and turns known only as a number, each count has its list."""
    user, checked = make_user("vien", "specialist", turns.province), 0
    lengths = Lengths(user, timezone.localdate())
    without = {"due", "present", "people", "counted", *(f"{level}_expected" for level in LEVELS)}
    for make_table in (visit_table, group_table, sender_table):
        for unit in (turns.province, turns.a):
            table = make_table(unit, YEAR, "then", TODAY, user)
            for _, row, column, number, url in cells_of(table, YEAR):
                assert bool(url) == (column.key not in without), (table.code, row.cells, column.key)
                if url:
                    assert lengths.of(url) == number, (table.code, row.cells, column.key, url)
                    checked += 1
    assert checked > 40
