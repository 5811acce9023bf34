"""The report pages from outside: what each role sees, that every figure is right and leads to its list."""

import re
from functools import cache

import pytest
from django.utils import timezone

from conftest import make_body, make_unit, make_user
from core.models import Job
from core.periods import Period
from reports.figures import figures
from reports.tests.world import SECRET, fill, make_reform_tree
from units.loading import rebuild_tree

MEASURE = re.compile(
    r'data-measure="([a-z_]+)" data-unit="([a-z0-9-]+)" data-period="([^"]+)">\s*(<a href="([^"]+)">)?([\d.]*)<'
)
TOKEN = re.compile(r"\b[A-Za-z0-9]{64}\b")
TABLES = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10")


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree)
    far = make_unit("province", "91", "Tỉnh Tây Hồ")
    tree.far = make_unit("commune", "91001", "Xã Xa", far)
    rebuild_tree()
    tree.head = make_user("truong", "province", tree.province)
    tree.specialist = make_user("vien", "specialist", tree.province)
    tree.leader = make_user("huyen", "leader", tree.a)
    tree.officer = make_user("xa", "commune", tree.n1)
    tree.outsider = make_user("ngoai", "commune", tree.far)
    return tree


def measures(answer):
    """[(word, unit key, period code, number, link)] of a page."""
    found = MEASURE.findall(answer.content.decode())
    return [
        (word, unit, code, int(text.replace(".", "") or 0), link.replace("&amp;", "&"))
        for word, unit, code, _, link, text in found
    ]


@pytest.fixture
def counted(world):
    """`counted(unit key, period code, boundaries)`: the figures, counted once each."""
    units = {unit.key: unit for unit in vars(world).values() if hasattr(unit, "key")}
    today = timezone.localdate()
    return cache(lambda key, code, boundaries="then": figures(units[key], Period.parse(code), boundaries, today))


def test_every_number_is_the_figure(world, signed_in, counted):
    for who, query in (
        ("head", "?ky=2016"),
        ("head", "?ky=2025-Q2&don-vi=district-901-20140101"),
        ("leader", "?ky=2016-03"),
        ("officer", "?ky=2016&ranh-gioi=now"),
        ("officer", "?ky=2025"),
        ("specialist", "?ky=2025&ranh-gioi=now&don-vi=commune-90201-20250701"),
    ):
        found = measures(signed_in(getattr(world, who)).get(f"/bao-cao/{query}"))
        assert len(found) > 20
        for word, key, code, number, _ in found:
            assert number == counted(key, code, "now" if "now" in query else "then")[word], (query, word)


def test_every_figure_leads_to_a_list_of_that_length(world, signed_in):
    for who, query in (("head", "?ky=2016"), ("officer", "?ky=2025-Q3")):
        browser, checked = signed_in(getattr(world, who)), 0
        for word, _, _, number, link in measures(browser.get(f"/bao-cao/{query}")):
            if link:
                page = browser.get(link).content.decode()
                assert re.search(rf'data-total="{number}"', page), (word, number, link)
                checked += 1
        assert checked > 8


def test_tables_show_figures_of_their_rows(world, signed_in, counted):
    browser, checked = signed_in(world.specialist), 0
    for code in TABLES:
        for query in ("?ky=2016", "?ky=2025"):
            answer = browser.get(f"/bao-cao/bieu/{code}/{query}")
            assert answer.status_code == 200
            assert SECRET not in answer.content.decode()
            for word, key, period, number, _ in measures(answer):
                assert number == counted(key, period)[word], (code, word)
                checked += 1
    assert checked > 60


def test_backlog_page_ends_with_the_hidden_ones(world, signed_in):
    partial = signed_in(world.specialist).get("/bao-cao/bieu/B8/?ky=2016").content.decode()
    assert "ý kiến hạn chế xem" in partial
    page = signed_in(world.head).get("/bao-cao/bieu/B8/?ky=2016").content.decode()
    assert SECRET in page
    assert "ý kiến hạn chế xem" not in page
    assert re.findall(r'data-total="\d+"', page) == re.findall(r'data-total="\d+"', partial) != []


def test_foreign_and_missing_units_are_the_same_404(world, signed_in):
    for path in ("/bao-cao/", "/bao-cao/bieu/B1/"):
        for who, key in (("outsider", world.a1.key), ("leader", world.b1.key), ("officer", world.province.key)):
            browser = signed_in(getattr(world, who))
            foreign, missing = browser.get(f"{path}?don-vi={key}"), browser.get(f"{path}?don-vi=commune-00000-20140101")
            assert (foreign.status_code, missing.status_code) == (404, 404)
            assert TOKEN.sub("", foreign.content.decode()) == TOKEN.sub("", missing.content.decode())
    assert signed_in(world.outsider).get("/bao-cao/bieu/B99/").status_code == 404


def test_an_outsider_counts_nothing(world, signed_in):
    found = measures(signed_in(world.outsider).get("/bao-cao/?ky=2016"))
    assert {number for _, _, _, number, _ in found} == {0}


def test_roles_without_a_branch_s_records_are_refused(world, signed_in):
    body = make_body(world.n1, "Phòng Kinh tế")
    for user in (make_user("coquan", "agency", world.n1, body), make_user("admin", "admin", world.province)):
        assert signed_in(user).get("/bao-cao/").status_code == 403
        assert signed_in(user).post("/bao-cao/xuat/", {"nam": "2016", "request_id": "a"}).status_code == 403


def test_unreadable_choices_say_what_to_type(world, signed_in):
    browser = signed_in(world.head)
    for path, words in (
        ("/bao-cao/?ky=2016-13", "không đọc được"),
        ("/bao-cao/?ranh-gioi=x", "theo đơn vị tại thời điểm"),
        ("/bao-cao/bieu/B2/?ky=2015..2016", "Biểu này lập cho từng năm"),
    ):
        answer = browser.get(path)
        assert answer.status_code == 422
        assert words in answer.content.decode()


def test_a_running_period_is_marked(world, signed_in):
    browser = signed_in(world.head)
    assert "Số liệu tạm tính" in browser.get("/bao-cao/").content.decode()
    assert "Số liệu tạm tính" not in browser.get("/bao-cao/?ky=2016").content.decode()


def test_statements_do_not_grow_with_the_tree(world, signed_in, django_assert_max_num_queries):
    browser = signed_in(world.head)
    for path in ("/bao-cao/?ky=2025", *(f"/bao-cao/bieu/{code}/?ky=2025" for code in TABLES)):
        browser.get(path)
        with django_assert_max_num_queries(20):  # four of B2 and B3 say how far begun rounds have come
            assert browser.get(path).status_code == 200


def test_export_is_asked_once_and_only_for_one_s_own(world, signed_in):
    browser = signed_in(world.leader)
    asked = {"nam": "2016", "don-vi": world.a.key, "ranh-gioi": "then", "request_id": "abc"}
    first, again = browser.post("/bao-cao/xuat/", asked), browser.post("/bao-cao/xuat/", asked)
    assert first["Location"] == again["Location"] == f"/cong-viec/{Job.objects.get().pk}/"
    assert browser.post("/bao-cao/xuat/", {**asked, "don-vi": world.b.key, "request_id": "d"}).status_code == 404
    assert signed_in(world.outsider).get(first["Location"]).status_code == 404
    assert browser.get("/bao-cao/xuat/").status_code == 405
    assert Job.objects.count() == 1
