"""The training register: courses, who took part, and courses of old years of which only the number is known."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from core.activity import record
from core.conflicts import overtaken
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name, clean_text, fold
from people.models import Post
from units.closed import check_open
from units.enums import Level
from units.models import Unit
from units.selectors import place_on
from visits.access import keeps
from visits.models import TrainingCourse, TrainingTurn

OUTSIDE = "Chỉ đơn vị mở lớp và cấp trên của đơn vị đó được ghi sổ tập huấn. Chọn đơn vị của mình."


@dataclass(frozen=True)
class CourseFacts:
    """A course as the register holds it; `counted_turns` only where there is no list, with its source."""

    unit: Unit
    title: str
    started_on: date
    ended_on: date
    content: str = ""
    location: str = ""
    document: str = ""
    counted_turns: int | None = None
    source: str = ""


@transaction.atomic
def record_course(facts, *, actor, request_id=None, today):
    """A new course. Replaying a `request_id` gives the first one back."""
    known = TrainingCourse.objects.filter(request_id=request_id).first() if request_id else None
    if known:
        return known
    course = TrainingCourse(created_by_id=actor.pk, request_id=request_id)
    _fill(course, facts, actor, today)
    course.save()
    record(actor.pk, "training.create", course, after=_summary(course))
    return course


@transaction.atomic
def edit_course(course_id, facts, *, actor, version, today):
    course = _locked(course_id, actor)
    if version != course.version:
        raise Conflict(overtaken("Lớp này"))
    before = _summary(course)
    _fill(course, facts, actor, today)
    course.version += 1
    course.save()
    record(actor.pk, "training.edit", course, before=before, after=_summary(course))
    return course


@transaction.atomic
def drop_course(course_id, *, actor, version):
    """A course written down by mistake leaves the register, once nobody is in its list."""
    course = _locked(course_id, actor)
    if version != course.version:
        raise Conflict("Lớp này vừa được người khác sửa nên chưa bỏ. Xem lại rồi bấm lần nữa nếu vẫn cần bỏ.")
    if course.turns.exists():
        raise DomainError("Lớp còn học viên trong danh sách. Bỏ hết học viên trước khi bỏ lớp khỏi sổ.")
    record(actor.pk, "training.drop", course, before=_summary(course))
    course.delete()


@transaction.atomic
def add_turns(course_id, post_ids, *, actor):
    """Whoever holds these village posts on the first day takes part; those who are in already stay once.

    Returns how many were added.
    """
    course = _locked(course_id, actor)
    if course.counted_turns is not None:
        raise DomainError("Lớp này chỉ có số lượt. Sửa lớp, bỏ trống số lượt rồi mới thêm danh sách học viên.")
    day = course.started_on
    posts = Post.objects.visible_to(actor).on(day).filter(pk__in=post_ids, unit__level=Level.VILLAGE)
    posts = list(posts.under(course.unit, day).select_related("unit").order_by("pk"))
    if len(posts) < len(set(post_ids)):
        raise DomainError("Có người không còn giữ chức danh ở thôn, khu vào ngày mở lớp. Tải lại danh sách, chọn lại.")
    if not posts:
        raise DomainError("Chọn ít nhất một người trong danh sách.")
    there = set(course.turns.values_list("person_id", flat=True))
    first = {post.person_id: post for post in reversed(posts) if post.person_id not in there}
    turns = [TrainingTurn(course=course, person_id=pk, post=p, village=p.unit) for pk, p in sorted(first.items())]
    TrainingTurn.objects.bulk_create(turns, batch_size=500)
    if turns:
        record(actor.pk, "training.add", course, after={"turns": len(turns)})
    return len(turns)


@transaction.atomic
def remove_turns(course_id, turn_ids, *, actor):
    """Take people off the list again; returns how many."""
    course = _locked(course_id, actor)
    turns = course.turns.filter(pk__in=turn_ids)
    people = sorted(turns.values_list("person_id", flat=True))
    if not people:
        raise DomainError("Chọn ít nhất một học viên để bỏ khỏi danh sách.")
    turns.delete()
    record(actor.pk, "training.remove", course, before={"persons": people})
    return len(people)


def _locked(course_id, actor):
    courses = TrainingCourse.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit")
    course = courses.filter(pk=course_id).first()
    if course is None or not keeps(actor, course):
        raise NotAllowed(OUTSIDE)
    check_open(course.unit, course.started_on, course.ended_on)
    return course


def _fill(course, facts, actor, today):
    """Check and copy what was typed; the branch is that of the first day."""
    title = clean_name(facts.title)[:250]
    if not title:
        raise DomainError("Nhập tên lớp tập huấn.", "title")
    if facts.ended_on < facts.started_on:
        raise DomainError("Ngày kết thúc lớp phải từ ngày mở lớp trở đi.", "ended_on")
    if facts.ended_on > today:
        raise DomainError(
            f"Lớp kết thúc ngày {facts.ended_on:%d/%m/%Y}, ở tương lai. Ghi sổ khi lớp đã kết thúc.", "ended_on"
        )
    check_open(facts.unit, facts.started_on, facts.ended_on, "started_on")
    place = place_on(facts.unit, facts.started_on)
    for name, value in place.columns.items():
        setattr(course, name, value)
    if facts.unit.level == Level.VILLAGE or not keeps(actor, course):
        raise NotAllowed(OUTSIDE, "unit")
    _check_counted(course, facts)
    course.unit, course.level = facts.unit, facts.unit.level
    course.started_on, course.ended_on = facts.started_on, facts.ended_on
    course.title, course.content = title, clean_text(facts.content)
    course.location, course.document = clean_name(facts.location)[:200], clean_name(facts.document)[:120]
    course.counted_turns, course.source = facts.counted_turns, clean_name(facts.source)[:200]
    course.search_text = fold(f"{title} {course.content} {course.location} {course.document} {facts.unit.name}")


def _check_counted(course, facts):
    has_list = course.pk is not None and course.turns.exists()
    if facts.counted_turns is not None and has_list:
        raise DomainError("Lớp đã có danh sách học viên, số lượt tính theo danh sách. Bỏ trống ô này.", "counted_turns")
    if facts.counted_turns is not None and not facts.source.strip():
        raise DomainError("Chỉ có số lượt thì ghi rõ nguồn số liệu, ví dụ báo cáo năm.", "source")
    if has_list and (facts.unit, facts.started_on) != (course.unit, course.started_on):
        raise DomainError(
            "Lớp đã có danh sách học viên theo đơn vị và ngày mở lớp. Bỏ danh sách trước khi sửa hai mục này.",
            "started_on",
        )


def _summary(course):
    return {
        "unit": course.unit_id,
        "from": course.started_on.isoformat(),
        "to": course.ended_on.isoformat(),
        "counted": course.counted_turns,
    }
