"""`seed_demo` from outside: once, into an empty database, and the same again for the same seed."""

import json
import random
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse

from core.activity import record_system
from core.models import Activity
from core.text import fold
from feedback.models import Opinion
from meetings.models import Meeting
from people.models import Person, User
from tools.demo.material import fold_words
from tools.demo.seeding import FOUR_LEVEL, LAST_FOUR_LEVEL_DAY, REFORM, SEEDED, DemoSize, build_demo, check_units
from tools.demo.store import Shelf, Stream, reset_sequences
from tools.tests.test_demo_worlds import TODAY, copy_units
from units.loading import load_units

pytestmark = pytest.mark.django_db
TINY = DemoSize(districts=frozenset({"207"}), months=3, has_history=False)


def run(**options):
    out = StringIO()
    call_command("seed_demo", json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def test_a_second_run_changes_nothing():
    record_system(SEEDED, {"world": FOUR_LEVEL, "seed": 5})
    assert run(seed=5) == {"world": FOUR_LEVEL, "seed": 5, "created": False}
    assert (Activity.objects.count(), User.objects.count()) == (1, 0)


@pytest.mark.parametrize("other", [{"seed": 6}, {"seed": 5, "world": REFORM}])
def test_another_demo_is_refused(other):
    record_system(SEEDED, {"world": FOUR_LEVEL, "seed": 5})
    with pytest.raises(CommandError, match="--seed 5"):
        run(**other)


def test_a_database_with_data_is_refused(cast):
    people = Person.objects.count()
    with pytest.raises(CommandError, match="đã có dữ liệu"):
        run()
    assert Person.objects.count() == people


def test_the_wrong_tree_is_refused(tmp_path):
    copy_units(tmp_path)
    load_units(tmp_path)
    check_units(REFORM)
    with pytest.raises(CommandError, match="load_units --until 2025-06-30"):
        run()
    assert not User.objects.exists()


def test_the_same_seed_gives_the_same_demo_and_pages_to_look_at(tmp_path, signed_in):
    copy_units(tmp_path)
    load_units(tmp_path, LAST_FOUR_LEVEL_DAY)
    found = []
    for seed in (3, 3, 4):
        with transaction.atomic():
            build_demo(FOUR_LEVEL, seed, TODAY[FOUR_LEVEL], TINY)
            found.append(list(Opinion.objects.order_by("number", "text").values_list("text", "status", "due_on")))
            if len(found) < 3:
                transaction.set_rollback(True)
    assert found[0]
    assert found[0] == found[1] != found[2]
    browser = signed_in(User.objects.get(username="truongban"))
    for name, model in (("opinion_list", Opinion), ("meeting_list", Meeting)):
        assert model.objects.exists()
        assert browser.get(reverse(name)).status_code == 200


def test_rows_go_to_the_database_with_the_ids_given_out():
    shelf = Stream(Person, is_sample=True)
    ids = [shelf.add(name=f"Người {n}", sort_key=str(n), search_text=f"nguoi {n}") for n in range(Stream.most_rows + 1)]
    assert Person.objects.count() == Stream.most_rows
    assert shelf.save() == 1
    assert list(Person.objects.order_by("pk").values_list("pk", flat=True)) == ids
    reset_sequences([shelf])
    assert Person.objects.create(name="Sau", sort_key="", search_text="sau").pk > ids[-1]
    mistaken = Shelf(Person)
    mistaken.add(name="Nguyễn An", age=40)
    with pytest.raises(TypeError, match="age"):
        mistaken.save()


def test_folding_by_words_is_folding():
    rng = random.Random(1)
    words = ["Đức", "  Chính ", "thôn\n2", "ĐƯỜNG", "huyện", "“Khu 1”"]
    for _ in range(50):
        text = " ".join(rng.choices(words, k=4))
        assert fold_words(text) == fold(text)
