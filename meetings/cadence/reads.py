"""Rounds: which units a period must reach, which its meetings have reached and when, who is still missing.

A round is begun at its first sitting and held on the day by which the last unit below was reached; everything that
asks whether a period was held, and on which day, reads what `coverages` says (kept on the row by `occurrences`).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Case, Exists, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Now

from core.periods import Period
from core.text import place_sort_key
from meetings.closed import check_open
from meetings.enums import CADENCE_KINDS, PRESENT_STATES, SEVERAL_SITTINGS, MeetingForm
from meetings.models import Attendance, CadenceRule, CountedAttendance, Exemption, Meeting, Occurrence, Sitting
from meetings.rules import clock_dues, needs_timing_reason, window
from units.enums import Level
from units.models import Unit, UnitHeritage, UnitLineage, UnitVersion
from units.querysets import in_force_on
from units.reads import names_on

MEMBER_LEVEL = {Level.DISTRICT: Level.COMMUNE, Level.COMMUNE: Level.VILLAGE}
WORDS = {Level.DISTRICT: "xã", Level.COMMUNE: "thôn, khu"}
"""What the members of a round are called."""

BY_BOOK = "theo sổ"
"""Said where only numbers were kept, and it is taken for granted that everybody was there."""


@dataclass(frozen=True)
class Coverage:
    """Units of the level below that a round must reach, and the first day on which each was; `held_on`: all were."""

    members: frozenset
    reached: dict
    word: str
    begun_on: date | None = None
    held_on: date | None = None
    is_by_book: bool = False
    is_in_parts: bool = True

    @property
    def count(self):
        """'5/11 xã'."""
        return f"{len(self.reached)}/{len(self.members)} {self.word}"

    @property
    def text(self):
        if self.is_by_book:
            return f"đã họp đủ {self.word}, {BY_BOOK}"
        return f"đã họp {self.count}" if self.is_in_parts else ""

    @property
    def missing(self):
        return self.members - self.reached.keys()


@dataclass
class _Gathering:
    """A day on which a meeting reached some units (`units`), or everybody at once (None)."""

    day: date
    units: set | None = field(default_factory=set)
    is_by_book: bool = False


def member_spans(unit_ids, level):
    """[(above, unit, valid_from, valid_to)] of the units one level below; dates half-open. One query."""
    lineage = UnitLineage.objects.filter(ancestor__in=unit_ids, level=level, unit__level=MEMBER_LEVEL.get(level, ""))
    return list(lineage.values_list("ancestor_id", "unit_id", "valid_from", "valid_to"))


def members_on(spans, day, above=None):
    """Ids of the units that lay below (one unit, or any) on a day."""
    return {
        unit_id
        for unit_above, unit_id, first, end in spans
        if above in (None, unit_above) and first <= day and (end is None or day < end)
    }


def coverages(occurrences, without=None):
    """{id: Coverage} of the occurrences with a held meeting; `occurrences` have pk, unit_id, level, ends_on.

    A fixed number of queries whatever the number. `without`: a meeting that is left out of account.
    """
    rows = {row.pk: row for row in occurrences}
    gatherings = _gatherings(rows, without)
    parted = {pk for pk, found in gatherings.items() if any(each.units is not None for each in found)}
    found = {}
    for level in MEMBER_LEVEL:
        here = [row for row in rows.values() if row.level == level and row.pk in gatherings]
        spans = member_spans({row.unit_id for row in here if row.pk in parted}, level) if parted else []
        heirs = _heirs(unit_id for _, unit_id, *_ in spans)
        for row in here:
            members = frozenset(members_on(spans, row.ends_on, row.unit_id))
            found[row.pk] = _coverage(members, gatherings[row.pk], heirs, WORDS[level])
    return found


def _heirs(unit_ids):
    """{closed unit: [units that inherited from it]}: who sat before a merger need not sit again after it."""
    heirs = defaultdict(set)
    ids = set(unit_ids)
    for heir, origin in UnitHeritage.objects.filter(heir__in=ids).values_list("heir_id", "origin_id") if ids else ():
        heirs[origin].add(heir)
    return heirs


def _coverage(members, gatherings, heirs, word):
    """What the gatherings, day by day, have reached. Where the tree knows no units below, the first one is all."""
    gatherings = sorted(gatherings, key=lambda each: each.day)
    reached, held_on, is_by_book = {}, None, False
    for each in gatherings:
        units = members if each.units is None else {*each.units, *(h for pk in each.units for h in heirs.get(pk, ()))}
        for unit_id in units & members:
            reached.setdefault(unit_id, each.day)
        if held_on is None and (each.units is None or members <= reached.keys()):
            held_on, is_by_book = each.day, each.units is None and each.is_by_book
    is_in_parts = any(each.units is not None for each in gatherings)
    return Coverage(members, reached, word, gatherings[0].day, held_on, is_by_book, is_in_parts)


def _gatherings(rows, without):
    """{occurrence id: [_Gathering]} of its own held meetings and of joint ones that satisfy the cadence."""
    held = Meeting.objects.held().filter(kind__in=CADENCE_KINDS).exclude(pk=without)
    meetings, of_occurrence = {}, defaultdict(set)
    for path in ("occurrence", "joint_occurrences"):
        found = held.filter(**{f"{path}__in": list(rows)}).order_by()
        for occurrence_id, pk, *columns in found.values_list(
            path, "pk", "level", "form", "held_on", "attendance_count"
        ):
            of_occurrence[occurrence_id].add(pk)
            meetings[pk] = columns
    parted = {pk: columns for pk, columns in meetings.items() if _is_parted(*columns[:2])}
    named = _reached_by(parted) if parted else {}
    whole = {pk: [_Gathering(held_on, None)] for pk, (_, _, held_on, _) in meetings.items() if pk not in parted}
    return {pk: [each for meeting in ids for each in (whole | named)[meeting]] for pk, ids in of_occurrence.items()}


def _is_parted(level, form):
    """Does it matter who came? A hall holds all; a commune's online meeting is one hall."""
    return form in SEVERAL_SITTINGS or (level == Level.DISTRICT and form in (MeetingForm.ONLINE, MeetingForm.HYBRID))


