"""The one-page picture of a unit and period, for leaders and for paper."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from core.routing import page
from feedback.desk.figures import FEWEST
from reports.closing.reads import mark_of
from reports.comparing import peers, same_period, trends
from reports.comparison import FEW
from reports.dashboard.open_matters import ages_of, ladder_of
from reports.dashboard.reads import Heat, silence_of
from reports.figures import figures_and_months, frozen_words, is_open
from reports.overview import Overview
from reports.reach import BOUNDARIES, reach_of
from reports.selection import selection_of
from reports.tables.topics import topic_counts
from units.enums import Level

TOPICS = 7


@page()
def report_dashboard(request):
    """Who met, what was raised and answered, who is silent: on one sheet of paper."""
    today = timezone.localdate()
    chosen = selection_of(request.user, request.GET, today)
    if chosen.period.kind == "years":
        raise DomainError("Trang tổng quan lập cho một năm, một quý hoặc một tháng. Chọn lại kỳ.", "ky")
    reach = reach_of(chosen.unit, chosen.boundaries, today, request.user)
    found, _ = figures_and_months(reach, chosen.period, today)
    closing = mark_of(chosen.unit, chosen.period, chosen.boundaries, request.user)
    shown = frozen_words(closing["row"], found) if closing else found
    overview, heat = Overview(chosen, shown), Heat(reach, chosen.period, today)
    counts, rungs = ladder_of(reach, chosen.period, today)
    silence = silence_of(reach, chosen.period, today, [line.unit_id for line in heat.lines])
    context = {
        "chosen": chosen,
        "today": today,
        "boundaries": BOUNDARIES,
        "is_open": is_open(chosen.period, today),
        "overview": overview,
        "closing": closing,
        "changed": sum(1 for word in found if found[word] != shown[word]),
        "heat": heat,
        "ages": ages_of(reach, today),
        "topics": overview.topic_bars(topic_counts(reach, chosen.period)[:TOPICS]),
        "rungs": rungs,
        "counted": counts["received"] - counts["excluded"],
        "few": FEWEST,
        "silence": silence,
        "rows": heat.rows(silence.by_unit),
        "is_commune": chosen.unit.level == Level.COMMUNE,
        "trail": [
            {"label": "Báo cáo", "url": f"{reverse('report_home')}?{chosen.query}"},
            {"label": "Tổng quan một trang"},
        ],
    }
    return render(request, "reports/dashboard.html", context)


@page()
def report_comparison(request):
    """The same months a year earlier, five years as lines, and units of one kind without a ranking."""
    today = timezone.localdate()
    chosen = selection_of(request.user, request.GET, today)
    if chosen.period.kind == "years":
        raise DomainError("Trang so sánh lập cho một năm, một quý hoặc một tháng. Chọn lại kỳ.", "ky")
    reach = reach_of(chosen.unit, chosen.boundaries, today, request.user)
    groups, moment = peers(reach, chosen.period, today, request.user) if chosen.period.kind == "year" else ([], None)
    context = {
        "chosen": chosen,
        "today": today,
        "boundaries": BOUNDARIES,
        "is_open": is_open(chosen.period, today),
        "same": same_period(reach, chosen.period, today),
        "trends": trends(reach, chosen.period, today),
        "groups": groups,
        "moment": moment,
        "few": FEW,
        "trail": [
            {"label": "Báo cáo", "url": f"{reverse('report_home')}?{chosen.query}"},
            {"label": "So sánh cùng kỳ"},
        ],
    }
    return render(request, "reports/comparison.html", context)
