"""Reads over the tree: units by key, places of a day, names of a day, today's heirs of old units."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.db.models import Count, F, Q, Value

from core.errors import DomainError
from units.enums import INHERITING, Level, SuccessionKind
from units.models import Body, BodyName, Unit, UnitHeritage, UnitLineage, UnitSuccession, UnitVersion
from units.rules import in_force


@dataclass(frozen=True)
class Place:
    """Where a unit lay on a day; levels that did not exist there are None."""

    province_id: int | None = None
    district_id: int | None = None
    commune_id: int | None = None
    village_id: int | None = None

    @property
    def columns(self):
        """The three columns every fact row copies."""
        return {"province_id": self.province_id, "district_id": self.district_id, "commune_id": self.commune_id}


def places_on(unit_ids, day):
    """{unit id: Place} of the units that were in force on `day`, in one query."""
    found = {}
    rows = UnitLineage.objects.filter(unit_id__in=unit_ids).on(day).values_list("unit_id", "level", "ancestor_id")
    for unit_id, level, ancestor_id in rows:
        found.setdefault(unit_id, {})[f"{level}_id"] = ancestor_id
    return {unit_id: Place(**columns) for unit_id, columns in found.items()}


def place_on(unit, day):
    """The Place of one unit; a unit not in force on `day` is refused with a sentence."""
    place = places_on([unit.pk], day).get(unit.pk)
    if place is None:
        raise DomainError(
            f"{unit.name} không hoạt động ngày {day:%d/%m/%Y}. Chọn đơn vị đang hoạt động vào ngày đó.", "unit"
        )
    return place


def ancestor_at(unit, level, day):
    """The unit's ancestor at a level on a day, or None (the level may not exist)."""
    return Unit.objects.filter(descent__in=UnitLineage.objects.filter(unit=unit, level=level).on(day)).first()


def names_on(unit_ids, day):
    """{unit id: name on that day}; a unit not in force then keeps the last name it had."""
    names = dict(Unit.objects.filter(pk__in=unit_ids).values_list("pk", "name"))
    names.update(UnitVersion.objects.filter(unit_id__in=unit_ids).on(day).values_list("unit_id", "name"))
    return names


def body_name_on(body, day):
    """The body's name on a day: documents carry the name of their signing day."""
    return body.names.on(day).values_list("name", flat=True).first() or body.name


def body_names_on(body_ids, day):
    """{body id: name on that day}, the plain name where none of the day is kept."""
    names = dict(Body.objects.filter(pk__in=body_ids).values_list("pk", "name"))
    names.update(BodyName.objects.filter(body_id__in=body_ids).on(day).values_list("body_id", "name"))
    return names


def unit_by_key(word, period=None, today=None):
    """The unit of a key (`province-22-20140101`) or bare level-code (`province-22`).

    A bare code means the unit in force on the last day of `period`, else the latest in force within it; without a
    period, today's. Unknown: DomainError.
    """
    exact = Unit.objects.filter(key=word).first()
    if exact:
        return exact
    level, _, code = (word or "").partition("-")
    candidates = Unit.objects.filter(level=level, code=code).order_by("-valid_from")
    last = period.last if period else today
    unit = candidates.on(last).first() if last else candidates.first()
    if unit is None and period is not None:
        unit = candidates.filter(valid_from__lte=period.last).exclude(valid_to__lte=period.first).first()
    if unit is None:
        raise DomainError(f"Không có đơn vị “{word}”. Nhập dạng province-22 hoặc commune-06652-20250701.", "unit")
    return unit


def children_of(unit, day):
    """The units whose parent was `unit` on `day`, named as of that day (`name_then`)."""
    versions = (
        UnitVersion.objects.filter(parent=unit).on(day).select_related("unit").order_by("unit__level", "unit__sort_key")
    )
    return _as_of(versions)


def roots_on(day):
    """The provinces of a day."""
    return _as_of(UnitVersion.objects.filter(parent=None).on(day).select_related("unit").order_by("unit__code"))


def _as_of(versions):
    units = []
    for version in versions:
        version.unit.name_then = version.name
        version.unit.kind_then = version.get_kind_display()
        units.append(version.unit)
    return units