def _reached_by(meetings):
    """{meeting id: [_Gathering]}: its sittings, else the units whose people came, else all when only counted."""
    found, by_sitting = defaultdict(list), {}
    seats = Sitting.communes.through.objects.filter(sitting__meeting__in=list(meetings))
    for meeting_id, sitting_id, day, unit_id in seats.values_list(
        "sitting__meeting_id", "sitting_id", "sitting__held_on", "unit_id"
    ):
        if meetings[meeting_id][1] in SEVERAL_SITTINGS:
            if sitting_id not in by_sitting:
                found[meeting_id].append(by_sitting.setdefault(sitting_id, _Gathering(day)))
            by_sitting[sitting_id].units.add(unit_id)
    rest = {pk: columns for pk, columns in meetings.items() if pk not in found}
    present = _present_units(rest) if rest else {}
    counted = set(
        CountedAttendance.objects.filter(meeting__in=list(rest), number__gt=0).values_list("meeting", flat=True)
    )
    listed = set(Attendance.objects.filter(meeting__in=list(rest)).values_list("meeting", flat=True))
    for pk, (_, _, held_on, turns) in rest.items():
        is_by_book = pk not in present and (pk in counted or (turns > 0 and pk not in listed))
        found[pk].append(_Gathering(held_on, None, True) if is_by_book else _Gathering(held_on, present.get(pk, set())))
    return found


def _present_units(meetings):
    """{meeting id: ids of the units one level below whose people, or people of whose villages, were present}."""
    present = defaultdict(set)
    seats = Attendance.objects.filter(presence__in=PRESENT_STATES, is_guest=False)
    for people in (seats, CountedAttendance.objects.filter(number__gt=0)):
        of_units = people.filter(
            in_force_on(F("meeting__held_on"), "unit__lineage__"),
            meeting__in=list(meetings),
            unit__lineage__level__in=MEMBER_LEVEL.values(),
        )
        for pk, unit_id, level in (
            of_units.order_by()
            .values_list("meeting_id", "unit__lineage__ancestor_id", "unit__lineage__level")
            .distinct()
        ):
            if level == MEMBER_LEVEL[meetings[pk][0]]:
                present[pk].add(unit_id)
    return present


def joint_places(meeting, day):
    """{id as text: name} of the units below those that met jointly with the host of a meeting."""
    joint = meeting.joint_occurrences.values("unit_id")
    below = (
        UnitVersion.objects.filter(parent__in=joint)
        .on(day)
        .select_related("parent")
        .order_by("parent__sort_key", "unit__sort_key")
    )
    return {str(version.unit_id): f"{version.name} ({version.parent.name})" for version in below}


