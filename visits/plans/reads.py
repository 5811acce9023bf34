"""What the pages of plans offer: units that plan, cadres and places of a plan, the form of a planned visit."""

from collections import Counter
from datetime import date, timedelta
from itertools import groupby

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, ExtractMonth
from django.urls import reverse

from core.display import clock_text, day_text
from core.models import Activity
from core.periods import Period
from meetings.calendar.feeds import CANCELLED, CONFIRMED, Happening, span_of
from meetings.calendar.month import WEEKDAYS
from units.enums import LEVEL_ORDER, Level
from units.models import Unit, UnitLineage
from units.reads import trail_of
from units.scoping import CONTENT_ROLES
from visits.access import REVIEWERS, VISITORS, may_keep_assignments
from visits.enums import COUNTED, LineState, PlanState, Rating
from visits.models import PlannedVisit, Visit, VisitPlan
from visits.openings import NO_CHOICE, kept_units
from visits.plans.proposing import assignments_of, places_day, villages_below


def planning_units(user, today):
    """Units whose plan the user makes today."""
    return Unit.objects.filter(pk__in=kept_units(user)).on(today).order_by("level", "code")


def widest_unit(user):
    """The unit a page begins with: the widest one above the villages the user works for, or None."""
    ids = {grant.unit_id for grant in user.scope.content_grants}
    own = Unit.objects.filter(pk__in=ids).exclude(level=Level.VILLAGE)
    return min(own, key=lambda unit: (LEVEL_ORDER.index(unit.level), unit.pk), default=None)


def line_choices(plan, today):
    """(people, grouped places) of a plan: its cadres, and all that their assignments lead to; two queries."""
    held = list(assignments_of(plan.unit_id, plan.period))
    people = {each.person_id: f"{each.person.name} – {each.post.label}" for each in held}
    assigned = {each.unit_id: each.unit for each in held}
    groups = {unit.name: [(pk, f"{unit.name} (cả xã)")] for pk, unit in assigned.items() if unit.level == Level.COMMUNE}
    for each in villages_below(assigned, places_day(plan.period, today)):
        groups.setdefault(each.commune, []).append((each.pk, f"{each.name} – {each.commune}"))
    return sorted(people.items(), key=lambda pair: pair[1]), [NO_CHOICE, *sorted(groups.items())]


def line_initial(user, word):
    """What the form of a visit begins with when it comes from a planned visit the user sees."""
    if not (word.isascii() and word.isdigit() and len(word) < 19):
        return {}
    line = PlannedVisit.objects.visible_to(user).unmade().filter(pk=int(word)).first()
    if line is None:
        return {}
    names = {"unit": line.unit_id, "group": line.group, "local_group": line.local_group_id}
    return names | {"person": line.person_id, "started_at": line.starts_at, "line": line.pk}


def parents_of(user, unit, today):
    """The units above that lie in the user's own branch, from the top down."""
    above = trail_of(unit, min(today, unit.valid_to - timedelta(days=1)) if unit.valid_to else today)
    own = {grant.unit_id for grant in user.scope.content_grants}
    first = next((number for number, each in enumerate(above) if each.pk in own), len(above))
    return [each for each in above[first:] if each.pk != unit.pk]


def plan_frame(user, here):
    """The menus of the pages of plans: a village's account has the plans and the schedule alone."""
    roles = user.scope.roles
    tabs = [("visit_plan_list", "Kế hoạch tháng", True), ("visit_schedule", "Lịch theo ngày", True)]
    tabs += [("visit_plan_mine", "Lịch đi của tôi", bool(roles & VISITORS))]
    tabs += [("visit_weakest", "Nơi cần đến trước", bool(roles & CONTENT_ROLES))]
    tabs += [("visit_heat", "Bảng theo tháng", bool(roles & CONTENT_ROLES))]
    return {
        "has_menu": bool(roles & VISITORS),
        "may_keep": may_keep_assignments(user),
        "plan_tabs": [
            {"label": label, "url": reverse(name), "active": name == here}
            for name, label, is_theirs in tabs
            if is_theirs
        ],
    }


SUBJECT = "visits"
PAST = timedelta(days=92)
MOST_IN_FEED = 500


