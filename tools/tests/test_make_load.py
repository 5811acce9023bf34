"""Bulk data for measuring: real rows that add up, the same for the same seed, never into a used database."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Sum

from core.periods import Period
from feedback import tallies as opinion_tallies
from feedback.enums import UNRESOLVED
from feedback.models import Opinion, OpinionMonth, OpinionMove
from meetings.models import Attendance, AttendancePost, Meeting, MeetingMonth, Occurrence
from people.models import Post
from reports.figures import figures
from tools.bench.databases import plant
from tools.bench.load import fill
from units.models import Unit, UnitLineage
from units.reads import places_on

pytestmark = pytest.mark.django_db
TODAY = date(2017, 3, 20)


@pytest.fixture
def province():
    return plant(districts=2, communes=4)


def test_the_rows_are_those_of_the_product(province):
    counts = fill([province], 2, TODAY)
    assert counts["villages"] == 40
    assert counts["people"] == Post.objects.count() == 120
    assert counts["occurrences"] == Occurrence.objects.count() == 4 * 14 + 2 * 4
    assert 0.6 < counts["meetings"] / (counts["occurrences"]) <= 1
    assert counts["attendances"] == Attendance.objects.count() > 25 * counts["meetings"]
    assert AttendancePost.objects.count() == Attendance.objects.filter(is_guest=False).count() > 0
    assert counts["opinions"] == Opinion.objects.count() > 4 * counts["meetings"]
    assert counts["unresolved"] == Opinion.objects.filter(status__in=UNRESOLVED).count() > 0
    assert counts["moves"] == OpinionMove.objects.count() > counts["opinions"]
    _check_facts(province)


def _check_facts(province):
    """Totals of meetings, days, places and tallies agree with one another."""
    village = Unit.objects.filter(level="village").first()
    assert places_on([village.pk], TODAY)[village.pk].province_id == province.pk
    assert UnitLineage.objects.filter(unit=village).count() == 4
    assert not Meeting.objects.exclude(occurrence__met_on=F("held_on")).exists()
    assert not Meeting.objects.filter(held_on__gt=TODAY).exists()
    assert not Opinion.objects.filter(settled_on__gt=TODAY).exists()
    assert not Opinion.objects.filter(village=None, level="commune").exists()
    assert Meeting.objects.aggregate(n=Sum("opinion_count"))["n"] == Opinion.objects.count()
    present = Attendance.objects.filter(presence="present").count()
    assert Meeting.objects.aggregate(n=Sum("attendance_count"))["n"] == present
    assert MeetingMonth.objects.aggregate(n=Sum("attendance"))["n"] == present
    found = figures(province, Period.year(2016), "then", TODAY)
    assert found["commune_meetings"] == Meeting.objects.filter(level="commune", year=2016).count()
    assert found["opinions_received"] == Opinion.objects.filter(year=2016).count()
    tallies = list(OpinionMonth.objects.order_by("unit_id", "year", "month").values_list("unit_id", "received"))
    opinion_tallies.rebuild()
    assert tallies == list(OpinionMonth.objects.order_by("unit_id", "year", "month").values_list("unit_id", "received"))


def test_a_used_database_and_odd_numbers_are_refused(cast):
    with pytest.raises(CommandError, match="đã có dữ liệu"):
        call_command("make_load", "--province-years", "1")
    with pytest.raises(CommandError, match="từ 1 đến 50"):
        call_command("make_load", "--province-years", "0")
    with pytest.raises(CommandError):
        call_command("make_load")


def test_the_command_fills_every_province_of_the_loaded_units(province, capsys):
    call_command("make_load", "--national-years", "1", "--seed", "3", "--json")
    counts = json.loads(capsys.readouterr().out)
    assert counts["meetings"] == Meeting.objects.count() > 0
    assert set(counts) >= {"villages", "people", "occurrences", "attendances", "opinions", "unresolved", "moves"}
    with pytest.raises(CommandError, match="đã có dữ liệu"):
        call_command("make_load", "--national-years", "1")


def test_a_province_that_is_not_loaded_is_refused(province):
    with pytest.raises(CommandError, match="không có tỉnh mã 22"):
        call_command("make_load", "--province-years", "1")


def test_the_country_needs_its_units_first(db):
    with pytest.raises(CommandError, match="Chạy load_units trước"):
        call_command("make_load", "--national-years", "1")
