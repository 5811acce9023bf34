"""What the reports keep: closed periods, pinned claims, compiled years. Everything else they compute."""

from reports.models.claim import Claim
from reports.models.closing import FrozenFigures, FrozenTable, PeriodClosure
from reports.models.compiled import Compilation, YearRollup

__all__ = ["Claim", "Compilation", "FrozenFigures", "FrozenTable", "PeriodClosure", "YearRollup"]
