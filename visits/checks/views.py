"""Forms of the check pairs by lot."""

import uuid

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.forms import GuidedForm, NameField, WordsField
from core.merging import refuse
from core.periods import Period
from core.routing import form_page, page
from visits.access import may_keep_assignments, may_report_check
from visits.checks.reads import is_repeated, questions_in, steps_of
from visits.checks.services import draw_checks, report_check
from visits.enums import QuestionKind
from visits.forms import ChosenUnit
from visits.models import CheckDraw, CheckPair, Visit
from visits.openings import drawing_units
from visits.views import BRANCH, VISITING, VisitFilter

QUARTERS = 4
PICKER = {"data-picker": ""}
NUMBER = {"inputmode": "numeric"}


class DrawForm(GuidedForm):
    """Whose cadres, which ended quarter, how many visits each, and perhaps a seed agreed on beforehand."""

    unit = ChosenUnit(label="Đơn vị có cán bộ", queryset=None, widget=forms.Select(attrs=PICKER))
    period = forms.ChoiceField(label="Quý", help_text="Quý đã hết, để lượt đi nào của quý cũng có thể được kiểm tra.")
    sample_size = forms.IntegerField(
        label="Số lượt đi kiểm tra mỗi người", min_value=1, max_value=5, initial=2, widget=forms.TextInput(attrs=NUMBER)
    )
    seed = NameField(
        label="Số gieo đã thống nhất trước",
        max_length=40,
        required=False,
        help_text="Ví dụ: sáu số của kỳ xổ số sẽ quay. Để trống thì máy chọn ngẫu nhiên; số gieo luôn được ghi lại.",
    )
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, units, today, **options):
        super().__init__(*args, **options)
        self.fields["unit"].queryset = units
        self.fields["unit"].empty_label = None if len(units) == 1 else "Chọn…"
        quarter, choices = Period.of_day(today, "quarter"), []
        for _ in range(QUARTERS):
            quarter = quarter.previous()
            choices.append((quarter.code, quarter.label))
        self.fields["period"].choices = choices


class ReportForm(GuidedForm):
    result = WordsField(
        label="Kết quả kiểm tra",
        rows=5,
        limit=10_000,
        help_text="Đã hỏi ai, ở đâu; các lượt đi có đúng như đã ghi không; điều cần trao đổi. Không chấm điểm.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


SHOWN = 100


@page(roles=BRANCH)
def visit_questions(request):
    """The questions of the filter's visits; of this year's, unless a period (or every period) is asked for."""
    today, query = timezone.localdate(), request.GET.copy()
    query.setdefault("ky", str(today.year))
    filters, kind = VisitFilter(query, user=request.user, today=today), query.get("loai", "")
    if not filters.is_valid() or (kind and kind not in QuestionKind.values):
        raise DomainError("Bộ lọc có giá trị không đọc được. Mở lại trang từ đầu.")
    found = questions_in(filters.apply(Visit.objects.read_whole_by(request.user)))
    chosen = [each for each in found if kind in ("", each.kind)]
    context = {
        "found": [each for each in chosen if each.total],
        "total": sum(each.total for each in chosen),
        "shown": sum(len(each.questions) for each in chosen),
        "tabs": _tabs(query, found, kind),
        "form": filters,
        "kind": kind,
    }
    return TemplateResponse(request, "visits/visit_questions.html", context)


def _tabs(query, found, kind):
    """The kinds with their numbers; the filter stays."""
    tabs = [("", "Tất cả", sum(each.total for each in found)), *((f.kind, f.kind.label, f.total) for f in found)]
    return [{"label": label, "url": _with(query, code), "active": code == kind, "count": n} for code, label, n in tabs]


def _with(query, kind):
    kept = query.copy()
    kept.pop("loai", None)
    if kind:
        kept["loai"] = kind
    return f"?{kept.urlencode()}"


@form_page(roles=VISITING)
def check_draw_list(request):
    """Drawings of the branch, the pairs in which the user checks somebody, and the form of a new drawing."""
    today, user = timezone.localdate(), request.user
    form = DrawForm(
        request.POST or None, initial={"request_id": uuid.uuid4()}, units=drawing_units(user, today), today=today
    )
    if form.is_bound and form.is_valid():
        try:
            data = form.cleaned_data | {"request_id": f"{user.pk}-{form.cleaned_data['request_id']}"}
            return redirect(draw_checks(actor=user, today=today, now=timezone.now(), **data))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    draws = CheckDraw.objects.visible_to(user).select_related("unit")
    mine = CheckPair.objects.visible_to(user).filter(checker_id=user.person_id).select_related("draw", "checked")
    context = {
        "form": form,
        "draws": [(draw, Period.parse(draw.period).label) for draw in draws[:SHOWN]],
        "total": draws.count(),
        "mine": [(pair, Period.parse(pair.draw.period).label) for pair in mine.order_by("-draw__drawn_at")[:SHOWN]],
        "may_draw": may_keep_assignments(user),
    }
    return TemplateResponse(request, "visits/check_draw_list.html", context, status=422 if form.is_bound else 200)


@page(roles=BRANCH)
def check_draw_detail(request, pk):
    """The pairs, and everything needed to draw them again; with `?kiem-lai=1` they are drawn again here."""
    draw = get_object_or_404(CheckDraw.objects.visible_to(request.user).select_related("unit"), pk=pk)
    pairs = list(draw.pairs.select_related("checker", "checked").prefetch_related("visits__unit"))
    period = Period.parse(draw.period)
    here = {"label": f"{draw.unit.name}, {period.label}", "url": ""}
    context = {
        "draw": draw,
        "pairs": pairs,
        "total": len(pairs),
        "period": period,
        "repeated": is_repeated(draw, pairs) if request.GET.get("kiem-lai") else None,
        "trail": [{"label": "Bốc thăm", "url": reverse("check_draw_list")}, here],
        **steps_of(draw, pairs),
    }
    return TemplateResponse(request, "visits/check_draw_detail.html", context)


def _pair(request, pk):
    pairs = CheckPair.objects.visible_to(request.user)
    pair = pairs.select_related("draw__unit", "checker", "checked").filter(pk=pk).first()
    if pair is None:
        raise Http404
    return pair


@form_page(roles=VISITING)
def check_pair_detail(request, pk):
    pair, status, saved = _pair(request, pk), 200, None
    form = ReportForm(request.POST or None, initial={"result": pair.result, "version": pair.version})
    if form.is_bound:
        status = 422
        try:
            if form.is_valid():
                report_check(pk, actor=request.user, today=timezone.localdate(), **form.cleaned_data)
                messages.success(request, "Đã lưu kết quả kiểm tra.")
                return redirect(pair)
        except NotAllowed:
            raise
        except DomainError as error:
            status, saved = error.status_code, refuse(form, error, lambda: _pair(request, pk))
    context = {
        "pair": pair,
        "form": form,
        "saved": saved,
        "period": Period.parse(pair.draw.period),
        "visits": pair.visits.visible_to(request.user)
        .select_related("unit", "local_group")
        .order_by("visited_on", "pk"),
        "may_report": may_report_check(request.user, pair),
        "sees_draw": CheckDraw.objects.visible_to(request.user).filter(pk=pair.draw_id).exists(),
    }
    return TemplateResponse(request, "visits/check_pair_detail.html", context, status=status)
