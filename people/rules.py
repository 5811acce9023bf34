"""Pure decisions about posts, their terms, and what is shown of a person."""

import hashlib
import re

from core.errors import DomainError
from core.text import clean_name


def effective_end(post_end, unit_end):
    """The first day a post no longer counts: its own end or its unit's, whichever comes first (None: open)."""
    ends = [end for end in (post_end, unit_end) if end is not None]
    return min(ends) if ends else None


def holding(post_start, post_end, unit_end, today):
    """What a post gives on `today`: `"active"`, `"archive"` (it lasted until its unit ended: read only) or None."""
    if today < post_start:
        return None
    end = effective_end(post_end, unit_end)
    if end is None or today < end:
        return "active"
    outlived = unit_end is not None and (post_end is None or post_end >= unit_end)
    return "archive" if outlived and post_start < unit_end else None


def person_version(name, phone, email=""):
    """Changes when the name, phone or e-mail does: tells an edit form that somebody else was quicker."""
    return hashlib.sha256(f"{name}\n{phone}\n{email}".encode()).hexdigest()[:16]


def clean_phone(value):
    """Digits in one piece, as dialled at home: +84, 84 and 0084 before a Vietnamese number are its 0. A phone that is
    none is refused."""
    digits = re.sub(r"[\s.\-()]", "", clean_name(value or ""))
    if digits and not re.fullmatch(r"\+?\d{8,15}", digits):
        raise DomainError("Số điện thoại gồm 8 đến 15 chữ số, ví dụ 0912345678.", "phone")
    return re.sub(r"^(?:\+|00)?84(?=0?\d{9,10}$)0?", "0", digits)


def masked_phone(phone):
    """What others see of a phone: that there is one, and its last two digits."""
    return f"••••••{phone[-2:]}" if phone else ""


def masked_email(email):
    """What others see of an e-mail address: that there is one, and where it is kept."""
    return f"••••••@{email.rpartition('@')[2]}" if email else ""
