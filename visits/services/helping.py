"""The register of helped units: who helps whom and how, the quarterly look, the end with its outcome."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from core.activity import record
from core.conflicts import overtaken
from core.errors import Conflict, DomainError, NotAllowed
from core.periods import Period
from core.text import clean_name, clean_text
from feedback.rules import check_content
from journal.services import notify
from people.models import Post
from people.rules import effective_end
from people.selectors import users_of_bodies
from units.closed import check_open
from units.enums import Level
from units.models import Unit
from units.selectors import place_on
from visits.access import keeps, may_keep_help, may_look_after_help
from visits.enums import HelpOutcome
from visits.helped.rules import check_checked_on, check_exited_on, check_registered_on
from visits.models import HelpedCheck, HelpedUnit

STALE = overtaken("Đăng ký giúp đỡ này")
KEEPERS_ONLY = "Chỉ cấp quản lý địa bàn được đăng ký, sửa hoặc kết thúc việc giúp đỡ đơn vị này."


@dataclass(frozen=True)
class HelpOrder:
    """A line of the register. `helper`: a Post or a Body; `unit` may be the id of one."""

    unit: object
    registered_on: date
    helper: object
    reason: str
    plan: str
    document: str = ""


@transaction.atomic
def register_help(order, *, actor, request_id=None, today):
    """A place is helped from a day on, once a year; the helper is told. A replayed `request_id` gives the first row."""
    known = HelpedUnit.objects.filter(request_id=request_id).first() if request_id else None
    if known:
        return known
    unit = Unit.objects.select_for_update(no_key=True).get(pk=getattr(order.unit, "pk", order.unit))
    check_registered_on(order.registered_on, today)
    check_open(unit, order.registered_on, field="registered_on")
    place = place_on(unit, order.registered_on)
    if unit.level not in (Level.COMMUNE, Level.VILLAGE):
        raise DomainError("Chọn thôn, khu hoặc xã, phường được giúp đỡ.", "unit")
    if not keeps(actor, place):
        raise NotAllowed(KEEPERS_ONLY, "unit")
    year = order.registered_on.year
    if held := HelpedUnit.objects.filter(unit=unit, year=year).first():
        raise DomainError(
            f"{unit.name} đã được đăng ký giúp đỡ năm {year} từ {held.registered_on:%d/%m/%Y}. Mở đăng ký đó để sửa.",
            "unit",
        )
    helped = HelpedUnit(
        unit=unit, year=year, registered_on=order.registered_on, request_id=request_id, created_by_id=actor.pk,
        **place.columns,
    )  # fmt: skip
    _fill(helped, order, place, actor)
    helped.save(force_insert=True)
    record(actor.pk, "helped_unit.create", helped, after=_facts(helped))
    _tell_helper(helped, today)
    return helped


@transaction.atomic
def edit_help(helped_id, order, *, actor, version, today):
    """Mend helper, reason, plan and document while the help runs; a new helper is told."""
    helped = _locked(helped_id, actor)
    if not may_keep_help(actor, helped):
        raise NotAllowed(KEEPERS_ONLY)
    _check_running(helped, version)
    before = _facts(helped)
    _fill(helped, order, place_on(helped.unit, helped.registered_on), actor)
    helped.version += 1
    helped.save()
    record(actor.pk, "helped_unit.edit", helped, before=before, after=_facts(helped))
    if _facts(helped)["helper"] != before["helper"]:
        _tell_helper(helped, today)
    return helped


@transaction.atomic
def check_help(helped_id, *, actor, checked_on, checked_by_name, progress, next_steps="", request_id=None, today):
    """The look of a quarter, one each; replaying a `request_id` gives the first one."""
    helped = _locked(helped_id, actor)
    known = HelpedCheck.objects.filter(request_id=request_id, helped=helped).first() if request_id else None
    if known:
        return known
    if not may_look_after_help(actor, helped):
        raise NotAllowed("Chỉ người, cơ quan giúp đỡ và cấp quản lý địa bàn ghi kiểm tra.")
    if helped.exited_on:
        raise Conflict(
            f"Việc giúp đỡ đã được ghi kết thúc ngày {helped.exited_on:%d/%m/%Y}, nên lượt kiểm tra này chưa được ghi. "
            "Phần đồng chí nhập còn ở dưới."
        )
    check_checked_on(checked_on, helped.registered_on, helped.exited_on, today)
    check_open(helped.unit, checked_on, field="checked_on")
    quarter = Period.of_day(checked_on, "quarter")
    if made := helped.checks.filter(quarter=quarter.code).first():
        raise DomainError(
            f"{quarter.label} đã ghi kiểm tra ngày {made.checked_on:%d/%m/%Y}. Mỗi quý ghi một lượt; "
            "lần đến khác ghi ở Lượt đi.",
            "checked_on",
        )
    check = HelpedCheck.objects.create(
        helped=helped,
        quarter=quarter.code,
        checked_on=checked_on,
        checked_by_name=clean_name(checked_by_name)[:200],
        progress=_words(progress, "progress", "Nhập chuyển biến, tồn tại của đơn vị."),
        next_steps=_words(next_steps, "next_steps"),
        created_by_id=actor.pk,
        request_id=request_id,
    )
    record(actor.pk, "helped_unit.check", helped, after={"quarter": quarter.code, "on": checked_on.isoformat()})
    return check


@transaction.atomic
def end_help(helped_id, *, actor, version, exited_on, outcome, outcome_note, today):
    """The day help ends, with what came of it."""
    helped = _locked(helped_id, actor)
    if not may_keep_help(actor, helped):
        raise NotAllowed(KEEPERS_ONLY)
    _check_running(helped, version)
    last = helped.checks.order_by("-checked_on").first()
    check_exited_on(exited_on, helped.registered_on, last.checked_on if last else None, today)
    check_open(helped.unit, exited_on, field="exited_on")
    if outcome not in HelpOutcome.values:
        raise DomainError("Chọn kết quả giúp đỡ.", "outcome")
    helped.outcome_note = _words(outcome_note, "outcome_note", "Nhập đánh giá khi kết thúc, một hai câu là đủ.")
    helped.exited_on, helped.outcome = exited_on, outcome
    helped.version += 1
    helped.save(update_fields=["exited_on", "outcome", "outcome_note", "version"])
    after = {"on": exited_on.isoformat(), "outcome": outcome}
    record(actor.pk, "helped_unit.end", helped, before={"on": None}, after=after)
    return helped


def _locked(helped_id, actor):
    queryset = HelpedUnit.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit")
    helped = queryset.filter(pk=helped_id).first()
    if helped is None:
        raise NotAllowed("Không có đăng ký giúp đỡ này trong phạm vi của đồng chí. Quay lại danh sách.")
    return helped


def _check_running(helped, version):
    if version != helped.version:
        raise Conflict(STALE)
    if helped.exited_on:
        raise DomainError(f"Việc giúp đỡ đã kết thúc ngày {helped.exited_on:%d/%m/%Y}, không sửa được nữa.")


def _fill(helped, order, place, actor):
    """Check and copy who helps and why."""
    helper = order.helper
    home = helper.unit
    if getattr(place, f"{home.level}_id") != home.pk or not keeps(actor, place_on(home, helped.registered_on)):
        raise NotAllowed(
            "Người, cơ quan giúp đỡ phải thuộc cấp mình quản lý và phụ trách địa bàn này. Chọn lại bên giúp đỡ.",
            "helper",
        )
    end = effective_end(helper.valid_to, home.valid_to)
    if helped.registered_on < helper.valid_from or (end and helped.registered_on >= end):
        raise DomainError(
            f"Ngày {helped.registered_on:%d/%m/%Y} người giữ chức danh hoặc cơ quan này chưa có hoặc đã thôi. "
            "Chọn lại bên giúp đỡ hoặc sửa ngày đăng ký.",
            "helper",
        )
    helped.level = home.level
    helped.helper_post = helper if isinstance(helper, Post) else None
    helped.helper_body = None if isinstance(helper, Post) else helper
    helped.reason = _words(order.reason, "reason", "Nhập lý do cần giúp đỡ.")
    helped.plan = _words(order.plan, "plan", "Nhập kế hoạch giúp đỡ.")
    helped.document = clean_name(order.document)[:120]


def _words(text, field, missing=""):
    text = clean_text(text)
    if not text:
        if missing:
            raise DomainError(missing, field)
        return ""
    try:
        check_content(text)
    except DomainError as refusal:
        raise DomainError(refusal.message, field) from None
    return text


def _facts(helped):
    """Plain facts for the activity log, no text."""
    return {
        "unit": helped.unit_id,
        "year": helped.year,
        "helper": f"post {helped.helper_post_id}" if helped.helper_post_id else f"body {helped.helper_body_id}",
        "from": helped.registered_on.isoformat(),
        "document": helped.document,
    }


def helper_users(helped, today):
    """Ids of the active accounts of whoever helps."""
    if helped.helper_body_id:
        return users_of_bodies([helped.helper_body_id], today).get(helped.helper_body_id, [])
    return list(helped.helper_post.person.users.filter(is_active=True).values_list("pk", flat=True))


def _tell_helper(helped, today):
    text = f"Đồng chí được giao giúp đỡ {helped.unit.name} năm {helped.year}; mỗi quý ghi kiểm tra một lượt."
    key = f"helped-{helped.pk}-{helped.version}"
    notify(helper_users(helped, today), key=key, text=text, url=helped.get_absolute_url())
