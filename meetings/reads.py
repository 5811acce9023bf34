"""Reads for the home pages: what is due now, who lags behind, how the round stands. A few queries each."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Min, Q
from django.urls import reverse

from core.display import day_text
from core.periods import Period
from meetings.cadence.reads import PLANNERS, coverages
from meetings.enums import PRESENT_STATES, MeetingStatus, Timeliness
from meetings.models import Exemption, Meeting, Occurrence, Tasking
from meetings.querysets import round_words
from units.enums import Level
from units.models import Unit
from units.panels import Panel, PanelLine

LOOK_BACK = timedelta(days=366)
STATE_WORDS = {
    Timeliness.WAITING: ("Chưa đến hạn, chưa họp", "waiting"),
    Timeliness.GRACE: ("Thiếu, còn được họp muộn", "soon"),
    Timeliness.MISSING: ("Thiếu, quá hạn", "late"),
    Timeliness.ON_TIME: ("Đã họp đúng hạn", "done"),
    Timeliness.LATE: ("Đã họp, muộn", "progress"),
    Timeliness.MADE_UP: ("Đã họp bù", "progress"),
    Timeliness.EXEMPT: ("Được miễn", "neutral"),
    Timeliness.INCOMPLETE: ("Kết thúc khi chưa họp đủ", "neutral"),
}
"""How each answer of `rules.timeliness` is said on the pages, and the tone of its mark."""

BEGUN_WORDS = {
    Timeliness.WAITING: ("Đang họp {}", "progress"),
    Timeliness.GRACE: ("Thiếu, đã họp {}", "soon"),
    Timeliness.MISSING: ("Thiếu, đã họp {}", "late"),
    Timeliness.INCOMPLETE: ("Kết thúc khi mới họp {}", "neutral"),
}
"""The same of a round that has begun and has not reached every unit below: 'Đang họp 5/11 xã'."""


def state_words(state, coverage=None):
    """(words, tone) of a state; `coverage` of the round when it has begun."""
    if coverage is not None and coverage.held_on is None and state in BEGUN_WORDS:
        words, tone = BEGUN_WORDS[state]
        return words.format(coverage.count), tone
    return STATE_WORDS[state]


def in_sentence(period_code):
    """'2026-11' → 'tháng 11/2026', '2026-Q4' → 'quý IV/2026'."""
    return Period.parse(period_code).label_inside


@dataclass(frozen=True)
class DueRow:
    """An expected meeting of one's own unit that is still to be held; `meeting` when one is on the calendar."""

    occurrence: Occurrence
    meeting: Meeting | None
    state: Timeliness
    is_asked: bool
    coverage: object = None

    @property
    def label(self):
        return f"Hội nghị giao ban {in_sentence(self.occurrence.period)} – {self.occurrence.unit.name}"

    @property
    def act_label(self):
        return f"Ghi hội nghị {in_sentence(self.occurrence.period)}"

    @property
    def word(self):
        return state_words(self.state, self.coverage)[0]

    @property
    def tone(self):
        return state_words(self.state, self.coverage)[1]


def own_unit_ids(user):
    """Units whose meetings the user keeps, in force."""
    return {g.unit_id for g in user.scope.grants if g.writes and g.role in PLANNERS.get(g.level, ())}


def due_now(user, today, limit=12):
    """Own expected meetings that may be held now or should have been within a year, most urgent first."""
    own = Occurrence.objects.visible_to(user).to_hold()
    own = own.filter(unit__in=own_unit_ids(user), opens_on__lte=today, due_on__gte=today - LOOK_BACK)
    rows = list(own.select_related("unit").order_by("-due_on", "unit_id")[:limit])
    planned = {}
    for meeting in Meeting.objects.filter(occurrence__in=rows).exclude(status=MeetingStatus.CANCELLED).order_by("-pk"):
        planned[meeting.occurrence_id] = meeting
    asked = set(Exemption.objects.filter(occurrence__in=rows, is_granted=None).values_list("occurrence_id", flat=True))
    covered = coverages([row for row in rows if row.begun_on])
    return [
        DueRow(row, planned.get(row.pk), row.timeliness_on(today), row.pk in asked, covered.get(row.pk)) for row in rows
    ]


@dataclass(frozen=True)
class Lag:
    unit_id: int
    key: str
    name: str
    level: str
    count: int
    first: str
    last: str


