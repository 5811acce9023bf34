"""What every template, script and style of the product keeps to."""

import hashlib
import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template.loader import render_to_string

from core.forms import GuidedForm

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
STATIC = settings.BASE_DIR / "static"
OWN_FILES = sorted(path for path in STATIC.rglob("*") if path.suffix in (".css", ".js") and "vendor" not in path.parts)
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|\shx-on", re.IGNORECASE)
TAG = re.compile(r"\{%.*?%\}", re.DOTALL)


def test_there_are_templates_and_files_to_look_at():
    assert len(TEMPLATES) > 20
    assert len(OWN_FILES) > 8


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_carries_code_or_style(path):
    assert not INLINE.findall(TAG.sub("%", path.read_text()))


@pytest.mark.parametrize("path", TEMPLATES + OWN_FILES, ids=lambda path: path.name)
def test_nothing_is_fetched_from_elsewhere(path):
    text = path.read_text()
    assert not re.search(r"""(?:src|href|url|import|fetch)\s*[=(]\s*["']?(?:https?:)?//""", text)
    assert "sourceMappingURL" not in text


def test_vendored_files_are_those_written_down():
    listed = re.findall(r"\| `(\S+)` \|[^|]*\| `([0-9a-f]{64})` \|", (STATIC / "vendor" / "VENDOR.md").read_text())
    assert len(listed) == 2
    for name, digest in listed:
        content = (STATIC / "vendor" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert b"sourceMappingURL" not in content
        assert (STATIC / "vendor" / Path(name).parent / "LICENSE").is_file()


class MeetingForm(GuidedForm):
    held_on = forms.DateField(label="Ngày họp")
    present = forms.IntegerField(label="Số người có mặt", min_value=0)
    kind = forms.ChoiceField(label="Loại hội nghị", choices=[("A", "Định kỳ")], widget=forms.RadioSelect)
    title = forms.CharField(label="Tên", max_length=5)
    place = forms.CharField(label="Nơi họp", error_messages={"required": "Chọn nơi họp của xã."})


def test_errors_say_how_to_fix_them():
    form = MeetingForm({"held_on": "31/02/2026", "present": "-1", "kind": "B", "title": "quá dài"})
    assert {name: errors[0] for name, errors in form.errors.items()} == {
        "held_on": "Nhập ngày họp dạng ngày/tháng/năm, ví dụ 25/11/2026.",
        "present": "Số người có mặt nhỏ quá: nhập ít nhất là 0.",
        "kind": "Loại hội nghị vừa chọn không có trong danh sách; mời chọn lại.",
        "title": "Tên dài quá: viết trong 5 ký tự (đang có 7).",
        "place": "Chọn nơi họp của xã.",
    }
    assert MeetingForm({}).errors["held_on"] == ["Nhập ngày họp."]
    assert MeetingForm({}).errors["kind"] == ["Chọn loại hội nghị."]


def test_the_summary_links_to_each_field_and_the_field_says_the_same():
    form = MeetingForm({"held_on": "mai", "present": "3", "title": "Họp"})
    summary = render_to_string("components/_errors.html", {"form": form})
    assert 'role="alert"' in summary
    assert '<a href="#id_held_on">Nhập ngày họp dạng ngày/tháng/năm, ví dụ 25/11/2026.</a>' in summary
    assert '<a href="#id_kind_0">Chọn loại hội nghị.</a>' in summary
    field = render_to_string("components/_field.html", {"field": form["held_on"]})
    assert 'aria-describedby="id_held_on_error"' in field
    assert 'aria-invalid="true"' in field
    assert 'id="id_held_on_error"' in field
    assert "ví dụ 25/11/2026." in field
    choices = render_to_string("components/_field.html", {"field": form["kind"]})
    assert choices.count("<legend") == 1
    assert choices.count('type="radio"') == 1


def test_a_form_without_errors_has_no_summary():
    assert "alert" not in render_to_string("components/_errors.html", {"form": MeetingForm()})


class NameForm(GuidedForm):
    name = forms.CharField(label="Họ và tên")


def test_rows_of_a_formset_are_named_by_their_number():
    sent = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-name": "An", "form-1-name": " "}
    rows = forms.formset_factory(NameForm)(sent)
    rows.forms[1].empty_permitted = False
    summary = render_to_string("components/_errors.html", {"formset": rows})
    assert '<a href="#id_form-1-name">Dòng 2: Nhập họ và tên.</a>' in summary


def test_a_heat_cell_is_a_word_and_a_link():
    cell = {"text": "thiếu", "class": "heat-missing", "url": "/hoi-nghi/?thang=1"}
    table = {"caption": "Năm 2016", "columns": [{"text": "T1"}], "rows": [{"head": "Xã <b>A</b>", "cells": [cell]}]}
    html = render_to_string("components/_heat_table.html", table)
    assert re.search(r'<td class="heat-missing">\s*<a href="/hoi-nghi/\?thang=1">thiếu</a></td>', html)
    assert "Xã &lt;b&gt;A&lt;/b&gt;" in html


@pytest.mark.parametrize("name", ["400.html", "429.html", "500.html", "503.html"])
def test_refusals_render_without_a_request(name):
    html = render_to_string(name)
    assert 'role="alert"' in html
    assert 'id="main"' in html


def test_the_style_guide_is_for_administrators(cast, signed_in):
    answer = signed_in(cast.admin).get("/kieu-dang/")
    assert answer.status_code == 200
    assert not INLINE.findall(answer.content.decode())
    assert signed_in(cast.commune).get("/kieu-dang/").status_code == 403


def test_typing_renews_the_session_and_a_stranger_is_sent_to_sign_in(cast, signed_in, client):
    assert signed_in(cast.commune).post("/phien/").status_code == 204
    assert signed_in(cast.commune).get("/phien/").status_code == 405
    assert client.post("/phien/").status_code == 302


SHEETS = sorted(path for path in OWN_FILES if path.suffix == ".css")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
LATE = re.compile(r"var\(--late")
LATE_NAMES = re.compile(r"late|error|danger|invalid|refusal|missing|problem")


@pytest.mark.parametrize("sheet", [path for path in SHEETS if path.name != "tokens.css"], ids=lambda path: path.name)
def test_no_colour_stands_outside_the_tokens(sheet):
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.S)
    assert COLOUR.findall(text) == []
    named = set(re.findall(r"var\((--[a-z][a-z0-9-]*)", text))
    tokens = set(re.findall(r"(--[a-z][a-z0-9-]*):", (STATIC / "css" / "tokens.css").read_text("utf-8")))
    own = set(re.findall(r"(--[a-z][a-z0-9-]*):", text))
    assert {name for name in named - tokens - own if not name.startswith("--bs-")} == set()


