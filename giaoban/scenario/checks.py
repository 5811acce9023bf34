"""What a file must be besides well-formed: every reference, day, period and id."""

from datetime import timedelta
from itertools import pairwise

from core.errors import DomainError
from giaoban.scenario.reading import UnitRow
from meetings.cadence.services import DEFAULT_KINDS
from meetings.enums import PeriodKind
from meetings.models import CadenceRule
from meetings.rules import check_held_on, window
from people.enums import ROLE_LEVELS
from units.enums import LEVEL_ORDER, Level
from units.rules import in_force

PARENT_LEVELS = {
    Level.PROVINCE: (),
    Level.DISTRICT: (Level.PROVINCE,),
    Level.COMMUNE: (Level.DISTRICT, Level.PROVINCE),
    Level.VILLAGE: (Level.COMMUNE,),
}
"""What a unit may lie under; a commune lies right under its province where there are no districts."""

_RANK = {level: number for number, level in enumerate(LEVEL_ORDER)}


def end_of(row):
    """The first day a unit was no more; None while it lasts."""
    return row.last_day + timedelta(days=1) if row.last_day else None


class Tree:
    """Unit rows by code, then linked: `Tree(rows)` to look up, `link(problems)` to give each its parents and heir."""

    def __init__(self, rows):
        self.rows, self.by_code = rows, {}
        for row in sorted(rows, key=lambda row: row.valid_from):
            self.by_code.setdefault(row.code, []).append(row)

    def on(self, code, day, levels):
        """The unit a code means on a day among the given levels; DomainError says why there is none."""
        candidates = self._of_levels(code, levels)
        for row in candidates:
            if in_force(row.valid_from, end_of(row), day):
                return row
        name = candidates[-1].name
        raise DomainError(
            f"{name} ({code}) không hoạt động ngày {day:%d/%m/%Y}. Sửa ngày hoặc chọn đơn vị hoạt động vào ngày đó."
        )

    def latest(self, code, levels=tuple(LEVEL_ORDER)):
        return self._of_levels(code, levels)[-1]

    def _of_levels(self, code, levels):
        known = self.by_code.get(code)
        if not known:
            raise DomainError(f"không có đơn vị mã “{code}” trong $.units. Thêm đơn vị đó hoặc sửa mã.")
        for level in levels:
            found = [row for row in known if row.level == level]
            if found:
                return found
        wanted = " hoặc ".join(Level(level).label for level in levels)
        raise DomainError(f"{known[-1].name} ({code}) là {Level(known[-1].level).label}; chỗ này cần {wanted}.")

    def link(self, problems):
        """Parents over the whole life and successors; what cannot be is noted."""
        self._refuse_overlaps(problems)
        problems.stop()
        for row in self.rows:
            row.successor = self._successor(row, problems)
        problems.stop()
        for row in self.in_order():
            row.spans = self._spans(row, problems)
        problems.stop()

    def in_order(self):
        """From the top down, earlier ones first."""
        return sorted(self.rows, key=lambda row: (_RANK[row.level], row.valid_from, row.code))

    def _refuse_overlaps(self, problems):
        for rows in self.by_code.values():
            for level in LEVEL_ORDER:
                same = [row for row in rows if row.level == level]
                for earlier, later in pairwise(same):
                    if earlier.last_day is None or later.valid_from <= earlier.last_day:
                        problems.add(
                            f"{later.path}.code",
                            f"mã “{later.code}” đã dùng cho {earlier.name} ({earlier.path}) trong cùng thời gian. "
                            "Đổi mã, hoặc kết thúc đơn vị trước (valid_to) trước khi đơn vị sau bắt đầu.",
                        )

    def _successor(self, row, problems):
        if not row.successor_code:
            return None
        levels = [row.level, *(level for level in LEVEL_ORDER if level != row.level)]
        try:
            return self.on(row.successor_code, end_of(row), levels)
        except DomainError as error:
            problems.add(f"{row.path}.successor", error.message)

    def _spans(self, row, problems):
        """The parents of a unit, one after the other: where one closes, the next takes the unit over."""
        parent = self._first_parent(row, problems)
        if parent is None:
            return [(None, row.valid_from, end_of(row))]
        spans, start, end = [], row.valid_from, end_of(row)
        while end_of(parent) and (end is None or end_of(parent) < end):
            closed = end_of(parent)
            spans.append((parent, start, closed))
            parent, start, former = self._carrier(parent, row.level), closed, parent
            if parent is None:
                problems.add(
                    f"{row.path}.parent",
                    f"{former.name} kết thúc ngày {former.last_day:%d/%m/%Y} mà {row.name} còn hoạt động. "
                    f"Điền successor cho {former.name}, hoặc valid_to cho {row.name}.",
                )
                return spans
        return [*spans, (parent, start, end)]

    def _first_parent(self, row, problems):
        levels = PARENT_LEVELS[row.level]
        sentence = ""
        if not levels and row.parent_code:
            sentence = "đơn vị cấp tỉnh không có đơn vị trên. Đặt parent là null."
        elif levels and not row.parent_code:
            sentence = f"{row.name} cần đơn vị trên ({' hoặc '.join(Level(level).label for level in levels)})."
        elif levels:
            try:
                return self.on(row.parent_code, row.valid_from, levels)
            except DomainError as error:
                sentence = error.message
        if sentence:
            problems.add(f"{row.path}.parent", sentence)

    def _carrier(self, closed, level):
        """Who takes over the units of `level` under a unit that closed: its successor, else the unit above it."""
        heir = closed.successor
        if heir and heir.level in PARENT_LEVELS[level]:
            return heir
        above = closed.spans[-1][0] if closed.spans else None
        if above is None or above.level not in PARENT_LEVELS[level]:
            return None
        day = end_of(closed)
        return above if in_force(above.valid_from, end_of(above), day) else self._carrier(above, level)


