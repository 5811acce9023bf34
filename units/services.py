"""What people change in the tree: the villages of a commune and the bodies of a unit.

A change takes effect on a day that is not in the future; what was true before that day stays written.
"""

import re

from django.db import transaction

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name, fold
from units.access import may_edit_bodies, may_edit_villages
from units.closed import ONWARDS, check_nothing_after, check_open
from units.enums import BodyKind, Level, SuccessionKind, UnitKind
from units.models import Body, BodyName, Unit, UnitHeritage, UnitLineage, UnitSuccession, UnitVersion
from units.reads import ancestor_at, place_on, with_origins
from units.rules import in_force, lineage_of, village_name


def refresh_lineage(unit):
    """Rewrite the ancestors of one unit that has nothing below it."""
    versions = _versions_up_from(unit.pk)
    levels = dict(UnitVersion.objects.filter(unit_id__in=versions).values_list("unit_id", "unit__level"))
    rows = [row for unit_id in reversed(versions) for row in versions[unit_id]]
    UnitLineage.objects.filter(unit=unit).delete()
    UnitLineage.objects.bulk_create(
        UnitLineage(unit=unit, ancestor_id=ancestor, level=levels[ancestor], valid_from=start, valid_to=end)
        for ancestor, start, end in lineage_of(rows)[unit.pk]
    )


def _versions_up_from(unit_id):
    """{unit: its versions}, the unit first, the province last; one query a level."""
    found, wanted = {}, {unit_id}
    while wanted:
        level = {}
        rows = UnitVersion.objects.filter(unit_id__in=wanted).order_by("valid_from")
        for row in rows.values_list("unit_id", "parent_id", "valid_from", "valid_to"):
            level.setdefault(row[0], []).append(row)
        found = {key: value for key, value in found.items() if key not in level} | level
        wanted = {row[1] for rows in level.values() for row in rows if row[1]}
    return found


def inherit(heir, origin):
    """From now on `heir` carries the records of `origin` and of all that `origin` had inherited."""
    UnitHeritage.objects.bulk_create(
        [UnitHeritage(heir=heir, origin_id=pk) for pk in sorted(with_origins([origin.pk]))], ignore_conflicts=True
    )


BODY_NAME = "UBND"


@transaction.atomic
def create_village(*, actor, commune, kind, name, valid_from, legal_basis="", request_id=None, today):
    """A new village; its code `<commune code>-<nn>` is given once and kept. A replay gives the first one back."""
    if known := _replayed(Unit, request_id):
        return known
    commune = Unit.objects.select_for_update().get(pk=commune.pk)
    _check_village_editor(actor, commune, today)
    _check_day(valid_from, today, after=commune.valid_from, until=commune.valid_to, field="valid_from")
    name = village_name(UnitKind(kind).label, clean_name(name))
    _check_free_village_name(commune, name, valid_from)
    code = _next_village_code(commune)
    village = Unit.objects.create(
        key=f"{Level.VILLAGE}-{code}-{valid_from:%Y%m%d}",
        level=Level.VILLAGE,
        code=code,
        name=name,
        kind=kind,
        search_text=fold(name),
        legal_basis=legal_basis,
        valid_from=valid_from,
        request_id=request_id,
    )
    UnitVersion.objects.create(
        unit=village, name=name, kind=kind, parent=commune, valid_from=valid_from, legal_basis=legal_basis
    )
    refresh_lineage(village)
    record(actor.pk, "unit.create", village, after={"key": village.key, "parent": commune.key, "name": name})
    return village


@transaction.atomic
def rename_village(*, actor, village, kind, name, on, legal_basis="", version, today):
    """A new name or kind from a day on; the old one stays true for the days before."""
    village, commune = _village_to_change(actor, village, today)
    current = _current_version(village, version)
    _check_day(on, today, after=current.valid_from, field="on", strictly=True)
    name = village_name(UnitKind(kind).label, clean_name(name))
    if (name, kind) == (current.name, current.kind):
        raise DomainError("Tên và loại không đổi. Nhập tên mới hoặc chọn loại mới.", "name")
    _check_free_village_name(commune, name, on, but=village)
    current.valid_to = on
    current.save(update_fields=["valid_to"])
    UnitVersion.objects.create(
        unit=village, name=name, kind=kind, parent=commune, valid_from=on, legal_basis=legal_basis
    )
    before = {"name": village.name, "kind": village.kind}
    village.name, village.kind, village.search_text = name, kind, fold(name)
    village.save(update_fields=["name", "kind", "search_text"])
    refresh_lineage(village)
    record(actor.pk, "unit.rename", village, before=before, after={"name": name, "kind": kind, "on": str(on)})
    return village


