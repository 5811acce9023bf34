"""What the press published, beside what this database counts."""

from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.routing import page
from reports.beside import beside
from reports.measures import CLAIMABLE
from reports.published import PUBLISHED
from reports.views.claims import PINNERS


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
