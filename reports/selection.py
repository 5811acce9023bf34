"""What a report page is about, read from its address: unit (`don-vi`), period (`ky`), boundaries (`ranh-gioi`)."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.http import Http404

from core.errors import DomainError, NotAllowed
from core.periods import Period
from reports.access import may_read_report
from reports.reach import BOUNDARIES, THEN
from units.enums import Level
from units.models import Unit, UnitLineage
from units.reads import unit_by_key
from units.scoping import scope_of

LEVELS = {Level.PROVINCE: "Cấp tỉnh", Level.DISTRICT: "Cấp huyện", Level.COMMUNE: "Cấp xã"}


@dataclass(frozen=True)
class Selection:
    unit: Unit
    period: Period
    boundaries: str
    units: tuple

    @property
    def query(self):
        """The same choice as the end of another address."""
        return urlencode({"don-vi": self.unit.key, "ky": self.period.code, "ranh-gioi": self.boundaries})

    @property
    def choices(self):
        """[(level in words, units)] for the picker; the chosen unit is always among them."""
        units = self.units if self.unit in self.units else (self.unit, *self.units)
        groups = [(words, [unit for unit in units if unit.level == level]) for level, words in LEVELS.items()]
        return [(words, members) for words, members in groups if members]


def selection_of(user, params, today):
    """Outside the user's branches is 404; an unreadable period is a sentence; nothing chosen is this year here."""
    if not scope_of(user).content_grants:
        raise NotAllowed("Chức vụ của đồng chí không dùng trang báo cáo. Hãy quay lại Việc cần làm.")
    period = Period.parse(params.get("ky") or f"{today.year}")
    boundaries = params.get("ranh-gioi") or THEN
    if boundaries not in BOUNDARIES:
        raise DomainError("Chọn cách tính “theo đơn vị tại thời điểm” hoặc “quy đổi về đơn vị hiện hành”.", "ranh-gioi")
    units = tuple(_units(user, period))
    return Selection(_unit(user, params.get("don-vi"), units, period, today), period, boundaries, units)


def _units(user, period):
    """The units of the user's branches that were in force in the period; villages have no reports."""
    inside = UnitLineage.objects.filter(unit=OuterRef("pk"), ancestor_id__in=scope_of(user).unit_ids())
    alive = Q(valid_from__lte=period.last) & (Q(valid_to=None) | Q(valid_to__gt=period.first))
    found = Unit.objects.filter(Exists(inside), alive, level__in=LEVELS)
    return sorted(found, key=lambda unit: (list(LEVELS).index(unit.level), unit.code))


def _unit(user, word, units, period, today):
    if not word:
        return _own_unit(user, units)
    chosen = next((unit for unit in units if unit.key == word), None)
    if chosen is None:
        chosen = _other_unit(user, word, period, today)
    return chosen


def _other_unit(user, word, period, today):
    try:
        unit = unit_by_key(word, period, today)
    except DomainError as error:
        raise Http404 from error
    if unit.level not in LEVELS or not may_read_report(user, unit):
        raise Http404
    return unit


def _own_unit(user, units):
    """The unit of the user's first post, or the one it inherited when it did not exist yet."""
    grant = scope_of(user).content_grants[0]
    own = next((unit for unit in units if unit.pk == grant.unit_id), None)
    return own or Unit.objects.get(pk=grant.unit_id)
