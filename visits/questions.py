"""Cross-checks against formalism: what a reviewer may want to ask. Questions, never verdicts.

Every finder takes the visits of a filter and answers (how many questions there are, the first of them) in a fixed
number of queries, however many visits there are.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from core.display import clock_text, day_text
from visits.enums import QuestionKind
from visits.models import Visit
from visits.question_rules import LATE_LOG, SILENT_RUN, Moment, at_once, gap_short, is_late

SHOWN = 50
EXAMPLES = 3
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
    both, travel = _same_day(visits)
    return [
        Found(QuestionKind.AT_ONCE, len(both), both[:SHOWN]),
        Found(QuestionKind.TRAVEL, len(travel), travel[:SHOWN]),
        _copied(visits),
        _silent(visits),
        _late(visits),
    ]


def _same_day(visits):
    """(two places at once, roads too short) of one person and day, in one query."""
    timed = visits.filter(started_at__isnull=False)
    elsewhere = timed.filter(person_id=OuterRef("person_id"), visited_on=OuterRef("visited_on"))
    rows = timed.filter(Exists(elsewhere.exclude(unit_id=OuterRef("unit_id")))).select_related("person", "unit")
    days = defaultdict(list)
    for visit in rows.defer(*TEXTS).order_by("-visited_on", "person_id", "started_at", "pk"):
        days[visit.person_id, visit.visited_on].append(visit)
    asked = [question for held in days.values() for pair in _pairs(held) if (question := _about_pair(*pair))]
    return [[each for each in asked if each.kind == kind] for kind in (QuestionKind.AT_ONCE, QuestionKind.TRAVEL)]


def _pairs(visits):
    return [(first, second) for n, first in enumerate(visits) for second in visits[n + 1 :]]


def _moment(visit):
    return Moment(
        visit.visited_on,
        visit.started_at,
        visit.ended_at,
        visit.unit_id,
        visit.commune_id,
        visit.district_id,
        visit.province_id,
    )


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


def _when_where(visit):
    hours = clock_text(visit.started_at) + (f"–{clock_text(visit.ended_at)}" if visit.ended_at else "")
    return f"{hours} tại {visit.unit.name}"


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
    for visit in rows.filter(nth__lte=EXAMPLES).select_related("person", "unit").order_by("-visited_on", "-pk"):
        examples[visit.content_key].append(visit)
    questions = [_about_copies(each["n"], each["people"], examples[each["content_key"]]) for each in shown]
    return Found(QuestionKind.COPIED, groups.count(), questions)


def _about_copies(number, people, examples):
    who = examples[0].person.name if people == 1 else f"{people} cán bộ"
    text = f"{who}: {number} lượt có nội dung giống hệt nhau. Từng buổi có gì riêng cần ghi thêm không?"
    return Question(QuestionKind.COPIED, text, tuple(examples))


def _silent(visits):
    """People whose last visits, enough of them in a row, name no finding; two queries."""
    told = visits.exclude(findings="").filter(person_id=OuterRef("person_id"), visited_on__gte=OuterRef("visited_on"))
    runs = visits.without_findings().exclude(Exists(told)).values("person_id", "person__name")
    runs = runs.annotate(n=Count("pk"), first=Min("visited_on"), last=Max("visited_on")).filter(n__gte=SILENT_RUN)
    questions = [
        Question(
            QuestionKind.SILENT,
            f"{run['person__name']}: {run['n']} lượt gần nhất (từ {day_text(run['first'])} đến "
            f"{day_text(run['last'])}) không ghi vấn đề nào nắm được. Cơ sở không phản ánh gì, hay chưa ghi?",
            url=f"{reverse('visit_list')}?nguoi={run['person_id']}",
        )
        for run in runs.order_by("-n", "person_id")[:SHOWN]
    ]
    return Found(QuestionKind.SILENT, runs.count(), questions)


def _late(visits):
    """Visits written down long after their day; two queries."""
    rows = visits.filter(logged_at__date__gt=F("visited_on") + LATE_LOG)
    shown = rows.select_related("person", "unit").defer(*TEXTS).order_by("-visited_on", "-pk")[:SHOWN]
    return Found(QuestionKind.LATE, rows.count(), [_about_late(visit) for visit in shown])


def _about_late(visit):
    logged_on = timezone.localtime(visit.logged_at).date()
    text = (
        f"{visit.person.name}: lượt đi ngày {day_text(visit.visited_on)} tại {visit.unit.name} ghi ngày "
        f"{day_text(logged_on)}, sau {(logged_on - visit.visited_on).days} ngày. Vì sao ghi muộn?"
    )
    return Question(QuestionKind.LATE, text, (visit,))


def questions_about(visit, user):
    """What to ask about one visit, from what else its cadre and others wrote; four queries."""
    read = Visit.objects.read_whole_by(user).counted().exclude(pk=visit.pk).select_related("person", "unit")
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
    text = f"Nội dung giống hệt lượt đi{who} ngày {day_text(copy.visited_on)} tại {copy.unit.name}."
    return Question(QuestionKind.COPIED, f"{text} Buổi này có gì riêng cần ghi thêm không?", (copy,))


def _about_silence(visit, own):
    before = own.filter(visited_on__lte=visit.visited_on).newest_first().values_list("findings", flat=True)
    earlier = list(before[: SILENT_RUN - 1])
    if len(earlier) == SILENT_RUN - 1 and not any(earlier):
        return f"{SILENT_RUN} lượt liền không ghi vấn đề nào nắm được. Cơ sở không phản ánh gì, hay chưa ghi?"
    return "Lượt đi không ghi vấn đề nào nắm được. Buổi sinh hoạt có ý kiến gì không?"
