"""Sample opinions that read as real ones: a matter, a wording, and words for the slots."""

import re
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from giaoban.demo.material import word_list
from giaoban.demo.phrasebook import Matter, entries, phrasebook
from giaoban.demo.places import commune_word, government_of, lower_first, terrain, upper_first

TOPIC_SHARES = {
    "LAND": 13, "TRANSPORT": 13, "ENV": 10, "CLEARANCE": 8, "IRRIGATION": 8, "SOCIAL_POLICY": 7, "SECURITY": 6,
    "POWER": 5, "WATER": 5, "CULTURE": 4, "AGRI": 4, "CONSTRUCTION": 3, "NRD": 3, "CADRE": 3, "MINING": 4,
    "EDU": 2.5, "HEALTH": 2.5, "ADMIN": 2, "BUDGET": 1.5, "TELECOM_DX": 1.5, "DEMOCRACY": 1.2, "MASS_ORG": 1,
    "PARTY": 1, "REARRANGEMENT": 1, "OTHER": 1, "DEFENCE": 0.7, "ETHNIC_RELIGION": 0.7,
}  # fmt: skip
KIND_SHARES = {
    "petition": 58, "reflection": 20, "proposal": 8, "question": 7, "comment": 3, "initiative": 2, "good_practice": 2,
}  # fmt: skip
CHANNELS = {"oral": 74, "written": 10, "pre_submitted": 8, "relayed": 8}
COMPETENCE_SHARES = {
    "commune": {"village": 0.6, "commune": 1, "district": 0.35, "province": 0.15, "sector": 0.4},
    "district": {"village": 0.1, "commune": 0.22, "district": 1, "province": 0.6, "sector": 0.6},
}
MATTER_KINDS = ("petition", "reflection")
NEW_ERA = 2020
_SLOT = re.compile(r"\{(\w+)\}")


class OpinionDraft(NamedTuple):
    """`answer` says what was done, `explanation` what was explained; `matter` and `slots` let others raise the same."""

    text: str
    topic: str
    kind: str
    competence: str
    channel: str
    answer: str
    explanation: str
    matter: str
    problem: int | None
    slots: dict


class _Words:
    """Fills slots; a word once chosen stays the same for the text and its answers."""

    def __init__(self, rng, level, village_name, commune_name, year, district_name, known=None):
        word, names = commune_word(commune_name), word_list("slots")
        village = lower_first(village_name) if village_name else ""
        at = village or lower_first(commune_name)
        if village and level == "district":
            at = f"{village}, {lower_first(commune_name)}"
        self.rng, self.names, self.tags = rng, names, terrain(commune_name)
        self.fixed = {
            "at": at,
            "village": village or "địa bàn",
            "unit": _village_word(village),
            "kind": word,
            "gov": f"UBND {word}",
            "dgov": government_of(district_name) if district_name else f"UBND {word}",
            "year": str(year),
            "last_year": str(year - 1),
            "next_year": str(year + 1),
        }
        self.chosen = dict(known or {})

    def fill(self, text):
        while "{" in text:
            text = _SLOT.sub(lambda match: self.word(match[1]), text)
        return text

    def word(self, slot):
        if slot in self.fixed:
            return self.fixed[slot]
        if slot in ("who", "Who"):
            self.fixed["who"] = self.rng.choice(self.names["who"])
            return upper_first(self.fixed["who"]) if slot == "Who" else self.fixed["who"]
        if slot not in self.chosen:
            self.chosen[slot] = self._choose(slot)
        return self.chosen[slot]

    def _choose(self, slot):
        rng, names = self.rng, self.names
        if slot == "place":
            return rng.choice([place for tag in sorted(self.tags) for place in names["place"].get(tag, [])])
        if slot == "road":
            return rng.choice(
                ["từ {house} đến {place}", "đoạn qua {place}", "từ {place} vào khu dân cư", "sau {place}"]
            )
        if slot == "house":
            return f"nhà {rng.choice(('ông', 'bà'))} {rng.choice(names['given'])}"
        if slot == "len":
            return f"{rng.choice(names['length']):,}".replace(",", ".")
        if slot in ("spot", "project", "area", "money"):
            return rng.choice(names[slot])
        low, high = {"n": (5, 68), "m": (1, 12), "m2": (2, 9), "d": (1, 9), "money2": (5, 60)}[slot]
        return str(rng.randint(low, high))


