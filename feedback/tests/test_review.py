"""The ladder, the ages, the agenda, saved views: every number is the length of its list."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import DomainError
from feedback.desk.figures import fraction
from feedback.desk.services import MOST_FILTERS, comment_many, save_filter
from feedback.models import Milestone, Opinion, SavedFilter
from feedback.tests.builders import make_opinion
from journal.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def thread(cast, today):
    """One of everything: settled and satisfied, partly, not, unasked, explained, half done, late, withdrawn, hidden."""

    def raise_one(days=10, **fields):
        day, unit = today - timedelta(days=days), fields.pop("unit", cast.tree.a1)
        place = {"village": cast.tree.villages[0], "commune": cast.tree.a1}
        opinion = make_opinion(unit, raised_on=day, **fields)
        Opinion.objects.filter(pk=opinion.pk).update(**place)
        return opinion

    rows = {
        "satisfied": raise_one(status="resolved", satisfaction="satisfied"),
        "partly": raise_one(status="answered_on_spot", satisfaction="partly"),
        "not": raise_one(status="explained", satisfaction="not"),
        "unasked": raise_one(status="accepted"),
        "half": raise_one(status="in_progress", body=cast.bodies.commune),
        "late": raise_one(days=100),
        "withdrawn": raise_one(status="withdrawn"),
        "hidden": raise_one(days=70, visibility="restricted", unit=cast.tree.a, holder=cast.tree.a),
    }
    Milestone.objects.create(opinion=rows["half"], text="Đo đạc xong", done_on=today, made_by_id=1)
    return rows


def total(browser, url):
    page = browser.get(url)
    assert page.status_code == 200, (url, page.status_code)
    return page.context["total"]


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, ""), (3, 9, "3/9"), (5, 10, "5/10 (50,0%)"), (38, 56, "38/56 (67,9%)"), (0, 12, "0/12 (0,0%)")],
)
def test_few_are_a_fraction_only(part, whole, words):
    assert fraction(part, whole) == words


@pytest.mark.parametrize("who", ["commune", "leader", "head", "district", "specialist"])
def test_every_rung_is_the_length_of_its_list(cast, thread, signed_in, who):
    browser = signed_in(getattr(cast, who))
    page = browser.get("/y-kien/ket-qua/")
    counts = page.context["counts"]
    assert counts["received"] == 8
    assert (counts["answered"], counts["settled"], counts["explained"]) == (4, 2, 2)
    assert (counts["satisfied"], counts["partly"], counts["not_satisfied"], counts["not_asked"]) == (1, 1, 1, 1)
    assert (counts["partly_done"], counts["excluded"]) == (1, 1)
    for rung in page.context["rungs"]:
        assert total(browser, rung.url) == rung.number, rung.word
    for name in ("received", "due", "excluded"):
        assert total(browser, page.context[f"{name}_url"]) == counts[name], name


def test_both_denominators(cast, thread, signed_in):
    page = signed_in(cast.commune).get("/y-kien/ket-qua/")
    rungs = {rung.word: rung for rung in page.context["rungs"]}
    assert page.context["counts"]["due"] == 6  # four answered, two late (one of them restricted)
    assert (rungs["settled"].of_counted, rungs["settled"].of_due) == ("2/7", "2/6")
    assert rungs["satisfied"].of_counted == "1/7"


@pytest.mark.parametrize("who", ["commune", "leader", "head", "district"])
def test_every_age_and_holder_is_the_length_of_its_list(cast, thread, signed_in, who):
    browser = signed_in(getattr(cast, who))
    page = browser.get("/y-kien/tuoi/")
    assert [bar["value"] for bar in page.context["bars"]] == [1, 0, 1, 1]
    for bar in page.context["bars"]:
        assert total(browser, bar["url"]) == bar["value"], bar
    for row in page.context["topics"]:
        assert total(browser, row.total[1]) == row.total[0], row.label
        assert [total(browser, url) for *_, url in row.cells] == [number for _, number, _ in row.cells]
    for row in page.context["holders"]:
        assert (total(browser, row.url), total(browser, row.late_url)) == (row.number, row.overdue), row
    assert [row.label for row in page.context["topics"]][-1] == "Ý kiến hạn chế xem"


def test_a_restricted_one_is_in_no_line_but_its_own(cast, thread, signed_in):
    Opinion.objects.filter(pk=thread["hidden"].pk).update(body=cast.bodies.district)
    text = signed_in(cast.commune).get("/y-kien/tuoi/").content.decode()
    assert cast.bodies.district.name not in text
    assert cast.bodies.commune.name in text


@pytest.mark.parametrize("path", ["/y-kien/ket-qua/", "/y-kien/tuoi/", "/y-kien/chuong-trinh/"])
def test_a_stranger_counts_nothing_and_others_are_kept_out(cast, thread, signed_in, path):
    assert 'data-total="0"' in signed_in(cast.outsider).get(path).content.decode()
    for nobody in (cast.agency, cast.cadre, cast.admin):
        assert signed_in(nobody).get(path).status_code == 403
    assert signed_in(cast.leader).get(path, {"don-vi": "commune-khong-co"}).status_code == 400


@pytest.mark.parametrize("path", ["/y-kien/ket-qua/", "/y-kien/tuoi/", "/y-kien/chuong-trinh/", "/y-kien/"])
def test_the_count_of_statements_does_not_grow(cast, signed_in, path, today):
    browser = signed_in(cast.leader)

    def statements(rows):
        for n in range(rows):
            make_opinion(cast.tree.a1, f"Việc {n}", raised_on=today - timedelta(days=40 * n), body=cast.bodies.commune)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert browser.get(path).status_code == 200
        return len(captured)

    statements(1)
    assert statements(1) == statements(3) <= 16


def test_the_agenda_takes_up_late_ones_first(cast, thread, signed_in, today):
    page = signed_in(cast.leader).get("/y-kien/chuong-trinh/")
    assert [heading for heading, _ in page.context["groups"]] == ["Quá hạn", "Đang giải quyết, trong hạn"]
    assert page.context["groups"][0][1][0]["pk"] == thread["late"].pk
    assert 'data-total="3"' in page.content.decode()


def test_a_view_is_saved_under_a_name_and_is_only_ones_own(cast, signed_in):
    browser = signed_in(cast.leader)
    answer = browser.post("/y-kien/bo-loc/luu/?han=qua-han", {"name": "Quá hạn của tôi"})
    assert answer["Location"] == "/y-kien/?han=qua-han"
    browser.post("/y-kien/bo-loc/luu/?han=7-ngay", {"name": "Quá hạn của tôi"})
    kept = SavedFilter.objects.get()
    assert (kept.query, kept.user) == ("?han=7-ngay", cast.leader)
    assert "Quá hạn của tôi" in browser.get("/y-kien/").content.decode()
    assert "Quá hạn của tôi" not in signed_in(cast.head).get("/y-kien/").content.decode()
    signed_in(cast.head).post(f"/y-kien/bo-loc/{kept.pk}/xoa/")
    assert SavedFilter.objects.exists()
    browser.post(f"/y-kien/bo-loc/{kept.pk}/xoa/")
    assert not SavedFilter.objects.exists()


def test_saved_views_have_a_name_and_a_limit(cast):
    with pytest.raises(DomainError) as refusal:
        save_filter("  ", "?han=qua-han", actor=cast.leader)
    assert refusal.value.field == "name"
    for n in range(MOST_FILTERS):
        save_filter(f"Bộ lọc {n}", "?giu=on", actor=cast.leader)
    with pytest.raises(DomainError):
        save_filter("Thêm nữa", "?giu=on", actor=cast.leader)
    save_filter("Bộ lọc 0", "?han=qua-han", actor=cast.leader)
    assert SavedFilter.objects.get(name="Bộ lọc 0").query == "?han=qua-han"


def test_one_instruction_goes_into_many_threads(cast, thread, today):
    foreign = make_opinion(cast.tree.b1)
    pks = [thread["half"].pk, thread["late"].pk, foreign.pk]
    done, refused = comment_many(pks, actor=cast.leader, today=today, note="Báo cáo trước ngày 25")
    assert {opinion.pk for opinion in done} == set(pks[:2])
    assert [pk for pk, _ in refused] == [foreign.pk]
    assert thread["half"].moves.get().note == "Báo cáo trước ngày 25"
    assert Notice.objects.filter(recipient=cast.commune).count() == 2
    _, empty = comment_many(pks[:1], actor=cast.leader, today=today, note=" ")
    assert "Nhập nội dung" in empty[0][1]


def test_the_ticked_rows_are_told_from_the_page(cast, thread, signed_in):
    browser = signed_in(cast.leader)
    answer = browser.post("/y-kien/chi-dao-nhieu/?giu=on", {"opinion": [thread["half"].pk], "comment": "Làm sớm"})
    assert urlsplit(answer["Location"]).query == "giu=on"
    assert thread["half"].moves.count() == 1
    browser.post("/y-kien/chi-dao-nhieu/", {"comment": "Không đánh dấu"})
    assert thread["half"].moves.count() == 1
