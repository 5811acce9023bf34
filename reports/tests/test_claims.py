"""Figures that were said: the rule as a table, the pages from outside, the night that finds them broken."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.models import Activity
from core.periods import Period
from feedback.tests.builders import make_opinion
from journal.models import Notice
from meetings import tallies
from meetings.models import Meeting
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from reports.claims.reads import number_text, years_text
from reports.claims.rules import check_stated, holds, supports
from reports.claims.services import ClaimDraft, check_claims, pin_claim
from reports.models import Claim

LIST = "/bao-cao/so-lieu-da-neu/"
NEW = f"{LIST}moi/"


@pytest.mark.parametrize(
    ("comparison", "stated", "part", "whole", "answer"),
    [
        ("exactly", "1716", 1716, None, True),
        ("exactly", "1716", 1717, None, False),
        ("exactly", "76.88", 1716, 2232, True),
        ("exactly", "76.9", 1716, 2232, True),
        ("exactly", "77", 1716, 2232, True),
        ("exactly", "76", 1716, 2232, False),
        ("exactly", "100", 12, 12, True),
        ("over", "12200", 12201, None, True),
        ("over", "12200", 12200, None, False),
        ("over", "98", 981, 1000, True),
        ("at_least", "12200", 12200, None, True),
        ("at_least", "12200", 12199, None, False),
        ("nearly", "500", 499, None, True),
        ("nearly", "500", 475, None, True),
        ("nearly", "500", 474, None, False),
        ("nearly", "500", 500, None, False),
        ("about", "500", 525, None, True),
        ("about", "500", 475, None, True),
        ("about", "500", 526, None, False),
        ("about", "0", 0, None, True),
        ("over", "98", 0, 0, False),
        ("at_least", "0", 0, 0, False),
        ("at_least", "0", 5, -1, False),
    ],
)
def test_does_the_number_bear_it_out(comparison, stated, part, whole, answer):
    assert supports(comparison, Decimal(stated), part, whole) is answer


@pytest.mark.parametrize(
    ("comparison", "part", "whole", "of_all_years", "of_some"),
    [
        ("over", 101, None, True, True),
        ("over", 100, None, False, False),
        ("at_least", 100, None, True, True),
        ("at_least", 99, None, False, False),
        ("exactly", 100, None, True, False),
        ("nearly", 99, None, True, False),
        ("about", 100, None, True, False),
        ("over", 101, 101, False, False),
        ("exactly", 100, 100, True, False),
    ],
)
def test_a_period_known_in_part_proves_only_a_count_already_passed(comparison, part, whole, of_all_years, of_some):
    assert holds(comparison, Decimal(100), part, whole, True) is of_all_years
    assert holds(comparison, Decimal(100), part, whole, False) is of_some


@pytest.mark.parametrize(("stated", "is_rate"), [("-1", False), ("101", True), ("12.5", False)])
def test_numbers_nobody_can_have_said(stated, is_rate):
    with pytest.raises(DomainError):
        check_stated(Decimal(stated), is_rate)


def test_words_of_numbers_and_years():
    assert years_text([2015, 2016, 2018]) == "2015–2016, 2018"
    assert years_text([]) == ""
    assert number_text(1716, None) == "1.716"
    assert number_text(1716, 2232) == "76,88% (1.716/2.232)"
    assert number_text(0, 0) == "không có mẫu số (0/0)"


@pytest.fixture
def held(cast):
    """Two meetings of commune A1 in 2016."""
    rule = make_rule(cast.tree.province)
    for code in ("2016-01", "2016-02"):
        day = Period.parse(code).first + timedelta(days=20)
        occurrence = make_occurrence(rule, cast.tree.a1, code, met_on=day)
        make_meeting(cast.tree.a1, day, occurrence)
    tallies.rebuild()
    return cast


def typed(place, **changes):
    return {
        "words": "Năm 2016 tổ chức hơn 1 hội nghị",
        "source": "Báo cáo năm 2016",
        "unit": place.key,
        "period": "2016",
        "measure": "commune_meetings",
        "over": "",
        "less": "",
        "comparison": "over",
        "stated": "1",
        "boundaries": "then",
        "request_id": "r1",
    } | changes


def pinned(cast, **changes):
    facts = {"words": "Hơn 1 hội nghị", "unit": cast.tree.a1, "measure": "commune_meetings", "period": "2016"}
    draft = ClaimDraft(**facts | {"comparison": "over", "stated": Decimal(1)} | changes)
    return pin_claim(draft, actor=cast.commune, today=timezone.localdate())


def test_pinned_once_and_shown_with_its_numbers(held, signed_in):
    browser = signed_in(held.commune)
    assert browser.get(NEW).status_code == 200
    first = browser.post(NEW, typed(held.tree.a1))
    again = browser.post(NEW, typed(held.tree.a1))
    claim = Claim.objects.get()
    assert first["Location"] == again["Location"] == f"{LIST}{claim.pk}/"
    assert (claim.pinned_part, claim.pinned_whole, claim.is_supported) == (2, None, True)
    assert (claim.commune_id, claim.district_id) == (held.tree.a1.pk, held.tree.a.pk)
    page = browser.get(first["Location"]).content.decode()
    assert "Số liệu hôm nay đỡ câu này" in page
    link = re.search(r'href="(/hoi-nghi/[^"]+)"', page)[1].replace("&amp;", "&")
    assert 'data-total="2"' in browser.get(link).content.decode()
    line = Activity.objects.get(verb="claim.pin")
    assert line.after["pinned_part"] == 2
    assert "words" not in line.after


def test_a_rate_keeps_part_and_whole(held, signed_in):
    browser = signed_in(held.commune)
    facts = {"measure": "commune_occurrences_held", "over": "commune_expected", "comparison": "exactly"}
    answer = browser.post(NEW, typed(held.tree.a1, **facts, stated="100"))
    claim = Claim.objects.get()
    assert (claim.pinned_part, claim.pinned_whole, claim.is_supported) == (2, 2, True)
    assert "100% (2/2)" in browser.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"words": ""}, "Nhập câu có số liệu"),
        ({"measure": ""}, "Chọn số đo"),
        ({"measure": "x"}, "không có trong danh sách"),
        ({"stated": "nhiều"}, "bằng chữ số"),
        ({"stated": "-1"}, "không được âm"),
        ({"stated": "1,5"}, "Số đếm là số nguyên"),
        ({"over": "commune_expected"}, "cùng đơn vị tính"),
        ({"over": "commune_meetings"}, "trên chính nó"),
        ({"less": "commune_thematic"}, "chọn “Trên tổng” trước"),
        ({"over": "commune_extra", "stated": "120"}, "Tỷ lệ không quá 100"),
        ({"period": "2016-13"}, "không đọc được"),
        ({"period": "2099"}, "chưa bắt đầu"),
        ({"measure": "district_meetings", "period": "2016-01"}, "theo quý và năm"),
        ({"unit": "district-901-20140101"}, "không có trong danh sách"),
    ],
)
def test_what_cannot_be_pinned_says_why(held, signed_in, changes, words):
    answer = signed_in(held.commune).post(NEW, typed(held.tree.a1, **changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Claim.objects.exists()


def test_others_do_not_see_it(held, signed_in):
    claim = pinned(held)
    path = claim.get_absolute_url()
    for user in (held.commune_leader, held.leader, held.specialist, held.head):
        assert signed_in(user).get(path).status_code == 200
    for user in (held.other_commune, held.other_leader, held.outsider):
        assert signed_in(user).get(path).status_code == 404
        assert signed_in(user).post(f"{path}bo-ghim/", {"version": 1}).status_code == 404
        assert 'data-total="0"' in signed_in(user).get(LIST).content.decode()
    for user in (held.agency, held.cadre, held.admin, held.village):
        for address in (path, LIST, NEW):
            assert signed_in(user).get(address).status_code == 403
    with pytest.raises(NotAllowed):
        pin_claim(
            ClaimDraft("Câu", held.tree.a1, "commune_meetings", "over", Decimal(1), "2016"),
            actor=held.other_commune,
            today=timezone.localdate(),
        )


def test_withdrawn_once(held, signed_in):
    claim, browser = pinned(held), signed_in(held.commune)
    path = claim.get_absolute_url()
    assert browser.get(f"{path}bo-ghim/").status_code == 405
    assert browser.post(f"{path}bo-ghim/", {"version": 7}).status_code == 409
    empty = browser.post(f"{path}bo-ghim/", {"version": ""})
    assert (empty.status_code, "Biểu mẫu này đã cũ" in empty.content.decode()) == (422, True)
    assert browser.post(f"{path}bo-ghim/", {"version": 1}).status_code == 302
    assert browser.post(f"{path}bo-ghim/", {"version": 2}).status_code == 422
    assert 'data-total="0"' in browser.get(LIST).content.decode()
    assert 'data-total="1"' in browser.get(f"{LIST}?xem=bo-ghim").content.decode()
    assert "Đã bỏ ghim ngày" in browser.get(path).content.decode()
    Meeting.objects.all().delete()
    tallies.rebuild()
    assert check_claims(timezone.localdate()) == 0


def test_the_night_tells_once_when_the_figures_move(held, signed_in):
    first, other = pinned(held), pinned(held, stated=Decimal(0))
    today = timezone.localdate()
    assert check_claims(today) == 0
    Meeting.objects.order_by("pk").last().delete()
    tallies.rebuild()
    tomorrow = today + timedelta(days=1)
    assert [check_claims(tomorrow), check_claims(tomorrow), check_claims(tomorrow + timedelta(days=1))] == [1, 0, 0]
    notice = Notice.objects.get(recipient=held.commune)
    assert "không còn đỡ" in notice.text
    assert notice.url == first.get_absolute_url()
    browser = signed_in(held.commune)
    page = browser.get(LIST).content.decode()
    assert page.index(first.get_absolute_url()) < page.index(other.get_absolute_url())
    assert "1 câu mà số liệu không đỡ" in page
    assert "Số liệu hôm nay không còn đỡ câu này" in browser.get(first.get_absolute_url()).content.decode()
    first.refresh_from_db()
    assert (first.checked_part, first.pinned_part, first.is_supported) == (1, 2, False)


def test_what_never_held_is_said_otherwise(held, signed_in):
    claim, browser = pinned(held, stated=Decimal(500), comparison="nearly"), signed_in(held.commune)
    assert "Số liệu chưa đỡ câu này" in browser.get(claim.get_absolute_url()).content.decode()
    assert "Số liệu chưa đỡ câu này" in browser.get(LIST).content.decode()
    assert check_claims(timezone.localdate()) == 0
    assert not Notice.objects.exists()


def test_a_range_says_which_years_are_known(held, signed_in):
    claim = pinned(held, period="2014..2017")
    page = signed_in(held.commune).get(claim.get_absolute_url()).content.decode()
    assert "Hệ thống có số liệu của đơn vị trong: 2016." in page
    assert "Chưa có số liệu của: 2014–2015, 2017." in page
    assert "Số liệu hôm nay đỡ câu này" in page


def test_years_without_figures_make_it_neither_true_nor_false(held, signed_in):
    claim, browser = pinned(held, period="2014..2017", comparison="exactly", stated=Decimal(2)), signed_in(held.commune)
    assert (claim.is_supported, claim.is_complete) == (False, False)
    assert "Chưa đủ dữ liệu để nói câu này đúng hay sai: đếm được 2" in browser.get(claim.get_absolute_url()).text
    page = browser.get(LIST).text
    assert "Chưa đủ dữ liệu" in page
    assert "số liệu không đỡ" not in page
    assert check_claims(timezone.localdate()) == 0


def test_restricted_opinions_count_and_are_not_shown(held, signed_in):
    make_opinion(held.tree.a1, visibility="restricted", text="Điều phải giữ kín", raised_on=timezone.localdate())
    claim = pinned(held, measure="opinions_received", period=str(timezone.localdate().year), comparison="about")
    page = signed_in(held.commune).get(claim.get_absolute_url()).content.decode()
    assert "Điều phải giữ kín" not in page


def test_the_list_asks_the_same_for_one_and_three(held, signed_in):
    browser, counts = signed_in(held.commune), []
    for number in (1, 3):
        while Claim.objects.count() < number:
            pinned(held)
        browser.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            browser.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]
