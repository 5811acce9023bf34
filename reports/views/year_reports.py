"""The text report of a year: on the page and in Word."""

from dataclasses import replace

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from core.periods import Period
from core.routing import page
from core.word import write_docx
from feedback.papers.looks import look_of
from meetings.paper_styles import style_on
from reports.access import may_export
from reports.downloads import note_download
from reports.headings import heading_of
from reports.papers import annexes_of, year_facts, year_paper
from reports.selection import selection_of
from reports.views.outputs import WORD, download
from reports.word_sheets import add_annexes
from units.selectors import place_on


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