def missing_by_unit(user, today, limit=10):
    """(rows, number of units): units below that miss meetings of the last year, worst first."""
    missing = Occurrence.objects.visible_to(user).missing(today).filter(due_on__gte=today - LOOK_BACK)
    grouped = (
        missing.exclude(unit__in=own_unit_ids(user))
        .order_by()
        .values("unit_id", "unit__key", "unit__name", "level")
        .annotate(count=Count("pk"), first=Min("ends_on"), last=Max("ends_on"))
        .order_by("-count", "unit__sort_key")
    )
    rows = list(grouped)
    return [_lag(row) for row in rows[:limit]], len(rows)


def _lag(row):
    kind = "quarter" if row["level"] == Level.DISTRICT else "month"
    first, last = (Period.of_day(row[name], kind).code for name in ("first", "last"))
    who = (row["unit_id"], row["unit__key"], row["unit__name"], row["level"])
    return Lag(*who, row["count"], in_sentence(first), in_sentence(last))


def current_rate(user, today):
    """{level: {"period", "label", "held", "units", "expected"}} of the running period, "previous": of the last one.

    `units`: those that are not excused; `expected`: of them, those whose day has passed. A level without rows is left
    out.
    """
    periods = {}
    for level, kind in ((Level.COMMUNE, "month"), (Level.DISTRICT, "quarter")):
        now = Period.of_day(today, kind)
        periods[level] = (now, now.previous())
    wanted = Q()
    for level, (now, previous) in periods.items():
        wanted |= Q(level=level, period__in=(now.code, previous.code))
    counts = {"units": Count("pk"), "held": Count("pk", filter=Q(met_on__isnull=False))}
    rows = Occurrence.objects.visible_to(user).filter(wanted, is_exempt=False).order_by().values("level", "period")
    rows = rows.annotate(**counts, expected=Count("pk", filter=round_words(today)["expected"]))
    counted = {(row["level"], row["period"]): row for row in rows}
    rates = {}
    for level, (now, previous) in periods.items():
        row, before = counted.get((level, now.code)), counted.get((level, previous.code))
        if row or before:
            rates[str(level)] = _rate(now, row) | {"previous": _rate(previous, before)}
    return rates


def _rate(period, row):
    counts = {word: row[word] if row else 0 for word in ("held", "units", "expected")}
    return {"period": period.code, "label": period.label, **counts}


def pending_exemptions(user):
    """Requests that wait for a decision, of the units the user sees."""
    visible = Occurrence.objects.visible_to(user)
    return Exemption.objects.filter(occurrence__in=visible, is_granted=None).select_related("occurrence__unit")


def upcoming_meetings(user, today, limit=6, units=None):
    """What is on the calendar and not held yet, next ones first; `units` narrows it to some of one's own."""
    planned = Meeting.objects.visible_to(user).filter(status__in=(MeetingStatus.PLANNED, MeetingStatus.POSTPONED))
    rows = planned.filter(planned_on__gte=today - timedelta(days=30)).select_related("unit")
    rows = rows if units is None else rows.filter(unit__in=units)
    return list(rows.order_by("planned_on", "pk")[:limit])


def attended_later(thing, on):
    """("", day) of the meetings on a day or later at which somebody sat for a unit."""
    if not isinstance(thing, Unit):
        return ()
    seats = Q(attendances__unit=thing) | Q(counts__unit=thing)
    held = Meeting.objects.held().filter(seats, held_on__gte=on)
    days = held.order_by("held_on").values_list("held_on", flat=True).distinct()
    return (("", day) for day in days[:10])


def tasked_later(thing, on):
    """("", day) of the meetings on a day or later whose conclusions give a body something to do."""
    if isinstance(thing, Unit):
        return ()
    days = Tasking.objects.filter(body=thing, meeting__held_on__gte=on).order_by("meeting__held_on")
    return (("", day) for day in days.values_list("meeting__held_on", flat=True).distinct()[:10])


SHOWN = 6


def village_meetings(user, village, day, today):
    """For those who read the branch's meetings; how many of the village's people were asked and came."""
    if not user.scope.content_grants:
        return None
    seats = Q(attendances__unit=village)
    came = Count("attendances", filter=seats & Q(attendances__presence__in=PRESENT_STATES), distinct=True)
    meetings = (
        Meeting.objects.visible_to(user)
        .held()
        .filter(seats, held_on__lte=max(day, today))
        .annotate(came=came, asked=Count("attendances", filter=seats, distinct=True))
    )
    lines = [
        PanelLine(
            f"{meeting.title}, {day_text(meeting.held_on)}",
            f"có mặt {meeting.came} trên {meeting.asked}",
            reverse("meeting_detail", args=[meeting.pk]),
        )
        for meeting in meetings.order_by("-held_on", "-pk")[:SHOWN]
    ]
    return Panel("Hội nghị gần đây", lines, "Chưa có hội nghị nào ghi tên thôn, khu này.")
