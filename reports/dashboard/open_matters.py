"""What waits for an answer today, whenever it was raised, by age; and how far the opinions of the period came."""

from dataclasses import dataclass

from django.db.models import Count
from django.urls import reverse

from feedback.desk.figures import age_case, ladder_counts, list_url, rungs
from feedback.desk.filters import AGE_CHOICES, AGES, OVERDUE
from feedback.models import Opinion
from feedback.querysets import overdue_when
from reports.figures import opinions_in

LABELS = dict(AGE_CHOICES)
SHOWN = ("answered", "settled", "explained", "satisfied", "not_satisfied", "not_asked", "overdue")


@dataclass(frozen=True)
class Age:
    label: str
    number: int
    overdue: int
    url: str
    late_url: str


def ages_of(reach, today):
    """Rows by age, and one for all; one query."""
    waiting = Opinion.objects.filter(reach.opinions).unresolved().order_by()
    counted = waiting.annotate(age=age_case(today)).values_list("age")
    counted = counted.annotate(number=Count("pk"), overdue=Count("pk", filter=overdue_when(today)))
    found = {age: (number, overdue) for age, number, overdue in counted}
    rows = [_age(LABELS[word], found.get(word, (0, 0)), reach, {"tuoi": word}) for word in AGES]
    numbers = [sum(part) for part in zip(*found.values(), strict=True)] or [0, 0]
    return [*rows, _age("Tất cả", numbers, reach, {})]


def _age(label, numbers, reach, words):
    address, kept = reverse("opinion_list"), {"don-vi": reach.unit.key, "ranh-gioi": reach.boundaries}
    number, overdue = numbers
    return Age(
        label, number, overdue, list_url(address, kept, words), list_url(address, kept, {**words, "han": OVERDUE})
    )


def ladder_of(reach, period, today):
    """(counts, rungs) of the opinions of the period; one query."""
    opinions = Opinion.objects.filter(reach.opinions & opinions_in(period))
    kept = {"don-vi": reach.unit.key, "ky": period.code, "ranh-gioi": reach.boundaries}
    kept |= {"bieu": "on"} if period.kind == "month" else {}
    counts = ladder_counts(opinions, today)
    return counts, [rung for rung in rungs(counts, kept, reverse("opinion_list")) if rung.word in SHOWN]
