"""The words of the pages: nothing that `docs/words.md` forbids, in templates and in the sentences of the code."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.test_architecture import FLOORS

ROOT = Path(settings.BASE_DIR)
PHRASES = re.compile(
    r"\b(ba mốc thời gian|cách tính theo đơn vị|ở cấp tôi|n nhỏ|trưởng khu khu|trưởng thôn thôn|trưởng bản bản)\b", re.I
)
FOREIGN = re.compile(
    r"(?<![\w./@-])(click|link|file|email|e-mail|dashboard|menu|tab|filter|reset|login|logout|password|download|upload|"
    r"import|export|online|offline|save|saved|success|error)(?![\w./@=(-])",
    re.I,
)
VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉĩọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹáàãéèíìóòõúùý]", re.I)
KEPT = re.compile(r"\(Save As\)|Save As")
"""The name of a command of Excel, quoted beside its Vietnamese one."""


def shown(template):
    """What a template says to a reader: its text, and the attributes that are read out."""
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", template, flags=re.S)
    said = re.findall(r'(?:title|placeholder|aria-label|data-label|alt)="([^"]*)"', text)
    return [*said, re.sub(r"<[^>]+>", " ", text), *re.findall(r'="([^"]*\s[^"]*)"', template)]


def sentences(path):
    """The Vietnamese string constants of a module, but its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        said = node.value if isinstance(node, ast.Constant) and id(node) not in documents else None
        if isinstance(said, str) and VIETNAMESE.search(said):
            yield KEPT.sub("", said)


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_no_template_uses_a_forbidden_word():
    assert len(TEMPLATES) > 200
    found = [
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path in TEMPLATES
        for text in shown(path.read_text("utf-8"))
        for hit in [*PHRASES.finditer(text), *(FOREIGN.finditer(text) if VIETNAMESE.search(text) else ())]
    ]
    assert found == []


@pytest.mark.parametrize("floor", [floor for floor in FLOORS if floor != "tools"])
def test_no_sentence_of_the_code_uses_a_forbidden_word(floor):
    paths = [path for path in (ROOT / floor).rglob("*.py") if not {"tests", "migrations"} & set(path.parts)]
    assert paths
    found = [
        f"{path.relative_to(ROOT)}: {hit.group()} in {text[:60]!r}"
        for path in paths
        for text in sentences(path)
        for hit in [*PHRASES.finditer(text), *FOREIGN.finditer(text)]
    ]
    assert found == []


@pytest.mark.parametrize(("text", "is_found"), [("Ở cấp tôi", True), ("Đơn vị tôi đang giữ", False)])
def test_what_the_phrases_find(text, is_found):
    assert bool(PHRASES.search(text)) is is_found


@pytest.mark.parametrize(
    ("text", "is_found"), [("Chọn file rồi gửi", True), ("Chọn tệp rồi gửi", False), ("Ghi tab_key=1", False)]
)
def test_what_the_foreign_words_find(text, is_found):
    assert bool(FOREIGN.search(text)) is is_found
