"""Addresses of the reports."""

from django.urls import path

from reports.views import outputs, pages

urlpatterns = [
    path("bao-cao/", pages.report_home, name="report_home"),
    path("bao-cao/bieu/<slug:code>/", pages.report_table, name="report_table"),
    path("bao-cao/bieu/<slug:code>/tai/<slug:form>/", outputs.table_download, name="table_download"),
    path("bao-cao/xuat/", pages.export_year_start, name="export_year_start"),
]
