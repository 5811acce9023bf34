"""Yearly sheets: opened once, own words, the remark, the signature that freezes the figures; paper and rights."""

from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document

from conftest import make_user
from core.errors import DomainError
from feedback.models import Opinion, Topic
from feedback.thread.raising import raise_opinion
from feedback.thread.recording import OpinionDraft
from journal.models import Notice
from visits.helped.rules import check_signing
from visits.models import Visit, YearlySheet
from visits.sheets.reads import sheet_tasks, year_facts
from visits.sheets.services import open_sheets, sign_sheet, write_remark
from visits.tests.builders import make_assignment, make_cadre, make_helped, make_norm, make_visit

YEAR = timezone.localdate().year - 1
LATER = date(YEAR + 1, 1, 20)


@pytest.fixture
def post(cast):
    return cast.cadre.person.posts.get()


@pytest.fixture
def went(cast, post):
    """A cadre with twelve turns due and two done, one visit outside the assignment."""
    make_norm(cast.tree.province)
    assignment = make_assignment(post, cast.tree.a1, date(YEAR, 1, 1))
    for month, status in ((2, "confirmed"), (3, "questioned")):
        make_visit(post, cast.tree.villages[0], date(YEAR, month, 5), assignment, status=status, findings="Đường hỏng.")
    make_visit(post, cast.tree.a2, date(YEAR, 5, 5))
    Visit.objects.filter(assignment=None).update(logged_at=timezone.make_aware(timezone.datetime(YEAR, 5, 7, 9)))
    return post


@pytest.fixture
def sheet(cast, went):
    open_sheets(cast.tree.a, YEAR, actor=cast.district, today=LATER)
    return YearlySheet.objects.get()


def words(prefix, text, version=1):
    return {f"{prefix}-text": text, f"{prefix}-version": version}


def test_sheets_are_opened_once_for_those_who_have_none(cast, signed_in, went):
    make_assignment(make_cadre(cast.tree.a, "Đỗ Thị Hai"), cast.tree.a2, date(YEAR, 6, 1))
    browser, url = signed_in(cast.leader), f"{reverse('yearly_sheet_list')}?ky={YEAR}"
    page = browser.get(url)
    assert (page.context["total"], page.context["without"]) == (2, 2)
    first = {row["name"]: row for row in page.context["rows"]}[cast.cadre.person.name]
    assert (first["done"], first["due"], first["visits"], first["outside"]) == (2, 12, 3, 1)
    for number in (2, 0):
        answer = browser.post(page.context["open_url"], follow=True)
        assert ("Đã lập 2 phiếu" if number else "Không còn ai") in answer.content.decode()
    sheets = YearlySheet.objects.order_by("person__sort_key")
    assert {(each.unit, each.level, each.district, each.state) for each in sheets} == {
        (cast.tree.a, "district", cast.tree.a, "draft")
    }
    assert sheets.count() == 2


def test_a_cadre_opens_the_own_sheet_and_sees_no_other(cast, signed_in, went):
    make_assignment(make_cadre(cast.tree.a, "Đỗ Thị Hai"), cast.tree.a2, date(YEAR, 6, 1))
    browser = signed_in(cast.cadre)
    page = browser.get(f"{reverse('yearly_sheet_list')}?ky={YEAR}")
    assert [row["name"] for row in page.context["rows"]] == [cast.cadre.person.name]
    assert browser.post(page.context["open_url"]).status_code == 302
    assert [each.person for each in YearlySheet.objects.all()] == [cast.cadre.person]


def test_a_sheet_of_a_year_to_come_is_refused(cast, signed_in, went):
    url = f"{reverse('yearly_sheet_open')}?don-vi={cast.tree.a.key}&ky={YEAR + 5}"
    answer = signed_in(cast.leader).post(url)
    assert (answer.status_code, "Chưa lập được phiếu" in answer.content.decode()) == (422, True)


def test_the_figures_say_what_was_done(cast, went):
    make_helped(cast.tree.villages[1], went, date(YEAR, 4, 1))
    visit = Visit.objects.filter(status="confirmed").get()
    draft = OpinionDraft(text="Đường hỏng.", topic_id=Topic.objects.get(code="LAND").pk, competence="commune")
    for visibility in ("normal", "restricted"):
        opinion = raise_opinion(
            draft, origin="visit", origin_id=visit.pk, unit=cast.tree.a1, place_unit=visit.unit,
            raised_on=visit.visited_on, source_key=str(uuid4()), actor=cast.cadre, today=LATER,
        )  # fmt: skip
        Opinion.objects.filter(pk=opinion.pk).update(visibility=visibility)
    facts = year_facts(went.person_id, cast.tree.a.pk, YEAR, LATER)
    wanted = {
        "turns_due": 12, "turns_done": 2, "short": 10, "exempt": 0, "visits": 3, "outside": 1, "places": 2,
        "confirmed": 1, "questioned": 1, "unconfirmed": 1, "finding_visits": 2, "logged_soon": 1, "raised": 2,
        "answered": 0, "answered_in_time": 0, "late": 2, "helped": 1, "checks_asked": 3, "checks_made": 0,
        "everywhere": 3,
    }  # fmt: skip
    assert {name: facts[name] for name in wanted} == wanted


