"""A unit beside its own past and beside named units of its kind."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from core.routing import page
from reports.comparing import peers, same_period, trends
from reports.comparison import FEW
from reports.figures import is_open
from reports.reach import BOUNDARIES, reach_of
from reports.selection import selection_of


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
