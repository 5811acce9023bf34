"""How figures, days and names are written."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Engine, Template
from django.test import RequestFactory

from core import display
from core.charts import bars_of, grid_of, marks_of, round_top
from core.loaders import without_layout
from core.periods import Period


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (1716, "1.716"), (52831, "52.831"), (-1200, "-1.200"), (Decimal("52831.5"), "52.831,5"),
     (Decimal("31.0"), "31"), (None, ""), ("", "")],
)  # fmt: skip
def test_numbers_are_grouped_by_points(value, text):
    assert display.group_digits(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "digits", "text"),
    [(1716, 2232, 1, "76,9%"), (1716, 2232, 2, "76,88%"), (55, 56, 1, "98,2%"), (1, 2, 0, "50%"), (1, 8, 1, "12,5%"),
     (0, 5, 1, "0,0%"), (3, 0, 1, ""), (None, 5, 1, ""), (1, None, 1, "")],
)  # fmt: skip
def test_percent_has_a_comma_and_nothing_without_a_whole(part, whole, digits, text):
    assert display.percent_of(part, whole, digits) == text


def test_days_and_moments_are_read_in_vietnam():
    last_minute = datetime(2016, 12, 31, 17, 30, tzinfo=UTC)
    assert display.day_text(last_minute) == "01/01/2017"
    assert display.moment_text(last_minute) == "00:30 01/01/2017"
    assert display.clock_text(last_minute) == "00:30"
    assert display.day_text(date(2026, 3, 5)) == "05/03/2026"
    assert (
        display.day_text(None)
        == display.moment_text(None)
        == display.clock_text(None)
        == display.long_day_text(None)
        == ""
    )


@pytest.mark.parametrize(
    ("day", "text"),
    [(date(2026, 11, 21), "ngày 21 tháng 11 năm 2026"), (date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
     (date(2026, 3, 5), "ngày 05 tháng 3 năm 2026")],
)  # fmt: skip
def test_official_long_day(day, text):
    assert display.long_day_text(day) == text


@pytest.mark.parametrize(
    ("name", "short", "letters"),
    [("Nguyễn Văn An", "N.V. An", "NA"), ("Đặng Thị Ánh Tuyết", "Đ.T.Á. Tuyết", "ĐT"), ("An", "An", "A"), ("", "", ""),
     (None, "", "")],
)  # fmt: skip
def test_names_are_shortened_before_the_given_name(name, short, letters):
    assert display.short_person_name(name) == short
    assert display.person_initials(name) == letters


@pytest.mark.parametrize(
    ("due", "text"),
    [(date(2026, 11, 16), "Quá hạn 5 ngày"), (date(2026, 11, 21), "Hạn hôm nay"), (date(2026, 11, 24), "Còn 3 ngày"),
     (date(2022, 1, 1), "Quá hạn 1.785 ngày"), (None, "")],
)  # fmt: skip
def test_due_days_in_words(due, text):
    assert display.due_text(due, date(2026, 11, 21)) == text


@pytest.mark.parametrize(("size", "text"), [(0, "0 byte"), (2048, "2 KB"), (1_572_864, "1,5 MB"), (None, "")])
def test_file_sizes(size, text):
    assert display.size_text(size) == text


def test_the_longest_bar_is_the_whole_width():
    bars = bars_of([{"label": "Đất đai", "value": 200}, {"label": "Điện", "value": 50, "text": "50 ý kiến"}])
    assert [(bar.share, bar.text) for bar in bars] == [("100.00%", "200"), ("25.00%", "50 ý kiến")]
    assert bars_of([{"label": "Trống", "value": 0}])[0].share == "0%"


@pytest.mark.parametrize(("value", "top"), [(0, 4), (4, 4), (7, 10), (11, 20), (201, 250), (2600, 5000), (9700, 10000)])
def test_the_scale_ends_at_a_round_figure(value, top):
    assert round_top(value) == top


def test_a_line_stays_inside_its_frame():
    series = [{"label": str(year), "value": (year - 1990) ** 2} for year in range(1990, 2027)]
    marks = marks_of(series)
    assert all(0 <= mark.x <= 640 and 0 <= mark.y <= 260 for mark in marks)
    assert sum(mark.labelled for mark in marks) <= 8
    assert marks_of([]) == []
    assert [text for _, text in grid_of([{"label": "2016", "value": 1000}])] == ["0", "250", "500", "750", "1.000"]


def _render(source, query="", **values):
    values["request"] = RequestFactory().get(f"/bao-cao/{query}")
    return Template("{% load giaoban %}" + source).render(Context(values))


def test_keys_and_years_are_never_grouped():
    assert _render("{{ pk|unlocalize }} {{ pk|number }}", pk=12345) == "12345 12.345"


def test_the_period_picker_keeps_the_filters_and_drops_the_page():
    html = _render("{% period_picker period %}", "?ky=2016-Q1&topic=LAND&sau=77", period=Period.parse("2016-Q1"))
    assert "ky=2015-Q4&amp;topic=LAND" in html
    assert "ky=2016-Q2&amp;topic=LAND" in html
    assert '<input type="hidden" name="topic" value="LAND">' in html
    assert "sau=" not in html
    assert '<option value="2016-Q1" selected>Quý I/2016</option>' in html


def test_the_period_picker_reaches_this_year():
    html = _render("{% period_picker period kinds='year' %}", period=Period.parse("2016"), today=date(2026, 1, 1))
    assert '<option value="2026">' in html
    assert "Tháng" not in html


@pytest.mark.parametrize(("year", "arrows"), [("2013", ["2014"]), ("2014", ["2013", "2015"]), ("2015", ["2014"])])
def test_the_period_picker_leads_nowhere_the_page_does_not_answer(year, arrows):
    template = "{% period_picker period kinds='year' bounds=bounds %}"
    html = _render(template, period=Period.parse(year), bounds=(2013, 2015))
    assert re.findall(r'href="\?ky=(\d+)"', html) == arrows
    assert re.findall(r'<option value="(\d+)"', html) == ["2015", "2014", "2013"]


class TopicFilter(forms.Form):
    topic = forms.CharField(required=False)


def test_filters_keep_the_period_and_the_tab_but_not_the_page():
    source = "{% include 'components/_filters.html' with form=form %}"
    html = _render(source, "?ky=2016&nhom=qua-han&topic=LAND&sau=77", form=TopicFilter({"topic": "LAND"}))
    assert '<input type="hidden" name="ky" value="2016">' in html
    assert '<input type="hidden" name="nhom" value="qua-han">' in html
    assert '<a href="/bao-cao/?ky=2016&amp;nhom=qua-han">' in html
    assert html.count('name="topic"') == 1
    assert "77" not in html


def test_templates_are_sent_without_the_layout_of_their_source(tmp_path):
    """Line breaks between attributes and words are one space; what a value holds keeps its own."""
    (tmp_path / "page.html").write_text('<p\n   class="a"\n   id="b">\n  {{ text }}\n\n  end\n</p>\n', "utf-8")
    (tmp_path / "mail.txt").write_text("one\n  two\n", "utf-8")
    engine = Engine(loaders=[("core.loaders.Loader", [tmp_path])])
    assert engine.get_template("page.html").render(Context({"text": "x\n  y"})) == '<p class="a" id="b">x\n  y end</p>'
    assert engine.get_template("mail.txt").render(Context()) == "one\n  two\n"


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ("<td>\n  <a>x</a>\n</td>\n<td>", "<td><a>x</a></td><td>"),
        ("<b>a</b>\n<i>c</i>", "<b>a</b> <i>c</i>"),
        ("a\n  b", "a b"),
        ("{% if a %}\n  <tr>\n", "{% if a %}<tr>"),
        ("<label>\n  A", "<label> A"),
    ],
)
def test_layout_is_nothing_beside_a_block_and_one_space_elsewhere(source, sent):
    assert without_layout(source) == sent
