"""The figures of a whole branch at once, and tables that come back from JSON as they went in."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Q

from core.errors import DomainError
from core.periods import Period
from reports.figures import NOTHING_COUNTED, figures_by_unit, live_figures
from reports.frozen import dump, load
from reports.table import Column, Group, LazyRows, Ratio, Row, Section, Table
from reports.tables import TABLES
from reports.tests.world import PERIODS, TODAY, fill, fill_seats, make_reform_tree
from units.reads import places_on
from visits.models import Commendation
from visits.tests.builders import count_visits, make_assignment, make_cadre, make_norm, make_visit
from visits.tests.test_training import join, make_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree)
    fill_seats(tree)
    _go_and_train(tree)
    return tree


def _go_and_train(tree):
    """Visits, single and counted, and courses of 2016; one person was at two courses of district A."""
    post = make_cadre(tree.a)
    make_norm(tree.province)
    make_visit(post, tree.a1, date(2016, 2, 3), make_assignment(post, tree.a1))
    count_visits(tree.a2, "district", 5, 30, 20, date(2016, 1, 1), date(2016, 3, 31))
    for unit in (tree.a1, tree.a2, tree.b1):
        join(make_course(unit, date(2016, 5, 9), counted_turns=4), post.person)
    Commendation.objects.create(
        person=post.person, form="merit", issuer="UBND huyện", decided_on=date(2016, 6, 1), reason="Hòa giải tốt",
        unit=tree.a, level="district", **places_on([tree.a.pk], date(2016, 6, 1))[tree.a.pk].columns,
    )  # fmt: skip


def test_all_units_at_once_are_as_one_by_one(world, django_assert_max_num_queries):
    units = [world.province, world.a, world.b, world.a1, world.b2, world.lost, world.n1, world.n2]
    for word in PERIODS:
        period = Period.parse(word)
        with django_assert_max_num_queries(15):
            found = figures_by_unit(Q(province_id=world.province.pk), period, TODAY)
        for unit in units:
            expected = live_figures(unit, period, "then", TODAY)
            assert found.get(unit.pk, NOTHING_COUNTED) == expected, (word, unit.key)
            assert expected.keys() == NOTHING_COUNTED.keys()
    year = live_figures(world.a, Period.parse("2016"), "then", TODAY)
    words = ("training_persons", "training_turns", "commendations", "district_visits", "district_visits_expected")
    assert [year[word] for word in words] == [1, 10, 1, 6, 12]


def test_every_table_comes_back_as_it_went_in(world):
    checked = 0
    for code, (_, make) in TABLES.items():
        for unit in (world.province, world.b, world.n1):
            for word in ("2016", "2025", "2025-Q3", "2025-05"):
                table = make(unit, Period.parse(word), "then", TODAY)
                assert dump(load(dump(table))) == dump(table), code
                checked += as_values(load(dump(table))) == as_values(table) != ()
    assert checked > 100


def as_values(table):
    """Everything a table says, whatever kind of sequence holds it."""
    rows = [
        (section.title, section.level, section.unit_key, section.has_total, group.title, row)
        for section in table.sections
        for group in (*section.groups, Group(tuple(section.asides)))
        for row in group.rows
    ]
    return (table.code, table.title, table.sheet, tuple(table.columns), tuple(table.notes), table.facts, rows)


def test_values_of_every_kind_survive():
    cells = {"a": Decimal("76.80"), "b": date(2016, 2, 29), "c": None, "d": "x", "e": 0, "f": True, "g": ""}
    rows = LazyRows(lambda: iter([Row(cells, "commune-1", 7)]), 1)
    column = Column("a", "A", ratio=Ratio(("a",), ("b",), less=("c",), of_total=True))
    table = Table("B0", "B0", "Thử", (column,), (Section((Group(rows, "Nhóm"),), asides=(Row({}),)),), ("n",), {"t": 1})
    again = load(dump(table))
    assert again.sections[0].groups[0].rows == (Row(cells, "commune-1", 7),)
    assert again.columns == (column,)
    assert (again.notes, again.facts, again.sections[0].asides) == (("n",), {"t": 1}, (Row({}),))
    with pytest.raises(KeyError):
        load({"x": 1})


def test_an_unknown_boundary_is_told(world):
    with pytest.raises(DomainError, match="then"):
        live_figures(world.a1, Period.parse("2016"), "later", TODAY)
