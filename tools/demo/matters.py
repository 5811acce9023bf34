"""A few matters that several places share, and what became of initiatives and good practices."""

import random
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from core.display import group_digits
from core.periods import Period
from core.text import fold
from feedback.enums import FOLLOWED_KINDS, InitiativeStage, OpinionChannel, OpinionStatus, Verb, Visibility
from feedback.models import BasketItem, Initiative, Matter, Opinion, OpinionMove, ReadBack, Spread, Topic
from feedback.thread.news import excerpt_of
from journal.models import Notice
from journal.services import notify_many
from meetings.access import may_issue
from meetings.models import Meeting, Occurrence
from papers.frame import day_within, propose_signing
from papers.issuing import BY_SLUG, issue_meeting_paper
from people.enums import Role
from people.models import User
from people.reads import title_of
from reports.claims.reads import count_of, unknown_years
from reports.claims.services import note_count
from reports.enums import Comparison
from reports.measures import ANSWERED
from reports.models import Claim
from reports.published import EXCHANGE, GRASSROOTS, QUANG_NINH, SINCE_2014, YEAR_2016, published_of
from tools.demo.opinions import make_opinion
from tools.demo.store import Shelf, reset_sequences, update_rows
from tools.demo.tables import moment
from units.enums import Level
from units.reads import place_on

KEEPERS = {Role.LEADER: "district_id", Role.COMMUNE: "commune_id"}
MATTERS_A_UNIT, FEWEST, MOST = 3, 3, 12
RECENT, FOLLOWED = timedelta(days=150), timedelta(days=730)
STAGES = [InitiativeStage.ADOPTED] * 6 + [InitiativeStage.STUDIED] * 3 + [InitiativeStage.DECLINED]
SHARE_FOLLOWED, SHARE_PROPOSED = 0.5, 0.3
EFFECTS = (
    "Bà con hưởng ứng, duy trì đều hằng tuần.",
    "Sau ba tháng đường làng sạch hơn, không còn điểm rác tự phát.",
    "Tiết kiệm được công sức, nhiều hộ làm theo.",
    "Chi bộ đưa vào nghị quyết tháng, giao đoàn thể theo dõi.",
)
REASONS = ("Chưa phù hợp điều kiện kinh phí của xã.", "Trùng với mô hình xã đang triển khai.")
AWARDS = ("Giấy khen của Chủ tịch UBND xã", "Thư khen của Ban Thường vụ Đảng ủy")
FACTS = ("pk", "status", "topic_id", "topic__name", "holder_id", "body_id", "due_on", "village_id", "raised_on")
BRANCH = ("province_id", "district_id", "commune_id")


def group_and_follow(world, name, seed, accounts):
    """After everything else is saved; a chance of its own, so that the rest of the demo stays as it is."""
    rng = random.Random(f"matters {name} {seed}")
    moves = Shelf(OpinionMove)
    shelves = [_matters(world, accounts, moves), *_initiatives(world, rng, accounts, moves), moves]
    for shelf in shelves:
        shelf.save()
    reset_sequences(shelves)


def _matters(world, accounts, moves):
    """Open opinions of one field, one a village, of the districts and communes that have accounts."""
    matters, members, taken = Shelf(Matter), [], set()
    since = world.today - RECENT
    for keeper in accounts.opened:
        column = KEEPERS.get(keeper.role)
        if column is None or not world.is_alive(keeper.unit.pk, world.today):
            continue
        found = Opinion.objects.filter(**{column: keeper.unit.pk}, is_open=True, raised_on__gte=since)
        found = found.exclude(visibility=Visibility.RESTRICTED).exclude(pk__in=taken)
        found = found.exclude(village=None).exclude(kind__in=FOLLOWED_KINDS)
        for rows in _groups(found.order_by("topic_id", "pk").values(*FACTS, *BRANCH)):
            title = f"{rows[0]['topic__name']} ở {world.name(keeper.unit.pk, world.today)}"
            matter_id = _matter(matters, keeper, rows, title)
            members += [(matter_id, row["pk"]) for row in rows]
            taken |= {row["pk"] for row in rows}
            _group_moves(world, moves, keeper, rows, title)
    matters.save()
    update_rows(Opinion, ["matter"], members)
    return matters


