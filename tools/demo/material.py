"""Reads the word lists of the demo, once."""

import json
import math
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from core.text import fold
from meetings.cadence.workdays import public_calendar, public_days

FOLDER = Path(__file__).parent / "data"


@cache
def word_list(name):
    """The content of `data/<name>.json`; callers must not change it."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def lines_of(pattern):
    """All non-empty lines of the text files that match, comments left out, in the order of the file names."""
    lines = []
    for path in sorted(FOLDER.glob(pattern)):
        lines += [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def fold_words(text):
    """The same as `fold`, quick for many texts of the same words."""
    return " ".join(_folded(word) for word in text.split())


_folded = cache(fold)


URBAN_KINDS = {"phường", "thị trấn"}


@cache
def commune_word(commune_name):
    """xã, phường, thị trấn or đặc khu, as it stands before the name."""
    lower = commune_name.lower()
    for word in ("thị trấn", "đặc khu", "phường"):
        if lower.startswith(word):
            return word
    return "xã"


@cache
def terrain(commune_name):
    """The tags of a commune: `urban` or `rural` (a thị trấn is both), `coastal`, `highland`, `mining`."""
    word = commune_word(commune_name)
    tags = {name for name in ("coastal", "highland", "mining") if commune_name in word_list("places")[name]}
    if word in URBAN_KINDS:
        tags.add("urban")
    if word != "phường":
        tags.add("rural")
    return frozenset(tags)


def government_of(unit_name):
    """'Thành phố Hạ Long' -> 'UBND thành phố', 'Phường Hà Tu' -> 'UBND phường'."""
    lower = unit_name.lower()
    for word in ("thành phố", "thị xã", "thị trấn", "đặc khu", "phường", "huyện", "tỉnh"):
        if lower.startswith(word):
            return f"UBND {word}"
    return "UBND xã"


def lower_first(name):
    """'Thôn Khe Và' -> 'thôn Khe Và', as it is written inside a sentence."""
    return name[:1].lower() + name[1:]


def upper_first(text):
    return text[:1].upper() + text[1:]


def apportion(total, weights, minimum=0):
    """Whole numbers, at least `minimum` each, in proportion to `weights`, that add up to `total` exactly."""
    rest = total - minimum * len(weights)
    if rest < 0:
        raise ValueError(f"{total} is too little for {len(weights)} shares of at least {minimum}")
    if not weights:
        return []
    scale = rest / sum(weights)
    shares = [weight * scale for weight in weights]
    whole = [int(share) for share in shares]
    by_fraction = sorted(range(len(weights)), key=lambda i: (whole[i] - shares[i], i))
    for i in by_fraction[: rest - sum(whole)]:
        whole[i] += 1
    return [minimum + share for share in whole]


def choose_uneven(rng, odds, count):
    """Exactly `count` keys of `odds` {key: probability}; the likelier a key, the sooner it is taken."""
    noise = {key: _logit(p) + _logit(rng.uniform(0.001, 0.999)) for key, p in odds.items()}
    return set(sorted(noise, key=lambda key: (-noise[key], key))[:count])


def _logit(p):
    p = min(max(p, 0.001), 0.999)
    return math.log(p / (1 - p))


FIRST_DAY_OF_TET = "Tết Nguyên Đán"


@cache
def _calendar(year):
    """Of a year and the months after it."""
    return public_calendar(date(year, 1, 1), date(year, 12, 31))


def is_working(day):
    return _calendar(day.year).is_working(day)


def working_days(first, last):
    """Every working day from `first` to `last`, both included."""
    return _calendar(first.year).days(first, last)


def add_working_days(day, count):
    """The working day `count` working days after `day`."""
    return _calendar(day.year).add(day, count)


def roll_forward(day):
    """The first working day on or after a day."""
    return _calendar(day.year).roll_forward(day)


def has_tet(first, last):
    """Whether the first day of Tết, or the week before it, lies between two days."""
    tet = (day for day, row in public_days(first.year).items() if row.name == FIRST_DAY_OF_TET)
    return any(first <= day <= last or first <= day - timedelta(days=7) <= last for day in tet)


EARLY_DAYS = GRACE_DAYS = 5
SHARE_LATE, SHARE_MADE_UP, SHARE_EARLY = 0.08, 0.05, 0.02
MADE_UP_WITHIN = 35
RUNNING_DAYS = 2


class Calendar:
    """Hands out days; no unit gets the same day twice. Nothing is held in another year than its period's.

    With `today`, every day lies before it; a period that leaves no such day gives None.
    """

    def __init__(self, rng, today=None):
        self.rng = rng
        self.last = today - timedelta(days=1) if today else None
        self.taken = set()
        self.habits = {}

    def day_of(self, unit, period, lasts=0):
        """(day, timeliness) of the meeting of a period, or None; on time it ends `lasts` days later, still within."""
        for timeliness in (self._timeliness(period), "on_time"):
            days = [day for day in self._days(period, timeliness, lasts) if (unit, day) not in self.taken]
            if days:
                day = self._pick(unit, days, period, lasts) if timeliness == "on_time" else self.rng.choice(days)
                self.taken.add((unit, day))
                return day, timeliness
        return None

    def _timeliness(self, period):
        if period.last.month == 12:
            return "on_time"
        dice = self.rng.random()
        return "late" if dice < SHARE_LATE else "made_up" if dice < SHARE_LATE + SHARE_MADE_UP else "on_time"

    def _days(self, period, timeliness, lasts):
        after = period.last + timedelta(days=1)
        grace_end = period.last + timedelta(days=GRACE_DAYS)
        if timeliness == "late":
            return self._open(after, grace_end)
        if timeliness == "made_up":
            return self._open(grace_end + timedelta(days=1), after + timedelta(days=MADE_UP_WITHIN), period.last.year)
        if period.first.month > 1 and self.rng.random() < SHARE_EARLY:
            return self._open(period.first - timedelta(days=EARLY_DAYS), period.first - timedelta(days=1))
        return self._open(period.first, period.last - timedelta(days=lasts))

    def _open(self, first, last, year=None):
        if self.last:
            last = min(last, self.last)
        return [day for day in working_days(first, last) if year in (None, day.year)]

    def _pick(self, unit, days, period, lasts):
        """Around the same day of the month; a quarter's meeting lies in its last weeks.

        In a running period any day so far, but one that lasts has only just begun.
        """
        if self.last and period.last > self.last:
            return self.rng.choice(days[-RUNNING_DAYS:] if lasts else days)
        habit = self.habits.setdefault(unit, self.rng.randint(1, 12))
        wanted = period.last - timedelta(days=habit + lasts) + timedelta(days=self.rng.randint(-3, 2))
        return min(days, key=lambda day: (abs((day - wanted).days), day))
