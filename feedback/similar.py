"""Opinions like the one being typed, among those the user sees."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse

from feedback.enums import Visibility
from feedback.matching import similarity
from feedback.models import Opinion
from feedback.rows import tone_of, word_of

MONTHS_BACK = timedelta(days=366)
MOST, COMPARED = 5, 400
ALIKE = 0.4
SHORTEST, LONGEST = 12, 1_000
"""A text shorter than this says too little; what lies beyond the longest is not compared."""

COLUMNS = ("pk", "text", "status", "raised_on", "first_settled_on", "village__name", "commune__name", "topic_id")


def similar_opinions(user, text, today, *, place_id=None, topic_id=None, except_pk=None):
    """At most five prepared rows, the most alike first, of the last twelve months.

    `place_id` is a village or commune; restricted opinions are suggested to nobody.
    """
    text = text.strip()[:LONGEST]
    if len(text) < SHORTEST:
        return []
    found = Opinion.objects.visible_to(user).exclude(visibility=Visibility.RESTRICTED)
    found = found.filter(raised_on__range=(today - MONTHS_BACK, today)).exclude(pk=except_pk)
    if place_id:
        found = found.filter(Q(village_id=place_id) | Q(commune_id=place_id))
    rows = list(found.order_by("-raised_on", "-pk").values(*COLUMNS)[:COMPARED])
    for row in rows:
        row["alike"] = similarity(text, row["text"], row["village__name"] or "") + 0.05 * (row["topic_id"] == topic_id)
    alike = sorted((row for row in rows if row["alike"] >= ALIKE), key=lambda row: -row["alike"])
    return [_prepared(row) for row in alike[:MOST]]


def _prepared(row):
    return {
        "pk": row["pk"],
        "url": reverse("opinion_detail", args=[row["pk"]]),
        "text": row["text"] if len(row["text"]) <= 160 else f"{row['text'][:159]}…",
        "place": row["village__name"] or row["commune__name"] or "",
        "raised_on": row["raised_on"],
        "settled_on": row["first_settled_on"],
        "word": word_of(row["status"]),
        "tone": tone_of(row["status"]),
    }
