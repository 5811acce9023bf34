"""The thematic alarm: when it goes off, what it counts, what it leads to."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import make_unit
from feedback.matters.reads import alarms_for
from feedback.tests.builders import make_opinion, topic
from units.loading import rebuild_tree

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def today(db):
    return timezone.localdate()


def raise_in(cast, villages, day, **fields):
    return [
        make_opinion(cast.tree.a1, f"Nước {v.name}", day, village=v, **{"topic": topic("WATER")} | fields)
        for v in villages
    ]


def seen(user, today):
    return [(alarm.level, alarm.topic[0], len(alarm.places), alarm.count) for alarm in alarms_for(user, today)]


def test_three_villages_of_a_commune(cast, today):
    raise_in(cast, cast.tree.villages[:2], today)
    assert seen(cast.commune, today) == []
    raise_in(cast, cast.tree.villages[2:], today)
    assert seen(cast.commune, today) == seen(cast.leader, today) == [("commune", "WATER", 3, 3)]
    assert seen(cast.other_commune, today) == seen(cast.outsider, today) == []


@pytest.mark.parametrize(
    ("days", "fields"),
    [
        (93, {}),
        (0, {"status": "resolved"}),
        (0, {"visibility": "restricted"}),
        (0, {"kind": "initiative"}),
    ],
)
def test_what_is_old_settled_restricted_or_asks_nothing_does_not_count(cast, today, days, fields):
    raise_in(cast, cast.tree.villages[:2], today)
    raise_in(cast, cast.tree.villages[2:], today - days * DAY, **fields)
    assert seen(cast.head, today) == []


def test_two_villages_two_months_running(cast, today):
    first = today.replace(day=1)
    raise_in(cast, cast.tree.villages[:2], first)
    raise_in(cast, cast.tree.villages[:1], first - DAY)
    assert seen(cast.commune, today) == []
    raise_in(cast, cast.tree.villages[1:2], first - DAY)
    assert seen(cast.commune, today) == [("commune", "WATER", 2, 4)]


def test_three_communes_of_a_district(cast, today):
    third = make_unit("commune", "90103", "Xã Thứ Ba", cast.tree.a)
    rebuild_tree()
    for commune in (cast.tree.a1, cast.tree.a2, third):
        make_opinion(commune, "Rác thải", today, topic=topic("ENV"))
    assert seen(cast.leader, today) == [("district", "ENV", 3, 3)]
    assert seen(cast.commune, today) == []


def test_the_pages_lead_to_the_list_the_material_and_the_meeting(cast, today, signed_in):
    raise_in(cast, cast.tree.villages, today)
    make_opinion(cast.tree.a1, "Bí mật nhỏ", today, topic=topic("WATER"), visibility="restricted")
    browser = signed_in(cast.commune)
    answer = browser.get(reverse("alarm_list"))
    row = answer.context["rows"][0]
    assert (answer.context["total"], row["count"], row["names"]) == (1, 3, ["Thôn 1", "Thôn 2", "Thôn 3"])
    assert 'data-total="3"' in browser.get(row["list_url"]).content.decode()
    material = browser.get(row["material_url"]).content.decode()
    assert 'data-total="3"' in material
    assert "Nước Thôn 2" in material
    assert "Bí mật nhỏ" not in material
    form = browser.get(row["plan_url"]).content.decode()
    assert "Giao ban chuyên đề: " in form
    assert '<option value="thematic" selected>' in form
    assert signed_in(cast.leader).get(reverse("alarm_list")).context["rows"][0]["plan_url"] == ""
    assert signed_in(cast.outsider).get(row["material_url"]).status_code == 400


def test_many_fields_cost_what_one_costs(cast, today, signed_in, django_assert_max_num_queries):
    browser = signed_in(cast.leader)

    def read():
        with django_assert_max_num_queries(12) as used:
            assert browser.get(reverse("alarm_list")).status_code == 200
        return len(used)

    raise_in(cast, cast.tree.villages, today)
    read()
    few = read()
    for code in ("ENV", "LAND", "POWER"):
        raise_in(cast, cast.tree.villages, today, topic=topic(code))
    assert read() == few