def test_both_themes_name_the_same_colours():
    light, dark = (STATIC / "css" / "tokens.css").read_text("utf-8").split("@media screen", 1)
    coloured = re.compile(r"(--[a-z][a-z0-9-]*): (?:#|rgb)")
    shared = {"--focus", "--focus-ink", "--paper", "--paper-ink", "--paper-line", "--paper-desk"}
    assert set(coloured.findall(light)) - shared == set(coloured.findall(dark))


def test_red_says_late_or_wrong_and_nothing_else():
    found = [
        rule.strip()
        for sheet in SHEETS
        for rule, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet.read_text("utf-8"))
        if LATE.search(body) and not LATE_NAMES.search(rule)
    ]
    assert found == []


def _luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


PAIRS = (
    *(("ink", "surface"), ("muted", "surface"), ("muted", "ground"), ("accent", "surface"), ("accent", "ground")),
    *(("on-accent", "accent"), ("on-late", "late"), ("late", "surface"), ("late-strong", "late-pale")),
    *(("soon", "soon-pale"), ("soon", "surface"), ("waiting", "waiting-pale"), ("waiting", "surface")),
    *(("done", "done-pale"), ("done", "surface"), ("progress", "progress-pale"), ("progress", "surface")),
    *(("restricted", "restricted-pale"), ("made-up", "made-up-pale"), ("on-scale", "scale-4"), ("on-scale", "scale-5")),
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_words_stand_out_from_their_ground(theme, text, ground):
    light, dark = (STATIC / "css" / "tokens.css").read_text("utf-8").split("@media screen", 1)
    colours = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", light))
    if theme == "dark":
        colours |= dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", dark))
    one, other = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
    assert (one + 0.05) / (other + 0.05) >= 4.5
