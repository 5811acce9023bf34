"""A month of one's own branch: meetings on their day, due days of what is not held yet, days off."""

import calendar
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.db.models import F, Q

from core.display import clock_text
from core.errors import DomainError
from core.periods import Period
from meetings.cadence.workdays import marked_days
from meetings.enums import MeetingStatus
from meetings.lists import STATUS_TONES, addresses
from meetings.models import Meeting, Occurrence, Sitting
from meetings.reads import STATE_WORDS, in_sentence
from units.enums import Level
from units.models import UnitLineage

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
FEW = 3
"""More of a kind than this on one day become one entry that opens the list of the day."""

MEETING, DUE = "meeting", "due"
GROUPED = {MEETING: "hội nghị", DUE: "kỳ đến hạn"}
LEVEL_WORDS = {Level.COMMUNE: "cấp xã", Level.DISTRICT: "cấp huyện", Level.PROVINCE: "cấp tỉnh"}


@dataclass(frozen=True)
class Entry:
    """One thing on one day, ready to print."""

    key: str
    kind: str
    day: date
    clock: str
    text: str
    unit: str
    level: str
    url: str
    word: str
    tone: str


@dataclass
class Day:
    """A square of the month. `off` names a day off, `worked` a weekend day that is worked instead."""

    day: date
    is_inside: bool
    is_today: bool
    weekday: str
    off: str = ""
    worked: str = ""
    entries: list = field(default_factory=list)

    @property
    def anchor(self):
        return f"ngay-{self.day:%Y-%m-%d}"


def month_of(word, today):
    """The month an address asks for, this one when it asks for none."""
    period = Period.parse(word) if word else Period.of_day(today, "month")
    if period.kind != "month":
        raise DomainError("Chọn một tháng, ví dụ 2026-11.", "thang")
    return period


def day_of(word, month):
    """A day of the month, None when the address names none."""
    if not word:
        return None
    try:
        day = date.fromisoformat(word)
    except ValueError:
        day = None
    if day is None or day not in month:
        raise DomainError("Ngày cần xem không thuộc tháng này. Mở lại lịch rồi chọn ngày.", "ngay")
    return day


def entries_of(user, month, place, today):
    """Everything of the month in the user's branch, by day; four queries at most."""
    span = (month.first, month.last)
    meetings = Meeting.objects.visible_to(user).filter(**place).exclude(status=MeetingStatus.CANCELLED)
    due = Occurrence.objects.visible_to(user).filter(**place, due_on__range=span).to_hold()
    rows = [*_meetings(meetings, span), *_sittings(meetings, span), *_due(due, today)]
    return sorted(rows, key=lambda entry: (entry.day, entry.kind == DUE, entry.clock or "99", entry.unit, entry.key))


def _meetings(meetings, span):
    url_of = addresses("meeting_detail")
    found = meetings.filter(Q(held_on__range=span) | Q(held_on=None, planned_on__range=span))
    for row in found.values("pk", "held_on", "planned_on", "started_at", "title", "unit__name", "level", "status"):
        yield _entry(row, row["pk"], row["held_on"] or row["planned_on"], url_of, row["started_at"], "")


def _sittings(meetings, span):
    """Further gatherings of a round: the first one is on the day of the meeting itself."""
    url_of = addresses("meeting_detail")
    found = Sitting.objects.filter(meeting__in=meetings, held_on__range=span).exclude(held_on=F("meeting__held_on"))
    fields = {name: F(f"meeting__{name}") for name in ("title", "level", "status", "unit__name")}
    renamed = {name.replace("__", "_"): value for name, value in fields.items()}
    for row in found.values("pk", "held_on", "meeting_id", **renamed):
        row["unit__name"] = row["unit_name"]
        yield _entry(row, row["meeting_id"], row["held_on"], url_of, None, f"-{row['pk']}")


def _entry(row, pk, day, url_of, started_at, suffix):
    status = MeetingStatus(row["status"])
    return Entry(
        key=f"{MEETING}-{pk}{suffix}",
        kind=MEETING,
        day=day,
        clock=clock_text(started_at) if started_at else "",
        text=row["title"],
        unit=row["unit__name"],
        level=row["level"],
        url=url_of(pk),
        word=status.label,
        tone=STATUS_TONES[status],
    )


def _due(found, today):
    url_of = addresses("occurrence_detail")
    for row in found.select_related("unit"):
        word, tone = STATE_WORDS[row.timeliness_on(today)]
        yield Entry(
            key=f"{DUE}-{row.pk}",
            kind=DUE,
            day=row.due_on,
            clock="",
            text=f"Hạn họp kỳ {in_sentence(row.period)}",
            unit=row.unit.name,
            level=row.level,
            url=url_of(row.pk),
            word=word,
            tone=tone,
        )


def weeks_of(month, entries, marked, today, day_url):
    """Weeks from Monday to Sunday; `day_url(day)` is the address of a day's list."""
    by_day = defaultdict(list)
    for day, rows in groupby(entries, key=lambda entry: entry.day):
        by_day[day] = _grouped(list(rows), day_url(day))
    weeks = calendar.Calendar().monthdatescalendar(month.first.year, month.first.month)
    return [[_square(day, month, by_day, marked, today) for day in week] for week in weeks]


def _square(day, month, by_day, marked, today):
    mark = marked.get(day)
    square = Day(day, day in month, day == today, WEEKDAYS[day.weekday()])
    if square.is_inside:
        square.entries = by_day.get(day, [])
        square.off = mark.name if mark and not mark.is_working else ""
        square.worked = mark.name if mark and mark.is_working else ""
    return square


def _grouped(entries, url):
    """The entries of a day; many of one kind and level become one."""
    shown = []
    for (_, kind, level), rows in groupby(sorted(entries, key=_group), key=_group):
        rows = list(rows)
        if len(rows) <= FEW:
            shown += rows
            continue
        words = list(dict.fromkeys((row.word, row.tone) for row in rows))
        word, tone = words[0] if len(words) == 1 else (_split(rows), "neutral")
        text = f"{len(rows)} {GROUPED[kind]} {LEVEL_WORDS.get(level, '')}".strip()
        shown.append(Entry(f"{kind}-{level}", kind, rows[0].day, "", text, "", level, url, word, tone))
    return shown


def _group(entry):
    return entry.kind == DUE, entry.kind, entry.level


def _split(rows):
    """'10 đã họp, 2 đã lên lịch'"""
    counts = defaultdict(int)
    for row in rows:
        counts[row.word] += 1
    return ", ".join(f"{count} {word[0].lower()}{word[1:]}" for word, count in counts.items())


def days_off(user, unit, month):
    """{day: MarkedDay} of the province of the chosen unit, else of the user's first post."""
    unit_id = unit.pk if unit else next((grant.unit_id for grant in user.scope.grants), None)
    provinces = UnitLineage.objects.filter(unit_id=unit_id, level=Level.PROVINCE).on(month.last)
    return marked_days(provinces.values_list("ancestor_id", flat=True).first(), month.first, month.last)
