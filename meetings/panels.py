"""The last meetings to which a village came, on its page."""

from django.db.models import Count, Q
from django.urls import reverse

from core.display import day_text
from meetings.enums import PRESENT_STATES
from meetings.models import Meeting
from units.panels import Line, Panel

SHOWN = 6


def village_meetings(user, village, day, today):
    """For those who read the branch's meetings; how many of the village's people were asked and came."""
    if not user.scope.content_grants:
        return None
    seats = Q(attendances__unit=village)
    came = Count("attendances", filter=seats & Q(attendances__presence__in=PRESENT_STATES), distinct=True)
    meetings = (
        Meeting.objects.visible_to(user)
        .held()
        .filter(seats, held_on__lte=max(day, today))
        .annotate(came=came, asked=Count("attendances", filter=seats, distinct=True))
    )
    lines = [
        Line(
            f"{meeting.title}, {day_text(meeting.held_on)}",
            f"có mặt {meeting.came} trên {meeting.asked}",
            reverse("meeting_detail", args=[meeting.pk]),
        )
        for meeting in meetings.order_by("-held_on", "-pk")[:SHOWN]
    ]
    return Panel("Hội nghị gần đây", lines, "Chưa có hội nghị nào ghi tên thôn, khu này.")
