"""Is this the same matter? Pure functions over Vietnamese texts: no database, no clock."""

from feedback.matching.choosing import THRESHOLD, Case, best_match
from feedback.matching.scoring import similarity

__all__ = ["THRESHOLD", "Case", "best_match", "similarity"]
