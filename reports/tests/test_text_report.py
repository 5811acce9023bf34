"""The text report of a year: its sentences, its Word file with annexes, who reads it and who takes it away."""

import io
from datetime import date

import pytest
from docx import Document

from conftest import make_user
from core.models import Activity
from reports import sentences
from reports.figures import figures
from reports.tests.world import SECRET, fill, make_reform_tree
from reports.year_report import year_facts, year_paper

TODAY = date(2026, 11, 21)
NOTHING = ("None", "nan", "inf", "/0 ", "0/0", "tăng 0", "giảm 0")


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (1716, 1548, "So với năm 2015 (1.548 hội nghị), tăng 168 hội nghị (10,9%)."),
        (90, 100, "So với năm 2015 (100 hội nghị), giảm 10 hội nghị (10,0%)."),
        (12, 12, "So với năm 2015 (12 hội nghị), giữ nguyên."),
        (12, 4, "So với năm 2015 (4 hội nghị), tăng 8 hội nghị."),
        (5, 0, "Năm 2015 chưa có số liệu để so sánh."),
        (0, 0, ""),
    ],
)
def test_a_change_is_said_fairly(now, before, words):
    assert sentences.change(now, before, "hội nghị", 2015) == words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(1716, 2232, "76,88%"), (3, 4, "tính trên 4, không lấy tỷ lệ"), (0, 0, ""), (0, 10, "0,00%"), (10, 10, "100,00%")],
)
def test_no_share_of_a_small_number(part, whole, words):
    assert sentences.share(part, whole, 2) == words


@pytest.mark.parametrize(("now", "before", "answer"), [(12, 12, True), (12, 10, True), (12, 1, False), (0, 0, True)])
def test_half_a_year_is_not_compared(now, before, answer):
    assert sentences.is_comparable(now, before) is answer


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree, years=(2015, 2016))
    tree.head = make_user("truong", "province", tree.province)
    tree.leader = make_user("huyen", "leader", tree.a)
    tree.officer = make_user("xa", "commune", tree.a1)
    tree.other = make_user("xakhac", "commune", tree.b1)
    tree.cadre = make_user("canbo", "cadre", tree.a)
    return tree


def words_of(paper):
    return "\n".join(block.text for block in paper.blocks)


@pytest.mark.parametrize("unit", ["province", "a", "a1"])
@pytest.mark.parametrize("year", [2013, 2016, 2026])
def test_every_level_and_year_gets_whole_sentences(world, unit, year):
    facts = year_facts(getattr(world, unit), year, "then", TODAY)
    words = words_of(year_paper(facts))
    assert "II. KẾT QUẢ" in words
    assert "V. ĐỀ XUẤT, KIẾN NGHỊ" in words
    assert words.count("(phần đơn vị viết)") == 7
    assert not [each for each in NOTHING if each in words]
    assert SECRET not in words
    assert ("Hệ thống chưa có số liệu" in words) == (year != 2016)
    assert ("Số liệu tạm tính" in words) == (year == 2026)


def test_the_sentences_hold_the_figures(world):
    facts = year_facts(world.province, 2016, "then", TODAY)
    found = figures(world.province, facts.period, "then", TODAY)
    words = words_of(year_paper(facts))
    for word in ("commune_meetings", "district_meetings"):
        assert f"tổ chức {found[word]} hội nghị" in words
    assert f"còn thiếu {found['commune_missing']} kỳ" in words
    assert f"Tiếp nhận {found['opinions_received']} ý kiến" in words
    assert facts.hidden > 0
    assert f"Có {facts.hidden} ý kiến hạn chế xem" in words
    assert "hạn chế xem" not in [name.lower() for name, _ in facts.topics]
    assert "So với năm 2015" in words
    short = [row.cells["name"] for row in facts.tables["B1"].sections[0].rows]
    assert all(name in words for name in short)


def test_word_holds_the_text_and_the_annexes(world, signed_in):
    answer = signed_in(world.head).get("/bao-cao/nam/word/?ky=2016-03")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment;")
    document = Document(io.BytesIO(answer.content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for title in ("BIỂU 1.", "BIỂU 2.", "BIỂU 3.", "BIỂU 4."):
        assert title in text
    assert {section.orientation for section in document.sections} == {0, 1}
    assert Activity.objects.get(verb="report.table").after["table"] == "year_report"


def test_the_page_and_who_may(world, signed_in):
    page = signed_in(world.leader).get("/bao-cao/nam/?ky=2016").content.decode()
    assert "Tải bản Word" in page
    assert "Biểu 2." in page
    assert signed_in(world.leader).get(f"/bao-cao/nam/?ky=2016&don-vi={world.b.key}").status_code == 404
    assert signed_in(world.other).get(f"/bao-cao/nam/word/?ky=2016&don-vi={world.a1.key}").status_code == 404
    assert signed_in(world.cadre).get("/bao-cao/nam/").status_code == 403
    assert signed_in(world.officer).get("/bao-cao/nam/?ky=2016-Q1").status_code == 302


def test_statements_do_not_grow_with_the_units(world, signed_in, django_assert_max_num_queries):
    browser = signed_in(world.head)
    browser.get("/bao-cao/nam/?ky=2016")
    with django_assert_max_num_queries(86):
        browser.get("/bao-cao/nam/?ky=2016")
