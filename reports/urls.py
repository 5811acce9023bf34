"""Addresses of the reports."""

from django.urls import path

from reports import views

urlpatterns = [
    path("bao-cao/", views.report_home, name="report_home"),
    path("bao-cao/bieu/<slug:code>/", views.report_table, name="report_table"),
    path("bao-cao/xuat/", views.export_year_start, name="export_year_start"),
]