def _groups(found):
    """The fields most villages raise, each with one opinion a village."""
    topics = defaultdict(dict)
    for row in found:
        topics[row["topic_id"]].setdefault(row["village_id"], row)
    widest = sorted(topics.values(), key=lambda rows: -len(rows))[:MATTERS_A_UNIT]
    return [list(rows.values())[:MOST] for rows in widest if len(rows) >= FEWEST]


def _matter(matters, keeper, rows, title):
    common = {name: rows[0][name] if len({row[name] for row in rows}) == 1 else None for name in BRANCH}
    created_on = max(row["raised_on"] for row in rows)
    return matters.add(
        unit_id=keeper.unit.pk, level=keeper.unit.level, title=title, search_text=fold(title),
        topic_id=rows[0]["topic_id"], created_by_id=keeper.user_id, created_on=created_on, version=1, **common,
    )  # fmt: skip


def _group_moves(world, moves, keeper, rows, title):
    for row in rows:
        _step(moves, row, Verb.GROUP, world.today, _signed(world, keeper), title)


def _initiatives(world, rng, accounts, moves):
    """About half of what was accepted is followed; what is in use spreads and is proposed for commendation."""
    initiatives, spreads = Shelf(Initiative), Shelf(Spread)
    keeper = next(account for account in accounts.opened if account.role == Role.SPECIALIST)
    found = Opinion.objects.filter(kind__in=FOLLOWED_KINDS, raised_on__gte=world.today - FOLLOWED)
    found = found.filter(status=OpinionStatus.ACCEPTED).exclude(visibility=Visibility.RESTRICTED)
    for row in found.order_by("pk").values(*FACTS, "settled_on", "commune_id"):
        if rng.random() < SHARE_FOLLOWED:
            initiative_id, note = _initiative(world, rng, initiatives, row)
            _step(moves, row, Verb.FOLLOW_UP, row["settled_on"], _signed(world, keeper), note)
            if initiatives.rows[-1]["stage"] == InitiativeStage.ADOPTED and row["commune_id"]:
                _spread(world, rng, spreads, initiative_id, initiatives.rows[-1]["adopted_on"], row, keeper)
    return initiatives, spreads


def _initiative(world, rng, initiatives, row):
    stage = rng.choice(STAGES)
    day = min(row["settled_on"] + timedelta(days=rng.randint(5, 60)), world.today)
    is_adopted = stage == InitiativeStage.ADOPTED
    effect = rng.choice(EFFECTS) if is_adopted else rng.choice(REASONS) if stage == InitiativeStage.DECLINED else ""
    values = {"opinion_id": row["pk"], "stage": stage, "adopted_on": day if is_adopted else None, "effect": effect}
    if is_adopted and rng.random() < SHARE_PROPOSED:
        proposed = min(day + timedelta(days=90), world.today)
        values["proposed_for_commendation_on"] = proposed
        if world.today - proposed > timedelta(days=60):
            values |= {"commended_on": proposed + timedelta(days=45), "commendation": rng.choice(AWARDS)}
    note = " ".join(word for word in (f"{stage.label}.", effect) if word)
    return initiatives.add(version=1, **values), note


def _spread(world, rng, spreads, initiative_id, since, row, keeper):
    others = [pk for pk in world.villages(row["commune_id"], world.today) if pk != row["village_id"]]
    for pk in rng.sample(others, min(len(others), rng.choice((0, 0, 1, 1, 2, 4)))):
        day = min(since + timedelta(days=rng.randint(10, 120)), world.today)
        spreads.add(initiative_id=initiative_id, unit_id=pk, adopted_on=day, recorded_by_id=keeper.user_id)


def _signed(world, keeper):
    return f"{keeper.term.someone.name}, {world.name(keeper.unit.pk, world.today)}"


def _step(moves, row, verb, day, signed, note):
    """One line of the thread that leaves the opinion as it is."""
    moves.add(
        opinion_id=row["pk"], verb=verb, before=row["status"], after=row["status"], at=moment(day, 16),
        actor_name=signed, holder_id=row["holder_id"], body_id=row["body_id"], due_on=row["due_on"], note=note,
    )  # fmt: skip


