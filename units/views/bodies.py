"""Bodies of a unit: shown with the names they had, made, renamed, ended."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.routing import form_page, page
from units import services
from units.access import BODY_EDITORS, may_edit_bodies
from units.browsing import place_in
from units.forms import BodyEndForm, BodyForm, BodyRenameForm
from units.models import Body, Unit
from units.selectors import trail_of
from units.views.villages import form_answer


def _body(request, pk):
    return get_object_or_404(Body.objects.visible_to(request.user).select_related("unit"), pk=pk)


@page()
def body_detail(request, pk):
    body = _body(request, pk)
    place = place_in(trail_of(body.unit, timezone.localdate()))
    context = {
        "body": body,
        "names": list(body.names.all()),
        "may_edit": body.valid_to is None and may_edit_bodies(request.user, place),
        "trail": [{"label": body.unit.name, "url": body.unit.get_absolute_url()}, {"label": body.name}],
    }
    return render(request, "units/body_detail.html", context)


@form_page(roles=BODY_EDITORS)
def body_create(request, key):
    today = timezone.localdate()
    unit = get_object_or_404(Unit.objects.visible_to(request.user, today).on(today), key=key)
    form = BodyForm(request.POST or None, initial={"valid_from": today})
    if request.method == "POST" and (
        body := form.run(services.create_body, actor=request.user, unit=unit, today=today)
    ):
        messages.success(request, f"Đã thêm {body.name}.")
        return redirect(body)
    return form_answer(request, form, unit, "Thêm cơ quan", "Thêm cơ quan")


@form_page(roles=BODY_EDITORS)
def body_rename(request, pk):
    body, today = _body(request, pk), timezone.localdate()
    latest = body.names.order_by("-valid_from").first()
    form = BodyRenameForm(request.POST or None, initial={"version": latest.pk, "name": latest.name, "on": today})
    if request.method == "POST" and form.run(services.rename_body, actor=request.user, body=body, today=today):
        messages.success(request, "Đã đổi tên cơ quan.")
        return redirect(body)
    return form_answer(request, form, body, f"Đổi tên {body.name}", "Đổi tên")


@form_page(roles=BODY_EDITORS)
def body_end(request, pk):
    body, today = _body(request, pk), timezone.localdate()
    latest = body.names.order_by("-valid_from").first()
    form = BodyEndForm(request.POST or None, initial={"version": latest.pk, "on": today})
    if request.method == "POST" and form.run(services.end_body, actor=request.user, body=body, today=today):
        messages.success(request, f"Đã ghi kết thúc hoạt động của {body.name}.")
        return redirect(body)
    hint = "Trước khi kết thúc, hãy giao ý kiến còn lại cho cơ quan khác và kết thúc các tài khoản của cơ quan này."
    return form_answer(request, form, body, f"Kết thúc {body.name}", "Kết thúc", hint)
