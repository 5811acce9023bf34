"""The opinions of the demo and every step of their way, on the map of allowed moves and in the hands of real units."""

import random
from collections import defaultdict, deque
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from core.periods import Period
from feedback.enums import FOLLOWED_KINDS, UNRESOLVED, OpinionChannel, OpinionStatus, Verb, Visibility
from feedback.models import Opinion, OpinionMove, Support, Topic
from feedback.rules import NEXT, is_overdue
from people.enums import VILLAGE_POSITIONS, Position, title_at
from people.models import User
from people.reads import title_of
from tools.demo.fates import fate
from tools.demo.material import fold_words
from tools.demo.opinions import make_opinion, reply_text, similar_opinion
from tools.demo.people import VILLAGE_LABELS
from tools.demo.plan import THEMATIC_HA_LONG, PlannedMeeting
from tools.demo.store import Stream
from tools.demo.tables import HeldMeeting, moment
from units.enums import BodyKind, Level
from units.models import Body
from visits.enums import OPINION_ORIGIN

SHARE_SIMILAR, SHARE_RAISED_AGAIN = 0.06, 0.16
SHARE_RESTRICTED, SHARE_INTERNAL, SHARE_PRESSING = 0.008, 0.03, 0.06
REMEMBERED = 12
TOLD_DAYS = 14
HOURS = (9, 10, 11, 14, 15, 16, 17)
BODY_VERBS = {Verb.START, Verb.SCHEDULE, Verb.RESOLVE}
OF_THE_COMMUNE = ("village", "commune")
CLERKS = {
    Level.COMMUNE: (Position.PARTY_STANDING_DEPUTY, Position.PARTY_DEPUTY_GOV, Position.PARTY_SECRETARY),
    Level.DISTRICT: (Position.MMD_HEAD, Position.PARTY_STANDING_DEPUTY),
    Level.PROVINCE: (Position.MMD_HEAD,),
}


