"""A drawing of lots as its page shows it, and the drawing repeated from what was written down."""

from core.periods import Period
from people.enums import Role
from people.models import Person
from visits.checks.lot import draw_pairs, draw_sample, lot_of
from visits.models import CheckPair


def steps_of(draw, pairs):
    """The candidates in the order drawn from, each with the lot; and the pairs with their samples (few queries)."""
    names = dict(Person.objects.filter(pk__in=draw.candidates).values_list("pk", "name"))
    pools = {pair.checked_id: pair.pool for pair in pairs}
    candidates = [
        {"pk": pk, "name": names[pk], "lot": lot_of(draw.seed, "can-bo", pk), "pool": pools.get(pk, [])}
        for pk in draw.candidates
    ]
    return {
        "candidates": candidates,
        "first": min(candidates, key=lambda each: each["lot"]),
        "told": sum(bool(pair.result) for pair in pairs),
    }


def is_repeated(draw, pairs):
    """Does drawing again from the seed, the candidates and the pools give the pairs and samples that were kept?"""
    kept = [(pair.checker_id, pair.checked_id) for pair in sorted(pairs, key=lambda pair: pair.number)]
    return kept == draw_pairs(draw.candidates, draw.seed) and all(
        {visit.pk for visit in pair.visits.all()} == set(draw_sample(pair.pool, draw.seed, draw.sample_size))
        for pair in pairs
    )


def pair_tasks(user):
    """Rows of a visiting cadre's task list: whose visits they drew and have not reported on yet.

    Officers and leaders have the notice and the page of the drawing.
    """
    if Role.CADRE not in user.scope.roles:
        return []
    pairs = CheckPair.objects.visible_to(user).filter(checker_id=user.person_id, result="")
    return [
        {
            "title": f"Kiểm tra chéo lượt đi của {pair.checked.name}",
            "url": pair.get_absolute_url(),
            "hint": f"Bốc thăm {Period.parse(pair.draw.period).label_inside}; ghi kết quả bằng lời.",
            "word": "Chưa ghi kết quả",
            "tone": "waiting",
            "action_label": "Xem",
        }
        for pair in pairs.select_related("draw", "checked").order_by("-draw__drawn_at", "pk")[:3]
    ]
