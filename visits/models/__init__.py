"""Who is assigned where, how often they are to go, what they planned, saw and found, and what came of it."""

from visits.models.assessment import YearlySheet
from visits.models.assignment import Assignment
from visits.models.crosscheck import CheckDraw, CheckPair
from visits.models.group import LocalGroup
from visits.models.helped import CellRating, HelpedCheck, HelpedUnit
from visits.models.norms import VisitExemption, VisitNorm
from visits.models.plan import PlannedVisit, VisitPlan
from visits.models.register import Commendation, TrainingCourse, TrainingTurn
from visits.models.situation import Explanation, Knowing, Situation
from visits.models.visit import CountedVisits, Visit

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
