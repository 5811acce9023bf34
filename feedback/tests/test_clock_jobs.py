"""What the clock does: flags, reminders, hand-over, tallies; each job twice."""

import random
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from conftest import make_unit, make_user
from feedback.enums import OpinionStatus
from feedback.jobs import escalate_overdue, flag_overdue, hand_over
from feedback.models import Opinion, OpinionMonth
from feedback.tallies import rebuild, recompute_all, tally_key
from feedback.tests.builders import TODAY, make_opinion
from feedback.thread import moves
from feedback.thread.steps import grant_extension
from journal.models import Notice
from units.loading import rebuild_tree
from units.models import Unit, UnitSuccession, UnitVersion

pytestmark = pytest.mark.django_db


def due(cast, days, unit=None, **fields):
    """An opinion whose due day is `days` from today (negative: past)."""
    return make_opinion(unit or cast.tree.a1, due_on=TODAY + timedelta(days=days), **fields)


def test_rule_and_queryset_agree_on_what_is_overdue(cast):
    for status in OpinionStatus:
        for days in (-1, 0, 1):
            for planned in (None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)):
                due(cast, days, status=status, planned_on=planned)
    found = set(Opinion.objects.overdue(TODAY).values_list("pk", flat=True))
    ruled = {opinion.pk for opinion in Opinion.objects.all() if opinion.is_overdue(TODAY)}
    assert found == ruled
    assert 0 < len(found) < Opinion.objects.count()


def test_the_newly_overdue_are_flagged_and_told_once(cast):
    late = due(cast, -1, body=cast.bodies.commune, status="assigned")
    hidden = due(cast, -3, text="Riêng-tư", visibility="restricted")
    due(cast, 0), due(cast, -9, status="resolved")
    assert flag_overdue(TODAY) == 2
    assert flag_overdue(TODAY) == 0
    assert flag_overdue(TODAY + timedelta(days=1)) == 1
    about = Notice.objects.filter(key__startswith=f"opinion-overdue-{late.pk}-")
    assert set(about.values_list("recipient__username", flat=True)) == {"xa", "bithu", "diachinh"}
    above = Notice.objects.filter(key__startswith="opinions-overdue-below", recipient=cast.leader)
    assert above.filter(key__endswith=str(TODAY)).get().text.startswith("2 ý kiến")
    assert not Notice.objects.filter(text__contains="Riêng").exists()
    assert Notice.objects.filter(text__contains=f"YK-{hidden.pk}").exists()


def test_a_moved_due_day_is_told_again(cast):
    opinion = due(cast, -1)
    assert flag_overdue(TODAY) == 1
    moves.assign_opinion(
        opinion.pk, actor=cast.commune, version=1, today=TODAY, due_on=TODAY + timedelta(days=2), note="Gia hạn"
    )
    opinion.refresh_from_db()
    assert opinion.due_on == TODAY - timedelta(days=1)
    grant_extension(opinion.pk, actor=cast.leader, version=2, today=TODAY)
    assert flag_overdue(TODAY + timedelta(days=2)) == 0
    assert flag_overdue(TODAY + timedelta(days=3)) == 1


def test_reminders_come_before_on_and_after_the_day_once_each(cast):
    opinion = due(cast, 3)
    sent = [escalate_overdue(TODAY + timedelta(days=day)) for day in range(12)]
    assert sent == [1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0]
    assert sum(escalate_overdue(TODAY + timedelta(days=day)) for day in range(12)) == 0
    above = Notice.objects.get(key__startswith="opinion-above")
    assert above.recipient == cast.leader
    opinion.refresh_from_db()
    assert (opinion.status, opinion.holder) == ("recorded", cast.tree.a1)


def test_a_job_that_was_off_catches_up(cast, capsys):
    due(cast, -40), due(cast, -6, status="scheduled", planned_on=TODAY + timedelta(days=30))
    call_command("escalate_overdue", "--today", str(TODAY), "--json")
    assert capsys.readouterr().out.strip() == '{"opinions": 1}'


def close(unit, day, heir=None):
    """End a unit on a day, with or without an heir."""
    Unit.objects.filter(pk=unit.pk).update(valid_to=day)
    UnitVersion.objects.filter(unit=unit).update(valid_to=day)
    kind = "whole" if heir else "abolished"
    UnitSuccession.objects.create(predecessor=unit, successor=heir, kind=kind, effective_on=day)


