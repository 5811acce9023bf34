"""A drawing of lots as its page shows it, and the drawing repeated from what was written down."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from core.display import clock_text, day_text
from core.periods import Period
from people.enums import Role
from people.models import Person
from visits.checks.rules import (
    LATE_LOG,
    SILENT_RUN,
    Moment,
    at_once,
    draw_pairs,
    draw_sample,
    gap_short,
    is_late,
    lot_of,
)
from visits.enums import QuestionKind
from visits.models import CheckPair, Visit
from visits.querysets import tells_something


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


SHOWN = 50
EXAMPLES = 3
MOMENT = ("visited_on", "started_at", "ended_at", "unit_id", "commune_id", "district_id", "province_id")
TEXTS = ("content", "conduct", "findings", "help_given", "search_text")


@dataclass(frozen=True)
class Question:
    """What to ask, the visits it is about, and where the rest of them are."""

    kind: str
    text: str
    visits: tuple = ()
    url: str = ""


@dataclass(frozen=True)
class Found:
    """The questions of one kind: how many, and those that are shown."""

    kind: QuestionKind
    total: int
    questions: list


def questions_in(visits):
    """A Found for every kind of question."""
    visits = visits.counted().order_by()
    return [*_same_day(visits), _copied(visits), _silent(visits), _late(visits)]


def _same_day(visits):
    """(two places at once, roads too short) of one person and day; two queries, the first of bare numbers."""
    timed = visits.filter(started_at__isnull=False)
    elsewhere = timed.filter(person_id=OuterRef("person_id"), visited_on=OuterRef("visited_on"))
    rows = timed.filter(Exists(elsewhere.exclude(unit_id=OuterRef("unit_id")))).order_by("-visited_on", "started_at")
    days = defaultdict(list)
    for pk, person_id, *when_where in rows.values_list("pk", "person_id", *MOMENT):
        days[person_id, when_where[0]].append((pk, Moment(*when_where)))
    asked = {QuestionKind.AT_ONCE: [], QuestionKind.TRAVEL: []}
    for held in days.values():
        for (first, moment), (second, other) in _pairs(held):
            if at_once(moment, other):
                asked[QuestionKind.AT_ONCE].append((first, second))
            elif gap_short(moment, other):
                asked[QuestionKind.TRAVEL].append((first, second))
    shown = [pair for pairs in asked.values() for pair in pairs[:SHOWN]]
    known = (
        Visit.objects.select_related("person", "unit", "commune")
        .defer(*TEXTS)
        .in_bulk({pk for pair in shown for pk in pair})
    )
    return [
        Found(kind, len(pairs), [_about_pair(known[first], known[second]) for first, second in pairs[:SHOWN]])
        for kind, pairs in asked.items()
    ]


def _pairs(visits):
    return [(first, second) for n, first in enumerate(visits) for second in visits[n + 1 :]]


def _moment(visit):
    return Moment(*(getattr(visit, name) for name in MOMENT))


def _about_pair(first, second):
    """The question about two visits of one person, or None when they go together."""
    moments = _moment(first), _moment(second)
    head = f"{first.person.name}, ngày {day_text(first.visited_on)}: {_when_where(first)} và {_when_where(second)}."
    if at_once(*moments):
        return Question(QuestionKind.AT_ONCE, f"{head} Giờ hoặc nơi đi đã ghi đúng chưa?", (first, second))
    if short := gap_short(*moments):
        gap, needed = (round(each.total_seconds() / 60) for each in short)
        text = f"{head} Giữa hai lượt có {gap} phút, thường cần ít nhất {needed} phút đi đường. Giờ đã ghi đúng chưa?"
        return Question(QuestionKind.TRAVEL, text, (first, second))
    return None


def _where(visit):
    return f"{visit.unit.name}, {visit.commune.name}" if visit.village_id else visit.unit.name


def _when_where(visit):
    hours = clock_text(visit.started_at) + (f"–{clock_text(visit.ended_at)}" if visit.ended_at else "")
    return f"{hours} tại {_where(visit)}"


def _copied(visits):
    """Contents that read the same, one question a content however often it was used; three queries."""
    keyed = visits.exclude(content_key="")
    groups = (
        keyed.values("content_key").annotate(n=Count("pk"), people=Count("person_id", distinct=True)).filter(n__gt=1)
    )
    shown = list(groups.order_by("-n", "content_key")[:SHOWN])
    nth = Window(RowNumber(), partition_by="content_key", order_by=[F("visited_on").desc(), F("pk").desc()])
    rows = keyed.filter(content_key__in=[each["content_key"] for each in shown]).annotate(nth=nth)
    examples = defaultdict(list)
    for visit in (
        rows.filter(nth__lte=EXAMPLES).select_related("person", "unit", "commune").order_by("-visited_on", "-pk")
    ):
        examples[visit.content_key].append(visit)
    questions = [_about_copies(each["n"], each["people"], examples[each["content_key"]]) for each in shown]
    return Found(QuestionKind.COPIED, groups.count(), questions)


def _about_copies(number, people, examples):
    who = examples[0].person.name if people == 1 else f"{people} cán bộ"
    text = f"{who}: {number} lượt có nội dung giống hệt nhau. Từng buổi có gì riêng cần ghi thêm không?"
    return Question(QuestionKind.COPIED, text, tuple(examples))


def _silent(visits):
    """People whose last visits, enough of them in a row, name no finding; two queries, the first of bare dates."""
    days, last_told = defaultdict(list), {}
    rows = visits.annotate(is_silent=~tells_something()).order_by("visited_on")
    for person_id, day, is_silent in rows.values_list("person_id", "visited_on", "is_silent"):
        if is_silent:
            days[person_id].append(day)
        else:
            last_told[person_id] = day
    runs = []
    for person_id, silent in days.items():
        run = [day for day in silent if person_id not in last_told or day > last_told[person_id]]
        if len(run) >= SILENT_RUN:
            runs.append((-len(run), person_id, run))
    shown = sorted(runs)[:SHOWN]
    names = dict(Person.objects.filter(pk__in=[person_id for _, person_id, _ in shown]).values_list("pk", "name"))
    questions = [_about_run(person_id, names[person_id], run) for _, person_id, run in shown]
    return Found(QuestionKind.SILENT, len(runs), questions)


def _about_run(person_id, name, run):
    text = (
        f"{name}: {len(run)} lượt gần nhất (từ {day_text(run[0])} đến {day_text(run[-1])}) không ghi vấn đề nào nắm "
        "được. Cơ sở không phản ánh gì, hay chưa ghi?"
    )
    return Question(QuestionKind.SILENT, text, url=f"{reverse('visit_list')}?nguoi={person_id}")


def _late(visits):
    """Visits written down long after their day; two queries."""
    rows = visits.filter(logged_at__date__gt=F("visited_on") + LATE_LOG)
    shown = rows.select_related("person", "unit", "commune").defer(*TEXTS).order_by("-visited_on", "-pk")[:SHOWN]
    return Found(QuestionKind.LATE, rows.count(), [_about_late(visit) for visit in shown])


def _about_late(visit):
    logged_on = timezone.localtime(visit.logged_at).date()
    text = (
        f"{visit.person.name}: lượt đi ngày {day_text(visit.visited_on)} tại {_where(visit)} ghi ngày "
        f"{day_text(logged_on)}, sau {(logged_on - visit.visited_on).days} ngày. Vì sao ghi muộn?"
    )
    return Question(QuestionKind.LATE, text, (visit,))


def questions_about(visit, user):
    """What to ask about one visit as the user reads it, from what else was written; four queries."""
    read = Visit.objects.read_whole_by(user).counted().exclude(pk=visit.pk).select_related("person", "unit", "commune")
    own = read.filter(person_id=visit.person_id)
    questions = [
        question
        for other in own.filter(visited_on=visit.visited_on)
        if other.unit_id != visit.unit_id and (question := _about_pair(visit, other))
    ]
    if visit.content_key:
        copies = read.filter(content_key=visit.content_key)[: EXAMPLES + 1]
        questions += [_about_copy(copy, visit) for copy in copies[:1]]
    if not visit.findings:
        questions.append(Question(QuestionKind.SILENT, _about_silence(visit, own)))
    if is_late(visit.visited_on, timezone.localtime(visit.logged_at).date()):
        questions.append(_about_late(visit))
    return questions


def _about_copy(copy, visit):
    who = "" if copy.person_id == visit.person_id else f" của {copy.person.name}"
    text = f"Nội dung giống hệt lượt đi{who} ngày {day_text(copy.visited_on)} tại {_where(copy)}."
    return Question(QuestionKind.COPIED, f"{text} Buổi này có gì riêng cần ghi thêm không?", (copy,))


def _about_silence(visit, own):
    before = own.filter(visited_on__lte=visit.visited_on).newest_first().annotate(tells=tells_something())
    earlier = list(before.values_list("tells", flat=True)[: SILENT_RUN - 1])
    if len(earlier) == SILENT_RUN - 1 and not any(earlier):
        return f"{SILENT_RUN} lượt liền không ghi vấn đề nào nắm được. Cơ sở không phản ánh gì, hay chưa ghi?"
    return "Lượt đi không ghi vấn đề nào nắm được. Buổi sinh hoạt có ý kiến gì không?"