class Threads:
    """`raise_at(held)` writes the opinions of a meeting, in the order of the days."""

    def __init__(self, world, rng, staff, offices):
        self.world, self.rng, self.staff, self.offices = world, rng, staff, offices
        self.opinions, self.moves = Stream(Opinion, is_sample=True), Stream(OpinionMove)
        self.topics = dict(Topic.objects.values_list("code", "pk"))
        self.said = defaultdict(lambda: deque(maxlen=REMEMBERED))
        self._clerks = {}

    def raise_at(self, held):
        theme = THEMATIC_HA_LONG["topic"] if held.plan.theme == THEMATIC_HA_LONG["theme"] else ""
        for number in range(1, held.opinions + 1):
            self._raise(held, number, theme)

    def raise_on_visit(self, visit_id, place, day):
        """What somebody heard in a village, relayed: no meeting, the commune holds it first."""
        plan = PlannedMeeting("", Level.COMMUNE, "", day, "", "", 0, 1, "")
        held = HeldMeeting(None, plan, place.commune_id, place, Period.of_day(day, "month"), True, 1, [])
        origin = {
            "origin": OPINION_ORIGIN,
            "origin_id": visit_id,
            "source_key": f"{OPINION_ORIGIN}-{visit_id}-demo",
            "channel": OpinionChannel.RELAYED,
        }
        self._raise(held, 1, "", (place.village_id, None), origin)

    def _raise(self, held, number, theme, speaker=None, origin=None):
        rng, world, day = self.rng, self.world, held.plan.held_on
        village_id, speaker = speaker or self._speaker(held)
        place = world.place(village_id, day) if village_id else held.place
        known = self._known(held, place, village_id) if held.is_recent else None
        draft = self._draft(held, place, village_id, known, theme)
        restricted = held.is_recent and rng.random() < SHARE_RESTRICTED
        merges = known is not None and known[0] == held.plan.level and not restricted
        end = fate(
            rng, draft.competence, held.plan.level, day, world.today, kind=draft.kind,
            two_tier=place.district_id is None, mergeable=merges,
        )  # fmt: skip
        opinion_id = self.opinions.next_id
        walk = self._walk(opinion_id, end, draft, place)
        visibility = self._visibility(held, restricted, walk["status"])
        self.opinions.add(
            **(self._facts(held, number, draft, place, village_id, speaker) | (origin or {})),
            **walk,
            is_pressing=held.is_recent and rng.random() < SHARE_PRESSING,
            visibility=visibility,
            master_id=known[1] if walk["status"] == OpinionStatus.DUPLICATE else None,
        )
        if (
            held.is_recent
            and not restricted
            and walk["status"] != OpinionStatus.DUPLICATE
            and draft.problem is not None
        ):
            self.said[place.commune_id].append((held.plan.level, opinion_id, village_id, day, draft))

    def _speaker(self, held):
        """(village id, seat) of somebody present; in old ledgers only a village and a duty."""
        if held.present:
            seat = self.rng.choice(held.present)
            return seat.unit_id, seat
        villages = self._villages(held)
        return (self.rng.choice(villages) if villages else None), None

    def _villages(self, held):
        """The villages a meeting is for; of a district's round, those of the communes that have sat."""
        day = held.plan.held_on
        if held.plan.level == Level.COMMUNE:
            return self.world.villages(held.unit_id, day)
        keys = {key for sitting in held.plan.sittings for key in sitting.communes}
        communes = sorted(keys or self.world.tree(day).get(held.plan.unit, {}))
        return self.world.villages(self.world.id_of[self.rng.choice(communes)], day) if communes else []

    def _known(self, held, place, village_id):
        """Something said before in the commune: by another village, or now raised again at the level above."""
        share = SHARE_SIMILAR if held.plan.level == Level.COMMUNE else SHARE_RAISED_AGAIN
        if self.rng.random() >= share:
            return None
        earlier = [row for row in self.said[place.commune_id] if row[3] < held.plan.held_on and row[2] != village_id]
        return self.rng.choice(earlier) if earlier else None

    def _draft(self, held, place, village_id, known, theme):
        day, world = held.plan.held_on, self.world
        about = (
            world.name(village_id, day) if village_id else "",
            world.name(place.commune_id, day) if place.commune_id else world.name(held.unit_id, day),
            day.year,
        )
        where = {"district_name": world.name(place.district_id, day) if place.district_id else ""}
        if known is not None:
            return similar_opinion(self.rng, known[4], held.plan.level, *about, **where)
        return make_opinion(self.rng, held.plan.level, *about, topic=theme, **where)

    def _facts(self, held, number, draft, place, village_id, seat):
        day, period = held.plan.held_on, held.period
        title = seat.position if seat else self.rng.choice(VILLAGE_POSITIONS)
        return {
            "unit_id": held.unit_id,
            "level": held.plan.level,
            "meeting_id": held.meeting_id,
            "origin_id": held.meeting_id,
            "number": number,
            "village_id": village_id,
            "raised_by_id": seat.someone.person_id if seat else None,
            "raised_by_name": seat.someone.name if seat else self.staff.nobody_again(village_id, title),
            "raised_by_title": VILLAGE_LABELS[title],
            "raised_on": day,
            "received_on": day,
            "period_first": period.first,
            "period_last": period.last,
            "year": period.last.year,
            "month": period.last.month,
            "kind": draft.kind,
            "channel": draft.channel,
            "topic_id": self.topics[draft.topic],
            "competence": draft.competence,
            "text": draft.text,
            "search_text": fold_words(draft.text),
            **place.columns,
        }

    def _visibility(self, held, restricted, status):
        if restricted:
            return Visibility.RESTRICTED
        internal = held.is_recent and status != OpinionStatus.DUPLICATE and self.rng.random() < SHARE_INTERNAL
        return Visibility.INTERNAL if internal else Visibility.NORMAL

    def _walk(self, opinion_id, end, draft, place):
        """Writes the moves of a fate; the answer is the state they lead to."""
        walk = Walk(self, opinion_id, draft, place, end.first_due_on)
        for move in end.moves:
            walk.take(move, end)
        walk.finish()
        status = walk.status
        is_open = status in UNRESOLVED
        told_on = self.world.today - timedelta(days=TOLD_DAYS)
        late = is_overdue(status, end.due_on, told_on, end.planned_on, draft.kind)
        return {
            "status": status,
            "is_open": is_open,
            "holder_id": walk.holder_id,
            "body_id": walk.body_id,
            "due_on": end.due_on,
            "first_due_on": end.first_due_on,
            "promised_on": end.promised_on,
            "late_days": 0 if draft.kind in FOLLOWED_KINDS else end.late_days,
            "planned_on": end.planned_on if status == OpinionStatus.SCHEDULED else None,
            "answer": "" if is_open else walk.answer,
            "settled_on": None if is_open else end.settled_on,
            "first_settled_on": end.first_settled_on,
            "satisfaction": end.confirmed,
            "confirmed_on": end.confirmed_on,
            "flagged_on": end.due_on + timedelta(days=1) if late else None,
            "version": 1 + walk.count,
        }

    def clerk(self, unit_id, day):
        """Who signs for a unit: 'Nguyễn Văn An, Phó Bí thư Thường trực Xã Hải Lạng'."""
        key = unit_id, self.world.era(day)
        if key not in self._clerks:
            name, level = self.world.name(unit_id, day), self.world.units[unit_id].level
            terms = (self.staff.holder(unit_id, position, day) for position in CLERKS[level])
            term = next(filter(None, terms), None)
            self._clerks[key] = (
                f"{term.someone.name}, {title_at(Position(term.position).label, name)}" if term else name
            )
        return self._clerks[key]

    def save(self):
        return [shelf.save() for shelf in self.shelves]

    @property
    def shelves(self):
        return self.opinions, self.moves


