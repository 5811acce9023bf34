"""Ratings of a year: a commune's villages at once, conflicts, bad years, wrong hands."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import make_unit
from core.errors import DomainError
from core.models import Activity
from units.loading import rebuild_tree
from visits.helped.services import RatingEntry, rate_cells
from visits.models import CellRating
from visits.tests.builders import make_rating

LAST = timezone.localdate().year - 1


def url_of(unit=None, year=LAST):
    return f"{reverse('cell_rating_edit')}?ky={year}" + (f"&don-vi={unit.key}" if unit else "")


def chosen(villages, *ratings, versions=None, document="45-QĐ/ĐU"):
    data = {"document": document}
    for number, (village, rating) in enumerate(zip(villages, ratings, strict=False)):
        data[f"rating_{village.pk}"] = rating
        data[f"version_{village.pk}"] = versions[number] if versions else 0
    return data


def test_a_commune_rates_its_villages_in_one_form_once(cast, signed_in):
    browser, villages = signed_in(cast.commune), cast.tree.villages
    page = browser.get(url_of()).content.decode()
    assert "Thôn 3" in page
    data = chosen(villages, "strong", "done", "")
    assert browser.post(url_of(), data).status_code == 302
    rows = CellRating.objects.order_by("unit__code")
    assert [(row.unit, row.rating, row.year, row.level, row.commune, row.document) for row in rows] == [
        (villages[0], "strong", LAST, "village", cast.tree.a1, "45-QĐ/ĐU"),
        (villages[1], "done", LAST, "village", cast.tree.a1, "45-QĐ/ĐU"),
    ]
    lines = Activity.objects.filter(verb="cell_rating.create")
    assert {(line.target_id, line.after["rating"]) for line in lines} == {(row.pk, row.rating) for row in rows}
    again = chosen(villages, "strong", "done", "", versions=[1, 1, 0])
    assert "Không có gì thay đổi" in browser.post(url_of(), again, follow=True).content.decode()
    assert Activity.objects.filter(verb__startswith="cell_rating").count() == 2


def test_no_arrow_leads_past_the_last_year_that_is_rated(cast, signed_in):
    browser, url = signed_in(cast.commune), reverse("cell_rating_edit")
    assert f'href="?ky={LAST + 1}"' in browser.get(url, {"ky": LAST}).content.decode()
    assert f"ky={LAST + 2}" not in browser.get(url, {"ky": LAST + 1}).content.decode()


def test_a_correction_keeps_before_and_after_and_the_document_can_be_mended(cast, signed_in):
    row = make_rating(cast.tree.villages[0], "done", LAST, document="4-QĐ/ĐU")
    other = make_rating(cast.tree.villages[1], "good", LAST, document="4-QĐ/ĐU")
    browser = signed_in(cast.district)
    data = chosen(cast.tree.villages, "good", "good", versions=[1, 1], document="45-QĐ/ĐU")
    data["shown_document"] = "4-QĐ/ĐU"
    assert browser.post(url_of(cast.tree.a1), data).status_code == 302
    line = Activity.objects.get(verb="cell_rating.edit", target_id=row.pk)
    assert (line.before["rating"], line.after["rating"]) == ("done", "good")
    other.refresh_from_db()
    assert (other.rating, other.document, other.version) == ("good", "45-QĐ/ĐU", 2)


def test_somebody_elses_rating_is_told_before_it_is_changed(cast, signed_in):
    row = make_rating(cast.tree.villages[0], "done", LAST)
    browser, data = signed_in(cast.commune), chosen(cast.tree.villages, "strong", "good")
    answer = browser.post(url_of(), data)
    assert answer.status_code == 409
    assert "Hoàn thành nhiệm vụ”" in answer.content.decode()
    assert CellRating.objects.count() == 1
    shown = answer.context["form"]
    data |= {name: shown[name].value() for name in data if name.startswith("version_")}
    assert browser.post(url_of(), data).status_code == 302
    row.refresh_from_db()
    assert (row.rating, row.version) == ("strong", 2)


@pytest.mark.parametrize(("year", "words"), [(LAST + 2, "Không ghi được"), (2012, "Không ghi được")])
def test_bad_years_are_refused(cast, signed_in, year, words):
    for answer in (
        signed_in(cast.commune).get(url_of(year=year)),
        signed_in(cast.commune).post(url_of(year=year), chosen(cast.tree.villages, "good")),
    ):
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not CellRating.objects.exists()


def test_places_that_were_not_there_are_neither_offered_nor_written(cast, signed_in):
    today = timezone.localdate()
    new = make_unit("village", "90101-08", "Thôn Mới", cast.tree.a1, valid_from=today)
    gone = make_unit("village", "90101-09", "Thôn Cũ", cast.tree.a1, valid_to=date(LAST, 6, 1))
    rebuild_tree()
    page = signed_in(cast.commune).get(url_of()).content.decode()
    assert "Thôn Mới" not in page
    assert "Thôn Cũ" not in page
    for unit, words in ((new, "sau kỳ xếp loại"), (gone, "Xếp loại đơn vị kế thừa")):
        with pytest.raises(DomainError, match=words):
            rate_cells([RatingEntry(unit, "good")], year=LAST, document="1", actor=cast.commune, today=today)


def test_a_document_is_asked_for(cast, signed_in):
    answer = signed_in(cast.commune).post(url_of(), chosen(cast.tree.villages, "good", document=""))
    assert answer.status_code == 422
    assert "Nhập số, ngày văn bản" in answer.content.decode()


def test_a_commune_does_not_rate_itself_and_nobody_rates_elsewhere(cast, signed_in):
    assert signed_in(cast.commune).get(url_of(cast.tree.a2)).status_code == 404
    assert signed_in(cast.outsider).post(url_of(cast.tree.a1), chosen(cast.tree.villages, "good")).status_code == 404
    assert signed_in(cast.cadre).get(url_of()).status_code == 403
    forged = chosen([*cast.tree.villages, cast.tree.a1], "good", "good", "good", "strong")
    signed_in(cast.commune).post(url_of(), forged)
    assert not CellRating.objects.filter(unit=cast.tree.a1).exists()
    browser = signed_in(cast.leader)
    assert browser.post(url_of(), chosen([cast.tree.a1], "strong")).status_code == 302
    assert CellRating.objects.get(unit=cast.tree.a1).level == "commune"


def test_a_district_sees_its_communes_with_counts(cast, signed_in, django_assert_num_queries):
    browser = signed_in(cast.leader)
    browser.get(url_of())
    with django_assert_num_queries(11) as one:
        browser.get(url_of())
    for village, rating in zip(cast.tree.villages, ("strong", "strong", "failed"), strict=True):
        make_rating(village, rating, LAST)
    with django_assert_num_queries(len(one)):
        lines = {line["unit"].name: line for line in browser.get(url_of()).context["lines"]}
    assert (lines["Xã Đồng Tâm"]["rated"], lines["Xã Đồng Tâm"]["villages"]) == (3, 3)
    assert [part["number"] for part in lines["Xã Đồng Tâm"]["parts"]] == [2, 0, 0, 1]
    assert lines["Xã Hải Lạng"]["rated"] == 0
    assert browser.get(url_of(cast.tree.villages[0])).status_code == 404