def test_words_are_written_by_those_whose_words_they_are(cast, signed_in, sheet):
    own, remark = (reverse(f"yearly_sheet_{name}", args=[sheet.pk]) for name in ("own_words", "remark"))
    cadre, leader = signed_in(cast.cadre), signed_in(cast.leader)
    assert signed_in(cast.leader).post(own, words("own", "Tôi đã đi đủ.")).status_code == 403
    assert signed_in(cast.district).post(remark, words("remark", "Tốt.")).status_code == 403
    assert cadre.post(remark, words("remark", "Tự khen.")).status_code == 403
    assert cadre.post(own, words("own", "")).status_code == 422
    assert "bí mật nhà nước" in cadre.post(own, words("own", "Tài liệu tối mật")).content.decode()
    assert cadre.post(own, words("own", "Tôi đã đi đủ.")).status_code == 302
    stale = cadre.post(own, words("own", "Bản thứ hai."))
    page = stale.content.decode()
    assert (stale.status_code, stale.context["own_form"]["version"].value()) == (409, "2")
    assert ("Bản thứ hai." in page, "Tôi đã đi đủ." in page, "chưa ghi đè" in page) == (True, True, True)
    stale = leader.post(remark, words("remark", "Cần ghi kịp thời hơn."))
    assert (stale.status_code, stale.context["remark_form"]["version"].value()) == (409, "2")
    assert "Cần ghi kịp thời hơn." in stale.content.decode()
    assert leader.post(remark, words("remark", "Cần ghi kịp thời hơn.", 2)).status_code == 302
    sheet.refresh_from_db()
    assert (sheet.own_words, sheet.remark) == ("Tôi đã đi đủ.", "Cần ghi kịp thời hơn.")
    for name in ("detail", "print"):
        url = reverse(f"yearly_sheet_{name}", args=[sheet.pk])
        assert "Cần ghi kịp thời hơn." not in cadre.get(url).content.decode()
        assert "Cần ghi kịp thời hơn." in signed_in(cast.district).get(url).content.decode()


def test_a_signature_freezes_the_figures_and_later_changes_show(cast, signed_in, sheet, went):
    url, leader = reverse("yearly_sheet_sign", args=[sheet.pk]), signed_in(cast.leader)
    refused = leader.post(url, {"version": 1})
    assert (refused.status_code, "Nhập nhận xét" in refused.content.decode()) == (422, True)
    write_remark(sheet.pk, actor=cast.leader, version=1, text="Hoàn thành.")
    assert signed_in(cast.district).post(url, {"version": 2}).status_code == 403
    assert signed_in(cast.other_leader).post(url, {"version": 2}).status_code == 404
    assert leader.post(url, {"version": 1}).status_code == 409
    assert leader.post(url, {"version": 2}).status_code == 302
    sheet.refresh_from_db()
    assert (sheet.state, sheet.facts["figures"]["visits"]) == ("signed", 3)
    assert sheet.signed_by_name.startswith(cast.leader.person.name)
    assert Notice.objects.filter(recipient=cast.cadre, key=f"yearly-sheet-{sheet.pk}-signed").exists()
    assert leader.post(url, {"version": 3}).status_code == 403
    own = reverse("yearly_sheet_own_words", args=[sheet.pk])
    assert signed_in(cast.cadre).post(own, words("own", "Sửa lại.", 3)).status_code == 403
    assert signed_in(cast.cadre).get(sheet.get_absolute_url()).context["differences"] == []
    make_visit(went, cast.tree.a2, date(YEAR, 7, 7))
    page = signed_in(cast.cadre).get(sheet.get_absolute_url())
    changed = {each.label: (each.signed, each.now) for each in page.context["differences"]}
    assert changed["Lượt ngoài phân công"] == ("1", "2")
    assert next(line.text for line in page.context["lines"] if line.label == "Lượt ngoài phân công") == "1"
    assert "Hoàn thành." in page.content.decode()


def test_the_leader_of_the_own_unit_signs_and_never_for_oneself(cast, signed_in, went):
    leader = cast.leader.person.posts.get()
    make_assignment(leader, cast.tree.a2, date(YEAR, 1, 1))
    open_sheets(cast.tree.a, YEAR, actor=cast.leader, today=LATER)
    own = YearlySheet.objects.get(person=leader.person)
    url = reverse("yearly_sheet_remark", args=[own.pk])
    assert signed_in(cast.leader).post(url, words("remark", "Tự khen.")).status_code == 403
    assert signed_in(cast.province_leader).post(url, words("remark", "Tốt.")).status_code == 403
    second = make_user("phobithu", "leader", cast.tree.a)
    assert signed_in(second).post(url, words("remark", "Tốt.")).status_code == 302


