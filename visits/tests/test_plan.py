"""The month's plan from its proposal to the visit that answers it: what is kept, refused, told and read by whom."""

from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from core.errors import Conflict, DomainError, NotAllowed
from core.models import Activity
from core.periods import Period
from journal.models import Notice
from units.enums import Level
from visits.models import CellRating, PlannedVisit, VisitExemption, VisitPlan
from visits.plans.reads import feed_lines
from visits.plans.services import LineDraft, add_line, cancel_line, change_line, propose_plan, publish_plan, remove_line
from visits.services import VisitFacts, edit_visit, log_visit, withdraw_visit
from visits.tests.builders import make_assignment, make_cadre, make_norm, make_visit

TODAY = date(2026, 11, 10)
NOW = timezone.make_aware(timezone.datetime(2026, 11, 10, 8))
MONTH = Period.month(2026, 12)


@pytest.fixture
def post(cast):
    return cast.cadre.person.posts.get()


@pytest.fixture
def assignment(cast, post):
    make_norm(cast.tree.province)
    return make_assignment(post, cast.tree.a1)


def propose(cast, actor=None, month=MONTH, today=TODAY, unit=None):
    return propose_plan(unit or cast.tree.a, month, actor=actor or cast.district, today=today)


def draft(unit, day=14, at=None, group="cell", note=""):
    return LineDraft(unit, group, date(2026, 12, day), at, note)


def add(cast, plan, unit, day=14, at=None, person=None, **more):
    person = person or cast.cadre.person
    return add_line(plan.pk, draft(unit, day, at, **more), actor=cast.district, person=person, today=TODAY)


def publish(cast, plan, actor=None):
    plan.refresh_from_db()
    return publish_plan(plan.pk, actor=actor or cast.district, version=plan.version, now=NOW)


def told():
    return sorted(Notice.objects.values_list("recipient__username", flat=True))


def rate(village, rating, year=2025):
    columns = {"province_id": village.lineage.get(level="province").ancestor_id}
    columns |= {"district_id": village.lineage.get(level="district").ancestor_id}
    columns |= {"commune_id": village.lineage.get(level="commune").ancestor_id}
    return CellRating.objects.create(unit=village, level="village", year=year, rating=rating, **columns)


# the proposal


def test_a_month_is_proposed_from_the_weakest_place_on_a_working_day(cast, assignment):
    weak = cast.tree.villages[2]
    rate(weak, "failed")
    rate(weak, "strong", 2026)  # of the plan's own year: not known when the year before is weighed
    plan, added = propose(cast)
    line = plan.lines.get()
    assert added == 1
    assert (line.unit, line.village, line.commune, line.person) == (weak, weak, cast.tree.a1, cast.cadre.person)
    assert (line.level, line.group, line.assignment) == (Level.DISTRICT, "cell", assignment)
    assert line.planned_on in MONTH
    assert line.planned_on.weekday() < 5
    assert line.reasons[0].startswith("Chi bộ xếp loại năm 2025")
    assert Activity.objects.get(verb="visit_plan.propose").after == {"month": "2026-12", "lines": 1}
    assert not Notice.objects.exists()


def test_a_second_proposal_keeps_what_a_person_changed_and_adds_nothing(cast, assignment):
    plan, _ = propose(cast)
    line = plan.lines.get()
    moved = cast.tree.villages[1]
    change_line(line.pk, draft(moved, 23, time(8)), actor=cast.leader, version=1, today=TODAY)
    assert propose(cast) == (plan, 0)
    line.refresh_from_db()
    assert (line.unit, line.planned_on, line.starts_at) == (moved, date(2026, 12, 23), time(8))
    assert VisitPlan.objects.count() == 1


def test_every_place_has_its_turn_before_one_comes_again(cast, assignment):
    months = [MONTH, MONTH.next(), MONTH.next().next(), MONTH.next().next().next()]
    places = [propose(cast, month=month)[0].lines.get().unit_id for month in months]
    assert len(set(places[:3])) == 3
    assert places[3] in places[:3]


def test_a_place_others_go_to_already_comes_later_and_two_cadres_share_out(cast, assignment):
    make_assignment(make_cadre(cast.tree.a), cast.tree.a1)
    plan, added = propose(cast)
    assert added == 2
    lines = list(plan.lines.all())
    assert len({line.unit_id for line in lines}) == len({line.person_id for line in lines}) == 2


