"""What each row of a book becomes, before anything is written. The same book on the same ground gives the same plan."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from core.display import group_digits
from core.errors import DomainError
from core.periods import Period
from core.text import fold
from feedback.enums import GROUP_OF, UNRESOLVED, Competence, OpinionStatus, ReportGroup
from feedback.ledger.book import DELEGATES, MEETINGS, OPINIONS
from feedback.models import Topic
from intake.tables import DAYS, NOTE, IntakeQuestion, listed_numbers
from meetings.cadence.services import DEFAULT_KINDS
from meetings.closed import closed_spans
from meetings.enums import CADENCE_KINDS, MeetingKind, PeriodKind
from meetings.models import CadenceRule, Meeting
from units.enums import LEVEL_ORDER, Level
from units.models import Unit, UnitLineage, UnitVersion
from units.naming import PlaceBook, named_places, several
from units.reads import with_origins

OTHER = "OTHER"
TABLES = (Level.COMMUNE, Level.DISTRICT)
"""Levels that hold meetings."""


@dataclass
class LedgerWorld:
    """`spans[unit][level]`: (ancestor, from, to); `names[word]`: ids of the units that a name or code may mean."""

    tops: set = field(default_factory=set)
    levels: dict = field(default_factory=dict)
    titles: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)
    code_of: dict = field(default_factory=dict)
    names: dict = field(default_factory=lambda: defaultdict(set))
    spans: dict = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    topics: dict = field(default_factory=dict)
    rules: list = field(default_factory=list)
    known: dict = field(default_factory=dict)
    closed: dict = field(default_factory=dict)
    called_then: dict = field(default_factory=lambda: defaultdict(list))
    books: dict = field(default_factory=dict)

    def place_on(self, unit_id, day):
        """{level: ancestor id} of a unit on a day; empty when it was not in force or lay outside the import's unit."""
        found = {}
        for level, spans in self.spans[unit_id].items():
            for ancestor, start, end in spans:
                if start <= day and (end is None or end > day):
                    found[level] = ancestor
        return found if self.tops & set(found.values()) else {}

    def called(self, word, levels):
        """Ids of the units of some levels that a key, a code or a name may mean."""
        found = self.codes.get(word) or self.names.get(fold(word), ())
        return sorted(pk for pk in found if self.levels[pk] in levels)

    def book_of(self, unit_id, level, day):
        """The PlaceBook of what lay below a unit on a day, as the log's form reads it."""
        if (unit_id, day) not in self.books:
            places = {pk: place for pk in self.levels if (place := self.place_on(pk, day)).get(level) == unit_id}
            rows = [
                (pk, self.levels[pk], self.code_of[pk], self._name_on(pk, day), _parent_of(place, self.levels[pk]))
                for pk, place in places.items()
                if pk != unit_id
            ]
            self.books[unit_id, day] = PlaceBook(named_places(rows), self.titles[unit_id])
        return self.books[unit_id, day]

    def _name_on(self, pk, day):
        spans = self.called_then[pk]
        return next((n for n, start, end in spans if start <= day and (end is None or end > day)), self.titles[pk])

    def closed_on(self, unit_id, day):
        """When the figures of a unit's period that ends on or holds a day were closed; None while it is open."""
        return next((on for first, last, on in self.closed.get(unit_id, ()) if first <= day <= last), None)

    def topic_of(self, words):
        """The id of a topic by its code, its name or a part of it; nothing written is "other"."""
        return self.topics.get(fold(words or OTHER))

    def rule_on(self, province_id, level, day):
        return next(
            (
                rule
                for rule in self.rules
                if (rule.province_id, rule.level) == (province_id, level)
                and rule.valid_from <= day
                and (rule.valid_to is None or rule.valid_to > day)
            ),
            None,
        )


