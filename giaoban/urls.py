"""The root of all addresses. Each app brings its own; paths are Vietnamese without accents."""

from django.urls import include, path

from giaoban.health import healthz
from giaoban.views import home

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("", include("core.urls")),
    path("", include("units.urls")),
    path("", include("people.urls")),
    path("", include("journal.urls")),
    path("", include("meetings.urls")),
    path("", include("feedback.urls")),
    path("", include("proceedings.urls")),
    path("", include("papers.urls")),
    path("", include("visits.urls")),
    path("", include("reports.urls")),
]
handler500 = "core.views.server_error"
