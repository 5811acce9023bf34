"""Lateness stays: no verb empties "quá hạn" without an answer, and who agrees to a later day."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.periods import Period
from feedback.enums import ExtensionState, OpinionKind
from feedback.jobs import hand_over
from feedback.matters import services as matters_services
from feedback.matters.services import create_matter
from feedback.models import Extension, Opinion
from feedback.rules import Agreement, agreement_for, days_ever_late
from feedback.tallies import rebuild
from feedback.tests.builders import TODAY, draft, make_opinion, record_one
from feedback.thread import moves, recording, steps
from feedback.thread.moves import disclaim_opinion
from reports.figures import live_figures
from reports.tables.backlog import backlog_table
from units.models import Unit

pytestmark = pytest.mark.django_db
NOTE = "Lý do"
FAR = TODAY + timedelta(days=300)
LATE = 40
YEAR = Period.parse("2026")


def act(verb, opinion, actor, *args, today=TODAY, **extra):
    opinion.refresh_from_db()
    if verb is not steps.extend_opinion:
        extra.setdefault("note", NOTE)
    done = verb(opinion.pk, *args, actor=actor, version=opinion.version, today=today, **extra)
    opinion.refresh_from_db()
    return done


@pytest.fixture
def late(cast):
    """A commune's matter, forty days late, with a body of the commune, at work; another that was answered in time."""
    make_opinion(cast.tree.a1, status="resolved", settled_on=TODAY, answer="Xong", raised_on=date(2026, 3, 1))
    opinion = make_opinion(cast.tree.a1, raised_on=date(2026, 1, 5), due_on=TODAY - timedelta(days=LATE))
    opinion.moves.create(verb="record", after="recorded", at="2026-01-05T09:00+07:00", holder=cast.tree.a1)
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune)
    act(moves.start_opinion, opinion, cast.commune_agency)
    rebuild()
    return opinion


def bulk_assign(opinion, cast):
    moves.assign_many([opinion.pk], actor=cast.commune, body=cast.bodies.commune, due_on=FAR, note=NOTE, today=TODAY)


def as_matter(opinion, cast, act_on_it):
    matter, _ = create_matter(
        "Con đường", opinion.topic_id, [opinion.pk], actor=cast.commune_leader, request_id="1", today=TODAY
    )
    act_on_it(matter)


def escalate_matter(opinion, cast):
    as_matter(
        opinion,
        cast,
        lambda matter: matters_services.escalate_matter(
            matter.pk, NOTE, actor=cast.commune_leader, version=matter.version, today=TODAY
        ),
    )


def assign_matter(opinion, cast):
    as_matter(
        opinion,
        cast,
        lambda matter: matters_services.assign_matter(
            matter.pk, cast.bodies.commune, actor=cast.commune_leader, version=matter.version, today=TODAY,
            due_on=FAR, note=NOTE,
        ),
    )  # fmt: skip


def wait_above(opinion, cast):
    act(moves.escalate_opinion, opinion, cast.commune)
    act(moves.return_opinion, opinion, cast.leader, today=TODAY + timedelta(days=30))


def settle_and_reopen(opinion, cast):
    act(moves.resolve_opinion, opinion, cast.commune)
    act(moves.reopen_opinion, opinion, cast.commune)


def twice_dissatisfied(opinion, cast):
    act(moves.resolve_opinion, opinion, cast.commune)
    act(moves.confirm_opinion, opinion, cast.village_of, satisfaction="not")
    act(moves.reopen_opinion, opinion, cast.commune)
    act(moves.resolve_opinion, opinion, cast.commune)
    act(moves.confirm_opinion, opinion, cast.village_of, satisfaction="not")


def send_down(opinion, cast):
    Opinion.objects.filter(pk=opinion.pk).update(holder=cast.tree.a, body=None)
    act(moves.transfer_opinion, opinion, cast.leader)


def merge_and_take_apart(opinion, cast):
    master = make_opinion(cast.tree.a1, due_on=FAR, raised_on=date(2025, 12, 1))
    act(moves.merge_opinion, opinion, cast.commune, master=master)
    act(moves.unmerge_opinion, opinion, cast.commune)


def plan_and_begin(opinion, cast):
    act(moves.schedule_opinion, opinion, cast.commune_agency, planned_on=FAR)
    act(moves.start_opinion, opinion, cast.commune_agency)