@pytest.mark.parametrize(
    ("norm", "made", "added"),
    [
        ({"times": 2}, 0, 2),
        ({"times": 2}, 1, 1),
        ({"times": 1}, 1, 0),
        ({"times": 3, "period_kind": "quarter"}, 0, 3),
        ({"times": 1, "basis": "place"}, 0, 2),
    ],
)
def test_as_many_lines_as_the_norm_still_asks(cast, post, norm, made, added):
    make_norm(cast.tree.province, **norm)
    first = make_assignment(post, cast.tree.a1)
    make_assignment(post, cast.tree.a2)
    for day in range(made):
        make_visit(post, cast.tree.villages[0], date(2026, 12, 1 + day), first)
    today = date(2026, 12, 3) if made else TODAY
    assert propose(cast, today=today)[1] == added


@pytest.mark.parametrize(
    ("first", "last", "span"),
    [(date(2026, 12, 1), date(2026, 12, 10), (11, 31)), (date(2026, 12, 12), date(2026, 12, 31), None)],
)
def test_nobody_is_sent_during_leave(cast, assignment, first, last, span):
    VisitExemption.objects.create(
        person=cast.cadre.person, province=cast.tree.province, first_on=first, last_on=last, reason="đi học"
    )
    days = [line.planned_on.day for line in propose(cast)[0].lines.all()]
    assert days == [] if span is None else span[0] <= days[0] <= span[1]


def test_days_with_another_line_and_days_before_the_decision_stay_free(cast, post):
    make_norm(cast.tree.province, times=2)
    make_assignment(post, cast.tree.a1, valid_from=date(2026, 12, 15))
    plan, _ = propose(cast)
    days = [line.planned_on for line in plan.lines.all()]
    assert min(days) >= date(2026, 12, 15)
    assert len(set(days)) == 2


def test_no_assignment_no_norm_no_line_but_a_plan_to_write_by_hand(cast):
    plan, added = propose(cast)
    assert (added, plan.lines.count(), plan.is_draft) == (0, 0, True)


@pytest.mark.parametrize("who", ["commune", "specialist", "other_leader", "cadre", "outsider", "village", "admin"])
def test_only_those_who_keep_the_units_assignments_plan(cast, who):
    with pytest.raises(NotAllowed):
        propose(cast, actor=getattr(cast, who))
    assert not VisitPlan.objects.exists()


def test_a_past_month_and_a_closed_unit_are_refused(cast):
    with pytest.raises(DomainError, match="đã qua"):
        propose(cast, month=Period.month(2026, 10))
    type(cast.tree.a).objects.filter(pk=cast.tree.a.pk).update(valid_to=date(2026, 11, 30))
    cast.tree.a.lineage.update(valid_to=date(2026, 11, 30))
    with pytest.raises(DomainError, match="không hoạt động"):
        propose(cast)


# lines by hand


@pytest.fixture
def plan(cast, assignment):
    return propose(cast, unit=cast.tree.a)[0]


def test_the_same_line_twice_is_one(cast, plan):
    plan.lines.all().delete()
    first, second = (add(cast, plan, cast.tree.villages[0], at=time(8)) for _ in range(2))
    assert first == second
    assert plan.lines.count() == 1


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda t: LineDraft(t.villages[0], "cell", date(2026, 11, 30)), "planned_on"),
        (lambda t: LineDraft(t.villages[0], "nothing", date(2026, 12, 14)), "group"),
        (lambda t: LineDraft(t.a, "cell", date(2026, 12, 14)), "unit"),
        (lambda t: LineDraft(t.a2, "cell", date(2026, 12, 14)), "unit"),
        (lambda t: LineDraft(t.b1, "cell", date(2026, 12, 14)), "unit"),
        (lambda t: LineDraft(t.villages[1], "cell", date(2026, 12, 14), time(8, 30)), "starts_at"),
        (lambda t: LineDraft(t.villages[1], "cell", date(2026, 12, 24)), "planned_on"),
    ],
)
def test_lines_that_cannot_be(cast, plan, make, field):
    add(cast, plan, cast.tree.villages[0], at=time(8))
    VisitExemption.objects.create(
        person=cast.cadre.person, province=cast.tree.province, reason="nghỉ phép",
        first_on=date(2026, 12, 24), last_on=date(2026, 12, 25),
    )  # fmt: skip
    before = plan.lines.count()
    with pytest.raises(DomainError) as refusal:
        add_line(plan.pk, make(cast.tree), actor=cast.district, person=cast.cadre.person, today=TODAY)
    assert refusal.value.field == field
    assert plan.lines.count() == before


