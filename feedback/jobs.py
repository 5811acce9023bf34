"""Telling about opinions past due. Truth is computed (`rules.is_overdue`); `flagged_on` only remembers that we told."""

from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from core.activity import record_system
from feedback.enums import FOLLOWED_KINDS, Competence, OpinionStatus, Verb, Visibility
from feedback.models import Opinion, Support
from feedback.querysets import overdue_when
from feedback.rules import REMIND_DAYS, reminder_stage
from feedback.thread.door import end_wait, enter, mark, save
from feedback.thread.news import STAFF_ROLES, TRUSTED_ROLES, excerpt_of, heirs_of, leaders_above
from journal.models import Notice
from journal.services import notify_many
from people.reads import users_of_bodies, users_with_roles
from units.enums import Level
from units.models import Unit, UnitHeritage

COLUMNS = (
    *("pk", "text", "visibility", "kind", "due_on", "planned_on", "holder_id", "holder__level", "body_id"),
    *("district_id", "province_id"),
)


@transaction.atomic
def flag_overdue(today):
    """Claim every newly overdue opinion and tell its holder and its body once, those above in one line.

    A due day that moves clears the flag (`services.door`), so the new day is told, too. Returns how many were claimed.
    """
    claimed = Opinion.objects.overdue(today).filter(flagged_on=None).update(flagged_on=today)
    if not claimed:
        return 0
    flagged = Opinion.objects.overdue(today).filter(flagged_on=today).order_by("due_on", "pk")
    rows = list(flagged.values_list(*COLUMNS, named=True))
    notify_many([*_to_workers(rows, today), *_to_those_above(rows, today)])
    record_system("opinion.flag_overdue", {"today": str(today), "count": claimed})
    return claimed


def _to_workers(rows, today):
    """One notice per opinion for the holder's staff and the body's accounts; a restricted one by its number."""
    told = workers_told(rows, today)
    for row in rows:
        text = f"Quá hạn từ ngày {row.due_on:%d/%m/%Y}: {excerpt_of(row.pk, row.text, row.visibility)}"
        key = f"opinion-overdue-{row.pk}-{row.planned_on or row.due_on}"
        for user_id in told[row.pk]:
            yield user_id, key, text, reverse("opinion_detail", args=[row.pk])


def workers_told(rows, today):
    """{opinion id: accounts of its holder and its body}, in four statements for all rows."""
    heirs = heirs_of({row.holder_id for row in rows})
    every = {heir for found in heirs.values() for heir in found}
    staff, trusted = (users_with_roles(every, roles, today) for roles in (STAFF_ROLES, TRUSTED_ROLES))
    agents = users_of_bodies({row.body_id for row in rows if row.body_id}, today)
    told = {}
    for row in rows:
        people = trusted if row.visibility == Visibility.RESTRICTED else staff
        users = {user for heir in heirs[row.holder_id] for user in people.get(heir, ())}
        told[row.pk] = sorted(users | set(agents.get(row.body_id, ())))
    return told


def _to_those_above(rows, today):
    """One line a day for each leader above, however many opinions below are late."""
    above = leaders_above(rows, today)
    counts = Counter(user for row in rows for user in above[row.pk])
    for user_id, count in sorted(counts.items()):
        text = f"{count} ý kiến của đơn vị cấp dưới vừa quá hạn giải quyết."
        yield user_id, f"opinions-overdue-below-{today}", text, f"{reverse('opinion_list')}?han=qua-han"


WORDS = {
    "soon": "Còn {days} ngày đến hạn: {opinion}",
    "today": "Hạn hôm nay: {opinion}",
    "above": "Quá hạn {days} ngày, trình cấp trên xem xét: {opinion}",
    "review": "Đến kỳ rà soát kế hoạch: {opinion}",
    "soon-idea": "Còn {days} ngày đến ngày cần xem xét: {opinion}",
    "today-idea": "Hôm nay là ngày cần xem xét: {opinion}",
}
BATCH = 500


def escalate_overdue(today):
    """Remind, then lay before the level above; returns for how many opinions something was said.

    A job that was off for some days catches up: what is long past due goes to the level above on the next run.
    Run twice, the second says and changes nothing.
    """
    rows = [(row, _deadline(row)) for row in _candidates(today)]
    staged = [(row, day, stage) for row, day in rows if (stage := _stage(row, day, today))]
    late = [(row, day) for row, day, stage in staged if stage == "above"]
    count = _remind([each for each in staged if each[2] != "above"] + _reviews(today), today)
    count += sum(_show_above(late[start : start + BATCH], today) for start in range(0, len(late), BATCH))
    if count:
        record_system("opinion.escalate_overdue", {"today": str(today), "count": count})
    return count


