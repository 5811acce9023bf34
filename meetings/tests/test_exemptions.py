"""Excusing a unit: asked once, decided once, by the level above, and never for a meeting that was held."""

from datetime import date

import pytest

from core.errors import DomainError, NotAllowed
from core.models import Activity
from journal.models import Notice
from meetings.exemptions import ask_exemption, decide_exemption, grant_many
from meetings.models import Exemption
from meetings.tests.builders import make_occurrence, make_rule

TODAY = date(2026, 10, 20)


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
    decide_exemption(asked.pk, actor=cast.leader, is_granted=True, note="Đồng ý", today=TODAY)
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
        decide_exemption(asked.pk, actor=getattr(cast, who), is_granted=True, note="", today=TODAY)
    with pytest.raises(NotAllowed):
        grant_many([slot.pk], actor=getattr(cast, who), reason="bão", today=TODAY)


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
        decide_exemption(asked.pk, actor=cast.leader, is_granted=True, note="", today=TODAY)
    assert grant_many([slot.pk], actor=cast.leader, reason="bão", today=TODAY) == 0


def test_many_at_once_answers_waiting_requests_and_passes_over_the_rest(cast, slot):
    other = make_occurrence(slot.rule, cast.tree.a2, "2026-10")
    ask_exemption(slot.pk, actor=cast.commune, reason="bão", today=TODAY)
    assert grant_many([slot.pk, other.pk], actor=cast.leader, reason="Bão số 3", today=TODAY) == 2
    assert grant_many([slot.pk, other.pk], actor=cast.leader, reason="Bão số 3", today=TODAY) == 0
    assert Exemption.objects.filter(is_granted=True).count() == Exemption.objects.count() == 2
    assert len(texts(cast.commune)) == len(texts(cast.other_commune)) == 1
