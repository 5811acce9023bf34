"""Recording opinions at a meeting: what is kept, what is refused, in how many statements."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import make_unit, make_user
from core.errors import Conflict, DomainError, NotAllowed
from core.models import Activity
from feedback.enums import Competence, OpinionStatus
from feedback.models import DueRule, OpinionMonth
from feedback.tests.builders import HELD_ON, TODAY, draft, make_meeting, record_one, topic
from feedback.thread.recording import edit_opinion, record_opinions
from meetings.models import Meeting
from units.loading import rebuild_tree

pytestmark = pytest.mark.django_db


def record(cast, meeting, *drafts, actor=None):
    return record_opinions(meeting=meeting, drafts=list(drafts), actor=actor or cast.commune, today=TODAY)


def test_a_row_keeps_place_period_clock_and_first_move(cast):
    meeting = make_meeting(cast.tree.a1)
    village = cast.tree.villages[0]
    opinion = record(cast, meeting, draft("  Đường  hỏng nặng ", village_id=village.pk))[0]
    opinion.refresh_from_db()
    assert (opinion.village, opinion.commune, opinion.district) == (village, cast.tree.a1, cast.tree.a)
    assert (opinion.status, opinion.is_open, opinion.holder) == (OpinionStatus.RECORDED, True, cast.tree.a1)
    assert (opinion.year, opinion.month, opinion.raised_on) == (2026, 3, HELD_ON)
    assert opinion.due_on == HELD_ON + timedelta(days=31)  # day 30 is a Sunday
    assert opinion.search_text == "duong hong nang"
    assert [move.verb for move in opinion.moves.all()] == ["record"]
    meeting.refresh_from_db()
    assert meeting.opinion_count == 1
    assert OpinionMonth.objects.get(unit=cast.tree.a1, level="commune").recorded == 1
    assert Activity.objects.filter(verb="opinion.record").count() == 1


def test_an_answer_given_at_the_meeting_settles_the_opinion(cast):
    opinion = record(cast, make_meeting(cast.tree.a1), draft(answer="Đã giải thích tại hội nghị."))[0]
    opinion.refresh_from_db()
    assert (opinion.status, opinion.is_open) == (OpinionStatus.ANSWERED_ON_SPOT, False)
    assert opinion.settled_on == opinion.first_settled_on == HELD_ON
    move = opinion.moves.get()
    assert (move.verb, move.note) == ("answer_on_spot", "Đã giải thích tại hội nghị.")


def test_saving_the_form_again_changes_only_what_was_changed(cast):
    meeting = make_meeting(cast.tree.a1)
    first, second = record(cast, meeting, draft("Một"), draft("Hai", number=2))
    again = record(
        cast, meeting, draft("Một", pk=first.pk), draft("Hai sửa", pk=second.pk, number=2), draft("Ba", number=3)
    )
    assert [opinion.text for opinion in again] == ["Một", "Hai sửa", "Ba"]
    assert meeting.opinions.count() == 3
    assert first.moves.count() == 1
    assert second.moves.count() == 2
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.version, second.version) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": "   "}, "text"),
        ({"text": "Tài liệu tối mật của huyện"}, "text"),
        ({"answer": "Theo văn bản mật số 5"}, "text"),
        ({"competence": "nobody"}, "competence"),
        ({"kind": "nothing"}, "kind"),
        ({"topic_id": 999_999}, "topic"),
        ({"raised_by_id": 999_999}, "raised_by"),
    ],
)
def test_a_wrong_row_is_refused_and_nothing_is_saved(cast, changes, field):
    meeting = make_meeting(cast.tree.a1)
    with pytest.raises(DomainError) as refusal:
        record(cast, meeting, draft("Đúng"), draft(**({"text": "Nội dung", "number": 2} | changes)))
    assert refusal.value.field == field
    assert refusal.value.message.startswith("Ý kiến 2:")
    assert meeting.opinions.count() == 0


def test_a_village_outside_the_meetings_unit_is_refused(cast):
    stranger = cast.tree.b1.child_versions.get().unit
    with pytest.raises(DomainError) as refusal:
        record(cast, make_meeting(cast.tree.a1), draft(village_id=stranger.pk))
    assert refusal.value.field == "village"


def test_the_districts_competence_is_offered_only_where_a_district_is(cast):
    opinion = record(cast, make_meeting(cast.tree.a1), draft(competence=Competence.DISTRICT))[0]
    assert opinion.competence == Competence.DISTRICT
    flat = make_unit("province", "95", "Tỉnh Hai Cấp")
    commune = make_unit("commune", "95001", "Xã Hai Cấp", flat)
    rebuild_tree()
    with pytest.raises(DomainError) as refusal:
        record(
            cast,
            make_meeting(commune),
            draft(competence=Competence.DISTRICT),
            actor=make_user("hc", "commune", commune),
        )
    assert refusal.value.field == "competence"


def test_a_rule_of_the_province_sets_the_days(cast):
    DueRule.objects.create(
        province=cast.tree.province, competence="commune", days=10, valid_from=date(2026, 1, 1), document="QĐ 1"
    )
    DueRule.objects.create(
        province=cast.tree.province, competence="commune", topic=topic("ENV"), days=5, valid_from=date(2026, 1, 1)
    )
    one, two = record(cast, make_meeting(cast.tree.a1), draft(), draft(topic_id=topic("ENV").pk))
    assert (one.due_on - HELD_ON).days == 10
    assert (two.due_on - HELD_ON).days == 5
    early = record_one(cast.commune, cast.tree.a1, held_on=date(2025, 12, 30))
    assert (early.due_on - date(2025, 12, 30)).days == 30


def test_only_staff_of_the_meetings_own_unit_records(cast):
    meeting = make_meeting(cast.tree.a1)
    for actor in (cast.other_commune, cast.leader, cast.district, cast.head, cast.agency, cast.admin, cast.outsider):
        with pytest.raises(NotAllowed):
            record(cast, meeting, draft(), actor=actor)
    Meeting.objects.filter(pk=meeting.pk).update(status="locked")
    meeting.refresh_from_db()
    with pytest.raises(NotAllowed):
        record(cast, meeting, draft())


def test_a_corrected_day_takes_the_opinions_with_it(cast):
    meeting = make_meeting(cast.tree.a1)
    opinion = record(cast, meeting, draft())[0]
    meeting.held_on = meeting.period_last = date(2026, 2, 27)
    meeting.period_first, meeting.month = date(2026, 2, 1), 2
    meeting.save()
    record(cast, meeting)
    opinion.refresh_from_db()
    assert (opinion.month, opinion.raised_on) == (2, date(2026, 2, 27))
    assert list(OpinionMonth.objects.values_list("month", flat=True)) == [2]


def test_editing_by_two_people_tells_the_second(cast):
    opinion = record_one(cast.commune, cast.tree.a1)
    edit_opinion(opinion.pk, actor=cast.commune, version=1, draft=draft("Bản của người thứ nhất"), today=TODAY)
    with pytest.raises(Conflict) as refusal:
        edit_opinion(opinion.pk, actor=cast.commune_leader, version=1, draft=draft("Bản thứ hai"), today=TODAY)
    assert "Bản của người thứ nhất" in refusal.value.message
    opinion.refresh_from_db()
    assert opinion.text == "Bản của người thứ nhất"


def test_statements_do_not_grow_with_rows(cast):
    counts = []
    for rows in (1, 1, 5):  # the first also reads the scope and makes the tally
        meeting = make_meeting(cast.tree.a1)
        drafts = [draft(f"Ý kiến {n}", number=n) for n in range(rows)]
        with CaptureQueriesContext(connection) as captured:
            record(cast, meeting, *drafts)
        counts.append(len(captured))
    assert counts[1] == counts[2]
