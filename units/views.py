"""Villages of a commune: made, renamed, ended. One act, one address."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from core.display import day_text
from core.routing import form_page, page
from core.text import place_sort_key
from units import reads as units_reads
from units import services
from units.access import BODY_EDITORS, VILLAGE_EDITORS, may_edit_bodies, may_edit_villages, may_see_villages
from units.enums import Level
from units.forms import (
    BodyEndForm,
    BodyForm,
    BodyRenameForm,
    DayFilter,
    TreeFilter,
    VillageEndForm,
    VillageForm,
    VillageRenameForm,
)
from units.models import Body, Unit, UnitCluster
from units.naming import bodies_on
from units.panels import village_panels
from units.reads import ancestor_at, children_of, place_in, roots_on, trail_of
from units.rules import in_force


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


PICKER_LIMIT = 20


@page()
def unit_list(request):
    today = timezone.localdate()
    form = TreeFilter(request.GET)
    day, text = form.chosen(today)
    own = units_reads.own_units(request.user, day)
    if text:
        found, total = units_reads.search_units(request.user, text, day)
    else:
        found = roots_on(day)
        total = len(found)
    counts = units_reads.counts_below(request.user, [unit.pk for unit in own + found], day)
    context = {
        "form": form,
        "day": day,
        "text": text,
        "total": total,
        "own": _rows(own, counts, day, today),
        "found": _rows(found, counts, day, today),
    }
    return render(request, "units/unit_list.html", context)


@page()
def unit_detail(request, key):
    today = timezone.localdate()
    unit = get_object_or_404(units_reads.readable_units(request.user), key=key)
    form = DayFilter(request.GET)
    asked = (form.is_valid() and form.cleaned_data["ngay"]) or today
    day = units_reads.day_in_life(unit, asked)
    trail = trail_of(unit, day)
    place = units_reads.place_in(trail)
    context = {
        "unit": unit,
        "form": form,
        "day": day,
        "note": _note(unit, asked, day),
        "is_ended": not in_force(unit.valid_from, unit.valid_to, today),
        "versions": list(unit.versions.all()),
        "history": units_reads.history_of(unit),
        "panels": village_panels(request.user, unit, day, today) if unit.level == Level.VILLAGE else [],
        **_children(request.user, unit, day, today, may_see_villages(request.user, place)),
        **_particulars(request.user, unit, day, place),
        **_trail(trail, unit, day, today),
    }
    return render(request, "units/unit_detail.html", context)


def _children(user, unit, day, today, inside):
    children = [] if unit.level == Level.VILLAGE else children_of(unit, day)
    shown = [child for child in children if inside or child.level != Level.VILLAGE]
    shown.sort(key=_child_order)
    counts = units_reads.counts_below(user, [child.pk for child in shown], day)
    return {"children": _rows(shown, counts, day, today), "villages_hidden": len(shown) < len(children)}


def _child_order(unit):
    """Villages by the number they were given, other units by the Vietnamese alphabet."""
    return unit.level == Level.VILLAGE, unit.code if unit.level == Level.VILLAGE else place_sort_key(unit.name_then)


def _particulars(user, unit, day, place):
    """Bodies, clusters and posts for those who work in the branch; and the changes the user may make."""
    inside = may_see_villages(user, place)
    live = unit.valid_to is None
    return {
        "inside": inside,
        "bodies": bodies_on(Body.objects.visible_to(user).filter(unit=unit).on(day), day),
        "clusters": list(UnitCluster.objects.filter(unit=unit).on(day).prefetch_related("members")) if inside else [],
        "may_add_village": live and unit.level == Level.COMMUNE and may_edit_villages(user, place),
        "may_edit_village": live and unit.level == Level.VILLAGE and may_edit_villages(user, place),
        "may_add_body": live and unit.level != Level.VILLAGE and may_edit_bodies(user, place),
    }


def _trail(trail, unit, day, today):
    """Breadcrumbs by unit; the name is the one of the day."""
    named = {item.pk: item.name_then for item in units_reads.named_on(trail, day)}
    items = [{"label": "Đơn vị", "url": reverse("unit_list")}]
    items += [{"label": named[up.pk], "url": _url(up.key, day, today)} for up in trail if up.pk != unit.pk]
    name = named.get(unit.pk, unit.name)
    return {"name": name, "trail": [*items, {"label": name}]}


def _note(unit, asked, day):
    if asked == day:
        return ""
    word = "chưa hoạt động" if asked < day else "không còn hoạt động"
    return f"Ngày {day_text(asked)} đơn vị {word}. Trang này cho biết ngày {day_text(day)}."


def _url(key, day, today):
    query = f"?{urlencode({'ngay': day.isoformat()})}" if day != today else ""
    return reverse("unit_detail", args=[key]) + query


def _rows(units, counts, day, today):
    """Rows of a table of units, and which levels below are worth a column."""
    rows = [
        {
            "key": unit.key,
            "name": unit.name_then,
            "level": Level(unit.level).label,
            "url": _url(unit.key, day, today),
            "districts": counts[unit.pk].get(Level.DISTRICT),
            "communes": counts[unit.pk].get(Level.COMMUNE),
            "villages": counts[unit.pk].get(Level.VILLAGE),
        }
        for unit in units
    ]
    return {"rows": rows} | {
        f"has_{name}": any(row[name] for row in rows) for name in ("districts", "communes", "villages")
    }


@page()
def unit_search(request):
    """Answers of the unit picker: units of the user's branches in force on a day (?q= &cap= &ngay= &gia-tri=key)."""
    form = TreeFilter(request.GET)
    day, text = form.chosen(timezone.localdate())
    units = Unit.objects.visible_to(request.user, day).on(day).matching(text)
    if request.GET.get("cap") in Level.values:
        units = units.level(request.GET["cap"])
    by_key = request.GET.get("gia-tri") == "key"
    answers = [
        {"value": unit.key if by_key else str(unit.pk), "label": unit.name, "hint": unit.upper or ""}
        for unit in units_reads.with_upper(units.order_by("search_text", "code")[:PICKER_LIMIT], day)
    ]
    return JsonResponse(answers, safe=False)
