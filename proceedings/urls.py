"""Addresses of a meeting as it is prepared, held, logged and closed."""

from django.urls import path

from proceedings import views as proceedings
from proceedings.preparation import views as preparation

urlpatterns = [
    path("hoi-nghi/moi/", proceedings.meeting_create, name="meeting_create"),
    path("hoi-nghi/gio-y-kien/", preparation.basket_list, name="basket_list"),
    path("hoi-nghi/gio-y-kien/<int:pk>/sua/", preparation.basket_edit, name="basket_edit"),
    path("hoi-nghi/gio-y-kien/<int:pk>/rut/", preparation.basket_withdraw, name="basket_withdraw"),
    path("hoi-nghi/phat-bieu/", preparation.speaker_list, name="speaker_list"),
    path("hoi-nghi/<int:pk>/", proceedings.meeting_detail, name="meeting_detail"),
    path("hoi-nghi/<int:pk>/chuong-trinh/", preparation.meeting_agenda, name="meeting_agenda"),
    path("hoi-nghi/<int:pk>/chuong-trinh/ghi/", preparation.agenda_write, name="agenda_write"),
    path("truyen-dat/hoi-lai/<int:pk>/gio-y-kien/", preparation.relay_ask, name="relay_ask"),
    path("hoi-nghi/<int:pk>/ghi/", proceedings.meeting_log, name="meeting_log"),
    path("hoi-nghi/<int:pk>/kiem-tra/", proceedings.meeting_check, name="meeting_check"),
    path("hoi-nghi/<int:pk>/chot/", proceedings.meeting_lock, name="meeting_lock"),
    path("hoi-nghi/<int:pk>/mo-lai/", proceedings.meeting_reopen, name="meeting_reopen"),
    path("hoi-nghi/<int:pk>/bien-ban/", proceedings.meeting_minute, name="meeting_minute"),
    path("hoi-nghi/<int:pk>/hoan/", proceedings.meeting_postpone, name="meeting_postpone"),
    path("hoi-nghi/<int:pk>/huy/", proceedings.meeting_cancel, name="meeting_cancel"),
    path("hoi-nghi/<int:pk>/ra-ket-luan/", proceedings.meeting_conclude, name="meeting_conclude"),
    path("hoi-nghi/<int:pk>/chuyen-ky/", proceedings.meeting_rebook, name="meeting_rebook"),
    path("hoi-nghi/<int:pk>/hop-chung/", proceedings.meeting_join, name="meeting_join"),
    path("hoi-nghi/<int:pk>/dinh-kem/", proceedings.meeting_attach, name="meeting_attach"),
    path("hoi-nghi/<int:pk>/doc-lai/", preparation.read_back, name="read_back"),
    path("hoi-nghi/<int:pk>/doc-lai/<int:opinion_pk>/", preparation.read_back_say, name="read_back_say"),
    path("hoi-nghi/<int:pk>/niem-yet/", preparation.read_back_print, name="read_back_print"),
]
