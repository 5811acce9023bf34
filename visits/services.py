"""Visits: logged by the cadre, confirmed by the place that was visited."""

from dataclasses import dataclass, fields, replace
from datetime import date, time

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.merging import overtaken
from core.text import clean_name, clean_text, fold
from feedback.rules import check_content
from feedback.thread.raising import raise_opinion
from journal.services import notify
from people.enums import Role
from people.models import Post
from people.reads import title_of, users_with_roles
from units.closed import check_open
from units.models import Unit
from units.reads import place_on
from visits.access import REVIEWERS, may_edit_visit, may_log_for, may_raise_finding, may_review_visit, reviewing_level
from visits.checks.rules import content_key
from visits.enums import OPINION_ORIGIN, GroupKind, VisitStatus
from visits.models import Assignment, LocalGroup, Visit
from visits.plans.services import fulfil
from visits.rules import check_day, check_group, check_hours, check_members, check_move

STALE = overtaken("Lượt đi này")
MOVED = (
    "Lượt đi này vừa được người khác sửa, nên việc vừa bấm chưa được ghi. Đọc lại bản mới rồi bấm lần nữa nếu vẫn cần."
)
TEXTS = ("content", "conduct", "findings", "help_given")


@dataclass(frozen=True)
class VisitFacts:
    """What is known of a visit: where, when, with whom, what was found."""

    unit: Unit
    group: str
    visited_on: date
    content: str
    started_at: time | None = None
    ended_at: time | None = None
    members_due: int | None = None
    members_present: int | None = None
    conduct: str = ""
    findings: str = ""
    help_given: str = ""
    reported_to: str = ""
    local_group: LocalGroup | None = None


@transaction.atomic
def log_visit(facts, *, actor, person, request_id=None, line_id=None, today):
    """A new visit under the assignment that covers it, or "ngoài phân công"; the commune is told.

    `line_id`: the planned visit it answers, if the cadre came from there. Replaying a `request_id` gives the first
    visit back.
    """
    known = Visit.objects.filter(request_id=request_id).first() if request_id else None
    if known:
        return known
    visit = Visit(person=person, created_by_id=actor.pk, request_id=request_id, status=VisitStatus.LOGGED)
    _fill(visit, facts, today)
    if not may_log_for(actor, person, visit):
        raise NotAllowed("Đồng chí chỉ ghi lượt đi của mình, hoặc của cán bộ trong địa bàn mình quản lý.", "person")
    visit.save()
    fulfil(visit, line_id)
    record(actor.pk, "visit.log", visit, after=_summary(visit))
    _tell_commune(visit, today)
    return visit


@transaction.atomic
def edit_visit(visit_id, facts, *, actor, version, today):
    """Mend a record that is not confirmed yet; one that was questioned waits for confirmation again."""
    visit = _locked(visit_id, actor)
    if not may_edit_visit(actor, visit):
        raise NotAllowed("Chỉ người đi sửa được, và chỉ khi cơ sở chưa xác nhận.")
    _check_version(visit, version)
    check_open(visit.unit, visit.visited_on)
    before = _summary(visit)
    _fill(visit, facts, today)
    if not may_log_for(actor, visit.person, visit):
        raise NotAllowed("Nơi đi mới nằm ngoài địa bàn đồng chí quản lý. Chọn lại nơi đi.", "unit")
    visit.version += 1
    if visit.status == VisitStatus.QUESTIONED:
        visit.status, visit.note = VisitStatus.LOGGED, ""
    visit.save()
    fulfil(visit)
    record(actor.pk, "visit.edit", visit, before=before, after=_summary(visit))
    if before["status"] == VisitStatus.QUESTIONED:
        _tell_commune(visit, today)
    return visit


def confirm_visit(visit_id, *, actor, version, note="", today):
    """The commune says: they were here."""
    return _review(visit_id, VisitStatus.CONFIRMED, actor, version, note, today)


def question_visit(visit_id, *, actor, version, note, today):
    """The commune asks the cadre to look again; the visit still counts until it is mended or withdrawn."""
    return _review(visit_id, VisitStatus.QUESTIONED, actor, version, note, today)


