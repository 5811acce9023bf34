"""Biểu 6: opinions by unit and by whose business they are. Restricted ones have a column of their own."""

from django.db.models import Count, Q

from feedback.enums import GROUPS, Competence, ReportGroup
from reports.listings import OPEN_TO_ALL, RESTRICTED, opinion_listing
from reports.table import INDEX, TEXT, Column, Table
from reports.tables.breakdown import HIDDEN_NOTE, section_by_unit
from units.enums import Level

NARROW = 7.6
PARTS = (
    ("all", "Tổng số"),
    (ReportGroup.SETTLED.value, "Đã giải quyết"),
    (ReportGroup.IN_PROGRESS.value, "Đang giải quyết"),
)
ABOVE = Q(level__in=(Level.DISTRICT, Level.PROVINCE), competence=Competence.COMMUNE)


def _columns_of(competence):
    for part, title in PARTS:
        words = (("tham-quyen", competence.value), OPEN_TO_ALL)
        state = (("trang-thai", f"g-{part}"),) if part != "all" else ()
        yield Column(
            f"{competence.value}_{part}",
            title,
            group=competence.label,
            width=NARROW,
            listing=opinion_listing(*words, *state),
        )


COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("name", "Đơn vị", kind=TEXT, width=26),
    Column("opinions", "Tổng số", width=NARROW, measure="opinions_received", listing=opinion_listing()),
    *(column for competence in Competence for column in _columns_of(competence)),
    Column("restricted", "Hạn chế xem", width=NARROW, listing=opinion_listing(RESTRICTED)),
    Column(
        "above",
        "Thuộc thẩm quyền xã nhưng nêu ở cấp trên",
        width=13,
        listing=opinion_listing(("nhan", "sai-cap"), OPEN_TO_ALL),
    ),
    Column("note", "Ghi chú", kind=TEXT, width=16),
)
NOTES = (
    "Đơn vị tính: ý kiến. Tổng số = cộng tổng số của sáu cấp thẩm quyền + hạn chế xem.",
    "Phần còn lại của mỗi cấp (tổng số − đã giải quyết − đang giải quyết) là đã giải trình, chưa giải quyết và không "
    "tính; xem Biểu 1.",
    "Cột “Thuộc thẩm quyền xã nhưng nêu ở cấp trên” nằm trong số thuộc thẩm quyền cấp xã.",
    HIDDEN_NOTE.format("thẩm quyền"),
)


def competence_table(unit, period, boundaries, today, user=None):
    counts = {
        "all": Count("pk"),
        **{part: Count("pk", filter=Q(status__in=GROUPS[part])) for part, _ in PARTS[1:]},
        "above": Count("pk", filter=ABOVE),
    }
    section = section_by_unit(unit, period, boundaries, today, user, "competence", COLUMNS, counts, _add)
    return Table(
        code="B6",
        sheet="B6_ThamQuyen",
        title="Biểu 6. Ý kiến, kiến nghị theo thẩm quyền giải quyết",
        columns=COLUMNS,
        sections=(section,),
        notes=NOTES,
    )


def _add(cells, fact):
    cells["opinions"] += fact["all"]
    if fact["shown"] is None:
        cells["restricted"] += fact["all"]
        return
    for part, _ in PARTS:
        cells[f"{fact['shown']}_{part}"] += fact[part]
    cells["above"] += fact["above"]
