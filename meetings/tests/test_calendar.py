"""The calendar of a branch, and the feed behind a secret address: what it holds, and what it never holds."""

from datetime import date, time, timedelta

import icalendar
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import Conflict, NotAllowed
from core.logs import masked
from core.models import Activity
from meetings.calendar.feeds import end_feed, renew_feed
from meetings.enums import MeetingStatus
from meetings.models import CalendarFeed
from meetings.tests.builders import make_meeting, make_occurrence, make_planned, make_rule, make_sitting

CALENDAR = "/hoi-nghi/lich/"
NOVEMBER = {"thang": "2026-11"}


@pytest.fixture
def november(cast):
    rule = make_rule(cast.tree.province)
    rows = [make_occurrence(rule, unit, "2026-11") for unit in (cast.tree.a1, cast.tree.a2, cast.tree.b1)]
    first = make_meeting(cast.tree.a1, date(2026, 11, 20), rows[0], started_at=time(7, 30))
    make_meeting(cast.tree.a2, None, rows[1], MeetingStatus.PLANNED, planned_on=date(2026, 11, 25))
    rows[0].met_on = date(2026, 11, 20)
    rows[0].save()
    return first


def page_of(browser, **query):
    answer = browser.get(CALENDAR, NOVEMBER | query)
    assert answer.status_code == 200
    return answer


def entries(browser, **query):
    return [(f"{e.day:%d}", e.unit, e.word) for e in page_of(browser, **query).context["entries"]]


def test_a_month_of_ones_own_branch(cast, november, signed_in):
    assert entries(signed_in(cast.commune)) == [("20", "Xã Đồng Tâm", "Đã họp")]
    assert entries(signed_in(cast.leader)) == [
        ("20", "Xã Đồng Tâm", "Đã họp"),
        ("25", "Xã Hải Lạng", "Đã lên lịch"),
        ("30", "Xã Hải Lạng", "Chưa đến hạn, chưa họp"),
    ]
    assert len(entries(signed_in(cast.head))) == 4
    for who in (cast.outsider, cast.agency, cast.cadre):
        assert entries(signed_in(who)) == []


def test_the_sheet_begins_on_monday_and_leads_to_meetings_and_months(cast, november, signed_in):
    page = page_of(signed_in(cast.commune))
    text = page.content.decode()
    assert page.context["weeks"][0][0].day == date(2026, 10, 26)
    assert {len(week) for week in page.context["weeks"]} == {7}
    assert f'href="/hoi-nghi/{november.pk}/">07:30' in text
    assert "?thang=2026-10&amp;dang=lich" in text
    assert "?thang=2026-12&amp;dang=lich" in text


def test_the_list_counts_its_rows_and_narrows_to_a_unit_and_a_day(cast, november, signed_in):
    browser = signed_in(cast.leader)
    text = page_of(browser, dang="danh-sach").content.decode()
    assert 'data-total="3"' in text
    assert text.count("data-key=") == 3
    assert len(entries(browser, dang="danh-sach", ngay="2026-11-25")) == 1
    assert entries(browser, **{"don-vi": cast.tree.a1.key}) == [("20", "Xã Đồng Tâm", "Đã họp")]


def test_many_of_a_day_are_one_entry_that_opens_its_list(cast, november, signed_in):
    for number in range(4):
        make_meeting(cast.tree.a1, date(2026, 11, 12), title=f"Hội nghị số {number}")
    browser = signed_in(cast.leader)
    page = page_of(browser)
    (group,) = [e for week in page.context["weeks"] for square in week for e in square.entries if e.day.day == 12]
    assert (group.text, group.word) == ("4 hội nghị cấp xã", "Đã họp")
    assert browser.get(CALENDAR + group.url).context["total"] == 4


def test_further_sittings_stand_on_their_own_days(cast, signed_in):
    meeting = make_meeting(cast.tree.a, date(2026, 11, 3))
    for day in (3, 17):
        make_sitting(meeting, date(2026, 11, day), [cast.tree.a1])
    assert [day for day, *_ in entries(signed_in(cast.leader))] == ["03", "17"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"thang": "2026-13"}, 422),
        ({"thang": "2026"}, 422),
        ({"ngay": "2026-12-01"}, 422),
        ({"ngay": "hom-nay"}, 422),
        ({"don-vi": "commune-91001-20140101"}, 404),
    ],
)
def test_an_address_that_makes_no_sense(cast, signed_in, query, status):
    assert signed_in(cast.commune).get(CALENDAR, NOVEMBER | query).status_code == status


def test_days_off_are_named(cast, signed_in):
    text = signed_in(cast.commune).get(CALENDAR, {"thang": "2026-09"}).content.decode()
    assert "Nghỉ:" in text
    assert "02/09/2026" in text


