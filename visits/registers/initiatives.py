"""Initiatives behind commendations: only what the user may read of them."""

from feedback.enums import Visibility
from feedback.models import Initiative, Opinion


def readable_initiatives(user):
    """Initiatives of opinions the user sees; never restricted ones, nor those whose speaker is not to be named."""
    opinions = Opinion.objects.visible_to(user).exclude(visibility=Visibility.RESTRICTED).exclude(hides_speaker=True)
    return Initiative.objects.filter(opinion__in=opinions.values("pk"))
