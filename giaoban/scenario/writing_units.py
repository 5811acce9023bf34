"""Writing the units of a file: units, versions, successions, then the tree."""

from core.text import fold
from giaoban.scenario.tree import end_of
from units.enums import Level, SuccessionKind, UnitKind
from units.loading import rebuild_tree
from units.models import Unit, UnitSuccession, UnitVersion

BATCH = 1000
_K = UnitKind
KINDS = {
    Level.PROVINCE: [_K.TINH, _K.TP_TW],
    Level.DISTRICT: [_K.HUYEN, _K.QUAN, _K.THI_XA, _K.TP_THUOC_TINH],
    Level.COMMUNE: [_K.XA, _K.PHUONG, _K.THI_TRAN, _K.DAC_KHU],
    Level.VILLAGE: [_K.THON, _K.BAN, _K.KHU_PHO, _K.TO_DAN_PHO, _K.AP, _K.XOM, _K.LANG, _K.BUON, _K.KHOM],
}
FIRST_WORDS = {_K.TP_TW: "thành phố", _K.TP_THUOC_TINH: "thành phố", _K.KHU_PHO: "khu", _K.TO_DAN_PHO: "tổ"}
"""Where the name begins otherwise than with the kind's label."""


def kind_of(level, name):
    """The kind that the name begins with ("Phường Hà Tu"), else the usual one of the level."""
    words = f"{name.casefold()} "
    for kind in KINDS[level]:
        if words.startswith(f"{FIRST_WORDS.get(kind, kind.label.casefold())} "):
            return kind
    return KINDS[level][0]


def write_units(tree):
    """All rows of the tree; each UnitRow gets its pk."""
    rows = tree.in_order()
    units = Unit.objects.bulk_create([_unit(row) for row in rows], batch_size=BATCH)
    for row, unit in zip(rows, units, strict=True):
        row.pk = unit.pk
    UnitVersion.objects.bulk_create([version for row in rows for version in _versions(row)], batch_size=BATCH)
    UnitSuccession.objects.bulk_create([_succession(row) for row in rows if row.last_day], batch_size=BATCH)
    rebuild_tree()


def _unit(row):
    return Unit(
        key=f"{row.level}-{row.code}-{row.valid_from:%Y%m%d}",
        level=row.level,
        code=row.code,
        name=row.name,
        kind=kind_of(row.level, row.name),
        search_text=fold(row.name),
        valid_from=row.valid_from,
        valid_to=end_of(row),
    )


def _versions(row):
    for parent, start, end in row.spans:
        yield UnitVersion(
            unit_id=row.pk,
            name=row.name,
            kind=kind_of(row.level, row.name),
            parent_id=parent.pk if parent else None,
            valid_from=start,
            valid_to=end,
        )


def _succession(row):
    return UnitSuccession(
        predecessor_id=row.pk,
        successor_id=row.successor.pk if row.successor else None,
        kind=SuccessionKind.WHOLE if row.successor else SuccessionKind.ABOLISHED,
        effective_on=end_of(row),
    )
