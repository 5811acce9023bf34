"""The lists behind numbers: a page and the filters, in its own words, that select just what a number counts."""

from urllib.parse import urlencode

from django.urls import reverse

from reports.table import Listing
from units.enums import Level

EVERY_STATE, OPEN_TO_ALL, RESTRICTED = ("trang-thai", "all"), ("pham-vi", "thuong"), ("pham-vi", "han-che")
AT_MEETINGS = ("nguon", "meeting")


def opinion_listing(*words):
    """Opinions of every state unless `words` names one."""
    return Listing("opinion_list", (EVERY_STATE, *words))


def meeting_listing(*words):
    """Meetings that were held."""
    return Listing("meeting_list", words)


def round_listing(state):
    """Expected meetings: `expected`, `held`, `missing` …"""
    return Listing("meeting_list", (("muc", "ky"), ("tinh-trang", state)))


def words_of(period, boundaries, level=""):
    """The filters that all lists of a section have in common.

    Opinions raised at a district's table have a quarter at least, so the figures of a month leave them out.
    """
    words = (("ranh-gioi", boundaries),)
    words += (("cap", Level(level).value),) if level else ()
    return words + ((("bieu", "on"),) if period.kind == "month" else ())


def address_of(column, row, section, period):
    """The list of the things that a cell counts; nothing for words, shares and zeros, and where there is no list.

    A row without a unit of its own says by its `listing` which part of the section's unit it counts.
    """
    listing = column.listing or (row.listing if column.period else None)
    unit_key = row.unit_key or (section.unit_key if row.listing else "")
    value = row.cells.get(column.key)
    if not (listing and unit_key and value and isinstance(value, int)):
        return ""
    own = row.listing.words if row.listing else ()
    return list_url(listing, {"don-vi": unit_key, "ky": period, **dict(section.words)}, own)


def list_url(listing, common, own=()):
    """The words of the listing stand above the common ones, and those of a row above both."""
    return f"{reverse(listing.page)}?{urlencode({**common, **dict(listing.words), **dict(own)})}"
