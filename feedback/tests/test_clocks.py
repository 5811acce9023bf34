"""Clocks of one opinion through its moves: receipt, pause, more time, plans, steps, two dissatisfied answers."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from feedback.enums import OpinionStatus
from feedback.jobs import escalate_overdue, hand_over
from feedback.models import Extension, Opinion, OpinionMove
from feedback.rules import is_receipt_overdue
from feedback.tests.builders import TODAY, make_meeting, make_opinion, record_one
from feedback.thread import moves, steps
from feedback.thread.steps import extensions_to_decide
from journal.models import Notice
from meetings.models import SpecialDay
from units.models import Unit

pytestmark = pytest.mark.django_db
NOTE = "Lý do hoặc kết quả"


def act(verb, opinion, actor, *args, **extra):
    opinion.refresh_from_db()
    extra = {"version": opinion.version, "today": TODAY} | extra
    if not args:
        extra.setdefault("note", NOTE)
    done = verb(opinion.pk, *args, actor=actor, **extra)
    opinion.refresh_from_db()
    return done


def verbs(opinion):
    return list(opinion.moves.order_by("pk").values_list("verb", flat=True))


@pytest.fixture
def opinion(cast):
    return record_one(cast.commune, cast.tree.a1, village_id=cast.tree.villages[0].pk)


def test_a_day_off_of_the_province_moves_the_due_day(cast):
    SpecialDay.objects.create(
        province=cast.tree.province, day=date(2026, 4, 20), is_working=False, name="Ngày hội của tỉnh"
    )
    assert record_one(cast.commune, cast.tree.a1).due_on == date(2026, 4, 21)


# receipt


def test_what_is_recorded_at_home_needs_no_receipt_and_what_is_sent_up_does(cast, opinion):
    assert opinion.receipt_due_on is None
    with pytest.raises(DomainError):
        act(steps.receipt_opinion, opinion, cast.commune)
    act(moves.escalate_opinion, opinion, cast.commune)
    assert (opinion.receipt_due_on, opinion.receipted_on) == (date(2026, 4, 8), None)
    Notice.objects.all().delete()
    act(steps.receipt_opinion, opinion, cast.leader, note="", today=TODAY + timedelta(days=1))
    assert (opinion.status, opinion.receipted_on) == ("escalated", TODAY + timedelta(days=1))
    assert Notice.objects.filter(recipient=cast.commune).exists()
    with pytest.raises(DomainError) as refusal:
        act(steps.receipt_opinion, opinion, cast.leader)
    assert "26/03/2026" in refusal.value.message


def test_a_body_acknowledges_by_starting_and_handing_on_starts_the_clock_anew(cast, opinion):
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune)
    assert opinion.receipt_due_on == date(2026, 4, 8)
    act(moves.start_opinion, opinion, cast.commune_agency)
    assert opinion.receipted_on == TODAY
    act(moves.assign_opinion, opinion, cast.commune, body=None)
    assert opinion.receipted_on is None
    act(moves.unassign_opinion, opinion, cast.commune)
    assert opinion.receipt_due_on is None


def test_rule_and_queryset_agree_on_receipts(cast):
    for status in OpinionStatus:
        for due_on in (None, TODAY - timedelta(days=1), TODAY):
            for receipted_on in (None, TODAY):
                make_opinion(cast.tree.a1, status=status, receipt_due_on=due_on, receipted_on=receipted_on)
    found = set(Opinion.objects.receipt_overdue(TODAY).values_list("pk", flat=True))
    ruled = {
        o.pk for o in Opinion.objects.all() if is_receipt_overdue(o.status, o.receipt_due_on, o.receipted_on, TODAY)
    }
    assert found == ruled
    assert len(found) == 6


# the pause


def test_the_lower_levels_days_stand_still_while_it_waits(cast, opinion):
    due_on, later = opinion.due_on, TODAY + timedelta(days=14)
    act(moves.escalate_opinion, opinion, cast.commune)
    assert (opinion.waiting_from, opinion.waited_days) == (TODAY, 0)
    act(moves.return_opinion, opinion, cast.leader, today=later)
    assert opinion.due_on == due_on + timedelta(days=14)
    assert (opinion.waiting_from, opinion.waited_days, opinion.receipt_due_on) == (None, 14, None)
    assert opinion.raised_on < TODAY


def test_each_level_gets_its_own_days_back(cast, opinion):
    act(moves.escalate_opinion, opinion, cast.commune)
    district_due = opinion.due_on
    act(moves.escalate_opinion, opinion, cast.leader, today=TODAY + timedelta(days=7))
    for days, move in ((0, opinion.moves.order_by("pk")[1]), (7, opinion.moves.order_by("pk")[2])):
        OpinionMove.objects.filter(pk=move.pk).update(at=f"{TODAY + timedelta(days=days)}T10:00+07:00")
    first = opinion.moves.order_by("pk").first()
    OpinionMove.objects.filter(pk=first.pk).update(at="2026-03-20T10:00+07:00")
    act(moves.return_opinion, opinion, cast.head, today=TODAY + timedelta(days=14))
    assert opinion.holder == cast.tree.a
    assert opinion.due_on == district_due + timedelta(days=7 + 3)  # +7 is a day off: 30/4 and 1/5, then Sunday
    assert opinion.waiting_from == TODAY


def test_an_answer_from_above_ends_the_waiting(cast, opinion):
    act(moves.escalate_opinion, opinion, cast.commune)
    act(moves.assign_opinion, opinion, cast.leader, body=cast.bodies.district)
    act(moves.resolve_opinion, opinion, cast.agency, today=TODAY + timedelta(days=5))
    assert (opinion.waiting_from, opinion.waited_days) == (None, 5)


# more time


def test_a_bodys_first_extension_is_taken_and_its_second_asked_for(cast, opinion):
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune)
    act(steps.extend_opinion, opinion, cast.commune_agency, date(2026, 5, 2), "Chờ kinh phí")
    assert opinion.due_on == date(2026, 5, 4)  # a Saturday rolls to Monday
    act(steps.extend_opinion, opinion, cast.commune_agency, date(2026, 6, 1), "Vẫn chờ kinh phí")
    assert opinion.due_on == date(2026, 5, 4)
    assert verbs(opinion)[-2:] == ["extend", "ask_extension"]
    assert [row.state for row in Extension.objects.order_by("pk")] == ["granted", "pending"]
    with pytest.raises(DomainError):
        act(steps.extend_opinion, opinion, cast.commune_agency, date(2026, 7, 1), "Thêm nữa")
    act(steps.grant_extension, opinion, cast.commune_leader, note="")
    assert opinion.due_on == date(2026, 6, 1)
    with pytest.raises(DomainError):
        act(steps.grant_extension, opinion, cast.commune_leader)


def test_more_time_for_a_units_own_matter_is_agreed_above(cast, opinion):
    due_on = opinion.due_on
    act(steps.extend_opinion, opinion, cast.commune, date(2026, 6, 1), "Chờ kinh phí")
    assert opinion.due_on == due_on
    assert Notice.objects.filter(recipient=cast.leader, text__startswith="Đề nghị hạn mới").exists()
    assert [row.opinion for row in extensions_to_decide(cast.leader)] == [opinion]
    for nobody in (cast.commune, cast.commune_leader, cast.other_leader, cast.district, cast.outsider):
        assert extensions_to_decide(nobody) == []
        with pytest.raises(NotAllowed):
            act(steps.grant_extension, opinion, nobody)
    act(steps.grant_extension, opinion, cast.leader, note="")
    row = Extension.objects.get()
    assert (opinion.due_on, row.decided_by_id) == (date(2026, 6, 1), cast.leader.pk)
    assert row.asked_by_name
    assert row.decided_by_name
    assert opinion.first_due_on == due_on


def test_a_refusal_keeps_the_day_and_needs_its_reason(cast, opinion):
    due_on = opinion.due_on
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune, due_on=date(2026, 5, 5))
    act(steps.extend_opinion, opinion, cast.commune_agency, date(2026, 6, 1), "Chờ đo đạc")
    assert extensions_to_decide(cast.commune_leader)
    with pytest.raises(DomainError) as refusal:
        act(steps.refuse_extension, opinion, cast.commune_leader, note=" ")
    assert refusal.value.field == "note"
    act(steps.refuse_extension, opinion, cast.commune_leader, note="Làm ngay")
    assert due_on < opinion.due_on == date(2026, 5, 5)
    assert Extension.objects.latest("pk").decision_note == "Làm ngay"


@pytest.mark.parametrize(
    ("day", "reason", "field"),
    [(date(2026, 4, 1), "x", "new_due_on"), (None, "x", "new_due_on"), (date(2026, 6, 1), " ", "note")],
)
def test_an_extension_needs_a_later_day_and_a_reason(cast, opinion, day, reason, field):
    with pytest.raises(DomainError) as refusal:
        act(steps.extend_opinion, opinion, cast.commune, day, reason)
    assert refusal.value.field == field
    assert not Extension.objects.exists()


def test_nothing_is_extended_after_closing_and_a_request_falls_with_it(cast, opinion):
    act(steps.extend_opinion, opinion, cast.commune, date(2026, 5, 5), "Chờ")
    act(moves.explain_opinion, opinion, cast.commune)
    assert Extension.objects.latest("pk").state == "refused"
    with pytest.raises(DomainError) as refusal:
        act(steps.extend_opinion, opinion, cast.commune, date(2026, 7, 5), "Muộn rồi")
    assert "Đã giải trình" in refusal.value.message


def test_assigning_with_a_later_day_is_no_way_around(cast, opinion):
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune, due_on=date(2026, 5, 5))
    assert Extension.objects.get().state == "granted"
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune, due_on=date(2026, 6, 5))
    assert opinion.due_on == date(2026, 5, 5)
    assert [row.state for row in Extension.objects.order_by("pk")] == ["granted", "pending"]
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune, due_on=date(2026, 4, 29))
    _, refused = moves.assign_many(
        [opinion.pk], actor=cast.commune, body=cast.bodies.commune, due_on=date(2026, 6, 5), note=NOTE, today=TODAY
    )
    assert [pk for pk, _ in refused] == [opinion.pk]


# plans and steps


def test_a_plan_is_reviewed_every_quarter(cast, opinion):
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune)
    act(moves.schedule_opinion, opinion, cast.commune_agency, planned_on=date(2026, 12, 1))
    assert opinion.review_on == date(2026, 3, 31)
    review_day = date(2026, 3, 31)
    assert escalate_overdue(date(2026, 3, 30)) == 0
    assert [escalate_overdue(review_day), escalate_overdue(review_day)] == [1, 0]
    assert Notice.objects.filter(recipient=cast.commune_agency, text__startswith="Đến kỳ rà soát").count() == 1
    with pytest.raises(DomainError):
        act(steps.review_plan, opinion, cast.commune_agency, note="")
    act(steps.review_plan, opinion, cast.commune_agency, today=review_day, planned_on=date(2026, 11, 2))
    assert (opinion.status, opinion.planned_on, opinion.review_on) == (
        "scheduled", date(2026, 11, 2), date(2026, 6, 30),
    )  # fmt: skip
    act(moves.start_opinion, opinion, cast.commune_agency)
    assert (opinion.planned_on, opinion.review_on) == (None, None)


def test_a_part_that_is_done_leaves_the_matter_in_progress(cast, opinion):
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune)
    with pytest.raises(DomainError):
        act(steps.add_step, opinion, cast.commune_agency, "Khảo sát")
    act(moves.start_opinion, opinion, cast.commune_agency)
    step = act(steps.add_step, opinion, cast.commune_agency, "Khảo sát", TODAY + timedelta(days=5))
    act(steps.finish_step, opinion, cast.commune_agency, milestone_id=step.pk, note="Đã khảo sát xong")
    act(steps.finish_step, opinion, cast.commune, note="Đã lập dự toán")
    assert opinion.status == "in_progress"
    assert list(opinion.milestones.values_list("text", "done_on")) == [("Khảo sát", TODAY), ("Đã lập dự toán", TODAY)]
    assert verbs(opinion)[-3:] == ["add_step", "progress", "progress"]
    with pytest.raises(DomainError):
        act(steps.finish_step, opinion, cast.commune, milestone_id=step.pk)


def test_settled_a_second_time_it_keeps_the_day_it_was_first_settled(cast, opinion, signed_in):
    """What the village is told of an earlier answer, "Xã đã giải quyết ngày …", is the day of the first."""
    act(moves.explain_opinion, opinion, cast.commune, today=TODAY)
    act(moves.reopen_opinion, opinion, cast.commune, today=TODAY + timedelta(days=3))
    act(moves.explain_opinion, opinion, cast.commune, today=TODAY + timedelta(days=9))
    assert (opinion.first_settled_on, opinion.settled_on) == (TODAY, TODAY + timedelta(days=9))
    again = make_opinion(cast.tree.a, settled_before=opinion, commune=cast.tree.a1)
    page = signed_in(cast.leader).get(again.get_absolute_url()).content.decode()
    assert f"Xã đã giải quyết ngày {TODAY:%d/%m/%Y}" in page
    assert f"Xã đã giải quyết ngày {TODAY + timedelta(days=9):%d/%m/%Y}" not in page


# what those who raised it say


def test_the_second_dissatisfied_answer_moves_it_up(cast, opinion):
    act(moves.explain_opinion, opinion, cast.commune)
    act(moves.confirm_opinion, opinion, cast.commune, satisfaction="not")
    assert (opinion.status, opinion.dissatisfied_count, opinion.holder) == ("explained", 1, cast.tree.a1)
    act(moves.reopen_opinion, opinion, cast.commune)
    act(moves.explain_opinion, opinion, cast.commune)
    act(moves.confirm_opinion, opinion, cast.village, satisfaction="not", note="Vẫn chưa sửa")
    assert (opinion.status, opinion.holder, opinion.waiting_from) == ("escalated", cast.tree.a, TODAY)
    assert verbs(opinion)[-3:] == ["confirm", "reopen", "escalate"]
    assert opinion.moves.order_by("pk").last().actor_name == "Hệ thống"
    assert Notice.objects.filter(recipient=cast.leader).exists()


def test_a_second_dissatisfied_word_at_the_read_back_leaves_its_card_standing(cast, signed_in):
    today = timezone.localdate()
    opinion = make_opinion(
        cast.tree.a1, raised_on=today - timedelta(days=60), status="explained", answer="Đã giải trình",
        settled_on=today - timedelta(days=9), dissatisfied_count=1,
    )  # fmt: skip
    meeting = make_meeting(cast.tree.a1, today)
    data = {"satisfaction": "not", "version": 1, "note": "Vẫn ngập"}
    browser = signed_in(cast.commune)
    card = browser.post(f"/hoi-nghi/{meeting.pk}/doc-lai/{opinion.pk}/", data, headers={"HX-Request": "true"})
    assert card.status_code == 200
    opinion.refresh_from_db()
    assert (opinion.status, opinion.holder) == ("escalated", cast.tree.a)
    assert browser.get(f"/hoi-nghi/{meeting.pk}/doc-lai/").status_code == 200


def test_work_handed_home_waits_no_longer(cast):
    opinion = make_opinion(
        cast.tree.a1, holder=cast.tree.a, status="escalated", waiting_from=TODAY - timedelta(days=9),
        receipt_due_on=TODAY,
    )  # fmt: skip
    Unit.objects.filter(pk=cast.tree.a.pk).update(valid_to=TODAY)
    assert hand_over(TODAY) == 1
    opinion.refresh_from_db()
    assert (opinion.holder, opinion.waiting_from, opinion.waited_days) == (cast.tree.a1, None, 9)
    assert opinion.receipt_due_on is None


def test_above_the_province_it_is_only_reopened(cast):
    opinion = record_one(cast.specialist, cast.tree.province)
    for day in (0, 3):
        act(moves.explain_opinion, opinion, cast.head) if opinion.is_open else None
        act(moves.confirm_opinion, opinion, cast.specialist, satisfaction="not", today=TODAY + timedelta(days=day))
    assert (opinion.status, opinion.holder) == ("in_progress", cast.tree.province)


# laid before the level above


def test_a_late_matter_is_laid_before_the_level_above_once(cast, opinion):
    day = opinion.due_on + timedelta(days=5)
    assert [escalate_overdue(day), escalate_overdue(day), escalate_overdue(day + timedelta(days=1))] == [1, 0, 0]
    opinion.refresh_from_db()
    assert (opinion.shown_above_on, opinion.holder, opinion.version) == (day, cast.tree.a1, 1)
    assert verbs(opinion) == ["record", "show_above"]
    assert Notice.objects.filter(key__startswith="opinion-above", recipient=cast.leader).count() == 1
    act(steps.extend_opinion, opinion, cast.commune, day + timedelta(days=10), "Chờ vốn", today=day)
    assert opinion.shown_above_on == day
    act(steps.grant_extension, opinion, cast.leader, today=day)
    assert opinion.shown_above_on is None
    assert escalate_overdue(opinion.due_on + timedelta(days=5)) == 1


def test_above_the_province_nobody_is_asked(cast):
    make_opinion(cast.tree.province, due_on=TODAY - timedelta(days=30))
    assert escalate_overdue(TODAY) == 0


# duplicates


def test_both_threads_tell_of_merging_and_of_taking_apart(cast, opinion):
    master = record_one(cast.commune, cast.tree.a1, "Cùng con đường ấy")
    act(moves.merge_opinion, opinion, cast.commune, master=master)
    with pytest.raises(DomainError):
        act(moves.unmerge_opinion, opinion, cast.commune, note="")
    with pytest.raises(NotAllowed):
        act(moves.unmerge_opinion, opinion, cast.leader)
    act(moves.unmerge_opinion, opinion, cast.commune, note="Hai con đường khác nhau")
    assert (opinion.status, opinion.master, opinion.is_open) == ("in_progress", None, True)
    assert verbs(opinion) == ["record", "merge", "unmerge"]
    assert verbs(master) == ["record", "merged_in", "split_off"]
    assert f"YK-{opinion.pk}" in master.moves.order_by("pk").last().note


# pages


def test_the_desk_and_the_page_show_the_clocks(cast, signed_in):
    today = timezone.localdate()
    raised_on = today - timedelta(days=90)
    late = make_opinion(
        cast.tree.a1, raised_on=raised_on, due_on=today - timedelta(days=40), body=cast.bodies.commune,
        status="in_progress", receipt_due_on=today - timedelta(days=60),
    )  # fmt: skip
    make_opinion(cast.tree.a1, raised_on=raised_on, due_on=today + timedelta(days=9))
    escalate_overdue(today)
    for who, query in (
        ("leader", "nhan=trinh-cap-tren"),
        ("commune", "nhan=trinh-cap-tren"),
        ("head", "han=tiep-nhan-qua-han"),
    ):
        page = signed_in(getattr(cast, who)).get(f"/y-kien/?{query}")
        assert [row["pk"] for row in page.context["rows"]] == [late.pk], who
    page = signed_in(cast.leader).get(f"/y-kien/{late.pk}/").content.decode()
    assert "Trình cấp trên xem xét" in page
    assert "Chưa tiếp nhận, quá hạn" in page
    browser = signed_in(cast.commune_agency)
    data = {"version": 1, "text": "Khảo sát tuyến đường"}
    assert browser.post(f"/y-kien/{late.pk}/moc-viec/", data).status_code == 302
    late.refresh_from_db()
    data = {"version": late.version, "new_due_on": "01/02/2020", "note": "Chờ vốn"}
    refused = browser.post(f"/y-kien/{late.pk}/gia-han/", data)
    assert refused.status_code == 422
    assert "Hạn mới phải sau hạn cũ" in refused.content.decode()
    data["new_due_on"] = (today + timedelta(days=20)).strftime("%d/%m/%Y")
    assert browser.post(f"/y-kien/{late.pk}/gia-han/", data).status_code == 302
    home = signed_in(cast.leader).get("/").content.decode()
    assert f"YK-{late.pk}: đề nghị hạn mới" in home
    assert "đề nghị hạn mới" not in signed_in(cast.commune_leader).get("/").content.decode()
    late.refresh_from_db()
    answer = signed_in(cast.leader).post(f"/y-kien/{late.pk}/dong-y-gia-han/", {"version": late.version})
    assert answer.status_code == 302
    page = browser.get(f"/y-kien/{late.pk}/").content.decode()
    assert "Khảo sát tuyến đường" in page
    assert "Chờ vốn" in page


def test_deciding_lists_take_as_many_queries_for_three_as_for_one(cast, django_assert_max_num_queries):
    def ask():
        opinion = make_opinion(cast.tree.a1, body=cast.bodies.commune, status="assigned")
        Extension.objects.create(
            opinion=opinion, old_due_on=TODAY, new_due_on=TODAY, reason="x", asked_by_id=cast.commune_agency.pk
        )

    def count():
        user = type(cast.commune_leader).objects.get(pk=cast.commune_leader.pk)
        assert user.scope
        with django_assert_max_num_queries(4) as captured:
            found = extensions_to_decide(user)
        return len(found), len(captured)

    ask()
    one = count()
    ask(), ask()
    assert count() == (3, one[1])


def test_a_village_reads_no_request_for_more_time(cast, signed_in, opinion):
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune)
    act(steps.extend_opinion, opinion, cast.commune_agency, date(2026, 5, 5), "Chờ kinh phí")
    act(steps.extend_opinion, opinion, cast.commune_agency, date(2026, 6, 5), "Nội bộ chưa thống nhất")
    page = signed_in(cast.village).get(f"/y-kien/{opinion.pk}/").content.decode()
    assert "Chờ kinh phí" in page
    assert "Nội bộ chưa thống nhất" not in page