def test_open_work_of_ended_units_goes_to_those_who_carry_on(cast):
    end = TODAY
    new = make_unit("commune", "90199", "Xã Mới", cast.tree.province, valid_from=end)
    make_user("xamoi", "commune", new, valid_from=end)
    rows = {
        "commune": due(cast, -5, status="in_progress", body=cast.bodies.commune),
        "district_commune": due(cast, 5, unit=cast.tree.a1, holder=cast.tree.a, status="escalated"),
        "district_province": due(cast, 5, unit=cast.tree.a, competence="province"),
        "planned": due(cast, 5, status="scheduled", planned_on=TODAY + timedelta(days=60)),
        "done": due(cast, 5, status="resolved"),
        "other": due(cast, 5, unit=cast.tree.b1),
    }
    close(cast.tree.a1, end, new), close(cast.tree.a, end)
    UnitVersion.objects.filter(parent=cast.tree.a, unit=cast.tree.a2).update(valid_to=end)
    UnitVersion.objects.create(
        unit=cast.tree.a2, name="Xã Hải Lạng", kind="xa", parent=cast.tree.province, valid_from=end
    )
    rebuild_tree()
    assert hand_over(end - timedelta(days=1)) == 0
    assert hand_over(end) == 4
    assert hand_over(end) == 0
    for opinion in rows.values():
        opinion.refresh_from_db()
    holders = {name: opinion.holder.name for name, opinion in rows.items()}
    assert holders == {
        "commune": "Xã Mới",
        "district_commune": "Xã Mới",
        "district_province": "Tỉnh Đông Hải",
        "planned": "Xã Mới",
        "done": "Xã Đồng Tâm",
        "other": "Xã Quảng La",
    }
    taken = rows["commune"]
    assert (taken.status, taken.body, taken.due_on) == ("recorded", None, TODAY - timedelta(days=5))
    assert (rows["planned"].status, rows["done"].status) == ("scheduled", "resolved")
    move = taken.moves.get()
    assert (move.verb, move.actor_name, move.before) == ("hand_over", "Hệ thống", "in_progress")
    told = set(Notice.objects.filter(recipient__username="xamoi").values_list("text", flat=True))
    assert told == {
        "Nhận bàn giao 2 ý kiến chưa xong của Xã Đồng Tâm.",
        "Nhận bàn giao 1 ý kiến chưa xong của Huyện Yên Sơn.",
    }


def test_rebuilding_equals_recomputing(cast):
    dice = random.Random(7)
    units = (cast.tree.a1, cast.tree.a2, cast.tree.b1, cast.tree.a, cast.tree.b, cast.tree.province)
    statuses, days = list(OpinionStatus), [date(2026, month, 11) for month in (1, 2, 12)]
    opinions = [
        make_opinion(
            dice.choice(units),
            raised_on=dice.choice(days),
            status=dice.choice(statuses),
            satisfaction=dice.choice(["", "satisfied", "not"]),
            level=dice.choice(["commune", "district"]),
        )
        for _ in range(120)
    ]
    recompute_all(tally_key(opinion) for opinion in opinions)
    columns = [field.attname for field in OpinionMonth._meta.fields if field.name != "id"]
    recomputed = sorted(OpinionMonth.objects.values_list(*columns), key=str)
    assert sum(row[columns.index("received")] for row in recomputed) == 120
    OpinionMonth.objects.filter(month=2).delete()
    rebuild()
    assert sorted(OpinionMonth.objects.values_list(*columns), key=str) == recomputed
    rebuild([cast.tree.province.pk])
    assert sorted(OpinionMonth.objects.values_list(*columns), key=str) == recomputed
    by_hand = [o for o in opinions if o.status == "recorded" and o.commune_id == cast.tree.a1.pk]
    assert sum(OpinionMonth.objects.filter(unit=cast.tree.a1).values_list("recorded", flat=True)) == len(by_hand)
    settled = ("resolved", "answered_on_spot", "explained", "accepted", "declined")
    confirmed = [o for o in opinions if o.status in settled and o.satisfaction == "satisfied"]
    assert sum(OpinionMonth.objects.values_list("confirmed", flat=True)) == len(confirmed)


def test_an_emptied_month_leaves_no_row(cast):
    opinion = make_opinion(cast.tree.a1)
    key = tally_key(opinion)
    recompute_all([key])
    assert OpinionMonth.objects.count() == 1
    opinion.delete()
    recompute_all([key])
    assert OpinionMonth.objects.count() == 0
