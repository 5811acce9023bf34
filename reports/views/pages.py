"""Pages of the reports."""

import re
from uuid import uuid4

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from core.periods import Period
from core.routing import act, page
from meetings.rows import addresses
from reports.access import may_export
from reports.closing.reading import mark_of, table_of
from reports.display import PageTable
from reports.figures import figures_and_months, frozen_words, is_open
from reports.flat import measures_of
from reports.measures import MEASURES
from reports.overview import Overview
from reports.reach import BOUNDARIES, reach_of
from reports.selection import selection_of
from reports.services import request_export
from reports.tables import PAGES
from reports.tables.topics import topic_counts

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