def read_world(unit, drafts):
    """A fixed number of queries, whatever the size."""
    world = LedgerWorld(tops=with_origins([unit.pk]))
    below = UnitLineage.objects.filter(ancestor_id__in=world.tops).values("unit_id")
    for pk, key, code, level, name in Unit.objects.filter(pk__in=below).values_list(
        "pk", "key", "code", "level", "name"
    ):
        world.levels[pk], world.titles[pk], world.code_of[pk] = level, name, code
        for word in (key, code, f"{level}-{code}"):
            world.codes.setdefault(word, set()).add(pk)
        world.names[fold(name)].add(pk)
    versions = UnitVersion.objects.filter(unit__in=below)
    for pk, name, kind, *span in versions.values_list("unit_id", "name", "kind", "valid_from", "valid_to"):
        world.called_then[pk].append((name, *span))
        for word in _names_of(name, kind):
            world.names[word].add(pk)
    lineage = UnitLineage.objects.filter(unit__in=below)
    for pk, level, *span in lineage.values_list("unit_id", "level", "ancestor_id", "valid_from", "valid_to"):
        world.spans[pk][level].append(span)
    world.topics = _topics()
    world.rules = list(CadenceRule.objects.filter(unit=None).order_by("valid_from"))
    world.closed = closed_spans(below)
    _read_known(world, below, drafts)
    return world


def _read_known(world, below, drafts):
    """{(unit, kind, day): its source key or ""} of the meetings on the days of the drafts."""
    days = [row["held_on"] for row in drafts.meetings]
    if not days:
        return
    rows = Meeting.objects.held().filter(unit__in=below, held_on__range=(min(days), max(days)))
    for unit_id, kind, day, source in rows.values_list("unit_id", "kind", "held_on", "source_key"):
        world.known[unit_id, kind, day] = source or ""


def _names_of(name, kind):
    """The name in full and without its kind: {'thon dong tien', 'dong tien'}."""
    whole = fold(name)
    kind_word = kind.replace("_", " ")
    bare = whole.removeprefix(f"{kind_word} ").removeprefix("thanh pho ").removeprefix("thi xa ")
    return {whole, bare} - {""}


def _parent_of(place, level):
    """The id of the unit just above in a place, or None."""
    above = [each for each in LEVEL_ORDER[: LEVEL_ORDER.index(Level(level))] if place.get(each)]
    return place[above[-1]] if above else None


def _topics():
    """{word: ids} by code, by name, and by the parts of a name, where only one topic has them."""
    found, parts = {}, defaultdict(set)
    for pk, code, name in Topic.objects.values_list("pk", "code", "name"):
        found[fold(code)] = found[fold(name)] = pk
        for part in name.replace("–", ",").split(","):
            parts[fold(part)].add(pk)
    alone = {word: min(ids) for word, ids in parts.items() if len(ids) == 1 and word}
    return alone | found


EARLY_DAYS, LATEST = 5, timedelta(days=92)
GROUP = "Đại biểu"
MOST_FAULTS = 1000
COMPETENCES = {Level.COMMUNE: Competence.COMMUNE, Level.DISTRICT: Competence.DISTRICT}
_PERIOD_KINDS = dict(DEFAULT_KINDS)


@dataclass(frozen=True)
class OpinionPlan:
    """A row of OPINIONS; `place`: {level: unit id} of what it is about, on the meeting's day."""

    line: int
    row: dict
    place: dict
    topic_id: int
    competence: str
    holder_id: int


@dataclass(frozen=True)
class BookMeeting:
    """A row of MEETINGS with what belongs to it; without a `period` it counts for its day."""

    line: int
    row: dict
    unit_id: int
    unit: str
    level: str
    place: dict
    period: Period | None
    counts: tuple = ()
    opinions: list = field(default_factory=list)

    @property
    def held_on(self):
        return self.row["held_on"]

    @property
    def first(self):
        return self.period.first if self.period else self.held_on

    @property
    def last(self):
        return self.period.last if self.period else self.held_on

    @property
    def attendance(self):
        return sum(number for _, number in self.counts)

    @property
    def is_regular(self):
        return self.row["kind"] in CADENCE_KINDS


@dataclass(frozen=True)
class LedgerPlan:
    meetings: tuple
    faults: tuple
    questions: tuple = ()

    @property
    def years(self):
        return sorted({meeting.last.year for meeting in self.meetings})

    @property
    def unit_ids(self):
        return sorted({meeting.unit_id for meeting in self.meetings})

    def totals(self):
        """Per year and level, what the statistics will show: the reader compares them with the book's own sums."""
        found = defaultdict(Counter)
        for meeting in self.meetings:
            sums = found[meeting.last.year, meeting.level]
            sums["meetings"] += 1
            sums["sittings"] += meeting.row["sittings"] or 1
            sums["attendance"] += meeting.attendance
            sums["opinions"] += len(meeting.opinions)
            sums.update(str(GROUP_OF[OpinionStatus(opinion.row["status"])]) for opinion in meeting.opinions)
        words = ("meetings", "sittings", "attendance", "opinions", *ReportGroup.values)
        return [
            {"year": year, "level": level, **{word: found[year, level][word] for word in words}}
            for year, level in sorted(found)
        ]


