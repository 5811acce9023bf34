"""The figures of visits: counted entries of old years, single visits, and what norms expected."""

from datetime import date

from django.db.models import Q

from core.periods import Period
from visits.models import VisitExemption
from visits.reads import visit_figures
from visits.tests.builders import count_visits, make_assignment, make_cadre, make_norm, make_visit

TODAY = date(2026, 11, 21)


def test_the_figures_of_article_004_come_out_of_counted_entries(tree):
    count_visits(tree.province, "province", 823)
    count_visits(tree.province, "district", 5503)
    count_visits(tree.province, "commune", 26140, due=1000, present=657)
    count_visits(tree.b, "district", 40)
    figures = visit_figures(Q(province=tree.province), Period.parse("2013..2015"))
    assert (figures["province_visits"], figures["district_visits"], figures["commune_visits"]) == (823, 5543, 26140)
    assert (figures["visits_members_due"], figures["visits_members_present"]) == (1000, 657)
    assert visit_figures(Q(district=tree.b), Period.parse("2013..2015"))["district_visits"] == 40
    assert set(visit_figures(Q(province=tree.province), Period.year(2015)).values()) == {0}


def test_single_visits_count_by_their_day_and_withdrawn_ones_do_not(tree):
    post = make_cadre(tree.a)
    make_visit(post, tree.villages[0], date(2016, 3, 1), members_due=20, members_present=13)
    make_visit(post, tree.a2, date(2016, 3, 31))
    make_visit(post, tree.a2, date(2016, 3, 30), status="withdrawn")
    make_visit(post, tree.a2, date(2016, 4, 1))
    figures = visit_figures(Q(district=tree.a), Period.month(2016, 3))
    assert figures["district_visits"] == 2
    assert (figures["visits_members_due"], figures["visits_members_present"]) == (20, 13)
    assert visit_figures(Q(commune=tree.a1), Period.month(2016, 3))["district_visits"] == 1


def test_a_person_with_two_assignments_is_expected_once_and_the_parts_add_up(tree):
    make_norm(tree.province)
    post = make_cadre(tree.a)
    make_assignment(post, tree.a1)
    make_assignment(post, tree.a2, is_deputy=True)
    expected = {
        name: visit_figures(Q(**{level: unit}), Period.year(2016))["district_visits_expected"]
        for name, level, unit in (("a", "district", tree.a), ("a1", "commune", tree.a1), ("a2", "commune", tree.a2))
    }
    assert expected == {"a": 12, "a1": 12, "a2": 0}


def test_expected_stops_at_today_at_leave_and_at_the_end_of_the_post(tree):
    make_norm(tree.province)
    going = make_cadre(tree.a)
    make_assignment(going, tree.a1)
    VisitExemption.objects.create(
        person=going.person, province=tree.province, district=tree.a, first_on=date(2016, 2, 1),
        last_on=date(2016, 2, 29), reason="Học lớp bồi dưỡng",
    )  # fmt: skip
    leaving = make_cadre(tree.a, "Lý Thị Thôi", valid_to=date(2016, 2, 10))
    make_assignment(leaving, tree.a1)
    figures = visit_figures(Q(district=tree.a), Period.year(2016), today=date(2016, 4, 1))
    assert figures["district_visits_expected"] == 2 + 1


def test_nobody_ordered_a_norm_nothing_is_expected(tree):
    make_assignment(make_cadre(tree.a), tree.a1)
    make_norm(tree.b)
    figures = visit_figures(Q(province=tree.province), Period.year(2016), today=TODAY)
    assert set(figures.values()) == {0}


def test_figures_take_a_fixed_number_of_queries(tree, django_assert_num_queries):
    make_norm(tree.province)
    for number in range(3):
        post = make_cadre(tree.a, f"Vũ Văn {number}")
        make_assignment(post, tree.a1)
        with django_assert_num_queries(4):
            visit_figures(Q(province=tree.province), Period.year(2016))