def take_back_and_edit(opinion, cast):
    Opinion.objects.filter(pk=opinion.pk).update(status="recorded", body=None, meeting=None)
    meeting = record_one(cast.commune, cast.tree.a1, "Ý kiến khác").meeting
    Opinion.objects.filter(pk=opinion.pk).update(meeting=meeting)
    opinion.refresh_from_db()
    facts = {"actor": cast.commune, "version": opinion.version, "today": TODAY}
    with pytest.raises(DomainError):
        recording.edit_opinion(opinion.pk, draft=draft(kind=OpinionKind.INITIATIVE), **facts)
    opinion.refresh_from_db()
    recording.edit_opinion(opinion.pk, draft=draft(competence="province"), **facts)


def end_of_holder(opinion, cast):
    Unit.objects.filter(pk=cast.tree.a1.pk).update(valid_to=TODAY)
    hand_over(TODAY)


STAYS_OVERDUE = {
    "assign with a far day": lambda o, c: act(moves.assign_opinion, o, c.commune, body=c.bodies.commune, due_on=FAR),
    "assign to the own committee": lambda o, c: act(moves.assign_opinion, o, c.commune, due_on=FAR),
    "assign many": bulk_assign,
    "assign a whole matter": assign_matter,
    "the body extends": lambda o, c: act(steps.extend_opinion, o, c.commune_agency, FAR, NOTE),
    "the holder extends": lambda o, c: act(steps.extend_opinion, o, c.commune_leader, FAR, NOTE),
    "a plan with a far day": lambda o, c: act(moves.schedule_opinion, o, c.commune_agency, planned_on=FAR),
    "a plan, then work": plan_and_begin,
    "escalate": lambda o, c: act(moves.escalate_opinion, o, c.commune),
    "escalate a whole matter": escalate_matter,
    "send down": send_down,
    "days given back after a wait": wait_above,
    "settle and reopen": settle_and_reopen,
    "twice dissatisfied": twice_dissatisfied,
    "merge and take apart": merge_and_take_apart,
    "say it is not ours": lambda o, c: act(disclaim_opinion, o, c.commune_agency, owner=c.tree.a),
    "correct what was recorded": take_back_and_edit,
    "the holder ends": end_of_holder,
    "a word": lambda o, c: act(moves.comment_opinion, o, c.leader),
    "a part is done": lambda o, c: act(steps.finish_step, o, c.commune_agency),
}
CLOSES = {
    "merge": lambda o, c: act(
        moves.merge_opinion, o, c.commune, master=make_opinion(c.tree.a1, due_on=FAR, raised_on=date(2025, 12, 1))
    ),
    "withdraw": lambda o, c: act(moves.withdraw_opinion, o, c.commune),
    "redirect": lambda o, c: act(moves.redirect_opinion, o, c.commune),
    "resolve": lambda o, c: act(moves.resolve_opinion, o, c.commune),
    "decline": lambda o, c: act(moves.decline_opinion, o, c.commune),
}
TIMELINESS = ("opinions_on_time", "opinions_on_time_extended", "opinions_was_late")


def timeliness(cast):
    words = live_figures(cast.tree.province, YEAR, "then", TODAY)
    return {word: words[word] for word in TIMELINESS}


@pytest.mark.parametrize("verb", [*STAYS_OVERDUE, *CLOSES])
def test_no_verb_empties_lateness_without_an_answer(cast, late, verb):
    cast.village_of = cast.commune
    before, first = timeliness(cast), late.first_due_on
    assert before == {"opinions_on_time": 1, "opinions_on_time_extended": 1, "opinions_was_late": 1}
    (STAYS_OVERDUE | CLOSES)[verb](late, cast)
    late.refresh_from_db()
    assert late.first_due_on == first
    assert late.days_ever_late(TODAY) == LATE
    assert late in Opinion.objects.was_late(TODAY)
    assert (late in Opinion.objects.overdue(TODAY)) == (verb in STAYS_OVERDUE)
    assert timeliness(cast) == before


def test_page_list_and_backlog_say_for_good_how_late_it_was(cast, late, signed_in):
    act(steps.extend_opinion, late, cast.commune_agency, FAR, NOTE)
    act(steps.grant_extension, late, cast.leader)
    late_by = (timezone.localdate() - late.promised_on).days
    browser = signed_in(cast.commune_leader)
    for address in (late.get_absolute_url(), "/y-kien/?han=tung-qua-han"):
        page = browser.get(address).content.decode()
        assert f"Từng quá hạn {late_by} ngày" in page
        assert f"Hạn đầu tiên {late.first_due_on:%d/%m/%Y}" in page
    (row,) = backlog_table(cast.tree.a1, YEAR, "then", TODAY).sections[0].rows
    assert (row.cells["days"], row.cells["ever_late"], row.cells["first_due_on"]) == ("", LATE, late.first_due_on)
    act(moves.resolve_opinion, late, cast.commune)
    assert f"Từng quá hạn {LATE} ngày" in browser.get(late.get_absolute_url()).content.decode()