def test_three_rows_cost_what_one_costs(cast, signed_in):
    browser, counts = signed_in(cast.leader), []
    for number, unit in enumerate((cast.tree.a1, cast.tree.a2, cast.tree.a1), 1):
        make_meeting(unit, date(2026, 11, number))
        for view in ("lich", "danh-sach"):
            browser.get(CALENDAR, NOVEMBER | {"dang": view})
            with CaptureQueriesContext(connection) as seen:
                page_of(browser, dang=view)
            counts.append(len(seen))
    assert max(counts) == min(counts) <= 15


# the feed


def renewed(cast, **more):
    return renew_feed(cast.tree.a1, actor=cast.commune, now=timezone.now(), **more)


def fetched(client, feed):
    return client.get(f"/lich/{feed.token}.ics")


def events(answer):
    return [dict(event) for event in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")]


def test_the_feed_holds_the_units_meetings_and_no_names(cast, client):
    today = timezone.localdate()
    make_meeting(cast.tree.a1, today, started_at=time(7, 30), ended_at=time(10, 0), place="Nhà văn hóa, thôn 1; tầng 2")
    coming = make_planned(cast.tree.a1, today, status=MeetingStatus.CANCELLED, chairs="Lê Kín")
    coming.minutes = coming.conclusions = "ý kiến mật"
    coming.save()
    make_meeting(cast.tree.a1, today - timedelta(days=120))
    make_meeting(cast.tree.a2, today)
    answer = fetched(client, renewed(cast))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    held, cancelled = sorted(events(answer), key=lambda event: str(event["STATUS"]), reverse=True)
    assert (held["STATUS"], cancelled["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert held["LOCATION"] == "Nhà văn hóa, thôn 1; tầng 2"
    assert held["DTSTART"].dt.isoformat().endswith("T07:30:00+07:00")
    assert held["DTEND"].dt.hour == 10
    assert cancelled["DTSTART"].dt == today
    assert cancelled["UID"] == f"meeting-{coming.pk}.{cast.tree.a1.key}@giaoban"
    text = answer.content.decode()
    assert "BEGIN:VTIMEZONE" in text
    assert "DTSTART;TZID=Asia/Ho_Chi_Minh" in text
    assert "Lê Kín" not in text
    assert "mật" not in text


def test_an_ended_address_is_answered_like_one_that_never_was(cast, client):
    first = renewed(cast)
    assert fetched(client, first).status_code == 200
    second = renewed(cast)
    assert fetched(client, second).status_code == 200
    end_feed(cast.tree.a1, actor=cast.commune, now=timezone.now())
    gone = [fetched(client, first), fetched(client, second), client.get("/lich/khong-co.ics")]
    assert [answer.status_code for answer in gone] == [404, 404, 404]
    assert len({answer.content for answer in gone}) == 1
    assert CalendarFeed.objects.filter(ended_at=None).count() == 0


@pytest.mark.parametrize(
    "who", ["other_commune", "leader", "specialist", "outsider", "agency", "admin", "province_leader"]
)
def test_only_the_keepers_of_the_unit_make_its_address(cast, who):
    for act in (renew_feed, end_feed):
        with pytest.raises(NotAllowed):
            act(cast.tree.a1, actor=getattr(cast, who), now=timezone.now())


def test_a_page_left_open_does_not_end_a_newer_address(cast, client):
    feed = renewed(cast, version=0)
    with pytest.raises(Conflict):
        renewed(cast, version=0)
    assert fetched(client, feed).status_code == 200


def test_the_address_is_shown_to_its_keepers_alone_and_written_nowhere_else(cast, signed_in):
    browser = signed_in(cast.commune)
    form = {"version": "0"}
    assert browser.post(f"{CALENDAR}{cast.tree.a1.key}/doi-dia-chi/", form).status_code == 302
    feed = CalendarFeed.objects.get()
    assert feed.token in browser.get(CALENDAR).content.decode()
    for who in (cast.leader, cast.other_commune, cast.head, cast.admin):
        assert feed.token not in signed_in(who).get(CALENDAR).content.decode()
    assert signed_in(cast.other_commune).post(f"{CALENDAR}{cast.tree.a1.key}/doi-dia-chi/", form).status_code == 404
    assert not Activity.objects.filter(after__icontains=feed.token).exists()
    assert browser.post(f"{CALENDAR}{cast.tree.a1.key}/bo-dia-chi/", {"version": feed.pk}).status_code == 302
    assert not CalendarFeed.objects.filter(ended_at=None).exists()


def test_no_log_line_holds_the_address():
    line = '"GET /lich/AbC-123_x.ics HTTP/1.1" 200'
    assert masked(line) == '"GET /lich/***.ics HTTP/1.1" 200'
    assert masked("/hoi-nghi/lich/commune-1/doi-dia-chi/") == "/hoi-nghi/lich/commune-1/doi-dia-chi/"


def test_the_feed_costs_the_same_for_three(cast, client):
    feed, counts = renewed(cast), []
    for _ in range(3):
        make_meeting(cast.tree.a1, timezone.localdate())
        with CaptureQueriesContext(connection) as seen:
            fetched(client, feed)
        counts.append(len(seen))
    assert max(counts) == min(counts) <= 3
