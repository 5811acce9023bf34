"""Words of periods: read, refused and said inside a sentence."""

import pytest

from core.errors import DomainError
from core.periods import Period


@pytest.mark.parametrize("word", [None, "", "  "])
def test_a_missing_period_is_asked_for(word):
    with pytest.raises(DomainError, match="Chọn kỳ"):
        Period.parse(word)


def test_what_cannot_be_read_is_said_again_cut_short():
    with pytest.raises(DomainError, match="Kỳ “2016-Q5” không đọc được"):
        Period.parse("2016-Q5")
    with pytest.raises(DomainError, match=f"Kỳ “{'9' * 20}…” không đọc được"):
        Period.parse("9" * 5_000)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("2026-Q4", "quý IV/2026"),
        ("2026-03", "tháng 3/2026"),
        ("2026", "năm 2026"),
        ("2024..2026", "các năm 2024–2026"),
    ],
)
def test_inside_a_sentence_only_the_first_letter_is_small(code, words):
    assert Period.parse(code).label_inside == words
