"""Made-up people, telephone numbers and villages that read as real ones of Quảng Ninh."""

import random
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from giaoban.demo.material import word_list
from giaoban.demo.places import commune_word, terrain

FEWEST_VILLAGES, MOST_VILLAGES = 5, 12


class Village(NamedTuple):
    """A village of the demo; `code` is `<commune code>-<nn>`, `kind` a code of units.enums.UnitKind."""

    code: str
    name: str
    kind: str


@cache
def _weighted(name):
    table = word_list("names")[name]
    return list(table), list(accumulate(table.values()))


def _pick(rng, name):
    words, weights = _weighted(name)
    return rng.choices(words, cum_weights=weights)[0]


def person_name(rng, *, female=None, highland=False):
    """Family, middle and given name with realistic frequencies; two fifths women unless said."""
    if female is None:
        female = rng.random() < 0.4
    family = _pick(rng, "family_highland" if highland and rng.random() < 0.75 else "family")
    sex = "female" if female else "male"
    middle = _pick(rng, f"middle_{sex}")
    if highland and not female and rng.random() < 0.3:
        middle = rng.choice(word_list("names")["middle_highland"])
    given = _pick(rng, f"given_{sex}")
    while given in (family, middle.split()[-1]):
        given = _pick(rng, f"given_{sex}")
    return f"{family} {middle} {given}"


def phone_number(rng):
    """Ten digits that begin with 0000: no network has such numbers."""
    return f"0000{rng.randrange(1_000_000):06d}"


def villages_of(commune_key, commune_name):
    """The 5–12 villages of a commune, always the same for the same key (`commune-06862-20140101`) and name."""
    code = commune_key.split("-")[1]
    rng = random.Random(f"thôn của {commune_key}")
    count = rng.randint(FEWEST_VILLAGES, MOST_VILLAGES)
    names = _urban(rng, count, commune_name) if "urban" in terrain(commune_name) else _rural(rng, count, commune_name)
    return [Village(f"{code}-{i:02d}", name, kind) for i, (name, kind) in enumerate(names, 1)]


def _urban(rng, count, commune_name):
    """Khu 1, Khu 2 … in half the wards, khu phố with names in some, names alone in others."""
    style = rng.random()
    if style < 0.55 or commune_word(commune_name) == "thị trấn":
        return [(f"Khu {number}", "khu_pho") for number in range(1, count + 1)]
    word = "Khu phố" if style < 0.7 else "Khu"
    return [(f"{word} {name}", "khu_pho") for name in rng.sample(word_list("villages")["urban_named"], count)]


def _rural(rng, count, commune_name):
    """Thôn with the names of the area; in the highlands some are bản; some communes only number them."""
    tags, lists = terrain(commune_name), word_list("villages")
    if not tags & {"highland", "coastal"} and rng.random() < 0.25:
        return [(f"Thôn {number}", "thon") for number in range(1, count + 1)]
    pool = lists["highland"] if "highland" in tags else lists["coastal"] if "coastal" in tags else lists["lowland"]
    rows = []
    for name in rng.sample(pool, count):
        if name.startswith("Bản "):
            rows.append((name, "ban"))
        elif "highland" in tags and rng.random() < 0.4:
            rows.append((f"Bản {name}", "ban"))
        else:
            rows.append((f"Thôn {name}", "thon"))
    return rows
