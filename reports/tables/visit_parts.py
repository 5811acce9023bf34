"""What the tables of visits have in common: columns of levels and members, the facts they are summed from."""

from dataclasses import replace

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from reports.table import RATIO, Column, Listing, Ratio
from units.enums import Level
from visits.enums import VisitStatus
from visits.models import CountedVisits, Visit
from visits.querysets import tells_something

LEVELS = {Level.PROVINCE: "Cán bộ cấp tỉnh", Level.DISTRICT: "Cán bộ cấp huyện", Level.COMMUNE: "Cán bộ cấp xã"}
WORDS = ("visits", "counted", "confirmed", "outside", "found", "due", "present")
TURNS = {"visits", *(f"{level}_done" for level in LEVELS)}
CONFIRMED, OUTSIDE = ("trang-thai", VisitStatus.CONFIRMED.value), ("ngoai", "on")
TURN_NOTE = "Đơn vị tính: lượt (một cán bộ, một nơi, một lần); không kể lượt đã rút."
RATE_NOTE = "Tỷ lệ thành viên dự sinh hoạt = có mặt / phải dự × 100, chỉ tính ở các buổi có ghi cả hai số."


def visit_listing(*words):
    """Visits that count, of the unit as it was."""
    return Listing("visit_list", words)


def member_columns(due="", present=""):
    """Members due and present, and the share of regular attendance; `due`, `present`: their words of `figures`."""
    return (
        Column("due", "Phải dự", group="Thành viên", width=9, measure=due),
        Column("present", "Có mặt", group="Thành viên", width=9, measure=present),
        Column("rate", "Tỷ lệ (%)", kind=RATIO, group="Thành viên", ratio=Ratio(("present",), ("due",)), width=8),
    )


def visits_in(reach, period):
    return Visit.objects.counted().in_period(period).filter(reach.facts).order_by()


def counted_in(reach, period):
    """Entries known only as a number whose whole span lies in the period."""
    inside = {"first_on__gte": period.first, "last_on__lte": period.last}
    return CountedVisits.objects.filter(reach.facts, **inside).order_by()


def turn_counts():
    """Aggregates over visits, in the words of `WORDS`."""
    return {
        "visits": Count("pk"),
        "confirmed": Count("pk", filter=Q(status=VisitStatus.CONFIRMED)),
        "outside": Count("pk", filter=Q(assignment=None)),
        "found": Count("pk", filter=tells_something()),
        "due": Coalesce(Sum("members_due"), 0),
        "present": Coalesce(Sum("members_present"), 0),
    }


def entry_counts():
    """The same over counted entries, which know less."""
    return {"counted": Sum("visits"), "due": Sum("members_due"), "present": Sum("members_present")}


def add_turns(cells, fact):
    """Put one group's numbers into the cells of its row: the words, the total and the level's share of it."""
    for word in WORDS:
        cells[word] += fact.get(word, 0)
    turns = fact.get("counted", 0)
    cells["visits"] += turns
    cells[f"{fact['level']}_done"] += turns + fact.get("visits", 0)


def unlisted_if(has_sums, columns):
    """Turns have no links where some are known only as a number: the list would be shorter than the figure."""
    return tuple(replace(each, listing=None) if has_sums and each.key in TURNS else each for each in columns)