@pytest.mark.parametrize(
    ("today", "remark", "is_refused"),
    [
        (date(2026, 10, 31), "Tốt.", True),
        (date(2026, 11, 1), "Tốt.", False),
        (date(2027, 2, 1), "Tốt.", False),
        (date(2027, 2, 1), "", True),
    ],
)
def test_when_a_sheet_may_be_signed(today, remark, is_refused):
    if is_refused:
        with pytest.raises(DomainError):
            check_signing(2026, remark, today)
    else:
        check_signing(2026, remark, today)


def test_strangers_see_no_sheet(cast, signed_in, sheet):
    for who in (cast.outsider, cast.other_leader, cast.commune):
        assert signed_in(who).get(sheet.get_absolute_url()).status_code == 404
        assert signed_in(who).get(reverse("yearly_sheet_download", args=[sheet.pk])).status_code == 404
    for who in (cast.agency, cast.admin, cast.village):
        assert signed_in(who).get(sheet.get_absolute_url()).status_code == 403
        assert signed_in(who).get(reverse("yearly_sheet_list")).context["total"] == 0


def test_paper_and_word_file_say_the_same(cast, signed_in, sheet):
    write_remark(sheet.pk, actor=cast.leader, version=1, text="Hoàn thành tốt.")
    sign_sheet(sheet.pk, actor=cast.leader, version=2, today=LATER)
    browser = signed_in(cast.cadre)
    page = browser.get(reverse("yearly_sheet_print", args=[sheet.pk])).content.decode()
    answer = browser.get(reverse("yearly_sheet_download", args=[sheet.pk]))
    file = Document(BytesIO(answer.content))
    text = "\n".join(each.text for each in file.paragraphs)
    text += "\n".join(cell.text for table in file.tables for row in table.rows for cell in row.cells)
    for words_of_it in ("PHIẾU NHẬN XÉT", "2/12; 10 kỳ còn thiếu", "Hoàn thành tốt.", cast.leader.person.name):
        assert words_of_it in page
        assert words_of_it in text
    assert "DỰ THẢO" not in text


def test_the_list_links_and_asks_as_much_for_three_as_for_one(cast, signed_in, went, django_assert_num_queries):
    browser, url = signed_in(cast.leader), f"{reverse('yearly_sheet_list')}?ky={YEAR}"
    browser.get(url)
    with django_assert_num_queries(15) as one:
        browser.get(url)
    for name in ("Đỗ Thị Hai", "Lê Văn Ba"):
        cadre = make_cadre(cast.tree.a, name)
        make_assignment(cadre, cast.tree.a2, date(YEAR, 6, 1))
        make_visit(cadre, cast.tree.a2, date(YEAR, 6, 1) + timedelta(days=3))
    with django_assert_num_queries(len(one)):
        assert browser.get(url).context["total"] == 3


def test_figures_link_to_as_many_visits(cast, signed_in, sheet):
    browser = signed_in(cast.leader)
    lines = {line.label: line for line in browser.get(sheet.get_absolute_url()).context["lines"]}
    for label, number in (("Lượt đi trong năm", 3), ("Lượt ngoài phân công", 1), ("Lượt cơ sở đề nghị xem lại", 1)):
        assert browser.get(lines[label].url).context["total"] == number


@pytest.mark.parametrize(
    ("today", "titles"),
    [
        (date(YEAR + 1, 1, 20), {"cadre": f"Viết tự nhận xét phiếu năm {YEAR}"}),
        (date(YEAR, 11, 1), {"cadre": f"Viết tự nhận xét phiếu năm {YEAR}"}),
        (date(YEAR, 10, 31), {}),
        (date(YEAR + 1, 4, 1), {}),
    ],
)
def test_sheets_wait_on_the_home_page_while_the_year_is_reviewed(cast, sheet, today, titles):
    found = {who: [task["title"] for task in sheet_tasks(getattr(cast, who), today)] for who in ("cadre", "leader")}
    assert {who: rows[0] for who, rows in found.items() if rows} == titles


def test_a_written_sheet_waits_for_the_leader(cast, signed_in, sheet):
    signed_in(cast.cadre).post(reverse("yearly_sheet_own_words", args=[sheet.pk]), words("own", "Tôi đã đi đủ."))
    assert sheet_tasks(cast.cadre, LATER) == []
    assert [task["title"] for task in sheet_tasks(cast.leader, LATER)] == [f"1 phiếu năm {YEAR} chờ nhận xét, ký"]
    assert sheet_tasks(cast.other_leader, LATER) == []
