"""Where an opinion may go from its holder: up, down, or back (reads only)."""

from feedback.enums import Verb
from units.enums import LEVEL_ORDER, Level
from units.selectors import heir_of

BRANCH_LEVELS = [Level.PROVINCE, Level.DISTRICT, Level.COMMUNE]


def upper_unit(opinion, today):
    """The next level up of the opinion's own branch that exists today, or None above the province.

    The branch is that of the opinion's day, followed to its heirs: those who see the opinion are those who get it.
    """
    higher = LEVEL_ORDER[: LEVEL_ORDER.index(opinion.holder.level)]
    for level in reversed(higher):
        unit = _heir(opinion, level, today)
        if unit is not None:
            return unit
    return None


def lower_units(opinion, today):
    """The units of the opinion's branch below its holder that exist today, the nearest level first."""
    lower = [level for level in BRANCH_LEVELS if LEVEL_ORDER.index(level) > LEVEL_ORDER.index(opinion.holder.level)]
    heirs = (_heir(opinion, level, today) for level in lower)
    return [unit for unit in heirs if unit is not None]


def _heir(opinion, level, today):
    """The heir of the branch's unit at a level, looked up once however many forms of the page ask."""
    known = opinion.__dict__.setdefault("_heirs", {})
    if (level, today) not in known:
        known[level, today] = heir_of(getattr(opinion, level), today)
    return known[level, today]


def sender_of(opinion, today):
    """Who sent the opinion to its present holder; the recording unit when the thread does not say."""
    moves = list(opinion.moves.select_related("holder").order_by("-at", "-pk"))
    sent = next((n for n, move in enumerate(moves) if move.verb in (Verb.ESCALATE, Verb.TRANSFER)), None)
    earlier = moves[sent + 1 :] if sent is not None else []
    sender = next((move.holder for move in earlier if move.holder_id), opinion.unit)
    return heir_of(sender, today) or opinion.holder
