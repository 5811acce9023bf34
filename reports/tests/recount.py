"""The figures again, slowly: plain Python over raw rows, sharing nothing with the product but the models."""

from collections import Counter
from datetime import date

from feedback.models import Opinion
from meetings.models import Meeting, Occurrence
from units.models import UnitSuccession, UnitVersion

SETTLED = ("resolved", "answered_on_spot")
EXPLAINED = ("explained", "accepted", "declined")
WORKING = ("assigned", "in_progress", "scheduled", "escalated", "transferred")
UNDATED = ("initiative", "good_practice")
EXCLUDED = ("duplicate", "redirected", "withdrawn")


def snapshot():
    """All rows, read once."""
    return list(Meeting.objects.all()), list(Occurrence.objects.all()), list(Opinion.objects.all())


def recount(rows, unit, period, boundaries, today):
    all_meetings, all_occurrences, all_opinions = rows
    mine = _then(unit) if boundaries == "then" else _now(unit, today)
    is_month = period.kind == "month"
    answer = {}
    for level in ("commune", "district"):
        skip = level == "district" and is_month
        meetings = [
            m for m in all_meetings
            if m.level == level and mine(m) and m.status in ("held", "minuted", "locked") and not skip
            and period.first <= m.period_first and m.period_last <= period.last
        ]  # fmt: skip
        rounds = [
            o for o in all_occurrences
            if o.level == level and mine(o) and o.due_on < today and not skip
            and period.first <= o.starts_on and o.ends_on <= period.last
        ]  # fmt: skip
        answer |= {f"{level}_{word}": value for word, value in _level(meetings, rounds).items()}
    return answer | _opinions(opinions_of(all_opinions, mine, period), today)


def opinions_of(all_opinions, mine, period):
    return [
        o for o in all_opinions
        if mine(o) and period.first <= o.period_first and o.period_last <= period.last
        and not (period.kind == "month" and o.level == "district" and o.origin == "meeting")
    ]  # fmt: skip


def belongs(unit, boundaries, today):
    """Is a row the unit's, as the tree was on its day or as it is today?"""
    return _then(unit) if boundaries == "then" else _now(unit, today)


def kinds_of(opinions):
    """Biểu 5, one row."""
    found = Counter("restricted" if o.visibility == "restricted" else o.kind for o in opinions)
    return {**found, "opinions": len(opinions)}


def competences_of(opinions):
    """Biểu 6, one row."""
    found = Counter()
    for opinion in opinions:
        if opinion.visibility == "restricted":
            found["restricted"] += 1
            continue
        found[f"{opinion.competence}_all"] += 1
        found[f"{opinion.competence}_settled"] += opinion.status in SETTLED
        found[f"{opinion.competence}_in_progress"] += opinion.status in WORKING
        found["above"] += opinion.competence == "commune" and opinion.level in ("district", "province")
    return {**{key: number for key, number in found.items() if number}, "opinions": len(opinions)}


def delegates_of(meetings, seats, links):
    """Biểu 7, one row, of these meetings; `seats` and `links`: every Attendance and AttendancePost."""
    pks = {m.pk: m for m in meetings}
    there = {s.pk: s for s in seats if s.meeting_id in pks and s.presence in ("present", "substituted")}
    called = {s.pk for s in seats if s.meeting_id in pks}
    found, filled, double = Counter(), Counter(), set()
    for link in links:
        if link.attendance_id in called:
            found[f"{link.post.position}_called"] += 1
            found[f"{link.post.position}_present"] += link.attendance_id in there
            filled[link.attendance_id] += 1
    for seat in there.values():
        found["named"] += 1
        found["guests"] += seat.is_guest
        if filled[seat.pk] > 1 and not seat.is_guest:
            double.add((pks[seat.meeting_id].unit_id, seat.person_id))
    found["concurrent"] = len(double)
    found["attendance"] = sum(m.attendance_count for m in meetings)
    found["counted"] = found["attendance"] - found["named"]
    return {key: number for key, number in found.items() if number}


