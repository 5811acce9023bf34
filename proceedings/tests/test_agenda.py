"""The agenda that builds itself: its four parts, who reads what, and writing it into the meeting."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from feedback.models import BasketItem
from feedback.tests.builders import make_opinion
from meetings.conclusions.services import (
    AnnouncementDraft,
    TaskingDraft,
    finish_tasking,
    report_relay,
    set_announcements,
    set_taskings,
)
from meetings.tests.builders import make_meeting
from proceedings.preparation.agenda import MOST_IN_TEXT, agenda_text, build_agenda
from proceedings.preparation.services import put_in

pytestmark = pytest.mark.django_db
SECRET = "Chuyện phải giữ kín"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def last(cast, today):
    """The meeting before, with a line owed, one done, and an announcement that one of three villages passed on."""
    meeting = make_meeting(cast.tree.a1, today - timedelta(days=30))
    due = today + timedelta(days=3)
    drafts = [TaskingDraft(text, due, cast.bodies.commune.pk) for text in ("Nạo vét mương", "Việc đã xong")]
    _, done = set_taskings(meeting.pk, drafts, actor=cast.commune, version=0, today=today)
    finish_tasking(done.pk, "Xong", today, actor=cast.commune, version=1, today=today)
    news = [AnnouncementDraft("Lịch tiêm phòng")]
    meeting.told = set_announcements(meeting.pk, news, actor=cast.commune, version=0, today=today)[0]
    report_relay(meeting.told.pk, cast.tree.villages[0].pk, today, 9, "Ai trả tiền?", actor=cast.commune, today=today)
    return meeting


@pytest.fixture
def coming(cast, today, last):
    """The next meeting, with what villages gathered for it."""
    meeting = make_meeting(cast.tree.a1, today, status="planned", planned_on=today + timedelta(days=2), agenda="Cũ")
    meeting.held_on = None
    meeting.save()
    put_in(cast.tree.a1, cast.tree.villages[0], "Xin đèn đường", actor=cast.commune, today=today)
    put_in(cast.tree.a1, None, SECRET, actor=cast.commune_leader, today=today, visibility="restricted")
    settled = {"status": "resolved", "settled_on": today - timedelta(days=5), "village": cast.tree.villages[1]}
    make_opinion(cast.tree.a1, "Sửa cầu Khe", today - timedelta(days=30), meeting=last, **settled)
    make_opinion(cast.tree.a1, SECRET, today - timedelta(days=30), meeting=last, visibility="restricted", **settled)
    return meeting


def lines(parts, key):
    return [str(line) for part in parts if part.key == key for line in part.lines]


def test_five_parts_each_from_what_waits_the_read_back_first(cast, coming):
    parts = build_agenda(coming, cast.commune)
    assert [part.key for part in parts] == ["read_back", "results", "announcements", "opinions", "conclusions"]
    results = lines(parts, "results")
    assert any("Nạo vét mương" in row and "Công chức Địa chính" in row for row in results)
    assert [row.startswith("Thôn 2: Sửa cầu Khe") for row in lines(parts, "read_back")] == [True]
    assert not any("Việc đã xong" in row for row in results)
    assert ["Lịch tiêm phòng" in row for row in lines(parts, "announcements")] == [True]
    assert lines(parts, "opinions") == ["Thôn 1: Xin đèn đường"]
    assert lines(parts, "conclusions") == []
    assert all(line.url for part in parts[:3] for line in part.lines)


def test_what_is_restricted_is_in_nobodys_agenda(cast, signed_in, coming):
    for who in ("commune", "commune_leader", "leader", "head", "specialist"):
        page = signed_in(getattr(cast, who)).get(reverse("meeting_agenda", args=[coming.pk]))
        assert page.status_code == 200
        assert SECRET not in page.content.decode(), who
        assert SECRET not in agenda_text(build_agenda(coming, getattr(cast, who)))


def test_a_long_part_is_one_line_of_the_text(cast, coming, last, today):
    assert "Thôn 1: Xin đèn đường" in agenda_text(build_agenda(coming, cast.commune))
    for number in range(MOST_IN_TEXT):
        put_in(cast.tree.a1, cast.tree.villages[0], f"Việc {number}", actor=cast.commune, today=today)
    text = agenda_text(build_agenda(coming, cast.commune))
    assert f"Trao đổi {MOST_IN_TEXT + 1} ý kiến các thôn, khu đã gửi trước" in text
    assert "Xin đèn đường" not in text


def test_the_text_is_written_with_one_button(cast, signed_in, coming):
    officer, url = signed_in(cast.commune), reverse("meeting_agenda", args=[coming.pk])
    write = reverse("agenda_write", args=[coming.pk])
    text = officer.get(url).context["text"]
    assert officer.post(write, {"agenda": text, "version": 1}).status_code == 302
    coming.refresh_from_db()
    assert coming.agenda.startswith("1. Đọc lại các trả lời từ kỳ trước")
    stale = officer.post(write, {"agenda": "Bản khác của tôi", "version": 1})
    assert stale.status_code == 409
    assert "Bản khác của tôi" in stale.content.decode()
    assert officer.post(write, {"agenda": " ", "version": 2}).status_code == 422
    assert signed_in(cast.leader).post(write, {"agenda": "x", "version": 2}).status_code == 403
    assert signed_in(cast.other_commune).post(write, {"agenda": "x", "version": 2}).status_code == 404
    assert signed_in(cast.agency).get(url).status_code == 404


def test_what_the_district_announced_is_passed_on_at_the_communes_next_meeting(cast, coming, today):
    above = make_meeting(cast.tree.a, today - timedelta(days=3))
    drafts = [AnnouncementDraft("Chủ trương của huyện")]
    news = set_announcements(above.pk, drafts, actor=cast.leader, version=0, today=today)[0]
    assert any("Chủ trương của huyện" in row for row in lines(build_agenda(coming, cast.commune), "announcements"))
    report_relay(news.pk, cast.tree.a1.pk, today, 200, "", actor=cast.commune, today=today)
    assert not any("Chủ trương" in row for row in lines(build_agenda(coming, cast.commune), "announcements"))


def test_a_question_back_becomes_an_item_of_the_next_meeting(cast, signed_in, last):
    relay = last.told.relays.get()
    url, officer = reverse("relay_ask", args=[relay.pk]), signed_in(cast.commune)
    assert "Đưa vào giỏ ý kiến" in officer.get(last.told.get_absolute_url()).content.decode()
    for _ in range(2):
        assert officer.post(url).status_code == 302
    item = BasketItem.objects.get()
    assert (item.text, item.village, item.unit, item.kind) == (
        "Ai trả tiền?",
        cast.tree.villages[0],
        cast.tree.a1,
        "question",
    )
    assert signed_in(cast.leader).post(url).status_code == 403
    assert signed_in(cast.outsider).post(url).status_code == 404


def test_statements_do_not_grow_with_lines(cast, signed_in, coming, today):
    officer, url = signed_in(cast.commune), reverse("meeting_agenda", args=[coming.pk])
    few = _statements(officer, url)
    put_in(cast.tree.a1, cast.tree.villages[1], "Thêm một", actor=cast.commune, today=today)
    put_in(cast.tree.a1, cast.tree.villages[2], "Thêm hai", actor=cast.commune, today=today)
    assert _statements(officer, url) == few <= 22


def _statements(browser, path):
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)
