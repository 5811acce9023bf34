"""Pages of meetings and expected meetings. Those that need opinions, too, live in `feedback`."""

from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from core.activity import last_act
from core.files import file_answer
from core.merging import clash_row
from core.paging import keyset_page
from core.routing import page
from meetings.access import RULE_READERS
from meetings.files import visible_files
from meetings.lists import (
    FIRST_YEAR,
    MEETING_COLUMNS,
    OCCURRENCE_COLUMNS,
    MeetingFilter,
    OccurrenceFilter,
    meeting_rows,
    occurrence_rows,
    year_of,
)
from meetings.models import Meeting, Occurrence
from meetings.querysets import TO_HOLD
from meetings.reads import due_now, own_unit_ids, upcoming_meetings
from meetings.timeliness import LEGEND, heat_table
from people.reads import saved_by
from units.enums import Level
from units.models import Unit
from units.scoping import CONTENT_ROLES


def trail_to(label, *between):
    """The way from the list of meetings to this page; `between` holds (label, URL name) pairs."""
    steps = [("Hội nghị", "meeting_list"), *between]
    return [*({"label": text, "url": reverse(name)} for text, name in steps), {"label": label}]


def trail_of_meeting(meeting, label):
    """The way to a part of a meeting, through the meeting's own page."""
    *before, _ = trail_to(label)
    return [*before, {"label": meeting.title, "url": meeting.get_absolute_url()}, {"label": label}]


def version_of(request):
    """The version the actor saw; something unreadable agrees with none."""
    word = request.POST.get("version", "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else -1


def place_error(filled, refusal):
    """Put a refusal of line "<index>-<name>" at its field; the answer is the sentence when it belongs to no field."""
    index, _, name = (refusal.field or "").partition("-")
    if index.isdigit() and name in filled[int(index)].fields:
        filled[int(index)].add_error(name, refusal.message)
        return None
    return refusal.message


def clashes_of(rows, lines, user, thing):
    """What a grid of lines shows of two sides: each clash, and who saved the other one.

    `thing`: what a line is called ('Việc').
    """
    if not rows or not rows.clashes:
        return {"clashes": [], "saved_by": ""}
    names = {str(line.pk): f"{thing} số {line.number}" for line in lines}
    fields = rows.empty_form.fields
    choices = {
        name: {str(code): label for code, label in getattr(field, "choices", ())} for name, field in fields.items()
    }
    told = []
    for clash in rows.clashes:
        pk, _, name = clash.key.partition(":")
        ended = " (việc đã kết thúc, không sửa được nữa)" if pk in rows.ended else ""
        label = f"{names.get(pk, f'{thing} vừa bị bỏ')}{ended}: {fields[name].label.lower()}"
        told.append(clash_row(clash, label, lambda _, value, name=name: choices[name].get(value, value)))
    acts = [last_act(line) for line in lines if any(clash.key.startswith(f"{line.pk}:") for clash in rows.clashes)]
    return {"clashes": told, "saved_by": saved_by(user, max(filter(None, acts), key=lambda act: act[1], default=None))}


TABS = {"": "Hội nghị", "ky-nay": "Kỳ này", "thieu": "Thiếu", "ky": "Mọi kỳ"}
"""Values of `muc`: meetings, and three cuts of the expected meetings."""

HEADINGS = {
    "": "Hội nghị giao ban",
    "ky-nay": "Kỳ giao ban này",
    "thieu": "Kỳ giao ban thiếu",
    "ky": "Các kỳ giao ban",
}


@page()
def meeting_list(request):
    """Held meetings by day, or (`muc`) expected meetings by period."""
    today = timezone.localdate()
    tab = request.GET.get("muc", "")
    tab = tab if tab in TABS else ""
    context = _occurrences(request, tab, today) if tab else _meetings(request, today)
    context |= {"tabs": _tabs(tab), "tab": tab, "heading": HEADINGS[tab], "today": today}
    context["may_create"] = bool(own_unit_ids(request.user))
    context["reads_branch"] = bool(CONTENT_ROLES & request.user.roles)
    context["may_see_rules"] = bool(set(RULE_READERS) & request.user.roles)
    return render(request, "meetings/meeting_list.html", context)


def _tabs(tab):
    base = reverse("meeting_list")
    return [
        {"label": label, "url": f"{base}?muc={key}" if key else base, "active": key == tab}
        for key, label in TABS.items()
    ]


def _meetings(request, today):
    form = MeetingFilter(request.GET, user=request.user, today=today)
    found = form.apply(Meeting.objects.visible_to(request.user)) if form.is_valid() else Meeting.objects.none()
    keys = ("-held_on", "-pk") if form.is_valid() and form.is_held_list else ("-pk",)
    paged = keyset_page(found.values(*MEETING_COLUMNS), keys, request.GET)
    context = {"form": form, "total": found.count(), "paged": paged, "rows": list(meeting_rows(paged.rows))}
    own = own_unit_ids(request.user)
    if own and not (set(request.GET) - {"muc"}):
        context["due"] = due_now(request.user, today, limit=3)
        context["upcoming"] = upcoming_meetings(request.user, today, units=own)
    return context


def _occurrences(request, tab, today):
    form = OccurrenceFilter(request.GET, user=request.user, today=today)
    if tab == "thieu":
        del form.fields["tinh-trang"]
    found = _cut(Occurrence.objects.visible_to(request.user), tab, today)
    found = form.apply(found, today) if form.is_valid() else found.none()
    paged = keyset_page(found.values(*OCCURRENCE_COLUMNS), ("-ends_on", "pk"), request.GET)
    return {"form": form, "total": found.count(), "paged": paged, "rows": list(occurrence_rows(paged.rows, today))}


def _cut(occurrences, tab, today):
    if tab == "thieu":
        return occurrences.missing(today)
    if tab == "ky-nay":
        running = Q(starts_on__lte=today, ends_on__gte=today)
        return occurrences.filter(running | (TO_HOLD & Q(due_on__lt=today, late_until__gte=today)))
    return occurrences


@page()
def cadence_heat(request):
    """Communes × months of a year, and districts × quarters where the year had districts."""
    today = timezone.localdate()
    year = year_of(request.GET.get("nam"), today)
    unit = chosen_unit(request)
    place = {f"{unit.level}_id": unit.pk} if unit else {}
    tables = {level: heat_table(request.user, year, today, place, level) for level in (Level.COMMUNE, Level.DISTRICT)}
    context = {
        "trail": trail_to(f"Biểu năm {year}"),
        "year": year,
        "years": range(today.year, FIRST_YEAR - 1, -1),
        "unit": unit,
        "units": districts_of(request.user, today),
        "tables": [(f"Cấp {'xã' if level == Level.COMMUNE else 'huyện'}", table) for level, table in tables.items()],
        "total": sum(len(table["rows"]) for table in tables.values()),
        "legend": LEGEND,
    }
    return render(request, "meetings/cadence_heat.html", context)


def chosen_unit(request):
    key = request.GET.get("don-vi")
    return get_object_or_404(Unit.objects.visible_to(request.user), key=key) if key else None


def districts_of(user, today):
    """Districts of the branch, to look at one by one."""
    return list(Unit.objects.visible_to(user).filter(level=Level.DISTRICT).on(today).order_by("code"))


@page()
def meeting_file(request, pk):
    file = get_object_or_404(visible_files(request.user), pk=pk)
    return file_answer(file.path, file.name)
