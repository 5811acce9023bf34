"""The three clocks of meetings: held, logged, conclusion issued. Rates by unit, and the words of one meeting."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Max
from django.urls import reverse

from meetings.enums import CADENCE_KINDS, ClockState
from meetings.models import Meeting, Occurrence
from meetings.querysets import clock_counts, clock_kept, round_words
from meetings.rounds import coverages
from meetings.rules import clock_state, timeliness_of
from meetings.selectors import STATE_WORDS, state_words
from units.enums import Level
from units.models import Unit

COLUMNS = ("held", "log", "conclusion")
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
        **{f"{clock}_of": Count("pk", filter=clock_counts(clock, today)) for clock in COLUMNS[1:]},
        **{clock: Count("pk", filter=clock_counts(clock, today) & clock_kept(clock)) for clock in COLUMNS[1:]},
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
        "rates": [_rate(row, column, unit, level, year) for column in COLUMNS],
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
