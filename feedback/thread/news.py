"""Which words in a thread are a leader's instruction, and which are talk."""

from collections import defaultdict
from types import SimpleNamespace

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.activity import record
from core.errors import DomainError, NotAllowed
from feedback.enums import ANSWERED, AWAITS_DAY, ExtensionState, Satisfaction, Verb, Visibility
from feedback.models import Follower, Opinion
from feedback.querysets import SHARED
from feedback.rules import SUPPORT_VERBS, TARGET
from journal.services import notify_many
from people.models import Post, User
from people.reads import users_of_bodies, users_with_roles
from units.models import Unit, UnitHeritage
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


STAFF_ROLES = ("commune", "commune_leader", "district", "leader", "specialist", "province", "province_leader")
TRUSTED_ROLES = ("commune", "commune_leader", "leader", "province", "province_leader")
"""Those of a unit who may read a restricted opinion."""

LEADER_ROLES = ("leader", "province")
"""Whom a late matter of the level below is laid before."""

QUIET = {Verb.ASSIGN, Verb.UNASSIGN, Verb.START, Verb.CONFIRM, Verb.OBJECT, Verb.EDIT, *SUPPORT_VERBS}
"""Business between the holder and its body: those who raised the matter read it in the thread."""

TOLD_VILLAGES = {
    *(Verb.RESOLVE, Verb.EXPLAIN, Verb.ACCEPT, Verb.DECLINE, Verb.ANSWER_ON_SPOT, Verb.SCHEDULE, Verb.RECEIPT),
    *(Verb.ESCALATE, Verb.TRANSFER, Verb.RETURN, Verb.REOPEN, Verb.MERGE, Verb.UNMERGE, Verb.WITHDRAW),
    *(Verb.EXTEND, Verb.PROGRESS),
}
"""Steps of which the account of the village that raised the matter hears."""


def tell(steps, *, actor, today):
    """Notices to the holder's staff, the bodies concerned, those who recorded it, and those it answers, too."""
    notify_many([*notices_of(steps, actor=actor, today=today), *notices_of_merged(steps, actor=actor, today=today)])


def notices_of_merged(steps, *, actor, today):
    """An answer, and the taking up again of what was answered, told of each matter that was merged into this one.

    Those who raised such a matter are told of their own, in its words and with its address: never of the other's.
    """
    verbs = {step.opinion.pk: step.verb for step in steps if _concerns_merged(step)}
    if not verbs:
        return []
    found = Opinion.objects.filter(SHARED, master_id__in=verbs).select_related("master").order_by("pk")
    told = [_Merged(opinion, verbs[opinion.master_id]) for opinion in found]
    return notices_of(told, actor=actor, today=today) if told else []


def notices_of_answer(opinion, *, actor, today):
    """That of an opinion which was merged into one that has its answer already."""
    verb = next(verb for verb, status in TARGET.items() if status == opinion.master.status)
    return notices_of([_Merged(opinion, verb)], actor=actor, today=today)


def _concerns_merged(step):
    after, before = step.opinion.status, step.before.get("status")
    return after != before and (after in ANSWERED or before in ANSWERED)


class _Merged:
    """The news of a master as a step of what was merged into it; `opinion` with its master."""

    note, later = "", None

    def __init__(self, opinion, verb):
        self.opinion, self.verb = opinion, verb
        self.before = {"body_id": opinion.body_id}
        self.key = f"opinion-{opinion.pk}-{opinion.version}-{opinion.master_id}-{opinion.master.version}"


def notices_of(steps, *, actor, today):
    """The notices of the steps themselves as (recipient id, key, text, url) rows, for those who say several in one."""
    plans = [(step, _units_told(step)) for step in steps]
    heirs = heirs_of({unit_id for _, unit_ids in plans for unit_id in unit_ids})
    every = {heir for found in heirs.values() for heir in found}
    staff, trusted = (users_with_roles(every, roles, today) for roles in (STAFF_ROLES, TRUSTED_ROLES))
    bodies = {body_id for step in steps for body_id in _bodies(step) if body_id}
    agents = users_of_bodies(bodies, today) if bodies else {}
    villagers = _villagers(steps, today)
    asked = _Asked(steps)
    rows = []
    for step, unit_ids in plans:
        people = trusted if step.opinion.is_restricted else staff
        told = {user for unit_id in unit_ids for heir in heirs[unit_id] for user in people.get(heir, ())}
        now, former = _bodies(step)
        told |= {*agents.get(now, ()), *villagers.get(_village_told(step), ())}
        told = asked.change(step.opinion.pk, told) - {_pk(actor)}
        rows += _rows(step, told, words(step, actor), reverse("opinion_detail", args=[step.opinion.pk]))
        if former != now:
            gone = set(agents.get(former, ())) - told - {_pk(actor)}
            rows += _rows(step, gone, _number_only(step.opinion, step.verb), reverse("opinion_list"))
    return rows + _to_deciders([step for step in steps if step.later is not None], _pk(actor), today)


