"""Which facts belong to a unit: as the tree was on their day (`then`), or regrouped onto today's units (`now`)."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q

from core.display import day_text
from core.errors import DomainError
from core.text import place_sort_key
from units.enums import Level
from units.models import Unit, UnitHeritage, UnitLineage, UnitVersion
from units.reads import names_on, regrouped
from units.scoping import scope_of

THEN, NOW = "then", "now"
BOUNDARIES = {THEN: "theo đơn vị tại thời điểm", NOW: "quy đổi về đơn vị hiện hành"}
NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Reach:
    """Conditions over the branch columns of fact rows; `own`: the unit and those it stands for.

    A village holds no meetings, it only raises opinions.
    """

    unit: Unit
    boundaries: str
    facts: Q
    opinions: Q
    own: frozenset = frozenset()

    @property
    def is_village(self):
        return self.unit.level == Level.VILLAGE


def naming_day(boundaries, period, today):
    """The day by whose names a report calls its units: the period's last, today's where history is restated."""
    return today if boundaries == NOW else min(period.last, today)


def reach_of(unit, boundaries, today, user=None):
    """The facts of a unit; those that `user` may count, when one asks (a unit may once have lain elsewhere).

    `then`: rows whose branch column at the unit's level is the unit. `now`: as `units.reads` has them today.
    """
    if boundaries not in BOUNDARIES:
        raise DomainError(
            "Chọn “then” (theo đơn vị tại thời điểm) hoặc “now” (quy đổi về đơn vị hiện hành).", "boundaries"
        )
    seen = _seen_by(user) if user else Q()
    if boundaries == THEN:
        condition, own = Q(**{f"{unit.level}_id": unit.pk}), {unit.pk}
    else:
        condition, own = regrouped(unit, today)
    facts = NOTHING if unit.level == Level.VILLAGE else condition & seen
    return Reach(unit, boundaries, facts, condition & seen, frozenset(own))


def _seen_by(user):
    """The branches whose records the user sees, their archives and inheritances included."""
    condition = NOTHING
    for grant in scope_of(user).content_grants:
        condition |= Q(**{f"{grant.level}_id__in": grant.unit_ids})
    return condition


@dataclass(frozen=True)
class UnitLine:
    """A unit as a row: its name in the period, the part of the period it was in force, who it lay under."""

    unit_id: int
    key: str
    name: str
    level: str
    code: str = ""
    note: str = ""
    parent_id: int | None = None
    parent_name: str = ""
    first: object = None
    until: object = None


@dataclass(frozen=True)
class Lines:
    """Rows in printed order; `homes` says which row a commune's or district's facts go to when they moved.

    `named_on`: the day by whose names the rows are called.
    """

    rows: list
    named_on: date
    homes: dict = field(default_factory=dict)
    by_commune: bool = False

    def home(self, fact):
        """The unit id of the row of a fact (a dict with district_id and commune_id)."""
        place = fact["commune_id"] if self.by_commune else fact["district_id"] or fact["commune_id"]
        return self.homes.get(fact["commune_id"]) or self.homes.get(place, place)


def lines_of(reach, period, today):
    """The rows of a unit: a province's districts (communes where it has none), a district's communes, a commune."""
    unit, day = reach.unit, naming_day(reach.boundaries, period, today)
    if unit.level == Level.COMMUNE:
        return Lines([_itself(reach, period, day)], day, dict.fromkeys(reach.own, unit.pk), by_commune=True)
    lines = _lines(_versions(reach, period, today).filter(parent=unit), period, reach.boundaries, day)
    homes = {} if reach.boundaries == THEN else _homes([line.unit_id for line in lines], today)
    return Lines(lines, day, homes, by_commune=unit.level == Level.DISTRICT)


def communes_of(reach, period, today):
    """A row for each commune, in the order of the districts."""
    unit, day = reach.unit, naming_day(reach.boundaries, period, today)
    if unit.level == Level.COMMUNE:
        return lines_of(reach, period, today)
    below = UnitLineage.objects.filter(ancestor=unit).filter(_alive(reach, period, today)).values("unit_id")
    versions = _versions(reach, period, today).filter(unit__level=Level.COMMUNE, unit_id__in=below)
    lines = _lines(versions, period, reach.boundaries, day)
    homes = {} if reach.boundaries == THEN else _homes([line.unit_id for line in lines], today)
    return Lines(lines, day, homes, by_commune=True)


def districts_of(reach, period, today, lines=None):
    """A row for each district of the period (of today where history is restated); a district is its own row.

    `lines`: what `lines_of` answered for the same question, where it was asked already.
    """
    unit, day = reach.unit, naming_day(reach.boundaries, period, today)
    if unit.level == Level.DISTRICT:
        return Lines([_itself(reach, period, day)], day, dict.fromkeys(reach.own, unit.pk))
    lines = lines or lines_of(reach, period, today)
    return Lines([line for line in lines.rows if line.level == Level.DISTRICT], day, lines.homes)


def completed(rows, unit_ids, named_on):
    """The rows, and a row for every other unit that has facts: a former district, a unit nobody inherited."""
    unknown = set(unit_ids) - {line.unit_id for line in rows} - {None}
    if not unknown:
        return rows
    names = names_on(unknown, named_on)
    return rows + sorted((_former(unit, names[unit.pk]) for unit in Unit.objects.filter(pk__in=unknown)), key=_order)


def lifetime(first, until, period):
    """'từ 01/07/2025', 'đến hết 30/06/2025' when a unit was in force for a part of the period only."""
    words = []
    if first > period.first:
        words.append(f"từ {day_text(first)}")
    if until and until <= period.last:
        words.append(f"đến hết {day_text(until - timedelta(days=1))}")
    return ", ".join(words)


def _alive(reach, period, today):
    first, last = (period.first, period.last) if reach.boundaries == THEN else (today, today)
    return Q(valid_from__lte=last) & (Q(valid_to=None) | Q(valid_to__gt=first))


def _versions(reach, period, today):
    return UnitVersion.objects.filter(_alive(reach, period, today)).select_related("unit", "parent")


def _lines(versions, period, boundaries, named_on):
    """One line a unit: its name of the day, the parent of its last version, the span of all of them."""
    spans = {}
    for version in versions.order_by("valid_from"):
        start = spans[version.unit_id][1] if version.unit_id in spans else version.valid_from
        spans[version.unit_id] = (version, start)
    names = names_on({pk for version, _ in spans.values() for pk in (version.unit_id, version.parent_id)}, named_on)
    return sorted((_line(version, start, period, boundaries, names) for version, start in spans.values()), key=_order)


def _line(version, start, period, boundaries, names):
    unit, parent = version.unit, version.parent
    return UnitLine(
        unit_id=unit.pk,
        key=unit.key,
        name=names[unit.pk],
        level=unit.level,
        code=f"{parent.code if parent else ''}/{unit.code}",
        note=lifetime(start, version.valid_to, period) if boundaries == THEN else "",
        parent_id=version.parent_id,
        parent_name=names[parent.pk] if parent else "",
        first=start if boundaries == THEN else None,
        until=version.valid_to,
    )


def _itself(reach, period, named_on):
    """A unit as its own row; restated, its life is that of what it inherited, too."""
    unit = reach.unit
    name = names_on([unit.pk], named_on)[unit.pk]
    if reach.boundaries != THEN:
        return UnitLine(unit.pk, unit.key, name, unit.level, unit.code)
    note = lifetime(unit.valid_from, unit.valid_to, period)
    return UnitLine(unit.pk, unit.key, name, unit.level, unit.code, note, first=unit.valid_from, until=unit.valid_to)


def _former(unit, name):
    note = f"đến hết {day_text(unit.valid_to - timedelta(days=1))}" if unit.valid_to else ""
    return UnitLine(unit.pk, unit.key, name, unit.level, unit.code, note, first=unit.valid_from, until=unit.valid_to)


def _order(line):
    """Districts before communes that lie under the province itself, then as in the official list."""
    return line.level != Level.DISTRICT, line.code, place_sort_key(line.name)


def _homes(line_ids, today):
    """{unit: row} of all that lies under the rows today, and of all whose records it inherited."""
    inside = UnitLineage.objects.filter(ancestor_id__in=line_ids).exclude(unit__level=Level.VILLAGE).on(today)
    homes = dict(inside.values_list("unit_id", "ancestor_id"))
    inherited = UnitHeritage.objects.filter(heir_id__in=homes).values_list("heir_id", "origin_id")
    return homes | {origin: homes[heir] for heir, origin in inherited}
