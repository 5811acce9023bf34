"""What a closed period forbids: every act that would change what was counted, and nothing else."""

from datetime import date

import pytest

from core.errors import DomainError
from meetings import services
from meetings.conclusions.services import (
    AnnouncementDraft,
    TaskingDraft,
    report_relays,
    set_announcements,
    set_taskings,
    taskings_version,
)
from meetings.models import Exemption, Meeting, Occurrence
from meetings.services import exemptions
from meetings.services.life import write_agenda
from meetings.tests.builders import make_meeting, make_occurrence, make_planned, make_rule

pytestmark = pytest.mark.django_db
TODAY = date(2016, 6, 20)
REASON = "Ghi nhầm"
SENTENCE = "Kỳ tháng 3/2016 của Xã Đồng Tâm đã khóa số liệu ngày 05/04/2016"


@pytest.fixture
def year(cast):
    """March held and closed, February held and open, April open and not held; thematic ones in March."""
    rule = make_rule(cast.tree.province)
    february, march, april = (make_occurrence(rule, cast.tree.a1, f"2016-{month:02d}") for month in (2, 3, 4))
    cast.february, cast.march, cast.april = february, march, april
    cast.held = make_meeting(cast.tree.a1, date(2016, 3, 25), march)
    cast.before = make_meeting(cast.tree.a1, date(2016, 2, 25), february)
    Occurrence.objects.filter(pk=march.pk).update(
        begun_on=date(2016, 3, 25), met_on=date(2016, 3, 25), closed_on=date(2016, 4, 5)
    )
    Occurrence.objects.filter(pk=february.pk).update(begun_on=date(2016, 2, 25), met_on=date(2016, 2, 25))
    cast.thematic = make_planned(cast.tree.a1, date(2016, 3, 10), kind="thematic")
    cast.thematic.refresh_from_db()
    return cast


def facts(day, **more):
    return services.MeetingFacts(day, "Hội nghị", "hall", **more)


def hold(year, meeting, day):
    services.hold_meeting(meeting.pk, facts(day), actor=year.commune, today=TODAY, version=1)


def plan(year, occurrence=None, day=date(2016, 3, 30), kind="thematic"):
    plan = services.MeetingPlan(day, kind=kind, is_extra=True)
    services.plan_meeting(plan, actor=year.commune, unit=year.tree.a1, occurrence=occurrence)


ACTS = {
    "edit": lambda y: hold(y, y.held, date(2016, 3, 26)),
    "log a thematic one": lambda y: hold(y, y.thematic, date(2016, 3, 10)),
    "move a thematic one in": lambda y: hold(y, make_planned(y.tree.a1, date(2016, 4, 9), kind="thematic"), MARCH),
    "make up": lambda y: plan(y, y.march, kind="periodic"),
    "plan a thematic one": lambda y: plan(y),
    "cancel": lambda y: services.cancel_meeting(y.held.pk, actor=y.commune, version=1, reason=REASON),
    "reopen": lambda y: services.reopen_meeting(y.held.pk, actor=y.commune_leader, version=1, reason=REASON),
    "book away": lambda y: services.rebook_meeting(y.held.pk, y.april.pk, actor=y.commune, version=1, today=TODAY),
    "book in": lambda y: services.rebook_meeting(
        y.before.pk, y.march.pk, actor=y.commune, version=1, today=TODAY, is_extra=True
    ),
    "agenda": lambda y: write_agenda(y.held.pk, "Nội dung", actor=y.commune, version=1),
    "ask to be excused": lambda y: exemptions.ask_exemption(y.march.pk, actor=y.commune, reason=REASON, today=TODAY),
}
MARCH = date(2016, 3, 12)


def test_what_was_counted_stays(year):
    before = list(Meeting.objects.filter(year=2016, month=3).values())
    for name, act in ACTS.items():
        with pytest.raises(DomainError, match=SENTENCE):
            act(year)
        assert list(Meeting.objects.filter(year=2016, month=3).values()) == before, name
    assert not Exemption.objects.exists()


def test_a_joint_meeting_reaches_no_closed_period(year, signed_in):
    host = make_meeting(year.tree.a2, date(2016, 3, 25), make_occurrence(year.march.rule, year.tree.a2, "2016-03"))
    with pytest.raises(DomainError, match=SENTENCE):
        services.join_meeting(host.pk, [year.march.pk], actor=year.leader, version=1, today=TODAY)
    host.joint_occurrences.add(year.march)
    year.held.delete()
    with pytest.raises(DomainError, match=SENTENCE):  # the credited unit would lose its only meeting
        services.cancel_meeting(host.pk, actor=year.other_commune, version=1, reason=REASON)


def test_excusing_many_names_the_closed_one(year):
    Occurrence.objects.filter(pk=year.march.pk).update(begun_on=None, met_on=None)
    with pytest.raises(DomainError, match=SENTENCE):
        exemptions.grant_many(
            [year.march.pk, year.april.pk], actor=year.specialist, reason="Bão", document="1-CV/HU", today=TODAY
        )
    assert not Occurrence.objects.filter(is_exempt=True).exists()


def test_a_waiting_request_may_only_be_refused(year):
    Occurrence.objects.filter(pk=year.march.pk).update(begun_on=None, met_on=None)
    Meeting.objects.filter(pk=year.held.pk).delete()
    request = Exemption.objects.create(occurrence=year.march, reason=REASON, asked_by_id=1)
    with pytest.raises(DomainError, match=SENTENCE):
        exemptions.decide_exemption(
            request.pk, actor=year.specialist, is_granted=True, note="", document="1-CV/HU", today=TODAY
        )
    exemptions.decide_exemption(request.pk, actor=year.specialist, is_granted=False, note="Đã khóa", today=TODAY)


def test_paperwork_goes_on(year):
    draft = TaskingDraft("Rà soát", date(2016, 7, 1), body_id=year.bodies.commune.pk)
    version = taskings_version(year.held)
    set_taskings(year.held.pk, [draft], actor=year.commune, version=version, today=TODAY)
    set_announcements(year.held.pk, [AnnouncementDraft("Tin")], actor=year.commune, version=0, today=TODAY)
    services.finish_minutes(year.held.pk, actor=year.commune, version=1, today=TODAY)
    services.lock_meeting(year.held.pk, actor=year.commune, version=2, today=TODAY)
    services.issue_conclusion(year.held.pk, actor=year.commune, on=date(2016, 3, 28), today=TODAY)
    assert report_relays(year.held.pk, TODAY, actor=year.commune, today=TODAY) == len(year.tree.villages)


def test_the_page_says_so_and_keeps_what_was_typed(year, signed_in):
    browser = signed_in(year.commune)
    answer = browser.post(f"/hoi-nghi/{year.held.pk}/huy/", {"version": "1", "reason": REASON})
    assert answer.status_code == 422
    assert SENTENCE in answer.content.decode()
    Occurrence.objects.update(closed_on=None)
    assert browser.post(f"/hoi-nghi/{year.held.pk}/huy/", {"version": "1", "reason": REASON}).status_code == 302
