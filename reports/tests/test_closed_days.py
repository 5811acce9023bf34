"""A closed period takes no fact of any kind, whether or not a meeting was expected in it; an end waits for its facts.

The province has closed 2018, for which nothing was ever expected.
"""

import ast
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from core.errors import DomainError
from core.models import Activity
from core.periods import Period
from feedback.initiatives.services import commend, follow_initiative, spread_initiative
from feedback.models import Initiative, Opinion
from feedback.tests.builders import draft, make_opinion
from feedback.tests.test_ledger import MEETING, book, run
from feedback.thread.raising import raise_opinion
from feedback.thread.recording import edit_opinion, record_opinions
from meetings import services as meetings
from meetings.models import Meeting, Occurrence
from meetings.tests.builders import make_meeting, make_planned
from people.access import SYSTEM
from people.models import Post
from people.roster.reading import RosterDraft
from people.roster.services import plan_drafts
from people.services import posts
from proceedings.services import log_meeting
from reports.closing.services import close_period
from units import services as units
from visits import services as visiting
from visits.assignments import services as assigning
from visits.groups import services as groups
from visits.helped import services as helping
from visits.models import Commendation, HelpedUnit, LocalGroup, Situation, TrainingCourse, TrainingTurn
from visits.registers import services as registers
from visits.situations import services as situations
from visits.tests.builders import make_assignment, make_cadre, make_helped, make_visit

pytestmark = pytest.mark.django_db
DAY, TODAY = date(2018, 5, 10), timezone.localdate()
SENTENCE = "Kỳ năm 2018 của Tỉnh Đông Hải đã khóa số liệu"
AT = timezone.make_aware(datetime.combine(DAY, time(8)))


@pytest.fixture
def world(cast):
    """Something of every kind on one day of 2018, then the year is closed."""
    w, tree = cast, cast.tree
    w.village, w.other, place = tree.villages[0], tree.villages[1], {"province": tree.province, "district": tree.a}
    place |= {"commune": tree.a1, "level": "commune", "created_by_id": 1}
    w.held = make_meeting(tree.a1, DAY, kind="thematic")
    w.opinion = make_opinion(tree.a1, "Hiến kế", DAY, kind="initiative", meeting=w.held, village=w.village)
    Initiative.objects.create(opinion=w.opinion, proposed_for_commendation_on=DAY)
    w.member = cast.cadre.person.posts.get()
    w.visit = make_visit(w.member, w.village, DAY, status="logged")
    w.course = TrainingCourse.objects.create(unit=tree.a1, title="Lớp", started_on=DAY, ended_on=DAY, **place)
    w.commended = Commendation.objects.create(
        unit=w.village, village=w.village, form="paper", issuer="UBND", reason="Tốt", decided_on=DAY, **place
    )
    w.happened = Situation.objects.create(unit=tree.a1, title="Việc", account="Rõ", happened_at=AT, **place)
    w.happened.knowings.create(knower="commune", known_at=AT, from_whom="dân báo")
    w.group = LocalGroup.objects.create(unit=w.village, kind="cell", name="Chi bộ", valid_from=DAY, **place)
    w.assignment = make_assignment(w.member, tree.a1)
    w.helped = make_helped(w.other, w.member, date(2018, 1, 5))
    w.head_post = Post.objects.get(unit=w.other, position="village_head")
    close_period(tree.province, Period.parse("2018"), actor=SYSTEM, today=TODAY, now=timezone.now())
    assert not Occurrence.objects.exists()
    return w


FACTS = meetings.MeetingFacts(DAY, "Hội nghị", "hall")


def visit_of(w, **more):
    return visiting.VisitFacts(**{"unit": w.village, "group": "cell", "visited_on": DAY, "content": "Dự"} | more)


def course_of(w):
    return registers.CourseFacts(w.tree.a1, "Lớp khác", DAY, DAY)


def situation_of(w):
    return situations.SituationFacts(w.tree.a1, "Việc", "Rõ", AT, (("commune", AT, "dân báo"),))


