"""Plain builders of norms, assignments and visits for the tests of this app."""

from datetime import date

from conftest import make_person, make_post
from units.reads import places_on
from visits.models import Assignment, CellRating, CountedVisits, HelpedUnit, Visit, VisitNorm


def count_visits(unit, level, visits, due=0, present=0, first=date(2014, 1, 1), last=date(2015, 12, 31)):
    return CountedVisits.objects.create(
        unit=unit, level=level, first_on=first, last_on=last, visits=visits, members_due=due,
        members_present=present, source="bài báo", **places_on([unit.pk], last)[unit.pk].columns,
    )  # fmt: skip


def make_norm(unit, level="district", valid_from=date(2015, 1, 1), **fields):
    return VisitNorm.objects.create(unit=unit, level=level, valid_from=valid_from, document="01-CV/TU", **fields)


def make_assignment(post, unit, valid_from=date(2016, 1, 1), **fields):
    return Assignment.objects.create(
        person=post.person, post=post, unit=unit, level=post.unit.level, decision_number="12-QĐ/HU",
        decided_on=valid_from, issuer="Huyện ủy", valid_from=valid_from,
        **places_on([unit.pk], valid_from)[unit.pk].columns, **fields,
    )  # fmt: skip


def make_visit(post, unit, visited_on, assignment=None, **fields):
    place = places_on([unit.pk], visited_on)[unit.pk]
    return Visit.objects.create(
        person=post.person, post=post, unit=unit, level=post.unit.level, assignment=assignment, group="cell",
        village_id=place.village_id, visited_on=visited_on, content="Dự sinh hoạt chi bộ.", **place.columns, **fields,
    )  # fmt: skip


def make_cadre(unit, name="Vũ Văn Đi", **fields):
    return make_post(make_person(name), unit, "upper_member", "cadre", **fields)


def make_rating(unit, rating, year, document="45-QĐ/ĐU"):
    place = places_on([unit.pk], date(year, 12, 31))[unit.pk]
    return CellRating.objects.create(
        unit=unit, level=unit.level, year=year, rating=rating, document=document, **place.columns
    )


def make_helped(unit, post, registered_on, **fields):
    return HelpedUnit.objects.create(
        unit=unit, level=post.unit.level, year=registered_on.year, helper_post=post, registered_on=registered_on,
        reason="Chi bộ sinh hoạt chưa đều.", plan="Cùng dự sinh hoạt chi bộ hằng quý.",
        **places_on([unit.pk], registered_on)[unit.pk].columns, **fields,
    )  # fmt: skip
