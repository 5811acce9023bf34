"""Who is told of a plan: the cadres who go, the communes and the villages they come to."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, time

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from core.activity import record
from core.display import clock_text, day_text
from core.errors import Conflict, DomainError, NotAllowed
from core.periods import Period
from core.text import clean_name
from journal.services import notify_many
from meetings.access import unit_thing
from people.enums import Role
from people.models import Person, User
from people.reads import title_of, users_with_roles
from units.models import Unit
from units.reads import place_on, places_on
from visits.access import REVIEWERS, may_plan_visits
from visits.enums import GroupKind, PlanState, VisitStatus
from visits.models import Assignment, PlannedVisit, Visit, VisitExemption, VisitPlan
from visits.plans.proposing import group_of, places_day, proposals, reasons_at
from visits.plans.rules import check_clash, check_plan_month, check_planned_day


def tell_published(plan, actor, today):
    """One notice a person, however many lines concern them."""
    lines = list(plan.lines.standing().select_related("unit", "commune"))
    label = f"Kế hoạch đi cơ sở {plan.period.label_inside} của {plan.unit.name}"
    key = f"visit-plan-{plan.pk}-published"
    rows, names = [], {}
    people = Counter(line.person_id for line in lines)
    for pk, person_id in User.objects.active().filter(person_id__in=people).values_list("pk", "person_id"):
        text = f"{label} đã công bố: đồng chí có {people[person_id]} lượt"
        rows.append((pk, key, text, reverse("visit_plan_mine") + f"?ky={plan.period.code}"))
    for line in lines:
        names |= {line.commune_id: line.commune.name, line.village_id: line.unit.name}
    counts = Counter(line.commune_id for line in lines), Counter(line.village_id for line in lines if line.village_id)
    for places, roles in zip(counts, (REVIEWERS, {Role.VILLAGE}), strict=True):
        for unit_id, users in users_with_roles(set(places), roles, today).items():
            text = f"{label}: {places[unit_id]} lượt đến {names[unit_id]}"
            rows += [(user_id, key, text, plan.get_absolute_url()) for user_id in users]
    notify_many(row for row in rows if row[0] != actor.pk)


def tell_changed(line, words, actor, today, formerly=()):
    """One notice a person and change; `formerly`: (commune id, village id) of the place before the change."""
    pairs = {(line.commune_id, line.village_id), *formerly}
    users = set(User.objects.active().filter(person_id=line.person_id).values_list("pk", flat=True))
    for place, roles in enumerate((REVIEWERS, {Role.VILLAGE})):
        found = users_with_roles({pair[place] for pair in pairs if pair[place]}, roles, today)
        users |= {pk for pks in found.values() for pk in pks}
    key = f"planned-visit-{line.pk}-{line.version}"
    text = f"Lịch đi cơ sở {words}: {line.person.name}, {when_of(line)} tại {line.unit.name}"
    url = line.plan.get_absolute_url()
    notify_many((pk, key, text, url) for pk in users if pk != actor.pk)


def when_of(line):
    clock = f"{clock_text(line.starts_at)} " if line.starts_at else ""
    return f"{clock}ngày {day_text(line.planned_on)}"


FOREIGN = "Chỉ người phân công cán bộ của đơn vị được lập và sửa kế hoạch đi cơ sở của đơn vị đó."
STALE = "Lượt này vừa được người khác sửa, nên chưa ghi đè. Xem lại nội dung mới nhất rồi sửa tiếp nếu còn cần."


@dataclass(frozen=True)
class LineDraft:
    """Where to, with whom, when; `note` is for those who go."""

    unit: Unit
    group: str
    planned_on: date
    starts_at: time | None = None
    note: str = ""


@transaction.atomic
def add_line(plan_id, draft, *, actor, person, today):
    """A line by hand. The very same line twice is the first one (a double click); published plans tell of it."""
    plan = locked_plan(plan_id, actor)
    same = plan.lines.standing().filter(
        person=person, unit=draft.unit, group=draft.group, planned_on=draft.planned_on, starts_at=draft.starts_at
    )
    if known := same.first():
        return known
    line = PlannedVisit(plan=plan, person=person)
    _fill(line, draft, today)
    line.save()
    _written(plan, line, "planned_visit.add", actor, {}, today, "có thêm lượt")
    return line


@transaction.atomic
def change_line(line_id, draft, *, actor, version, today):
    """Another place, day, hour or group. Whoever goes stays: another cadre is another line."""
    line = _locked_line(line_id, actor, version)
    _check_open(line)
    before, note, formerly = facts_of_line(line), line.note, (line.commune_id, line.village_id)
    _fill(line, draft, today)
    if (facts_of_line(line), line.note) == (before, note):
        return line
    line.version += 1
    line.save()
    _written(line.plan, line, "planned_visit.edit", actor, before, today, "đổi", {formerly})
    return line


@transaction.atomic
def cancel_line(line_id, *, actor, version, note, today):
    """Called off with its reason: the line stays in sight and counts no more."""
    line = _locked_line(line_id, actor, version)
    _check_open(line)
    note = clean_name(note)[:300]
    if not note:
        raise DomainError("Nhập lý do thôi không đi trước khi lưu.", "note")
    before = facts_of_line(line)
    line.is_cancelled, line.note = True, note
    line.version += 1
    line.save(update_fields=["is_cancelled", "note", "version"])
    _written(line.plan, line, "planned_visit.cancel", actor, before, today, "thôi một lượt")
    return line


@transaction.atomic
def remove_line(line_id, *, actor, version, today):
    """Out of a draft, as if it had never been proposed. What is published is called off instead."""
    line = _locked_line(line_id, actor, version)
    if not line.plan.is_draft:
        raise DomainError("Kế hoạch đã công bố nên không bỏ hẳn lượt này được. Dùng “Thôi không đi” và ghi lý do.")
    if line.visit_id:
        raise DomainError("Lượt này đã đi và đã ghi, nên giữ lại trong kế hoạch.")
    record(actor.pk, "planned_visit.remove", line, before=facts_of_line(line))
    plan = line.plan
    line.delete()
    touch(plan)
    return plan


def locked_plan(plan_id, actor):
    """The plan under a lock; invisible or not one's own to plan: refused."""
    plans = VisitPlan.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit")
    plan = plans.filter(pk=plan_id).first()
    if plan is None or not may_plan_visits(actor, plan):
        raise NotAllowed(FOREIGN)
    return plan


