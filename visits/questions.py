"""Cross-checks against formalism: what a reviewer may want to ask. Questions, never verdicts."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count

from core.display import clock_text, day_text
from core.text import fold
from visits.models import Visit
from visits.rules import same_time

SHORTEST_COPY = 40
"""Letters from which the same words twice are worth a question; "Dự sinh hoạt chi bộ." is not."""


@dataclass(frozen=True)
class Question:
    text: str
    visits: tuple


def pairs_at_once(visits):
    """Pairs of visits of one person that share an hour at two places, in two queries."""
    visits = visits.counted().filter(started_at__isnull=False)
    busy = visits.order_by().values("person_id", "visited_on").annotate(n=Count("pk")).filter(n__gt=1)
    days = {(person_id, day) for person_id, day, _ in busy.values_list("person_id", "visited_on", "n")}
    rows = visits.filter(person_id__in={p for p, _ in days}, visited_on__in={d for _, d in days})
    together = defaultdict(list)
    for visit in rows.select_related("person", "unit").order_by("visited_on", "started_at", "pk") if days else ():
        together[visit.person_id, visit.visited_on].append(visit)
    return [_at_once(*pair) for held in together.values() for pair in _pairs(held) if same_time(*map(_when, pair))]


def questions_about(visit, user):
    """What to ask about one visit: another place at the same time, the words of an earlier record, nothing found."""
    questions = []
    if not visit.findings:
        questions.append(Question("Lượt đi không ghi vấn đề nào nắm được. Buổi sinh hoạt có ý kiến gì không?", ()))
    others = Visit.objects.visible_to(user).counted().filter(person_id=visit.person_id).exclude(pk=visit.pk)
    others = others.select_related("person", "unit")
    for other in others.filter(visited_on=visit.visited_on):
        if same_time(_when(visit), _when(other)):
            questions.append(_at_once(visit, other))
    words = fold(visit.content)
    if len(words) >= SHORTEST_COPY:
        copies = [other for other in others.filter(search_text__contains=words)[:5] if fold(other.content) == words]
        questions += [
            Question(f"Nội dung giống hệt lượt đi ngày {day_text(copy.visited_on)} tại {copy.unit.name}.", (copy,))
            for copy in copies[:1]
        ]
    return questions


def _pairs(visits):
    return [(first, second) for n, first in enumerate(visits) for second in visits[n + 1 :]]


def _when(visit):
    return visit.visited_on, visit.started_at, visit.ended_at, visit.unit_id


def _at_once(first, second):
    return Question(
        f"{first.person.name}, ngày {day_text(first.visited_on)}: {clock_text(first.started_at)} tại "
        f"{first.unit.name} và {clock_text(second.started_at)} tại {second.unit.name}. "
        "Giờ hoặc nơi đi đã ghi đúng chưa?",
        (first, second),
    )
