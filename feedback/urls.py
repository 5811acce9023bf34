"""Opinions, and the meeting pages that need opinions."""

from django.urls import path

from feedback.views import meetings

urlpatterns = [
    path("hoi-nghi/moi/", meetings.meeting_create, name="meeting_create"),
    path("hoi-nghi/<int:pk>/", meetings.meeting_detail, name="meeting_detail"),
    path("hoi-nghi/<int:pk>/ghi/", meetings.meeting_log, name="meeting_log"),
    path("hoi-nghi/<int:pk>/kiem-tra/", meetings.meeting_check, name="meeting_check"),
    path("hoi-nghi/<int:pk>/chot/", meetings.meeting_lock, name="meeting_lock"),
    path("hoi-nghi/<int:pk>/mo-lai/", meetings.meeting_reopen, name="meeting_reopen"),
    path("hoi-nghi/<int:pk>/bien-ban/", meetings.meeting_minute, name="meeting_minute"),
    path("hoi-nghi/<int:pk>/hoan/", meetings.meeting_postpone, name="meeting_postpone"),
    path("hoi-nghi/<int:pk>/huy/", meetings.meeting_cancel, name="meeting_cancel"),
    path("hoi-nghi/<int:pk>/dinh-kem/", meetings.meeting_attach, name="meeting_attach"),
]
