"""One function per table: (unit, period, boundaries, today, user=None) -> Table."""

from reports.tables.backlog import backlog_table
from reports.tables.calendars import commune_calendar, district_calendar
from reports.tables.competences import competence_table
from reports.tables.delegates import delegate_table
from reports.tables.initiatives import initiative_table
from reports.tables.kinds import kind_table
from reports.tables.opinion_records import opinion_records
from reports.tables.records import meeting_records
from reports.tables.summary import summary_table
from reports.tables.topics import topic_table
from reports.tables.training import training_table
from reports.tables.visit_records import visit_records
from reports.tables.visited_groups import group_table, sender_table
from reports.tables.visits import visit_table
from reports.tables.years import year_table

TABLES = {
    "B1": ("Tổng hợp kết quả giao ban", summary_table),
    "B2": ("Giao ban cấp xã theo tháng", commune_calendar),
    "B3": ("Giao ban cấp huyện theo quý", district_calendar),
    "B4": ("Ý kiến theo lĩnh vực", topic_table),
    "B5": ("Ý kiến theo loại", kind_table),
    "B6": ("Ý kiến theo thẩm quyền", competence_table),
    "B7": ("Thành phần dự hội nghị", delegate_table),
    "B8": ("Danh mục tồn đọng, quá hạn", backlog_table),
    "B9": ("Hiến kế, cách làm hay", initiative_table),
    "B10": ("So sánh nhiều năm", year_table),
    "B11": ("Cán bộ đi cơ sở", visit_table),
    "B12": ("Lượt đi theo tổ chức", group_table),
    "B13": ("Lượt đi theo cơ quan", sender_table),
    "B14": ("Tập huấn, khen thưởng", training_table),
    "DuLieu_HN": ("Dữ liệu hội nghị", meeting_records),
    "DuLieu_YK": ("Dữ liệu ý kiến", opinion_records),
    "DuLieu_DCS": ("Dữ liệu lượt đi cơ sở", visit_records),
}
"""Code in addresses -> name in menus and the function."""

PAGES = {code: name for code, (name, _) in TABLES.items() if code.startswith("B")}
"""The tables that are pages, too; the records behind them have lists of their own."""