def praise_of(w):
    return registers.CommendationFacts("paper", "UBND", DAY, "Tốt", village=w.village)


def first_version(unit):
    return unit.versions.order_by("-valid_from").first().pk


NOW = {"today": TODAY}
REFUSED = {
    "plan_meeting": lambda w: meetings.plan_meeting(
        meetings.MeetingPlan(DAY, kind="thematic"), actor=w.commune, unit=w.tree.a1
    ),
    "hold_meeting": lambda w: meetings.hold_meeting(w.held.pk, FACTS, actor=w.commune, version=1, **NOW),
    "hold_meeting moved in": lambda w: meetings.hold_meeting(
        make_planned(w.tree.a1, date(2019, 2, 1), kind="thematic").pk, FACTS, actor=w.commune, version=1, **NOW
    ),
    "log_meeting": lambda w: log_meeting(
        w.held.pk, FACTS, actor=w.commune, version=1, seats=(), counts=(), sittings=(), drafts=[draft()], **NOW
    ),
    "cancel_meeting": lambda w: meetings.cancel_meeting(w.held.pk, actor=w.commune, version=1, reason="Nhầm"),
    "record_opinions": lambda w: record_opinions(meeting=w.held, drafts=[draft()], actor=w.commune, **NOW),
    "edit_opinion": lambda w: edit_opinion(w.opinion.pk, actor=w.commune, version=1, draft=draft("Khác"), **NOW),
    "raise_opinion": lambda w: raise_opinion(
        draft(), origin="visit", origin_id=1, unit=w.tree.a1, place_unit=w.village, raised_on=DAY, source_key="x",
        actor=w.commune, **NOW,
    ),
    "raise_finding": lambda w: visiting.raise_finding(w.visit.pk, draft(), actor=w.commune, request_id="r", **NOW),
    "follow_initiative": lambda w: follow_initiative(
        w.opinion.pk, "adopted", actor=w.commune, version=1, adopted_on=DAY, **NOW
    ),
    "spread_initiative": lambda w: spread_initiative(w.opinion.pk, w.other, DAY, actor=w.commune, version=1, **NOW),
    "commend": lambda w: commend(w.opinion.pk, "Giấy khen", DAY, actor=w.commune, version=1, **NOW),
    "end_post": lambda w: posts.end_post(actor=w.commune, post=w.head_post, on=DAY),
    "end_post before it": lambda w: posts.end_post(actor=w.commune, post=w.head_post, on=date(2017, 3, 1)),
    "hand_over_post": lambda w: posts.hand_over_post(actor=w.commune, post=w.head_post, on=DAY, name="Lê Mới"),
    "end_village": lambda w: units.end_village(
        actor=w.commune, village=w.tree.villages[2], on=DAY, version=first_version(w.tree.villages[2]), **NOW
    ),
    "end_body": lambda w: units.end_body(
        actor=w.commune_leader, body=w.bodies.commune, on=DAY, version=w.bodies.commune.names.get().pk, **NOW
    ),
    "log_visit": lambda w: visiting.log_visit(visit_of(w), actor=w.district, person=w.member.person, **NOW),
    "edit_visit": lambda w: visiting.edit_visit(
        w.visit.pk, visit_of(w, visited_on=date(2019, 3, 1)), actor=w.cadre, version=1, **NOW
    ),
    "withdraw_visit": lambda w: visiting.withdraw_visit(w.visit.pk, actor=w.cadre, version=1, note="Nhầm", **NOW),
    "record_course": lambda w: registers.record_course(course_of(w), actor=w.commune, **NOW),
    "edit_course": lambda w: registers.edit_course(
        w.course.pk, replace(course_of(w), started_on=date(2019, 1, 2), ended_on=date(2019, 1, 2)), actor=w.commune,
        version=1, **NOW,
    ),
    "drop_course": lambda w: registers.drop_course(w.course.pk, actor=w.commune, version=1),
    "add_turns": lambda w: registers.add_turns(w.course.pk, [w.head_post.pk], actor=w.commune),
    "remove_turns": lambda w: registers.remove_turns(w.course.pk, [1], actor=w.commune),
    "record_commendation": lambda w: registers.record_commendation(praise_of(w), actor=w.commune, **NOW),
    "edit_commendation": lambda w: registers.edit_commendation(
        w.commended.pk, replace(praise_of(w), decided_on=date(2019, 1, 2)), actor=w.commune, version=1, **NOW
    ),
    "drop_commendation": lambda w: registers.drop_commendation(w.commended.pk, actor=w.commune, version=1),
    "record_situation": lambda w: situations.record_situation(situation_of(w), actor=w.commune, now=timezone.now()),
    "edit_situation": lambda w: situations.edit_situation(
        w.happened.pk, situation_of(w), actor=w.commune, version=1, now=timezone.now()
    ),
    "begin_handling": lambda w: situations.begin_handling(
        w.happened.pk, actor=w.commune, version=1, handling_at=AT, now=timezone.now()
    ),
    "assign_cadre": lambda w: assigning.assign_cadre(
        assigning.AssignmentOrder(w.member, (w.tree.a2,), "1-QĐ", DAY, "Huyện ủy", DAY), actor=w.leader, **NOW
    ),
    "end_assignment": lambda w: assigning.end_assignment(
        w.assignment.pk, actor=w.leader, version=1, last_on=DAY, **NOW
    ),
    "exempt_cadre": lambda w: assigning.exempt_cadre(
        actor=w.leader, person=w.member.person, first_on=date(2017, 12, 1), last_on=date(2018, 1, 1), reason="Ốm", **NOW
    ),
    "set_norm": lambda w: assigning.set_norm(
        actor=w.leader, unit=w.tree.a, level="district", basis="assignment", period_kind="month", times=1,
        document="1-CV", document_on=DAY, valid_from=DAY, **NOW,
    ),
    "end_group": lambda w: groups.end_group(w.group.pk, actor=w.commune, version=1, last_on=DAY, reason="Nhập", **NOW),
    "register_help": lambda w: helping.register_help(
        helping.HelpOrder(w.village, DAY, w.member, "Yếu", "Giúp"), actor=w.leader, **NOW
    ),
    "check_help": lambda w: helping.check_help(
        w.helped.pk, actor=w.leader, checked_on=DAY, checked_by_name="Vũ", progress="Khá", **NOW
    ),
    "end_help": lambda w: helping.end_help(
        w.helped.pk, actor=w.leader, version=1, exited_on=DAY, outcome="improved", outcome_note="Khá", **NOW
    ),
}  # fmt: skip
COUNTED = (Meeting, Opinion, Post, Commendation, TrainingCourse, TrainingTurn, Situation, LocalGroup, HelpedUnit)


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_of_any_kind_comes_into_a_closed_year_or_leaves_it(world, name):
    before = [list(model.objects.filter(pk__gt=0).order_by("pk").values()) for model in COUNTED[1:]]
    lines = Activity.objects.count()
    with pytest.raises(DomainError, match=SENTENCE):
        REFUSED[name](world)
    assert [list(model.objects.order_by("pk").values()) for model in COUNTED[1:]] == before
    assert Activity.objects.count() == lines


