"""Reads behind the unit pages: what lies below, what a unit was called, where it came from and what it became."""

from collections import defaultdict
from datetime import timedelta
from itertools import groupby

from django.db.models import Count, F, Q

from units.enums import Level, SuccessionKind
from units.models import Unit, UnitLineage, UnitSuccession, UnitVersion
from units.rules import in_force
from units.selectors import Place

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
