"""What stands beside an opinion: whose name is shown, who was named as a reader, files, and who wants news."""

from feedback.discretion import may_attach, may_hide_speaker, may_name_readers, shows_speaker, speaker_words
from feedback.files import ACCEPTED, file_rows
from feedback.models import Follower
from feedback.rules import sounds_like_complaint
from feedback.services.following import FOLLOW, MUTE, USUAL
from feedback.services.readers import named_readers, posts_to_name

FOLLOW_WORDS = {
    FOLLOW: "Đồng chí đang theo dõi: có diễn biến là có thông báo.",
    MUTE: "Đồng chí đã tắt thông báo về ý kiến này.",
    USUAL: "Đồng chí nhận thông báo theo nhiệm vụ được giao.",
}
FOLLOW_ACTS = {FOLLOW: "Theo dõi", MUTE: "Tắt thông báo", USUAL: "Như mặc định"}


def beside_context(opinion, user, today):
    return {
        "speaker": speaker_words(user, opinion),
        "is_named": shows_speaker(user, opinion) and bool(opinion.raised_by_name),
        "may_hide_speaker": may_hide_speaker(user, opinion),
        "readers": _readers(opinion, user, today),
        "files": file_rows(opinion, user),
        "may_attach": may_attach(user, opinion),
        "accepted": ACCEPTED,
        "follow": _follow(opinion, user),
        "looks_like_complaint": opinion.is_open and sounds_like_complaint(opinion.text),
    }


def _readers(opinion, user, today):
    """The panel of those who may open a restricted opinion to others; None for everybody else."""
    if not may_name_readers(user, opinion):
        return None
    named = named_readers(opinion, today)
    known = {reader.post_id for reader in named}
    posts = [post for post in posts_to_name(opinion, today) if post.pk not in known]
    return {
        "named": [(reader.post_id, _post_words(reader.post)) for reader in named],
        "choices": [(post.pk, _post_words(post)) for post in posts],
    }


def _post_words(post):
    return f"{post.person.name}, {post.full_title}"


def _follow(opinion, user):
    row = Follower.objects.filter(opinion=opinion, user=user).first()
    state = USUAL if row is None else MUTE if row.is_muted else FOLLOW
    acts = [{"choice": choice, "label": label} for choice, label in FOLLOW_ACTS.items() if choice != state]
    return {"words": FOLLOW_WORDS[state], "acts": acts}
