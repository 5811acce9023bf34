"""How long the list behind a figure is: asked of the filters themselves, as the list pages ask them."""

from html import unescape

from django.http import QueryDict

from feedback.desk.reads import Desk
from meetings.lists import MeetingFilter, OccurrenceFilter
from meetings.models import Meeting, Occurrence
from reports.listings import address_of
from reports.table import COUNT, PLAIN, TOTAL, lines_of_section
from visits.models import Commendation, TrainingCourse, Visit
from visits.registers.forms import CommendationFilter, RegisterFilter
from visits.views import VisitFilter

WITHOUT_LIST = {
    "attendance": "turns of delegates: a sum over meetings, whose list is a column beside it",
    "named": "as attendance",
    "guests": "as attendance",
    "counted": "as attendance, or turns known only as a number",
    "concurrent": "persons; their names stay in the rolls of the meetings",
    "cell_secretary_called": "seats at meetings; names stay in the rolls",
    "cell_secretary_present": "seats at meetings; names stay in the rolls",
    "village_head_called": "seats at meetings; names stay in the rolls",
    "village_head_present": "seats at meetings; names stay in the rolls",
    "front_board_head_called": "seats at meetings; names stay in the rolls",
    "front_board_head_present": "seats at meetings; names stay in the rolls",
    "ever_late": "days, as the column beside it",
    "days": "a span of days, not a number of things; the row itself leads to its opinion",
    "spread": "places that use an initiative; they stand on the page of the opinion the row leads to",
}
"""Columns of counts that open no list, with the reason. Sums of groups open none either: their rows do."""

PAGES = {
    "/y-kien/": "_opinions",
    "/hoi-nghi/": "_meetings",
    "/di-co-so/": "_visits",
    "/di-co-so/tap-huan/": "_courses",
    "/di-co-so/khen-thuong/": "_commendations",
}
WITHOUT_LIST_BY_ROW = {"Lượt đại biểu": "turns of delegates, as the column attendance"}
"""Indicators of Biểu 10."""


def cells_of(table, period):
    """(section, row, column, number, address) of every cell that shows a number greater than 0."""
    for section in table.sections:
        for line in lines_of_section(section, table.columns):
            for column in table.columns if line.kind in (PLAIN, TOTAL) else ():
                value = line.row.cells.get(column.key)
                if column.kind == COUNT and isinstance(value, int) and value:
                    url = address_of(column, line.row, section, column.period or period.code)
                    yield section, line.row, column, value, url


def needs_list(row, column):
    return column.key not in WITHOUT_LIST and row.cells.get("name") not in WITHOUT_LIST_BY_ROW


class Lengths:
    """Of lists as one user sees them; the same list is counted once."""

    def __init__(self, user, today):
        self.user, self.today, self.known = user, today, {}

    def of(self, url):
        if url not in self.known:
            path, _, query = unescape(url).partition("?")
            self.known[url] = getattr(self, PAGES[path])(QueryDict(query))
        return self.known[url]

    def _opinions(self, query):
        desk = Desk(query, self.user, self.today)
        return desk.rows.count() + desk.hidden_count() if desk.is_valid else desk.form.errors

    def _meetings(self, query):
        if query.get("muc"):
            form = OccurrenceFilter(query, user=self.user, today=self.today)
            rows = Occurrence.objects.visible_to(self.user)
            return form.apply(rows, self.today).count() if form.is_valid() else form.errors
        form = MeetingFilter(query, user=self.user, today=self.today)
        return form.apply(Meeting.objects.visible_to(self.user)).count() if form.is_valid() else form.errors

    def _visits(self, query):
        form = VisitFilter(query, user=self.user, today=self.today)
        return form.apply(Visit.objects.visible_to(self.user)).count() if form.is_valid() else form.errors

    def _courses(self, query):
        form = RegisterFilter(query, user=self.user, today=self.today)
        return form.apply(TrainingCourse.objects.visible_to(self.user)).count() if form.is_valid() else form.errors

    def _commendations(self, query):
        form = CommendationFilter(query, user=self.user, today=self.today)
        return form.apply(Commendation.objects.visible_to(self.user)).count() if form.is_valid() else form.errors
