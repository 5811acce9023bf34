"""Addresses of notices and of the activity log."""

from django.urls import path

from journal import views

urlpatterns = [
    path("thong-bao/", views.notice_list, name="notice_list"),
    path("thong-bao/da-doc/", views.notice_read_all, name="notice_read_all"),
    path("thong-bao/<int:pk>/mo/", views.notice_open, name="notice_open"),
    path("nhat-ky/", views.activity_list, name="activity_list"),
]
