"""Assignments, norms and leave: what is expected of whom, with the paper that says so."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.merging import overtaken
from core.text import clean_name
from people.models import Person
from people.rules import effective_end
from units.closed import ONWARDS, check_open
from units.enums import LEVEL_ORDER, Level
from units.models import Unit
from units.reads import place_on, places_on
from visits.access import keeps, may_end_assignment, may_keep_norms
from visits.models import Assignment, VisitExemption, VisitNorm
from visits.rules import check_group, check_term, spans_overlap

OUTSIDE = "Chỉ phân công cán bộ của đơn vị mình, cấp mình về địa bàn thuộc đơn vị mình. Chọn lại cán bộ hoặc địa bàn."


@dataclass(frozen=True)
class AssignmentOrder:
    """One decision about one post, from-to (both included).

    To which places, perhaps to one kind of group there; and to which groups by name.
    """

    post: object
    units: tuple
    decision_number: str
    decided_on: date
    issuer: str
    valid_from: date
    last_on: date | None = None
    group: str = ""
    is_deputy: bool = False
    local_groups: tuple = ()


@transaction.atomic
def assign_cadre(order, *, actor, request_id=None, today):
    """One row a place or named group. Refused as a whole when a place is closed, foreign, or the same person's already.

    Replaying a `request_id` gives the first rows back.
    """
    if known := _replayed(request_id):
        return known
    Person.objects.select_for_update(no_key=True).get(pk=order.post.person_id)
    valid_to = order.last_on + timedelta(days=1) if order.last_on else None
    post_end = effective_end(order.post.valid_to, order.post.unit.valid_to)
    check_term(order.valid_from, valid_to, order.post.valid_from, post_end, order.decided_on)
    home = place_on(order.post.unit, order.valid_from)
    rows = []
    for number, (unit, local_group) in enumerate(_targets(order)):
        place = place_on(unit, order.valid_from)
        if not keeps(actor, home, place) or getattr(place, f"{order.post.unit.level}_id") != order.post.unit_id:
            raise NotAllowed(OUTSIDE, "units")
        check_open(unit, order.valid_from, order.last_on or ONWARDS, "valid_from")
        row = _assignment(order, unit, local_group, valid_to, place, actor)
        row.request_id = f"{request_id}:{number}" if request_id else None
        rows.append(row)
    if not rows:
        raise DomainError("Chọn ít nhất một địa bàn hoặc một tổ chức phụ trách.", "units")
    _check_overlap(order, rows)
    for assignment in rows:
        assignment.save()
        record(actor.pk, "assignment.create", assignment, after=_facts(assignment))
    return rows


def _targets(order):
    """(unit, named group or None) of every row; a group that does not last as long is refused."""
    for local_group in order.local_groups:
        span = local_group.valid_from, local_group.valid_to
        check_group(local_group.name, span, local_group.kind, local_group.kind, order.valid_from)
        if local_group.valid_to and (order.last_on is None or order.last_on >= local_group.valid_to):
            last_day = local_group.valid_to - timedelta(days=1)
            raise DomainError(
                f"{local_group.name} hoạt động đến hết {last_day:%d/%m/%Y}. Nhập ngày cuối không sau ngày đó.",
                "last_on",
            )
    return [*((unit, None) for unit in order.units), *((each.unit, each) for each in order.local_groups)]


def _replayed(request_id):
    if not request_id:
        return []
    return list(Assignment.objects.filter(request_id__startswith=f"{request_id}:").order_by("pk"))


def _assignment(order, unit, local_group, valid_to, place, actor):
    return Assignment(
        unit=unit,
        level=order.post.unit.level,
        person_id=order.post.person_id,
        post=order.post,
        group=local_group.kind if local_group else order.group,
        local_group=local_group,
        is_deputy=order.is_deputy,
        decision_number=clean_name(order.decision_number),
        decided_on=order.decided_on,
        issuer=clean_name(order.issuer),
        valid_from=order.valid_from,
        valid_to=valid_to,
        created_by_id=actor.pk,
        **place.columns,
    )


def _facts(assignment):
    return {
        "unit": assignment.unit.key,
        "local_group": assignment.local_group_id,
        "person": assignment.person_id,
        "decision": assignment.decision_number,
        "from": assignment.valid_from.isoformat(),
        "to": assignment.valid_to.isoformat() if assignment.valid_to else None,
    }


def _check_overlap(order, rows):
    """The same person at the same place and group twice in the same days is a mistake in one of the decisions."""
    new = {(row.unit_id, row.group, row.local_group_id): (row.valid_from, row.valid_to) for row in rows}
    if len(new) < len(rows):
        raise DomainError("Một địa bàn được chọn hai lần. Bỏ bớt một lần.", "units")
    held = Assignment.objects.filter(person_id=order.post.person_id, unit__in=[row.unit_id for row in rows])
    for assignment in held.select_related("unit"):
        span = new.get((assignment.unit_id, assignment.group, assignment.local_group_id))
        if span and spans_overlap(span, (assignment.valid_from, assignment.valid_to)):
            raise DomainError(
                f"Cán bộ này đã được phân công về {assignment.unit.name} từ {assignment.valid_from:%d/%m/%Y} theo "
                f"{assignment.decision_number}, trùng thời gian. Kết thúc phân công cũ trước, hoặc sửa ngày bắt đầu.",
                "valid_from",
            )


@transaction.atomic
def end_assignment(assignment_id, *, actor, version, last_on, today):
    """The last day of an assignment; visits after it are "ngoài phân công"."""
    queryset = Assignment.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit")
    assignment = queryset.filter(pk=assignment_id).first()
    if assignment is None or not may_end_assignment(actor, assignment):
        raise NotAllowed("Chỉ đơn vị quản lý địa bàn được kết thúc phân công này.")
    if version != assignment.version:
        raise Conflict(overtaken("Phân công này"))
    if last_on < assignment.valid_from:
        raise DomainError(
            f"Ngày kết thúc phải từ ngày bắt đầu phân công ({assignment.valid_from:%d/%m/%Y}) trở đi.", "last_on"
        )
    if assignment.valid_to and last_on >= assignment.valid_to:
        raise DomainError(
            "Phân công đã có ngày kết thúc sớm hơn. Muốn kéo dài, ghi phân công theo quyết định mới.", "last_on"
        )
    last_visit = assignment.visits.counted().filter(visited_on__gt=last_on).order_by("-visited_on").first()
    if last_visit:
        raise DomainError(
            f"Đã có lượt đi theo phân công này ngày {last_visit.visited_on:%d/%m/%Y}. "
            "Chọn ngày kết thúc từ ngày đó trở đi.",
            "last_on",
        )
    check_open(assignment.unit, last_on + timedelta(days=1), ONWARDS, "last_on")
    before = _facts(assignment)
    assignment.valid_to = last_on + timedelta(days=1)
    assignment.version += 1
    assignment.save(update_fields=["valid_to", "version"])
    record(actor.pk, "assignment.end", assignment, before=before, after=_facts(assignment))
    return assignment


@transaction.atomic
def set_norm(*, actor, unit, level, basis, period_kind, times, document, document_on, valid_from, today):
    """A norm from a day on; the one before it for the same unit and level ends that day. Nothing past is rewritten."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if not may_keep_norms(actor, place_on(unit, max(valid_from, unit.valid_from))):
        raise NotAllowed("Chỉ đơn vị quản lý địa bàn được đặt định mức đi cơ sở tại đây.")
    _check_norm_level(unit.level, level)
    latest = VisitNorm.objects.filter(unit=unit, level=level).order_by("-valid_from").first()
    if latest and latest.valid_from >= valid_from:
        raise DomainError(
            f"Đã có định mức áp dụng từ {latest.valid_from:%d/%m/%Y}. Định mức mới phải bắt đầu sau ngày đó.",
            "valid_from",
        )
    check_open(unit, valid_from, ONWARDS, "valid_from")
    if latest and (latest.valid_to is None or latest.valid_to > valid_from):
        latest.valid_to = valid_from
        latest.save(update_fields=["valid_to"])
    norm = VisitNorm.objects.create(
        unit=unit,
        level=level,
        basis=basis,
        period_kind=period_kind,
        times=times,
        document=clean_name(document),
        document_on=document_on,
        valid_from=valid_from,
    )
    after = {"level": level, "basis": basis, "period": period_kind, "times": times, "from": valid_from.isoformat()}
    record(actor.pk, "visit_norm.set", norm, after=after)
    return norm


