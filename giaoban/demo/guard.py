"""Whether the demo may be built here: only into an empty database, and only once."""

from core.errors import DomainError
from core.models import Activity
from feedback.models import Opinion
from giaoban.demo.seeding import FOUR_LEVEL, LAST_FOUR_LEVEL_DAY
from meetings.models import CadenceRule, Meeting, Occurrence
from people.models import Person, Post, User
from units.enums import Level
from units.models import Body, Unit, UnitCluster
from visits.models import Assignment, CountedVisits, Visit, VisitNorm

SEEDED = "demo.seed"
DOMAIN = (
    *(User, Person, Post, Body, UnitCluster, CadenceRule, Occurrence, Meeting, Opinion),
    *(Assignment, Visit, VisitNorm, CountedVisits),
)
"""Units above village level, code lists and the activity log do not count as data."""


def seeded_as(wanted):
    """Is the wanted demo here already? Another one is refused."""
    line = Activity.objects.filter(verb=SEEDED).order_by("-pk").first()
    if line is None:
        return False
    if line.after != wanted:
        raise DomainError(
            "Cơ sở dữ liệu đã có dữ liệu minh họa khác (--world {world} --seed {seed}). "
            "Dùng thư mục GIAOBAN_VAR hoặc cơ sở dữ liệu khác cho bản mới.".format(**line.after)
        )
    return True


def check_empty():
    """Refuse a database that holds anybody's data."""
    held = [model._meta.verbose_name for model in DOMAIN if model.objects.exists()]
    if held or Unit.objects.filter(level=Level.VILLAGE).exists():
        raise DomainError(
            "Cơ sở dữ liệu đã có dữ liệu nên không dựng dữ liệu minh họa vào đây. "
            "Dùng thư mục GIAOBAN_VAR hoặc cơ sở dữ liệu trống."
        )


def check_units(world):
    """The loaded tree must be the world's: with districts today, or without."""
    has_districts = Unit.objects.filter(level=Level.DISTRICT, valid_to=None).exists()
    if Unit.objects.exists() and has_districts != (world == FOUR_LEVEL):
        until = f" --until {LAST_FOUR_LEVEL_DAY}" if world == FOUR_LEVEL else ""
        raise DomainError(
            f"Danh mục đơn vị không khớp với “{world}”. Nạp lại vào cơ sở dữ liệu trống: load_units{until}."
        )
