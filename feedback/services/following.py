"""Asking for news of an opinion, or for none."""

from django.db import transaction

from core.activity import record
from core.errors import DomainError, NotAllowed
from feedback.models import Follower, Opinion

FOLLOW, MUTE, USUAL = "theo-doi", "tat", "mac-dinh"


@transaction.atomic
def set_following(opinion_id, choice, *, actor):
    """FOLLOW: be told of every move while one sees it; MUTE: of none; USUAL: of what concerns one's duty."""
    opinion = Opinion.objects.visible_to(actor).filter(pk=opinion_id).first()
    if opinion is None:
        raise NotAllowed("Không tìm thấy ý kiến này trong phạm vi của đồng chí.")
    if choice not in (FOLLOW, MUTE, USUAL):
        raise DomainError("Chọn theo dõi, tắt thông báo hoặc như mặc định.")
    own = Follower.objects.filter(opinion=opinion, user=actor)
    if choice == USUAL:
        own.delete()
    else:
        own.update_or_create(defaults={"is_muted": choice == MUTE}, opinion=opinion, user=actor)
    record(actor.pk, "opinion.follow", opinion, after={"choice": choice})


def followers_of(opinion_ids):
    """({opinion id: ids of those who follow}, {opinion id: ids of those who want no news})."""
    following, muted = {}, {}
    rows = Follower.objects.filter(opinion_id__in=opinion_ids, user__is_active=True)
    for opinion_id, user_id, is_muted in rows.values_list("opinion_id", "user_id", "is_muted"):
        (muted if is_muted else following).setdefault(opinion_id, set()).add(user_id)
    return following, muted


def still_seeing(following, users):
    """Of {opinion id: user ids}, those who see it now: one question for each follower (`users`: {id: user})."""
    seen = {opinion_id: set() for opinion_id in following}
    for user_id, user in users.items():
        asked = [opinion_id for opinion_id, user_ids in following.items() if user_id in user_ids]
        for opinion_id in Opinion.objects.visible_to(user).filter(pk__in=asked).values_list("pk", flat=True):
            seen[opinion_id].add(user_id)
    return seen