def test_reopened_it_takes_them_again(world):
    closure = world.tree.province.pk
    from reports.models import PeriodClosure

    PeriodClosure.objects.filter(unit=closure).update(state="reopened")
    for name in ("plan_meeting", "log_visit", "record_course", "record_commendation", "end_post", "record_opinions"):
        REFUSED[name](world)


def test_a_book_and_a_roster_name_the_rows_that_fall_into_it(world, tmp_path):
    path = tmp_path / "so.xlsx"
    book(meetings=[MEETING | {"period": "2018-03", "held_on": date(2018, 3, 20)}]).save(path)
    from django.core.management import CommandError

    with pytest.raises(CommandError):
        run(str(path))
    assert not Meeting.objects.filter(year=2018, month=3).exists()
    handed = [RosterDraft(2, "Thôn 2", "Lê Kế Nhiệm", "village_head", since=DAY)]
    plan = plan_drafts((handed,), actor=world.commune, unit=world.tree.a1, today=TODAY)
    assert [SENTENCE in fault.text for fault in plan.faults] == [True]


FREE = {
    "a day that lies ahead, or that moves no figure": {
        *(
            "add_due_rule",
            "extend_opinion",
            "assign_matter",
            "extend_matter",
            "assign_opinion",
            "assign_many",
            "schedule_opinion",
        ),
        *("review_plan", "add_step", "ask_support", "create_cluster", "set_announcements", "report_relay"),
        *("report_relays", "issue_conclusion", "set_taskings", "finish_tasking", "pin_claim", "rename_village"),
        *("rename_body", "edit_topic", "edit_help", "add_line", "change_line", "rate_cells"),
        "end_rule",
    },
    "a beginning: what was counted of those days was counted without it": {
        *("create_village", "create_body", "hold_post", "appoint", "begin_right", "add_group", "add_usual_groups"),
    },
    "of the coming meeting, whose own act asks": {"put_in_many", "edit_item", "take_over"},
    "by `end_post`": {"end_right"},
    "by the plan, row by row (test_a_book_and_a_roster_…)": {"apply_ledger", "apply_roster", "plan_drafts"},
    "with the same question as begin_handling": {"close_situation"},
}
"""Services that are given a day and do not ask whether it is closed, with the reason."""
DAYS = {"facts", "order", "draft", "drafts", "plan", "entries", "on", "valid_from", "valid_to", "start", "closed_at"}


