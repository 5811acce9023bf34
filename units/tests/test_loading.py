"""The official units: counts of every day their README lists, the frozen tree, and a second load."""

import csv
import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from units.loading import DATA, load_units
from units.models import Unit, UnitHeritage, UnitLineage, UnitSuccession, UnitVersion
from units.reads import history_of


@pytest.fixture(scope="module")
def country(django_db_setup, django_db_blocker):
    """Every unit of the country, loaded once for this file and rolled back afterwards."""
    with django_db_blocker.unblock():
        block = transaction.atomic()
        block.__enter__()
        call_command("load_units", stdout=StringIO())
        connection.check_constraints()  # once here, not at the end of every test
        yield
        transaction.set_rollback(True)
        block.__exit__(None, None, None)


def counts(day, province=None):
    units = Unit.objects.all()
    units = units.under(Unit.objects.get(key=province), day) if province else units.on(day)
    return tuple(units.level(level).count() for level in ("province", "district", "commune"))


def kinds(day):
    quang_ninh = Unit.objects.get(key="province-22-20140101")
    versions = UnitVersion.objects.on(day).filter(unit__in=Unit.objects.under(quang_ninh, day).level("commune"))
    found = list(versions.values_list("kind", flat=True))
    return {kind: found.count(kind) for kind in set(found)}


def quang_ninh_files(folder):
    """The same three files, only the lines about Quảng Ninh."""
    rows = {}
    for name in ("units", "unit_versions", "unit_successions"):
        with open(DATA / f"{name}.csv", encoding="utf-8", newline="") as stream:
            rows[name] = list(csv.DictReader(stream))
    keys = {"province-22-20140101"}
    while more := {row["unit"] for row in rows["unit_versions"] if row["parent"] in keys} - keys:
        keys |= more
    column = {"units": "key", "unit_versions": "unit", "unit_successions": "predecessor"}
    for name, lines in rows.items():
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, lines[0])
            writer.writeheader()
            writer.writerows(line for line in lines if line[column[name]] in keys)
    return folder


@pytest.mark.django_db
def test_the_tree_of_a_day_stays_in_force(tmp_path, capsys):
    files = str(quang_ninh_files(tmp_path))
    call_command("load_units", "--dir", files, "--until", "2025-06-30", "--json")
    assert counts(date(2026, 11, 22), "province-22-20140101") == (1, 13, 171)
    assert json.loads(capsys.readouterr().out)["units"] == Unit.objects.count()


@pytest.mark.django_db
def test_loading_again_changes_nothing(tmp_path):
    files = quang_ninh_files(tmp_path)
    load_units(files)
    tables = (Unit, UnitVersion, UnitSuccession, UnitLineage, UnitHeritage)
    before = [table.objects.count() for table in tables]
    load_units(files)
    assert [table.objects.count() for table in tables] == before
    assert counts(date(2025, 7, 1), "province-22-20140101") == (1, 0, 54)


@pytest.mark.usefixtures("country", "db")
class TestCountry:
    @pytest.mark.parametrize(
        ("day", "whole"), [(date(2025, 6, 30), (63, 696, 10035)), (date(2025, 7, 1), (34, 0, 3321))]
    )
    def test_counts_of_the_country(self, day, whole):
        assert counts(day) == whole

    @pytest.mark.parametrize(
        ("day", "districts", "communes"),
        [
            (date(2016, 12, 31), 14, 186),
            (date(2020, 1, 1), 13, 177),
            (date(2024, 11, 1), 13, 171),
            (date(2025, 6, 30), 13, 171),
            (date(2025, 7, 1), 0, 54),
        ],
    )
    def test_counts_of_quang_ninh(self, day, districts, communes):
        assert counts(day, "province-22-20140101") == (1, districts, communes)

    def test_kinds_of_quang_ninh(self):
        assert kinds(date(2016, 12, 31)) == {"phuong": 67, "thi_tran": 8, "xa": 111}
        assert kinds(date(2025, 7, 1)) == {"phuong": 30, "xa": 22, "dac_khu": 2}

    def test_every_closed_commune_has_a_successor(self):
        closed = Unit.objects.filter(level="commune", valid_to=date(2025, 7, 1))
        assert closed.count() > 3000
        assert not closed.exclude(successions__successor__isnull=False).exists()
        links = UnitSuccession.objects.filter(effective_on=date(2025, 7, 1), predecessor__level="commune")
        quang_ninh = Unit.objects.get(key="province-22-20140101")
        inside = links.filter(predecessor__in=Unit.objects.under(quang_ninh, date(2025, 6, 30)))
        assert [inside.filter(kind=kind).count() for kind in ("whole", "part_main", "part")] == [159, 12, 13]

    def test_a_code_used_again_is_another_unit(self):
        names = Unit.objects.filter(level="commune", code="06652").order_by("valid_from").values_list("name", flat=True)
        assert list(names) == ["Phường Hà Phong", "Phường Hà Tu"]

    def test_a_commune_opened_again_is_told_as_kept(self):
        again = Unit.objects.get(key="commune-06967-20250701")
        first = Unit.objects.get(key="commune-06967-20140101")
        assert history_of(again)[0]["text"].startswith("Giữ nguyên")
        assert history_of(first)[-1]["text"] == "Tiếp tục hoạt động với tên cũ"
        merged = Unit.objects.get(level="commune", name="Phường Hà Tu", valid_from=date(2014, 1, 1))
        assert history_of(merged)[-1]["text"] == "Kết thúc hoạt động"
        district = Unit.objects.get(level="district", code="201", valid_from=date(2014, 1, 1))
        assert history_of(district)[-1]["text"] == "Kết thúc hoạt động, không có đơn vị kế tục"
