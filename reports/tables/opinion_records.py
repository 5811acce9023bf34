"""The opinions behind the figures: one row each, restricted ones as a last line that only counts them."""

from itertools import chain

from core.display import day_text
from feedback.enums import Competence, OpinionKind, OpinionStatus, Satisfaction, Visibility
from feedback.models import Opinion
from reports.figures import opinions_in
from reports.reach import naming_day, reach_of
from reports.speakers import SPEAKER, with_speakers
from reports.table import DAY, INDEX, TEXT, Column, Row, Section, Table, listed, read_in_chunks
from reports.tables.records import LEVELS, places_of
from units.enums import Level
from units.reads import body_names_on, names_on

COLUMNS = (
    Column("no", "STT", kind=INDEX, width=8),
    Column("code", "Mã", kind=TEXT, width=12),
    Column("level", "Nêu tại", kind=TEXT, width=11),
    Column("district", "Đơn vị cấp huyện", kind=TEXT, width=20),
    Column("commune", "Đơn vị cấp xã", kind=TEXT, width=20),
    Column("village", "Thôn, khu", kind=TEXT, width=18),
    Column("raised_on", "Ngày nêu", kind=DAY, width=13),
    Column("kind", "Loại", kind=TEXT, width=13),
    Column("topic", "Lĩnh vực", kind=TEXT, width=22),
    Column("competence", "Thẩm quyền", kind=TEXT, width=14),
    Column("who", "Người nêu (chức danh)", kind=TEXT, width=26),
    Column("text", "Nội dung", kind=TEXT, width=56),
    Column("status", "Tình trạng", kind=TEXT, width=20),
    Column("body", "Cơ quan chủ trì", kind=TEXT, width=24),
    Column("due_on", "Hạn giải quyết", kind=DAY, width=13),
    Column("settled_on", "Ngày giải quyết", kind=DAY, width=13),
    Column("answer", "Kết quả, trả lời", kind=TEXT, width=44),
    Column("satisfaction", "Người nêu đánh giá", kind=TEXT, width=13),
)
FIELDS = (
    *("pk", "level", "district_id", "village_id", "raised_on", "kind", "topic__name", "competence", "text", "status"),
    *("body_id", "due_on", "settled_on", "answer", "satisfaction", *SPEAKER),
)
RAISED_AT = {**LEVELS, Level.PROVINCE: "Cấp tỉnh"}
KINDS, COMPETENCES, STATUSES = dict(OpinionKind.choices), dict(Competence.choices), dict(OpinionStatus.choices)
SATISFACTIONS = dict(Satisfaction.choices)


def opinion_records(unit, period, boundaries, today, user=None):
    reach = reach_of(unit, boundaries, today, user)
    received = Opinion.objects.filter(reach.opinions & opinions_in(period))
    shown = received.exclude(visibility=Visibility.RESTRICTED).order_by("level", "period_last", "raised_on", "pk")
    day = naming_day(boundaries, period, today)
    names = names_on(places_of(shown, "district_id", "commune_id", "village_id"), day) | {None: ""}
    bodies = body_names_on(places_of(shown, "body_id"), day)
    number, hidden = shown.count(), received.filter(visibility=Visibility.RESTRICTED).count()

    def rows():
        chunks = (with_speakers(chunk, user) for chunk in read_in_chunks(shown.values(*FIELDS)))
        return (_row(no, row, names, bodies) for no, row in enumerate(chain.from_iterable(chunks), 1))

    return Table(
        code="DuLieu_YK",
        sheet="DuLieu_YK",
        title="Dữ liệu ý kiến, kiến nghị",
        columns=COLUMNS,
        sections=(
            Section(
                listed(rows, number),
                has_total=False,
                asides=(Row({"text": f"{hidden} ý kiến hạn chế xem"}),) if hidden else (),
                unit_key=unit.key,
            ),
        ),
        notes=(
            f"Các ý kiến được tính cho kỳ từ {day_text(period.first)} đến {day_text(period.last)}, tình trạng tại ngày "
            f"{day_text(today)}. Không nêu tên người đề nghị giữ kín tên.",
        ),
        facts={"total": number + hidden, "hidden": hidden},
    )


def _row(no, row, names, bodies):
    return Row(
        {
            "no": no,
            "code": f"YK-{row['pk']}",
            "level": RAISED_AT.get(row["level"], ""),
            "district": names[row["district_id"]],
            "commune": names[row["commune_id"]],
            "village": names[row["village_id"]],
            "raised_on": row["raised_on"],
            "kind": KINDS[row["kind"]],
            "topic": row["topic__name"],
            "competence": COMPETENCES[row["competence"]],
            "who": row["who"],
            "text": row["text"],
            "status": STATUSES[row["status"]],
            "body": bodies.get(row["body_id"], ""),
            "due_on": row["due_on"],
            "settled_on": row["settled_on"] or "",
            "answer": row["answer"],
            "satisfaction": SATISFACTIONS.get(row["satisfaction"], ""),
        },
        record=row["pk"],
    )
