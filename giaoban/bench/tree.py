"""A province for measuring: as many districts and communes as one asks for, in an empty database."""

from datetime import date

from core.text import fold
from units.loading import rebuild_tree
from units.models import Unit, UnitVersion

BEGINNING = date(2014, 1, 1)


def plant(districts=14, communes=186):
    """Make the units, communes spread evenly over the districts; returns the province."""
    province = _unit("province", "99", "Tỉnh Đo Tải", "tinh")
    above = [_unit("district", f"99{n:02d}", f"Huyện Đo {n}", "huyen") for n in range(1, districts + 1)]
    below = [_unit("commune", f"99{n:03d}", f"Xã Đo {n}", "xa") for n in range(1, communes + 1)]
    Unit.objects.bulk_create([province, *above, *below])
    _attach(province, None)
    for district in above:
        _attach(district, province)
    for number, commune in enumerate(below):
        _attach(commune, above[number % districts])
    rebuild_tree()
    return province


def _unit(level, code, name, kind):
    return Unit(
        key=f"{level}-{code}-{BEGINNING:%Y%m%d}", level=level, code=code, name=name, kind=kind, search_text=fold(name),
        valid_from=BEGINNING, is_sample=True,
    )  # fmt: skip


def _attach(unit, parent):
    UnitVersion.objects.create(unit=unit, name=unit.name, kind=unit.kind, parent=parent, valid_from=BEGINNING)
