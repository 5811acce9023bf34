"""Excusing a unit: asked once, decided once, by the level above, and never for a meeting that was held."""

from datetime import UTC, date, datetime

import pytest

from core.errors import DomainError, NotAllowed
from core.models import Activity, Job
from journal.models import Notice
from meetings.cadence.reads import refresh_occurrence
from meetings.delegates.invitations import send_called_off
from meetings.models import Exemption, InvitationMail, Occurrence
from meetings.services import cancel_meeting
from meetings.services.exemptions import ask_exemption, decide_exemption, grant_many
from meetings.tests.builders import make_meeting, make_occurrence, make_planned, make_rule
from people.models import Post

TODAY = date(2026, 10, 20)
LAST = date(2026, 11, 5)
"""The last day of the grace of October."""

AFTER = date(2026, 11, 6)
DOC = "45-CV/HU"
NOW = datetime(2026, 10, 20, 2, tzinfo=UTC)


@pytest.fixture
def slot(cast):
    return make_occurrence(make_rule(cast.tree.province), cast.tree.a1, "2026-10")


def texts(user):
    return list(Notice.objects.filter(recipient=user).values_list("text", flat=True))


def test_asking_twice_leaves_one_request_and_tells_the_nearest_level_above(cast, slot):
    first = ask_exemption(slot.pk, actor=cast.commune, reason="Ứng phó bão", today=TODAY)
    assert ask_exemption(slot.pk, actor=cast.commune_leader, reason="Bão nữa", today=TODAY) == first
    assert texts(cast.leader) == ["Đề nghị miễn kỳ tháng 10/2026 của Xã Đồng Tâm: Ứng phó bão"]
    assert texts(cast.specialist) == texts(cast.other_leader) == []
    assert Activity.objects.filter(verb="exemption.ask").count() == 1


def test_a_decision_is_told_logged_and_final(cast, slot):
    asked = ask_exemption(slot.pk, actor=cast.commune, reason="Ứng phó bão", today=TODAY)
    decide_exemption(asked.pk, actor=cast.leader, is_granted=True, note="Đồng ý", today=TODAY, document=DOC)
    slot.refresh_from_db()
    assert slot.is_exempt
    assert texts(cast.commune) == ["Đã miễn kỳ tháng 10/2026 của Xã Đồng Tâm: Đồng ý"]
    with pytest.raises(DomainError, match="đã có quyết định"):
        decide_exemption(asked.pk, actor=cast.specialist, is_granted=False, note="không", today=TODAY)
    with pytest.raises(DomainError, match="đã được miễn"):
        ask_exemption(slot.pk, actor=cast.commune, reason="bão", today=TODAY)


def test_a_refused_unit_may_ask_again(cast, slot):
    asked = ask_exemption(slot.pk, actor=cast.commune, reason="bận", today=TODAY)
    decide_exemption(asked.pk, actor=cast.specialist, is_granted=False, note="Chưa đủ lý do", today=TODAY)
    slot.refresh_from_db()
    assert not slot.is_exempt
    assert ask_exemption(slot.pk, actor=cast.commune, reason="bão", today=TODAY) != asked


@pytest.mark.parametrize(
    "who", ["commune", "commune_leader", "other_leader", "district", "agency", "outsider", "admin"]
)
def test_others_may_not_decide(cast, slot, who):
    asked = ask_exemption(slot.pk, actor=cast.commune, reason="bão", today=TODAY)
    with pytest.raises(NotAllowed):
        decide_exemption(asked.pk, actor=getattr(cast, who), is_granted=True, note="", today=TODAY, document=DOC)
    with pytest.raises(NotAllowed):
        grant_many([slot.pk], actor=getattr(cast, who), reason="bão", document=DOC, today=TODAY)


@pytest.mark.parametrize("who", ["other_commune", "leader", "head", "outsider"])
def test_others_may_not_ask(cast, slot, who):
    with pytest.raises(NotAllowed):
        ask_exemption(slot.pk, actor=getattr(cast, who), reason="bão", today=TODAY)


def test_a_held_meeting_cannot_be_excused(cast, slot):
    asked = ask_exemption(slot.pk, actor=cast.commune, reason="bão", today=TODAY)
    slot.begun_on = slot.met_on = date(2026, 10, 12)
    slot.save()
    with pytest.raises(DomainError, match="đã họp"):
        ask_exemption(slot.pk, actor=cast.commune, reason="bão", today=TODAY)
    with pytest.raises(DomainError, match="đã họp"):
        decide_exemption(asked.pk, actor=cast.leader, is_granted=True, note="", today=TODAY, document=DOC)
    assert grant_many([slot.pk], actor=cast.leader, reason="bão", document=DOC, today=TODAY) == 0


def test_many_at_once_answers_waiting_requests_and_passes_over_the_rest(cast, slot):
    other = make_occurrence(slot.rule, cast.tree.a2, "2026-10")
    ask_exemption(slot.pk, actor=cast.commune, reason="bão", today=TODAY)
    assert grant_many([slot.pk, other.pk], actor=cast.leader, reason="Bão số 3", document=DOC, today=TODAY) == 2
    assert grant_many([slot.pk, other.pk], actor=cast.leader, reason="Bão số 3", document=DOC, today=TODAY) == 0
    assert Exemption.objects.filter(is_granted=True).count() == Exemption.objects.count() == 2
    assert len(texts(cast.commune)) == len(texts(cast.other_commune)) == 1


