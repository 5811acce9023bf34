"""What a village raised and what it was answered, on its page."""

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import Truncator

from core.display import day_text
from feedback.enums import OpinionStatus, Visibility
from feedback.models import Opinion
from units.panels import Line, Panel

SHOWN, WORDS = 6, 30


def village_opinions(user, village, day, today):
    """The last that were raised, each with its state or the day it was answered; restricted ones are not named."""
    if not (user.scope.content_grants or village.pk in user.scope.village_ids()):
        return None
    opinions = Opinion.objects.visible_to(user).filter(village=village).exclude(visibility=Visibility.RESTRICTED)
    rows = opinions.order_by("-raised_on", "-pk").values_list("pk", "text", "raised_on", "status", "settled_on")
    lines = [
        Line(
            Truncator(text).words(WORDS),
            f"YK-{pk}, nêu {day_text(raised_on)}: {_state(status, settled_on)}",
            reverse("opinion_detail", args=[pk]),
        )
        for pk, text, raised_on, status, settled_on in rows[:SHOWN]
    ]
    return Panel(
        "Ý kiến, kiến nghị và trả lời",
        lines,
        "Chưa có ý kiến nào của thôn, khu này.",
        "Mọi ý kiến của thôn, khu",
        f"{reverse('opinion_list')}?{urlencode({'trang-thai': 'all', 'don-vi': village.key})}",
    )


def _state(status, settled_on):
    label = OpinionStatus(status).label
    return f"{label[:1].lower()}{label[1:]}" + (f" ngày {day_text(settled_on)}" if settled_on else "")
