"""Words on a yearly sheet."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, DomainError, NotAllowed
from core.forms import GuidedForm, WordsField
from core.merging import refuse
from core.periods import Period
from core.routing import act, page
from meetings.views import version_of
from papers.frame import look_of
from papers.register import style_on
from papers.views import word_file
from units.enums import Level
from units.models import Unit
from units.reads import children_of
from visits.access import keeps, may_keep_assignments, may_sign_sheet, may_write_own_words
from visits.assignments.views import chosen_unit, parents_within
from visits.models import YearlySheet
from visits.sheets.paper import file_name, sheet_paper
from visits.sheets.reads import counted_on, differences, lines_of, sheet_rows, year_facts
from visits.sheets.services import open_sheets, sign_sheet, write_own_words, write_remark
from visits.views import VISITING


class SheetWordsForm(GuidedForm):
    """`label` says whose words they are."""

    text = WordsField(label="Nội dung", rows=6, limit=10_000)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, label, **options):
        super().__init__(*args, **options)
        self.fields["text"].label = label


SIGNING = ("commune_leader", "leader", "province", "province_leader")
OWN, REMARK = "Nội dung tự nhận xét", "Nội dung nhận xét"


def _year(request, today):
    return Period.parse(request.GET.get("ky") or str(today.year)).last.year


@page()
def yearly_sheet_list(request):
    """Of the unit that the address names, else of the user's own; a visiting cadre's own sheets."""
    today, user = timezone.localdate(), request.user
    unit = chosen_unit(request, today) if user.scope.content_grants else None
    year = _year(request, today)
    found = sheet_rows(user, unit, year, today)
    may_open = bool(found.without) and year <= today.year and (unit is None or may_keep_assignments(user))
    context = {
        "unit": unit,
        "rows": found.rows,
        "total": found.total,
        "without": found.without,
        "period": Period.year(year),
        "today": today,
        "parents": parents_within(user, unit, today) if unit else [],
        "below": _below(unit, today) if unit else [],
        "open_url": f"{reverse('yearly_sheet_open')}?{_query(found.rows, unit, year)}",
        "may_open": may_open,
        "may_keep": may_keep_assignments(user),
    }
    return TemplateResponse(request, "visits/sheet_list.html", context)


def _query(rows, unit, year):
    key = unit.key if unit else next((row["unit_key"] for row in rows if row["sheet"] is None), "")
    return f"don-vi={key}&ky={year}"


def _below(unit, today):
    """The units below whose cadres have sheets of their own."""
    return [child for child in children_of(unit, today) if child.level != Level.VILLAGE]


@act(roles=VISITING)
def yearly_sheet_open(request):
    """Draft sheets for those of a unit who have none."""
    today, user = timezone.localdate(), request.user
    unit = get_object_or_404(Unit.objects.visible_to(user), key=request.GET.get("don-vi", ""))
    year = _year(request, today)
    number = open_sheets(unit, year, actor=user, today=today)
    messages.success(request, f"Đã lập {number} phiếu năm {year}." if number else "Không còn ai thiếu phiếu.")
    return redirect(f"{reverse('yearly_sheet_list')}?don-vi={unit.key}&ky={year}")


def _sheet(request, pk):
    sheets = YearlySheet.objects.visible_to(request.user).select_related("person", "post", "unit")
    return get_object_or_404(sheets, pk=pk)


@page(roles=VISITING)
def yearly_sheet_detail(request, pk):
    return _show(request, _sheet(request, pk))


def _show(request, sheet, own_form=None, remark_form=None, status=200):
    """The page of one sheet; a form that was refused keeps what was typed, after a conflict beside what is saved."""
    today, user = timezone.localdate(), request.user
    now = year_facts(sheet.person_id, sheet.unit_id, sheet.year, today)
    facts = sheet.facts["figures"] if sheet.facts else now
    context = {
        "sheet": sheet,
        "lines": lines_of(facts, sheet.person_id, sheet.year),
        "counted_on": counted_on(sheet, today),
        "differences": differences(sheet.facts, now) if sheet.facts else [],
        "own_form": own_form or _words(sheet, OWN, sheet.own_words),
        "remark_form": remark_form or _words(sheet, REMARK, sheet.remark),
        "may_write": may_write_own_words(user, sheet),
        "may_sign": may_sign_sheet(user, sheet),
        "shows_remark": _shows_remark(user, sheet),
        "is_stale": status == Conflict.status_code,
        "trail": [{"label": "Phiếu năm", "url": _list_url(sheet)}, {"label": str(sheet), "url": ""}],
    }
    return TemplateResponse(request, "visits/sheet_detail.html", context, status=status)


def _shows_remark(user, sheet):
    """The cadre reads the remark once it is signed; those who keep the unit read the draft."""
    return not sheet.is_draft or (keeps(user, sheet) and user.person_id != sheet.person_id)


def _list_url(sheet):
    return f"{reverse('yearly_sheet_list')}?don-vi={sheet.unit.key}&ky={sheet.year}"


def _words(sheet, label, text):
    return SheetWordsForm(initial={"text": text, "version": sheet.version}, label=label, prefix=_prefix(label))


def _prefix(label):
    return "own" if label == OWN else "remark"


def _keep(request, pk, label, service, keyword):
    """Save somebody's words; what is wrong stands beside them."""
    sheet, form = _sheet(request, pk), SheetWordsForm(request.POST, label=label, prefix=_prefix(label))
    if not form.is_valid():
        return _show(request, sheet, status=422, **{keyword: form})
    try:
        service(pk, actor=request.user, **form.cleaned_data)
    except NotAllowed:
        raise
    except DomainError as error:
        saved = refuse(form, error, lambda: _sheet(request, pk))
        return _show(request, saved or sheet, status=error.status_code, **{keyword: form})
    messages.success(request, f"Đã lưu phần “{label}”.")
    return redirect(sheet)


@act(roles=VISITING)
def yearly_sheet_own_words(request, pk):
    return _keep(request, pk, OWN, write_own_words, "own_form")


@act(roles=SIGNING)
def yearly_sheet_remark(request, pk):
    return _keep(request, pk, REMARK, write_remark, "remark_form")


@act(roles=SIGNING)
def yearly_sheet_sign(request, pk):
    sheet = _sheet(request, pk)
    sign_sheet(sheet.pk, actor=request.user, version=version_of(request), today=timezone.localdate())
    messages.success(request, "Đã ký phiếu; số liệu được giữ nguyên như lúc ký.")
    return redirect(sheet)


def _paper(sheet, user, today):
    if not _shows_remark(user, sheet):
        sheet.remark = ""
    live = {} if sheet.facts else year_facts(sheet.person_id, sheet.unit_id, sheet.year, today)
    paper = sheet_paper(sheet, sheet.facts["figures"] if sheet.facts else live, today)
    return paper, style_on(paper.regime, sheet.province_id, paper.signed_on)


@page(roles=VISITING)
def yearly_sheet_print(request, pk):
    sheet = _sheet(request, pk)
    paper, style = _paper(sheet, request.user, timezone.localdate())
    context = {
        "paper": paper,
        "look": look_of(style),
        "back_url": sheet.get_absolute_url(),
        "download_url": reverse("yearly_sheet_download", args=[sheet.pk]),
    }
    return TemplateResponse(request, "core/paper.html", context)


@page(roles=VISITING)
def yearly_sheet_download(request, pk):
    sheet = _sheet(request, pk)
    paper, style = _paper(sheet, request.user, timezone.localdate())
    return word_file(paper, style, file_name(sheet))
