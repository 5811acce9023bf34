"""Situations: who answers for a place, who knew first, how long each step took."""
