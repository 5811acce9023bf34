"""Delegates: runs of absences that surface by themselves, turns and distinct persons of a year."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from meetings.delegates.reads import delegates_by_commune, people_of_year, repeated_absences
from meetings.models import Attendance, AttendancePost, CountedAttendance
from meetings.tests.builders import make_meeting
from people.models import Person, Post

pytestmark = pytest.mark.django_db
SECRETARY_AND_HEAD, HEAD = "Trần Văn Bí 0", "Lê Thị Trưởng 1"


@pytest.fixture
def today():
    return timezone.localdate()


def seat(meeting, name, presence="present", **fields):
    """Somebody of the commune's villages at a meeting, with all the village posts held."""
    person = Person.objects.get(name=name)
    row = Attendance.objects.create(meeting=meeting, person=person, name=name, presence=presence, **fields)
    for post in Post.objects.filter(person=person):
        AttendancePost.objects.create(attendance=row, post=post)
    return row


def meetings_of(commune, today, states, name=HEAD, **fields):
    """Meetings of this month, ten days apart back from today; `states` latest first."""
    made = []
    for number, state in enumerate(states):
        made.append(make_meeting(commune, today))
        made[-1].held_on -= timedelta(days=10 * number)
        made[-1].save()
        seat(made[-1], name, state, **fields)
    return made


@pytest.mark.parametrize(
    ("states", "count"),
    [
        (["absent", "excused", "present"], 2),
        (["excused", "excused", "absent"], 3),
        (["absent", "present", "absent"], None),
        (["present", "absent", "absent"], None),
        (["substituted", "absent", "absent"], None),
        (["absent", "substituted", "absent"], None),
        (["absent"], None),
    ],
)
def test_a_run_goes_back_to_the_last_time_somebody_came(cast, today, states, count):
    meetings_of(cast.tree.a1, today, states)
    found = repeated_absences(cast.commune, today)
    assert [row.count for row in found] == ([count] if count else [])


def test_one_person_in_two_posts_is_one_row_with_its_reasons(cast, today):
    first = meetings_of(cast.tree.a1, today, ["excused", "excused"], SECRETARY_AND_HEAD, reason="Ốm")[-1]
    (row,) = repeated_absences(cast.commune, today)
    assert [post.position for post in row.posts] == ["cell_secretary", "village_head"]
    assert (row.reasons, row.since, row.commune) == (["Ốm"], first.held_on, cast.tree.a1.name)
    assert repeated_absences(cast.commune, today, shortest=3) == []


def test_whoever_takes_over_begins_anew(cast, today):
    meetings_of(cast.tree.a1, today, ["absent", "absent"])
    Post.objects.filter(person__name=HEAD).update(valid_to=today)
    assert repeated_absences(cast.commune, today) == []


def test_the_page_asks_and_offers(cast, signed_in, today):
    meetings_of(cast.tree.a1, today, ["absent", "excused"], reason="Đi viện")
    post = Post.objects.get(person__name=HEAD)
    browser = signed_in(cast.commune)
    page = browser.get("/hoi-nghi/vang/").content.decode()
    assert 'data-total="1"' in page
    for words in (HEAD, "Đi viện", f"/danh-ba/chuc-danh/{post.pk}/ban-giao/", "Có việc gì đang khó không?"):
        assert words in page
    assert "1 đồng chí vắng từ 2 kỳ liền" in browser.get("/").content.decode()
    assert 'data-total="0"' in browser.get("/hoi-nghi/vang/?tu=4").content.decode()
    assert browser.get("/hoi-nghi/vang/?tu=x").status_code == 200
    assert HEAD in signed_in(cast.leader).get("/hoi-nghi/vang/").content.decode()
    assert HEAD not in signed_in(cast.outsider).get("/hoi-nghi/vang/").content.decode()
    assert HEAD not in signed_in(cast.other_commune).get(f"/hoi-nghi/vang/?don-vi={cast.tree.a1.key}").content.decode()
    for who in (cast.agency, cast.cadre, cast.admin):
        assert signed_in(who).get("/hoi-nghi/vang/").status_code == 403


def test_turns_persons_and_posts(cast, today):
    first, second = meetings_of(cast.tree.a1, today, ["present", "present"], SECRETARY_AND_HEAD)
    seat(first, HEAD)
    seat(second, HEAD, "substituted", substitute="Ai đó")
    seat(first, "Phạm Văn Mặt 1", "absent")
    Attendance.objects.create(meeting=first, name="Khách", is_guest=True)
    CountedAttendance.objects.create(meeting=second, group="Khác", number=7)
    (row,) = delegates_by_commune(cast.commune, today.year)
    assert (row.meetings, row.turns, row.guests, row.substitutes, row.counted) == (2, 5, 1, 1, 7)
    assert (row.called, row.people, row.concurrent) == (3, 2, 1)
    assert row.shares == [(2, 2), (4, 4), (1, 0)]
    people = people_of_year(cast.commune, today.year, row.unit_id)
    assert len(people) == row.called
    assert sum(person["present"] > 0 for person in people) == row.people
    assert sum(person["is_concurrent"] for person in people) == row.concurrent


def test_every_figure_leads_to_as_many_rows(cast, signed_in, today):
    first, _ = meetings_of(cast.tree.a1, today, ["present", "absent"], SECRETARY_AND_HEAD)
    seat(first, HEAD, "absent")
    browser = signed_in(cast.leader)
    page = browser.get(f"/hoi-nghi/dai-bieu/?don-vi={cast.tree.a1.key}&nam={today.year}").content.decode()
    assert 'data-total="2"' in page
    came = browser.get(f"/hoi-nghi/dai-bieu/?don-vi={cast.tree.a1.key}&nam={today.year}&muc=da-du").content.decode()
    assert 'data-total="1"' in came
    held = browser.get(f"/hoi-nghi/?don-vi={cast.tree.a1.key}&ky={today.year}&cap=commune").content.decode()
    assert 'data-total="2"' in held
    assert HEAD not in signed_in(cast.outsider).get(f"/hoi-nghi/dai-bieu/?nam={today.year}").content.decode()
    assert browser.get("/hoi-nghi/dai-bieu/?nam=1900").status_code == 200


@pytest.mark.parametrize("path", ["/hoi-nghi/vang/", "/hoi-nghi/dai-bieu/"])
def test_three_rows_cost_what_one_costs(cast, signed_in, today, path):
    browser = signed_in(cast.leader)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(path).status_code == 200
        return len(seen)

    meetings = meetings_of(cast.tree.a1, today, ["absent", "absent"])
    browser.get(path)
    few = queries()
    for meeting in meetings:
        for name in (SECRETARY_AND_HEAD, "Phạm Văn Mặt 1", "Phạm Văn Mặt 2"):
            seat(meeting, name, "absent")
    assert queries() == few <= 15
