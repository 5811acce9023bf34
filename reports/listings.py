"""The lists behind numbers of opinions, in the words of the review desk."""

from dataclasses import replace

from reports.reach import THEN
from reports.table import Listing

EVERY_STATE, OPEN_TO_ALL, RESTRICTED = ("trang-thai", "all"), ("pham-vi", "thuong"), ("pham-vi", "han-che")


def has_lists(period, boundaries):
    """Lists show rows as they were; in a month they hold district meetings, which the figures of a month do not."""
    return boundaries == THEN and period.kind != "month"


def opinion_listing(*words):
    """Opinions of every state unless `words` names one; of the unit as it was, never what it inherited."""
    return Listing("opinion_list", (EVERY_STATE, *words, ("ranh-gioi", THEN)))


def without_listings(columns):
    """The same columns where there are no lists."""
    return tuple(replace(column, listing=None) for column in columns)
