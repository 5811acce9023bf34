"""Yearly sheets: opened for assigned cadres, own words, the remark, and the signature that freezes the figures."""

from django.db import transaction
from django.utils import timezone

from core.activity import record, record_many
from core.errors import Conflict, DomainError, NotAllowed
from core.merging import overtaken
from core.periods import Period
from core.text import clean_text
from feedback.rules import check_content
from journal.services import notify
from people.reads import title_of
from units.reads import places_on
from visits.access import keeps, may_sign_sheet, may_write_own_words
from visits.enums import SheetState
from visits.helped.rules import check_sheet_year, check_signing
from visits.models import Assignment, YearlySheet
from visits.sheets.reads import frozen, year_facts

STALE = overtaken("Phiếu này")
CHANGED = "Phiếu này vừa được người khác sửa nên chưa ký. Mở lại phiếu, đọc bản mới rồi ký."


@transaction.atomic
def open_sheets(unit, year, *, actor, today):
    """A draft for every assigned cadre of the unit who has none: the actor's own, or all for those who keep the unit.

    Doing it again opens nothing. Returns the number of new sheets.
    """
    check_sheet_year(year, today)
    assigned = Assignment.objects.visible_to(actor).filter(post__unit=unit).overlapping(Period.year(year))
    posts = {}
    for each in assigned.order_by("-valid_from", "-pk").select_related("person", "post"):
        posts.setdefault(each.person_id, each)
    held = YearlySheet.objects.filter(unit=unit, year=year).values_list("person_id", flat=True)
    wanted = {person_id: each for person_id, each in posts.items() if person_id not in set(held)}
    sheets = [_draft(each, unit, year) for each in wanted.values()]
    sheets = [sheet for sheet in sheets if sheet.person_id == actor.person_id or keeps(actor, sheet)]
    if wanted and not sheets:
        raise NotAllowed("Chỉ cán bộ được phân công và đơn vị quản lý cán bộ được lập phiếu năm.")
    YearlySheet.objects.bulk_create(sheets, batch_size=500, ignore_conflicts=True)
    made = YearlySheet.objects.filter(unit=unit, year=year, person__in=[sheet.person_id for sheet in sheets])
    record_many(actor.pk, [("yearly_sheet.create", sheet, {}, {"year": year}) for sheet in made])
    return len(sheets)


def _draft(assignment, unit, year):
    day = max(assignment.valid_from, Period.year(year).first)
    place = places_on([unit.pk], day).get(unit.pk) or places_on([unit.pk], assignment.valid_from)[unit.pk]
    return YearlySheet(
        person=assignment.person, post=assignment.post, unit=unit, level=unit.level, year=year, **place.columns
    )


@transaction.atomic
def write_own_words(sheet_id, *, actor, version, text):
    """What the cadre says of the own year; only the cadre writes it, and only before the signature."""
    sheet = _locked(sheet_id, actor)
    if not may_write_own_words(actor, sheet):
        raise NotAllowed("Chỉ chính cán bộ được viết tự nhận xét, khi phiếu chưa ký.")
    return _write(sheet, "own_words", text, actor, version)


@transaction.atomic
def write_remark(sheet_id, *, actor, version, text):
    """The leader's remark, before the signature."""
    sheet = _locked(sheet_id, actor)
    if not may_sign_sheet(actor, sheet):
        raise NotAllowed("Chỉ lãnh đạo đơn vị của cán bộ ghi nhận xét, khi phiếu chưa ký, và không tự nhận xét mình.")
    return _write(sheet, "remark", text, actor, version)


@transaction.atomic
def sign_sheet(sheet_id, *, actor, version, today):
    """The leader signs: the figures of the day are frozen, the words can be changed no more, the cadre is told."""
    sheet = _locked(sheet_id, actor)
    if not may_sign_sheet(actor, sheet):
        raise NotAllowed("Chỉ lãnh đạo đơn vị của cán bộ được ký phiếu, mỗi phiếu ký một lần, không tự ký cho mình.")
    _check_version(sheet, version, CHANGED)
    check_signing(sheet.year, sheet.remark, today)
    sheet.facts = frozen(year_facts(sheet.person_id, sheet.unit_id, sheet.year, today), today)
    sheet.state, sheet.signed_at = SheetState.SIGNED, timezone.now()
    sheet.signed_by_id, sheet.signed_by_name = actor.pk, title_of(actor, today)[:200]
    sheet.version += 1
    sheet.save()
    record(actor.pk, "yearly_sheet.sign", sheet, {"state": SheetState.DRAFT}, {"state": SheetState.SIGNED})
    users = list(sheet.person.users.filter(is_active=True).values_list("pk", flat=True))
    text = f"Phiếu nhận xét đi cơ sở năm {sheet.year} của đồng chí đã được ký."
    notify(users, key=f"yearly-sheet-{sheet.pk}-signed", text=text, url=sheet.get_absolute_url())
    return sheet


def _locked(sheet_id, actor):
    sheets = YearlySheet.objects.visible_to(actor).select_for_update(of=("self",)).select_related("person", "unit")
    sheet = sheets.filter(pk=sheet_id).first()
    if sheet is None:
        raise NotAllowed("Không có phiếu này trong phạm vi của đồng chí. Quay lại danh sách phiếu năm.")
    return sheet


def _check_version(sheet, version, sentence=STALE):
    if version != sheet.version:
        raise Conflict(sentence)


def _write(sheet, field, text, actor, version):
    _check_version(sheet, version)
    text = clean_text(text)
    if not text:
        raise DomainError("Nhập nội dung trước khi lưu.", "text")
    check_content(text)
    setattr(sheet, field, text)
    sheet.version += 1
    sheet.save(update_fields=[field, "version"])
    record(actor.pk, f"yearly_sheet.{field}", sheet, after={"year": sheet.year})
    return sheet