@transaction.atomic
def withdraw_visit(visit_id, *, actor, version, note, today):
    """A visit logged by mistake: it stays readable and counts no more."""
    visit = _locked(visit_id, actor)
    if not may_edit_visit(actor, visit):
        raise NotAllowed("Chỉ người đi rút được lượt đi, và chỉ khi cơ sở chưa xác nhận.")
    check_open(visit.unit, visit.visited_on)
    _move(visit, VisitStatus.WITHDRAWN, actor, version, note)
    return visit


@transaction.atomic
def _review(visit_id, after, actor, version, note, today):
    visit = _locked(visit_id, actor)
    if not may_review_visit(actor, visit):
        raise NotAllowed(
            "Chỉ thôn, khu và xã nơi được đi đến xác nhận, khi chưa xác nhận, và không tự xác nhận cho mình."
        )
    visit.reviewed_by_id, visit.reviewed_at = actor.pk, timezone.now()
    visit.reviewed_level = reviewing_level(actor, visit)
    visit.reviewed_by_name = title_of(actor, today)[:200]
    _move(visit, after, actor, version, note)
    users = list(visit.person.users.filter(is_active=True).values_list("pk", flat=True))
    text = f"{visit.unit.name}: {visit.get_status_display().lower()} lượt đi ngày {visit.visited_on:%d/%m/%Y}"
    notify(users, key=f"visit-{visit.pk}-{after}-{visit.version}", text=text, url=visit.get_absolute_url())
    return visit


def _move(visit, after, actor, version, note):
    """The one door between states: version, map of moves, row, activity log. The caller holds the lock."""
    _check_version(visit, version, MOVED)
    note = clean_name(note)[:500]
    check_move(visit.status, after, note)
    before = {"status": visit.status}
    visit.status, visit.note = after, note
    visit.version += 1
    review = ["reviewed_by_id", "reviewed_by_name", "reviewed_level", "reviewed_at"]
    visit.save(update_fields=["status", "note", "version", *review])
    record(actor.pk, f"visit.{after}", visit, before=before, after={"status": after})


def _locked(visit_id, actor):
    visits = Visit.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit", "person")
    visit = visits.filter(pk=visit_id).first()
    if visit is None:
        raise NotAllowed("Không có lượt đi này trong phạm vi của đồng chí. Quay lại danh sách lượt đi cơ sở.")
    return visit


def _check_version(visit, version, sentence=STALE):
    if version != visit.version:
        raise Conflict(sentence)


def _fill(visit, facts, today):
    """Check and copy what was typed; place columns, post and assignment are those of the day visited."""
    facts = _cleaned(facts)
    check_day(facts.visited_on, today)
    check_hours(facts.started_at, facts.ended_at)
    check_members(facts.members_due, facts.members_present)
    check_open(facts.unit, facts.visited_on, field="visited_on")
    place = place_on(facts.unit, facts.visited_on)
    if place.commune_id is None:
        raise DomainError("Chọn xã, phường hoặc thôn, khu đã đến; không chọn cấp huyện, cấp tỉnh.", "unit")
    if group := facts.local_group:
        if group.unit_id != facts.unit.pk:
            raise DomainError("Tổ chức đã chọn không thuộc nơi đến. Chọn lại tổ chức, hoặc để trống.", "local_group")
        check_group(group.name, (group.valid_from, group.valid_to), group.kind, facts.group, facts.visited_on)
    for field in fields(facts):
        setattr(visit, field.name, getattr(facts, field.name))
    visit.village_id = place.village_id
    for name, value in place.columns.items():
        setattr(visit, name, value)
    visit.content_key = content_key(facts.content)
    visit.assignment = covering_assignment(visit.person, facts.group, place, facts.visited_on, facts.local_group)
    visit.post = visit.assignment.post if visit.assignment else _post_of(visit.person, place, facts.visited_on)
    visit.level = visit.post.unit.level
    visit.search_text = fold(" ".join([visit.person.name, facts.unit.name, *(getattr(facts, name) for name in TEXTS)]))


