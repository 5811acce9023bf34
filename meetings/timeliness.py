"""The heat table of a year: units × periods, one word in each cell. The template only prints."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.db.models import Count, Max
from django.urls import reverse
from django.utils.html import format_html

from core.periods import ROMAN
from meetings.cadence.reads import coverages
from meetings.enums import CADENCE_KINDS, CELL_WORDS, JOINT, ClockState, Timeliness
from meetings.models import Meeting, MeetingMonth, Occurrence
from meetings.querysets import clock_counts, clock_kept, round_words
from meetings.reads import STATE_WORDS, state_words
from meetings.rules import clock_state, timeliness, timeliness_of
from units.enums import Level
from units.models import Unit

CSS = {
    Timeliness.ON_TIME: "heat-held",
    Timeliness.LATE: "heat-late",
    Timeliness.MADE_UP: "heat-made-up",
    Timeliness.EXEMPT: "heat-exempt",
    Timeliness.MISSING: "heat-missing",
    Timeliness.INCOMPLETE: "heat-exempt",
    Timeliness.GRACE: "heat-coming",
    Timeliness.WAITING: "heat-none",
}
LEGEND = [
    {"class": "heat-held", "text": "số hội nghị: họp đúng hạn; chung: họp chung với đơn vị khác"},
    {"class": "heat-late", "text": "muộn: họp sau khi hết kỳ, trong thời gian cho phép"},
    {"class": "heat-made-up", "text": "bù: họp sau thời gian cho phép"},
    {"class": "heat-exempt", "text": "miễn: được cấp trên đồng ý"},
    {"class": "heat-missing", "text": "thiếu: quá hạn, chưa họp"},
    {"class": "heat-coming", "text": "5/11: mới họp được 5 trong 11 xã (thôn, khu); hết hạn mà chưa đủ là thiếu"},
    {"class": "heat-coming", "text": "thiếu: hết kỳ, chưa họp, còn trong thời gian được phép họp muộn"},
    {"class": "heat-none", "text": "–: chưa đến hạn, hoặc không phải họp"},
]
COLUMNS = {
    Level.COMMUNE: [(month, f"T{month}", f"Tháng {month}") for month in range(1, 13)],
    Level.DISTRICT: [(number * 3, f"Quý {ROMAN[number]}", f"Quý {ROMAN[number]}") for number in (1, 2, 3, 4)],
}
CELL = '<td class="{}"><a href="{base}{}/" title="{}">{}</a></td>'
BLANK = '<td class="heat-none">–</td>'


def heat_table(user, year, today, place, level):
    """{"columns", "rows", "held", "expected"}; `place` narrows the branch. A fixed number of queries."""
    occurrences = Occurrence.objects.visible_to(user).filter(year=year, level=level, **place)
    counts = {
        (unit_id, month): number
        for unit_id, month, number in MeetingMonth.objects.filter(
            year=year, level=level, unit__in=occurrences.order_by().values("unit_id")
        ).values_list("unit_id", "month", "meetings")
    }
    joint = set(occurrences.filter(joint_meetings__isnull=False).order_by().values_list("pk", flat=True))
    by_unit, words = defaultdict(dict), round_words(today)
    for row in occurrences.order_by().values_list(
        *("pk", "unit_id", "level", "month", "begun_on", "met_on", "is_exempt", "is_incomplete"),
        *("ends_on", "due_on", "late_until", "district_id"),
        named=True,
    ):
        state = timeliness(row, today)
        by_unit[row.unit_id][row.month] = (row, state, row.pk in joint)
    begun = [row for cells in by_unit.values() for row, *_ in cells.values() if row.begun_on and not row.met_on]
    covered = coverages(begun) if begun else {}
    columns = columns_for(level, by_unit)
    return {
        "columns": [{"text": text, "title": title} for _, text, title in columns],
        "rows": list(_rows(by_unit, counts, covered, [month for month, *_ in columns])),
        **occurrences.aggregate(
            held=Count("pk", filter=words["occurrences_held"]), expected=Count("pk", filter=words["expected"])
        ),
    }


def columns_for(level, by_unit):
    """Months for communes and quarters for districts, unless a rule asked for the other kind of period."""
    months = {month for cells in by_unit.values() for month in cells}
    columns = COLUMNS[level]
    return columns if months <= {month for month, *_ in columns} else COLUMNS[Level.COMMUNE]


def _rows(by_unit, counts, covered, months):
    """Units sorted by district, then by code, each with its cells as ready text."""
    districts = {cell[0].district_id for cells in by_unit.values() for cell in cells.values()}
    units = Unit.objects.in_bulk({*by_unit, *(pk for pk in districts if pk)})

    def order(unit_id):
        district = units.get(next(iter(by_unit[unit_id].values()))[0].district_id)
        return district.code if district else "", units[unit_id].code

    group = None
    for unit_id in sorted(by_unit, key=order):
        cells, unit = by_unit[unit_id], units[unit_id]
        district = units.get(next(iter(cells.values()))[0].district_id)
        heading = district.name if district and district.pk != unit_id and district.pk != group else ""
        group = district.pk if district else None
        yield {
            "head": unit.name,
            "key": unit.key,
            "group": heading,
            "cells": _cells(unit_id, cells, counts, covered, months),
        }


def _cells(unit_id, cells, counts, covered, months):
    """The cells of one row as one piece of HTML; words are escaped once for all rows, ids each time."""
    pattern, values = [], []
    for month in months:
        pattern.append(CELL if month in cells else BLANK)
        if month in cells:
            row, state, is_joint = cells[month]
            values += _cell(row, state, counts.get((unit_id, month), 0), is_joint, covered.get(row.pk))
    base = reverse("occurrence_detail", args=[0]).removesuffix("0/")
    return format_html("".join(pattern), *values, base=escaped(base))


def _cell(row, state, number, is_joint, coverage):
    """(class, id, title, text) of a cell."""
    word, css = CELL_WORDS.get(state, ""), CSS[state]
    if coverage:
        words, _ = state_words(state, coverage)
        text = f"{len(coverage.reached)}/{len(coverage.members)}"
        return escaped(css), row.pk, escaped(words), escaped(text)
    text = word or str(number or 1)
    if number == 0 and is_joint:
        text = f"{JOINT} {word}".rstrip()
    if state in (Timeliness.LATE, Timeliness.MADE_UP) and number > 1:
        text = f"{number} {word}"
    title = f"Họp ngày {row.met_on:%d/%m/%Y}" if row.met_on else ""
    return escaped(css), row.pk, escaped(title), escaped(text)


@lru_cache(maxsize=2000)
def escaped(text):
    return format_html("{}", text)


CLOCK_COLUMNS = ("held", "log", "conclusion")
LINKS = {
    "held": ({"muc": "ky", "tinh-trang": "on_time"}, {"muc": "ky", "tinh-trang": "expected"}),
    "log": ({"moc": "nhap-dung-han"}, {"moc": "nhap"}),
    "conclusion": ({"moc": "ket-luan-dung-han"}, {"moc": "ket-luan"}),
}
"""What the list of meetings or periods is asked for: those on time, and all that count."""
TONES = {
    ClockState.ON_TIME: "done",
    ClockState.LATE: "progress",
    ClockState.WAITING: "waiting",
    ClockState.OVERDUE: "late",
}


@dataclass(frozen=True)
class Rate:
    """`kept` of `counted`, each with the address of its list."""

    kept: int
    counted: int
    kept_url: str = ""
    counted_url: str = ""


def clock_table(user, year, today, place):
    """{level: {"rows", "total"}}: per unit of the branch the three rates of a year. Four queries whatever the size.

    A meeting taken over from old books has no due days and is counted under neither logging nor the conclusion.
    """
    counts = _counts(user, year, today, place)
    ids = {unit_id for unit_id, _ in counts} | {row["in_district"] for row in counts.values()}
    units = Unit.objects.in_bulk(ids - {None})
    mine = set(
        Unit.objects.visible_to(user).filter(pk__in={unit_id for unit_id, _ in counts}).values_list("pk", flat=True)
    )
    tables = {}
    for level in (Level.COMMUNE, Level.DISTRICT):
        found = [(units[pk], row) for (pk, at), row in counts.items() if at == level and pk in mine]
        found.sort(key=lambda pair: (_district_code(units, pair[1]), pair[0].code, pair[0].pk))
        rows = [_row(unit, row, units, level, year) for unit, row in found]
        if rows:
            tables[level] = {"rows": rows, "total": _total(rows)}
    return tables


def _counts(user, year, today, place):
    """{(unit id, level): {"held", "held_of", "log", …, "in_district"}}."""
    rounds = round_words(today)
    periods = Occurrence.objects.visible_to(user).filter(year=year, **place).order_by().values("unit_id", "level")
    held = periods.annotate(
        in_district=Max("district_id"),
        held_of=Count("pk", filter=rounds["expected"]),
        held=Count("pk", filter=rounds["on_time"]),
    )
    meetings = Meeting.objects.visible_to(user).filter(year=year, **place).held().order_by().values("unit_id", "level")
    after = meetings.annotate(
        in_district=Max("district_id"),
        **{f"{clock}_of": Count("pk", filter=clock_counts(clock, today)) for clock in CLOCK_COLUMNS[1:]},
        **{clock: Count("pk", filter=clock_counts(clock, today) & clock_kept(clock)) for clock in CLOCK_COLUMNS[1:]},
    )
    counts = {}
    for row in (*held, *after):
        counts.setdefault((row.pop("unit_id"), row.pop("level")), {}).update(row)
    return counts


def _district_code(units, row):
    district = units.get(row["in_district"])
    return district.code if district else ""


def _row(unit, row, units, level, year):
    district = units.get(row["in_district"])
    return {
        "key": unit.key,
        "name": unit.name,
        "above": district.name if district and district.pk != unit.pk else "",
        "rates": [_rate(row, column, unit, level, year) for column in CLOCK_COLUMNS],
    }


def _rate(row, column, unit, level, year):
    base = reverse("meeting_list")
    asked = {"don-vi": unit.key, "cap": str(level), "ky": str(year)}
    kept, counted = (f"{base}?{urlencode(link | asked)}" for link in LINKS[column])
    return Rate(row.get(column, 0), row.get(f"{column}_of", 0), kept, counted)


def _total(rows):
    columns = zip(*(row["rates"] for row in rows), strict=True)
    return [Rate(sum(rate.kept for rate in rates), sum(rate.counted for rate in rates)) for rates in columns]


def meeting_clocks(meeting, today):
    """The clocks of one meeting in words: [{"key", "label", "due_on", "done_on", "word", "tone"}], those that run."""
    rows = []
    if meeting.occurrence and meeting.is_held and meeting.kind in CADENCE_KINDS:
        rows.append(_held_clock(meeting, today))
    for key, label, due_on, done_on in (
        ("log", "Nhập vào hệ thống", meeting.log_due_on, meeting.logged_on),
        ("conclusion", "Ra thông báo kết luận", meeting.conclusion_due_on, meeting.conclusion_on),
    ):
        state = clock_state(due_on, done_on, today)
        if state:
            rows.append(_clock(key, label, due_on, done_on, state.label, TONES[state]))
        elif done_on:
            rows.append(_clock(key, label, None, done_on, "", ""))
    return rows


def _held_clock(meeting, today):
    """Judged by the day on which the round was complete; a further meeting after that by its own day."""
    period = meeting.occurrence
    if period.met_on is None:
        word, tone = state_words(period.timeliness_on(today), coverages([period]).get(period.pk))
        return _clock("held", "Họp", period.due_on, None, word, tone)
    day = max(meeting.held_on, period.met_on)
    state = timeliness_of(day, period)
    return _clock("held", "Họp", period.due_on, day, state.label, STATE_WORDS[state][1])


def _clock(key, label, due_on, done_on, word, tone):
    return {"key": key, "label": label, "due_on": due_on, "done_on": done_on, "word": word, "tone": tone}
