"""The phrases of the sample opinions, read from `data/opinions_*.txt`.

    == TOPIC                            a topic code of docs/sources.md §3.2
    -- DISTRICT rural                   a matter, whose competence it is, and tags that a place or time must have
    ! problem      > what is asked      + what was done      ~ what was explained
    -= DISTRICT rural                   a matter whose first request and answers go with its first problem, and so on
    PROPOSAL COMMUNE rural: whole sentence => answer          other kinds of opinion, the answer may be left out

Every problem of a `--` matter goes with every request of it. `{slots}` are filled by `opinions.py`.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from tools.demo.material import commune_word, government_of, lines_of, lower_first, terrain, upper_first, word_list

_SENTENCE = re.compile(r"([A-Z_]+) ([A-Z]+)((?: [a-z]+)*): (.+?)(?: => (.+))?")


@dataclass
class SampleMatter:
    """Something people raise again and again, in several wordings, with answers that fit it."""

    key: str
    topic: str
    competence: str
    tags: frozenset
    is_paired: bool = False
    problems: list = field(default_factory=list)
    requests: list = field(default_factory=list)
    done: list = field(default_factory=list)
    explained: list = field(default_factory=list)

    @property
    def pattern_count(self):
        requests = 1 + len(word_list("slots")["request"]) if self.is_paired else len(self.requests)
        return len(self.problems) * requests

    def options(self, lines, problem):
        """The requests or answers that fit the problem of that number."""
        if self.is_paired and len(lines) == len(self.problems):
            return lines[problem : problem + 1]
        return lines


@dataclass
class Sentence:
    """A proposal, question, comment, idea or good practice with its own answer, if it has one."""

    key: str
    topic: str
    kind: str
    competence: str
    tags: frozenset
    text: str
    reply: str
    pattern_count = 1


@dataclass
class Chapter:
    topic: str
    matters: list = field(default_factory=list)
    sentences: list = field(default_factory=list)

    @property
    def pattern_count(self):
        return sum(item.pattern_count for item in [*self.matters, *self.sentences])

    @property
    def answer_count(self):
        return sum(len(m.done) + len(m.explained) for m in self.matters) + sum(bool(s.reply) for s in self.sentences)


@cache
def phrasebook():
    """Chapters by topic code."""
    chapters, chapter, matter = {}, None, None
    for line in lines_of("opinions_*.txt"):
        if line.startswith("== "):
            chapter = chapters.setdefault(line[3:], Chapter(line[3:]))
        elif line.startswith(("-- ", "-= ")):
            competence, *tags = line[3:].split()
            key = f"{chapter.topic}-{len(chapter.matters) + 1}"
            matter = SampleMatter(key, chapter.topic, competence.lower(), frozenset(tags), line[1] == "=")
            chapter.matters.append(matter)
        elif line[0] in "!>+~":
            _part_of(matter, line[0]).append(line[2:])
        else:
            chapter.sentences.append(_sentence(chapter, line))
    return chapters


@cache
def entries():
    """Every matter and sentence by its key."""
    return {item.key: item for chapter in phrasebook().values() for item in [*chapter.matters, *chapter.sentences]}


def _part_of(matter, mark):
    return {"!": matter.problems, ">": matter.requests, "+": matter.done, "~": matter.explained}[mark]


def _sentence(chapter, line):
    match = _SENTENCE.fullmatch(line)
    if match is None:
        raise ValueError(f"Cannot read the phrase: {line}")
    kind, competence, tags, text, reply = match.groups()
    key = f"{chapter.topic}-{kind}-{len(chapter.sentences) + 1}"
    return Sentence(key, chapter.topic, kind.lower(), competence.lower(), frozenset(tags.split()), text, reply or "")


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


class DemoOpinion(NamedTuple):
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
    if isinstance(item, SampleMatter):
        if problem is None or not item.is_paired:
            problem = rng.randrange(len(item.problems))
        text = _matter_text(rng, item, kind, words, problem)
        answer, explanation = (rng.choice(item.options(lines, problem)) for lines in (item.done, item.explained))
    else:
        text, answer, explanation = _sentence_text(rng, item, words), item.reply, item.reply
    channels, weights = _shares("channel")
    return DemoOpinion(
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


FROM_MATTER = {"resolved": "answer", "explained": "explanation"}


def reply_text(rng, draft, status):
    """The note that goes with reaching a status; also for `reopened`, `not_satisfied` and `extension`."""
    replies = word_list("replies")
    if status == "answered_on_spot":
        answer = draft.explanation or draft.answer or rng.choice(replies["ACCEPTED"])
        return rng.choice(replies["on_spot"]) + answer[:1].lower() + answer[1:]
    if status == "accepted":
        return draft.answer if draft.kind == "proposal" and draft.answer else rng.choice(replies["ACCEPTED"])
    if status in FROM_MATTER:
        return getattr(draft, FROM_MATTER[status]) or rng.choice(replies["ACCEPTED"])
    return rng.choice(replies[status.upper()])