def test_what_the_level_above_agrees_to_ends_overdue_but_not_lateness(cast, late):
    act(steps.extend_opinion, late, cast.commune_agency, FAR, NOTE)
    for nobody in (cast.commune_agency, cast.commune_leader, cast.other_leader):
        with pytest.raises(NotAllowed):
            act(steps.grant_extension, late, nobody)
    act(steps.grant_extension, late, cast.leader)
    assert late not in Opinion.objects.overdue(TODAY)
    assert late.days_ever_late(TODAY) == LATE
    act(moves.resolve_opinion, late, cast.commune)
    assert timeliness(cast) == {"opinions_on_time": 1, "opinions_on_time_extended": 2, "opinions_was_late": 1}
    row = Extension.objects.get(opinion=late)
    assert (row.old_due_on, row.new_due_on, row.reason) == (late.first_due_on, late.due_on, NOTE)
    assert row.needs_above
    assert (row.asked_by_id, row.decided_by_id) == (cast.commune_agency.pk, cast.leader.pk)


def test_the_level_that_gets_a_late_matter_agrees_to_its_own_days(cast, late):
    act(moves.escalate_opinion, late, cast.commune)
    asked = Extension.objects.get(opinion=late, state=ExtensionState.PENDING)
    assert (asked.kind, asked.holder) == ("escalation", cast.tree.a1)
    act(steps.grant_extension, late, cast.leader)
    assert late.due_on == asked.new_due_on > TODAY


def test_nobody_decides_on_what_they_asked_for_themselves(cast):
    """At the province those who may decide are those who ask: the head must leave it to another leader."""
    own = make_opinion(cast.tree.province, due_on=TODAY + timedelta(days=5))
    act(steps.extend_opinion, own, cast.head, FAR, NOTE)
    with pytest.raises(NotAllowed):
        act(steps.grant_extension, own, cast.head)
    act(steps.grant_extension, own, cast.province_leader)
    assert own.due_on >= FAR


def test_in_time_a_first_plan_of_a_body_counts_at_once_and_keeps_its_day_at_work(cast):
    opinion = record_one(cast.commune, cast.tree.a1)
    first = opinion.due_on
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune)
    act(moves.schedule_opinion, opinion, cast.commune_agency, planned_on=FAR)
    assert (opinion.planned_on, opinion.due_on, opinion.first_due_on) == (FAR, FAR, first)
    act(moves.start_opinion, opinion, cast.commune_agency)
    assert opinion.due_on == FAR
    assert not opinion.is_overdue(FAR)
    assert opinion.days_ever_late(first) == 0
    assert opinion.days_ever_late(first + timedelta(days=1)) == 1


@pytest.mark.parametrize(("day", "is_late"), [(0, False), (1, True)])
def test_a_day_counts_as_passed_from_the_next_morning(cast, day, is_late):
    opinion = make_opinion(cast.tree.a1, due_on=TODAY - timedelta(days=day))
    assert Opinion.objects.overdue(TODAY).exists() == is_late
    assert Opinion.objects.was_late(TODAY).exists() == is_late
    act(moves.explain_opinion, opinion, cast.commune)
    assert Opinion.objects.on_time().exists() != is_late
    assert Opinion.objects.was_late(TODAY).exists() == is_late


@pytest.mark.parametrize("kind", ["initiative", "good_practice"])
def test_an_initiative_is_never_late(cast, signed_in, kind):
    idea = make_opinion(cast.tree.a1, kind=kind, due_on=TODAY - timedelta(days=LATE))
    for found in (Opinion.objects.overdue(TODAY), Opinion.objects.was_late(TODAY), Opinion.objects.judged(TODAY)):
        assert idea not in found
    page = signed_in(cast.commune).get(idea.get_absolute_url()).content.decode()
    assert "Quá hạn" not in page
    assert "Từng quá hạn" not in page
    assert "Ngày cần xem xét" in page
    act(moves.accept_opinion, idea, cast.commune)
    assert idea.late_days == 0
    assert not Opinion.objects.on_time().exists()