def feed_lines(unit, today):
    """Lines of the last three months and all to come: those of the unit's own cadres, and of levels above it."""
    above = [level for level in LEVEL_ORDER if LEVEL_ORDER.index(level) < LEVEL_ORDER.index(unit.level)]
    comes = Q(**{f"{unit.level}_id": unit.pk}, plan__level__in=above)
    lines = PlannedVisit.objects.filter(Q(plan__unit=unit) | comes, plan__state=PlanState.PUBLISHED)
    lines = lines.filter(planned_on__gte=today - PAST)
    return lines.select_related("person", "post__unit", "unit", "commune", "plan__unit").order_by("planned_on", "pk")[
        :MOST_IN_FEED
    ]


def happening(line, url):
    """The cadre's post and name, the place, the group; nobody else's name, no reason."""
    first, last = span_of(line.planned_on, line.starts_at)
    return Happening(
        uid=f"planned-visit-{line.pk}.{line.plan.unit.key}@giaoban",
        sequence=line.version,
        summary=f"{line.get_group_display()} {line.unit.name}: {line.person.name}, {line.post.label} "
        f"{line.post.unit.name}",
        status=CANCELLED if line.is_cancelled else CONFIRMED,
        first=first,
        last=last,
        place=place_name(line.unit, line.commune),
        url=url,
    )


def place_name(unit, commune):
    """'Thôn 1, Xã Đồng Tâm'; a commune by itself."""
    return unit.name if commune is None or commune.pk == unit.pk else f"{unit.name}, {commune.name}"


LINE_TONES = {
    LineState.COMING: "progress",
    LineState.DONE: "done",
    LineState.MISSED: "late",
    LineState.CANCELLED: "neutral",
}
RELATED = ("person", "post__unit", "unit", "commune", "plan", "visit")


def days_of(lines, user, today, marked=None, may_edit=False):
    """[{"day", "weekday", "off", "rows"}] of PlannedVisit rows in the order of their days.

    `marked`: days that differ from the working week; `may_edit`: the rows lead to their form. Two queries beside the
    lines'. Whoever comes from a village reads no reasons: they are for those who send.
    """
    lines = list(lines)
    changes, readable = _changes(lines), _readable_visits(lines, user)
    rows = [_row(line, user, today, changes.get(line.pk, ""), readable, may_edit) for line in lines]
    days = []
    for day, held in groupby(rows, key=lambda row: row["day"]):
        mark = (marked or {}).get(day)
        off = mark.name if mark and not mark.is_working else ""
        if not mark and day.weekday() > 4:
            off = "ngày nghỉ hằng tuần"
        days.append({"day": day, "weekday": WEEKDAYS[day.weekday()], "off": off, "rows": list(held)})
    return days


def _row(line, user, today, changed, readable, may_edit):
    state = line.state_on(today)
    is_open = state in (LineState.COMING, LineState.MISSED)
    is_own = line.person_id == user.person_id
    return {
        "pk": line.pk,
        "day": line.planned_on,
        "clock": clock_text(line.starts_at),
        "person": line.person.name,
        "title": line.post.unit_title,
        "place": place_name(line.unit, line.commune),
        "group": line.get_group_display(),
        "reasons": line.reasons if user.scope.sees(line) or is_own else [],
        "note": line.note,
        "changed": changed,
        "word": state.label,
        "tone": LINE_TONES[state],
        "version": line.version,
        "may_remove": line.plan.is_draft,
        "may_edit": may_edit and is_open,
        "may_log": is_own and is_open and line.plan.month <= today,
        "unit_id": line.unit_id,
        "visit_id": line.visit_id if state == LineState.DONE and line.visit_id in readable else None,
        "plan_url": line.plan.get_absolute_url(),
    }


