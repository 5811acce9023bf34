"""Groups of villages and communes: founded, corrected, ended; nothing is ever deleted."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from core.activity import record, record_many
from core.errors import Conflict, DomainError, NotAllowed
from core.merging import overtaken
from core.text import clean_name, fold
from units.closed import ONWARDS, check_open
from units.enums import Level
from units.models import Unit
from units.reads import place_on
from visits.access import may_keep_groups
from visits.enums import GroupKind
from visits.models import LocalGroup

OUTSIDE = "Chỉ cấp xã quản lý địa bàn và cấp trên được ghi tổ chức ở đây. Chọn thôn, khu hoặc xã thuộc đơn vị mình."
FARTHEST_END = timedelta(days=365)
STALE = overtaken("Tổ chức này")


@transaction.atomic
def add_group(*, actor, unit, kind, name, valid_from, member_count=None, request_id=None, today):
    """One group of a commune or village. Replaying a `request_id` gives the first one back."""
    known = LocalGroup.objects.filter(request_id=request_id).first() if request_id else None
    if known:
        return known
    group = _new(actor, unit, kind, name, valid_from, today)
    group.member_count, group.request_id = member_count, request_id
    _refuse_twin(group)
    group.save()
    record(actor.pk, "local_group.create", group, after=_facts(group))
    return group


@transaction.atomic
def add_usual_groups(*, actor, units, kinds, valid_from, request_id=None, today):
    """For each village one group of each kind that it has not got yet, named after it; returns the new ones.

    Replaying a `request_id` gives the first ones back.
    """
    if request_id and (known := list(LocalGroup.objects.filter(request_id__startswith=f"{request_id}:"))):
        return known
    if not units or not kinds:
        raise DomainError("Chọn ít nhất một thôn, khu và một loại tổ chức.", "kinds" if units else "units")
    Unit.objects.select_for_update(no_key=True).filter(pk__in=[unit.pk for unit in units]).order_by("pk").exists()
    alive = LocalGroup.objects.filter(Q(valid_to=None) | Q(valid_to__gt=valid_from), unit__in=units)
    held = set(alive.values_list("unit_id", "kind"))
    groups = [
        _new(actor, unit, kind, f"{GroupKind(kind).label} {unit.name}", valid_from, today)
        for unit in units
        for kind in kinds
        if (unit.pk, kind) not in held
    ]
    for number, group in enumerate(groups):
        group.request_id = f"{request_id}:{number}" if request_id else None
    if not groups:
        raise DomainError("Các nơi đã chọn đều có đủ những tổ chức này. Không có gì để thêm.", "units")
    LocalGroup.objects.bulk_create(groups)
    record_many(actor.pk, [("local_group.create", group, None, _facts(group)) for group in groups])
    return groups


@transaction.atomic
def correct_group(group_id, *, actor, version, name, member_count, today):
    """Another name is a correction of this group, not a new one."""
    group = _locked(group_id, actor, version)
    before = _facts(group)
    group.name, group.member_count = _checked_name(name), member_count
    _refuse_twin(group)
    group.version += 1
    group.save(update_fields=["name", "member_count", "version"])
    record(actor.pk, "local_group.correct", group, before=before, after=_facts(group))
    return group


@transaction.atomic
def end_group(group_id, *, actor, version, last_on, reason, today):
    """The last day of a group; refused while a visit or an assignment names it later."""
    group = _locked(group_id, actor, version)
    reason = clean_name(reason)[:300]
    if group.valid_to:
        raise DomainError(f"{group.name} đã có ngày kết thúc. Tải lại trang để xem.", "last_on")
    if last_on < group.valid_from:
        raise DomainError(f"Ngày cuối phải từ ngày thành lập ({group.valid_from:%d/%m/%Y}) trở đi.", "last_on")
    if last_on > today + FARTHEST_END:
        raise DomainError(
            f"Ngày cuối ở quá xa. Nhập ngày trong vòng một năm tới (đến {today + FARTHEST_END:%d/%m/%Y}).", "last_on"
        )
    if not reason:
        raise DomainError("Nhập lý do kết thúc, ví dụ: sáp nhập vào chi bộ khác.", "reason")
    _refuse_later_work(group, last_on)
    check_open(group.unit, last_on + timedelta(days=1), ONWARDS, "last_on")
    before = _facts(group)
    group.valid_to, group.end_reason = last_on + timedelta(days=1), reason
    group.version += 1
    group.save(update_fields=["valid_to", "end_reason", "version"])
    record(actor.pk, "local_group.end", group, before=before, after=_facts(group))
    return group


def _new(actor, unit, kind, name, valid_from, today):
    if kind not in GroupKind.values:
        raise DomainError("Chọn loại tổ chức trong danh sách.", "kind")
    if valid_from > today:
        raise DomainError(f"Ngày thành lập ở tương lai. Nhập ngày không sau hôm nay ({today:%d/%m/%Y}).", "valid_from")
    place = place_on(unit, valid_from)
    if unit.level not in (Level.COMMUNE, Level.VILLAGE) or not may_keep_groups(actor, place):
        raise NotAllowed(OUTSIDE, "unit")
    if unit.valid_to and unit.valid_to <= today:
        raise DomainError(f"{unit.name} không còn hoạt động. Chọn đơn vị đang hoạt động.", "unit")
    return LocalGroup(
        unit=unit, level=unit.level, kind=kind, name=_checked_name(name), valid_from=valid_from,
        created_by_id=actor.pk, **place.columns,
    )  # fmt: skip


def _checked_name(name):
    name = clean_name(name)[:160]
    if not name:
        raise DomainError("Nhập tên tổ chức, ví dụ: Chi bộ Thôn 1.", "name")
    return name


def _refuse_twin(group):
    """Two groups of one name and kind at one place in the same days are one group."""
    others = LocalGroup.objects.filter(unit=group.unit, kind=group.kind).exclude(pk=group.pk)
    others = others.filter(Q(valid_to=None) | Q(valid_to__gt=group.valid_from))
    if any(fold(other.name) == fold(group.name) for other in others):
        raise DomainError("Nơi này đã có tổ chức cùng loại, cùng tên. Mở tổ chức đó, hoặc nhập tên khác.", "name")


def _refuse_later_work(group, last_on):
    visit = group.visits.counted().filter(visited_on__gt=last_on).order_by("-visited_on").first()
    if visit:
        raise DomainError(
            f"Đã có lượt đi dự với {group.name} ngày {visit.visited_on:%d/%m/%Y}. Chọn ngày cuối từ ngày đó trở đi.",
            "last_on",
        )
    held = group.assignments.filter(Q(valid_to=None) | Q(valid_to__gt=last_on + timedelta(days=1)))
    assignment = held.select_related("person").order_by("pk").first()
    if assignment:
        raise DomainError(
            f"{assignment.person.name} còn được phân công phụ trách {group.name} sau ngày này "
            f"({assignment.decision_number}). Kết thúc phân công đó trước.",
            "last_on",
        )


def _locked(group_id, actor, version):
    groups = LocalGroup.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit")
    group = groups.filter(pk=group_id).first()
    if group is None or not may_keep_groups(actor, group):
        raise NotAllowed(OUTSIDE)
    if version != group.version:
        raise Conflict(STALE)
    return group


def _facts(group):
    return {
        "unit": group.unit_id,
        "kind": group.kind,
        "name": group.name,
        "members": group.member_count,
        "from": group.valid_from.isoformat(),
        "to": group.valid_to.isoformat() if group.valid_to else None,
    }
