"""Pages of the reports."""

import re
from dataclasses import replace
from uuid import uuid4

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from core.errors import DomainError
from core.files import FILE_POLICY, safe_name
from core.periods import Period
from core.routing import act, page
from core.word import write_docx
from meetings.lists import addresses
from papers.frame import look_of
from papers.register import style_on
from reports.access import may_export
from reports.claims.views import PINNERS
from reports.closing.reads import mark_of, table_of
from reports.display import PageTable, heading_of
from reports.figures import figures_and_months, frozen_words, is_open
from reports.measures import CLAIMABLE, MEASURES
from reports.outputs import add_annexes, as_csv, as_json, note_download, write_sheet
from reports.overview import Overview
from reports.published import PUBLISHED, beside
from reports.reach import BOUNDARIES, reach_of
from reports.selection import selection_of
from reports.services import request_export
from reports.table import measures_of
from reports.tables import PAGES
from reports.tables.topics import topic_counts
from reports.year_report import annexes_of, year_facts, year_paper
from units.reads import place_on

PAGE_ROWS, MOST_ROWS = 600, 10**7
FORMS = {"docx": "Word", "csv": "CSV", "json": "JSON"}
OF_OPINIONS = ("B8", "B9")
"""Tables whose rows are opinions, each with a page of its own."""


@page()
def report_home(request):
    """All figures of a unit and period, with the lists behind them."""
    today = timezone.localdate()
    chosen = selection_of(request.user, request.GET, today)
    reach = reach_of(chosen.unit, chosen.boundaries, today, request.user)
    found, months = figures_and_months(reach, chosen.period, today)
    closing = mark_of(chosen.unit, chosen.period, chosen.boundaries, request.user)
    shown = frozen_words(closing["row"], found) if closing else found
    overview = Overview(chosen, shown)
    context = _common(request, chosen, today) | {
        "overview": overview,
        "closing": closing,
        "changed": sum(1 for word in found if found[word] != shown[word]),
        "topics": overview.topic_bars(topic_counts(reach, chosen.period)),
        "months": overview.months(months, today),
        "definitions": MEASURES.values(),
        "tables": [(code, name, reverse("report_table", args=[code])) for code, name in PAGES.items()],
    }
    return render(request, "reports/report_home.html", context)


@page()
def report_table(request, code):
    """One table of the workbook as a page."""
    if code not in PAGES:
        raise Http404
    today = timezone.localdate()
    chosen = selection_of(request.user, request.GET, today)
    table = table_of(code, chosen.unit, chosen.period, chosen.boundaries, today, request.user)
    address = addresses("opinion_detail") if code in OF_OPINIONS else None
    first = _first_row(request.GET.get("tu"))
    shown = PageTable(table, limit=PAGE_ROWS, first=first, address=address, period=chosen.period)
    context = _common(request, chosen, today) | {"table": table, "shown": shown, "code": code}
    context["closing"] = mark_of(chosen.unit, chosen.period, chosen.boundaries, request.user, code)
    context |= {"forms": FORMS, "definitions": measures_of(table), "neighbours": _neighbours(shown, chosen)}
    context["trail"] = [{"label": "Báo cáo", "url": f"{reverse('report_home')}?{chosen.query}"}, {"label": PAGES[code]}]
    return render(request, "reports/report_table.html", context)


def _first_row(word):
    """How many rows lie before this part of a long table; anything unreadable is its beginning."""
    return min(int(word), MOST_ROWS) // PAGE_ROWS * PAGE_ROWS if word and re.fullmatch(r"[0-9]{1,9}", word) else 0


def _neighbours(shown, chosen):
    """Addresses of the parts before and after this one; "" where there is none."""
    before = f"?{chosen.query}&tu={shown.first - PAGE_ROWS}" if shown.first else ""
    after = f"?{chosen.query}&tu={shown.last}" if shown.last < shown.total else ""
    return {"before": before, "after": after}


