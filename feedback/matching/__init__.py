"""Is this the same matter? Pure functions over Vietnamese texts: no database, no clock."""

from feedback.matching.scoring import THRESHOLD, Case, best_match, similarity

__all__ = ["THRESHOLD", "Case", "best_match", "similarity"]
