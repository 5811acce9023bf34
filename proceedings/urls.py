"""Addresses of a meeting as it is prepared, held, logged and closed."""

from django.urls import path

from feedback.views import agenda, basket, meeting_acts, meeting_dates, meetings, readback, speakers

urlpatterns = [
    path("hoi-nghi/moi/", meetings.meeting_create, name="meeting_create"),
    path("hoi-nghi/gio-y-kien/", basket.basket_list, name="basket_list"),
    path("hoi-nghi/gio-y-kien/<int:pk>/sua/", basket.basket_edit, name="basket_edit"),
    path("hoi-nghi/gio-y-kien/<int:pk>/rut/", basket.basket_withdraw, name="basket_withdraw"),
    path("hoi-nghi/phat-bieu/", speakers.speaker_list, name="speaker_list"),
    path("hoi-nghi/<int:pk>/", meetings.meeting_detail, name="meeting_detail"),
    path("hoi-nghi/<int:pk>/chuong-trinh/", agenda.meeting_agenda, name="meeting_agenda"),
    path("hoi-nghi/<int:pk>/chuong-trinh/ghi/", agenda.agenda_write, name="agenda_write"),
    path("truyen-dat/hoi-lai/<int:pk>/gio-y-kien/", agenda.relay_ask, name="relay_ask"),
    path("hoi-nghi/<int:pk>/ghi/", meetings.meeting_log, name="meeting_log"),
    path("hoi-nghi/<int:pk>/kiem-tra/", meetings.meeting_check, name="meeting_check"),
    path("hoi-nghi/<int:pk>/chot/", meeting_acts.meeting_lock, name="meeting_lock"),
    path("hoi-nghi/<int:pk>/mo-lai/", meeting_acts.meeting_reopen, name="meeting_reopen"),
    path("hoi-nghi/<int:pk>/bien-ban/", meeting_acts.meeting_minute, name="meeting_minute"),
    path("hoi-nghi/<int:pk>/hoan/", meeting_acts.meeting_postpone, name="meeting_postpone"),
    path("hoi-nghi/<int:pk>/huy/", meeting_acts.meeting_cancel, name="meeting_cancel"),
    path("hoi-nghi/<int:pk>/ra-ket-luan/", meeting_dates.meeting_conclude, name="meeting_conclude"),
    path("hoi-nghi/<int:pk>/chuyen-ky/", meeting_dates.meeting_rebook, name="meeting_rebook"),
    path("hoi-nghi/<int:pk>/hop-chung/", meeting_dates.meeting_join, name="meeting_join"),
    path("hoi-nghi/<int:pk>/dinh-kem/", meeting_acts.meeting_attach, name="meeting_attach"),
    path("hoi-nghi/<int:pk>/doc-lai/", readback.read_back, name="read_back"),
    path("hoi-nghi/<int:pk>/doc-lai/<int:opinion_pk>/", readback.read_back_say, name="read_back_say"),
    path("hoi-nghi/<int:pk>/niem-yet/", readback.read_back_print, name="read_back_print"),
]
