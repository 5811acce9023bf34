"""The page everybody lands on."""

from django.template.response import TemplateResponse
from django.utils import timezone

from core.routing import page
from giaoban.home import Home


@page()
def home(request):
    return TemplateResponse(request, "giaoban/home.html", Home(request.user, timezone.localdate()).context())
