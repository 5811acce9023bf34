"""Claims prepared for pages: what was said, what the number was and is, in words."""

from core.display import group_digits
from core.periods import Period
from reports.claims.rules import holds, value_from
from reports.enums import Comparison
from reports.measures import CLAIMABLE, SUMS

HOLDS, GONE = ("Số liệu đỡ câu này", "done"), ("Đã bỏ ghim", "neutral")
PARTLY = ("Chưa đủ dữ liệu", "soon")
BROKEN, NEVER = ("Số liệu không còn đỡ câu này", "late"), ("Số liệu chưa đỡ câu này", "soon")


def claim_row(claim):
    word, tone = verdict_of(claim)
    return {
        "pk": claim.pk,
        "url": claim.get_absolute_url(),
        "words": claim.words,
        "source": claim.source,
        "unit": claim.unit.name,
        "period": Period.parse(claim.period).label,
        "said": said_of(claim),
        "pinned": number_text(claim.pinned_part, claim.pinned_whole),
        "pinned_on": claim.pinned_on,
        "checked": number_text(claim.checked_part, claim.checked_whole),
        "checked_on": claim.checked_on,
        "verdict": word,
        "tone": tone,
    }


def verdict_of(claim):
    if claim.withdrawn_on:
        return GONE
    if claim.is_supported:
        return HOLDS
    if not claim.is_complete:
        return PARTLY
    return BROKEN if was_borne_out(claim) else NEVER


def was_borne_out(claim):
    """By the numbers of the day it was pinned."""
    return holds(claim.comparison, claim.stated, claim.pinned_part, claim.pinned_whole, claim.is_complete)


def said_of(claim):
    """'hơn 12.200 hội nghị', 'đúng bằng 98%'."""
    how = Comparison(claim.comparison).label.split(",")[0]
    unit = "%" if claim.over else f" {CLAIMABLE[claim.measure].unit}" if claim.measure in CLAIMABLE else ""
    return f"{how} {group_digits(claim.stated)}{unit}"


def number_text(part, whole):
    """'1.716', or '98,10% (7.954/9.164)'; a share of nothing says so."""
    if whole is None:
        return group_digits(part)
    share = value_from(part, whole)
    rate = f"{group_digits(round(share, 2))}%" if share is not None else "không có mẫu số"
    return f"{rate} ({group_digits(part)}/{group_digits(whole)})"


def parts_of(claim, links):
    """[(role, measure, address of its list)] of the words a claim is made of; a sum of words part by part."""
    roles = (
        ("Tử số" if claim.over else "Số đo", claim.measure),
        ("Mẫu số", claim.over),
        ("Trừ đi ở mẫu số", claim.less),
    )
    parts = [(role, part) for role, word in roles for part in SUMS.get(word, (word,)) if part in CLAIMABLE]
    return [(role, CLAIMABLE[part], links.get(part, "")) for role, part in parts]
