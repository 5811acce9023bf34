"""The phrases of the sample opinions, read from `data/opinions_*.txt`.

    == TOPIC                            a topic code of domain.md §3.2
    -- DISTRICT rural                   a matter, whose competence it is, and tags that a place or time must have
    ! problem      > what is asked      + what was done      ~ what was explained
    -= DISTRICT rural                   a matter whose first request and answers go with its first problem, and so on
    PROPOSAL COMMUNE rural: whole sentence => answer          other kinds of opinion, the answer may be left out

Every problem of a `--` matter goes with every request of it. `{slots}` are filled by `opinions.py`.
"""

import re
from dataclasses import dataclass, field
from functools import cache

from giaoban.demo.material import lines_of, word_list

_SENTENCE = re.compile(r"([A-Z_]+) ([A-Z]+)((?: [a-z]+)*): (.+?)(?: => (.+))?")


@dataclass
class Matter:
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
            matter = Matter(key, chapter.topic, competence.lower(), frozenset(tags), line[1] == "=")
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
