"""Both demo worlds, built small: two districts and a few months on the real units of their province."""

import csv
import itertools
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from core.periods import Period
from feedback.enums import UNRESOLVED, OpinionStatus, Verb
from feedback.jobs import flag_overdue as flag_opinions
from feedback.jobs import hand_over
from feedback.models import BasketItem, Extension, Milestone, Opinion, OpinionMonth, OpinionMove, ReadBack
from feedback.rules import NEXT
from journal.models import Notice
from meetings.enums import PRESENT_STATES
from meetings.jobs import flag_overdue as flag_meetings
from meetings.models import Attendance, Meeting, MeetingMonth, Occurrence, Sitting
from people.enums import Role
from people.models import Post, User
from reports.figures import figures
from tools.demo.people import PASSWORD
from tools.demo.plan import TIEN_YEN_2015_2016, TRA_VINH_2013_2015
from tools.demo.seeding import FOUR_LEVEL, LAST_FOUR_LEVEL_DAY, REFORM, DemoSize, build_demo
from tools.tests.walk import Walk, differences
from units.enums import Level
from units.loading import DATA, load_units, rebuild_tree
from units.models import Unit, UnitLineage
from units.reads import places_on, unit_by_key
from visits.checks.reads import is_repeated, questions_in
from visits.enums import QuestionKind, SheetState
from visits.models import CheckDraw, CheckPair, HelpedUnit, PlannedVisit, Visit, VisitPlan, YearlySheet

pytestmark = pytest.mark.django_db

TODAY = {FOUR_LEVEL: date(2026, 11, 22), REFORM: date(2025, 9, 18)}
SIZE = DemoSize(districts=frozenset({"199", "207"}), months=4)
MONTHS_CROSSED = ("2025-06", "2025-07")