class Walk:
    """One thread: follows the moves of a fate, and hands it over where its holder ends."""

    def __init__(self, threads, opinion_id, draft, place, due_on):
        self.threads, self.world, self.opinion_id = threads, threads.world, opinion_id
        self.draft, self.place, self.due_on = draft, place, due_on
        self.status, self.holder_id, self.body_id, self.answer = "", None, None, ""
        self.day, self.count = None, 0

    def take(self, move, end):
        self._hand_over_before(move.on)
        before = self.status
        if before and move.after != before and move.after not in NEXT[before]:
            self._step(move.on, Verb.ASSIGN, OpinionStatus.ASSIGNED, self.holder_id)
        self.due_on = move.due_on
        self._step(move.on, move.verb, move.after, self._unit(move), self._note(move, end))

    def finish(self):
        """What is still open when its holder ends goes to the heir on that day."""
        if self.status in UNRESOLVED:
            self._hand_over_before(self.world.today)

    def _unit(self, move):
        level = Level(move.holder)
        if level == self.world.units[self.holder_id].level if self.holder_id else False:
            return self.holder_id
        unit_id = getattr(self.place, f"{level}_id")
        return unit_id if self.world.is_alive(unit_id, move.on) else self._heir(unit_id)

    def _heir(self, unit_id):
        own = self.world.heirs.get(unit_id)
        if own is None and self.draft.competence in OF_THE_COMMUNE:
            own = self.world.heirs.get(self.place.commune_id)
        return own or self.place.province_id

    def _hand_over_before(self, day):
        if self.holder_id is None or self.world.is_alive(self.holder_id, day) or self.status not in UNRESOLVED:
            return
        on = self.world.units[self.holder_id].valid_to
        name = self.world.units[self.holder_id].name
        kept = self.status if self.status == OpinionStatus.SCHEDULED else OpinionStatus.RECORDED
        note = f"{name} kết thúc hoạt động, bàn giao theo sắp xếp đơn vị hành chính."
        self.body_id = None
        self._step(on, Verb.HAND_OVER, kept, self._heir(self.holder_id), note)

    def _note(self, move, end):
        rng, verb = self.threads.rng, move.verb
        if verb in (Verb.RECORD, Verb.CONFIRM) or (verb == Verb.START and rng.random() < 0.6):
            return (
                reply_text(rng, self.draft, "not_satisfied") if verb == Verb.CONFIRM and end.confirmed == "not" else ""
            )
        return reply_text(rng, self.draft, "reopened" if verb == Verb.REOPEN else move.after)

    def _step(self, on, verb, after, holder_id, note=""):
        offices, topic = self.threads.offices, self.draft.topic
        signed = self.threads.clerk(self.holder_id if verb in (Verb.ESCALATE, Verb.TRANSFER) else holder_id, on)
        if verb == Verb.ASSIGN:
            self.body_id, _ = offices.answering(holder_id, on, topic)
        elif verb in (Verb.ESCALATE, Verb.TRANSFER):
            self.body_id = None
        elif verb in BODY_VERBS and self.body_id:
            signed = offices.answering(holder_id, on, topic)[1]
        elif verb == Verb.HAND_OVER:
            signed = "Hệ thống"
        self.threads.moves.add(
            opinion_id=self.opinion_id, verb=verb, before=self.status, after=after,
            at=moment(on, HOURS[min(self.count, len(HOURS) - 1)], self.threads.rng.randint(0, 59)), actor_name=signed,
            holder_id=holder_id, body_id=self.body_id, due_on=self.due_on, note=note,
        )  # fmt: skip
        if after not in UNRESOLVED and after != self.status:
            self.answer = note
        self.status, self.holder_id = OpinionStatus(after), holder_id
        self.count += 1