def place_of(row, day):
    """{level: unit} of a unit and all above it on a day it was in force."""
    found: dict[str, UnitRow] = {}
    while row is not None:
        found[row.level] = row
        row = next(parent for parent, start, end in row.spans if in_force(start, end, day))
    return found


def columns_of(row, day):
    """The three columns every fact row copies."""
    found = place_of(row, day)
    return {
        f"{level}_id": found[level].pk if level in found else None
        for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
    }


KINDS = {level.value: kind for level, kind in DEFAULT_KINDS}
EXAMPLES = {PeriodKind.MONTH: ("tháng", "2016-03"), PeriodKind.QUARTER: ("quý", "2016-Q1")}
EARLY_DAYS = CadenceRule._meta.get_field("early_days").default
"""The default rules are made with it."""


def check_world(world, problems, today):
    """Link every row to its unit and refuse what cannot be. Returns the linked Tree."""
    tree = Tree(world.units)
    tree.link(problems)
    _refuse_repeated(problems, world.accounts, "username")
    for rows in (world.people, world.meetings, world.opinions):
        _refuse_repeated(problems, rows, "id")
    for account in world.accounts:
        account.unit = _unit(problems, account, lambda row: tree.latest(row.code, ROLE_LEVELS[row.role]))
    for person in world.people:
        person.unit = _unit(problems, person, lambda row: tree.latest(row.code))
    for meeting in world.meetings:
        _check_meeting(tree, problems, meeting, today)
    problems.stop()
    return tree


def _refuse_repeated(problems, rows, name):
    first = {}
    for row in rows:
        value = getattr(row, name)
        earlier = first.setdefault(value, row)
        if earlier is not row:
            problems.add(f"{row.path}.{name}", f"“{value}” đã dùng ở {earlier.path}. Mỗi {name} chỉ dùng một lần.")


def _unit(problems, row, look_up):
    try:
        return look_up(row)
    except DomainError as error:
        problems.add(f"{row.path}.unit", error.message)


def _check_meeting(tree, problems, meeting, today):
    kind = KINDS[meeting.level]
    if meeting.period.kind != kind:
        word, example = EXAMPLES[kind]
        problems.add(
            f"{meeting.path}.period",
            f"hội nghị {Level(meeting.level).label} ghi theo {word}, ví dụ {example}; không dùng “{meeting.period}”.",
        )
        return
    try:
        check_held_on(meeting.held_on, window(meeting.period, EARLY_DAYS, 0).opens_on, today)
    except DomainError as error:
        problems.add(f"{meeting.path}.held_at", error.message)
    meeting.unit = _unit(problems, meeting, lambda row: tree.on(row.code, row.held_on, [row.level]))
    for opinion in meeting.opinions if meeting.unit else ():
        _check_village(tree, problems, opinion, meeting)


def _check_village(tree, problems, opinion, meeting):
    if not opinion.village_code:
        return
    try:
        opinion.village = tree.on(opinion.village_code, meeting.held_on, [Level.VILLAGE])
        if place_of(opinion.village, meeting.held_on).get(meeting.level) is not meeting.unit:
            raise DomainError(f"{opinion.village.name} không thuộc {meeting.unit.name} vào ngày họp. Sửa mã thôn, khu.")
    except DomainError as error:
        problems.add(f"{opinion.path}.village", error.message)