def last_day(meeting):
    """The day of a held meeting's last sitting: the day it is judged by."""
    days = [meeting.held_on, *meeting.sittings.values_list("held_on", flat=True)]
    return max(day for day in days if day) if meeting.held_on else None


def must_explain(meeting, last_on):
    """Does a meeting of its period, whose last sitting is on a day, owe the reason why it is late?"""
    period = meeting.occurrence
    if period is None or meeting.kind not in CADENCE_KINDS or last_on <= period.due_on:
        return False
    others = coverages([period], without=meeting.pk).get(period.pk)
    return needs_timing_reason(last_on, others.held_on if others else None, period.due_on)


def begun_count(row):
    """'5/11 xã' of a round that has begun."""
    return coverages([row])[row.pk].count


def missing_units(occurrence):
    """[{"pk", "name", "url"}] of the units that a begun round has not reached, by their names of the day."""
    coverage = coverages([occurrence]).get(occurrence.pk)
    if coverage is None or occurrence.met_on:
        return []
    names = names_on(coverage.missing, occurrence.ends_on)
    units = Unit.objects.filter(pk__in=coverage.missing)
    rows = [{"pk": unit.pk, "name": names[unit.pk], "url": unit.get_absolute_url()} for unit in units]
    return sorted(rows, key=lambda each: place_sort_key(each["name"]))


CLOCK_DAYS = (3, 5)
"""Working days for logging and for the conclusion where no rule of the level is in force."""
REACH = timedelta(days=60)


def clock_days(rules, level, day, unit_id):
    """(days to log, days to conclude) by the rule in force on `day`: the unit's own, else that of the level."""
    for rule in sorted(rules, key=lambda rule: rule.unit_id is None):
        is_ours = rule.level == level and rule.unit_id in (None, unit_id)
        if is_ours and rule.valid_from <= day and (rule.valid_to is None or day < rule.valid_to):
            return rule.log_days, rule.conclusion_days
    return CLOCK_DAYS


def set_dues(meeting, last_on, calendar):
    """The due days of logging and of the conclusion, from the day held and the day of the last sitting. Not saved."""
    rules = CadenceRule.objects.filter(province=meeting.province_id, level=meeting.level).on(meeting.held_on)
    days = clock_days(rules, meeting.level, meeting.held_on, meeting.unit_id)
    meeting.log_due_on, meeting.conclusion_due_on = clock_dues(meeting.held_on, last_on, *days, calendar)


def refresh_dues(province_id, day, calendar):
    """Count anew what a changed `day` may have moved; `calendar` knows the days from two months before it."""
    rules = list(CadenceRule.objects.filter(province=province_id))
    _refresh_meetings(province_id, rules, day, calendar)
    _refresh_windows([rule for rule in rules if rule.rolls_forward], day, calendar)


def _refresh_meetings(province_id, rules, day, calendar):
    near = Meeting.objects.filter(province=province_id, held_on__range=(day - REACH, day), log_due_on__isnull=False)
    meetings = list(near.annotate(last_on=Max("sittings__held_on")))
    for meeting in meetings:
        days = clock_days(rules, meeting.level, meeting.held_on, meeting.unit_id)
        last_on = max(meeting.held_on, meeting.last_on or meeting.held_on)
        meeting.log_due_on, meeting.conclusion_due_on = clock_dues(meeting.held_on, last_on, *days, calendar)
    Meeting.objects.bulk_update(meetings, ["log_due_on", "conclusion_due_on"], batch_size=200)


def _refresh_windows(rules, day, calendar):
    by_id = {rule.pk: rule for rule in rules}
    near = Occurrence.objects.filter(rule__in=rules, ends_on__range=(day - REACH, day))
    due, late = [], []
    for rule_id, first, last in near.order_by().values_list("rule_id", "starts_on", "ends_on").distinct():
        rule = by_id[rule_id]
        days = window(Period(first, last), rule.early_days, rule.grace_days, calendar)
        due.append(When(rule=rule_id, ends_on=last, then=Value(days.due_on)))
        late.append(When(rule=rule_id, ends_on=last, then=Value(days.late_until)))
    if due:
        near.update(due_on=Case(*due, default=F("due_on")), late_until=Case(*late, default=F("late_until")))


DERIVED = ("begun_on", "met_on", "is_exempt", "is_exempt_late", "is_incomplete")


