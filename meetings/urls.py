"""Addresses of meetings; `hoi-nghi/<pk>/…` and `hoi-nghi/moi/` live in `feedback`."""

from django.urls import path

from meetings.views import exemptions, keeping, lists, relays, taskings

urlpatterns = [
    path("hoi-nghi/", lists.meeting_list, name="meeting_list"),
    path("hoi-nghi/bieu-nhiet/", lists.cadence_heat, name="cadence_heat"),
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
