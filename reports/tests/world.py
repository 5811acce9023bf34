"""A small world with two trees: districts until 30/6/2025, then communes right under the province."""

import random
from datetime import date, timedelta
from types import SimpleNamespace

from conftest import BEGINNING, make_unit
from core.periods import Period
from feedback.enums import (
    FOLLOWED_KINDS,
    UNRESOLVED,
    Competence,
    OpinionKind,
    OpinionStatus,
    Satisfaction,
    Visibility,
)
from feedback.models import Initiative, Opinion, Spread, Topic
from feedback.tallies import rebuild as rebuild_opinions
from meetings.enums import MeetingForm, MeetingKind, MeetingStatus, Presence
from meetings.models import Attendance, AttendancePost, CadenceRule, Meeting, Occurrence
from meetings.rules import window
from meetings.tallies import rebuild as rebuild_meetings
from people.enums import VILLAGE_POSITIONS
from people.models import Person, Post
from units.enums import SuccessionKind
from units.loading import rebuild_tree
from units.models import UnitSuccession
from units.reads import places_on

REFORM = date(2025, 7, 1)
TODAY = date(2025, 11, 20)
PERIODS = ("2016", "2025", "2025-Q2", "2025-Q3", "2025-05", "2025-10", "2015..2025")
SECRET = "chim bay rung vang"
HIDDEN_NAME = "Hoàng Kín Tiếng"


def make_reform_tree():
    """Communes A1, A2 (district A) become N1, B1 and B2 (district B) become N2; B2 leaves a part to N1, too."""
    province = make_unit("province", "90", "Tỉnh Đông Hải")
    a = make_unit("district", "901", "Huyện Yên Sơn", province, valid_to=REFORM)
    b = make_unit("district", "902", "Huyện Bình Khê", province, valid_to=REFORM)
    a1 = make_unit("commune", "90101", "Xã Đồng Tâm", a, valid_to=REFORM)
    a2 = make_unit("commune", "90102", "Xã Hải Lạng", a, valid_to=REFORM)
    b1 = make_unit("commune", "90201", "Xã Quảng La", b, valid_to=REFORM)
    b2 = make_unit("commune", "90202", "Xã Khe Cháy", b, valid_to=REFORM)
    lost = make_unit("commune", "90203", "Xã Đảo Xa", b, valid_to=REFORM)
    n1 = make_unit("commune", "90101", "Xã Đồng Tâm", province, valid_from=REFORM)
    n2 = make_unit("commune", "90201", "Xã Bình Khê", province, valid_from=REFORM)
    village = make_unit("village", "90101-01", "Thôn Đầu", a1, valid_to=REFORM)
    for old, new, kind in (
        (a1, n1, "whole"),
        (a2, n1, "whole"),
        (b1, n2, "whole"),
        (b2, n2, "part_main"),
        (b2, n1, "part"),
    ):
        UnitSuccession.objects.create(predecessor=old, successor=new, kind=SuccessionKind(kind), effective_on=REFORM)
    for old in (a, b, lost):
        UnitSuccession.objects.create(predecessor=old, kind=SuccessionKind.ABOLISHED, effective_on=REFORM)
    rebuild_tree()
    return SimpleNamespace(
        province=province, a=a, b=b, a1=a1, a2=a2, b1=b1, b2=b2, lost=lost, n1=n1, n2=n2, village=village
    )


