"""The assigned cadres of a unit and year with their turns and their sheets: by name, no ranking."""

from dataclasses import dataclass

from django.db.models import Count, Q

from core.periods import Period
from visits.enums import SheetState
from visits.models import Assignment, Visit, YearlySheet
from visits.progress import standings

SHOWN = 300
NO_SHEET = "Chưa lập"
TONES = {SheetState.DRAFT: "waiting", SheetState.SIGNED: "done"}


@dataclass(frozen=True)
class SheetRows:
    rows: list
    total: int

    @property
    def without(self):
        return sum(row["sheet"] is None for row in self.rows)


def sheet_rows(user, unit, year, today):
    """Cadres the user sees; of one unit, or (None) the user's own. A fixed number of queries."""
    period = Period.year(year)
    assigned = Assignment.objects.visible_to(user).overlapping(period)
    assigned = assigned.filter(post__unit=unit) if unit else assigned.filter(person_id=user.person_id)
    people = {}
    for each in assigned.select_related("person", "post", "post__unit").order_by("person__sort_key", "pk"):
        people.setdefault((each.person_id, each.post.unit_id), each)
    rows = list(people.values())[:SHOWN]
    turns = _turns(assigned, period, today)
    visits = _visits([each.person_id for each in rows], period)
    sheets = YearlySheet.objects.visible_to(user).filter(year=year, person__in=[each.person_id for each in rows])
    sheets = {(sheet.person_id, sheet.unit_id): sheet for sheet in sheets}
    return SheetRows([_row(each, turns, visits, sheets) for each in rows], len(people))


def _turns(assigned, period, today):
    """{person id: [due, done]} in the periods that have ended."""
    found = {}
    for each in standings(assigned, period, today):
        if each.is_closed and not each.due.is_exempt:
            pair = found.setdefault(each.person.pk, [0, 0])
            pair[0] += each.due.times
            pair[1] += min(each.done, each.due.times)
    return found


def _visits(person_ids, period):
    visits = Visit.objects.counted().in_period(period).filter(person_id__in=person_ids).order_by()
    rows = visits.values_list("person_id", "post__unit_id")
    rows = rows.annotate(n=Count("pk"), outside=Count("pk", filter=Q(assignment=None)))
    return {(person_id, unit_id): (number, outside) for person_id, unit_id, number, outside in rows}


def _row(each, turns, visits, sheets):
    key = each.person_id, each.post.unit_id
    due, done = turns.get(each.person_id, (0, 0))
    number, outside = visits.get(key, (0, 0))
    sheet = sheets.get(key)
    return {
        "pk": each.pk,
        "name": each.person.name,
        "post": f"{each.post.label}, {each.post.unit.name}",
        "unit_key": each.post.unit.key,
        "due": due,
        "done": done,
        "visits": number,
        "outside": outside,
        "sheet": sheet,
        "word": sheet.get_state_display() if sheet else NO_SHEET,
        "tone": TONES[sheet.state] if sheet else "neutral",
    }
