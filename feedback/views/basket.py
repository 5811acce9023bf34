"""The basket before a meeting: what villages will raise, put in by the officer or by the village itself."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.paging import keyset_page
from core.routing import act, form_page
from feedback.access import may_change_item, works_at
from feedback.basket import basket_groups, basket_units, finished_items, places_of
from feedback.enums import BasketState
from feedback.forms.basket import BasketForm, BasketItemForm
from feedback.models import BasketItem
from feedback.services.basket import edit_item, put_in_many, withdraw_item
from meetings.selectors import upcoming_meetings

ROLES = ("commune", "commune_leader", "district", "leader", "specialist", "village")
TAKEN = "da-dua"
COLUMNS = ("pk", "text", "village__name", "put_in_on", "state", "opinion_id")


@form_page(roles=ROLES)
def basket_list(request):
    today = timezone.localdate()
    unit, units = _unit(request, today)
    if unit is None:
        return TemplateResponse(request, "feedback/basket_list.html", {"unit": None, "total": 0})
    is_staff, places = works_at(request.user, unit.pk), places_of(unit, request.user, today)
    chosen = next((str(place.pk) for place in places if place.key == request.GET.get("thon")), "")
    form = BasketForm(request.POST or None, unit=unit, places=places, is_staff=is_staff, chosen=chosen)
    if request.method == "POST":
        items = form.run(put_in_many, unit=unit, actor=request.user, today=today)
        if items is not None:
            messages.success(request, f"Đã có {len(items)} ý kiến trong giỏ, chờ hội nghị kế tiếp.")
            return redirect(f"{reverse('basket_list')}?don-vi={unit.key}")
    context = _shown(request, unit, today) | {"unit": unit, "units": units, "form": form, "is_staff": is_staff}
    return TemplateResponse(request, "feedback/basket_list.html", context, status=422 if form.is_bound else 200)


def _unit(request, today):
    """(the unit asked for, or one's first; all one may choose from)."""
    units = basket_units(request.user, today)
    asked = request.GET.get("don-vi")
    if asked and asked not in {unit.key for unit in units}:
        raise Http404
    return next((unit for unit in units if unit.key == asked or not asked), None), units


def _shown(request, unit, today):
    """What waits by village; or, on the second tab, what was raised or withdrawn."""
    groups, silent = basket_groups(unit, request.user, today)
    waiting = sum(len(group["rows"]) for group in groups)
    gone = finished_items(unit, request.user)
    is_gone = request.GET.get("xem") == TAKEN
    page = keyset_page(gone.values(*COLUMNS), ("-pk",), request.GET) if is_gone else None
    gone_count = gone.count()
    here = f"?don-vi={unit.key}"
    tabs = [
        {"label": "Đang chờ", "url": here, "count": waiting, "active": not is_gone},
        {"label": "Đã nêu, đã rút", "url": f"{here}&xem={TAKEN}", "count": gone_count, "active": is_gone},
    ]
    own = upcoming_meetings(request.user, today, limit=1, units=[unit.pk])
    return {
        "groups": groups,
        "silent": silent,
        "page": page,
        "rows": [_gone_row(row) for row in page.rows] if page else [],
        "total": gone_count if is_gone else waiting,
        "tabs": tabs,
        "next_meeting": own[0] if own else None,
    }


def _gone_row(row):
    is_taken = row["state"] == BasketState.TAKEN
    url = reverse("opinion_detail", args=[row["opinion_id"]]) if is_taken else ""
    return row | {"word": BasketState(row["state"]).label, "tone": "done" if is_taken else "neutral", "url": url}


def _item(request, pk):
    items = BasketItem.objects.visible_to(request.user).select_related("unit", "village")
    return get_object_or_404(items, pk=pk)


@form_page(roles=ROLES)
def basket_edit(request, pk):
    item, today = _item(request, pk), timezone.localdate()
    back = f"{reverse('basket_list')}?don-vi={item.unit.key}"
    is_staff = works_at(request.user, item.unit_id)
    form = BasketItemForm(request.POST or None, item=item, is_staff=is_staff, today=today)
    if request.method == "POST" and form.is_valid():
        draft, version = form.draft(), form.cleaned_data["version"]
        form.cleaned_data = {"draft": draft, "version": version}
        if form.run(edit_item, item_id=pk, actor=request.user, today=today):
            messages.success(request, "Đã lưu ý kiến gửi trước.")
            return redirect(back)
    context = {"form": form, "item": item, "back": back, "may_change": may_change_item(request.user, item)}
    return TemplateResponse(request, "feedback/basket_edit.html", context, status=422 if form.is_bound else 200)


@act(roles=ROLES)
def basket_withdraw(request, pk):
    item = _item(request, pk)
    word = request.POST.get("version", "")
    version = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0
    reason, today = request.POST.get("reason", ""), timezone.localdate()
    withdraw_item(pk, actor=request.user, version=version, reason=reason, today=today)
    messages.success(request, "Đã rút ý kiến gửi trước.")
    return redirect(f"{reverse('basket_list')}?don-vi={item.unit.key}")
