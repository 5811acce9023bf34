"""The two-way ledger from outside: what a meeting announced, who passed it on, what was asked back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, DomainError, NotAllowed
from core.models import Activity
from journal.models import Notice
from meetings.conclusions.reads import business_tasks
from meetings.conclusions.services import (
    AnnouncementDraft,
    announcements_version,
    report_relay,
    report_relays,
    set_announcements,
)
from meetings.models import Announcement, Relay
from meetings.tests.builders import make_meeting

pytestmark = pytest.mark.django_db
LIST = "/truyen-dat/"
NEWS = "Lịch tiêm phòng đàn gia súc"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def village(cast):
    """The account of the first village."""
    return cast.village


@pytest.fixture
def meeting(cast, today):
    return make_meeting(cast.tree.a1, today - timedelta(days=10), announcements="Tin một\nTin hai")


def announce(meeting, actor, today, *texts):
    drafts = [AnnouncementDraft(text) for text in texts]
    return set_announcements(meeting.pk, drafts, actor=actor, version=announcements_version(meeting), today=today)


@pytest.fixture
def news(cast, meeting, today):
    return announce(meeting, cast.commune, today, NEWS)[0]


def total(answer):
    assert answer.status_code == 200
    return int(answer.content.decode().split('data-total="')[1].split('"')[0])


def said(day, reach="", questions=""):
    return {"relayed_on": day.strftime("%d/%m/%Y"), "reach_count": reach, "questions": questions}


def test_the_officer_takes_over_the_announcements_and_villages_are_told(cast, signed_in, meeting, village, today):
    officer, url = signed_in(cast.commune), reverse("announcement_edit", args=[meeting.pk])
    assert "Tin hai" in officer.get(url).content.decode()
    data = {"lines-TOTAL_FORMS": 3, "lines-INITIAL_FORMS": 2, "version": 0}
    data |= {"lines-0-text": "Tin một", "lines-1-text": "", "lines-2-text": NEWS}
    data |= {"lines-2-due_on": (today + timedelta(days=5)).strftime("%d/%m/%Y")}
    assert officer.post(url, data).status_code == 302
    assert list(Announcement.objects.values_list("number", "text")) == [(1, "Tin một"), (2, NEWS)]
    assert "Có 2 nội dung cần truyền đạt" in Notice.objects.get(recipient=village).text
    assert officer.post(url, data).status_code == 302
    assert Announcement.objects.count() == 2
    assert signed_in(cast.leader).get(url).status_code == 403
    assert signed_in(cast.other_commune).get(url).status_code == 404


def test_a_line_nobody_passed_on_may_be_taken_away(cast, meeting, news, today):
    second = announce(meeting, cast.commune, today, "Tin hai")[1]
    report_relay(news.pk, cast.tree.villages[0].pk, today, 5, "", actor=cast.commune, today=today)
    version = announcements_version(meeting)
    with pytest.raises(DomainError, match="không bỏ được"):
        set_announcements(
            meeting.pk, [AnnouncementDraft("", pk=news.pk)], actor=cast.commune, version=version, today=today
        )
    set_announcements(
        meeting.pk, [AnnouncementDraft("", pk=second.pk)], actor=cast.commune, version=version, today=today
    )
    assert list(meeting.announced.all()) == [news]
    with pytest.raises(Conflict):
        set_announcements(
            meeting.pk, [AnnouncementDraft("x", pk=second.pk)], actor=cast.commune, version=2, today=today
        )
    draft = AnnouncementDraft("x", today - timedelta(days=90))
    with pytest.raises(DomainError, match="trước ngày họp"):
        set_announcements(meeting.pk, [draft], actor=cast.commune, version=2, today=today)


def test_a_village_reports_for_itself_and_asks_back(cast, signed_in, news, village, today):
    browser, own, other = signed_in(village), *cast.tree.villages[:2]
    assert total(browser.get(LIST)) == 1
    page = browser.get(news.get_absolute_url())
    assert total(page) == 1
    assert "Thôn 2" not in page.content.decode()
    url = reverse("relay_report", args=[news.pk, own.pk])
    assert browser.post(url, said(today + timedelta(days=1), "45")).status_code == 422
    assert browser.post(url, said(today, "rất đông")).status_code == 422
    assert browser.post(url, said(today, "45", "Ai chưa đăng ký thì sao?")).status_code == 302
    assert browser.post(url, said(today, "50", "Ai chưa đăng ký thì sao?")).status_code == 302
    relay = Relay.objects.get()
    assert (relay.unit, relay.reach_count, relay.reported_by_id) == (own, 50, village.pk)
    assert Notice.objects.filter(recipient=cast.commune, text__contains="Ai chưa đăng ký").count() == 1
    assert total(browser.get(LIST)) == 0
    assert browser.post(reverse("relay_report", args=[news.pk, other.pk]), said(today)).status_code == 403
    assert browser.get(reverse("relay_matrix", args=[news.meeting_id])).status_code == 404


def test_the_matrix_fills_row_by_row_and_at_once(cast, signed_in, meeting, news, today):
    announce(meeting, cast.commune, today, "Tin hai")
    officer, url = signed_in(cast.commune), reverse("relay_matrix", args=[meeting.pk])
    many = reverse("relay_report_many", args=[meeting.pk])
    first, second, _ = cast.tree.villages
    report_relay(news.pk, first.pk, today, 12, "", actor=cast.commune, today=today)
    page = officer.get(url).content.decode()
    assert "<strong>0/3</strong>" in page
    assert officer.post(many, said(today, "30") | {"unit": second.pk}).status_code == 302
    assert officer.post(many, said(today + timedelta(days=3))).status_code == 422
    assert officer.post(many, said(today - timedelta(days=1), "20")).status_code == 302
    assert officer.post(many, said(today)).status_code == 302
    assert Relay.objects.count() == 6
    assert sorted(Relay.objects.values_list("reach_count", flat=True)) == [12, 20, 20, 20, 30, 30]
    page = officer.get(url).content.decode()
    assert "<strong>3/3</strong>" in page
    assert "<strong>132</strong>" in page
    assert total(officer.get(LIST)) == 0
    stray = officer.post(many, said(today) | {"unit": cast.tree.b1.pk})
    assert stray.status_code == 422


def test_a_district_speaks_to_its_communes(cast, signed_in, today):
    meeting = make_meeting(cast.tree.a, today - timedelta(days=5))
    news = announce(meeting, cast.leader, today, "Chủ trương mới")[0]
    officer = signed_in(cast.other_commune)
    assert total(officer.get(LIST)) == 1
    assert [task["title"] for task in business_tasks(cast.other_commune, today)] == [
        "1 nội dung hội nghị chưa truyền đạt xong"
    ]
    page = officer.get(news.get_absolute_url())
    assert total(page) == 1
    assert "Xã Đồng Tâm" not in page.content.decode()
    url = reverse("relay_report", args=[news.pk, cast.tree.a2.pk])
    assert officer.post(url, said(today, "200")).status_code == 302
    foreign = reverse("relay_report", args=[news.pk, cast.tree.a1.pk])
    assert officer.post(foreign, said(today)).status_code == 403
    assert total(officer.get(LIST)) == 0
    assert total(signed_in(cast.leader).get(LIST)) == 1
    report_relays(meeting.pk, today, actor=cast.leader, today=today)
    assert total(signed_in(cast.leader).get(LIST)) == 0


@pytest.mark.parametrize(
    ("who", "listed", "page"),
    [
        ("commune", 1, 200),
        ("leader", 1, 200),
        ("head", 1, 200),
        ("other_commune", 0, 404),
        ("other_leader", 0, 404),
        ("commune_agency", 0, 404),
        ("outsider", 0, 404),
        ("admin", 0, 404),
    ],
)
def test_everybody_sees_the_own_branch(cast, signed_in, news, who, listed, page):
    browser = signed_in(getattr(cast, who))
    answer = browser.get(LIST)
    assert total(answer) == listed
    assert (NEWS in answer.content.decode()) is bool(listed)
    assert browser.get(news.get_absolute_url()).status_code == page
    assert browser.get(reverse("relay_matrix", args=[news.meeting_id])).status_code == page
    if who != "commune":
        report = browser.post(
            reverse("relay_report", args=[news.pk, cast.tree.villages[0].pk]), said(timezone.localdate())
        )
        assert report.status_code == (403 if page == 200 else 404)
        assert not Relay.objects.exists()


def test_a_changed_line_is_in_the_log_as_it_was_and_as_it_is(cast, meeting, news, today):
    draft = AnnouncementDraft("Tin sửa", today, pk=news.pk)
    version = announcements_version(meeting)
    for _ in range(2):
        set_announcements(meeting.pk, [draft], actor=cast.commune, version=version, today=today)
        version = announcements_version(meeting)
    told = Activity.objects.get(verb="announcement.edit")
    assert told.before == {"text": NEWS, "due_on": ""}
    assert told.after == {"text": "Tin sửa", "due_on": f"{today:%d/%m/%Y}"}


def test_nothing_waits_once_every_village_has_passed_it_on(cast, news, today):
    for number, village in enumerate(cast.tree.villages, 1):
        assert list(Announcement.objects.still_to_pass_on()) == [news], number
        report_relay(news.pk, village.pk, today, 10, "", actor=cast.commune, today=today)
    assert list(Announcement.objects.still_to_pass_on()) == []


def test_nothing_is_passed_on_before_the_meeting(cast, today):
    planned = make_meeting(cast.tree.a1, today, status="planned", planned_on=today)
    news = announce(planned, cast.commune, today, NEWS)[0]
    with pytest.raises(DomainError, match="chưa họp"):
        report_relay(news.pk, cast.tree.villages[0].pk, today, 5, "", actor=cast.commune, today=today)
    with pytest.raises(NotAllowed):
        report_relay(news.pk, cast.tree.villages[0].pk, today, 5, "", actor=cast.leader, today=today)
    assert not Notice.objects.exists()


def test_statements_do_not_grow_with_rows(cast, signed_in, meeting, news, today):
    pages = [
        (signed_in(cast.commune), LIST),
        (signed_in(cast.commune), reverse("relay_matrix", args=[meeting.pk])),
        (signed_in(cast.commune), news.get_absolute_url()),
    ]
    few = [_statements(*page) for page in pages]
    announce(meeting, cast.commune, today, "Tin hai", "Tin ba")
    report_relay(news.pk, cast.tree.villages[0].pk, today, 5, "Hỏi", actor=cast.commune, today=today)
    many = [_statements(*page) for page in pages]
    assert many == few
    assert max(many) <= 15


def _statements(browser, path):
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)