ONE_IN, MOST = 3, 240
REQUESTS = (
    "Đề nghị cử cán bộ cùng kiểm tra thực địa và cho ý kiến bằng văn bản.",
    "Đề nghị cung cấp hồ sơ, số liệu liên quan để trả lời thôn, khu.",
    "Đề nghị cho ý kiến về phần việc thuộc lĩnh vực cơ quan phụ trách.",
)
REPLIES = (
    "Đã cử cán bộ cùng kiểm tra; đồng ý với phương án xử lý của cơ quan chủ trì.",
    "Đã gửi hồ sơ, số liệu liên quan; không có ý kiến khác.",
)


@transaction.atomic
def ask_for_help(world, world_name, seed, accounts):
    """For opinions held by units that have accounts; returns how many requests were made."""
    rng = random.Random(f"supports {world_name} {seed}")
    askers = {}
    for account in accounts.opened:
        if account.role in ("commune", "leader", "province"):
            askers.setdefault(account.unit.pk, account.user_id)
    working = Opinion.objects.filter(status__in=set(UNRESOLVED) - {OpinionStatus.RECORDED}, holder_id__in=askers)
    working = working.exclude(body=None).exclude(visibility=Visibility.RESTRICTED).order_by("-raised_on", "pk")
    settled = timezone.make_aware(datetime.combine(world.today - timedelta(days=3), time()))
    working = working.annotate(moved_at=Max("moves__at")).filter(moved_at__lt=settled)
    chosen = [opinion for opinion in working[: MOST * ONE_IN] if rng.randrange(ONE_IN) == 0]
    helpers = _bodies({opinion.holder_id for opinion in chosen}, world.today)
    users = {user.pk: user for user in User.objects.filter(pk__in=set(askers.values())).select_related("person")}
    titles = {pk: title_of(user, world.today) for pk, user in users.items()}
    supports, moves = [], []
    for opinion in chosen:
        others = [body for body in helpers[opinion.holder_id] if body.pk != opinion.body_id]
        for body in rng.sample(others, min(len(others), rng.choice((1, 1, 2)))):
            asker = askers[opinion.holder_id]
            support = _support(rng, opinion, body, asker, world.today)
            supports.append(support)
            moves += _moves(opinion, support, asker, titles[asker])
    Support.objects.bulk_create(supports, batch_size=500)
    OpinionMove.objects.bulk_create(moves, batch_size=500)
    return len(supports)


def _bodies(unit_ids, today):
    found = defaultdict(list)
    for body in Body.objects.on(today).filter(unit_id__in=unit_ids).exclude(kind=BodyKind.GOV).order_by("pk"):
        found[body.unit_id].append(body)
    return found


def _support(rng, opinion, body, asker, today):
    moved_on = timezone.localtime(opinion.moved_at).date()
    asked_on = max(moved_on + timedelta(days=1), today - timedelta(days=rng.randrange(2, 20)))
    due_on = asked_on + timedelta(days=rng.choice((7, 10, 15)))
    support = Support(
        opinion=opinion,
        body=body,
        request=rng.choice(REQUESTS),
        asked_on=asked_on,
        due_on=due_on,
        asked_by_id=asker,
    )
    if rng.random() < 0.4:
        support.reply = rng.choice(REPLIES)
        support.replied_on = min(today, asked_on + timedelta(days=rng.randrange(1, 9)))
    return support


def _moves(opinion, support, asker, title):
    steps = [(Verb.ASK_SUPPORT, support.asked_on, support.request, asker, title)]
    if support.replied_on:
        steps.append((Verb.REPLY_SUPPORT, support.replied_on, support.reply, None, support.body.name))
    return [
        OpinionMove(
            opinion=opinion,
            verb=verb,
            before=opinion.status,
            after=opinion.status,
            at=timezone.make_aware(datetime.combine(day, time(15, 30))),
            actor_id=actor_id,
            actor_name=name[:200],
            holder_id=opinion.holder_id,
            body_id=opinion.body_id,
            due_on=opinion.due_on,
            note=note,
        )
        for verb, day, note, actor_id, name in steps
    ]