@transaction.atomic
def refresh_occurrence(occurrence):
    """Recompute begun, held, the exemption and the incomplete end; call it in the saving transaction.

    Begun on the first day of a held meeting that satisfies the cadence, its own or a joint one; held on the day the
    last unit below was reached. Once begun, an exemption no longer counts; once held, neither does an incomplete end.
    When the meeting is cancelled again, what was granted counts again; requests that are settled by it are closed.
    A closed one that would change by it refuses the whole act.
    """
    row = Occurrence.objects.select_for_update(of=("self",)).select_related("unit").get(pk=occurrence.pk)
    before = [getattr(row, name) for name in DERIVED]
    coverage = coverages([row]).get(row.pk)
    row.begun_on, row.met_on = (coverage.begun_on, coverage.held_on) if coverage else (None, None)
    granted = set(row.exemptions.filter(is_granted=True).values_list("is_partial", "is_late"))
    excused = {is_late for is_partial, is_late in granted if not is_partial}
    row.is_exempt = row.begun_on is None and bool(excused)
    row.is_exempt_late = row.is_exempt and False not in excused
    row.is_incomplete = row.begun_on is not None and row.met_on is None and any(partial for partial, _ in granted)
    if [getattr(row, name) for name in DERIVED] != before:
        check_open([row])
    row.save(update_fields=DERIVED)
    if row.begun_on:
        settled = Q() if row.met_on else Q(is_partial=False)
        row.exemptions.filter(settled, is_granted=None).update(
            is_granted=False, decided_at=Now(), decision_note="Hội nghị đã họp nên không cần miễn."
        )
    for name in DERIVED:
        setattr(occurrence, name, getattr(row, name))
    return occurrence


def refresh_occurrences(ids):
    """The same for many, in a fixed number of statements; only those not held in a hall are looked at one by one."""
    joint = Meeting.joint_occurrences.through.objects.filter(
        meeting=OuterRef("pk"), occurrence=OuterRef(OuterRef("pk"))
    )
    held = Meeting.objects.filter(Q(occurrence=OuterRef("pk")) | Exists(joint), kind__in=CADENCE_KINDS).held()
    first = Subquery(held.order_by("held_on").values("held_on")[:1])
    rows, granted = Occurrence.objects.filter(pk__in=ids), Exemption.objects.filter(is_granted=True, is_partial=False)
    rows.update(begun_on=first, met_on=first, is_incomplete=False)
    excused = rows.filter(begun_on=None).filter(Exists(granted.filter(occurrence=OuterRef("pk"))))
    rows.filter(begun_on__isnull=False).update(is_exempt=False, is_exempt_late=False)
    in_time = Exists(granted.filter(occurrence=OuterRef("pk"), is_late=False))
    excused.update(is_exempt=True, is_exempt_late=Case(When(in_time, then=Value(False)), default=Value(True)))
    pending = Exemption.objects.filter(occurrence=OuterRef("pk"), is_granted=None)
    for occurrence in rows.filter(Exists(held.exclude(form=MeetingForm.HALL)) | Exists(pending)):
        refresh_occurrence(occurrence)


PLANNERS = {"commune": ("commune", "commune_leader"), "district": ("district", "leader", "specialist")}
PAST_DAYS, AHEAD_DAYS = 400, 45


def plannable_units(user, today):
    """Units at which the user runs meetings; closed ones are left out."""
    ids = [grant.unit_id for grant in user.scope.grants if grant.writes and grant.role in PLANNERS.get(grant.level, ())]
    return list(Unit.objects.visible_to(user).filter(pk__in=ids).on(today).order_by("level", "sort_key"))


def plannable_occurrences(user, today):
    """Occurrences of these units, next ones first, not too old; each with a `label` for the form."""
    units = [unit.pk for unit in plannable_units(user, today)]
    window = {"starts_on__lte": today + timedelta(days=AHEAD_DAYS), "ends_on__gte": today - timedelta(days=PAST_DAYS)}
    found = list(Occurrence.objects.visible_to(user).filter(unit_id__in=units, **window).order_by("-starts_on"))
    for occurrence in found:
        held = f" – đã họp {occurrence.met_on:%d/%m/%Y}" if occurrence.met_on else ""
        held = " – đang họp, chưa đủ" if occurrence.begun_on and not held else held
        occurrence.label = f"{Period.parse(occurrence.period).label}{held}"
    return found
