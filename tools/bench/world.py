"""What is measured: a filled database, the people who look at it, and a meeting that is still to be logged."""

from dataclasses import dataclass
from datetime import timedelta

from django.test import Client

from core.text import fold, person_sort_key
from feedback.models import Opinion
from meetings.models import Meeting
from people.enums import POSITION_OF_ROLE, Role
from people.models import Person, Post, User
from tools.bench.databases import plant
from tools.bench.load import fill
from units.enums import Level
from units.models import Unit

BACKEND = "django.contrib.auth.backends.ModelBackend"
DRAFT_ROWS = 7


@dataclass
class BenchWorld:
    """`browsers`: signed-in test clients by role."""

    province: Unit
    district: Unit
    commune: Unit
    today: object
    counts: dict
    browsers: dict
    users: dict
    meeting: Meeting

    def get(self, role, address):
        """The page; anything but 200 makes the report void."""
        answer = self.browsers[role].get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        return answer


def make_world(size, years, today):
    """Fill the database in use. `size`: (districts, communes)."""
    province = plant(*size)
    counts = fill([province], years, today)
    if min(counts.values()) < 1:
        raise RuntimeError(f"Không có dữ liệu để đo: {counts}")
    district = Unit.objects.filter(level=Level.DISTRICT).order_by("code").first()
    commune = Unit.objects.filter(level=Level.COMMUNE, lineage__ancestor=district).order_by("code").first()
    places = {Role.LEADER: district, Role.PROVINCE_LEADER: province, Role.COMMUNE: commune}
    users = {role: _user(role, unit) for role, unit in places.items()}
    world = BenchWorld(province, district, commune, today, counts, {}, users, _planned(commune, today))
    for role, user in users.items():
        world.browsers[role] = Client(SERVER_NAME="localhost")
        world.browsers[role].force_login(user, backend=BACKEND)
    if not Opinion.objects.filter(district=district, is_open=True).exists():
        raise RuntimeError(f"Không có ý kiến chưa xong ở {district} để đo.")
    return world


def _user(role, unit):
    name = f"Người Đo {unit.name}"
    person = Person.objects.create(name=name, sort_key=person_sort_key(name), search_text=fold(name))
    position = POSITION_OF_ROLE[role]
    Post.objects.create(person=person, unit=unit, position=position, role=role, valid_from=unit.valid_from)
    user = User(username=f"do.{role}", person=person)
    user.set_unusable_password()
    user.save()
    return user


def _planned(commune, today):
    """An extra meeting of yesterday, called and not yet logged."""
    held = Meeting.objects.filter(unit=commune).order_by("-held_on").values().first()
    changes = {"id": None, "occurrence_id": None, "kind": "thematic", "status": "planned", "held_on": None}
    yesterday = today - timedelta(1)
    changes |= {"planned_on": yesterday, "period_first": yesterday, "period_last": yesterday}
    changes |= {"year": yesterday.year, "month": yesterday.month, "attendance_count": 0, "opinion_count": 0}
    return Meeting.objects.create(**held | changes)
