"""What kind of place a commune is, so that its villages, people and opinions fit together."""

from functools import cache

from giaoban.demo.material import word_list

URBAN_KINDS = {"phường", "thị trấn"}


@cache
def commune_word(commune_name):
    """xã, phường, thị trấn or đặc khu, as it stands before the name."""
    lower = commune_name.lower()
    for word in ("thị trấn", "đặc khu", "phường"):
        if lower.startswith(word):
            return word
    return "xã"


@cache
def terrain(commune_name):
    """The tags of a commune: `urban` or `rural` (a thị trấn is both), `coastal`, `highland`, `mining`."""
    word = commune_word(commune_name)
    tags = {name for name in ("coastal", "highland", "mining") if commune_name in word_list("places")[name]}
    if word in URBAN_KINDS:
        tags.add("urban")
    if word != "phường":
        tags.add("rural")
    return frozenset(tags)


def government_of(unit_name):
    """'Thành phố Hạ Long' -> 'UBND thành phố', 'Phường Hà Tu' -> 'UBND phường'."""
    lower = unit_name.lower()
    for word in ("thành phố", "thị xã", "thị trấn", "đặc khu", "phường", "huyện", "tỉnh"):
        if lower.startswith(word):
            return f"UBND {word}"
    return "UBND xã"


def lower_first(name):
    """'Thôn Khe Và' -> 'thôn Khe Và', as it is written inside a sentence."""
    return name[:1].lower() + name[1:]


def upper_first(text):
    return text[:1].upper() + text[1:]
