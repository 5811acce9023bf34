"""Addresses of meetings; `hoi-nghi/<pk>/…` and `hoi-nghi/moi/` live in `proceedings`."""

from django.urls import path

from meetings import views as meetings
from meetings.cadence import views as cadence
from meetings.calendar import views as calendar
from meetings.conclusions import views as conclusions
from meetings.delegates import views as delegates

urlpatterns = [
    path("hoi-nghi/", meetings.meeting_list, name="meeting_list"),
    path("hoi-nghi/lich/", calendar.meeting_calendar, name="meeting_calendar"),
    path("hoi-nghi/lich/<slug:key>/doi-dia-chi/", calendar.feed_renew, name="feed_renew"),
    path("hoi-nghi/lich/<slug:key>/bo-dia-chi/", calendar.feed_end, name="feed_end"),
    path("lich/<str:token>.ics", calendar.calendar_feed, name="calendar_feed"),
    path("hoi-nghi/bieu-nhiet/", meetings.cadence_heat, name="cadence_heat"),
    path("hoi-nghi/ba-moc/", cadence.clock_rates, name="clock_rates"),
    path("hoi-nghi/lich-lam-viec/", calendar.workday_list, name="workday_list"),
    path("hoi-nghi/lich-lam-viec/them/", calendar.special_day_add, name="special_day_add"),
    path("hoi-nghi/lich-lam-viec/<int:pk>/bo/", calendar.special_day_remove, name="special_day_remove"),
    path("hoi-nghi/vang/", delegates.absence_list, name="absence_list"),
    path("hoi-nghi/chu-tri/", delegates.chair_year, name="chair_year"),
    path("hoi-nghi/dai-bieu/", delegates.delegate_year, name="delegate_year"),
    path("hoi-nghi/tep/<int:pk>/", meetings.meeting_file, name="meeting_file"),
    path("hoi-nghi/ky/<int:pk>/", cadence.occurrence_detail, name="occurrence_detail"),
    path("hoi-nghi/ky/<int:pk>/xin-mien/", cadence.exemption_ask, name="exemption_ask"),
    path("hoi-nghi/ky/<int:pk>/mien/", cadence.exemption_grant, name="exemption_grant"),
    path("hoi-nghi/ky/<int:pk>/ket-thuc/", cadence.round_end, name="round_end"),
    path("hoi-nghi/mien/", cadence.exemption_list, name="exemption_list"),
    path("hoi-nghi/mien/<int:pk>/quyet-dinh/", cadence.exemption_decide, name="exemption_decide"),
    path("hoi-nghi/mien/nhieu-don-vi/", cadence.exemption_grant_many, name="exemption_grant_many"),
    path("hoi-nghi/cum/", cadence.cluster_list, name="cluster_list"),
    path("hoi-nghi/cum/moi/", cadence.cluster_create, name="cluster_create"),
    path("hoi-nghi/cum/<int:pk>/ket-thuc/", cadence.cluster_end, name="cluster_end"),
    path("hoi-nghi/che-do/", cadence.cadence_rules, name="cadence_rules"),
    path("hoi-nghi/che-do/moi/", cadence.cadence_rule_add, name="cadence_rule_add"),
    path("hoi-nghi/che-do/<int:pk>/", cadence.cadence_rule_detail, name="cadence_rule_detail"),
    path("hoi-nghi/che-do/<int:pk>/rut/", cadence.cadence_rule_withdraw, name="cadence_rule_withdraw"),
    path("hoi-nghi/che-do/<int:pk>/ket-thuc/", cadence.cadence_rule_end, name="cadence_rule_end"),
    path("hoi-nghi/<int:pk>/moi-hop/in/", delegates.invitation_slips, name="invitation_slips"),
    path("hoi-nghi/<int:pk>/moi-hop/", delegates.invitation_list, name="invitation_list"),
    path("hoi-nghi/<int:pk>/moi-hop/gui/", delegates.invitation_send, name="invitation_send"),
    path("hoi-nghi/<int:pk>/ket-luan/", conclusions.tasking_edit, name="tasking_edit"),
    path("hoi-nghi/<int:pk>/truyen-dat/", conclusions.relay_matrix_page, name="relay_matrix"),
    path("hoi-nghi/<int:pk>/truyen-dat/noi-dung/", conclusions.announcement_edit, name="announcement_edit"),
    path("hoi-nghi/<int:pk>/truyen-dat/ghi/", conclusions.relay_report_many, name="relay_report_many"),
    path("viec-giao/", conclusions.tasking_list, name="tasking_list"),
    path("viec-giao/<int:pk>/", conclusions.tasking_detail, name="tasking_detail"),
    path("viec-giao/<int:pk>/xong/", conclusions.tasking_finish, name="tasking_finish"),
    path("viec-giao/<int:pk>/mo-lai/", conclusions.tasking_reopen, name="tasking_reopen"),
    path("viec-giao/<int:pk>/khong-thuc-hien/", conclusions.tasking_drop, name="tasking_drop"),
    path("truyen-dat/", conclusions.relay_list, name="relay_list"),
    path("truyen-dat/<int:pk>/", conclusions.relay_detail, name="relay_detail"),
    path("truyen-dat/<int:pk>/<int:unit_pk>/", conclusions.relay_report, name="relay_report"),
]
