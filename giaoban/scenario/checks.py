"""What a file must be besides well-formed: every reference, day, period and id."""

from core.errors import DomainError
from giaoban.scenario.tree import Tree, place_of
from meetings.enums import PeriodKind
from meetings.models import CadenceRule
from meetings.planning import DEFAULT_KINDS
from meetings.rules import check_held_on, window
from people.enums import ROLE_LEVELS
from units.enums import Level

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