def fill(tree, seed=1, years=(2016, 2025)):
    """Expected meetings, meetings and opinions of every kind and state, at random, with their tallies."""
    rng = random.Random(seed)
    topics = list(Topic.objects.all()[:4])
    rules = {
        level: _rule(tree.province, level, kind) for level, kind in (("commune", "month"), ("district", "quarter"))
    }
    occurrences, meetings = [], []
    for unit in (tree.a, tree.b, tree.a1, tree.a2, tree.b1, tree.b2, tree.lost, tree.n1, tree.n2):
        columns = places_on([unit.pk], unit.valid_from)[unit.pk].columns
        for period in [part for year in years for part in Period.year(year).parts(rules[unit.level].period_kind)]:
            if unit.valid_from <= period.last and (unit.valid_to is None or unit.valid_to > period.last):
                _plan(rng, rules[unit.level], unit, period, occurrences, meetings, columns)
    Occurrence.objects.bulk_create(occurrences)
    Meeting.objects.bulk_create(meetings)
    opinions = [_opinion(rng, meeting, topics, tree) for meeting in meetings for _ in range(meeting.opinion_count)]
    other = random.Random(seed + 1)
    for opinion in opinions:
        _describe(other, opinion)
    Opinion.objects.bulk_create(opinions)
    rebuild_meetings()
    rebuild_opinions()


def _rule(province, level, kind):
    return CadenceRule.objects.create(
        province=province, level=level, period_kind=kind, valid_from=BEGINNING, document="1926-CV/TU"
    )


def _plan(rng, rule, unit, period, occurrences, meetings, columns):
    """One round: held at some day or not, perhaps exempt, with extra, thematic and merely planned meetings."""
    days = window(period, 5, 5)
    facts = {"unit": unit, "level": unit.level, "year": period.last.year, "month": period.last.month, **columns}
    met_on = period.last + timedelta(rng.choice((-10, -3, 0, 3, 5, 6, 20)))
    chance = rng.random()
    held = chance < 0.7 and met_on < TODAY
    in_part = 0.7 <= chance < 0.8 and met_on < TODAY
    occurrence = Occurrence(
        rule=rule, period=period.code, starts_on=period.first, ends_on=period.last, opens_on=days.opens_on,
        due_on=days.due_on, late_until=days.late_until, begun_on=met_on if held or in_part else None,
        met_on=met_on if held else None, is_incomplete=in_part and chance < 0.75, is_exempt=chance > 0.9,
        is_exempt_late=chance > 0.95, **facts,
    )  # fmt: skip
    occurrences.append(occurrence)
    if in_part:
        meetings.append(_meeting(random.Random(1), occurrence, period, met_on, MeetingKind.PERIODIC, facts))
    for _ in range(held and rng.choice((1, 1, 1, 2))):
        meetings.append(_meeting(rng, occurrence, period, met_on, MeetingKind.PERIODIC, facts))
    if rng.random() < 0.2:
        day = Period(period.first, period.first)
        own = facts | {"year": period.first.year, "month": period.first.month}
        meetings.append(_meeting(rng, None, day, period.first, MeetingKind.THEMATIC, own))
    if rng.random() < 0.2:
        meetings.append(_meeting(rng, occurrence, period, None, MeetingKind.PERIODIC, facts, MeetingStatus.PLANNED))


def _meeting(rng, occurrence, period, held_on, kind, facts, status=MeetingStatus.HELD):
    return Meeting(
        occurrence=occurrence, period_first=period.first, period_last=period.last, kind=kind, status=status,
        form=rng.choice(list(MeetingForm)), title="=1+1 Hội nghị giao ban", held_on=held_on,
        sitting_count=rng.randint(1, 3), attendance_count=rng.randint(10, 40),
        opinion_count=rng.randint(0, 3) if held_on else 0, **facts,
    )  # fmt: skip


def _opinion(rng, meeting, topics, tree):
    status = rng.choice(list(OpinionStatus))
    is_restricted = rng.random() < 0.3
    return Opinion(
        meeting=meeting, unit=meeting.unit, level=meeting.level, holder=meeting.unit, raised_on=meeting.held_on,
        received_on=meeting.held_on, period_first=meeting.period_first, period_last=meeting.period_last,
        year=meeting.year, month=meeting.month, topic=rng.choice(topics), status=status, is_open=status in UNRESOLVED,
        visibility=Visibility.RESTRICTED if is_restricted else Visibility.NORMAL,
        text=SECRET if is_restricted else "=cmd|'/c calc'!A1", due_on=meeting.held_on + timedelta(30),
        satisfaction=rng.choice([*Satisfaction, ""]), province_id=meeting.province_id,
        planned_on=TODAY + timedelta(rng.choice((-9, 9))) if status == OpinionStatus.SCHEDULED else None,
        district_id=meeting.district_id, commune_id=meeting.commune_id,
        village=tree.village if meeting.unit_id == tree.a1.pk else None,
    )  # fmt: skip