def _to_deciders(steps, actor_id, today):
    """A later day that only the level above may agree to is laid before its leaders, many in one line."""
    asked = [step for step in steps if step.later.needs_above and step.later.state == ExtensionState.PENDING]
    if not asked:
        return []
    levels = dict(Unit.objects.filter(pk__in={step.later.holder_id for step in asked}).values_list("pk", "level"))
    opinions = {step.opinion.pk: step.opinion for step in asked}
    askers = [
        SimpleNamespace(
            pk=step.opinion.pk,
            holder__level=levels[step.later.holder_id],
            district_id=step.opinion.district_id,
            province_id=step.opinion.province_id,
        )
        for step in asked
    ]
    by_leader = defaultdict(list)
    for pk, leaders in leaders_above(askers, today).items():
        for user_id in set(leaders) - {actor_id}:
            by_leader[user_id].append(opinions[pk])
    return [_asked_for(user_id, found) for user_id, found in sorted(by_leader.items())]


def _asked_for(user_id, opinions):
    first = min(opinions, key=lambda opinion: opinion.pk)
    key = f"new-day-{first.pk}-{first.version}"
    if len(opinions) == 1:
        text = f"Đề nghị hạn mới, chờ quyết định: {excerpt_of(first.pk, first.text, first.visibility)}"
        return user_id, key, text, reverse("opinion_detail", args=[first.pk])
    text = f"{len(opinions)} ý kiến được đề nghị hạn mới, chờ quyết định."
    return user_id, key, text, f"{reverse('opinion_list')}?han={AWAITS_DAY}"


class _Asked:
    """Who asked for news of these opinions and sees them at this moment, and who asked for none."""

    def __init__(self, steps):
        following, self.muted = followers_of([step.opinion.pk for step in steps])
        wanted = {user_id for user_ids in following.values() for user_id in user_ids}
        users = {user.pk: user for user in User.objects.filter(pk__in=wanted)} if wanted else {}
        self.following = still_seeing(following, users)

    def change(self, opinion_id, told):
        return (told | self.following.get(opinion_id, set())) - self.muted.get(opinion_id, set())


def _village_told(step):
    """The village that raised it hears what it may read in the thread, never of what is restricted."""
    is_theirs = step.verb in TOLD_VILLAGES and not step.opinion.is_restricted
    return step.opinion.village_id if is_theirs else None


def _villagers(steps, today):
    village_ids = {_village_told(step) for step in steps} - {None}
    return users_with_roles(village_ids, ("village",), today) if village_ids else {}


def words(step, actor=None):
    """The sentence of a notice; a leader's comment is an instruction, and who is not satisfied is told with the why."""
    opinion, label = step.opinion, Verb(step.verb).label
    if step.verb == Verb.COMMENT:
        label = INSTRUCTION if instructs(actor, opinion) else TALK
    if step.verb == Verb.CONFIRM:
        label = f"Người nêu cho biết “{Satisfaction(opinion.satisfaction).label}”"
    why = f". Lý do: {shorten(step.note)}" if step.note and step.verb in (Verb.CONFIRM, Verb.OBJECT) else ""
    told = excerpt_of(opinion.pk, opinion.text, opinion.visibility)
    return f"{label}: {told}{'' if opinion.is_restricted else why}"


def excerpt_of(pk, text, visibility):
    """How a notice names an opinion: by number and first words; a restricted one by its number alone."""
    if visibility == Visibility.RESTRICTED:
        return f"ý kiến hạn chế xem số YK-{pk}"
    return f"ý kiến số YK-{pk} “{shorten(text)}”"


def shorten(text):
    """The first words, in one line."""
    text = " ".join(text.split())
    return text if len(text) <= 120 else f"{text[:119]}…"


def leaders_above(rows, today):
    """{opinion id: leaders of the next level above its holder}, in three statements for all rows.

    Rows need pk, holder__level, district_id and province_id. A district without a leader's account passes it on.
    """
    heirs = heirs_of({unit_id for row in rows for unit_id in (row.district_id, row.province_id) if unit_id})
    every = {heir for found in heirs.values() for heir in found}
    leaders = users_with_roles(every, LEADER_ROLES, today) if every else {}
    told = {}
    for row in rows:
        upper = {"commune": (row.district_id, row.province_id), "district": (row.province_id,)}
        found = (
            {user for heir in heirs.get(unit_id, ()) for user in leaders.get(heir, ())}
            for unit_id in upper.get(row.holder__level, ())
        )
        told[row.pk] = sorted(next((users for users in found if users), ()))
    return told


def _number_only(opinion, verb):
    """For a body that no longer has the opinion."""
    return f"{Verb(verb).label}: ý kiến số YK-{opinion.pk}"


def _bodies(step):
    return step.opinion.body_id, step.before.get("body_id")


def _units_told(step):
    """Units whose staff is told: the holder; unless quiet, the recorder and the commune it is about."""
    opinion = step.opinion
    unit_ids = set() if isinstance(step, _Merged) else {opinion.holder_id}
    if step.verb not in QUIET:
        unit_ids.add(opinion.unit_id)
        if not opinion.is_restricted and opinion.commune_id:
            unit_ids.add(opinion.commune_id)
    return unit_ids


def heirs_of(unit_ids):
    """{unit id: itself and the units that carry on its work}."""
    heirs = {unit_id: {unit_id} for unit_id in unit_ids}
    for origin_id, heir_id in UnitHeritage.objects.filter(origin_id__in=unit_ids).values_list("origin_id", "heir_id"):
        heirs[origin_id].add(heir_id)
    return heirs


def _rows(step, user_ids, text, url):
    key = step.key if isinstance(step, _Merged) else f"opinion-{step.opinion.pk}-{step.opinion.version}"
    return [(user_id, key, text, url) for user_id in sorted(user_ids)]


def _pk(actor):
    return actor.pk if actor else None
