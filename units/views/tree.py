"""The dated tree: list, one unit, the picker's answers."""

from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from core.display import day_text
from core.routing import page
from core.text import collation_key
from units import browsing
from units.access import may_edit_bodies, may_edit_villages, may_see_villages
from units.enums import Level
from units.forms import DayFilter, TreeFilter
from units.models import Body, Unit, UnitCluster
from units.naming import bodies_on
from units.panels import village_panels
from units.rules import in_force
from units.selectors import children_of, roots_on, trail_of

PICKER_LIMIT = 20


@page()
def unit_list(request):
    today = timezone.localdate()
    form = TreeFilter(request.GET)
    day, text = form.chosen(today)
    own = browsing.own_units(request.user, day)
    if text:
        found, total = browsing.search_units(request.user, text, day)
    else:
        found = roots_on(day)
        total = len(found)
    counts = browsing.counts_below(request.user, [unit.pk for unit in own + found], day)
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
    unit = get_object_or_404(browsing.readable_units(request.user), key=key)
    form = DayFilter(request.GET)
    asked = (form.is_valid() and form.cleaned_data["ngay"]) or today
    day = browsing.day_in_life(unit, asked)
    trail = trail_of(unit, day)
    place = browsing.place_in(trail)
    context = {
        "unit": unit,
        "form": form,
        "day": day,
        "note": _note(unit, asked, day),
        "is_ended": not in_force(unit.valid_from, unit.valid_to, today),
        "versions": list(unit.versions.all()),
        "history": browsing.history_of(unit),
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
    counts = browsing.counts_below(user, [child.pk for child in shown], day)
    return {"children": _rows(shown, counts, day, today), "villages_hidden": len(shown) < len(children)}


def _child_order(unit):
    """Villages by the number they were given, other units by the Vietnamese alphabet."""
    return unit.level == Level.VILLAGE, unit.code if unit.level == Level.VILLAGE else collation_key(unit.name_then)


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
    named = {item.pk: item.name_then for item in browsing.named_on(trail, day)}
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
        for unit in browsing.with_upper(units.order_by("search_text", "code")[:PICKER_LIMIT], day)
    ]
    return JsonResponse(answers, safe=False)