@act()
def export_year_start(request):
    """Queue the yearly workbook and show its progress."""
    today = timezone.localdate()
    year = Period.parse(request.POST.get("nam"))
    if year.kind != "year":
        raise DomainError("Chọn một năm để xuất số liệu.", "nam")
    chosen = selection_of(request.user, {**request.POST.dict(), "ky": year.code}, today)
    for_signing = request.POST.get("ban") == "trinh-ky"
    key = request.POST.get("request_id", "")[:60]
    key = f"{key}-ky" if key and for_signing else key
    job = request_export(
        chosen.unit,
        year.first.year,
        chosen.boundaries,
        actor=request.user,
        request_id=key,
        today=today,
        for_signing=for_signing,
    )
    return HttpResponseRedirect(reverse("job_detail", args=[job.pk]))


def _common(request, chosen, today):
    return {
        "chosen": chosen,
        "today": today,
        "boundaries": BOUNDARIES,
        "is_open": is_open(chosen.period, today),
        "may_export": may_export(request.user, chosen.unit),
        "year": chosen.period.last.year,
        "request_id": str(uuid4()),
    }


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILE_FORMS = {"docx": WORD, "csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}


@page()
def table_download(request, code, form):
    """The table that the page of the same address shows, whole."""
    if code not in PAGES or form not in FILE_FORMS:
        raise Http404
    today = timezone.localdate()
    chosen = selection_of(request.user, request.GET, today)
    note_download(code, form, chosen.unit, chosen.period, chosen.boundaries, actor=request.user)
    table = table_of(code, chosen.unit, chosen.period, chosen.boundaries, today, request.user)
    return download(
        _content(table, form, chosen, today, request.user), FILE_FORMS[form], f"{_name(code, chosen, today)}.{form}"
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


@page(roles=PINNERS)
def published_list(request):
    today = timezone.localdate()
    context = {
        "groups": beside(request.user, today),
        "total": len(PUBLISHED),
        "today": today,
        "definitions": _definitions(),
        "trail": [{"label": "Báo cáo", "url": reverse("report_home")}, {"label": "Số liệu báo chí đã công bố"}],
    }
    return TemplateResponse(request, "reports/published_list.html", context)


def _definitions():
    """Of the words that the figures are made of, each once."""
    words = (word for each in PUBLISHED for word in (each.measure, each.over, each.less))
    return [CLAIMABLE[word] for word in dict.fromkeys(words) if word]


@page()
def year_report(request):
    """The report as it would be printed; its annexes are pages of their own."""
    chosen, today = _choice(request)
    if chosen.period.kind != "year":
        return HttpResponseRedirect(f"{reverse('year_report')}?{_year_of(chosen).query}")
    facts = year_facts(chosen.unit, chosen.period.first.year, chosen.boundaries, today, request.user)
    paper = year_paper(facts)
    context = {
        "paper": paper,
        "look": look_of(_style(paper, chosen.unit)),
        "annexes": [(table.title, _address(table, chosen)) for table in annexes_of(facts)],
        "chosen": chosen,
        "back_url": f"{reverse('report_home')}?{chosen.query}",
        "download_url": f"{reverse('year_report_download')}?{chosen.query}",
        "may_export": may_export(request.user, chosen.unit),
    }
    return render(request, "reports/year_report.html", context)


@page()
def year_report_download(request):
    chosen, today = _choice(request)
    chosen = _year_of(chosen)
    note_download("year_report", "docx", chosen.unit, chosen.period, chosen.boundaries, actor=request.user)
    facts = year_facts(chosen.unit, chosen.period.first.year, chosen.boundaries, today, request.user)
    paper = year_paper(facts)
    content = write_docx(paper, _style(paper, chosen.unit))
    if annexes := annexes_of(facts):
        content = add_annexes(content, annexes, heading_of(chosen.unit, chosen.period, today))
    return download(content, WORD, f"Báo cáo giao ban {facts.year} - {chosen.unit.name}.docx")


def _address(table, chosen):
    return f"{reverse('report_table', args=[table.code])}?{chosen.query}"


def _choice(request):
    today = timezone.localdate()
    return selection_of(request.user, request.GET, today), today


def _year_of(chosen):
    """The same choice for the whole (last) year of its period."""
    return replace(chosen, period=Period.year(chosen.period.last.year))


def _style(paper, unit):
    return style_on(paper.regime, place_on(unit, paper.signed_on).province_id, paper.signed_on)
