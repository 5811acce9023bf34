"""Every verb that the code writes into the activity log has Vietnamese words, and every act its sentence."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from core.activity import record
from feedback.enums import Verb
from feedback.tests.builders import make_opinion
from journal.sentences import ACTS, THINGS, target_words
from meetings.enums import TaskingStatus
from people.enums import title_at
from visits.enums import SituationState, VisitStatus

VERB = re.compile(r"[a-z_]+\.[a-z_]+")
NO_VERBS = {"conftest.py", "results.jsonl", "feedback.opinion", "meetings.meeting", "meetings.occurrence"}
NO_VERBS |= {"giaoban.access", "giaoban.periodic", "giaoban.claims", "meetings.called_off"}
COMPUTED = {
    "opinion": [verb.value for verb in Verb],
    "initiative": ["follow_up", "spread", "commend"],
    "matter": ["resolve", "explain", "accept", "decline", "escalate", "assign"],
    "tasking": [status.value for status in TaskingStatus],
    "visit": [status.value for status in VisitStatus],
    "situation": [state.value for state in SituationState],
    "yearly_sheet": ["own_words", "remark"],
}
"""Verbs whose second word is a value: f"opinion.{…}"."""


def written_verbs():
    """(verbs in the code, things whose verbs are computed)."""
    root, found, computed = Path(settings.BASE_DIR), set(), set()
    for path in root.glob("*/**/*.py"):
        parts = set(path.relative_to(root).parts)
        if parts & {"tests", "migrations", "tools", ".venv"} or "record" not in (source := path.read_text()):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and VERB.fullmatch(node.value):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                computed |= set(re.fullmatch(r"([a-z_]+)\.|.*", node.values[0].value, re.DOTALL).groups()) - {None}
    return found - NO_VERBS, computed


def test_every_verb_of_the_log_has_its_words():
    found, computed = written_verbs()
    assert "ledger.undo" in found
    assert computed == set(COMPUTED)
    found |= {f"{thing}.{act}" for thing, acts in COMPUTED.items() for act in acts}
    nameless = {verb for verb in found if verb.split(".")[0] not in THINGS or verb.split(".")[1] not in ACTS}
    assert nameless == set()


@pytest.mark.django_db
def test_the_log_says_what_a_line_is_about_and_shows_no_bare_number(cast, signed_in):
    opinion = make_opinion(cast.tree.a1)
    record(cast.commune.pk, "opinion.assign", opinion)
    record(cast.commune.pk, "user.disable", cast.commune)
    page = signed_in(cast.admin).get(reverse("activity_list")).content.decode()
    cells = re.findall(r'<td data-label="Về">([^<]*)</td>', page)
    assert cells == [cast.commune.username, f"YK-{opinion.pk}"]
    assert target_words("ledger.undo", "feedback.ledgerimport", 7) == "Sổ cũ từ Excel số 7"
    assert target_words("opinion.record", "meetings.meeting", 12) == "Hội nghị số 12"


@pytest.mark.parametrize("verb", list(Verb))
def test_every_act_on_an_opinion_says_in_its_own_words_that_it_is_done(verb):
    assert verb.done.startswith("đã ")
    assert verb.done.count("đã ") == 1
    assert "ghi nhận mức" not in verb.done


@pytest.mark.parametrize(
    ("title", "place", "expected"),
    [
        ("Trưởng khu", "Khu 1", "Trưởng Khu 1"),
        ("Trưởng thôn, khu", "Khu 1", "Trưởng Khu 1"),
        ("Trưởng thôn, khu", "Thôn Đầu", "Trưởng Thôn Đầu"),
        ("Phó trưởng thôn, khu", "Bản Cáu", "Phó trưởng Bản Cáu"),
        ("Trưởng khu phố", "Khu phố 3", "Trưởng Khu phố 3"),
        ("Chủ tịch UBND xã", "Xã Đồng Tâm", "Chủ tịch UBND Xã Đồng Tâm"),
        ("Bí thư chi bộ", "Khu 1", "Bí thư chi bộ Khu 1"),
        ("Trưởng phòng", "Phòng Tài nguyên", "Trưởng phòng Phòng Tài nguyên"),
        ("Trưởng thôn", "Hợp tác xã", "Trưởng thôn Hợp tác xã"),
    ],
)
def test_a_post_names_the_kind_of_its_place_once(title, place, expected):
    assert title_at(title, place) == expected
