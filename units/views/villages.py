"""Villages of a commune: made, renamed, ended. One act, one address."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.routing import form_page
from units import services
from units.access import VILLAGE_EDITORS
from units.enums import Level
from units.forms import VillageEndForm, VillageForm, VillageRenameForm
from units.models import Unit
from units.selectors import ancestor_at


def _unit(request, key, level):
    today = timezone.localdate()
    units = Unit.objects.visible_to(request.user, today).on(today)
    return get_object_or_404(units.level(level), key=key)


def _latest(village):
    return village.versions.order_by("-valid_from").first()


def form_answer(request, form, unit, heading, button, hint=""):
    trail = [{"label": unit.name, "url": unit.get_absolute_url()}, {"label": heading}]
    context = {"form": form, "unit": unit, "heading": heading, "button": button, "hint": hint, "trail": trail}
    return render(request, "units/unit_form.html", context, status=422 if form.is_bound else 200)


@form_page(roles=VILLAGE_EDITORS)
def village_create(request, key):
    commune = _unit(request, key, Level.COMMUNE)
    today = timezone.localdate()
    form = VillageForm(request.POST or None, initial={"valid_from": today})
    if request.method == "POST" and (
        village := form.run(services.create_village, actor=request.user, commune=commune, today=today)
    ):
        messages.success(request, f"Đã thêm {village.name}, mã {village.code}.")
        return redirect(village)
    return form_answer(request, form, commune, "Thêm thôn, khu", "Thêm thôn, khu")


@form_page(roles=VILLAGE_EDITORS)
def village_rename(request, key):
    village = _unit(request, key, Level.VILLAGE)
    today, latest = timezone.localdate(), _latest(village)
    initial = {"version": latest.pk, "kind": latest.kind, "name": latest.name, "on": today}
    form = VillageRenameForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.run(services.rename_village, actor=request.user, village=village, today=today):
        messages.success(request, f"Đã đổi tên {latest.name}.")
        return redirect(village)
    return form_answer(request, form, village, f"Đổi tên {latest.name}", "Đổi tên")


@form_page(roles=VILLAGE_EDITORS)
def village_end(request, key):
    village = _unit(request, key, Level.VILLAGE)
    today, latest = timezone.localdate(), _latest(village)
    siblings = Unit.objects.under(ancestor_at(village, Level.COMMUNE, today), today).level(Level.VILLAGE)
    form = VillageEndForm(
        request.POST or None,
        initial={"version": latest.pk, "on": today},
        successors=siblings.exclude(pk=village.pk),
    )
    if request.method == "POST" and form.run(services.end_village, actor=request.user, village=village, today=today):
        messages.success(request, f"Đã ghi kết thúc hoạt động của {village.name}.")
        return redirect(village)
    hint = "Các chức danh của thôn, khu cũng kết thúc. Hội nghị và ý kiến đã ghi vẫn giữ nguyên."
    return form_answer(request, form, village, f"Kết thúc {village.name}", "Kết thúc", hint)
