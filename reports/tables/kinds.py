"""Biểu 5: opinions by unit and kind. Restricted ones have a column of their own and no kind."""

from django.db.models import Count

from feedback.enums import OpinionKind
from reports.listings import OPEN_TO_ALL, RESTRICTED, opinion_listing
from reports.table import INDEX, TEXT, Column, Table
from reports.tables.breakdown import HIDDEN_NOTE, section_by_unit

COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("name", "Đơn vị", kind=TEXT, width=30),
    Column("opinions", "Tổng số", "ý kiến", width=10, measure="opinions_received", listing=opinion_listing()),
    *(
        Column(kind.value, kind.label, "ý kiến", width=10, listing=opinion_listing(("loai", kind.value), OPEN_TO_ALL))
        for kind in OpinionKind
    ),
    Column("restricted", "Hạn chế xem", "ý kiến", width=10, listing=opinion_listing(RESTRICTED)),
    Column("note", "Ghi chú", kind=TEXT, width=22),
)


def kind_table(unit, period, boundaries, today, user=None):
    counts = {"number": Count("pk")}
    section = section_by_unit(unit, period, boundaries, today, user, "kind", COLUMNS, counts, _add)
    return Table(
        code="B5",
        sheet="B5_Loai",
        title="Biểu 5. Ý kiến, kiến nghị theo loại",
        columns=COLUMNS,
        sections=(section,),
        notes=("Tổng số = cộng bảy loại + hạn chế xem.", HIDDEN_NOTE.format("loại")),
    )


def _add(cells, fact):
    cells["opinions"] += fact["number"]
    cells[fact["shown"] or "restricted"] += fact["number"]