@transaction.atomic
def _remind(staged, today):
    """One notice a stage and a day to the holder's staff and the body; the notice's key remembers that it was sent."""
    workers = workers_told([row for row, _, _ in staged], today) if staged else {}
    notices = {f"opinion-{stage}-{row.pk}-{day}": (row, day, stage) for row, day, stage in staged if workers[row.pk]}
    told = set(Notice.objects.filter(key__in=notices).values_list("key", flat=True))
    new = {key: value for key, value in notices.items() if key not in told}
    notify_many(
        notice for key, (row, day, stage) in new.items() for notice in _notices(key, row, day, stage, workers, today)
    )
    return len(new)


@transaction.atomic
def _show_above(late, today):
    """Claim what nobody has laid before the level above yet, write it into the thread, tell the leaders there."""
    days = {row.pk: day for row, day in late}
    unclaimed = Opinion.objects.unresolved().filter(pk__in=days, shown_above_on=None)
    opinions = list(unclaimed.select_for_update(of=("self",)).order_by("pk"))
    claimed = {opinion.pk for opinion in opinions}
    steps = [mark(opinion, Verb.SHOW_ABOVE, _late_words(days[opinion.pk], today)) for opinion in opinions]
    for opinion in opinions:
        opinion.shown_above_on = today
    if steps:
        save(steps, actor=None, today=today)
    rows = [(row, day) for row, day in late if row.pk in claimed]
    leaders = leaders_above([row for row, _ in rows], today) if rows else {}
    notify_many(
        notice
        for row, day in rows
        for notice in _notices(f"opinion-above-{row.pk}-{day}", row, day, "above", leaders, today)
    )
    return len(claimed)


def _late_words(day, today):
    return f"Hạn {day:%d/%m/%Y}, đã quá {(today - day).days} ngày."


def _candidates(today):
    """Unresolved opinions near or past their day; a scheduled one waits for its planned day.

    What has been laid before the level above, or has none above, is only looked at again with a new day.
    """
    near = today + timedelta(days=REMIND_DAYS)
    waiting = Q(status=OpinionStatus.SCHEDULED, planned_on__gt=near)
    queryset = Opinion.objects.unresolved().filter(due_on__lte=near, shown_above_on=None).exclude(waiting)
    queryset = queryset.exclude(Q(holder__level=Level.PROVINCE) & overdue_when(today))
    return queryset.order_by("due_on", "pk").values_list(*COLUMNS, "status", named=True)


def _reviews(today):
    """Plans whose quarterly look is due."""
    found = Opinion.objects.unresolved().filter(status=OpinionStatus.SCHEDULED, review_on__lte=today)
    rows = found.order_by("review_on", "pk").values_list(*COLUMNS, "review_on", named=True)
    return [(row, row.review_on, "review") for row in rows]


def _stage(row, day, today):
    """What is said today; of an initiative only that its day comes, it is never late."""
    stage = reminder_stage(day, today)
    if row.kind not in FOLLOWED_KINDS:
        return stage
    return f"{stage}-idea" if stage in ("soon", "today") else None


def _deadline(row):
    """The day that counts: the planned one of a scheduled opinion if it is later."""
    if row.status == OpinionStatus.SCHEDULED and row.planned_on:
        return max(row.due_on, row.planned_on)
    return row.due_on


def _notices(key, row, day, stage, users, today):
    opinion = excerpt_of(row.pk, row.text, row.visibility)
    text = WORDS[stage].format(days=abs((today - day).days), opinion=opinion)
    return [(user_id, key, text, reverse("opinion_detail", args=[row.pk])) for user_id in users[row.pk]]


