"""Biểu 8: what waits for an answer today, the longest overdue first."""

from core.display import day_text, group_digits
from feedback.enums import Competence, OpinionStatus, Visibility
from feedback.models import Opinion
from feedback.rules import days_ever_late, is_overdue
from reports.reach import naming_day, reach_of
from reports.table import COUNT, DAY, INDEX, TEXT, Column, Row, Section, Table, numbered
from units.reads import body_names_on, names_on

FIELDS = (
    "pk", "raised_on", "unit_id", "text", "topic__name", "competence", "body_id", "holder_id", "due_on",
    "planned_on", "status", "kind", "is_open", "first_due_on", "promised_on", "late_days",
)  # fmt: skip
COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("code", "Mã", kind=TEXT, width=11),
    Column("raised_on", "Ngày hội nghị", kind=DAY, width=12),
    Column("unit", "Đơn vị", kind=TEXT, width=20),
    Column("text", "Nội dung", kind=TEXT, width=52),
    Column("topic", "Lĩnh vực", kind=TEXT, width=20),
    Column("competence", "Thẩm quyền", kind=TEXT, width=13),
    Column("body", "Cơ quan chủ trì", kind=TEXT, width=24),
    Column("due_on", "Hạn hiện nay", kind=DAY, width=12),
    Column("first_due_on", "Hạn đầu tiên", kind=DAY, width=12),
    Column("days", "Số ngày quá hạn", "ngày", COUNT, width=9),
    Column("ever_late", "Từng quá hạn", "ngày", COUNT, width=9),
    Column("status", "Tình trạng", kind=TEXT, width=20),
    Column("note", "Lý do, kiến nghị", kind=TEXT, width=20),
)


def backlog_table(unit, period, boundaries, today, user=None):
    """Unresolved opinions raised up to the end of the period, as they stand today.

    Restricted ones stay out, unless `user` may read them; the last line says how many were left out.
    """
    reach = reach_of(unit, boundaries, today, user)
    waiting = Opinion.objects.filter(reach.opinions, period_last__lte=period.last).unresolved()
    shown = waiting.visible_to(user) if user else waiting.exclude(visibility=Visibility.RESTRICTED)
    found = list(shown.order_by("due_on", "pk").values(*FIELDS))
    late, hidden = waiting.overdue(today).count(), waiting.count() - len(found)
    day = naming_day(boundaries, period, today)
    names = names_on({row[key] for row in found for key in ("unit_id", "holder_id")}, day)
    bodies = body_names_on({row["body_id"] for row in found}, day)
    rows = [_row(row, names, bodies, today) for row in found]
    rows.sort(key=lambda row: -row.cells["days"] if row.cells["days"] else 0)
    last = f"{hidden} ý kiến hạn chế xem" if hidden else "" if rows else "Không có ý kiến tồn đọng."
    return Table(
        code="B8",
        sheet="B8_TonDong",
        title="Biểu 8. Danh mục ý kiến tồn đọng, quá hạn",
        columns=COLUMNS,
        sections=(
            Section(
                numbered([("", rows)], COLUMNS),
                has_total=False,
                asides=(Row({"text": last}),) if last else (),
                unit_key=unit.key,
            ),
        ),
        notes=(
            f"Ý kiến nêu đến hết ngày {day_text(period.last)}, tình trạng tại ngày {day_text(today)}.",
            f"Tồn đọng {group_digits(len(found) + hidden)} ý kiến, trong đó quá hạn {group_digits(late)}"
            f"{f'; kể cả {hidden} ý kiến hạn chế xem không nêu nội dung ở đây' if hidden else ''}.",
        ),
        facts={"total": len(found) + hidden, "overdue": late},
    )


def _row(row, names, bodies, today):
    late = is_overdue(row["status"], row["due_on"], today, row["planned_on"], row["kind"])
    ever_late = days_ever_late(row["is_open"], row["promised_on"], row["late_days"], today, row["kind"])
    planned = row["planned_on"] if row["status"] == OpinionStatus.SCHEDULED else None
    return Row(
        {
            "code": f"YK-{row['pk']}",
            "raised_on": row["raised_on"],
            "unit": names.get(row["unit_id"], ""),
            "text": row["text"],
            "topic": row["topic__name"],
            "competence": Competence(row["competence"]).label,
            "body": bodies.get(row["body_id"]) or names.get(row["holder_id"], ""),
            "due_on": row["due_on"],
            "first_due_on": row["first_due_on"],
            "ever_late": ever_late or "",
            "days": (today - row["due_on"]).days if late else "",
            "status": OpinionStatus(row["status"]).label,
            "note": f"Dự kiến xong {day_text(planned)}" if planned else "",
        },
        record=row["pk"],
    )