def trail_of(unit, day):
    """The ancestors from the province down to the unit itself on a day."""
    order = {Level.PROVINCE: 0, Level.DISTRICT: 1, Level.COMMUNE: 2, Level.VILLAGE: 3}
    rows = UnitLineage.objects.filter(unit=unit).on(day).select_related("ancestor")
    return sorted((row.ancestor for row in rows), key=lambda ancestor: order[ancestor.level])


def with_origins(unit_ids):
    """The given unit ids and those of every unit whose records they inherited."""
    origins = UnitHeritage.objects.filter(heir_id__in=unit_ids).values_list("origin_id", flat=True)
    return set(unit_ids) | set(origins)


def heir_of(unit, day):
    """The unit that carries on `unit`'s records and open work on `day`; itself while in force, None if nobody."""
    seen = set()
    while unit and unit.valid_to and unit.valid_to <= day and unit.pk not in seen:
        seen.add(unit.pk)
        link = UnitSuccession.objects.filter(predecessor=unit, kind__in=INHERITING).select_related("successor").first()
        unit = link.successor if link else None
    return unit


def bodies_for(unit, day):
    """The bodies in force at a unit on a day, leading ones first."""
    return Body.objects.filter(unit=unit).on(day).order_by("kind", "sort_key")


SEARCH_LIMIT = 50


def readable_units(user):
    """The tree down to the communes is public; villages are for those who work in the branch."""
    return Unit.objects.exclude(level=Level.VILLAGE) | Unit.objects.visible_to(user)


def day_in_life(unit, day):
    """`day` if the unit was in force then, else the nearest day on which it was."""
    if in_force(unit.valid_from, unit.valid_to, day):
        return day
    return unit.valid_from if day < unit.valid_from else unit.valid_to - timedelta(days=1)


def counts_below(user, unit_ids, day):
    """{unit id: {level: number of units below it on a day}}; villages only where the user sees the whole branch."""
    counts = defaultdict(dict)
    rows = UnitLineage.objects.filter(ancestor_id__in=unit_ids).on(day).exclude(unit_id=F("ancestor_id"))
    own = Unit.objects.visible_to(user).values("pk")
    rows = rows.filter(~Q(unit__level=Level.VILLAGE) | Q(ancestor__in=own))
    for unit_id, level, count in rows.values_list("ancestor_id", "unit__level").annotate(Count("pk")):
        counts[unit_id][level] = count
    return counts


def own_units(user, day):
    """The units of the user's posts, or what they were on that day."""
    ids = {pk for grant in user.scope.grants for pk in grant.unit_ids}
    return named_on(Unit.objects.filter(pk__in=ids).on(day), day)


def search_units(user, text, day):
    """(units whose name contains `text` on a day, how many there are)."""
    found = readable_units(user).on(day).matching(text).order_by("search_text", "code")
    return named_on(found[:SEARCH_LIMIT], day), found.count()


def named_on(units, day):
    units = list(units)
    versions = UnitVersion.objects.filter(unit__in=[unit.pk for unit in units]).on(day)
    names = dict(versions.values_list("unit_id", "name"))
    for unit in units:
        unit.name_then = names.get(unit.pk, unit.name)
    return units


def place_in(trail):
    """The Place that a trail of ancestors describes."""
    return Place(**{f"{unit.level}_id": unit.pk for unit in trail})


def history_of(unit):
    """Where the unit came from and what became of it: [{"on", "text", "parts": [(word, unit)], "basis"}]."""
    links = UnitSuccession.objects.filter(Q(predecessor=unit) | Q(successor=unit))
    links = list(links.select_related("predecessor", "successor").order_by("effective_on", "predecessor__code"))
    origins = [link for link in links if link.successor_id == unit.pk and link.kind != SuccessionKind.ABOLISHED]
    ends = [link for link in links if link.predecessor_id == unit.pk]
    return [_event(group, _origin_text, "predecessor", unit) for group in _by_day(origins)] + [
        _event(group, _end_text, "successor", unit) for group in _by_day(ends)
    ]


def _by_day(links):
    return [list(group) for _, group in groupby(links, key=lambda link: link.effective_on)]