def read(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def copy_units(target):
    """The units of Quảng Ninh and Trà Vinh alone."""
    versions = read("unit_versions.csv")
    roots = ("province-22-", "province-84-")
    kept = {row["unit"] for row in versions if not row["parent"] and row["unit"].startswith(roots)}
    for _ in range(3):
        kept |= {row["unit"] for row in versions if row["parent"] in kept and row["parent"].split("-")[1] != "84"}
    belongs = {
        "units.csv": lambda row: row["key"] in kept,
        "unit_versions.csv": lambda row: row["unit"] in kept,
        "unit_successions.csv": lambda row: row["predecessor"] in kept and row["successor"] in kept | {""},
    }
    for name, keep in belongs.items():
        rows = [row for row in read(name) if keep(row)]
        with (Path(target) / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)


@pytest.fixture(scope="module", params=[FOUR_LEVEL, REFORM])
def world(request, tmp_path_factory, django_db_setup, django_db_blocker):
    """Built once for all tests of the module, taken back at the end. Its name, its day and its accounts."""
    folder = tmp_path_factory.mktemp("units")
    copy_units(folder)
    today = TODAY[request.param]
    with django_db_blocker.unblock(), transaction.atomic():
        load_units(folder, LAST_FOUR_LEVEL_DAY if request.param == FOUR_LEVEL else None)
        yield request.param, today, build_demo(request.param, 2, today, SIZE)
        transaction.set_rollback(True)


def figures_of(key, period, today):
    period = Period.parse(period)
    return figures(unit_by_key(key, period, today), period, "then", today)


def test_published_figures_are_met_exactly(world):
    _, today, _ = world
    tien_yen = figures_of("district-199", "2015..2016", today)
    assert {word: tien_yen[word] for word in TIEN_YEN_2015_2016} == {
        word: figure.value for word, figure in TIEN_YEN_2015_2016.items()
    }
    assert tien_yen["commune_expected"] == 288
    tra_vinh = figures_of("province-84", "2013..2015", today)
    for word in ("province_visits", "district_visits", "commune_visits"):
        assert tra_vinh[word] == TRA_VINH_2013_2015[word].value
    assert round(100 * tra_vinh["visits_members_present"] / tra_vinh["visits_members_due"], 1) == 65.7


def test_counters_and_tallies_are_what_the_rows_say(world):
    for meeting in Meeting.objects.annotate(raised=Count("opinions")):
        assert meeting.raised == meeting.opinion_count
    seated = dict(
        Meeting.objects.filter(attendances__presence__in=PRESENT_STATES)
        .values_list("pk")
        .annotate(Count("attendances"))
    )
    seated |= dict(Sitting.objects.order_by().values_list("meeting").annotate(Sum("attendance_count")))
    counted = dict(Meeting.objects.filter(counts__number__gt=0).values_list("pk").annotate(Sum("counts__number")))
    held = Meeting.objects.held()
    assert {pk: seated.get(pk, 0) + counted.get(pk, 0) for pk in held.values_list("pk", flat=True)} == dict(
        held.values_list("pk", "attendance_count")
    )
    assert MeetingMonth.objects.aggregate(n=Sum("meetings"))["n"] == held.count()
    assert OpinionMonth.objects.aggregate(n=Sum("received"))["n"] == Opinion.objects.count()


def test_facts_keep_the_units_of_their_day(world):
    _, today, _ = world
    by_day = {}
    for model, day in ((Meeting, "held_on"), (Opinion, "raised_on"), (Visit, "visited_on")):
        for row in model.objects.exclude(**{day: None}):
            by_day.setdefault(getattr(row, day), []).append((getattr(row, "village_id", None) or row.unit_id, row))
    for day, facts in by_day.items():
        assert day < today
        places = places_on({unit_id for unit_id, _ in facts}, day)
        for unit_id, row in facts:
            assert {name: getattr(row, name) for name in places[unit_id].columns} == places[unit_id].columns


def test_every_thread_follows_the_map_of_moves(world):
    threads = {}
    for move in OpinionMove.objects.order_by("opinion", "at", "pk"):
        threads.setdefault(move.opinion_id, []).append(move)
    assert len(threads) == Opinion.objects.count() > 100
    for opinion in Opinion.objects.select_related("master", "holder"):
        moves = threads[opinion.pk]
        assert moves[0].verb == Verb.RECORD
        assert moves[0].before == ""
        for earlier, later in itertools.pairwise(moves):
            assert earlier.after == later.before
            handed = later.verb == Verb.HAND_OVER
            assert handed or later.after == later.before or later.after in NEXT[OpinionStatus(later.before)]
        assert (moves[-1].after, moves[-1].holder_id) == (opinion.status, opinion.holder_id)
        assert bool(opinion.settled_on) == bool(opinion.answer) == (opinion.status not in UNRESOLVED)
        assert (opinion.status == OpinionStatus.DUPLICATE) == (opinion.master_id is not None)
        if opinion.master:
            assert opinion.master.visibility == opinion.visibility


def test_the_clocks_of_open_opinions_have_something_to_show(world):
    name, today, _ = world
    unresolved = Opinion.objects.unresolved()
    assert unresolved.filter(receipted_on__isnull=False).exists()
    assert unresolved.filter(waiting_from__lte=today).exists()
    assert unresolved.filter(shown_above_on__isnull=False).exists()
    assert Milestone.objects.filter(done_on__lte=today).exists()
    if name != REFORM:  # in this small a build of it the dice gave none
        assert unresolved.receipt_overdue(today).exists()
        assert Extension.objects.filter(state="granted").exists()
    assert not unresolved.filter(shown_above_on__isnull=False, holder__level="province").exists()


def test_work_of_ended_units_is_with_their_heirs(world):
    name, today, _ = world
    assert hand_over(today) == 0
    handed = OpinionMove.objects.filter(verb=Verb.HAND_OVER)
    assert handed.exists() == (name == REFORM)
    assert not Opinion.objects.filter(raised_on__year__lte=2016, is_open=True).exists()
    levels = set(Opinion.objects.unresolved().values_list("holder__level", flat=True))
    assert (Level.DISTRICT in levels) == (name == FOUR_LEVEL)


def test_those_who_came_held_their_posts_that_day(world):
    rows = Attendance.objects.filter(is_guest=False)
    assert rows.exists()
    assert not rows.filter(person=None).exists()
    for attendance in rows.select_related("meeting").prefetch_related("posts__post").order_by("?")[:300]:
        held_on = attendance.meeting.held_on
        assert attendance.posts.all()
        for link in attendance.posts.all():
            post = link.post
            assert post.person_id == attendance.person_id
            assert post.valid_from <= held_on
            assert post.valid_to is None or held_on < post.valid_to
    assert rows.values("meeting", "person").distinct().count() == rows.count()
    assert rows.filter(meeting__year=world[1].year).exists()


def test_villages_hang_in_the_tree_as_a_rebuild_would_hang_them(world):
    _, today, _ = world
    columns = ("unit_id", "ancestor_id", "level", "valid_from", "valid_to")
    ours = set(UnitLineage.objects.values_list(*columns))
    rebuild_tree()
    assert set(UnitLineage.objects.values_list(*columns)) == ours
    villages = Unit.objects.filter(level=Level.VILLAGE)
    assert not villages.filter(is_sample=False).exists()
    communes = Unit.objects.filter(level=Level.COMMUNE).on(today)
    assert not communes.exclude(descent__unit__level=Level.VILLAGE).exists()


def test_every_role_can_sign_in_and_has_its_right(world):
    name, _today, accounts = world
    assert {row["role"] for row in accounts.rows} == set(Role.values)
    for row in accounts.rows:
        user = User.objects.get(username=row["username"])
        unit = Unit.objects.get(key=row["unit"])
        assert user.is_sample
        assert user.person.is_sample
        assert not user.must_change_password
        post = Post.objects.get(person=user.person, unit=unit, role=row["role"])
        assert (row["role"] == Role.AGENCY) == (post.body_id is not None)
        if unit.valid_to:
            assert name == REFORM
            assert unit.level == Level.DISTRICT
            assert post.valid_to == unit.valid_to
    assert User.objects.get(username="truongban").check_password(PASSWORD)


def test_there_is_something_to_do_today(world):
    name, today, _accounts = world
    late = Opinion.objects.overdue(today)
    assert late.exists()
    assert not late.filter(flagged_on=None).exists()
    missing = Occurrence.objects.overdue(today)
    assert missing.exists()
    assert not missing.filter(flagged_on=None).exists()
    assert Notice.objects.filter(read_at=None).exists()
    assert BasketItem.objects.waiting().filter(put_in_on__lte=today).exists()
    assert ReadBack.objects.exists()
    assert Meeting.objects.filter(Q(status="planned", planned_on__gte=today)).exists()
    periods = set(Occurrence.objects.filter(is_exempt=False, met_on__isnull=False).values_list("period", flat=True))
    assert name == FOUR_LEVEL or periods >= set(MONTHS_CROSSED)


def test_one_pair_of_visits_cannot_be_made_and_no_other(world):
    """What the reviewer of the demo finds: the planted pair, and no false one."""
    found = {each.kind: each for each in questions_in(Visit.objects.all())}
    assert found[QuestionKind.AT_ONCE].total == 0
    (question,) = found[QuestionKind.TRAVEL].questions
    assert len({visit.commune_id for visit in question.visits}) == 2
    assert found[QuestionKind.COPIED].total == found[QuestionKind.LATE].total == 1
    assert Visit.objects.filter(reviewed_level="village", status="confirmed").exists()
    assert Visit.objects.exclude(local_group=None).exclude(group=F("local_group__kind")).count() == 0
    assert Visit.objects.exclude(local_group=None).exists()


def test_plans_have_drafts_and_lines_of_each_state(world):
    _, today, _accounts = world
    assert set(VisitPlan.objects.values_list("state", flat=True)) == {"draft", "published"}
    assert {line.state_on(today) for line in PlannedVisit.objects.select_related("visit")} >= {"coming", "done"}
    assert not VisitPlan.objects.filter(is_sample=False).exists()
    assert PlannedVisit.objects.exclude(reasons=[]).exists()


def test_check_pairs_were_drawn_and_come_out_again(world):
    """Of quarters that had ended; no quarter since the reform has on its day."""
    name, _, _accounts = world
    for draw in CheckDraw.objects.all():
        assert is_repeated(draw, list(draw.pairs.prefetch_related("visits")))
        assert Period.parse(draw.period).last < timezone.localdate(draw.drawn_at)
    assert CheckPair.objects.filter(result="").exists() == (name == FOUR_LEVEL)


def test_a_body_with_an_account_helps_and_cadres_with_accounts_have_a_draft(world):
    name, _, accounts = world
    users = User.objects.filter(username__in=[row["username"] for row in accounts.rows])
    bodies = users.values("person__posts__body")
    assert HelpedUnit.objects.filter(helper_body__in=bodies, exited_on=None).exists()
    own = YearlySheet.objects.filter(person__in=users.filter(person__posts__role=Role.CADRE).values("person"))
    assert set(own.values_list("state", flat=True)) == {SheetState.DRAFT}
    assert YearlySheet.objects.filter(state=SheetState.SIGNED).exists() == (name == FOUR_LEVEL)


def test_every_figure_is_the_same_wherever_it_is_shown(world, signed_in, record_property):
    """Overdue, missing, waiting, open, settled, on time: for a commune, a district and a province."""
    _, _, accounts = world
    today, compared, wrong = timezone.localdate(), 0, []
    for role in (Role.SPECIALIST, Role.LEADER, Role.COMMUNE):
        live = Unit.objects.filter(key__in=[row["unit"] for row in accounts.rows if row["role"] == role]).on(today)
        keys = set(live.values_list("key", flat=True))
        name = next((row["username"] for row in accounts.rows if row["role"] == role and row["unit"] in keys), None)
        if name:
            user = User.objects.get(username=name)
            unit = Unit.objects.get(key=next(row["unit"] for row in accounts.rows if row["username"] == name))
            found = Walk(signed_in(user), unit, world[1].year, today).all()
            compared += len(found)
            wrong += [f"{unit.name}, {line}" for line in differences(found)]
    record_property("measured", f"{world[0]}: {compared} places compared, {len(wrong)} differences")
    assert not wrong, "\n".join(wrong)
    assert compared > (600 if world[0] == FOUR_LEVEL else 350)  # since the reform, the province and an heir


def test_notices_count_what_the_lists_count(world):
    """What the jobs tell is what is overdue everywhere else, once for each opinion and each expected meeting."""
    _, _, accounts = world
    today = timezone.localdate()
    Notice.objects.all().delete()
    Opinion.objects.update(flagged_on=None), Occurrence.objects.update(flagged_on=None)
    late = Opinion.objects.overdue(today)
    assert flag_opinions(today) == late.count() > 0
    assert flag_meetings(today) == Occurrence.objects.overdue(today).count() > 0
    for row in accounts.rows:
        unit = Unit.objects.get(key=row["unit"])
        if row["role"] == Role.LEADER and unit.valid_to is None:
            below = late.filter(district=unit, holder__level=Level.COMMUNE).count()
            told = Notice.objects.filter(recipient__username=row["username"], text__contains="vừa quá hạn giải quyết")
            assert [int(text.split()[0]) for text in told.values_list("text", flat=True)] == ([below] if below else [])
