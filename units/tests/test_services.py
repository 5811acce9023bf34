"""Villages and bodies through their services: rights, codes, dates, and a tree equal to one rebuilt whole."""

from datetime import date

import pytest

from conftest import make_unit, make_user
from core.errors import Conflict, DomainError, NotAllowed
from core.models import Activity
from units import services
from units.loading import rebuild_tree
from units.models import Body, Unit, UnitHeritage, UnitLineage, UnitSuccession, UnitVersion
from units.reads import body_name_on, heir_of, names_on

TODAY = date(2026, 11, 20)
START = date(2026, 6, 1)


def new_village(actor, commune, name="Đông", **more):
    values = {"kind": "thon", "valid_from": START, "legal_basis": "NQ 12", "today": TODAY} | more
    return services.create_village(actor=actor, commune=commune, name=name, **values)


def version_of(village):
    return village.versions.latest("valid_from").pk


def tree_rows():
    lineage = UnitLineage.objects.values_list("unit_id", "ancestor_id", "level", "valid_from", "valid_to")
    return sorted(lineage, key=str), sorted(UnitHeritage.objects.values_list("heir_id", "origin_id"))


def test_a_commune_adds_a_village(cast):
    village = new_village(cast.commune, cast.tree.a1, request_id="r")
    assert (village.name, village.code, village.key) == ("Thôn Đông", "90101-04", "village-90101-04-20260601")
    assert new_village(cast.commune, cast.tree.a1, request_id="r") == village
    assert Activity.objects.filter(verb="unit.create", actor_id=cast.commune.pk, target_id=village.pk).count() == 1
    kept = tree_rows()
    rebuild_tree()
    assert tree_rows() == kept


def test_a_code_is_given_once(cast):
    village = new_village(cast.commune, cast.tree.a1)
    services.end_village(
        actor=cast.commune, village=village, on=TODAY, version=version_of(village), legal_basis="NQ", today=TODAY
    )
    assert new_village(cast.commune, cast.tree.a1, "Tây").code == "90101-05"


def test_a_new_village_is_numbered_within_its_own_commune(cast):
    assert new_village(cast.other_commune, cast.tree.a2).code == "90102-02"


def test_a_renamed_village_keeps_its_past_name(cast):
    village = cast.tree.villages[0]
    services.rename_village(
        actor=cast.commune_leader,
        village=village,
        kind="khu_pho",
        name="Khu 1",
        on=START,
        legal_basis="NQ 3",
        version=version_of(village),
        today=TODAY,
    )
    assert names_on([village.pk], date(2026, 5, 31)) == {village.pk: "Thôn 1"}
    assert names_on([village.pk], START) == {village.pk: "Khu 1"}
    assert list(Unit.objects.matching("khu 1")) == [village]
    kept = tree_rows()
    rebuild_tree()
    assert tree_rows() == kept


def test_a_merged_village_is_inherited(cast):
    gone, heir = cast.tree.villages[0], cast.tree.villages[1]
    services.end_village(
        actor=cast.commune,
        village=gone,
        on=START,
        successor=heir,
        legal_basis="NQ 4",
        version=version_of(gone),
        today=TODAY,
    )
    gone.refresh_from_db()
    assert gone.valid_to == START
    assert heir_of(gone, TODAY) == heir
    assert UnitSuccession.objects.get(predecessor=gone).kind == "whole"
    kept = tree_rows()
    rebuild_tree()
    assert tree_rows() == kept


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"valid_from": date(2026, 11, 21)}, "valid_from"),
        ({"valid_from": date(2013, 1, 1)}, "valid_from"),
        ({"name": "THÔN 1"}, "name"),
        ({"commune": "a"}, "commune"),
    ],
)
def test_a_village_that_makes_no_sense_is_refused(cast, change, field):
    commune = getattr(cast.tree, change.pop("commune", "a1"))
    with pytest.raises(DomainError) as refusal:
        new_village(cast.admin, commune, **{"name": "Mới"} | change)
    assert refusal.value.field == field
    assert Unit.objects.level("village").count() == 5


@pytest.mark.parametrize("who", ["other_commune", "district", "leader", "agency", "head", "cadre", "outsider"])
def test_villages_are_the_communes_own(cast, who):
    actor, village = getattr(cast, who), cast.tree.villages[0]
    with pytest.raises(NotAllowed):
        new_village(actor, cast.tree.a1)
    with pytest.raises(NotAllowed):
        services.end_village(actor=actor, village=village, on=TODAY, version=version_of(village), today=TODAY)


def test_the_second_editor_is_told(cast):
    village = cast.tree.villages[0]
    version = version_of(village)
    rename = {"actor": cast.commune, "village": village, "kind": "thon", "on": START, "today": TODAY}
    services.rename_village(**rename, name="Mới", version=version)
    with pytest.raises(Conflict, match="Thôn Mới"):
        services.rename_village(**rename, name="Khác", version=version)
    assert UnitVersion.objects.filter(unit=village).count() == 2


def test_a_body_keeps_the_name_of_each_day(cast):
    body = services.create_body(
        actor=cast.head, unit=cast.tree.province, kind="mmd", name="Ban Dân vận Tỉnh ủy", valid_from=START, today=TODAY
    )
    version = body.names.get().pk
    change = {"actor": cast.admin, "body": body, "today": TODAY}
    renamed = services.rename_body(
        **change, name="Ban Tuyên giáo và Dân vận Tỉnh ủy", on=date(2026, 9, 1), version=version
    )
    assert body_name_on(renamed, date(2026, 8, 31)) == "Ban Dân vận Tỉnh ủy"
    assert body_name_on(renamed, date(2026, 9, 1)) == "Ban Tuyên giáo và Dân vận Tỉnh ủy"
    with pytest.raises(Conflict):
        services.end_body(**change, on=TODAY, version=version)
    services.end_body(**change, on=TODAY, version=body.names.latest("valid_from").pk)
    assert not Body.objects.filter(pk=body.pk).on(TODAY).exists()


@pytest.mark.parametrize("who", ["commune", "other_leader", "agency", "specialist", "outsider"])
def test_bodies_are_for_leaders_of_the_branch(cast, who):
    with pytest.raises(NotAllowed):
        services.create_body(
            actor=getattr(cast, who), unit=cast.tree.a1, kind="dept", name="X", valid_from=START, today=TODAY
        )


def test_the_default_body_is_made_once_and_lives_with_its_unit(cast):
    gone = make_unit("commune", "90103", "Phường Cũ", cast.tree.a, "phuong", valid_to=START)
    rebuild_tree()
    body = services.ensure_default_body(gone, TODAY)
    assert services.ensure_default_body(gone, TODAY) == body
    assert (body.name, body.valid_to) == ("UBND phường Cũ", START)


def test_a_successors_staff_see_the_predecessors_rows(cast):
    old = make_unit("commune", "90104", "Xã Cũ", cast.tree.a, valid_to=START)
    new = make_unit("commune", "90104", "Xã Mới", cast.tree.a, valid_from=START)
    UnitSuccession.objects.create(predecessor=old, successor=new, kind="whole", effective_on=START)
    rebuild_tree()
    heir, former = make_user("moi", "commune", new, valid_from=START), make_user("cu", "commune", old)
    assert {old, new} <= set(Unit.objects.visible_to(heir))
    assert set(Unit.objects.visible_to(former)) == {old}
    assert not former.roles
    assert old not in Unit.objects.visible_to(cast.other_commune)
