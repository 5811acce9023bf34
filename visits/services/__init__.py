"""What a person does: write down assignments, norms and leave; log visits and answer for them."""

from visits.services.assigning import AssignmentOrder, assign_cadre, end_assignment, exempt_cadre, set_norm
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
    "assign_cadre",
    "confirm_visit",
    "edit_visit",
    "end_assignment",
    "exempt_cadre",
    "log_visit",
    "question_visit",
    "raise_finding",
    "set_norm",
    "withdraw_visit",
]
