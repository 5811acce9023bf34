"""Biểu 9: initiatives and good practices, what was answered, how far they came, and where else they are used."""

from django.db.models import Count

from core.display import day_text
from feedback.enums import FOLLOWED_KINDS, InitiativeStage, OpinionKind, OpinionStatus, Visibility
from feedback.models import Opinion, Spread
from reports.figures import opinions_in
from reports.reach import naming_day, reach_of
from reports.speakers import SPEAKER, with_speakers
from reports.table import COUNT, DAY, INDEX, TEXT, Column, Row, Section, Table, numbered
from units.reads import names_on

COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("code", "Mã", kind=TEXT, width=11),
    Column("raised_on", "Ngày nêu", kind=DAY, width=12),
    Column("unit", "Đơn vị", kind=TEXT, width=22),
    Column("who", "Người nêu (chức danh)", kind=TEXT, width=24),
    Column("kind", "Loại", kind=TEXT, width=12),
    Column("text", "Nội dung", kind=TEXT, width=48),
    Column("result", "Kết quả tiếp thu", kind=TEXT, width=40),
    Column("stage", "Áp dụng", kind=TEXT, width=26),
    Column("spread", "Nơi khác áp dụng", "nơi", COUNT, width=9),
    Column("praise", "Khen thưởng", kind=TEXT, width=20),
)
FIELDS = (
    *("pk", "raised_on", "village_id", "kind", "text", "status", "answer", *SPEAKER),
    *("initiative__stage", "initiative__adopted_on", "initiative__effect"),
    *("initiative__commended_on", "initiative__commendation"),
)
NOTES = (
    "Nơi khác áp dụng: số thôn, khu, xã khác đã làm theo. Kết quả lấy theo tình trạng tại thời điểm lập biểu.",
    "Không nêu ý kiến hạn chế xem; số ý kiến hạn chế xem có ở Biểu 5.",
)


def initiative_table(unit, period, boundaries, today, user=None):
    """As many rows as Biểu 5 counts: restricted ones have no kind there and stay out here, whoever reads."""
    reach = reach_of(unit, boundaries, today, user)
    opinions = Opinion.objects.filter(reach.opinions & opinions_in(period), kind__in=FOLLOWED_KINDS)
    shown = opinions.exclude(visibility=Visibility.RESTRICTED)
    found = with_speakers(list(shown.order_by("raised_on", "pk").values(*FIELDS)), user)
    places = {row[key] for row in found for key in ("village_id", "commune_id", "unit_id")}
    names = names_on(places, naming_day(boundaries, period, today))
    used = Spread.objects.filter(initiative__opinion__in=shown).order_by().values_list("initiative__opinion_id")
    spreads = dict(used.annotate(number=Count("pk")))
    rows = [_row(row, names, spreads) for row in found]
    return Table(
        code="B9",
        sheet="B9_HienKe",
        title="Biểu 9. Danh mục hiến kế, cách làm hay",
        columns=COLUMNS,
        sections=(Section(numbered([("", rows)], COLUMNS), has_total=False, unit_key=unit.key),),
        notes=NOTES,
        facts={"total": len(rows)},
    )


def _row(row, names, spreads):
    places = (row["village_id"], row["commune_id"] or row["unit_id"])
    return Row(
        {
            "code": f"YK-{row['pk']}",
            "raised_on": row["raised_on"],
            "unit": ", ".join(names[pk] for pk in places if pk),
            "who": row["who"],
            "kind": OpinionKind(row["kind"]).label,
            "text": row["text"],
            "result": ": ".join(filter(None, (OpinionStatus(row["status"]).label, row["answer"]))),
            "stage": _stage(row),
            "spread": spreads.get(row["pk"], ""),
            "praise": _praise(row),
        },
        record=row["pk"],
    )


def _stage(row):
    """'Đã áp dụng từ 01/06/2025. Bà con hưởng ứng.'"""
    if not row["initiative__stage"]:
        return ""
    label = InitiativeStage(row["initiative__stage"]).label
    since = f" từ {day_text(row['initiative__adopted_on'])}" if row["initiative__adopted_on"] else ""
    return f"{label}{since}. {row['initiative__effect']}".strip()


def _praise(row):
    day = row["initiative__commended_on"]
    return f"{row['initiative__commendation']}, {day_text(day)}" if day else ""