SHARE_SILENT = 0.35
PUT_IN_DAYS, READ_DAYS = 12, 183


def gather_and_read_back(world, name, seed, accounts):
    """After everything else is saved; a chance of its own, so that the rest of the demo stays as it is."""
    rng = random.Random(f"basket {name} {seed}")
    officers = [a for a in accounts.opened if a.role == Role.COMMUNE and world.is_alive(a.unit.pk, world.today)]
    speakers = {account.unit.pk: account for account in accounts.opened if account.role == Role.VILLAGE}
    shelves = [_baskets(world, rng, officers, speakers), _read_backs(world, officers)]
    for shelf in shelves:
        shelf.save()
    reset_sequences(shelves)


def _baskets(world, rng, officers, speakers):
    """Communes with an officer's account: about two villages of three have sent something, by now."""
    items, topics = Shelf(BasketItem), dict(Topic.objects.values_list("code", "pk"))
    for officer in officers:
        for village_id in world.villages(officer.unit.pk, world.today):
            speaker = speakers.get(village_id)
            if speaker or rng.random() > SHARE_SILENT:
                for _ in range(rng.randint(1, 3)):
                    items.add(**_item(world, rng, officer, speaker or officer, village_id, topics))
    return items


def _item(world, rng, officer, sender, village_id, topics):
    day = world.today - timedelta(days=rng.randint(0, PUT_IN_DAYS))
    place, commune = world.place(village_id, day), officer.unit
    district = world.name(place.district_id, day) if place.district_id else ""
    draft = make_opinion(
        rng, Level.COMMUNE, world.name(village_id, day), world.name(commune.pk, day), day.year, district_name=district
    )
    return {
        "unit_id": commune.pk,
        "level": Level.COMMUNE,
        "village_id": village_id,
        **place.columns,
        "text": draft.text,
        "kind": draft.kind,
        "topic_id": topics[draft.topic] if sender is officer else None,
        "channel": OpinionChannel.PRE_SUBMITTED,
        "raised_by_id": sender.term.someone.person_id if sender is not officer else None,
        "raised_by_name": sender.term.someone.name if sender is not officer else "",
        "put_in_on": day,
        "put_in_by_id": sender.user_id,
    }


def _read_backs(world, officers):
    """What was confirmed of late was said at the commune's next meeting."""
    since, held = world.today - timedelta(days=READ_DAYS), defaultdict(list)
    readers = {officer.unit.pk: officer.user_id for officer in officers}
    meetings = Meeting.objects.held().filter(level=Level.COMMUNE, unit_id__in=readers, held_on__gte=since)
    for unit_id, day, pk in meetings.order_by("held_on", "pk").values_list("unit_id", "held_on", "pk"):
        held[unit_id].append((day, pk))
    reads = Shelf(ReadBack)
    confirmed = Opinion.objects.filter(commune_id__in=readers, confirmed_on__gte=since).exclude(satisfaction="")
    confirmed = confirmed.exclude(visibility=Visibility.RESTRICTED).exclude(status=OpinionStatus.ANSWERED_ON_SPOT)
    for pk, commune_id, day, said in confirmed.order_by("pk").values_list(
        "pk", "commune_id", "confirmed_on", "satisfaction"
    ):
        rows = held.get(commune_id, ())
        at = bisect_left(rows, (day, 0))
        if at < len(rows):
            held_on, meeting_id = rows[at]
            reads.add(
                meeting_id=meeting_id, opinion_id=pk, satisfaction=said, read_by_id=readers[commune_id],
                read_at=moment(held_on, 8),
            )  # fmt: skip
    return reads


TOLD_OF_MEETINGS, TOLD_OF_MOVES = 40, 21
UNREAD = 8
TOLD_VERBS = (Verb.ASSIGN, Verb.ESCALATE, Verb.TRANSFER, Verb.RESOLVE, Verb.EXPLAIN)
COLUMNS = (
    *("pk", "verb", "opinion_id", "opinion__text", "opinion__visibility"),
    *("holder_id", "opinion__commune_id", "body_id"),
)
HOLDERS = {Role.COMMUNE, Role.COMMUNE_LEADER, Role.DISTRICT, Role.LEADER, Role.SPECIALIST, Role.PROVINCE}


