"""For each word of `figures` the address of the list it counts, where there is one."""

from reports.listings import list_url, opinion_listing, round_listing, words_of
from reports.overview import MEETINGS, OPINIONS, ROUNDS
from units.enums import Level


def lists_of(unit, period, boundaries):
    """{word: address}, for a unit's period."""
    addresses, place = {}, {"don-vi": unit.key, "ky": period.code}
    for level in (Level.COMMUNE, Level.DISTRICT):
        common = place | dict(words_of(period, boundaries, level))
        listings = [(word, round_listing(state)) for word, _, state in ROUNDS]
        listings += [(word, listing) for word, _, listing in MEETINGS if listing]
        addresses |= {f"{level.value}_{word}": list_url(listing, common) for word, listing in listings}
    common = place | dict(words_of(period, boundaries))
    return addresses | {f"opinions_{word}": list_url(opinion_listing(*words), common) for word, _, words in OPINIONS}
