"""Weak places that somebody helps: ratings, the register, checks due, before and since."""
