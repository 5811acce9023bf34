"""Who is assigned where, how often they are to go, what they planned, saw and found, and what came of it."""

from visits.models.assignment import Assignment, VisitExemption, VisitNorm, YearlySheet
from visits.models.helped import CellRating, HelpedCheck, HelpedUnit, LocalGroup
from visits.models.plan import PlannedVisit, VisitPlan
from visits.models.registers import Commendation, Explanation, Knowing, Situation, TrainingCourse, TrainingTurn
from visits.models.visit import CheckDraw, CheckPair, CountedVisits, Visit

__all__ = [
    "Assignment",
    "CellRating",
    "CheckDraw",
    "CheckPair",
    "Commendation",
    "CountedVisits",
    "Explanation",
    "HelpedCheck",
    "HelpedUnit",
    "Knowing",
    "LocalGroup",
    "PlannedVisit",
    "Situation",
    "TrainingCourse",
    "TrainingTurn",
    "Visit",
    "VisitExemption",
    "VisitNorm",
    "VisitPlan",
    "YearlySheet",
]