def _locked_line(line_id, actor, version):
    plan_id = PlannedVisit.objects.filter(pk=line_id).values_list("plan_id", flat=True).first()
    plan = locked_plan(plan_id, actor)
    line = plan.lines.select_for_update(of=("self",)).select_related("person", "unit", "visit").get(pk=line_id)
    if version != line.version:
        raise Conflict(STALE)
    line.plan = plan
    return line


def _check_open(line):
    if line.is_cancelled:
        raise DomainError("Lượt này đã thôi không đi. Thêm lượt mới nếu lại cần đi.")
    if line.visit_id and line.visit.is_counted:
        raise DomainError("Lượt này đã đi và đã ghi. Muốn sửa nội dung, mở lượt đi đã ghi.")


def _fill(line, draft, today):
    """Check and copy what was asked; place columns, post and assignment are those of the day planned."""
    month = line.plan.period
    check_plan_month(month, today)
    check_planned_day(draft.planned_on, month, today)
    if draft.group not in GroupKind.values:
        raise DomainError("Chọn tổ chức sẽ dự sinh hoạt trong danh sách.", "group")
    place = place_on(draft.unit, draft.planned_on)
    if place.commune_id is None:
        raise DomainError("Chọn xã, phường hoặc thôn, khu sẽ đến; không chọn cấp huyện, cấp tỉnh.", "unit")
    assignment = _assignment(line, draft, place)
    Person.objects.select_for_update(no_key=True).get(pk=line.person_id)
    _check_free(line, draft)
    if line.unit_id != draft.unit.pk:
        line.reasons = reasons_at(draft.unit.pk, month, today)
    line.unit, line.village_id, line.assignment, line.post = draft.unit, place.village_id, assignment, assignment.post
    line.local_group = assignment.local_group if assignment.group == draft.group else None
    line.level = line.post.unit.level
    for name, value in place.columns.items():
        setattr(line, name, value)
    line.group, line.planned_on, line.starts_at = draft.group, draft.planned_on, draft.starts_at
    line.note = clean_name(draft.note)[:300]


def _assignment(line, draft, place):
    """The assignment of the unit's own cadre that covers the place on the day: the nearest, then the main one."""
    units = [pk for pk in (place.village_id, place.commune_id, place.district_id) if pk]
    held = Assignment.objects.on(draft.planned_on).filter(
        person_id=line.person_id, post__unit_id=line.plan.unit_id, unit_id__in=units
    )
    ranked = sorted(
        held.select_related("post__unit", "local_group"),
        key=lambda each: (units.index(each.unit_id), each.group not in ("", draft.group), each.is_deputy, each.pk),
    )
    if not ranked:
        raise DomainError(
            f"{line.person.name} không được phân công tại {draft.unit.name} ngày {draft.planned_on:%d/%m/%Y}. "
            "Chọn nơi khác, ngày khác, hoặc ghi phân công trước.",
            "unit",
        )
    return ranked[0]


def _check_free(line, draft):
    """Not on leave, and an hour from the person's other lines and visits of the day."""
    day = draft.planned_on
    leave = VisitExemption.objects.filter(person_id=line.person_id, first_on__lte=day, last_on__gte=day).first()
    if leave:
        raise DomainError(
            f"{line.person.name} được miễn đi cơ sở từ {leave.first_on:%d/%m/%Y} đến {leave.last_on:%d/%m/%Y}. "
            "Chọn ngày ngoài thời gian đó.",
            "planned_on",
        )
    others = PlannedVisit.objects.unmade().filter(person_id=line.person_id, planned_on=day).exclude(pk=line.pk)
    made = Visit.objects.counted().filter(person_id=line.person_id, visited_on=day)
    rows = [
        *others.values_list("planned_on", "starts_at", "unit__name"),
        *made.values_list("visited_on", "started_at", "unit__name"),
    ]
    check_clash(line.person.name, day, draft.starts_at, rows)