def test_every_service_that_is_given_a_day_is_refused_above_or_has_its_reason():
    root, found = Path(settings.BASE_DIR), set()
    places = ("*/services/*.py", "*/services.py", "*/roster/*.py", "*/ledger/*.py", "*/cadence.py", "*/claims/*.py")
    for path in (path for place in places for path in root.glob(place)):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names = {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}
                if "actor" in names and any(name in DAYS or name.endswith("_on") for name in names):
                    found.add(node.name)
    known = {name.split()[0] for name in REFUSED}.union(*FREE.values())
    assert found - known - {"tell_published"} == set()


def test_a_village_does_not_end_before_what_was_recorded_there(cast):
    village, later = cast.tree.villages[2], date(2026, 10, 5)
    opinion = make_opinion(cast.tree.a1, "Sửa đường", later, village=village)
    make_visit(make_cadre(cast.tree.a), village, date(2026, 10, 7))
    end = {"actor": cast.commune, "village": village, "version": first_version(village), "today": TODAY}
    for on in (date(2026, 9, 1), date(2026, 10, 7)):
        with pytest.raises(DomainError) as refusal:
            units.end_village(on=on, **end)
        assert refusal.value.field == "on"
        assert "lượt đi cơ sở: 07/10/2026" in refusal.value.message
        assert (f"ý kiến: YK-{opinion.pk} (05/10/2026)" in refusal.value.message) is (on < later)
        assert "Chọn ngày sau 07/10/2026" in refusal.value.message
    units.end_village(on=date(2026, 10, 8), **end)


def test_a_body_does_not_end_before_what_it_was_given(cast):
    from feedback.thread.moves import assign_opinion

    opinion = make_opinion(cast.tree.a1, raised_on=date(2026, 11, 2), due_on=date(2026, 12, 2))
    assign_opinion(opinion.pk, actor=cast.commune, version=1, body=cast.bodies.commune, today=TODAY)
    body = {"actor": cast.commune_leader, "body": cast.bodies.commune, "version": cast.bodies.commune.names.get().pk}
    with pytest.raises(DomainError, match=f"ý kiến được giao: YK-{opinion.pk}"):
        units.end_body(on=TODAY, today=TODAY, **body)
