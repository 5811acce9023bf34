"""Opinions like the one being typed, among those the user sees."""

from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from core.display import day_text, percent_of
from core.periods import Period
from feedback.enums import Competence, Verb, Visibility
from feedback.matching import similarity
from feedback.models import Opinion
from feedback.reads import is_wrong_level, tone_of, word_of
from feedback.routing.reads import lower_units
from units.enums import Level
from units.scoping import scope_of

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


ABOVE, OF_COMMUNE, SETTLED_BEFORE, MISPLACED = "cap-tren", "sai-cap", "da-giai-quyet", "nham-cap"
SHOWN_ABOVE = "trinh-cap-tren"
MARKS = [
    ("", "Mọi nhãn"),
    (OF_COMMUNE, "Thuộc thẩm quyền cấp xã"),
    (SETTLED_BEFORE, "Xã đã giải quyết trước đó"),
    (MISPLACED, "Một trong hai nhãn trên"),
    (ABOVE, "Mọi ý kiến nêu ở cấp huyện, cấp tỉnh"),
    (SHOWN_ABOVE, "Trình cấp trên xem xét"),
]
"""The words of the desk's filter `nhan`."""

EXCERPT, FEW = 300, 10
"""Of fewer than ten opinions a share says more than it knows: the fraction is shown alone."""
_RAISED_ABOVE = Q(level__in=(Level.DISTRICT, Level.PROVINCE))
_OF_COMMUNE = _RAISED_ABOVE & Q(competence=Competence.COMMUNE)


def marked(word, user):
    """The condition of a mark; an earlier answer counts for those who may read it."""
    if word == SHOWN_ABOVE:
        return shown_above(user)
    before = _RAISED_ABOVE & Q(settled_before__in=Opinion.objects.visible_to(user).values("pk"))
    conditions = {ABOVE: _RAISED_ABOVE, OF_COMMUNE: _OF_COMMUNE, SETTLED_BEFORE: before}
    return conditions.get(word, _OF_COMMUNE | before)


def shown_above(user):
    """Late matters laid before the level above: for that level those of the units below, for a commune its own."""
    own = {pk for grant in scope_of(user).content_grants if grant.level != Level.COMMUNE for pk in grant.unit_ids}
    return Q(is_open=True, shown_above_on__isnull=False) & ~Q(holder_id__in=own)


def answers_before(ids, user):
    """{pk: day settled} of those earlier opinions that the user may read; no query when there are none."""
    ids = {pk for pk in ids if pk}
    if not ids:
        return {}
    return dict(Opinion.objects.visible_to(user).filter(pk__in=ids).values_list("pk", "first_settled_on"))


def way_back(opinion, user, today, verbs):
    """What the page says of an opinion that belongs to its commune, with the note that would send it back; or None."""
    earlier = opinion.settled_before_id and Opinion.objects.visible_to(user).filter(pk=opinion.settled_before_id)
    earlier = earlier.values("pk", "answer", "first_settled_on").first() if earlier else None
    is_theirs = is_wrong_level(opinion.level, opinion.competence)
    if not earlier and not is_theirs:
        return None
    commune = _commune_below(opinion, today) if Verb.TRANSFER in verbs else None
    if not earlier and commune is None:
        return None
    return {
        "earlier": earlier,
        "is_theirs": is_theirs,
        "commune": commune,
        "note": _note(earlier),
        "url": reverse("opinion_transfer", args=[opinion.pk]),
    }


def _commune_below(opinion, today):
    return next((unit for unit in lower_units(opinion, today) if unit.level == Level.COMMUNE), None)


def _note(earlier):
    """The words proposed for sending it back; whoever sends it may change them."""
    if earlier is None:
        return "Nội dung thuộc thẩm quyền cấp xã. Chuyển xã giải quyết và trả lời người nêu ý kiến."
    answer = earlier["answer"]
    answer = answer if len(answer) <= EXCERPT else f"{answer[: EXCERPT - 1]}…"
    told = f" với nội dung: “{answer}”" if answer else ""
    return (
        f"Nội dung này xã đã giải quyết ngày {day_text(earlier['first_settled_on'])} (YK-{earlier['pk']}){told}. "
        "Đề nghị xã trả lời lại người nêu ý kiến; nếu còn vướng mắc thì báo cáo cấp trên."
    )


def shares_of_year(user, year):
    """Prepared rows: for each commune, how many of its opinions raised above could be answered at home (n of d).

    Restricted opinions stand in no breakdown.
    """
    period = Period.parse(str(year))
    opinions = Opinion.objects.visible_to(user).exclude(visibility=Visibility.RESTRICTED)
    opinions = opinions.filter(_RAISED_ABOVE, year=year, commune__isnull=False).in_period(period)
    counts = (
        opinions.order_by("district__sort_key", "commune__sort_key", "commune_id")
        .values("commune__key", "commune__name", "district__name", "commune_id")
        .annotate(
            of_commune=Count("pk", filter=_OF_COMMUNE),
            before=Count("pk", filter=marked(SETTLED_BEFORE, user)),
            number=Count("pk", filter=marked(MISPLACED, user)),
            of=Count("pk"),
        )
    )
    return [_share(row, year) for row in counts]


def _share(row, year):
    return {
        "key": row["commune__key"],
        "name": row["commune__name"],
        "district": row["district__name"] or "",
        "share": percent_of(row["number"], row["of"]) if row["of"] >= FEW else "",
        **{name: (row[column], _list_of(row, year, mark)) for name, column, mark in _CELLS},
    }


_CELLS = (
    ("number", "number", MISPLACED),
    ("of", "of", ABOVE),
    ("of_commune", "of_commune", OF_COMMUNE),
    ("before", "before", SETTLED_BEFORE),
)
"""Name of a cell, its count, the mark whose list it opens."""


def _list_of(row, year, mark):
    words = {
        **{"don-vi": row["commune__key"], "ranh-gioi": "then", "ky": year},
        **{"trang-thai": "all", "pham-vi": "thuong", "nhan": mark},
    }
    return f"{reverse('opinion_list')}?{urlencode(words)}"
