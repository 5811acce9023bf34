"""Addresses of meetings; `hoi-nghi/<pk>/…` and `hoi-nghi/moi/` live in `feedback`."""

from django.urls import path

from meetings.views import calendar, clocks, exemptions, keeping, lists, people, relays, taskings, workdays

urlpatterns = [
    path("hoi-nghi/", lists.meeting_list, name="meeting_list"),
    path("hoi-nghi/lich/", calendar.meeting_calendar, name="meeting_calendar"),
    path("hoi-nghi/lich/<slug:key>/doi-dia-chi/", calendar.feed_renew, name="feed_renew"),
    path("hoi-nghi/lich/<slug:key>/bo-dia-chi/", calendar.feed_end, name="feed_end"),
    path("lich/<str:token>.ics", calendar.calendar_feed, name="calendar_feed"),
    path("hoi-nghi/bieu-nhiet/", lists.cadence_heat, name="cadence_heat"),
    path("hoi-nghi/ba-moc/", clocks.clock_rates, name="clock_rates"),
    path("hoi-nghi/lich-lam-viec/", workdays.workday_list, name="workday_list"),
    path("hoi-nghi/lich-lam-viec/them/", workdays.special_day_add, name="special_day_add"),
    path("hoi-nghi/lich-lam-viec/<int:pk>/bo/", workdays.special_day_remove, name="special_day_remove"),
    path("hoi-nghi/vang/", people.absence_list, name="absence_list"),
    path("hoi-nghi/dai-bieu/", people.delegate_year, name="delegate_year"),
    path("hoi-nghi/tep/<int:pk>/", lists.meeting_file, name="meeting_file"),
    path("hoi-nghi/ky/<int:pk>/", exemptions.occurrence_detail, name="occurrence_detail"),
    path("hoi-nghi/ky/<int:pk>/xin-mien/", exemptions.exemption_ask, name="exemption_ask"),
    path("hoi-nghi/ky/<int:pk>/mien/", exemptions.exemption_grant, name="exemption_grant"),
    path("hoi-nghi/mien/", exemptions.exemption_list, name="exemption_list"),
    path("hoi-nghi/mien/<int:pk>/quyet-dinh/", exemptions.exemption_decide, name="exemption_decide"),
    path("hoi-nghi/mien/nhieu-don-vi/", exemptions.exemption_grant_many, name="exemption_grant_many"),
    path("hoi-nghi/cum/", keeping.cluster_list, name="cluster_list"),
    path("hoi-nghi/cum/moi/", keeping.cluster_create, name="cluster_create"),
    path("hoi-nghi/cum/<int:pk>/ket-thuc/", keeping.cluster_end, name="cluster_end"),
    path("hoi-nghi/che-do/", keeping.cadence_rules, name="cadence_rules"),
    path("hoi-nghi/che-do/moi/", keeping.cadence_rule_add, name="cadence_rule_add"),
    path("hoi-nghi/<int:pk>/ket-luan/", taskings.tasking_edit, name="tasking_edit"),
    path("hoi-nghi/<int:pk>/truyen-dat/", relays.relay_matrix_page, name="relay_matrix"),
    path("hoi-nghi/<int:pk>/truyen-dat/noi-dung/", relays.announcement_edit, name="announcement_edit"),
    path("hoi-nghi/<int:pk>/truyen-dat/ghi/", relays.relay_report_many, name="relay_report_many"),
    path("viec-giao/", taskings.tasking_list, name="tasking_list"),
    path("viec-giao/<int:pk>/", taskings.tasking_detail, name="tasking_detail"),
    path("viec-giao/<int:pk>/xong/", taskings.tasking_finish, name="tasking_finish"),
    path("viec-giao/<int:pk>/mo-lai/", taskings.tasking_reopen, name="tasking_reopen"),
    path("viec-giao/<int:pk>/khong-thuc-hien/", taskings.tasking_drop, name="tasking_drop"),
    path("truyen-dat/", relays.relay_list, name="relay_list"),
    path("truyen-dat/<int:pk>/", relays.relay_detail, name="relay_detail"),
    path("truyen-dat/<int:pk>/<int:unit_pk>/", relays.relay_report, name="relay_report"),
]
