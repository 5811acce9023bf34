"""Forms of an initiative: its stage, another place that uses it, the commendation."""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.activity import record
from core.forms import DayField, NameField, WordsField
from core.paging import keyset_page
from core.routing import act, form_page, page
from feedback.enums import FOLLOWED_KINDS, InitiativeStage
from feedback.initiatives.reads import (
    BY_DAY,
    InitiativeFilter,
    initiative_panel,
    initiative_rows,
    places_to_spread,
    to_commend,
    with_spread,
)
from feedback.initiatives.services import commend, follow_initiative, propose_commendation, spread_initiative
from feedback.page.views import STAFF_ROLES, visible_opinion
from meetings.views import version_of
from units.forms import ChangeForm
from units.models import Unit


class StageForm(ChangeForm):
    stage = forms.ChoiceField(label="Giai đoạn", choices=InitiativeStage.choices)
    adopted_on = DayField(label="Ngày áp dụng", required=False, help_text="Chỉ ghi khi đã áp dụng.")
    effect = WordsField(label="Hiệu quả, hoặc lý do không áp dụng", required=False, rows=3, limit=5_000)

    def __init__(self, data=None, *, initiative):
        names = ("stage", "adopted_on", "effect", "version")
        super().__init__(data, initial={name: getattr(initiative, name) for name in names}, auto_id="stage-%s")


class SpreadForm(ChangeForm):
    unit = forms.ChoiceField(label="Nơi áp dụng", widget=forms.Select(attrs={"data-picker": ""}))
    adopted_on = DayField(label="Ngày áp dụng")
    note = WordsField(label="Cách áp dụng, kết quả", required=False, rows=2, limit=500)

    def __init__(self, data=None, *, initiative, places):
        super().__init__(data, initial={"version": initiative.version}, auto_id="spread-%s")
        self.fields["unit"].choices = places

    def clean_unit(self):
        return Unit.objects.get(pk=self.cleaned_data["unit"])


class InitiativeCommendForm(ChangeForm):
    commendation = NameField(
        label="Hình thức khen, số quyết định", max_length=250, help_text="Ví dụ: Giấy khen, Quyết định 125/QĐ-UBND."
    )
    commended_on = DayField(label="Ngày khen")

    def __init__(self, data=None, *, initiative):
        super().__init__(data, initial={"version": initiative.version}, auto_id="commend-%s")


MOST_PRINTED = 500


@page(roles=STAFF_ROLES)
def initiative_list(request):
    form = InitiativeFilter(request.GET, user=request.user, today=timezone.localdate())
    opinions = form.rows()
    paged = keyset_page(with_spread(opinions), BY_DAY, request.GET)
    context = {
        "form": form,
        "rows": list(initiative_rows(paged.rows)),
        "paged": paged,
        "total": opinions.count(),
        "waiting": to_commend(request.user).count(),
    }
    return TemplateResponse(request, "feedback/initiative_list.html", context, status=200 if form.is_fine else 400)


@page(roles=STAFF_ROLES)
def initiative_commend_list(request):
    """The list for commendation on paper; that it was printed is kept in the activity log."""
    found = to_commend(request.user)
    rows = list(initiative_rows(with_spread(found).order_by("commune__sort_key", *BY_DAY)[:MOST_PRINTED], limit=None))
    record(request.user.pk, "opinion.print", request.user, after={"rows": len(rows)})
    context = {"rows": rows, "total": found.count(), "today": timezone.localdate()}
    return TemplateResponse(request, "feedback/initiative_commend_list.html", context)


@form_page(roles=STAFF_ROLES)
def initiative_detail(request, pk):
    """What became of one initiative; its stage is set here."""
    opinion = _followed(request, pk)
    panel = initiative_panel(opinion, request.user, timezone.localdate())
    form = StageForm(request.POST or None, initiative=panel["initiative"])
    if request.method == "POST" and _run(request, form, follow_initiative, opinion, "Đã lưu giai đoạn."):
        return _back(opinion)
    return _show(request, opinion, panel, stage=form)


@act(roles=STAFF_ROLES)
def initiative_spread(request, pk):
    opinion, today = _followed(request, pk), timezone.localdate()
    panel = initiative_panel(opinion, request.user, today)
    places = places_to_spread(opinion, request.user, today)
    form = SpreadForm(request.POST, initiative=panel["initiative"], places=places)
    if _run(request, form, spread_initiative, opinion, "Đã ghi nơi áp dụng."):
        return _back(opinion)
    return _show(request, opinion, panel, spread=form)


@act(roles=STAFF_ROLES)
def initiative_propose(request, pk):
    opinion, today = _followed(request, pk), timezone.localdate()
    propose_commendation(pk, actor=request.user, version=version_of(request), today=today)
    messages.success(request, "Đã đưa vào danh sách đề nghị khen.")
    return _back(opinion)


@act(roles=STAFF_ROLES)
def initiative_commend(request, pk):
    opinion = _followed(request, pk)
    panel = initiative_panel(opinion, request.user, timezone.localdate())
    form = InitiativeCommendForm(request.POST, initiative=panel["initiative"])
    if _run(request, form, commend, opinion, "Đã ghi khen thưởng."):
        return _back(opinion)
    return _show(request, opinion, panel, commend=form)


def _followed(request, pk):
    opinion = visible_opinion(request, pk)
    if opinion.kind not in FOLLOWED_KINDS:
        raise Http404
    return opinion


def _run(request, form, service, opinion, done):
    made = form.run(service, opinion_id=opinion.pk, actor=request.user, today=timezone.localdate())
    if made:
        messages.success(request, done)
    return made


def _back(opinion):
    return redirect("initiative_detail", opinion.pk)


def _show(request, opinion, panel, **bound):
    """The page of one initiative; `bound` holds the form that was sent, under the name of its act."""
    initiative, today = panel["initiative"], timezone.localdate()
    forms = {
        "stage": StageForm(initiative=initiative),
        "spread": SpreadForm(initiative=initiative, places=places_to_spread(opinion, request.user, today)),
        "commend": InitiativeCommendForm(initiative=initiative),
    }
    sent = next((form for form in bound.values() if form.is_bound), None)
    opinions = {"label": "Ý kiến", "url": reverse("opinion_list")}
    trail = [opinions, {"label": "Hiến kế, cách làm hay", "url": reverse("initiative_list")}]
    context = {"opinion": opinion, "panel": panel, "forms": forms | bound, "sent": sent}
    context["trail"] = [*trail, {"label": str(opinion)}]
    return TemplateResponse(request, "feedback/initiative_detail.html", context, status=422 if sent else 200)