@transaction.atomic
def remind_supports(today):
    """Returns for how many requests somebody was told; the notice's key remembers it."""
    waiting = Support.objects.filter(replied_on=None, withdrawn_on=None, due_on__lte=today, opinion__is_open=True)
    rows = list(waiting.select_related("opinion").order_by("due_on", "pk"))
    keys = {_key(row, today): row for row in rows}
    told = set(Notice.objects.filter(key__in=keys).values_list("key", flat=True))
    new = {key: row for key, row in keys.items() if key not in told}
    if not new:
        return 0
    agents = users_of_bodies({row.body_id for row in new.values()}, today)
    holders = workers_told([row.opinion for row in new.values() if row.due_on < today], today)
    notices = []
    for key, row in new.items():
        opinion, late = row.opinion, (today - row.due_on).days
        users = set(agents.get(row.body_id, ())) | (set(holders[opinion.pk]) if late else set())
        words = f"Quá hạn phối hợp {late} ngày" if late else "Hạn phối hợp hôm nay"
        text = f"{words}: {excerpt_of(opinion.pk, opinion.text, opinion.visibility)}"
        url = reverse("opinion_detail", args=[opinion.pk])
        notices += [(user_id, key, text, url) for user_id in sorted(users)]
    notify_many(notices)
    record_system("support.remind", {"today": str(today), "count": len(new)})
    return len(new)


def _key(row, today):
    return f"support-{'late' if row.due_on < today else 'today'}-{row.pk}-{row.due_on}"


HANDED_AT_ONCE = 500
OF_THE_COMMUNE = (Competence.VILLAGE, Competence.COMMUNE)


def hand_over(today):
    """Give every open opinion of an ended unit to the unit that carries on; returns how many moved.

    A commune's go to its heir; a district's without heir go to the commune of origin if they are the commune's or
    the village's business, else to the province. The body is cleared, the due day stays; a plan (SCHEDULED) stays a
    plan, everything else waits to be assigned again. Run twice, the second finds nothing.
    """
    found = Opinion.objects.unresolved().filter(holder__valid_to__lte=today).order_by("pk")
    pks = list(found.values_list("pk", flat=True))
    return sum(
        _hand_over_some(pks[start : start + HANDED_AT_ONCE], today) for start in range(0, len(pks), HANDED_AT_ONCE)
    )


@transaction.atomic
def _hand_over_some(pks, today):
    queryset = Opinion.objects.unresolved().filter(pk__in=pks, holder__valid_to__lte=today)
    opinions = list(queryset.select_related("holder").select_for_update(of=("self",)).order_by("pk"))
    carriers = _carriers(opinions, today)
    steps, counts = [], Counter()
    for opinion in opinions:
        target = _target(opinion, carriers)
        if target is not None:
            counts[opinion.holder.name, target] += 1
            is_home = target == carriers.get(opinion.commune_id)
            steps.append(_handed(opinion, target, today, is_home))
    save(steps, actor=None, today=today)
    _tell(counts, today)
    return len(steps)


def _carriers(opinions, today):
    """{unit id: id of the unit in force that carries on its work}; units in force carry on their own."""
    columns = ("holder_id", "commune_id", "district_id", "province_id")
    unit_ids = {getattr(opinion, column) for opinion in opinions for column in columns} - {None}
    alive = Unit.objects.on(today)
    carriers = {pk: pk for pk in alive.filter(pk__in=unit_ids).values_list("pk", flat=True)}
    heritage = UnitHeritage.objects.filter(origin_id__in=unit_ids - set(carriers), heir__in=alive)
    return carriers | dict(heritage.order_by("-heir_id").values_list("origin_id", "heir_id"))


def _target(opinion, carriers):
    """The unit that takes an opinion over, or None when nobody carries on."""
    own = carriers.get(opinion.holder_id)
    if own is not None:
        return own
    commune = carriers.get(opinion.commune_id) if opinion.competence in OF_THE_COMMUNE else None
    return commune or carriers.get(opinion.province_id)


def _handed(opinion, target, today, is_home):
    """The prepared step of one opinion; come home to its commune, nobody waits for a level above any longer."""
    note = f"{opinion.holder.name} kết thúc hoạt động, bàn giao theo sắp xếp đơn vị hành chính."
    step = mark(opinion, Verb.HAND_OVER, note)
    opinion.holder_id, opinion.body_id = target, None
    opinion.receipt_due_on = opinion.receipted_on = None
    if is_home and opinion.waiting_from:
        end_wait(opinion, today)
    kept = OpinionStatus.SCHEDULED
    enter(step, kept if opinion.status == kept else OpinionStatus.RECORDED, today)
    return step


def _tell(counts, today):
    """One notice per account and ended unit, however many opinions came."""
    users = users_with_roles({target for _, target in counts}, STAFF_ROLES, today)
    url = f"{reverse('opinion_list')}?giu=1"
    notify_many(
        (user_id, f"handover-{today}-{name}-{target}", f"Nhận bàn giao {count} ý kiến chưa xong của {name}.", url)
        for (name, target), count in counts.items()
        for user_id in users.get(target, ())
    )
