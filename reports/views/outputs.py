"""One table as a file: Word, CSV or JSON."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from core.files import FILE_POLICY, safe_name
from core.routing import page
from reports.closing.reading import mark_of, table_of
from reports.downloads import note_download
from reports.figures import is_open
from reports.headings import heading_of
from reports.outputs import as_csv, as_json
from reports.selection import selection_of
from reports.tables import PAGES
from reports.word_sheets import write_sheet

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMS = {"docx": WORD, "csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}


@page()
def table_download(request, code, form):
    """The table that the page of the same address shows, whole."""
    if code not in PAGES or form not in FORMS:
        raise Http404
    today = timezone.localdate()
    chosen = selection_of(request.user, request.GET, today)
    note_download(code, form, chosen.unit, chosen.period, chosen.boundaries, actor=request.user)
    table = table_of(code, chosen.unit, chosen.period, chosen.boundaries, today, request.user)
    return download(
        _content(table, form, chosen, today, request.user), FORMS[form], f"{_name(code, chosen, today)}.{form}"
    )


def _content(table, form, chosen, today, user):
    if form == "csv":
        return as_csv(table)
    if form == "json":
        kept = mark_of(chosen.unit, chosen.period, chosen.boundaries, user, table.code)
        as_of = kept["on"] if kept and kept["is_kept"] else today
        return as_json(table, chosen.unit, chosen.period, chosen.boundaries, as_of)
    return write_sheet(table, heading_of(chosen.unit, chosen.period, today))


def _name(code, chosen, today):
    mark = " (tạm tính)" if is_open(chosen.period, today) else ""
    return f"{code} {PAGES[code]} - {chosen.unit.name} - {chosen.period.label}{mark}".replace("/", "-")


def download(content, kind, name):
    """A download that no browser opens as a page."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, safe_name(name))
    response["Content-Security-Policy"] = FILE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response
