"""Which words in a thread are a leader's instruction, and which are talk."""

from django.utils import timezone

from feedback.enums import Verb
from people.models import Post
from units.scoping import scope_of

INSTRUCTORS = ("commune_leader", "leader", "province", "province_leader")
INSTRUCTION, TALK = "Chỉ đạo", "Trao đổi"


def instructs(actor, opinion):
    """Does a leader of this branch speak?"""
    return actor is not None and scope_of(actor).may(INSTRUCTORS, opinion)


def comment_labels(moves):
    """{move id: word} of the comments of a thread: by the posts that who wrote them held that day; one query."""
    comments = [move for move in moves if move.verb == Verb.COMMENT]
    actors = {move.actor_id for move in comments} - {None}
    posts = Post.objects.filter(person__users__pk__in=actors, role__in=INSTRUCTORS) if actors else Post.objects.none()
    terms = list(posts.values_list("person__users__pk", "valid_from", "valid_to"))
    return {move.pk: INSTRUCTION if _held(move, terms) else TALK for move in comments}


def _held(move, terms):
    day = timezone.localtime(move.at).date()
    return any(
        user_id == move.actor_id and first <= day and (last is None or day < last) for user_id, first, last in terms
    )
