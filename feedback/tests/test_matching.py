"""The same matter or another one: the engine on single pairs and on the labelled file, and the measuring command."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from feedback.matching import THRESHOLD, Case, best_match, similarity
from feedback.matching.scoring import is_within_a_year

LABELLED = Path(__file__).parent / "data" / "wrong_level.jsonl"
DEVELOPMENT = 120
"""The first lines, on which the engine was tuned; the rest were written before and held out."""

SAME = [
    ("Đường trục thôn hư hỏng nặng, đề nghị sửa chữa", "Kính mong sớm sửa đường chính của thôn, nhiều ổ gà"),
    ("De nghi sua den duong dau thon bi hong", "Đèn chiếu sáng đầu thôn bị hỏng, bà con kiến nghị khắc phục"),
    ("Các hộ trong thôn chưa được cấp sổ đỏ", "Đề nghị xã cấp GCN QSDĐ cho các hộ"),
    ("xửa đường chục thôn bị hỏng", "Đường trục thôn hỏng nặng, đề nghị sửa chữa"),
    ("Cống rãnh đầu thôn tắc", "Rãnh thoát nước ở đầu thôn bị tắc gây ngập, đề nghị nạo vét"),
    ("NVH thôn dột nát, đề nghị sửa", "Nhà văn hoá thôn xuống cấp, mái dột, mong được sửa chữa"),
    ("Quốc lộ 18 đọng nước khi mưa", "Đề nghị xử lý đọng nước trên QL18"),
]
OTHER = [
    ("Đường trục thôn 3 hư hỏng, đề nghị sửa", "Đường trục thôn 5 hư hỏng, đề nghị sửa"),
    ("Cống số 1 bị hỏng cánh cửa", "Cống số 2 bị hỏng cánh cửa"),
    ("Trường mầm non dột mái, đề nghị sửa", "Trường tiểu học dột mái, đề nghị sửa"),
    ("Đường liên xã hư hỏng, đề nghị sửa", "Đường trục thôn hư hỏng, đề nghị sửa"),
    ("Cầu Khe Giữa gãy lan can, đề nghị sửa", "Cầu Đồng Mậu gãy lan can, đề nghị sửa"),
    ("nha ong an xay lan duong", "Nhà ông Bình xây lấn đường"),
    ("Đèn đường đã được sửa, nhân dân xin cảm ơn", "Đèn đường hỏng, đề nghị sửa"),
    ("Đề nghị không lắp trạm BTS gần khu dân cư", "Đề nghị lắp trạm BTS"),
    ("Trạm y tế thiếu thuốc", "Trạm y tế thiếu bác sĩ"),
    ("Đề nghị mở rộng đường trục thôn", "Đường trục thôn nhiều ổ gà, đề nghị sửa chữa"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_matter_in_other_words(one, other):
    assert similarity(one, other, "Thôn 3") >= THRESHOLD
    assert similarity(other, one, "Thôn 3") >= THRESHOLD


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_near_misses(one, other):
    assert similarity(one, other, "Thôn 3") < THRESHOLD
    assert similarity(other, one, "Thôn 3") < THRESHOLD


@pytest.mark.parametrize(
    ("raised", "settled", "answer"),
    [
        (date(2026, 3, 10), date(2026, 3, 10), True),
        (date(2026, 3, 9), date(2026, 3, 10), False),
        (date(2027, 3, 10), date(2026, 3, 10), True),
        (date(2027, 3, 11), date(2026, 3, 10), False),
        (date(2025, 2, 28), date(2024, 2, 29), True),
        (date(2025, 3, 1), date(2024, 2, 29), False),
    ],
)
def test_twelve_months_after_and_never_before(raised, settled, answer):
    assert is_within_a_year(raised, settled) is answer


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, 0),
        ({"village": "thon 3"}, 0),
        ({"village": ""}, 0),
        ({"village": "Thôn 4"}, None),
        ({"field": "Giao thông"}, 0),
        ({"field": "transport"}, 0),
        ({"field": ""}, 0),
        ({"on": date(2027, 4, 1)}, None),
        ({"on": date(2026, 1, 1)}, None),
    ],
)
def test_the_gates(changes, found):
    settled = Case("Đường trục thôn hư hỏng, đề nghị sửa chữa", "Thôn 3", "TRANSPORT", date(2026, 3, 10))
    facts = {"text": "Đề nghị sửa đường trục thôn", "village": "Thôn 3", "field": "TRANSPORT", "on": date(2026, 6, 1)}
    assert best_match(Case(**(facts | changes)), [settled]) == found


def test_of_equals_the_latest_settled_is_meant():
    days = (date(2026, 1, 5), date(2026, 3, 5), date(2026, 2, 5))
    settled = [Case("Đề nghị nạo vét kênh N2", "Thôn 1", "IRRIGATION", day) for day in days]
    assert best_match(Case("Đề nghị nạo vét kênh N2", "Thôn 1", "IRRIGATION", date(2026, 6, 1)), settled) == 1


@pytest.mark.parametrize("text", ["", "   ", "…", "123", "a" * 10_000, "\u0301", "Đề nghị"])
def test_any_text_can_be_read(text):
    assert 0 <= similarity(text, "Đường hỏng, đề nghị sửa", "") <= 1


def _evaluate(lines, tmp_path):
    file, out = tmp_path / "pairs.jsonl", StringIO()
    file.write_text("\n".join(lines), encoding="utf-8")
    call_command("evaluate_detector", str(file), "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("half", ["development", "held out"])
def test_precision_and_recall_on_both_halves(half, tmp_path):
    lines = LABELLED.read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 240
    assert sum(json.loads(line)["match"] is None for line in lines) >= 0.4 * len(lines)
    chosen = lines[:DEVELOPMENT] if half == "development" else lines[DEVELOPMENT:]
    figures = _evaluate(chosen, tmp_path)
    assert figures["n"] == len(chosen)
    assert figures["recall"] >= 0.9
    assert figures["precision"] >= 0.8


def test_a_wrong_index_is_a_false_alarm_and_a_miss(tmp_path):
    case = {"text": "Đề nghị sửa đường", "village": "Thôn 1", "field": "TRANSPORT", "on": "2026-03-01"}
    other = case | {"text": "Giá nước sạch cao"}
    line = json.dumps({"raised": case, "settled": [case, other], "match": 1})
    assert _evaluate([line], tmp_path) == {"n": 1, "tp": 0, "fp": 1, "fn": 1, "precision": 0.0, "recall": 0.0}


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        "{}",
        '{"raised": {"text": "a", "village": "b", "field": "c", "on": "1/2/2026"}, "settled": [], "match": null}',
        '{"raised": {"text": "a", "village": "b", "field": "c", "on": "2026-02-01"}, "settled": [], "match": 0}',
        '{"raised": {"text": 5, "village": "b", "field": "c", "on": "2026-02-01"}, "settled": [], "match": null}',
    ],
)
def test_a_broken_line_is_named(line, tmp_path):
    good = LABELLED.read_text(encoding="utf-8").splitlines()[0]
    with pytest.raises(CommandError, match="Dòng 2"):
        _evaluate([good, line], tmp_path)


def test_a_missing_or_empty_file_is_said(tmp_path):
    with pytest.raises(CommandError, match="Không đọc được"):
        call_command("evaluate_detector", str(tmp_path / "nothing.jsonl"))
    with pytest.raises(CommandError, match="không có dòng nào"):
        _evaluate([""], tmp_path)
