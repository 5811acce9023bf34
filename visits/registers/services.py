"""The commendation register: who or which village, by whom, by which decision, for what."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.merging import overtaken
from core.text import clean_name, clean_text, fold
from feedback.models import Initiative
from feedback.rules import check_content
from people.models import Post
from units.closed import check_open
from units.enums import Level
from units.models import Unit
from units.reads import place_on
from visits.access import keeps
from visits.enums import CommendationForm
from visits.models import Commendation, TrainingCourse, TrainingTurn
from visits.registers.reads import readable_initiatives

STALE = overtaken("Mục khen thưởng này")
CHANGED = "Mục khen thưởng này vừa được người khác sửa nên chưa bỏ. Xem lại rồi bấm lần nữa nếu vẫn cần bỏ."


@dataclass(frozen=True)
class CommendationFacts:
    """`post` (a person by the post they hold) or `village`: exactly one of them was commended."""

    form: str
    issuer: str
    decided_on: date
    reason: str
    post: Post | None = None
    village: Unit | None = None
    decision_number: str = ""
    initiative: Initiative | None = None


@transaction.atomic
def record_commendation(facts, *, actor, request_id=None, today):
    """A new line of the register. Replaying a `request_id` gives the first one back."""
    known = Commendation.objects.filter(request_id=request_id).first() if request_id else None
    if known:
        return known
    commendation = Commendation(created_by_id=actor.pk, request_id=request_id)
    _fill_commendation(commendation, facts, actor, today)
    commendation.save()
    record(actor.pk, "commendation.create", commendation, after=_summary_of_commendation(commendation))
    return commendation


@transaction.atomic
def edit_commendation(commendation_id, facts, *, actor, version, today):
    commendation = _locked_commendation(commendation_id, actor, version)
    before = _summary_of_commendation(commendation)
    _fill_commendation(commendation, facts, actor, today)
    commendation.version += 1
    commendation.save()
    record(actor.pk, "commendation.edit", commendation, before=before, after=_summary_of_commendation(commendation))
    return commendation


@transaction.atomic
def drop_commendation(commendation_id, *, actor, version):
    """A line written down by mistake leaves the register; the activity log keeps what it was."""
    commendation = _locked_commendation(commendation_id, actor, version, CHANGED)
    record(actor.pk, "commendation.drop", commendation, before=_summary_of_commendation(commendation))
    commendation.delete()


def _locked_commendation(commendation_id, actor, version, sentence=STALE):
    rows = Commendation.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit")
    commendation = rows.filter(pk=commendation_id).first()
    if commendation is None or not keeps(actor, commendation):
        raise NotAllowed("Chỉ đơn vị quản lý địa bàn được sửa sổ khen thưởng.")
    if version != commendation.version:
        raise Conflict(sentence)
    check_open(commendation.unit, commendation.decided_on)
    return commendation


def _fill_commendation(commendation, facts, actor, today):
    """Check and copy what was typed; the place is that of whoever was commended, on the day of the decision."""
    if (facts.post is None) == (facts.village is None):
        raise DomainError("Chọn một người hoặc một thôn, khu được khen; không chọn cả hai.", "post")
    if facts.form not in CommendationForm.values:
        raise DomainError("Chọn hình thức khen trong danh sách.", "form")
    if facts.decided_on > today:
        raise DomainError(f"Ngày khen {facts.decided_on:%d/%m/%Y} ở tương lai. Nhập ngày đã khen.", "decided_on")
    if facts.post and facts.post.valid_from > facts.decided_on:
        raise DomainError(
            f"Người này giữ chức danh từ {facts.post.valid_from:%d/%m/%Y}, sau ngày khen. Chọn lại người hoặc ngày.",
            "decided_on",
        )
    unit = facts.post.unit if facts.post else facts.village
    check_open(unit, facts.decided_on, field="decided_on")
    place = place_on(unit, facts.decided_on)
    for name, value in place.columns.items():
        setattr(commendation, name, value)
    if not keeps(actor, commendation):
        raise NotAllowed("Chỉ ghi khen thưởng của người, thôn, khu thuộc địa bàn mình quản lý.", "post")
    _check_initiative(commendation, facts, actor)
    commendation.unit, commendation.level, commendation.village_id = unit, unit.level, place.village_id
    commendation.post, commendation.person_id = facts.post, facts.post and facts.post.person_id
    commendation.form, commendation.decided_on = facts.form, facts.decided_on
    commendation.initiative = facts.initiative
    _write(commendation, facts, unit)


def _check_initiative(commendation, facts, actor):
    """An initiative that was linked before stays; a new one is one that the actor may read.

    Nothing is commended before it was there.
    """
    raised_on = facts.initiative.opinion.raised_on if facts.initiative else None
    if raised_on and facts.decided_on < raised_on:
        raise DomainError(
            f"Hiến kế, cách làm hay này nêu ngày {raised_on:%d/%m/%Y}, sau ngày khen {facts.decided_on:%d/%m/%Y}. "
            "Sửa ngày khen, hoặc chọn lại hiến kế.",
            "decided_on",
        )
    if facts.initiative is None or facts.initiative.pk == commendation.initiative_id:
        return
    if not readable_initiatives(actor).filter(pk=facts.initiative.pk).exists():
        raise DomainError("Hiến kế, cách làm hay vừa chọn không có trong danh sách. Chọn lại.", "initiative")


def _write(commendation, facts, unit):
    reason = clean_text(facts.reason)
    issuer = clean_name(facts.issuer)[:160]
    if not issuer:
        raise DomainError("Nhập cơ quan khen, ví dụ Ủy ban nhân dân xã.", "issuer")
    if not reason:
        raise DomainError("Nhập thành tích được khen, một hai câu là đủ.", "reason")
    try:
        check_content(reason)
    except DomainError as refusal:
        raise DomainError(refusal.message, "reason") from None
    commendation.issuer, commendation.reason = issuer, reason
    commendation.decision_number = clean_name(facts.decision_number)[:60]
    name = facts.post.person.name if facts.post else ""
    commendation.search_text = fold(f"{name} {unit.name} {issuer} {commendation.decision_number} {reason}")


def _summary_of_commendation(commendation):
    return {
        "unit": commendation.unit_id,
        "person": commendation.person_id,
        "form": str(commendation.form),
        "on": commendation.decided_on.isoformat(),
        "initiative": commendation.initiative_id,
    }


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
    _fill_course(course, facts, actor, today)
    course.save()
    record(actor.pk, "training.create", course, after=_summary_of_course(course))
    return course


@transaction.atomic
def edit_course(course_id, facts, *, actor, version, today):
    course = _locked_course(course_id, actor)
    if version != course.version:
        raise Conflict(overtaken("Lớp này"))
    before = _summary_of_course(course)
    _fill_course(course, facts, actor, today)
    course.version += 1
    course.save()
    record(actor.pk, "training.edit", course, before=before, after=_summary_of_course(course))
    return course


@transaction.atomic
def drop_course(course_id, *, actor, version):
    """A course written down by mistake leaves the register, once nobody is in its list."""
    course = _locked_course(course_id, actor)
    if version != course.version:
        raise Conflict("Lớp này vừa được người khác sửa nên chưa bỏ. Xem lại rồi bấm lần nữa nếu vẫn cần bỏ.")
    if course.turns.exists():
        raise DomainError("Lớp còn học viên trong danh sách. Bỏ hết học viên trước khi bỏ lớp khỏi sổ.")
    record(actor.pk, "training.drop", course, before=_summary_of_course(course))
    course.delete()


@transaction.atomic
def add_turns(course_id, post_ids, *, actor):
    """Whoever holds these village posts on the first day takes part; those who are in already stay once.

    Returns how many were added.
    """
    course = _locked_course(course_id, actor)
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
    course = _locked_course(course_id, actor)
    turns = course.turns.filter(pk__in=turn_ids)
    people = sorted(turns.values_list("person_id", flat=True))
    if not people:
        raise DomainError("Chọn ít nhất một học viên để bỏ khỏi danh sách.")
    turns.delete()
    record(actor.pk, "training.remove", course, before={"persons": people})
    return len(people)


def _locked_course(course_id, actor):
    courses = TrainingCourse.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit")
    course = courses.filter(pk=course_id).first()
    if course is None or not keeps(actor, course):
        raise NotAllowed(OUTSIDE)
    check_open(course.unit, course.started_on, course.ended_on)
    return course


def _fill_course(course, facts, actor, today):
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


def _summary_of_course(course):
    return {
        "unit": course.unit_id,
        "from": course.started_on.isoformat(),
        "to": course.ended_on.isoformat(),
        "counted": course.counted_turns,
    }
