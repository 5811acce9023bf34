"""Addresses of background jobs, of pasted text, the session's clock and of the style guide."""

from django.urls import path

from core import views
from core import views as core

urlpatterns = [
    path("cong-viec/<int:pk>/", views.job_detail, name="job_detail"),
    path("cong-viec/<int:pk>/tien-do/", views.job_progress, name="job_progress"),
    path("cong-viec/<int:pk>.json", views.job_state, name="job_state"),
    path("cong-viec/<int:pk>/tep/", views.job_file, name="job_file"),
    path("nhap/", views.draft_keep, name="draft_keep"),
    path("nhap/bo/", views.draft_drop, name="draft_drop"),
    path("phien/", views.session_keep, name="session_keep"),
    path("doi-chu/", views.read_old_letters, name="read_old_letters"),
    path("kieu-dang/", core.style_guide, name="style_guide"),
]