@pytest.mark.parametrize(
    ("asked", "granted", "who", "is_allowed", "is_late"),
    [
        (TODAY, TODAY, "leader", True, False),
        (TODAY, LAST, "specialist", True, False),
        (LAST, LAST, "leader", True, False),
        (LAST, AFTER, "leader", True, True),  # asked in time: the same level answers; granted after the period
        (AFTER, AFTER, "leader", False, None),
        (AFTER, AFTER, "specialist", True, True),
        (AFTER, AFTER, "head", True, True),
        (None, LAST, "leader", True, False),
        (None, AFTER, "leader", False, None),
        (None, AFTER, "specialist", True, True),
        (None, AFTER, "province_leader", False, None),
    ],
)
def test_who_excuses_a_commune_and_when_it_is_late(cast, slot, asked, granted, who, is_allowed, is_late):
    actor = getattr(cast, who)

    def decide():
        if asked is None:
            return grant_many([slot.pk], actor=actor, reason="bão", document=DOC, today=granted)
        request = ask_exemption(slot.pk, actor=cast.commune, reason="bão", today=asked)
        return decide_exemption(request.pk, actor=actor, is_granted=True, note="", document=DOC, today=granted)

    if not is_allowed:
        with pytest.raises(NotAllowed):
            decide()
        return
    decide()
    assert Exemption.objects.get().document == DOC
    slot.refresh_from_db()
    assert (slot.is_exempt, slot.is_exempt_late) == (True, is_late)
    assert refresh_occurrence(slot).is_exempt_late == is_late
    counted = {word: Occurrence.objects.counted(word, AFTER).count() for word in ("exempt", "exempt_late", "expected")}
    assert counted == {"exempt": 1, "exempt_late": int(is_late), "expected": 0}


def test_a_district_s_late_exemption_is_for_the_leaders_of_the_province(cast):
    quarter = make_occurrence(make_rule(cast.tree.province, "district", "quarter"), cast.tree.a, "2026-Q2")
    words = {"reason": "bão", "document": DOC, "today": AFTER}
    for who in (cast.specialist, cast.head, cast.leader):
        with pytest.raises(NotAllowed):
            grant_many([quarter.pk], actor=who, **words)
    assert grant_many([quarter.pk], actor=cast.province_leader, **words) == 1


def test_what_is_asked_late_is_told_to_the_level_above_that(cast, slot):
    ask_exemption(slot.pk, actor=cast.commune, reason="bão", today=AFTER)
    assert texts(cast.leader) == []
    assert len(texts(cast.specialist)) == 1


def test_an_exemption_names_its_document(cast, slot):
    asked = ask_exemption(slot.pk, actor=cast.commune, reason="bão", today=TODAY)
    with pytest.raises(DomainError, match="văn bản cho miễn"):
        decide_exemption(asked.pk, actor=cast.leader, is_granted=True, note="", today=TODAY)
    with pytest.raises(DomainError, match="văn bản cho miễn"):
        grant_many([slot.pk], actor=cast.leader, reason="bão", document="", today=TODAY)


def test_granting_cancels_the_meeting_on_the_calendar_and_tells_those_invited(cast, slot, mailoutbox, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    planned = make_planned(cast.tree.a1, date(2026, 10, 26), occurrence=slot, title="Giao ban tháng 10")
    extra = make_planned(cast.tree.a1, date(2026, 10, 27), kind="thematic")
    Post.objects.create(
        person=cast.village.person, unit=cast.tree.villages[0], position="village_head", valid_from=date(2020, 1, 1)
    )
    InvitationMail.objects.create(meeting=planned, name="Nguyễn Văn A", address="a@example.vn", sent_at=NOW)
    InvitationMail.objects.create(meeting=planned, name="Nguyễn Văn B", address="b@example.vn")
    asked = ask_exemption(slot.pk, actor=cast.commune, reason="Bão số 3", today=TODAY)
    decide_exemption(asked.pk, actor=cast.leader, is_granted=True, note="", today=TODAY, document=DOC)
    planned.refresh_from_db()
    extra.refresh_from_db()
    assert (planned.status, extra.status) == ("cancelled", "planned")
    assert planned.reason == "Kỳ tháng 10/2026 được miễn họp theo 45-CV/HU: Bão số 3"
    (line,) = texts(cast.village)
    assert line.startswith("Không họp: Giao ban tháng 10 ngày 26/10/2026. Lý do: Kỳ tháng 10/2026 được miễn")
    job = Job.objects.get(kind="meetings.called_off")
    for told in (1, 0):
        assert send_called_off(job.params["meeting_id"], now=NOW, progress=lambda done, total: None) == told
    (letter,) = mailoutbox
    assert letter.to == ["a@example.vn"]
    assert "được miễn họp theo 45-CV/HU" in letter.body
    assert "STATUS:CANCELLED" in letter.attachments[0][1]


def test_cancelling_a_planned_meeting_tells_those_invited_and_a_held_one_does_not(cast, slot):
    planned = make_planned(cast.tree.a1, date(2026, 10, 26), occurrence=slot)
    cancel_meeting(planned.pk, actor=cast.commune, version=1, reason="Trùng lịch")
    told = Notice.objects.filter(key__startswith="meeting-called-off")
    assert told.exists()
    told.delete()
    held = make_meeting(cast.tree.a1, date(2026, 10, 12), slot)
    cancel_meeting(held.pk, actor=cast.commune, version=1, reason="Ghi nhầm")
    assert not told.exists()
