"""The bodies that answer opinions at each level, under the names they had on a day."""

from datetime import date
from typing import NamedTuple

from giaoban.demo.material import word_list
from giaoban.demo.places import commune_word


class BodySpec(NamedTuple):
    """`code` stays the same when the name changes; `since`/`until` are half-open, None where open-ended."""

    code: str
    kind: str
    name: str
    topics: tuple
    since: date | None
    until: date | None


def committee_of(unit_name):
    """'Huyện Tiên Yên' -> 'Huyện ủy', 'Tỉnh Quảng Ninh' -> 'Tỉnh ủy', a commune -> 'Đảng ủy'."""
    words = {"huyện": "Huyện ủy", "thị xã": "Thị ủy", "thành phố": "Thành ủy", "tỉnh": "Tỉnh ủy"}
    lower = unit_name.lower()
    return next((committee for word, committee in words.items() if lower.startswith(word)), "Đảng ủy")


def unit_word(unit_name):
    """The kind of unit as it stands before its name, in small letters."""
    lower = unit_name.lower()
    return next((w for w in ("tỉnh", "thành phố", "thị xã", "huyện") if lower.startswith(w)), commune_word(unit_name))


def all_bodies(level, unit_name):
    """Every name of every body of a unit, oldest first within a body."""
    return [_spec(row, unit_name) for row in word_list("bodies")[level]]


def bodies_on(level, unit_name, day):
    """The bodies of a unit on a day."""
    return [
        body
        for body in all_bodies(level, unit_name)
        if (body.since is None or body.since <= day) and (body.until is None or day < body.until)
    ]


def body_for(level, unit_name, day, topic):
    """Who answers a topic; where nobody names it, the body for everything else."""
    bodies = bodies_on(level, unit_name, day)
    return next((b for b in bodies if topic in b.topics), next((b for b in bodies if "OTHER" in b.topics), bodies[0]))


def _spec(row, unit_name):
    name = row["name"].format(kind=unit_word(unit_name), committee=committee_of(unit_name))
    since, until = (date.fromisoformat(row[end]) if end in row else None for end in ("since", "until"))
    return BodySpec(row["code"], row["kind"], name, tuple(row["topics"]), since, until)
