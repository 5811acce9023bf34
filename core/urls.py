"""Addresses of background jobs."""

from django.urls import path

from core import views

urlpatterns = [
    path("cong-viec/<int:pk>/", views.job_detail, name="job_detail"),
    path("cong-viec/<int:pk>/tien-do/", views.job_progress, name="job_progress"),
    path("cong-viec/<int:pk>.json", views.job_state, name="job_state"),
    path("cong-viec/<int:pk>/tep/", views.job_file, name="job_file"),
]
