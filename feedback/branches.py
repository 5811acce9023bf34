"""Where an opinion may go from its holder: up, down, or back (reads only)."""

from core.errors import DomainError
from feedback.enums import Verb
from units.enums import LEVEL_ORDER, Level
from units.naming import placed_bodies, placed_names
from units.selectors import heir_of, places_on

ELSEWHERE = "Khác địa bàn: giao cho cơ quan ngoài địa bàn của ý kiến"
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


def elsewhere(opinion, bodies, today):
    """Ids of the bodies that lie in another district or commune than the opinion's branch of today; one query.

    A body above the opinion or below it is on its branch; one beside it is not, whoever holds the opinion.
    """
    bodies = list(bodies)
    places = places_on({body.unit_id for body in bodies}, today)
    return {body.pk for body in bodies if _is_beside(opinion, places.get(body.unit_id), today)}


def _is_beside(opinion, place, today):
    for level in BRANCH_LEVELS:
        own, other = _heir(opinion, level, today), getattr(place, f"{level}_id", None)
        if own is not None and other is not None and own.pk != other:
            return True
    return False


def check_branch(opinion, body, place, today):
    """Refuse a body at a `place` of another branch by a sentence that names both; whoever means it ticks the box."""
    if not _is_beside(opinion, place, today):
        return
    unit_id = opinion.commune_id or opinion.district_id or opinion.province_id
    where = placed_names([unit_id], today)[unit_id]
    raise DomainError(
        f"{placed_bodies([body], today)[body.pk]} ở địa bàn khác; ý kiến này của {where}. "
        "Nếu đúng là giao ra ngoài địa bàn, đánh dấu ô “Khác địa bàn” rồi ghi lại.",
        "is_elsewhere",
    )


def sender_of(opinion, today):
    """Who sent the opinion to its present holder; the recording unit when the thread does not say."""
    moves = list(opinion.moves.select_related("holder").order_by("-at", "-pk"))
    sent = next((n for n, move in enumerate(moves) if move.verb in (Verb.ESCALATE, Verb.TRANSFER)), None)
    earlier = moves[sent + 1 :] if sent is not None else []
    sender = next((move.holder for move in earlier if move.holder_id), opinion.unit)
    return heir_of(sender, today) or opinion.holder