def test_a_day_off_is_allowed(cast, plan):
    assert add(cast, plan, cast.tree.villages[0], day=13).planned_on.weekday() == 6


def test_two_editors(cast, plan):
    line = plan.lines.get()
    change_line(line.pk, draft(cast.tree.villages[0], 15), actor=cast.district, version=1, today=TODAY)
    for act in (
        lambda: change_line(line.pk, draft(cast.tree.villages[1]), actor=cast.leader, version=1, today=TODAY),
        lambda: cancel_line(line.pk, actor=cast.leader, version=1, note="bận", today=TODAY),
        lambda: remove_line(line.pk, actor=cast.leader, version=1, today=TODAY),
        lambda: publish_plan(plan.pk, actor=cast.leader, version=plan.version, now=NOW),
    ):
        with pytest.raises(Conflict):
            act()


def test_a_draft_line_is_taken_out_a_published_one_called_off(cast, plan):
    extra = add(cast, plan, cast.tree.villages[1], day=21)
    remove_line(extra.pk, actor=cast.district, version=1, today=TODAY)
    line = plan.lines.get()
    publish(cast, plan)
    with pytest.raises(DomainError, match="đã công bố"):
        remove_line(line.pk, actor=cast.district, version=1, today=TODAY)
    with pytest.raises(DomainError, match="lý do"):
        cancel_line(line.pk, actor=cast.district, version=1, note=" ", today=TODAY)
    line = cancel_line(line.pk, actor=cast.district, version=1, note="trùng lịch họp", today=TODAY)
    assert (line.is_cancelled, line.note, line.version) == (True, "trùng lịch họp", 2)
    for act in (
        lambda: cancel_line(line.pk, actor=cast.district, version=2, note="lại", today=TODAY),
        lambda: change_line(line.pk, draft(cast.tree.a1), actor=cast.district, version=2, today=TODAY),
    ):
        with pytest.raises(DomainError, match="đã thôi"):
            act()


# publication and what follows


def test_publication_tells_everybody_concerned_once(cast, plan):
    line = plan.lines.get()
    change_line(line.pk, draft(cast.tree.villages[0], 16), actor=cast.district, version=1, today=TODAY)
    add(cast, plan, cast.tree.villages[0], day=21)
    published = publish(cast, plan)
    assert (published.is_draft, published.published_at) == (False, NOW)
    assert "Yên Sơn" in published.published_by_name
    expected = sorted(user.username for user in (cast.cadre, cast.commune, cast.commune_leader, cast.village))
    assert told() == expected
    assert "2 lượt" in Notice.objects.get(recipient=cast.cadre).text
    publish_plan(plan.pk, actor=cast.leader, version=1, now=NOW + timedelta(hours=1))
    assert told() == expected
    assert VisitPlan.objects.get().published_at == NOW


def test_an_empty_plan_is_not_published(cast):
    plan, _ = propose(cast)
    with pytest.raises(DomainError, match="chưa có lượt nào"):
        publish(cast, plan)


def test_a_change_after_publication_is_told_once_to_both_places(cast, plan):
    line = plan.lines.get()
    line = change_line(line.pk, draft(cast.tree.villages[0], 16), actor=cast.district, version=1, today=TODAY)
    publish(cast, plan)
    Notice.objects.all().delete()
    seen = line.version
    same = change_line(line.pk, draft(cast.tree.villages[0], 16), actor=cast.district, version=seen, today=TODAY)
    assert (same.version, told()) == (seen, [])
    noted = draft(cast.tree.villages[1], 17, note="mang theo sổ")
    assert change_line(line.pk, noted, actor=cast.district, version=seen, today=TODAY).note == "mang theo sổ"
    assert told() == sorted(user.username for user in (cast.cadre, cast.commune, cast.commune_leader, cast.village))
    with pytest.raises(DomainError, match="đã công bố"):
        propose(cast)