class LedgerPlanner:
    def __init__(self, world, drafts):
        self.world, self.drafts = world, drafts
        self.faults = list(drafts.faults)
        self.by_key, self.by_day, self.said = {}, {}, {}
        self.groups = defaultdict(dict)

    def plan(self):
        """A Plan of all rows, each fault with its place."""
        for row in self.drafts.delegates:
            self._try(DELEGATES, row, self._group)
        keys = {row["key"] for row in self.drafts.meetings} | self.drafts.spoilt
        for row in self.drafts.meetings:
            self._try(MEETINGS, row, self._meeting)
        for row in self.drafts.opinions:
            self._try(OPINIONS, row, lambda row: self._opinion(row, keys))
        strays = [row for row in self.drafts.delegates if row["meeting"] not in keys]
        for row in strays:
            self._fault(DELEGATES, row, "meeting", _unknown_key(row["meeting"]))
        heads, forms = self.drafts.heads, (MEETINGS, OPINIONS, DELEGATES)
        order = {heads[form.sheet].name if form.sheet in heads else form.sheet: n for n, form in enumerate(forms)}
        faults = sorted(self.faults, key=lambda fault: (order.get(fault.sheet, 0), fault.line, fault.column))
        meetings = tuple(self.by_key.values())
        questions = (*self.drafts.questions, *self._doubtful_months(meetings), *self._uncounted(meetings))
        return LedgerPlan(meetings, tuple(faults), questions)

    def _doubtful_months(self, meetings):
        """Two regular meetings of a unit in one period beside one without any, where the period came from the day:
        what a day and month put the wrong way round by Excel look like."""
        held = defaultdict(lambda: defaultdict(list))
        for meeting in meetings:
            if meeting.is_regular and meeting.period:
                held[meeting.unit_id][meeting.period].append(meeting)
        for periods in held.values():
            for period, found in periods.items():
                beside = [each for each in (period.previous(), period.next()) if each not in periods]
                by_day = [meeting for meeting in found if not meeting.row["period"]]
                if len(found) > 1 and by_day and beside:
                    days = ", ".join(f"{meeting.held_on:%d/%m/%Y} (dòng {meeting.line})" for meeting in found)
                    text = (
                        f"{found[0].unit} có {len(found)} hội nghị định kỳ trong {period.label_inside}: {days}, còn "
                        f"{beside[-1].label_inside} không có. Ngày và tháng có bị đảo không? Nếu ngày đúng, ghi "
                        "cột Kỳ hoặc xác nhận."
                    )
                    fault = self.drafts.fault(MEETINGS, by_day[0].line, "held_on", text)
                    yield IntakeQuestion(fault.sheet, fault.line, fault.column, text, DAYS)

    def _uncounted(self, meetings):
        lines = [meeting.line for meeting in meetings if meeting.row["attendance"] is None and not meeting.counts]
        if lines:
            text = f"{group_digits(len(lines))} hội nghị chưa ghi số đại biểu: dòng {listed_numbers(lines)}."
            fault = self.drafts.fault(MEETINGS, 0, "attendance", text)
            yield IntakeQuestion(fault.sheet, 0, fault.column, text, NOTE)

    def _try(self, form, row, step):
        try:
            step(row)
        except DomainError as error:
            self._fault(form, row, error.field or "", error.message)

    def _fault(self, form, row, key, text):
        self.faults.append(self.drafts.fault(form, row["line"], key, text))

    def _group(self, row):
        groups = self.groups[row["meeting"]]
        if row["group"] in groups:
            raise DomainError(f"Hội nghị này đã có thành phần “{row['group']}”. Hãy cộng gộp vào một dòng.", "group")
        groups[row["group"]] = row["number"]

    def _meeting(self, row):
        if known := self.by_key.get(row["key"]):
            raise DomainError(f"Mã sổ “{row['key']}” trùng với dòng {known.line}. Mỗi hội nghị một mã riêng.", "key")
        unit_id, place = self._unit(row)
        level = self.world.levels[unit_id]
        period = self._period(row, level, place)
        self._check_open(row, unit_id, period)
        self._check_twice(row, unit_id)
        title = self.world.titles[unit_id]
        counts = self._counts(row)
        self.by_key[row["key"]] = BookMeeting(row["line"], row, unit_id, title, level, place, period, counts)

    def _unit(self, row):
        """(unit id, its place on the day); anything unclear is asked back."""
        levels = (row["level"],) if row["level"] else TABLES
        if row["level"] and row["level"] not in TABLES:
            raise DomainError("Hội nghị chỉ ở cấp xã hoặc cấp huyện. Sửa lại cấp.", "level")
        named = self.world.called(row["unit"], levels)
        if not named:
            raise DomainError(
                f"Không có đơn vị “{row['unit']}” trong địa bàn này. Ghi tên như trong danh mục hoặc mã đơn vị.", "unit"
            )
        places = {pk: place for pk in named if (place := self.world.place_on(pk, row["held_on"]))}
        if not places:
            raise DomainError(
                f"{self.world.titles[named[0]]} không hoạt động trong địa bàn này ngày {row['held_on']:%d/%m/%Y}. "
                "Ghi đơn vị của ngày đó, hoặc sửa ngày họp.",
                "unit",
            )
        if len(places) > 1:
            raise DomainError(
                f"Có {len(places)} đơn vị tên “{row['unit']}”. Ghi thêm cấp, hoặc ghi mã thay cho tên.", "unit"
            )
        return next(iter(places.items()))

    def _period(self, row, level, place):
        day, regular = row["held_on"], row["kind"] in CADENCE_KINDS
        kind = str(_PERIOD_KINDS.get(level, PeriodKind.MONTH))
        period = Period.parse(row["period"]) if row["period"] else None
        last = period.last if period else day
        rule = self.world.rule_on(place[Level.PROVINCE], level, last)
        kind = rule.period_kind if rule else kind
        if not regular:
            if period and day not in period:
                raise DomainError(f"Ngày họp {day:%d/%m/%Y} không nằm trong {period.label_inside}.", "period")
            return None
        if period is None:
            return Period.of_day(day, kind)
        if period.kind != kind:
            raise DomainError(
                f"{period.label} không đúng chu kỳ của cấp này: họp {PeriodKind(kind).label}. Ghi lại kỳ.", "period"
            )
        early = timedelta(days=rule.early_days if rule else EARLY_DAYS)
        if not period.first - early <= day <= period.last + LATEST:
            raise DomainError(
                f"Ngày họp {day:%d/%m/%Y} không hợp với {period.label_inside}. Sửa ngày họp hoặc kỳ.", "period"
            )
        return period

    def _check_open(self, row, unit_id, period):
        if on := self.world.closed_on(unit_id, period.last if period else row["held_on"]):
            raise DomainError(
                f"{self.world.titles[unit_id]} đã khóa số liệu kỳ này ngày {on:%d/%m/%Y}. Bỏ dòng này và các ý kiến "
                "của nó khỏi tệp, hoặc đề nghị mở lại kỳ rồi nhập.",
                "period",
            )

    def _check_twice(self, row, unit_id):
        key = (unit_id, row["kind"], row["held_on"])
        what = f"hội nghị {MeetingKind(row['kind']).label.lower()} ngày {row['held_on']:%d/%m/%Y} của đơn vị này"
        if line := self.by_day.get(key):
            raise DomainError(f"Trùng với dòng {line}: {what}. Hãy xóa một dòng.", "held_on")
        self.by_day[key] = row["line"]
        if key in self.world.known:
            raise DomainError(f"Phần mềm đã có {what}. Hãy bỏ dòng này và các ý kiến của nó khỏi tệp.", "held_on")

    def _counts(self, row):
        groups, total = self.groups.get(row["key"]), row["attendance"]
        if not groups:
            return ((GROUP, total),) if total else ()
        if total is not None and total != sum(groups.values()):
            raise DomainError(
                f"Lượt đại biểu {group_digits(total)} khác tổng {group_digits(sum(groups.values()))} "
                f"ở trang {DELEGATES.sheet}. Sửa một trong hai, hoặc để trống ô này.",
                "attendance",
            )
        return tuple(groups.items())

    def _opinion(self, row, keys):
        meeting = self.by_key.get(row["meeting"])
        if meeting is None:
            if row["meeting"] not in keys:
                raise DomainError(_unknown_key(row["meeting"]), "meeting")
            return  # its meeting is told already
        key = (row["meeting"], row["village"], row["text"])
        if line := self.said.get(key):
            raise DomainError(f"Trùng với dòng {line}: cùng hội nghị, cùng nội dung. Hãy xóa một dòng.", "text")
        self.said[key] = row["line"]
        _check_days(row, meeting)
        place = self._about(row, meeting)
        competence = row["competence"] or COMPETENCES[Level(meeting.level)]
        holder = _holder(row, meeting, competence)
        meeting.opinions.append(OpinionPlan(row["line"], row, place, self._topic(row), competence, holder))

    def _about(self, row, meeting):
        """{level: unit id} of the place an opinion is about: a village, at a district's table perhaps a commune."""
        if not row["village"]:
            return meeting.place
        levels = (Level.VILLAGE,) if meeting.level == Level.COMMUNE else (Level.VILLAGE, Level.COMMUNE)
        places = [self.world.place_on(pk, meeting.held_on) for pk in self.world.called(row["village"], levels)]
        places = [place for place in places if place.get(meeting.level) == meeting.unit_id]
        if len(places) == 1:
            return places[0]
        found = self.world.book_of(meeting.unit_id, meeting.level, meeting.held_on).candidates(row["village"])
        if len(found) == 1:
            return self.world.place_on(found[0].pk, meeting.held_on)
        if found:
            raise DomainError(f"{several(found, row['village'])}; hoặc ghi mã.", "village")
        raise DomainError(
            f"{meeting.unit} không có “{row['village']}” ngày {meeting.held_on:%d/%m/%Y}. "
            "Ghi tên hoặc mã của ngày đó; không có thì để trống ô này và ghi tên thôn vào nội dung.",
            "village",
        )

    def _topic(self, row):
        topic_id = self.world.topic_of(row["topic"])
        if topic_id is None:
            raise DomainError(f"Không có lĩnh vực “{row['topic']}”. Chọn tên trong trang HuongDan.", "topic")
        return topic_id


