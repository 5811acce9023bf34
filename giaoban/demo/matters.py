"""A few matters that several places share, and what became of initiatives and good practices."""

import random
from collections import defaultdict
from datetime import timedelta

from core.text import fold
from feedback.enums import FOLLOWED_KINDS, InitiativeStage, OpinionStatus, Verb, Visibility
from feedback.models import Initiative, Matter, Opinion, OpinionMove, Spread
from giaoban.demo.store import Shelf, reset_sequences, update_rows
from giaoban.demo.tables import moment
from people.enums import Role

KEEPERS = {Role.LEADER: "district_id", Role.COMMUNE: "commune_id"}
MATTERS_A_UNIT, FEWEST, MOST = 3, 3, 12
RECENT, FOLLOWED = timedelta(days=150), timedelta(days=730)
STAGES = [InitiativeStage.ADOPTED] * 6 + [InitiativeStage.STUDIED] * 3 + [InitiativeStage.DECLINED]
SHARE_FOLLOWED, SHARE_PROPOSED = 0.5, 0.3
EFFECTS = (
    "Bà con hưởng ứng, duy trì đều hằng tuần.",
    "Sau ba tháng đường làng sạch hơn, không còn điểm rác tự phát.",
    "Tiết kiệm được công sức, nhiều hộ làm theo.",
    "Chi bộ đưa vào nghị quyết tháng, giao đoàn thể theo dõi.",
)
REASONS = ("Chưa phù hợp điều kiện kinh phí của xã.", "Trùng với mô hình xã đang triển khai.")
AWARDS = ("Giấy khen của Chủ tịch UBND xã", "Thư khen của Ban Thường vụ Đảng ủy")
FACTS = ("pk", "status", "topic_id", "topic__name", "holder_id", "body_id", "due_on", "village_id", "raised_on")
BRANCH = ("province_id", "district_id", "commune_id")


def group_and_follow(world, name, seed, accounts):
    """After everything else is saved; a chance of its own, so that the rest of the demo stays as it is."""
    rng = random.Random(f"matters {name} {seed}")
    moves = Shelf(OpinionMove)
    shelves = [_matters(world, accounts, moves), *_initiatives(world, rng, accounts, moves), moves]
    for shelf in shelves:
        shelf.save()
    reset_sequences(shelves)


def _matters(world, accounts, moves):
    """Open opinions of one field, one a village, of the districts and communes that have accounts."""
    matters, members, taken = Shelf(Matter), [], set()
    since = world.today - RECENT
    for keeper in accounts.opened:
        column = KEEPERS.get(keeper.role)
        if column is None or not world.is_alive(keeper.unit.pk, world.today):
            continue
        found = Opinion.objects.filter(**{column: keeper.unit.pk}, is_open=True, raised_on__gte=since)
        found = found.exclude(visibility=Visibility.RESTRICTED).exclude(pk__in=taken)
        found = found.exclude(village=None).exclude(kind__in=FOLLOWED_KINDS)
        for rows in _groups(found.order_by("topic_id", "pk").values(*FACTS, *BRANCH)):
            title = f"{rows[0]['topic__name']} ở {world.name(keeper.unit.pk, world.today)}"
            matter_id = _matter(matters, keeper, rows, title)
            members += [(matter_id, row["pk"]) for row in rows]
            taken |= {row["pk"] for row in rows}
            _group_moves(world, moves, keeper, rows, title)
    matters.save()
    update_rows(Opinion, ["matter"], members)
    return matters


def _groups(found):
    """The fields most villages raise, each with one opinion a village."""
    topics = defaultdict(dict)
    for row in found:
        topics[row["topic_id"]].setdefault(row["village_id"], row)
    widest = sorted(topics.values(), key=lambda rows: -len(rows))[:MATTERS_A_UNIT]
    return [list(rows.values())[:MOST] for rows in widest if len(rows) >= FEWEST]


def _matter(matters, keeper, rows, title):
    common = {name: rows[0][name] if len({row[name] for row in rows}) == 1 else None for name in BRANCH}
    created_on = max(row["raised_on"] for row in rows)
    return matters.add(
        unit_id=keeper.unit.pk, level=keeper.unit.level, title=title, search_text=fold(title),
        topic_id=rows[0]["topic_id"], created_by_id=keeper.user_id, created_on=created_on, version=1, **common,
    )  # fmt: skip


def _group_moves(world, moves, keeper, rows, title):
    for row in rows:
        _step(moves, row, Verb.GROUP, world.today, _signed(world, keeper), title)


def _initiatives(world, rng, accounts, moves):
    """About half of what was accepted is followed; what is in use spreads and is proposed for commendation."""
    initiatives, spreads = Shelf(Initiative), Shelf(Spread)
    keeper = next(account for account in accounts.opened if account.role == Role.SPECIALIST)
    found = Opinion.objects.filter(kind__in=FOLLOWED_KINDS, raised_on__gte=world.today - FOLLOWED)
    found = found.filter(status=OpinionStatus.ACCEPTED).exclude(visibility=Visibility.RESTRICTED)
    for row in found.order_by("pk").values(*FACTS, "settled_on", "commune_id"):
        if rng.random() < SHARE_FOLLOWED:
            initiative_id, note = _initiative(world, rng, initiatives, row)
            _step(moves, row, Verb.FOLLOW_UP, row["settled_on"], _signed(world, keeper), note)
            if initiatives.rows[-1]["stage"] == InitiativeStage.ADOPTED and row["commune_id"]:
                _spread(world, rng, spreads, initiative_id, initiatives.rows[-1]["adopted_on"], row, keeper)
    return initiatives, spreads


def _initiative(world, rng, initiatives, row):
    stage = rng.choice(STAGES)
    day = min(row["settled_on"] + timedelta(days=rng.randint(5, 60)), world.today)
    is_adopted = stage == InitiativeStage.ADOPTED
    effect = rng.choice(EFFECTS) if is_adopted else rng.choice(REASONS) if stage == InitiativeStage.DECLINED else ""
    values = {"opinion_id": row["pk"], "stage": stage, "adopted_on": day if is_adopted else None, "effect": effect}
    if is_adopted and rng.random() < SHARE_PROPOSED:
        proposed = min(day + timedelta(days=90), world.today)
        values["proposed_for_commendation_on"] = proposed
        if world.today - proposed > timedelta(days=60):
            values |= {"commended_on": proposed + timedelta(days=45), "commendation": rng.choice(AWARDS)}
    note = " ".join(word for word in (f"{stage.label}.", effect) if word)
    return initiatives.add(version=1, **values), note


def _spread(world, rng, spreads, initiative_id, since, row, keeper):
    others = [pk for pk in world.villages(row["commune_id"], world.today) if pk != row["village_id"]]
    for pk in rng.sample(others, min(len(others), rng.choice((0, 0, 1, 1, 2, 4)))):
        day = min(since + timedelta(days=rng.randint(10, 120)), world.today)
        spreads.add(initiative_id=initiative_id, unit_id=pk, adopted_on=day, recorded_by_id=keeper.user_id)


def _signed(world, keeper):
    return f"{keeper.term.someone.name}, {world.name(keeper.unit.pk, world.today)}"


def _step(moves, row, verb, day, signed, note):
    """One line of the thread that leaves the opinion as it is."""
    moves.add(
        opinion_id=row["pk"], verb=verb, before=row["status"], after=row["status"], at=moment(day, 16),
        actor_name=signed, holder_id=row["holder_id"], body_id=row["body_id"], due_on=row["due_on"], note=note,
    )  # fmt: skip