def _cleaned(facts):
    facts = replace(
        facts, reported_to=clean_name(facts.reported_to)[:200], **{n: clean_text(getattr(facts, n)) for n in TEXTS}
    )
    if facts.group not in GroupKind.values:
        raise DomainError("Chọn tổ chức đã dự sinh hoạt trong danh sách.", "group")
    if not facts.content:
        raise DomainError("Nhập nội dung buổi sinh hoạt, một hai câu là đủ.", "content")
    for name in TEXTS:
        if text := getattr(facts, name):
            try:
                check_content(text)
            except DomainError as refusal:
                raise DomainError(refusal.message, name) from None
    return facts


def covering_assignment(person, group, place, day, local_group=None):
    """The assignment that covers a place of a day: the nearest place first, then the named group, then the main one.

    One that names a group covers visits to that group, and those that name none of the kind's groups.
    """
    units = [pk for pk in (place.village_id, place.commune_id, place.district_id) if pk]
    held = Assignment.objects.on(day).filter(person=person, unit__in=units, group__in=["", group])
    if local_group:
        held = held.filter(Q(local_group=None) | Q(local_group=local_group))
    ranked = sorted(
        held.select_related("post__unit"),
        key=lambda a: (units.index(a.unit_id), not a.local_group_id, not a.group, a.is_deputy, a.pk),
    )
    return ranked[0] if ranked else None


def _post_of(person, place, day):
    """The post by which somebody goes where no assignment sends them: a visiting one first, of the place's branch."""
    branch = [pk for pk in (place.province_id, place.district_id, place.commune_id) if pk]
    posts = Post.objects.on(day).filter(person=person, unit__in=branch).exclude(role="").select_related("unit")
    ranked = sorted(posts, key=lambda post: (post.role != "cadre", branch.index(post.unit_id), post.pk))
    if not ranked:
        raise DomainError(
            f"Ngày {day:%d/%m/%Y} cán bộ không giữ chức danh nào phụ trách địa bàn này. "
            "Kiểm tra ngày đi, hoặc chọn nơi thuộc địa bàn của mình.",
            "unit",
        )
    return ranked[0]


def _summary(visit):
    """Plain facts for the activity log, no text."""
    return {
        "unit": visit.unit_id,
        "person": visit.person_id,
        "on": visit.visited_on.isoformat(),
        "group": visit.group,
        "local_group": visit.local_group_id,
        "members": [visit.members_due, visit.members_present],
        "status": visit.status,
        "assignment": visit.assignment_id,
    }


def _tell_commune(visit, today):
    """The officers of the commune and the account of the village get one notice a visit and mending."""
    users = users_with_roles([visit.commune_id], REVIEWERS, today).get(visit.commune_id, [])
    if visit.village_id:
        users += users_with_roles([visit.village_id], {Role.VILLAGE}, today).get(visit.village_id, [])
    text = f"{visit.person.name} đã đến {visit.unit.name} ngày {visit.visited_on:%d/%m/%Y}, chờ xác nhận"
    recipients = {pk for pk in users if pk != visit.created_by_id}
    notify(recipients, key=f"visit-{visit.pk}-logged-{visit.version}", text=text, url=visit.get_absolute_url())


@transaction.atomic
def raise_finding(visit_id, draft, *, actor, request_id, today):
    """The visited commune holds it first; from there it goes its way like any other opinion."""
    visits = Visit.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit", "commune")
    visit = visits.filter(pk=visit_id).first()
    if visit is None or not may_raise_finding(actor, visit):
        raise NotAllowed("Chỉ người đi, xã nơi đến và cấp quản lý địa bàn được chuyển vấn đề thành ý kiến, kiến nghị.")
    return raise_opinion(
        draft,
        origin=OPINION_ORIGIN,
        origin_id=visit.pk,
        unit=visit.commune,
        place_unit=visit.unit,
        raised_on=visit.visited_on,
        source_key=f"{OPINION_ORIGIN}-{visit.pk}-{request_id}"[:80],
        actor=actor,
        today=today,
    )