def _level(meetings, rounds):
    expected = [o for o in rounds if not o.is_exempt]
    met = [o for o in expected if o.met_on]
    first = {m.occurrence_id for m in meetings if m.occurrence_id and m.kind in ("periodic", "year_end")}
    return {
        "meetings": len(meetings),
        "sittings": sum(m.sitting_count for m in meetings),
        "expected": len(expected),
        "exempt": len(rounds) - len(expected),
        "exempt_late": len([o for o in rounds if o.is_exempt and o.is_exempt_late]),
        "occurrences_held": len(met),
        "on_time": len([o for o in met if o.met_on <= o.due_on]),
        "late": len([o for o in met if o.due_on < o.met_on <= o.late_until]),
        "made_up": len([o for o in met if o.met_on > o.late_until]),
        "missing": len([o for o in expected if not o.met_on and not o.is_incomplete]),
        "incomplete": len([o for o in expected if not o.met_on and o.is_incomplete]),
        "thematic": len([m for m in meetings if m.kind == "thematic"]),
        "extra": len(meetings) - len(first),
        "attendance": sum(m.attendance_count for m in meetings),
        "opinions": sum(m.opinion_count for m in meetings),
    }


def _opinions(opinions, today):
    def number(statuses):
        return len([o for o in opinions if o.status in statuses])

    late = [
        o for o in opinions
        if o.status in (*WORKING, "recorded") and o.due_on and o.due_on < today
        and not (o.status == "scheduled" and o.planned_on and o.planned_on >= today)
        and o.kind not in UNDATED
    ]  # fmt: skip
    dated = [o for o in opinions if o.kind not in UNDATED]
    answered = [o for o in dated if o.status in SETTLED + EXPLAINED and o.settled_on]
    return {
        "opinions_received": len(opinions),
        "opinions_settled": number(SETTLED),
        "opinions_explained": number(EXPLAINED),
        "opinions_in_progress": number(WORKING),
        "opinions_unassigned": number(("recorded",)),
        "opinions_excluded": number(EXCLUDED),
        "opinions_overdue": len(late),
        "opinions_on_time": len([o for o in answered if o.settled_on <= o.first_due_on]),
        "opinions_on_time_extended": len([o for o in answered if o.settled_on <= max(o.first_due_on, o.due_on)]),
        "opinions_was_late": len([o for o in dated if o.late_days or (o.is_open and o.promised_on < today)]),
        "opinions_confirmed": len(
            [o for o in opinions if o.status in SETTLED + EXPLAINED and o.satisfaction == "satisfied"]
        ),
    }


def _then(unit):
    if unit.level == "village":
        return lambda row: getattr(row, "village_id", None) == unit.pk
    return lambda row: getattr(row, f"{unit.level}_id") == unit.pk


def _heir(unit_id, today):
    """Follow whole and main parts until a unit that is in force; None when the line ends before today."""
    links = UnitSuccession.objects.filter(kind__in=("whole", "part_main"), effective_on__lte=today)
    heirs = dict(links.values_list("predecessor_id", "successor_id"))
    while unit_id in heirs:
        unit_id = heirs[unit_id]
    ends = UnitVersion.objects.filter(unit_id=unit_id).order_by("-valid_from").values_list("valid_to", flat=True)[0]
    return unit_id if (ends or date.max) > today else None


def _now(unit, today):
    heirs, parents = {}, {v.unit_id: v.parent_id for v in UnitVersion.objects.all()}

    def heir(unit_id):
        if unit_id not in heirs:
            heirs[unit_id] = _heir(unit_id, today)
        return heirs[unit_id]

    def inside(row):
        if unit.level == "commune":
            return row.commune_id is not None and heir(row.commune_id) == unit.pk
        at = heir(row.commune_id) if row.commune_id else None
        while at is not None:
            if at == unit.pk:
                return True
            at = parents[at]
        if row.commune_id and heir(row.commune_id):
            return False
        above = getattr(row, f"{unit.level}_id")
        return above is not None and unit.pk in (above, heir(above))

    return inside
