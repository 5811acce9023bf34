"""Norms that are known from published documents, loaded where their unit exists."""

from datetime import date

from meetings.enums import PeriodKind
from units.enums import Level
from units.models import Unit
from visits.enums import NormBasis
from visits.models import VisitNorm

TRA_VINH = ("province-84-20140101", "243-CV/TU", date(2012, 8, 17))
GIA_LOC = ("district-297-20140101", "Quy định của Huyện ủy Gia Lộc", None)
HOA_VANG = ("district-497-20140101", "Kế hoạch của Huyện ủy Hòa Vang", None)
KNOWN = (
    (TRA_VINH, Level.PROVINCE, NormBasis.PERSON, PeriodKind.MONTH),
    (TRA_VINH, Level.DISTRICT, NormBasis.PERSON, PeriodKind.MONTH),
    (TRA_VINH, Level.COMMUNE, NormBasis.PERSON, PeriodKind.MONTH),
    (GIA_LOC, Level.DISTRICT, NormBasis.PERSON, PeriodKind.MONTH),
    (HOA_VANG, Level.DISTRICT, NormBasis.PLACE, PeriodKind.QUARTER),
)
"""(unit key, document, its day), level of the cadres, per person or per place, how often; one turn each."""


def load_known_norms():
    """Idempotent; a norm whose document has no known day begins with its unit. Returns how many were new."""
    units = {unit.key: unit for unit in Unit.objects.filter(key__in={source[0] for source, *_ in KNOWN})}
    norms = [
        VisitNorm(
            unit=units[key],
            level=level,
            basis=basis,
            period_kind=period_kind,
            document=document,
            document_on=document_on,
            valid_from=units[key].valid_from,
            valid_to=units[key].valid_to,
        )
        for (key, document, document_on), level, basis, period_kind in KNOWN
        if key in units
    ]
    before = VisitNorm.objects.count()
    VisitNorm.objects.bulk_create(norms, ignore_conflicts=True)
    return VisitNorm.objects.count() - before