def _check_norm_level(unit_level, level):
    """A unit orders how often its own cadres and those below it go, never those of a level above."""
    if LEVEL_ORDER.index(level) < LEVEL_ORDER.index(unit_level):
        raise DomainError(
            f"Nơi áp dụng là {Level(unit_level).label} nên không đặt định mức cho cán bộ {Level(level).label}. "
            "Chọn cán bộ cùng cấp với nơi áp dụng, hoặc cấp dưới.",
            "level",
        )


@transaction.atomic
def exempt_cadre(*, actor, person, first_on, last_on, reason, request_id=None, today):
    """Days on which nothing is expected of a cadre. Asked of whoever keeps one of the cadre's assignments."""
    known = VisitExemption.objects.filter(request_id=request_id).first() if request_id else None
    if known:
        return known
    if last_on < first_on:
        raise DomainError("Ngày cuối phải từ ngày đầu trở đi.", "last_on")
    assignments = Assignment.objects.visible_to(actor).filter(person=person).select_related("post")
    assignment = next((each for each in assignments.order_by("-valid_from") if keeps(actor, each)), None)
    if assignment is None or actor.person_id == person.pk:
        raise NotAllowed("Chỉ đơn vị phân công được ghi thời gian miễn đi cơ sở, và không tự miễn cho mình.", "person")
    held = VisitExemption.objects.filter(person=person, first_on__lte=last_on, last_on__gte=first_on).first()
    if held:
        raise DomainError(
            f"Đã có thời gian miễn từ {held.first_on:%d/%m/%Y} đến {held.last_on:%d/%m/%Y}. Chọn những ngày khác.",
            "first_on",
        )
    check_open(assignment.post.unit, first_on, last_on, "first_on")
    exemption = VisitExemption.objects.create(
        person=person,
        first_on=first_on,
        last_on=last_on,
        reason=clean_name(reason),
        granted_by_id=actor.pk,
        request_id=request_id,
        **places_on([assignment.post.unit_id], assignment.valid_from)[assignment.post.unit_id].columns,
    )
    after = {"person": person.pk, "from": first_on.isoformat(), "to": last_on.isoformat()}
    record(actor.pk, "visit_exemption.create", exemption, after=after)
    return exemption
