"""What a plan consists of: meetings, their sittings, exemptions."""

from datetime import date
from typing import NamedTuple


class Sitting(NamedTuple):
    """One gathering of a meeting held per commune or per cluster; `cluster` is the cluster's name, if any."""

    communes: tuple
    held_on: date
    attendance: int
    opinions: int
    cluster: str = ""


class PlannedMeeting(NamedTuple):
    """A meeting that was held. Sittings, where there are any, add up to its attendance and opinions.

    `is_extra`: no occurrence waits for it. `is_complete`: every commune of the round has had its sitting.
    `theme` is empty but for thematic and extraordinary meetings.
    """

    unit: str
    level: str
    period: str
    held_on: date
    form: str
    kind: str
    attendance: int
    opinions: int
    timeliness: str
    sittings: tuple = ()
    is_extra: bool = False
    is_complete: bool = True
    theme: str = ""


class PlannedExemption(NamedTuple):
    unit: str
    level: str
    period: str
    reason: str


class RecentPlan(NamedTuple):
    meetings: list
    exemptions: list


def code_of(key):
    """'district-199-20140101' -> '199'."""
    return key.split("-")[1]


def is_district(key):
    """Where there are no districts, communes hang directly on the province."""
    return bool(key) and key.startswith("district-")