READERS = ("district", "leader", "specialist", "head", "province_leader", "commune", "commune_leader", "cadre")


@pytest.mark.parametrize("is_published", [False, True])
def test_who_reads_a_plan_and_its_lines(cast, plan, is_published):
    line = plan.lines.get()
    change_line(line.pk, draft(cast.tree.villages[0]), actor=cast.district, version=1, today=TODAY)
    if is_published:
        publish(cast, plan)
    keepers = {"district", "leader"}
    readers = {*READERS, "village"} if is_published else keepers
    for who in (*READERS, "village", "other_commune", "other_leader", "agency", "admin", "outsider"):
        user = getattr(cast, who)
        seen = VisitPlan.objects.visible_to(user).exists(), PlannedVisit.objects.visible_to(user).exists()
        assert seen == (who in readers, who in readers), who


# the visit that answers a line


def facts(unit, day, **more):
    return VisitFacts(unit=unit, group="cell", visited_on=day, content="Dự sinh hoạt chi bộ.", **more)


def log(cast, unit, day=date(2026, 12, 18), line_id=None):
    return log_visit(facts(unit, day), actor=cast.cadre, person=cast.cadre.person, line_id=line_id, today=day)


def visit_of(line):
    return PlannedVisit.objects.get(pk=line.pk).visit


def test_a_visit_finds_its_line_by_person_place_and_month(cast, plan):
    early, late = (add(cast, plan, cast.tree.villages[1], day=day) for day in (2, 21))
    assert log(cast, cast.tree.villages[1]) == visit_of(late)
    second = log(cast, cast.tree.villages[1])
    assert visit_of(early) == second
    third = log(cast, cast.tree.villages[1])
    assert not PlannedVisit.objects.filter(visit=third).exists()


def test_a_named_line_is_answered_but_not_by_a_visit_elsewhere_or_of_another_month(cast, plan):
    first, second = (add(cast, plan, cast.tree.villages[1], day=day) for day in (16, 21))
    assert log(cast, cast.tree.villages[1], line_id=second.pk) == visit_of(second)
    log(cast, cast.tree.a2, line_id=first.pk)
    log(cast, cast.tree.villages[1], day=date(2027, 1, 4), line_id=first.pk)
    assert visit_of(first) is None


def test_a_cancelled_line_is_answered_by_nobody(cast, plan):
    line = add(cast, plan, cast.tree.villages[1], day=21)
    cancel_line(line.pk, actor=cast.district, version=1, note="bận", today=TODAY)
    log(cast, cast.tree.villages[1], line_id=line.pk)
    assert visit_of(line) is None


def test_a_mended_or_withdrawn_visit_lets_its_line_go(cast, plan):
    line = add(cast, plan, cast.tree.villages[1], day=21)
    visit = log(cast, cast.tree.villages[1])
    day = visit.visited_on
    moved = edit_visit(visit.pk, facts(cast.tree.a2, day), actor=cast.cadre, version=1, today=day)
    assert visit_of(line) is None
    edit_visit(visit.pk, facts(cast.tree.villages[1], day), actor=cast.cadre, version=moved.version, today=day)
    assert visit_of(line) == visit
    withdraw_visit(visit.pk, actor=cast.cadre, version=3, note="nhầm", today=day)
    assert PlannedVisit.objects.get(pk=line.pk).state_on(day) == "coming"
    again = log(cast, cast.tree.villages[1])
    assert visit_of(line) == again
    with pytest.raises(DomainError, match="đã đi"):
        change_line(line.pk, draft(cast.tree.a1), actor=cast.district, version=1, today=TODAY)
    with pytest.raises(DomainError, match="đã đi"):
        remove_line(line.pk, actor=cast.district, version=1, today=TODAY)


def test_the_feed_of_a_commune_holds_who_comes_from_above_and_its_own(cast, plan):
    line = plan.lines.get()
    assert list(feed_lines(cast.tree.a, TODAY)) == []
    publish(cast, plan)
    assert list(feed_lines(cast.tree.a, TODAY)) == [line]
    assert list(feed_lines(cast.tree.a1, TODAY)) == [line]
    assert list(feed_lines(cast.tree.a2, TODAY)) == list(feed_lines(cast.tree.province, TODAY)) == []