def _written(plan, line, verb, actor, before, today, words, formerly=()):
    """What every change of a line leaves behind: a line in the log, a newer plan, and news once it is published."""
    record(actor.pk, verb, line, before=before, after=facts_of_line(line))
    touch(plan)
    if not plan.is_draft:
        tell_changed(line, words, actor, today, formerly)


def touch(plan):
    plan.version += 1
    plan.save(update_fields=["version"])


def facts_of_line(line):
    """Plain facts for the activity log, no free text."""
    return {
        "unit": line.unit_id,
        "place": line.unit.name,
        "person": line.person_id,
        "group": line.group,
        "on": line.planned_on.isoformat(),
        "at": line.starts_at.isoformat("minutes") if line.starts_at else "",
        "cancelled": line.is_cancelled,
    }


@transaction.atomic
def propose_plan(unit, month, *, actor, today):
    """The draft of a month, made or filled up with what norms still ask: (plan, number of lines added).

    What is there, also what a person changed, stays as it is; doing it twice adds nothing.
    """
    check_plan_month(month, today)
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    thing = unit_thing(unit, places_day(month, today))
    if not may_plan_visits(actor, thing):
        raise NotAllowed(FOREIGN)
    branch = {name: getattr(thing, name) for name in ("province_id", "district_id", "commune_id")}
    plan, is_new = VisitPlan.objects.get_or_create(
        unit=unit, month=month.first, defaults={"level": unit.level, **branch}
    )
    if not plan.is_draft:
        raise DomainError("Kế hoạch tháng này đã công bố. Thêm từng lượt nếu còn cần, mỗi lượt thêm đều được báo.")
    lines = _lines(plan, proposals(unit.pk, plan.province_id, month, today), month, today)
    PlannedVisit.objects.bulk_create(lines, batch_size=500)
    if lines and not is_new:
        touch(plan)
    if lines or is_new:
        record(actor.pk, "visit_plan.propose", plan, after={"month": month.code, "lines": len(lines)})
    return plan, len(lines)


def _lines(plan, found, month, today):
    places = places_on({each.unit_id for each in found}, places_day(month, today))
    return [
        PlannedVisit(
            plan=plan,
            unit_id=each.unit_id,
            level=each.assignment.level,
            village_id=places[each.unit_id].village_id,
            person_id=each.assignment.person_id,
            post_id=each.assignment.post_id,
            assignment=each.assignment,
            group=group_of(each.assignment),
            local_group_id=each.assignment.local_group_id,
            planned_on=each.day,
            reasons=each.reasons,
            is_sample=plan.is_sample,
            **places[each.unit_id].columns,
        )
        for each in found
        if places[each.unit_id].commune_id
    ]


@transaction.atomic
def publish_plan(plan_id, *, actor, version, now):
    """The cadres, communes and villages concerned are told, once; a second click changes nothing."""
    plan, today = locked_plan(plan_id, actor), timezone.localtime(now).date()
    if not plan.is_draft:
        return plan
    if version != plan.version:
        raise Conflict("Kế hoạch vừa được người khác sửa. Xem lại các lượt mới nhất rồi công bố.")
    check_plan_month(plan.period, today)
    if not plan.lines.standing().exists():
        raise DomainError("Kế hoạch chưa có lượt nào. Thêm ít nhất một lượt rồi công bố.")
    plan.state, plan.published_at, plan.published_by_id = PlanState.PUBLISHED, now, actor.pk
    plan.published_by_name = title_of(actor, today)[:200]
    plan.version += 1
    plan.save(update_fields=["state", "published_at", "published_by_id", "published_by_name", "version"])
    record(actor.pk, "visit_plan.publish", plan, after={"month": plan.period.code, "lines": plan.lines.count()})
    tell_published(plan, actor, today)
    return plan


def fulfil(visit, line_id=None):
    """The planned visit that `visit` answers, or None: the line named, else one of the same person, place and month.

    Called inside the transaction that saves the visit, again when its record is mended; a line whose visit was
    withdrawn is free again, and a visit that went elsewhere lets its line go.
    """
    month = Period.of_day(visit.visited_on, "month")
    places = [pk for pk in (visit.unit_id, visit.village_id) if pk]
    fitting = PlannedVisit.objects.select_for_update(of=("self",)).standing().in_period(month)
    fitting = fitting.filter(person_id=visit.person_id)
    held = fitting.filter(visit=visit, unit_id__in=[*places, visit.commune_id]).first()
    if held:
        return held
    PlannedVisit.objects.filter(visit=visit).update(visit=None)
    free = fitting.filter(Q(visit=None) | Q(visit__status=VisitStatus.WITHDRAWN))
    named = free.filter(pk=line_id, unit_id__in=[*places, visit.commune_id]).first() if line_id else None
    line = named or min(
        free.filter(unit_id__in=places),
        key=lambda each: (each.unit_id != visit.unit_id, abs(each.planned_on - visit.visited_on), each.pk),
        default=None,
    )
    if line:
        line.visit = visit
        line.save(update_fields=["visit"])
    return line
