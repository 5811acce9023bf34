"""Loading a file in one transaction: all of it or nothing."""

from django.db import transaction
from django.db.models import Sum

from core.activity import record_system
from core.errors import DomainError
from core.models import Activity
from feedback import tallies as opinion_tallies
from feedback.models import OpinionMonth
from giaoban.scenario.checks import check_world
from giaoban.scenario.reading import read_file
from giaoban.scenario.writing import (
    empty_database,
    empty_units,
    holds_data,
    write_accounts,
    write_meetings,
    write_opinions,
    write_people,
    write_units,
)
from meetings import tallies as meeting_tallies
from meetings.models import MeetingMonth
from units.loading import tell_planner

VERB = "scenario.load"


def load_file(path, *, reset, today):
    """(counts, warnings). Loading the same content again changes nothing: `changed` is then False.

    A database with other data is refused unless `reset` empties it first. Units alone are no data: those of the file
    take their place.
    """
    world, problems = read_file(path)
    tree = check_world(world, problems, today)
    with transaction.atomic():
        changed = _make_room(world, reset)
        if changed:
            _write(world, tree, today)
    if changed:
        tell_planner()
    return {**_counts(world), "changed": changed}, problems.warnings


def _make_room(world, reset):
    """Is there anything to write? Refuses when the database holds other data."""
    if reset:
        record_system("scenario.reset", {"previous_digest": empty_database()})
    elif holds_data():
        if _loaded_digest() == world.digest:
            return False
        raise DomainError(
            "Cơ sở dữ liệu đã có dữ liệu khác nên không nạp. Dùng cơ sở dữ liệu trống, "
            "hoặc thêm --reset để xóa toàn bộ dữ liệu hiện có rồi nạp."
        )
    else:
        empty_units()
    return True


def _loaded_digest():
    line = Activity.objects.filter(verb=VERB).order_by("-id").first()
    return line.after.get("digest") if line else None


def _write(world, tree, today):
    write_units(tree)
    write_people(world.people)
    write_accounts(world.accounts, today)
    write_opinions(write_meetings(world.meetings, today))
    meeting_tallies.rebuild()
    opinion_tallies.rebuild()
    _check_tallies(world)
    record_system(VERB, {"digest": world.digest, **_counts(world)})


def _check_tallies(world):
    """What the reports will read must be what the file says."""
    held = MeetingMonth.objects.aggregate(n=Sum("meetings", default=0), turns=Sum("attendance", default=0))
    found = held["n"], held["turns"], OpinionMonth.objects.aggregate(n=Sum("received", default=0))["n"]
    expected = len(world.meetings), sum(row.attended for row in world.meetings), len(world.opinions)
    if found != expected:
        raise DomainError(f"Số liệu tổng hợp {found} khác số liệu của tệp {expected} nên chưa nạp gì. Hãy báo lỗi này.")


def _counts(world):
    return {name: len(getattr(world, name)) for name in ("units", "accounts", "people", "meetings", "opinions")}
