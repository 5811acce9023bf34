"""What the page of a unit tells beside the tree: higher floors say here what they know of a village.

A floor names a function once, when it is ready: (user, village, day, today) → Panel, or None for a user whom it is
not for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from units.models import Unit


@dataclass(frozen=True)
class PanelLine:
    """One line: what it is, a fact in muted, and where it leads."""

    text: str
    fact: str = ""
    url: str = ""


@dataclass(frozen=True)
class Panel:
    title: str
    lines: list[PanelLine]
    empty: str
    more: str = ""
    more_url: str = ""


_builders: list[Callable] = []


def register_village_panel(build: Callable) -> None:
    """Panels stand in the order in which the floors are named in the settings."""
    _builders.append(build)


def village_panels(user, village: Unit, day: date, today: date) -> list[Panel]:
    built = (build(user, village, day, today) for build in _builders)
    return [panel for panel in built if panel is not None]
