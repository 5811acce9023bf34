"""What was merged into another opinion: brought along when that one is merged, given back when it ends unanswered."""

from feedback.clocks import Clocks
from feedback.enums import Verb
from feedback.models import Opinion
from feedback.services.door import locked, make, mark, save, write
from feedback.services.holding import clear_receipt

RELEASED = "Ý kiến đã gộp chung không còn được giải quyết chung; ý kiến này được xem xét riêng."


def locked_master(opinion_id, actor):
    """The opinion that one the actor sees was merged into, locked; None when it was not merged."""
    master_id = locked(actor).filter(pk=opinion_id).values_list("master_id", flat=True).first()
    return Opinion.objects.select_for_update(of=("self",)).filter(pk=master_id).first() if master_id else None


def _merged_into(opinions):
    """Whoever raised them and whoever sees them, locked."""
    merged = Opinion.objects.filter(master__in=opinions).select_related("holder", "master")
    return list(merged.select_for_update(of=("self",)).order_by("pk"))


def bring_merged(opinion, master):
    """Steps, in memory, of what was merged into `opinion`: it belongs to `master` now, one level deep always."""
    steps = []
    for merged in _merged_into([opinion]):
        steps.append(mark(merged, Verb.MERGE, f"Theo YK-{opinion.pk} vào YK-{master.pk}."))
        merged.master = master
        merged.version += 1
    return steps


def release_merged(masters, today, is_unlike_only=False):
    """No answer will come of these: what was merged into them is taken up again, each with its own clock.

    `is_unlike_only`: only what others may see than those who see its master now, whose answer is not for them.
    The system acts. Neither a thread nor a notice says what became of the others, which may be restricted.
    """
    clocks, steps, parted = Clocks(today), [], []

    def change(opinion):
        opinion.due_on = clocks.of(opinion).due_on(today, opinion.competence, opinion.topic_id)
        clear_receipt(opinion)

    for merged in _merged_into(masters):
        if is_unlike_only and merged.visibility == merged.master.visibility:
            continue
        parted.append(mark(merged.master, Verb.SPLIT_OFF, f"YK-{merged.pk}"))
        steps.append(make(merged, Verb.UNMERGE, today=today, note=RELEASED, change=change))
    if steps:
        write(steps, actor=None, today=today)
        save(parted, actor=None, today=today)