def _describe(rng, opinion):
    """What is raised, whose business it is, and by whom: known to all or kept from those above."""
    opinion.kind, opinion.competence = rng.choice(list(OpinionKind)), rng.choice(list(Competence))
    opinion.hides_speaker = rng.random() < 0.3
    opinion.raised_by_name = HIDDEN_NAME if opinion.hides_speaker else "Lê Thị Hoa"


def fill_seats(tree, seed=1):
    """At most meetings somebody sat: one person of two posts, one of one, a guest; and initiatives were followed."""
    rng = random.Random(seed)
    names = ("Nguyễn Văn Ba", "Trần Thị Tư", "Phạm Văn Năm")
    people = Person.objects.bulk_create(Person(name=name, sort_key=name, search_text=name) for name in names)
    held_by = dict(zip(VILLAGE_POSITIONS, (people[0], people[0], people[1]), strict=True))
    posts = Post.objects.bulk_create(
        Post(person=person, unit=tree.village, position=position, valid_from=BEGINNING)
        for position, person in held_by.items()
    )
    meetings = [m for m in Meeting.objects.order_by("pk") if m.held_on and rng.random() < 0.6]
    seats = Attendance.objects.bulk_create(
        Attendance(
            meeting=meeting, person=person, name=person.name, is_guest=person == people[2],
            presence=rng.choice(list(Presence)),
        )
        for meeting in meetings for person in people
    )  # fmt: skip
    AttendancePost.objects.bulk_create(
        AttendancePost(attendance=seat, post=post)
        for seat in seats
        for post in posts
        if post.person_id == seat.person_id
    )
    followed = Opinion.objects.filter(kind__in=FOLLOWED_KINDS).order_by("pk")
    initiatives = Initiative.objects.bulk_create(Initiative(opinion=opinion) for opinion in list(followed)[::2])
    Spread.objects.bulk_create(
        Spread(initiative=initiative, unit=unit, adopted_on=TODAY, recorded_by_id=1)
        for initiative in initiatives[::2]
        for unit in (tree.n1, tree.n2)
    )


def fill_elsewhere(tree, seed=1):
    """Opinions that came in on visits and at the province, and some of district tables that are about one commune."""
    rng = random.Random(seed)
    topics = list(Topic.objects.all()[:4])
    calls = [(tree.a1, 2024, 5), (tree.a1, 2025, 5), (tree.n1, 2025, 10), (tree.n2, 2025, 10)]
    calls += [(tree.province, year, month) for year in (2024, 2025) for month in (5, 10)]
    opinions = [_opinion(rng, _call(*call), topics, tree) for call in calls for _ in range(4)]
    for opinion in opinions:
        opinion.meeting, opinion.origin = None, "visit"
        _describe(rng, opinion)
    Opinion.objects.bulk_create(opinions)
    about = Opinion.objects.filter(level="district", district=tree.a).order_by("pk").values_list("pk", flat=True)
    Opinion.objects.filter(pk__in=list(about)[::3]).update(commune=tree.a2)
    rebuild_opinions()


def _call(unit, year, month):
    """Where and when something was heard, in the shape of a meeting that is never saved."""
    period = Period.month(year, month)
    columns = places_on([unit.pk], unit.valid_from)[unit.pk].columns
    return Meeting(
        unit=unit, level=unit.level, held_on=period.first, period_first=period.first,
        period_last=period.last, year=year, month=month, **columns,
    )  # fmt: skip