def _unknown_key(key):
    return f"Trang {MEETINGS.sheet} không có mã sổ “{key}”. Sửa mã, hoặc thêm hội nghị."


def _check_days(row, meeting):
    """A closed opinion has its day, an open one has none, and no answer comes before the question."""
    is_open, settled_on = row["status"] in UNRESOLVED, row["settled_on"]
    if is_open and settled_on:
        raise DomainError("Ý kiến chưa xong thì để trống ngày giải quyết, hoặc sửa tình trạng.", "settled_on")
    if not is_open and settled_on is None and row["status"] != OpinionStatus.ANSWERED_ON_SPOT:
        raise DomainError("Ghi ngày giải quyết, trả lời; chỉ trả lời tại hội nghị mới được để trống.", "settled_on")
    if settled_on and settled_on < meeting.held_on:
        raise DomainError(
            f"Ngày giải quyết {settled_on:%d/%m/%Y} trước ngày họp {meeting.held_on:%d/%m/%Y}. Sửa một trong hai.",
            "settled_on",
        )


def _holder(row, meeting, competence):
    """Who owes the next step: the meeting's unit, or the level above that a matter was sent to."""
    if row["status"] != OpinionStatus.ESCALATED:
        return meeting.unit_id
    above = LEVEL_ORDER[: LEVEL_ORDER.index(Level(meeting.level))]
    ids = {str(level): meeting.place[level] for level in reversed(above) if level in meeting.place}
    return ids.get(competence) or next(iter(ids.values()))


def plan_faults(plan):
    """The first faults, as plain values."""
    return [
        {"sheet": fault.sheet, "line": fault.line, "column": fault.column, "text": fault.text}
        for fault in plan.faults[:MOST_FAULTS]
    ]
