"""Addresses of the reports."""

from django.urls import path

from reports import views as reports
from reports.claims import views as claims
from reports.closing import views as closing
from reports.dashboard import views as dashboard

urlpatterns = [
    path("bao-cao/", reports.report_home, name="report_home"),
    path("bao-cao/bieu/<slug:code>/", reports.report_table, name="report_table"),
    path("bao-cao/bieu/<slug:code>/tai/<slug:form>/", reports.table_download, name="table_download"),
    path("bao-cao/so-sanh/", dashboard.report_comparison, name="report_comparison"),
    path("bao-cao/tong-quan/", dashboard.report_dashboard, name="report_dashboard"),
    path("bao-cao/nam/", reports.year_report, name="year_report"),
    path("bao-cao/nam/word/", reports.year_report_download, name="year_report_download"),
    path("bao-cao/khoa-so/", closing.closure_list, name="closure_list"),
    path("bao-cao/khoa-so/khoa/", closing.closure_close, name="closure_close"),
    path("bao-cao/khoa-so/<int:pk>/", closing.closure_detail, name="closure_detail"),
    path("bao-cao/khoa-so/<int:pk>/chenh-lech/", closing.closure_differences, name="closure_differences"),
    path("bao-cao/khoa-so/<int:pk>/nhan/", closing.closure_accept, name="closure_accept"),
    path("bao-cao/khoa-so/<int:pk>/mo-lai/", closing.closure_reopen, name="closure_reopen"),
    path("bao-cao/khoa-so/<int:pk>/tep/", closing.closure_file, name="closure_file"),
    path("bao-cao/so-lieu-da-neu/", claims.claim_list, name="claim_list"),
    path("bao-cao/so-lieu-da-neu/moi/", claims.claim_create, name="claim_create"),
    path("bao-cao/so-lieu-da-neu/<int:pk>/", claims.claim_detail, name="claim_detail"),
    path("bao-cao/so-lieu-da-neu/<int:pk>/bo-ghim/", claims.claim_withdraw, name="claim_withdraw"),
    path("bao-cao/da-cong-bo/", reports.published_list, name="published_list"),
    path("bao-cao/xuat/", reports.export_year_start, name="export_year_start"),
]
