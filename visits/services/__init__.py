"""What a person does: write down assignments, norms and leave; log visits and answer for them."""

from visits.services.assigning import AssignmentOrder, assign_cadre, end_assignment, exempt_cadre, set_norm
from visits.services.crosschecks import draw_checks, report_check
from visits.services.groups import add_group, add_usual_groups, correct_group, end_group
from visits.services.raising import raise_finding
from visits.services.visiting import (
    VisitFacts,
    confirm_visit,
    edit_visit,
    log_visit,
    question_visit,
    withdraw_visit,
)

__all__ = [
    "AssignmentOrder",
    "VisitFacts",
    "add_group",
    "add_usual_groups",
    "assign_cadre",
    "confirm_visit",
    "correct_group",
    "draw_checks",
    "edit_visit",
    "end_assignment",
    "end_group",
    "exempt_cadre",
    "log_visit",
    "question_visit",
    "raise_finding",
    "report_check",
    "set_norm",
    "withdraw_visit",
]
