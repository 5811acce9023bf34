"""How documents look, as dated rows by province and regime."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.errors import DomainError
from core.paper import GOV, PARTY
from core.routing import form_page, page
from feedback.forms.papers import PaperStyleForm
from meetings.access import RULE_KEEPERS, RULE_READERS, may_keep_rules
from meetings.models import PaperStyle
from meetings.paper_styles import SIZES, add_style, default_style, style_on
from meetings.views import trail_to
from meetings.views.keeping import own_provinces

REGISTER = ("Sổ văn bản", "paper_register")


@page(roles=RULE_READERS)
def paper_styles(request):
    provinces = list(own_provinces(request.user, timezone.localdate()))
    rows = list(PaperStyle.objects.filter(province__in=provinces).select_related("province").order_by("-valid_from"))
    context = {
        "rows": [*rows, *(default_style(regime) for regime in (PARTY, GOV))],
        "total": len(rows) + 2,
        "may_add": any(may_keep_rules(request.user, province) for province in provinces),
        "trail": trail_to("Thể thức văn bản", REGISTER),
    }
    return TemplateResponse(request, "feedback/paper_styles.html", context)


@form_page(roles=RULE_KEEPERS)
def paper_style_add(request):
    """A new dated row, begun with the values in force; the one before it ends."""
    today = timezone.localdate()
    provinces = own_provinces(request.user, today)
    form = PaperStyleForm(request.POST or None, provinces=provinces, initial=_initial(request, provinces, today))
    if request.method == "POST" and form.is_valid():
        try:
            add_style(form.style(), actor=request.user, today=today)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, "Đã lưu thể thức văn bản mới.")
            return redirect("paper_styles")
    context = {"form": form, "trail": trail_to("Thể thức mới", REGISTER, ("Thể thức văn bản", "paper_styles"))}
    return TemplateResponse(request, "feedback/paper_style_add.html", context, status=422 if form.is_bound else 200)


def _initial(request, provinces, today):
    regime = GOV if request.GET.get("loai") == GOV else PARTY
    province = provinces.first()
    style = style_on(regime, province.pk if province else None, today)
    sizes = {name: getattr(style, name) for name in SIZES}
    return sizes | {"province": province, "regime": regime, "document": style.document, "valid_from": today}
