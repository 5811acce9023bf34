"""Fields that keep coming up: the proposals for thematic meetings, and the material of one on paper."""

from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.routing import page
from feedback.alarms import AGAIN, COMMUNES, MOST_SHOWN, VILLAGES, alarm_rows, alarms_for, collected
from feedback.desk import Desk
from feedback.rows import COLUMNS, opinion_rows
from feedback.views.opinions import STAFF_ROLES
from units.enums import Level

MOST_PRINTED = 500
TABS = (("", "Tất cả", None), ("xa", "Trong một xã", Level.COMMUNE), ("huyen", "Ở nhiều xã", Level.DISTRICT))


@page(roles=STAFF_ROLES)
def alarm_list(request):
    today, tab = timezone.localdate(), request.GET.get("xem", "")
    level = next((level for key, _, level in TABS if key == tab), None)
    every = alarms_for(request.user, today)
    alarms = [alarm for alarm in every if level in (None, alarm.level)]
    counts = {key: sum(one in (None, alarm.level) for alarm in every) for key, _, one in TABS}
    context = {
        "rows": alarm_rows(alarms[:MOST_SHOWN], request.user),
        "total": len(alarms),
        "is_cut": len(alarms) > MOST_SHOWN,
        "most": MOST_SHOWN,
        "tabs": [
            {"label": label, "url": f"?xem={key}" if key else "?", "count": counts[key], "active": key == tab}
            for key, label, _ in TABS
        ],
        "limits": {"villages": VILLAGES, "communes": COMMUNES, "again": AGAIN},
    }
    return TemplateResponse(request, "feedback/alarm_list.html", context)


@page(roles=STAFF_ROLES)
def alarm_material(request):
    """What was raised, by place, for those who prepare the meeting; under the desk's filters."""
    today = timezone.localdate()
    desk = Desk(request.GET, request.user, today)
    found = desk.rows.filter(collected(today)).order_by("commune__name", "village__name", "raised_on", "pk")
    rows, total = list(opinion_rows(found.values(*COLUMNS)[:MOST_PRINTED], today, limit=None)), found.count()
    context = {"desk": desk, "rows": rows, "total": total, "today": today}
    context["places"] = len({(row["place"], row["upper"]) for row in rows})
    context |= {"is_cut": total > MOST_PRINTED, "most": MOST_PRINTED, "title": _title(desk)}
    context["list_url"] = f"{reverse('opinion_list')}{desk.kept}"
    return TemplateResponse(request, "feedback/alarm_material.html", context, status=200 if desk.is_valid else 400)


def _title(desk):
    """'Giao thông – Xã Đồng Tâm', as far as the filters say."""
    names = (_label(desk.form, name) for name in ("linh-vuc", "don-vi"))
    return " – ".join(name for name in names if name)


def _label(form, name):
    word = form.data.get(name, "")
    return next((label for key, label in form.fields[name].choices if word and str(key) == word), "")
