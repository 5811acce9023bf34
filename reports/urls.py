"""Addresses of the reports."""

from django.urls import path

from reports.views import outputs, pages, year_reports

urlpatterns = [
    path("bao-cao/", pages.report_home, name="report_home"),
    path("bao-cao/bieu/<slug:code>/", pages.report_table, name="report_table"),
    path("bao-cao/bieu/<slug:code>/tai/<slug:form>/", outputs.table_download, name="table_download"),
    path("bao-cao/nam/", year_reports.year_report, name="year_report"),
    path("bao-cao/nam/word/", year_reports.year_report_download, name="year_report_download"),
    path("bao-cao/xuat/", pages.export_year_start, name="export_year_start"),
]