def _readable_visits(lines, user):
    ids = [line.visit_id for line in lines if line.visit_id]
    return set(Visit.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


def _changes(lines):
    """{line id: what was different when it was published}, from the activity log; drafts have no past."""
    published = {line.pk: line.plan.published_at for line in lines if line.plan.published_at}
    if not published:
        return {}
    kind, words = PlannedVisit._meta.label_lower, {}
    written = Activity.objects.filter(target_kind=kind, target_id__in=published, at__gt=min(published.values()))
    for pk, verb, at, before in written.order_by("id").values_list("target_id", "verb", "at", "before"):
        if at <= published[pk] or pk in words:
            continue
        if verb == "planned_visit.add":
            words[pk] = "thêm sau khi công bố"
        elif verb == "planned_visit.edit":
            clock = f"{before['at']} " if before["at"] else ""
            words[pk] = f"đã đổi, trước là {clock}{day_text(date.fromisoformat(before['on']))} tại {before['place']}"
    return words


COLUMNS = ("pk", "month", "state", "unit__name", "published_at", "lines_count", "made_count")
PLAN_TONES = {PlanState.DRAFT: "waiting", PlanState.PUBLISHED: "done"}


def plans_of(user):
    """Plans the user may open, each with the standing lines the user reads and those of them that were made."""
    lines = PlannedVisit.objects.visible_to(user).standing().filter(plan=OuterRef("pk"))
    return VisitPlan.objects.visible_to(user).annotate(
        lines_count=_number(lines), made_count=_number(lines.filter(visit__status__in=COUNTED))
    )


def _number(lines):
    counted = lines.order_by().values("plan_id").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def plan_row(row):
    state = PlanState(row["state"])
    label = Period.of_day(row["month"], "month").label
    return row | {"label": label, "word": state.label, "tone": PLAN_TONES[state]}


def weak_row(row):
    """A Ranked as the page shows it; an unrated cell is said, and no reason."""
    facts = row.facts
    return {
        "pk": row.village.pk,
        "name": row.village.name,
        "commune": row.village.commune,
        "sentences": row.sentences,
        "rating": f"{Rating(facts.rating).label} ({facts.rated_in})" if facts.rating else "Chưa có xếp loại",
        "last_on": facts.last_on,
    }


AHEAD = timedelta(days=30)
MOST_TASKS = 3


def plan_tasks(user, today):
    """Rows of the task list: one's own visits, then who comes from elsewhere to one's village or commune; one query."""
    villages, communes = user.scope.village_ids(writing=True), user.scope.unit_ids(REVIEWERS)
    is_visitor = bool(user.scope.roles & VISITORS)
    if not (is_visitor or villages or communes):
        return []
    own = Q(person_id=user.person_id) if is_visitor else Q()
    lines = PlannedVisit.objects.visible_to(user).filter(plan__state=PlanState.PUBLISHED).coming(today)
    lines = lines.filter(own | Q(village_id__in=villages) | Q(commune_id__in=communes))
    lines = lines.filter(planned_on__lte=today + AHEAD).select_related("unit", "commune", "person", "plan")
    found = list(lines.order_by("planned_on", "starts_at", "pk"))
    mine = [line for line in found if line.person_id == user.person_id]
    guests = [line for line in found if line.person_id != user.person_id and line.plan.unit_id not in communes]
    return [*map(_own, mine[:MOST_TASKS]), *_guests(guests)]


def _own(line):
    return {
        "title": f"Đi cơ sở {_when(line)}: {place_name(line.unit, line.commune)}",
        "url": f"{reverse('visit_plan_mine')}?ky={Period.of_day(line.planned_on, 'month').code}",
        "hint": line.get_group_display(),
        "word": "Trong kế hoạch",
        "tone": "progress",
        "action_label": "Xem lịch",
    }


def _guests(coming):
    if not coming:
        return []
    first = coming[0]
    return [
        {
            "title": f"{len(coming)} lượt cán bộ sẽ đến trong {AHEAD.days} ngày tới",
            "url": f"{reverse('visit_schedule')}?ky={Period.of_day(first.planned_on, 'month').code}",
            "hint": f"Gần nhất: {_when(first)}, {first.person.name} đến {place_name(first.unit, first.commune)}",
            "word": "Trong kế hoạch",
            "tone": "progress",
            "action_label": "Xem lịch",
        }
    ]


def _when(line):
    return f"{clock_text(line.starts_at)} {day_text(line.planned_on)}".strip()


LEGEND = [
    {"class": "heat-held", "text": "số: lượt đã đi"},
    {"class": "heat-exempt", "text": "dự kiến: lượt trong kế hoạch đã công bố, chưa đi"},
    {"class": "heat-none", "text": "–: chưa có lượt nào"},
]
WHOLE = "Chung cả xã, không riêng thôn, khu nào"


def heat_of(unit, user, year, today):
    """{"columns", "rows", "made", "coming", "untouched"}: a row a village of a commune, else a row a commune.

    Rows are the places that lay in the unit in the year; a cell counts the visits the user sees.
    """
    level = Level.VILLAGE if unit.level == Level.COMMUNE else Level.COMMUNE
    places = _places(unit, level, year)
    made = _made(user, unit, level, year)
    coming = _coming(user, unit, level, year, today)
    months = [Period.month(year.last.year, month) for month in range(1, 13)]
    rows = [_heat_row(place, level, months, made, coming) for place in places]
    if level == Level.VILLAGE and any(pk is None for pk, _ in (*made, *coming)):
        rows.insert(0, _whole(months, made, coming))
    known = {place.pk for place in places} | {None}
    return {
        "columns": [{"text": f"T{month.first.month}", "title": month.label} for month in months],
        "rows": rows,
        "made": sum(number for (pk, _), number in made.items() if pk in known),
        "coming": sum(number for (pk, _), number in coming.items() if pk in known),
        "untouched": len(known - {pk for pk, _ in (*made, *coming)} - {None}),
    }


def _places(unit, level, year):
    """Places of a level that lay in the unit on at least one day of the year."""
    below = UnitLineage.objects.filter(ancestor=unit, unit__level=level, valid_from__lte=year.last)
    below = below.exclude(valid_to__lte=year.first)
    return list(Unit.objects.filter(pk__in=below.values("unit_id")).order_by("code", "valid_from"))


def _made(user, unit, level, year):
    visits = Visit.objects.visible_to(user).counted().in_period(year).filter(**{f"{unit.level}_id": unit.pk})
    return _counts(visits, f"{level}_id", "visited_on")


def _coming(user, unit, level, year, today):
    lines = PlannedVisit.objects.visible_to(user).filter(plan__state=PlanState.PUBLISHED).coming(today)
    return _counts(lines.in_period(year).filter(**{f"{unit.level}_id": unit.pk}), f"{level}_id", "planned_on")


def _counts(rows, column, day):
    """{(place id, month): number}"""
    rows = rows.order_by().annotate(month=ExtractMonth(day)).values_list(column, "month")
    return Counter({(pk, month): number for pk, month, number in rows.annotate(Count("pk"))})


def _heat_row(place, level, months, made, coming):
    down = "" if level == Level.VILLAGE else f"{reverse('visit_heat')}?don-vi={place.key}&ky={months[0].last.year}"
    cells = [
        _cell(place, month, made[place.pk, month.first.month], coming[place.pk, month.first.month]) for month in months
    ]
    return {"head": place.name, "url": down, "cells": cells}


def _whole(months, made, coming):
    """Visits to the commune itself, to none of its villages: a row without links, for no list holds these alone."""
    cells = [_words(made[None, month.first.month], coming[None, month.first.month]) for month in months]
    return {"head": WHOLE, "url": "", "cells": cells}


def _words(made, coming):
    if not made and not coming:
        return {"text": "–", "class": "heat-none"}
    words = [str(made)] * bool(made) + [f"dự kiến {coming}"] * bool(coming)
    return {"text": ", ".join(words), "class": "heat-held" if made else "heat-exempt"}


def _cell(place, month, made, coming):
    """Made ones lead to their list, else the coming ones to the schedule."""
    cell = _words(made, coming)
    if not made and not coming:
        return cell
    said = [f"{made} lượt đã đi"] * bool(made) + [f"{coming} lượt dự kiến"] * bool(coming)
    page = "visit_list" if made else "visit_schedule"
    return cell | {
        "title": f"{place.name}, {month.label_inside}: {', '.join(said)}",
        "url": f"{reverse(page)}?don-vi={place.key}&ky={month.code}",
    }