@transaction.atomic
def end_village(*, actor, village, on, successor=None, legal_basis="", version, today):
    """The village is no more from `on`; `successor` (of the same commune) inherits its records and open work."""
    village, commune = _village_to_change(actor, village, today)
    current = _current_version(village, version)
    _check_day(on, today, after=current.valid_from, field="on", strictly=True)
    if successor:
        _check_successor(village, successor, commune, on)
        inherit(successor, village)
    check_open(village, on, ONWARDS, "on")
    check_nothing_after(village, on)
    current.valid_to = village.valid_to = on
    current.save(update_fields=["valid_to"])
    village.save(update_fields=["valid_to"])
    UnitSuccession.objects.create(
        predecessor=village,
        successor=successor,
        kind=SuccessionKind.WHOLE if successor else SuccessionKind.ABOLISHED,
        effective_on=on,
        legal_basis=legal_basis,
    )
    refresh_lineage(village)
    record(actor.pk, "unit.end", village, after={"on": str(on), "successor": successor.key if successor else None})
    return village


@transaction.atomic
def create_body(*, actor, unit, kind, name, valid_from, legal_basis="", request_id=None, today):
    if known := _replayed(Body, request_id):
        return known
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    _check_body_editor(actor, unit, today)
    _check_day(valid_from, today, after=unit.valid_from, until=unit.valid_to, field="valid_from")
    name = clean_name(name)
    _check_free_body_name(unit, name, valid_from)
    body = Body.objects.create(unit=unit, kind=kind, name=name, valid_from=valid_from, request_id=request_id)
    BodyName.objects.create(body=body, name=name, valid_from=valid_from, legal_basis=legal_basis)
    record(actor.pk, "body.create", body, after={"name": name, "kind": kind})
    return body


@transaction.atomic
def rename_body(*, actor, body, name, on, legal_basis="", version, today):
    """The body is called otherwise from `on`; papers of earlier days keep the earlier name."""
    body, current = _body_to_change(actor, body, version, today)
    _check_day(on, today, after=current.valid_from, field="on", strictly=True)
    name, before = clean_name(name), body.name
    if name == before:
        raise DomainError("Tên không đổi. Nhập tên mới của cơ quan.", "name")
    _check_free_body_name(body.unit, name, on, but=body)
    current.valid_to = on
    current.save(update_fields=["valid_to"])
    BodyName.objects.create(body=body, name=name, valid_from=on, legal_basis=legal_basis)
    body.name = name
    body.save(update_fields=["name"])
    record(actor.pk, "body.rename", body, before={"name": before}, after={"name": name, "on": str(on)})
    return body


@transaction.atomic
def end_body(*, actor, body, on, version, today):
    body, current = _body_to_change(actor, body, version, today)
    _check_day(on, today, after=current.valid_from, field="on", strictly=True)
    check_open(body.unit, on, ONWARDS, "on")
    check_nothing_after(body, on)
    current.valid_to = body.valid_to = on
    current.save(update_fields=["valid_to"])
    body.save(update_fields=["valid_to"])
    record(actor.pk, "body.end", body, after={"on": str(on)})
    return body


@transaction.atomic
def ensure_default_body(unit, today):
    """The People's Committee of a unit: the body that answers where nobody named another. Made once, for its life."""
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    day = today if in_force(unit.valid_from, unit.valid_to, today) else unit.valid_from
    body = Body.objects.filter(unit=unit, kind=BodyKind.GOV).on(day).order_by("pk").first()
    if body is None:
        name = f"{BODY_NAME} {unit.name[:1].lower()}{unit.name[1:]}"
        life = {"valid_from": unit.valid_from, "valid_to": unit.valid_to}
        body = Body.objects.create(unit=unit, kind=BodyKind.GOV, name=name, **life)
        BodyName.objects.create(body=body, name=name, **life)
        record(None, "body.create", body, after={"name": name, "kind": BodyKind.GOV})
    return body


def _replayed(model, request_id):
    return model.objects.filter(request_id=request_id).first() if request_id else None