def tell_long_ago(world):
    """Missing meetings of former months were told of when they were new: today's news is today's only."""
    cutoff = world.today - timedelta(days=TOLD_OF_MEETINGS)
    missing = Occurrence.objects.overdue(cutoff).filter(province=world.province, flagged_on=None)
    rows = [(late + timedelta(days=1), pk) for pk, late in missing.values_list("pk", "late_until")]
    update_rows(Occurrence, ("flagged_on",), rows)


def tell_of_moves(accounts, today):
    """What was assigned, sent on or answered in the last weeks, to the accounts of those concerned."""
    units, bodies = {}, {}
    for account in accounts.opened:
        body_id = accounts.staff.post_rows[account.term.post_id]["body_id"]
        if account.role == Role.AGENCY:
            bodies.setdefault(body_id, []).append(account.user_id)
        elif account.role in HOLDERS:
            units.setdefault(account.unit.pk, []).append(account.user_id)
    moves = OpinionMove.objects.filter(verb__in=TOLD_VERBS, at__date__gt=today - timedelta(days=TOLD_OF_MOVES))
    rows = moves.order_by("at", "pk").values_list(
        "pk",
        "verb",
        "opinion_id",
        "opinion__text",
        "opinion__visibility",
        "holder_id",
        "opinion__commune_id",
        "body_id",
    )
    notify_many(notice for row in rows for notice in _notices(row, units, bodies))


def _notices(row, units, bodies):
    pk, verb, opinion_id, text, visibility, holder_id, commune_id, body_id = row
    if visibility == Visibility.RESTRICTED:
        return
    told = bodies.get(body_id, []) if verb == Verb.ASSIGN else [*units.get(holder_id, []), *units.get(commune_id, [])]
    text = f"{Verb(verb).label}: {excerpt_of(opinion_id, text, visibility)}"
    for user_id in sorted(set(told)):
        yield user_id, f"opinion-move-{pk}", text, reverse("opinion_detail", args=[opinion_id])


def read_old_notices():
    """All but the last few notices of each account have been read."""
    rows, seen = [], Counter()
    for pk, recipient_id in Notice.objects.order_by("-pk").values_list("pk", "recipient_id"):
        seen[recipient_id] += 1
        if seen[recipient_id] > UNREAD:
            rows.append((timezone.now(), pk))
    update_rows(Notice, ("read_at",), rows)


WRITERS = (Role.COMMUNE, Role.LEADER)
MEETINGS_A_UNIT, MOST_UNITS = 2, 6
CONCLUDED_AFTER = 4
BEFORE = {"giay-moi": 6, "chuong-trinh": 4}
"""Days before a meeting on which a paper is signed."""


def issue_papers(accounts, today):
    """Invitation, programme, minutes and conclusion of the last meetings of a few units."""
    writers = {account.unit.pk: account.user_id for account in accounts.opened if account.role in WRITERS}
    for unit_id in sorted(writers)[:MOST_UNITS]:
        held = Meeting.objects.held().filter(unit_id=unit_id).select_related("unit", "occurrence")
        actor = User.objects.get(pk=writers[unit_id])
        meetings = list(held.order_by("-held_on", "-pk")[:MEETINGS_A_UNIT])
        for meeting in reversed(meetings):
            for slug, day in _due(meeting, is_last=meeting == meetings[0]):
                if may_issue(actor, meeting) and day <= today:
                    _issue(meeting, BY_SLUG[slug], day, actor, today)


def _due(meeting, is_last):
    """(kind, signing day) of what a careful office issues; the last meeting still waits for its conclusion."""
    days = [(slug, meeting.held_on - timedelta(days=days)) for slug, days in BEFORE.items()]
    days.append(("bien-ban", meeting.held_on))
    if meeting.conclusion_on or not is_last:
        days.append(("ket-luan", meeting.conclusion_on or meeting.held_on + timedelta(days=CONCLUDED_AFTER)))
    return [(slug, day) for slug, day in days if day >= meeting.unit.valid_from]


