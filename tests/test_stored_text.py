"""Text that came in before it was cleaned at the door: mended in one go, counted, and found by search again."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from conftest import make_user
from core.models import Activity
from feedback.models import Opinion, SavedFilter
from feedback.tests.builders import record_one
from meetings.models import Attendance
from people.models import Person

pytestmark = pytest.mark.django_db
NAME, TEXT = "\u00d0ỗ Văn \u00d0ức", "Sửa \u00f0ường li\u00adên th\u200bôn\ncạnh \u00d0ình"


@pytest.fixture
def old(cast):
    """A person, an opinion and a seat as an older version stored them."""
    user = make_user("cu", "village", cast.tree.villages[1])
    Person.objects.filter(pk=user.person_id).update(name=NAME, search_text="\u00f0o van \u00f0uc", sort_key="0")
    opinion = record_one(cast.commune, cast.tree.a1)
    Opinion.objects.filter(pk=opinion.pk).update(text=TEXT, search_text=TEXT.lower())
    seat = Attendance.objects.create(meeting=opinion.meeting, name=NAME, is_guest=True, sort_key="0")
    return user.person, opinion, seat


def run(*options):
    out = StringIO()
    call_command("clean_stored_text", *options, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_what_was_stored_with_look_alikes_and_invisible_signs_is_mended_once(cast, old, signed_in):
    person, opinion, seat = old
    officer, search = signed_in(cast.commune), {"q": "duong lien thon"}
    assert f"YK-{opinion.pk}" not in officer.get(reverse("opinion_list"), search).content.decode()
    version = opinion.version
    counted = run("--dry-run")
    assert counted["tables"] == {"people.Person": 1, "meetings.Attendance": 1, "feedback.Opinion": 1}
    person.refresh_from_db()
    assert person.name == NAME
    assert not Activity.objects.filter(verb="stored_text.clean").exists()

    assert run() == counted
    for row in old:
        row.refresh_from_db()
    assert (person.name, person.search_text) == ("Đỗ Văn Đức", "do van duc")
    assert (opinion.text, opinion.version) == ("Sửa đường liên thôn\ncạnh Đình", version)
    assert opinion.search_text == "sua duong lien thon canh dinh"
    assert (seat.name, seat.sort_key) == ("Đỗ Văn Đức", person.sort_key)
    assert f"YK-{opinion.pk}" in officer.get(reverse("opinion_list"), search).content.decode()
    line = Activity.objects.get(verb="stored_text.clean")
    assert line.after["rows"] == 3
    assert "ường" not in str(line.after)

    assert run() == {"rows": 0, "tables": {}, "stuck": []}
    assert Activity.objects.filter(verb="stored_text.clean").count() == 1


def test_a_row_that_would_become_another_is_named_and_the_rest_is_mended(cast):
    names = ("Đê điều", "\u00d0ê điều", "\u00d0ình")
    rows = [SavedFilter.objects.create(user=cast.commune, name=name, query="q=x") for name in names]
    found = run()
    assert found["stuck"] == [f"feedback.SavedFilter {rows[1].pk}"]
    assert found["tables"] == {"feedback.SavedFilter": 1}
    assert list(SavedFilter.objects.order_by("pk").values_list("name", flat=True)) == ["Đê điều", names[1], "Đình"]
