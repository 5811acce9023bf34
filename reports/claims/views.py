"""The form of a figure that was said."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from core.forms import OLD_FORM, NameField, WordsField
from core.paging import keyset_page
from core.periods import Period
from core.routing import act, form_page, page
from people.enums import Role
from reports.access import may_export
from reports.claims.reads import (
    claim_holds,
    claim_row,
    count_of,
    known_years,
    number_text,
    parts_of,
    said_of,
    was_borne_out,
    years_text,
)
from reports.claims.services import ClaimDraft, pin_claim, withdraw_claim
from reports.enums import Comparison
from reports.measures import CLAIMABLE
from reports.models import Claim
from reports.overview import lists_of
from reports.reach import BOUNDARIES, THEN
from reports.selection import selection_of
from units.forms import ChangeForm, NewForm

MEASURES = [(word, f"{measure.label} ({measure.unit})") for word, measure in CLAIMABLE.items()]


class ClaimForm(NewForm):
    words = WordsField(
        label="Câu có số liệu",
        rows=2,
        limit=500,
        help_text="Ví dụ: Năm 2016 đã tổ chức 1.716 hội nghị giao ban cấp xã.",
    )
    source = NameField(
        label="Nêu ở đâu", max_length=250, required=False, help_text="Bài phát biểu, báo cáo, bài báo và ngày."
    )
    unit = forms.ChoiceField(label="Đơn vị")
    period = forms.CharField(
        label="Kỳ", max_length=10, help_text="Năm 2016, quý 2016-Q1, tháng 2016-03, nhiều năm 2014..2020."
    )
    measure = forms.ChoiceField(label="Số đo", choices=[("", "Chọn số đo"), *MEASURES])
    over = forms.ChoiceField(
        label="Trên tổng",
        required=False,
        choices=[("", "Không, đây là số đếm"), *MEASURES],
        help_text="Chỉ chọn khi câu nêu tỷ lệ phần trăm.",
    )
    less = forms.ChoiceField(label="Trừ đi ở mẫu số", required=False, choices=[("", "Không trừ"), *MEASURES])
    comparison = forms.ChoiceField(label="Cách nói", choices=Comparison.choices, initial=Comparison.EXACTLY)
    stated = forms.DecimalField(
        label="Con số nêu", max_digits=14, decimal_places=2, localize=True, help_text="Ví dụ: 12.200 hoặc 98,5."
    )
    boundaries = forms.ChoiceField(
        label="Tính theo đơn vị nào",
        choices=[(key, words[:1].upper() + words[1:]) for key, words in BOUNDARIES.items()],
        initial=THEN,
    )

    def __init__(self, data=None, *, units, initial=None):
        super().__init__(data, initial=initial)
        self.units = {unit.key: unit for unit in units}
        self.fields["unit"].choices = [("", "Chọn đơn vị"), *((key, unit.name) for key, unit in self.units.items())]

    def draft(self):
        """What the service takes."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "request_id"}
        return ClaimDraft(**values | {"unit": self.units[values["unit"]]})


class WithdrawForm(ChangeForm):
    """Only the state it was opened on."""


PINNERS = (
    *(Role.COMMUNE.value, Role.COMMUNE_LEADER.value, Role.DISTRICT.value, Role.LEADER.value),
    *(Role.SPECIALIST.value, Role.PROVINCE.value, Role.PROVINCE_LEADER.value),
)
WITHDRAWN = "bo-ghim"


@page(roles=PINNERS)
def claim_list(request):
    """Those that today's figures bear out no more come first."""
    is_gone = request.GET.get("xem") == WITHDRAWN
    claims = Claim.objects.visible_to(request.user).filter(withdrawn_on__isnull=not is_gone)
    paged = keyset_page(claims.values("is_supported", "pk"), ("is_supported", "-pk"), request.GET)
    found = claims.select_related("unit").in_bulk([row["pk"] for row in paged.rows])
    context = {
        "rows": [claim_row(found[row["pk"]]) for row in paged.rows],
        "paged": paged,
        "total": claims.count(),
        "broken": 0 if is_gone else claims.filter(is_supported=False, is_complete=True).count(),
        "tabs": [
            {"label": "Đang ghim", "url": "?", "active": not is_gone},
            {"label": "Đã bỏ ghim", "url": f"?xem={WITHDRAWN}", "active": is_gone},
        ],
        "trail": [{"label": "Báo cáo", "url": reverse("report_home")}, {"label": "Số liệu đã ghim"}],
    }
    return TemplateResponse(request, "reports/claim_list.html", context)


@form_page(roles=PINNERS)
def claim_create(request):
    today = timezone.localdate()
    chosen = selection_of(request.user, request.GET, today)
    units = chosen.units if chosen.unit in chosen.units else (chosen.unit, *chosen.units)
    first = {"unit": chosen.unit.key, "period": chosen.period.code, "boundaries": chosen.boundaries}
    form = ClaimForm(request.POST or None, units=units, initial=first)
    if form.is_bound and form.is_valid():
        request_id, draft = form.cleaned_data["request_id"], form.draft()
        form.cleaned_data = {"draft": draft, "request_id": request_id}
        if claim := form.run(pin_claim, actor=request.user, today=today):
            messages.success(request, "Đã ghim số liệu.")
            return redirect(claim)
    context = {"form": form, "trail": _trail("Ghim số liệu")}
    return TemplateResponse(request, "reports/claim_create.html", context, status=422 if form.is_bound else 200)


@page(roles=PINNERS)
def claim_detail(request, pk):
    claim, today = _claim(request, pk), timezone.localdate()
    period = Period.parse(claim.period)
    count = count_of(claim, today)
    known, unknown = known_years(claim.unit, period, claim.boundaries, today, claim.measure)
    context = {
        "claim": claim,
        "said": said_of(claim),
        "period": period,
        "boundaries": BOUNDARIES[claim.boundaries],
        "today": today,
        "pinned": number_text(claim.pinned_part, claim.pinned_whole),
        "now": number_text(count.part, count.whole),
        "holds": claim_holds(claim, count, unknown),
        "was_borne_out": was_borne_out(claim),
        "known": years_text(known),
        "unknown": years_text(unknown),
        "parts": parts_of(claim, lists_of(claim.unit, period, claim.boundaries)),
        "may_withdraw": not claim.withdrawn_on and may_export(request.user, claim.unit),
        "trail": _trail("Một số liệu"),
    }
    return TemplateResponse(request, "reports/claim_detail.html", context)


@act(roles=PINNERS)
def claim_withdraw(request, pk):
    claim = _claim(request, pk)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        raise DomainError(OLD_FORM)
    withdraw_claim(claim.pk, actor=request.user, version=form.cleaned_data["version"], today=timezone.localdate())
    messages.success(request, "Đã bỏ ghim số liệu.")
    return redirect(claim)


def _claim(request, pk):
    return get_object_or_404(Claim.objects.visible_to(request.user).select_related("unit"), pk=pk)


def _trail(label):
    steps = [("Báo cáo", "report_home"), ("Số liệu đã ghim", "claim_list")]
    return [*({"label": words, "url": reverse(name)} for words, name in steps), {"label": label}]
