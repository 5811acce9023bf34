"""Lines of a month's plan: written by hand, changed, called off, taken out. Published ones change in sight of all."""

from dataclasses import dataclass
from datetime import date, time

from django.db import transaction

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name
from people.models import Person
from units.models import Unit
from units.selectors import place_on
from visits.access import may_plan_visits
from visits.enums import GroupKind
from visits.models import Assignment, PlannedVisit, Visit, VisitExemption, VisitPlan
from visits.plans.proposing import reasons_at
from visits.plans.rules import check_clash, check_plan_month, check_planned_day
from visits.services.plan_news import tell_changed

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