def test_a_body_is_judged_by_the_first_day_promised_to_it(cast, late, signed_in):
    """Its own late matter, given a day anew, stays late for it; what came late to it is judged by the day it got."""
    today, body = timezone.localdate(), cast.bodies.commune
    given_late = make_opinion(cast.tree.a1, due_on=today - timedelta(days=LATE), raised_on=today - timedelta(days=90))
    given_in_time = make_opinion(cast.tree.a1, due_on=today + timedelta(days=9), raised_on=today)
    own_late = make_opinion(cast.tree.a1, due_on=today - timedelta(days=1), raised_on=today - timedelta(days=30))
    own_late.moves.create(verb="assign", after="assigned", at=timezone.now() - timedelta(days=20), body=body,
                          due_on=own_late.due_on)  # fmt: skip
    Opinion.objects.filter(pk=own_late.pk).update(body=body, status="in_progress")
    far = today + timedelta(days=300)
    act(moves.assign_opinion, given_late, cast.commune, body=body, due_on=far, today=today)
    act(moves.assign_opinion, given_in_time, cast.commune, body=body, today=today)
    act(steps.extend_opinion, own_late, cast.commune_agency, far, NOTE, today=today)
    for each in (given_late, own_late):
        act(steps.grant_extension, each, cast.leader, today=today)
    Opinion.objects.exclude(pk__in=[given_late.pk, given_in_time.pk, own_late.pk]).update(kind=OpinionKind.INITIATIVE)
    assert list(Opinion.objects.late_for_body(today)) == [own_late]
    for each in (given_late, given_in_time, own_late):
        act(moves.resolve_opinion, each, cast.commune_agency, today=today)
    browser = signed_in(cast.commune_leader)
    (row,) = browser.get("/y-kien/ket-qua/").context["bodies"]
    assert (row.label, row.on_time, row.late, row.share) == (body.name, 2, 1, "2/3")
    for address, listed in ((row.on_time_url, {given_late, given_in_time}), (row.late_url, {own_late})):
        assert {each["pk"] for each in browser.get(address).context["rows"]} == {each.pk for each in listed}
    assert [each["pk"] for each in browser.get("/y-kien/?han=dung-han").context["rows"]] == [given_in_time.pk]


def test_answered_in_time_is_looked_for_among_what_was_answered(cast, signed_in):
    today = timezone.localdate()
    done = make_opinion(cast.tree.a1, status="resolved", settled_on=today, due_on=today, raised_on=today)
    make_opinion(cast.tree.a1, due_on=today, raised_on=today)
    browser = signed_in(cast.commune)
    for word in ("dung-han", "dung-han-gia-han"):
        page = browser.get(f"/y-kien/?han={word}")
        assert (page.status_code, page.context["total"]) == (200, 1)
        assert page.context["rows"][0]["pk"] == done.pk
        assert 'value="da-tra-loi" selected' in page.content.decode()
        assert browser.get(f"/y-kien/?han={word}&trang-thai=assigned").status_code == 400


RULES = [
    # kind, is_late, is_own, is_first, from_body → who agrees
    *((kind, True, own, True, body, Agreement.ABOVE) for kind in ("extension", "wait", "reopening", "plan")
      for own in (True, False) for body in (True, False)),
    *((kind, False, True, False, False, Agreement.NOBODY) for kind in ("escalation", "wait", "reopening")),
    ("extension", False, True, True, True, Agreement.ABOVE),
    ("plan", False, False, True, True, Agreement.NOBODY),
    ("reassignment", False, False, True, False, Agreement.NOBODY),
    ("extension", False, False, False, True, Agreement.HOLDER),
    ("extension", False, False, False, False, Agreement.ABOVE),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "is_late", "is_own", "is_first", "from_body", "agreed"), RULES)
def test_who_agrees_to_a_later_day(kind, is_late, is_own, is_first, from_body, agreed):
    facts = {"is_late": is_late, "is_own": is_own, "is_first": is_first, "from_body": from_body}
    assert agreement_for(kind, **facts) == agreed


def test_rule_and_queryset_agree_on_lateness(cast):
    for kind in ("petition", "initiative"):
        for status in ("recorded", "resolved", "withdrawn"):
            for day in (-1, 0, 1):
                for days in (0, 3):
                    make_opinion(
                        cast.tree.a1, kind=kind, status=status, late_days=days, due_on=TODAY + timedelta(days=day)
                    )
    found = set(Opinion.objects.was_late(TODAY).values_list("pk", flat=True))
    ruled = {
        o.pk for o in Opinion.objects.all() if days_ever_late(o.is_open, o.promised_on, o.late_days, TODAY, o.kind)
    }
    assert found == ruled
    assert len(found) == 10


def said_after(browser, address, **typed):
    """The messages of the page that follows an act."""
    page = browser.post(address, typed, follow=True)
    assert page.status_code == 200, address
    return [str(message) for message in page.context["messages"]]


