"""The cast of the tests: one province, two districts, their communes, people at work, and an outsider."""

import gc
import hashlib
import os
import sqlite3
from copy import deepcopy
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connections
from django.test import Client

from core.text import fold, person_sort_key
from people.enums import POSITION_OF_ROLE
from people.models import Person, Post, User
from units.enums import BodyKind
from units.loading import rebuild_tree
from units.models import Body, BodyName, Unit, UnitHeritage, UnitLineage, UnitVersion

# The machine's calendar must not matter to any test: CI runs them once more under others, sleeping and timing as ever.
if moment := os.environ.get("MACHINE_CLOCK"):
    time_machine.travel(datetime.fromisoformat(moment.replace(" +", "+"))).start()

BEGINNING = date(2014, 1, 1)
PASSWORD = "lúa chín vàng đồng"


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """Browser tests last: they empty the tables after themselves, the rows of the migrations, too."""
    result = yield
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    return result


def pytest_collection_finish():
    """What was imported by now stays to the end: looking through it for garbage took an eighth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _kept_schema():
    """Where the migrated tables are kept between runs: a file for each state of the migrations (empty: not kept)."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for path in sorted([*root.glob("*/migrations/*.py"), root / "requirements.txt"]):
        digest.update(path.read_bytes())
    return root / ".pytest_cache" / f"schema-{digest.hexdigest()[:16]}.sqlite3"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """On SQLite the migrated tables are copied from the last run, so that one test starts within seconds."""
    creation = connections["default"].creation
    kept = _kept_schema()
    if connections["default"].vendor != "sqlite" or not kept.exists():
        yield
        return
    memory = sqlite3.connect(creation._get_test_db_name(), uri=True)
    with sqlite3.connect(kept) as source:
        source.backup(memory)
    yield  # the tables live as long as one connection is open
    memory.close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    kept = _kept_schema()
    if connections["default"].vendor != "sqlite" or kept.exists():
        return
    kept.parent.mkdir(exist_ok=True)
    for old in kept.parent.glob("schema-*.sqlite3"):
        old.unlink(missing_ok=True)
    draft = kept.with_suffix(f".{os.getpid()}")
    with django_db_blocker.unblock(), sqlite3.connect(draft) as copy:
        connections["default"].connection.backup(copy)
    draft.replace(kept)


def pytest_terminal_summary(terminalreporter):
    """What a test measured is printed at the end, whichever process ran it."""
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            if name == "measured" and report.when == "call":
                terminalreporter.write_line(value)


def make_unit(level, code, name, parent=None, kind=None, valid_from=BEGINNING, valid_to=None):
    """A unit with its first version; call `rebuild_tree()` when all are made."""
    kind = kind or {"province": "tinh", "district": "huyen", "commune": "xa", "village": "thon"}[level]
    unit = Unit.objects.create(
        key=f"{level}-{code}-{valid_from:%Y%m%d}",
        level=level,
        code=code,
        name=name,
        kind=kind,
        search_text=fold(name),
        valid_from=valid_from,
        valid_to=valid_to,
    )
    UnitVersion.objects.create(unit=unit, name=name, kind=kind, parent=parent, valid_from=valid_from, valid_to=valid_to)
    return unit


def make_person(name, phone=""):
    return Person.objects.create(name=name, sort_key=person_sort_key(name), search_text=fold(name), phone=phone)


def make_post(person, unit, position, role="", body=None, valid_from=BEGINNING, valid_to=None):
    return Post.objects.create(
        person=person, unit=unit, position=position, role=role, body=body, valid_from=valid_from, valid_to=valid_to
    )


def make_user(username, role, unit, body=None, name=None, valid_from=BEGINNING):
    """An account with a post that gives it a role."""
    person = make_person(name or f"Nguyễn Thị {username.title()}")
    make_post(person, unit, POSITION_OF_ROLE[role], role, body, valid_from)
    user = User(username=username, person=person)
    user.set_unusable_password()
    user.save()
    return user


def make_village_user(username, village):
    """An account of the village's head, whose right rides on that post."""
    post = Post.objects.select_related("person").get(unit=village, position=POSITION_OF_ROLE["village"])
    Post.objects.filter(pk=post.pk).update(role="village")
    user = User(username=username, person=post.person)
    user.set_unusable_password()
    user.save()
    return user


def make_body(unit, name, kind=BodyKind.DEPT):
    body = Body.objects.create(unit=unit, kind=kind, name=name, valid_from=BEGINNING)
    BodyName.objects.create(body=body, name=name, valid_from=BEGINNING)
    return body


def make_tree():
    """Province P: districts A (communes A1, A2) and B (commune B1); three villages in A1, one in A2 and B1."""
    province = make_unit("province", "90", "Tỉnh Đông Hải")
    a = make_unit("district", "901", "Huyện Yên Sơn", province)
    b = make_unit("district", "902", "Huyện Bình Khê", province)
    a1 = make_unit("commune", "90101", "Xã Đồng Tâm", a)
    a2 = make_unit("commune", "90102", "Xã Hải Lạng", a)
    b1 = make_unit("commune", "90201", "Xã Quảng La", b)
    villages = [make_unit("village", f"90101-{n:02d}", f"Thôn {n}", a1) for n in (1, 2, 3)]
    make_unit("village", "90102-01", "Thôn Đầu", a2)
    make_unit("village", "90201-01", "Thôn Khe", b1)
    rebuild_tree()
    return SimpleNamespace(province=province, a=a, b=b, a1=a1, a2=a2, b1=b1, villages=villages)


def make_village_cadres(villages):
    """Three people a village, but the first village's secretary is its head, too (one person, two posts)."""
    for number, village in enumerate(villages):
        secretary = make_person(f"Trần Văn Bí {number}", phone="0900000001")
        make_post(secretary, village, "cell_secretary")
        head = secretary if number == 0 else make_person(f"Lê Thị Trưởng {number}")
        make_post(head, village, "village_head")
        make_post(make_person(f"Phạm Văn Mặt {number}"), village, "front_board_head")


_ROWS_OF_THE_CAST = (Unit, UnitVersion, UnitLineage, UnitHeritage, Body, BodyName, Person, Post, User)
_built = {}


def _ids():
    return {model: set(model.objects.order_by().values_list("pk", flat=True)) for model in _ROWS_OF_THE_CAST}


def as_built(name, build):
    """What `build()` answers, with its rows: built once in each process, then put back in one statement a table.

    Where other rows are there already, it is built anew.
    """
    before = _ids()
    if name not in _built or _built[name][0] != before:
        made = build()
        after = _ids()
        news = {model: list(model.objects.filter(pk__in=after[model] - before[model])) for model in before}
        gone = {model: before[model] - after[model] for model in before}
        _built.setdefault(name, (before, gone, news, deepcopy(made)))
        return made
    _, gone, news, made = _built[name]
    for model, rows in news.items():
        if gone[model]:
            model.objects.filter(pk__in=gone[model]).delete()
        model.objects.bulk_create(rows)
    return deepcopy(made)


@pytest.fixture
def tree(db):
    return as_built("tree", make_tree)


@pytest.fixture
def cast(tree):
    """Everybody of the story. `outsider` must see nothing while data exists."""
    people = as_built("cast", lambda: make_people(tree))
    return SimpleNamespace(tree=tree, **vars(people))


def make_people(tree):
    make_village_cadres(tree.villages)
    elsewhere = make_unit("province", "91", "Tỉnh Tây Hồ")
    far = make_unit("commune", "91001", "Xã Xa", elsewhere)
    rebuild_tree()
    commune_body = make_body(tree.a1, "Công chức Địa chính – Xây dựng")
    district_body = make_body(tree.a, "Phòng Tài nguyên và Môi trường")
    province_body = make_body(tree.province, "Sở Nông nghiệp")
    people = {
        "commune": make_user("xa", "commune", tree.a1),
        "commune_leader": make_user("bithu", "commune_leader", tree.a1),
        "other_commune": make_user("xakhac", "commune", tree.a2),
        "district": make_user("huyen", "district", tree.a),
        "leader": make_user("lanhdao", "leader", tree.a),
        "other_leader": make_user("lanhdaokhac", "leader", tree.b),
        "commune_agency": make_user("diachinh", "agency", tree.a1, commune_body),
        "agency": make_user("phongtn", "agency", tree.a, district_body),
        "province_agency": make_user("so", "agency", tree.province, province_body),
        "specialist": make_user("chuyenvien", "specialist", tree.province),
        "head": make_user("truongban", "province", tree.province),
        "province_leader": make_user("lanhdaotinh", "province_leader", tree.province),
        "cadre": make_user("canbo", "cadre", tree.a),
        "admin": make_user("quantri", "admin", tree.province),
        "village": make_village_user("thon1", tree.villages[0]),
        "outsider": make_user("nguoingoai", "commune", far),
    }
    bodies = SimpleNamespace(commune=commune_body, district=district_body, province=province_body)
    return SimpleNamespace(bodies=bodies, **people)


@pytest.fixture
def signed_in(db):
    """`signed_in(user)` gives a test client in which the user is signed in."""

    def sign_in(user):
        browser = Client()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return sign_in
