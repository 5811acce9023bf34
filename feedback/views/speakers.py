"""Who spoke at the last meetings, and which places have been silent."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from core.routing import page
from feedback.speakers import PLACES, speaking_of
from meetings.views import trail_to
from units.models import Unit
from units.scoping import CONTENT_ROLES


@page(roles=tuple(sorted(CONTENT_ROLES)))
def speaker_list(request):
    """The unit of `don-vi`, else one's own; those above choose one of their branch."""
    today = timezone.localdate()
    units = list(Unit.objects.visible_to(request.user).filter(level__in=PLACES).on(today).order_by("-level", "code"))
    unit = _unit(request)
    context = {"trail": trail_to("Phát biểu"), "unit": unit, "units": units, "total": 0}
    if unit:
        context |= speaking_of(unit, request.user, today)
        context["total"] = len(context["rows"])
    return TemplateResponse(request, "feedback/speaker_list.html", context)


def _unit(request):
    """Only units whose records the user reads: a duty of an administrator shows no opinions."""
    key = request.GET.get("don-vi")
    if key:
        units = Unit.objects.visible_to(request.user).filter(level__in=PLACES)
        return get_object_or_404(units, key=key)
    own = [g.unit_id for g in request.user.scope.content_grants if g.level in PLACES]
    return Unit.objects.filter(pk__in=own).order_by("-level", "pk").first()