def day_that_waits(opinion, day, who):
    old = f"{opinion.due_on:%d/%m/%Y}"
    return f"YK-{opinion.pk}: hạn mới {day} chờ {who} đồng ý; đến khi đó vẫn tính theo hạn {old}."


FAR_TYPED = "20/09/2027"
WAITING_ACTS = {
    "giao": {"due_on": FAR_TYPED, "note": NOTE},
    "ke-hoach": {"planned_on": FAR_TYPED, "note": NOTE},
    "gia-han": {"new_due_on": FAR_TYPED, "note": NOTE},
}


@pytest.mark.parametrize("word", [*WAITING_ACTS, "chuyen-len", "mo-lai"])
def test_who_brings_a_later_day_is_told_whom_it_waits_for(cast, late, signed_in, word):
    if word == "mo-lai":
        act(moves.resolve_opinion, late, cast.commune)
    typed = {"version": late.version, "note": NOTE} | WAITING_ACTS.get(word, {})
    typed |= {"body": cast.bodies.commune.pk} if word == "giao" else {}
    said = said_after(signed_in(cast.commune_leader), f"/y-kien/{late.pk}/{word}/", **typed)
    row = Extension.objects.get(opinion=late, state=ExtensionState.PENDING)
    assert day_that_waits(late, f"{row.new_due_on:%d/%m/%Y}", cast.tree.a.name) in said
    page = signed_in(cast.leader).get(late.get_absolute_url()).content.decode()
    assert f"Chờ {cast.tree.a.name} đồng ý" in page
    assert said[0] == f"YK-{late.pk}: {DONE.get(word, said[0].partition(': ')[2])}"


DONE = {"gia-han": "đã đề nghị gia hạn.", "giao": "đã giao giải quyết.", "ke-hoach": "đã đưa vào kế hoạch."}


def test_of_many_at_once_it_is_said_how_many_wait(cast, late, signed_in):
    other = make_opinion(cast.tree.a1, due_on=TODAY, raised_on=date(2026, 1, 5))
    typed = {"opinion": [late.pk, other.pk], "body": cast.bodies.commune.pk, "due_on": FAR_TYPED, "note": NOTE}
    said = said_after(signed_in(cast.commune_leader), "/y-kien/giao-nhieu/", **typed)
    waits = f"2 ý kiến: hạn mới chờ {cast.tree.a.name} đồng ý; đến khi đó vẫn tính theo hạn cũ."
    assert waits in said


def test_what_counts_at_once_waits_for_nobody(cast, signed_in):
    opinion = record_one(cast.commune, cast.tree.a1, today=timezone.localdate(), held_on=timezone.localdate())
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune, today=timezone.localdate())
    typed = {"version": opinion.version, "new_due_on": FAR_TYPED, "note": NOTE}
    browser = signed_in(cast.commune_agency)
    assert said_after(browser, f"/y-kien/{opinion.pk}/gia-han/", **typed) == [f"YK-{opinion.pk}: đã gia hạn."]
    opinion.refresh_from_db()
    typed = {"version": opinion.version, "new_due_on": "20/10/2027", "note": NOTE}
    said = said_after(browser, f"/y-kien/{opinion.pk}/gia-han/", **typed)
    assert said == [
        f"YK-{opinion.pk}: đã đề nghị gia hạn.",
        day_that_waits(opinion, "20/10/2027", f"lãnh đạo {cast.tree.a1.name}"),
    ]


def test_at_the_province_another_of_its_leaders_agrees(cast, signed_in):
    own = make_opinion(cast.tree.province, due_on=timezone.localdate() + timedelta(days=5))
    typed = {"version": own.version, "new_due_on": FAR_TYPED, "note": NOTE}
    said = said_after(signed_in(cast.head), f"/y-kien/{own.pk}/gia-han/", **typed)
    assert day_that_waits(own, FAR_TYPED, f"một lãnh đạo khác của {cast.tree.province.name}") in said


def test_of_a_matter_with_two_holders_each_is_named(cast, late, signed_in):
    upper = make_opinion(cast.tree.a, due_on=TODAY - timedelta(days=LATE), raised_on=date(2026, 1, 5))
    matter, _ = create_matter("Con đường", late.topic_id, [late.pk, upper.pk], actor=cast.leader, today=TODAY)
    typed = {"version": matter.version, "new_due_on": FAR_TYPED, "note": NOTE}
    said = said_after(signed_in(cast.leader), f"/y-kien/van-de/{matter.pk}/gia-han/", **typed)
    assert day_that_waits(late, FAR_TYPED, cast.tree.a.name) in said
    assert day_that_waits(upper, FAR_TYPED, cast.tree.province.name) in said
