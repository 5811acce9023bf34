"""Biểu 12 and 13: turns by the kind of group that was attended, and by the body that sent the cadre."""

from collections import Counter, defaultdict

from django.db.models import Count, F

from reports.listings import words_of
from reports.reach import naming_day, reach_of
from reports.table import INDEX, RATIO, TEXT, Column, Ratio, Row, Section, Table, numbered
from reports.tables.breakdown import counts_of
from reports.tables.visit_parts import (
    CONFIRMED,
    LEVELS,
    OUTSIDE,
    RATE_NOTE,
    TURN_NOTE,
    add_turns,
    counted_in,
    entry_counts,
    member_columns,
    turn_counts,
    unlisted_if,
    visit_listing,
    visits_in,
)
from units.reads import body_names_on, names_on
from visits.enums import GroupKind

SHARE = Column("share", "Tỷ trọng (%)", kind=RATIO, ratio=Ratio(("visits",), ("visits",), of_total=True), width=10)
FOUND = Column("found", "Có vấn đề nắm được", width=12, listing=visit_listing(("van-de", "on")))
GROUP_COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("name", "Tổ chức đã dự sinh hoạt", kind=TEXT, width=36),
    *(
        Column(f"{level}_done", label, width=12, listing=visit_listing(("cap", level.value)))
        for level, label in LEVELS.items()
    ),
    Column("visits", "Tổng số lượt", width=11, listing=visit_listing()),
    SHARE,
    FOUND,
    *member_columns(),
)
SENDER_COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("name", "Đơn vị, cơ quan có cán bộ đi", kind=TEXT, width=44),
    Column("people", "Số cán bộ", "người", width=10),
    Column("visits", "Tổng số lượt", width=11, listing=visit_listing()),
    SHARE,
    Column("confirmed", "Cơ sở đã xác nhận", width=12, listing=visit_listing(CONFIRMED)),
    Column("outside", "Ngoài phân công", width=12, listing=visit_listing(OUTSIDE)),
    FOUND,
    *member_columns(),
)
UNKNOWN = "Không phân theo tổ chức (số tổng hợp)"
LABELS = {**dict(GroupKind.choices), "": UNKNOWN}


def group_table(unit, period, boundaries, today, user=None):
    reach = reach_of(unit, boundaries, today, user)
    cells = defaultdict(Counter)
    turns = visits_in(reach, period).values("level", kind=F("group")).annotate(**turn_counts())
    sums = counted_in(reach, period).values("level").annotate(**entry_counts())
    for fact in [*turns, *sums]:
        add_turns(cells[fact.get("kind", "")], fact)
    kinds = [(kind, label) for kind, label in LABELS.items() if kind in cells]
    columns = unlisted_if("" in cells, GROUP_COLUMNS)
    rows = [_row(cells[kind], columns, label, ("to-chuc", kind)) for kind, label in kinds]
    return Table(
        code="B12",
        sheet="B12_ToChuc",
        title="Biểu 12. Lượt đi cơ sở theo tổ chức đã dự sinh hoạt",
        columns=columns,
        sections=(_section(rows, columns, unit, period, boundaries),),
        notes=(TURN_NOTE, RATE_NOTE),
    )


def _row(cells, columns, name, *words):
    return Row({**counts_of(cells, columns), "name": name}, listing=visit_listing(*words))


def _section(rows, columns, unit, period, boundaries):
    return Section(numbered([("", rows)], columns), unit_key=unit.key, words=words_of(period, boundaries))


def sender_table(unit, period, boundaries, today, user=None):
    """Who sent the cadres: the body of the post by which they went, else its unit. Counted entries name nobody."""
    reach = reach_of(unit, boundaries, today, user)
    turns = visits_in(reach, period).values("level", "post__body_id", "post__unit_id")
    found = list(turns.annotate(people=Count("person", distinct=True), **turn_counts()))
    names = _sender_names(found, naming_day(boundaries, period, today))
    cells = defaultdict(Counter)
    for fact in found:
        sender = fact["post__body_id"], fact["post__unit_id"]
        add_turns(cells[sender], fact)
        cells[sender]["people"] += fact["people"]
    ranked = sorted(cells, key=lambda sender: (-cells[sender]["visits"], names[sender]))
    rows = [_row(cells[sender], SENDER_COLUMNS, names[sender], *_sent_by(*sender)) for sender in ranked]
    return Table(
        code="B13",
        sheet="B13_CoQuan",
        title="Biểu 13. Lượt đi cơ sở theo đơn vị, cơ quan có cán bộ đi",
        columns=SENDER_COLUMNS,
        sections=(_section(rows, SENDER_COLUMNS, unit, period, boundaries),),
        notes=(TURN_NOTE, "Một cán bộ đi theo hai chức danh được tính ở cả hai nơi. Không có số tổng hợp.", RATE_NOTE),
    )


def _sent_by(body_id, unit_id):
    """The filters of the list of one sender's visits; 0: a post of no body."""
    yield "don-vi-cu", unit_id
    yield "co-quan-cu", body_id or 0


def _sender_names(found, named_on):
    """{(body id or None, unit id): 'Hội Phụ nữ, Thành phố Hạ Long'} by the names of the day."""
    bodies = {fact["post__body_id"] for fact in found} - {None}
    units = names_on({fact["post__unit_id"] for fact in found}, named_on)
    called = body_names_on(bodies, named_on)
    return {
        (body_id, unit_id): ", ".join(part for part in (called.get(body_id, ""), units[unit_id]) if part)
        for body_id, unit_id in {(fact["post__body_id"], fact["post__unit_id"]) for fact in found}
    }