def _village_word(village):
    for word in ("khu phố", "tổ dân phố", "thôn", "bản", "khu"):
        if village.startswith(word):
            return word
    return "khu dân cư"


def make_opinion(rng, level, village_name, commune_name, year, *, district_name="", topic=""):
    """One opinion raised at a meeting of `level`; without a district name, as where there are no districts.

    `village_name` may be empty: the opinion is about the whole commune. `topic` narrows it, as at a thematic meeting.
    """
    tags = terrain(commune_name) | {"new" if year >= NEW_ERA else "old"}
    kinds, kind_weights = _shares("kind")
    kind = rng.choices(kinds, cum_weights=kind_weights)[0]
    items, weights = _choices(kind, level, tags, bool(district_name), topic)
    if not items:
        kind = "petition"
        items, weights = _choices(kind, level, tags, bool(district_name), topic)
    item = rng.choices(items, cum_weights=weights)[0]
    words = _Words(rng, level, village_name, commune_name, year, district_name)
    return _draft(rng, item, kind, words, bool(district_name))


def similar_opinion(rng, draft, level, village_name, commune_name, year, *, district_name=""):
    """The same matter about the same place in other words: raised elsewhere, or again at the level above."""
    words = _Words(rng, level, village_name, commune_name, year, district_name, draft.slots)
    return _draft(rng, entries()[draft.matter], draft.kind, words, bool(district_name), draft.problem)


def competence_of(item, has_district):
    """Where there are no districts, their matters are the commune's."""
    return "commune" if item.competence == "district" and not has_district else item.competence


@cache
def _shares(name):
    table = {"kind": KIND_SHARES, "channel": CHANNELS}[name]
    return list(table), list(accumulate(table.values()))


@cache
def _choices(kind, level, tags, has_district, only_topic):
    """What can be raised at such a place and time, with cumulated weights."""
    items, weights = [], []
    chapters = {only_topic: phrasebook()[only_topic]} if only_topic else phrasebook()
    for topic, chapter in chapters.items():
        pool = chapter.matters if kind in MATTER_KINDS else [s for s in chapter.sentences if s.kind == kind]
        for item in pool:
            if item.tags <= tags:
                items.append(item)
                competence = competence_of(item, has_district)
                weights.append(TOPIC_SHARES[topic] * COMPETENCE_SHARES[level][competence] / len(pool))
    return items, list(accumulate(weights))


def _draft(rng, item, kind, words, has_district, problem=None):
    if isinstance(item, Matter):
        if problem is None or not item.is_paired:
            problem = rng.randrange(len(item.problems))
        text = _matter_text(rng, item, kind, words, problem)
        answer, explanation = (rng.choice(item.options(lines, problem)) for lines in (item.done, item.explained))
    else:
        text, answer, explanation = _sentence_text(rng, item, words), item.reply, item.reply
    channels, weights = _shares("channel")
    return OpinionDraft(
        text=text,
        topic=item.topic,
        kind=kind,
        competence=competence_of(item, has_district),
        channel=rng.choices(channels, cum_weights=weights)[0],
        answer=upper_first(words.fill(answer)),
        explanation=upper_first(words.fill(explanation)),
        matter=item.key,
        problem=problem,
        slots=words.chosen,
    )


def _matter_text(rng, matter, kind, words, problem):
    """The frame names the village, so that the problem itself only says thôn, bản or khu."""
    requests = matter.options(matter.requests, problem)
    ask = rng.choice([*requests, *word_list("slots")["request"]] if matter.is_paired else requests)
    said, asked = (words.fill(part.replace("{village}", "{unit}")) for part in (matter.problems[problem], ask))
    frame = rng.choice(word_list("slots")[kind])
    for slot, value in (("problem", said), ("Problem", upper_first(said)), ("ask", asked)):
        frame = frame.replace("{" + slot + "}", value)
    return upper_first(words.fill(frame))


def _sentence_text(rng, sentence, words):
    text = words.fill(sentence.text)
    if "{who}" in sentence.text:
        return upper_first(text)
    frame = rng.choice(word_list("slots")["question" if sentence.kind == "question" else "said"])
    for slot, value in (("text", lower_first(text)), ("Text", upper_first(text))):
        frame = frame.replace("{" + slot + "}", value)
    return upper_first(words.fill(frame))