def _check_day(day, today, *, after, field, until=None, strictly=False):
    if day > today:
        raise DomainError("Ngày có hiệu lực không được sau hôm nay. Hãy ghi khi văn bản đã có hiệu lực.", field)
    if day < after or (strictly and day == after):
        word = "phải sau" if strictly else "không được trước"
        raise DomainError(f"Ngày có hiệu lực {word} ngày {after:%d/%m/%Y}. Hãy kiểm tra lại văn bản.", field)
    if until and day >= until:
        raise DomainError(f"Đơn vị đã kết thúc hoạt động từ ngày {until:%d/%m/%Y}. Chọn ngày trước đó.", field)


def _check_village_editor(actor, commune, today):
    if commune.level != Level.COMMUNE:
        raise DomainError(
            "Thôn, khu phải thuộc một xã, phường, thị trấn hoặc đặc khu. Mở trang của đơn vị đó.", "commune"
        )
    if not may_edit_villages(actor, place_on(commune, today)):
        raise NotAllowed("Chỉ cán bộ, lãnh đạo cấp xã hoặc quản trị của địa bàn được sửa danh sách thôn, khu.")


def _village_to_change(actor, village, today):
    village = Unit.objects.select_for_update().get(pk=village.pk)
    if village.level != Level.VILLAGE:
        raise DomainError("Chỉ sửa được thôn, khu; đơn vị cấp xã trở lên được nạp từ danh mục chính thức.")
    if village.valid_to:
        raise DomainError(
            f"{village.name} đã kết thúc hoạt động từ ngày {village.valid_to:%d/%m/%Y}, không sửa được nữa."
        )
    commune = ancestor_at(village, Level.COMMUNE, today)
    if commune is None:
        raise DomainError(f"{village.name} chưa thuộc xã nào vào hôm nay. Hãy báo quản trị kiểm tra cây đơn vị.")
    _check_village_editor(actor, commune, today)
    return village, commune


def _current_version(village, version):
    current = village.versions.select_for_update().order_by("-valid_from").first()
    if current.pk != version:
        raise Conflict(
            f"{village.name} vừa được người khác sửa (tên hiện nay: {current.name}). "
            "Tải lại trang rồi nhập lại nếu vẫn cần."
        )
    return current


def _check_free_village_name(commune, name, day, but=None):
    taken = UnitVersion.objects.filter(parent=commune, unit__level=Level.VILLAGE).on(day)
    if but:
        taken = taken.exclude(unit=but)
    if fold(name) in {fold(other) for other in taken.values_list("name", flat=True)}:
        raise DomainError(f"{commune.name} đã có {name}. Nhập tên khác để không nhầm lẫn.", "name")


def _next_village_code(commune):
    """The number after the highest ever given under this commune's code: codes are not used twice."""
    codes = Unit.objects.filter(level=Level.VILLAGE, code__startswith=f"{commune.code}-").values_list("code", flat=True)
    numbers = [int(match[1]) for code in codes if (match := re.fullmatch(r".*-(\d+)", code))]
    return f"{commune.code}-{max(numbers, default=0) + 1:02d}"


def _check_successor(village, successor, commune, on):
    lies_here = successor.versions.filter(parent=commune).on(on).exists()
    if successor.pk == village.pk or successor.level != Level.VILLAGE or not lies_here:
        raise DomainError(f"Chọn một thôn, khu khác của {commune.name} đang hoạt động vào ngày đó.", "successor")


def _check_body_editor(actor, unit, today):
    if not may_edit_bodies(actor, place_on(unit, today)):
        raise NotAllowed("Chỉ lãnh đạo hoặc quản trị của địa bàn được sửa danh sách cơ quan.")


def _body_to_change(actor, body, version, today):
    body = Body.objects.select_for_update(of=("self",)).select_related("unit").get(pk=body.pk)
    if body.valid_to:
        raise DomainError(f"{body.name} đã kết thúc hoạt động từ ngày {body.valid_to:%d/%m/%Y}, không sửa được nữa.")
    _check_body_editor(actor, body.unit, today)
    current = body.names.select_for_update().order_by("-valid_from").first()
    if current.pk != version:
        raise Conflict(f"Cơ quan này vừa được đổi tên thành “{current.name}”. Tải lại trang rồi nhập lại nếu vẫn cần.")
    return body, current


def _check_free_body_name(unit, name, day, but=None):
    taken = Body.objects.filter(unit=unit).on(day)
    if but:
        taken = taken.exclude(pk=but.pk)
    if fold(name) in {fold(other) for other in taken.values_list("name", flat=True)}:
        raise DomainError(f"{unit.name} đã có cơ quan tên “{name}”. Nhập tên khác hoặc dùng cơ quan đã có.", "name")
