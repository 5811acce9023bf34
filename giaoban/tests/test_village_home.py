"""The home page of a village's account: its answers, its basket, and nothing of its neighbours."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from feedback.tests.builders import make_meeting, make_opinion
from meetings.models import Attendance
from proceedings.preparation.services import put_in

pytestmark = pytest.mark.django_db


def answered(cast, text, village, **more):
    today = timezone.localdate()
    facts = {"village": village, "status": "resolved", "answer": f"Xong {text}", "settled_on": today} | more
    return make_opinion(cast.tree.a1, text, today - timedelta(days=20), **facts)


def test_a_village_sees_its_answers_and_its_basket(cast, signed_in):
    mine = answered(cast, "sửa cầu", cast.tree.villages[0])
    answered(cast, "sửa loa", cast.tree.villages[1])
    put_in(cast.tree.a1, cast.tree.villages[0], "Lắp đèn", actor=cast.village, today=timezone.localdate())
    browser = signed_in(cast.village)
    page = browser.get("/").content.decode()
    assert "Xong sửa cầu" in page
    assert "sửa loa" not in page
    assert "Đã gửi 1 ý kiến" in page
    for address in ("/hoi-nghi/", "/bao-cao/", "/danh-ba/", "/tai-khoan/"):
        assert f'href="{address}"' not in page
    assert browser.post(f"/y-kien/{mine.pk}/hai-long/", {"version": 1, "satisfaction": "satisfied"}).status_code == 302
    assert "Xong sửa cầu" not in browser.get("/").content.decode()


def test_what_offices_write_to_each_other_is_not_in_the_thread(cast, signed_in):
    mine = answered(cast, "sửa cầu", cast.tree.villages[0])
    for verb, note in (("comment", "Chỉ đạo nội bộ"), ("assign", "Yêu cầu riêng"), ("resolve", "Đã sửa cầu")):
        mine.moves.create(verb=verb, before="assigned", after="assigned", at=timezone.now(), note=note)
    page = signed_in(cast.village).get(mine.get_absolute_url()).content.decode()
    assert "Đã sửa cầu" in page
    assert "Chỉ đạo nội bộ" not in page
    assert "Yêu cầu riêng" not in page
    assert "Chỉ đạo nội bộ" in signed_in(cast.commune).get(mine.get_absolute_url()).content.decode()


def test_three_answers_cost_what_one_costs(cast, signed_in):
    browser, village = signed_in(cast.village), cast.tree.villages[0]
    answered(cast, "một", village)
    browser.get("/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/")
    answered(cast, "hai", village)
    answered(cast, "ba", village)
    with CaptureQueriesContext(connection) as many:
        browser.get("/")
    assert len(many) <= len(few) <= 16  # one asks for drafts


def test_the_page_of_a_village_tells_its_posts_its_meetings_and_its_answers(cast, signed_in):
    village, other = cast.tree.villages[:2]
    mine, theirs = answered(cast, "sửa cầu", village), answered(cast, "sửa loa", other)
    answered(cast, "chuyện kín", village, visibility="restricted")
    meeting = make_meeting(cast.tree.a1, timezone.localdate() - timedelta(days=5), title="Hội nghị tháng này")
    for name, unit, presence in (("An", village, "present"), ("Bình", village, "absent"), ("Chi", other, "present")):
        Attendance.objects.create(meeting=meeting, unit=unit, name=name, presence=presence)
    page = signed_in(cast.commune).get(f"/don-vi/{village.key}/")
    posts, meetings, opinions = page.context["panels"]
    assert [line.text for line in posts.lines] == ["Bí thư chi bộ", "Trưởng thôn, khu", "Trưởng ban công tác mặt trận"]
    assert posts.lines[1].fact == cast.village.person.name
    assert [(line.text, line.fact) for line in meetings.lines] == [
        (f"Hội nghị tháng này, {meeting.held_on:%d/%m/%Y}", "có mặt 1 trên 2")
    ]
    assert [line.url for line in opinions.lines] == [mine.get_absolute_url()]
    assert opinions.lines[0].fact.startswith(f"YK-{mine.pk}, nêu ")
    assert "chuyện kín" not in page.text
    listed = signed_in(cast.commune).get(opinions.more_url).text
    assert f'data-key="{mine.pk}"' in listed
    assert f'data-key="{theirs.pk}"' not in listed
    assert signed_in(cast.other_commune).get(f"/don-vi/{village.key}/").status_code == 404