def _issue(meeting, kind, day, actor, today):
    signing = propose_signing(meeting, kind.kind, day)
    issue_meeting_paper(meeting, kind, signing, actor=actor, today=today, request_id=f"demo-{meeting.pk}-{kind.slug}")


def pin_figures(world, world_name, seed, accounts):
    """Four of the province and one of a district that has an account; returns how many."""
    rng = random.Random(f"claims {world_name} {seed}")
    pinners = {}
    for account in accounts.opened:
        if account.role in (Role.PROVINCE, Role.LEADER):
            pinners.setdefault(account.unit.level, account)
    claims = [*_of_province(world, rng), *_of_district(pinners.get(Level.DISTRICT))]
    users = User.objects.select_related("person").in_bulk([account.user_id for account in pinners.values()])
    for claim in claims:
        if account := pinners.get(claim.unit.level):
            claim.pinned_by_id = account.user_id
            claim.pinned_by_name = title_of(users[account.user_id], world.today)[:200]
        _count(claim, world.today, rng)
    Claim.objects.bulk_create(claims)
    return len(claims)


def _of_province(world, rng):
    first, last = published_of(QUANG_NINH, YEAR_2016), published_of(QUANG_NINH, SINCE_2014)
    meetings, rounds = first["commune_meetings"], last["district_meetings"]
    yield _claim(world.province, meetings, f"Năm 2016, toàn tỉnh tổ chức {meetings.words}", GRASSROOTS.title)
    share = replace(last["opinions_confirmed"], measure=ANSWERED)
    words = "Hơn 98% ý kiến, kiến nghị của năm 2016 đã được trả lời"
    yield _claim(world.province, share, words, "Báo cáo tổng kết năm 2016", period=YEAR_2016)
    yield _claim(world.province, rounds, f"Từ năm 2014 đến năm 2020 đã có {rounds.words}", EXCHANGE.title)
    yield from _overtaken(world)


def _overtaken(world):
    """What was held by the beginning of the month: said then, and grown since."""
    day, year = world.today.replace(day=1), world.today.year
    held = Meeting.objects.held().in_period(Period.year(year)).filter(level=Level.COMMUNE, province=world.province)
    if number := held.filter(held_on__lt=day).count():
        words = f"Từ đầu năm {year} đến nay, toàn tỉnh đã tổ chức {group_digits(number)} hội nghị giao ban cấp xã"
        facts = {"measure": "commune_meetings", "stated": Decimal(number), "comparison": Comparison.EXACTLY}
        claim = Claim(unit=world.province, words=words, source="Phát biểu tại hội nghị giao ban cấp tỉnh", **facts)
        claim.period, claim.pinned_on = f"{year}", day
        claim.pinned_part, claim.pinned_whole = number, None
        yield claim


def _of_district(account):
    """All rounds of 2016 of the district, as a share."""
    if account:
        words = f"Năm 2016, hơn 70% số kỳ giao ban cấp xã của {account.unit.name} được tổ chức"
        facts = {"measure": "commune_occurrences_held", "over": "commune_expected", "stated": Decimal(70)}
        yield Claim(
            unit=account.unit,
            words=words,
            source="Báo cáo năm 2016",
            comparison=Comparison.OVER,
            period=YEAR_2016,
            **facts,
        )


def _claim(unit, figure, words, source, period=""):
    return Claim(
        unit=unit,
        words=words,
        source=source,
        measure=figure.measure,
        over=figure.over,
        less=figure.less,
        comparison=figure.comparison,
        stated=figure.stated,
        period=period or figure.period,
    )


def _count(claim, today, rng):
    """Placed, counted as of today; pinned some weeks ago with the same number, unless it says its own."""
    unit = claim.unit
    for name, value in place_on(unit, day_within(unit, today)).columns.items():
        setattr(claim, name, value)
    claim.level, claim.is_sample = unit.level, True
    count = count_of(claim, today)
    if claim.pinned_on is None:
        claim.pinned_on = today - timedelta(days=rng.randrange(20, 90))
        claim.pinned_part, claim.pinned_whole = count.part, count.whole
    note_count(claim, count, unknown_years(claim, today), today)
