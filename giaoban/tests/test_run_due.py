"""`run_due`: a whole night's work in the foreground, as of any moment, and nothing the second time."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from core.models import Activity
from giaoban.management.commands.run_due import read_moment
from meetings.cadence.services import ensure_default_rules
from meetings.models import Occurrence

STEPS = [
    "planned",
    "handed_over",
    "meetings_flagged",
    "meetings_reminded",
    "opinions_flagged",
    "escalated",
    "visits_reminded",
    "figures_compiled",
    "tallies_mended",
    "claims_broken",
    "jobs_run",
    "notices_delivered",
    "sealed",
]


def run(capsys, now):
    call_command("run_due", now=now)
    return json.loads(capsys.readouterr().out)


def test_it_does_everything_once(cast, capsys):
    ensure_default_rules(cast.tree.province)
    first = run(capsys, "2026-11-22T06:30")
    assert list(first) == STEPS
    assert first["planned"] > 0
    planned = Occurrence.objects.count()
    again = run(capsys, "2026-11-22T06:30")
    assert {name: count for name, count in again.items() if name != "sealed" and count} == {}
    assert Occurrence.objects.count() == planned
    run(capsys, "2026-11-22T06:31")
    assert Activity.objects.filter(digest="").count() == 0


def test_three_days_later_catches_up(cast, capsys):
    ensure_default_rules(cast.tree.province)
    run(capsys, "2026-10-30T06:30")
    assert run(capsys, "2026-11-20T06:30")["meetings_flagged"] > 0


@pytest.mark.parametrize(
    ("word", "day"),
    [("2026-12-31T23:30", 31), ("2026-12-31T16:30:00+00:00", 31), ("2026-12-31T17:30:00Z", 1), ("2027-01-01", 1)],
)
def test_a_moment_is_read_in_the_zone_of_vietnam(word, day):
    assert read_moment(word).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).day == day


@pytest.mark.parametrize("word", ["yesterday", "2026-13-01T00:00", "12:00"])
def test_an_unreadable_moment_is_refused(word):
    with pytest.raises(CommandError, match="Write for example"):
        read_moment(word)


def test_now_is_the_default():
    assert isinstance(read_moment(None), datetime)