ORIGIN_WORDS = {
    SuccessionKind.WHOLE: "toàn bộ",
    SuccessionKind.PART_MAIN: "phần chính của",
    SuccessionKind.PART: "một phần của",
}
END_WORDS = {
    SuccessionKind.WHOLE: "toàn bộ nhập vào",
    SuccessionKind.PART_MAIN: "phần chính nhập vào",
    SuccessionKind.PART: "phần còn lại nhập vào",
    SuccessionKind.ABOLISHED: "việc còn lại chuyển về",
}
KEPT_WORDS = {"predecessor": "trước đó là", "successor": "nay là"}


def _event(links, text, side, unit):
    words = ORIGIN_WORDS if side == "predecessor" else END_WORDS
    parts = [(words[link.kind], other) for link in links if (other := getattr(link, side))]
    is_kept = _is_kept(links, side, unit)
    if is_kept:
        parts = [(KEPT_WORDS[side], parts[0][1])]
    bases = sorted({link.legal_basis for link in links if link.legal_basis})
    return {"on": links[0].effective_on, "text": text(links, is_kept), "parts": parts, "basis": "; ".join(bases)}


def _is_kept(links, side, unit):
    """The whole unit and nothing else, under the same name: only the row and what lies above changed."""
    other = getattr(links[0], side)
    if len(links) > 1 or links[0].kind != SuccessionKind.WHOLE or other.name != unit.name:
        return False
    return side == "predecessor" or other.origins.count() == 1


def _origin_text(links, is_kept):
    if is_kept:
        return "Giữ nguyên, không sắp xếp lại; chỉ đổi đơn vị cấp trên"
    return "Hình thành từ"


def _end_text(links, is_kept):
    heirs = [link.successor for link in links if link.kind != SuccessionKind.ABOLISHED]
    if not heirs:
        return "Kết thúc hoạt động, không có đơn vị kế tục"
    if is_kept:
        return "Tiếp tục hoạt động với tên cũ"
    return "Kết thúc hoạt động"


def with_upper(units, day):
    """The units, each with the name of its parent on a day as `upper`."""
    units = list(units)
    parents = UnitVersion.objects.filter(unit__in=[unit.pk for unit in units]).on(day)
    names = dict(parents.values_list("unit_id", "parent__name"))
    for unit in units:
        unit.upper = names.get(unit.pk)
    return units


def regrouped(unit, today):
    """(condition over the branch columns of fact rows, ids of the unit and of those whose records it inherited).

    Rows of the units in force today under it and of every unit whose records those inherited; rows without a commune,
    or of a commune that nobody inherited, stay with their district or province and its heir, so that a province keeps
    its total.
    """
    own, inside, heirless = _families(unit, today)
    condition = Q(**{f"{unit.level}_id__in": own})
    if unit.level in (Level.PROVINCE, Level.DISTRICT):
        homeless = Q(commune_id=None) | Q(commune_id__in=heirless)
        condition = Q(commune_id__in=inside) | (condition & homeless)
    return condition, own


def _families(unit, today):
    """In one query, what `unit` stands for today, as three sets of ids.

    The unit and those whose records it inherited; the communes under it today and those they inherited from; the
    communes once under it that have ended and left their records to nobody in force today.
    """
    origins = UnitHeritage.objects.filter(heir=unit).values("origin_id")
    living = Unit.objects.level(Level.COMMUNE).under(unit, today).on(today).order_by()
    inherited = UnitHeritage.objects.exclude(heir__valid_to__lte=today).values("origin_id")
    ended = Unit.objects.filter(level=Level.COMMUNE, valid_to__lte=today).order_by()
    once_below = Q(lineage__ancestor=unit) | Q(lineage__ancestor_id__in=origins)
    parts = [
        Unit.objects.filter(Q(pk=unit.pk) | Q(pk__in=origins)).order_by().values_list("pk", Value(0)),
        living.values_list("pk", Value(1)),
        UnitHeritage.objects.filter(heir__in=living.values("pk")).values_list("origin_id", Value(1)),
        ended.filter(once_below).exclude(pk__in=inherited).values_list("pk", Value(2)),
    ]
    sets = (set(), set(), set())
    for pk, which in parts[0].union(*parts[1:], all=True):
        sets[which].add(pk)
    return sets
