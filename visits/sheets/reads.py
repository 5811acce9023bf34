"""The figures of a cadre's year: counted live, frozen when the sheet is signed, laid beside each other afterwards.

They stand beside words and are never turned into a grade or a rank.
"""

from dataclasses import dataclass
from datetime import date
from statistics import median
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from core.display import day_text, group_digits
from core.periods import Period
from feedback.models import Opinion
from feedback.querysets import IS_ANSWERED, on_time_when, overdue_when
from visits.access import SIGNERS
from visits.assignments.reads import standings
from visits.enums import OPINION_ORIGIN, SheetState, VisitStatus
from visits.helped.reads import COMING, MADE, quarters_of
from visits.helped.rules import year_reviewed
from visits.models import Assignment, HelpedUnit, Visit, YearlySheet
from visits.querysets import tells_something

LOGGED_WITHIN = 3
"""A visit is logged in time within as many days."""


@dataclass(frozen=True)
class SheetLine:
    """One figure in words; `url` opens the rows it counts."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class SheetDifference:
    """A figure that is not what it was when the sheet was signed."""

    label: str
    signed: str
    now: str


def year_facts(person_id, unit_id, year, today):
    """{word: number} of one cadre of one unit, plain enough to be frozen as it is; ten queries."""
    period = Period.year(year)
    visits = Visit.objects.counted().in_period(period).filter(person_id=person_id, post__unit=unit_id)
    facts = _turns(person_id, unit_id, period, today) | _went(visits) | _logging(visits)
    facts["everywhere"] = Visit.objects.counted().in_period(period).filter(person_id=person_id).count()
    return facts | _findings(visits, today) | _helped(person_id, year, today)


def _turns(person_id, unit_id, period, today):
    """What the norms asked in the periods that have ended, and what was done of it."""
    assignments = Assignment.objects.filter(person_id=person_id, post__unit=unit_id).overlapping(period)
    closed = [each for each in standings(assignments, period, today) if each.is_closed]
    asked = [each for each in closed if not each.due.is_exempt]
    return {
        "turns_due": sum(each.due.times for each in asked),
        "turns_done": sum(min(each.done, each.due.times) for each in asked),
        "short": sum(each.is_overdue for each in asked),
        "exempt": len(closed) - len(asked),
    }


def _went(visits):
    return visits.order_by().aggregate(
        visits=Count("pk"),
        outside=Count("pk", filter=Q(assignment=None)),
        places=Count("unit", distinct=True),
        confirmed=Count("pk", filter=Q(status=VisitStatus.CONFIRMED)),
        questioned=Count("pk", filter=Q(status=VisitStatus.QUESTIONED)),
        unconfirmed=Count("pk", filter=Q(status=VisitStatus.LOGGED)),
        finding_visits=Count("pk", filter=tells_something()),
    )


def _logging(visits):
    """Days from the visit to its record."""
    rows = visits.order_by().values_list("visited_on", "logged_at")
    days = [max((timezone.localtime(logged_at).date() - visited_on).days, 0) for visited_on, logged_at in rows]
    return {
        "logged_soon": sum(day <= LOGGED_WITHIN for day in days),
        "logging_days": float(median(days)) if days else None,
    }


def _findings(visits, today):
    """Opinions that came of the visits; restricted ones are counted, and nothing else is said of them."""
    opinions = Opinion.objects.filter(origin=OPINION_ORIGIN, origin_id__in=visits.order_by().values("pk"))
    found = opinions.order_by().aggregate(
        raised=Count("pk"),
        answered=Count("pk", filter=IS_ANSWERED),
        late=Count("pk", filter=overdue_when(today)),
        answered_in_time=Count("pk", filter=on_time_when()),
    )
    return found


def _helped(person_id, year, today):
    """Places the cadre helped in the year, with the quarterly checks made of those asked by now."""
    helped = HelpedUnit.objects.in_year(year).filter(helper_post__person=person_id).prefetch_related("checks")
    quarters = [
        quarter
        for each in helped
        for quarter in quarters_of(each.registered_on, each.exited_on, each.checks.all(), today)
        if quarter.state != COMING
    ]
    made = sum(quarter.state == MADE for quarter in quarters)
    return {"helped": len(helped), "checks_asked": len(quarters), "checks_made": made}


def lines_of(facts, person_id=None, year=None):
    """The figures as [Line]; with a person and a year they open their lists."""
    url = _address(facts, person_id, year)
    exempt = f"; {_n(facts['exempt'])} kỳ được miễn" if facts["exempt"] else ""
    days = facts["logging_days"]
    return [
        SheetLine(
            "Lượt đã đi trên lượt phải đi theo định mức, các kỳ đã hết",
            f"{_of(facts, 'turns_done', 'turns_due')}; {_n(facts['short'])} kỳ còn thiếu{exempt}",
        ),
        SheetLine("Lượt đi trong năm", f"{_n(facts['visits'])} lượt, {_n(facts['places'])} nơi", url()),
        SheetLine("Lượt ngoài phân công", _n(facts["outside"]), url(ngoai="on")),
        SheetLine("Lượt được cơ sở xác nhận", _of(facts, "confirmed", "visits"), url(VisitStatus.CONFIRMED)),
        SheetLine("Lượt cơ sở đề nghị xem lại", _n(facts["questioned"]), url(VisitStatus.QUESTIONED)),
        SheetLine("Lượt chưa được xác nhận", _n(facts["unconfirmed"]), url(VisitStatus.LOGGED)),
        SheetLine(
            f"Lượt ghi trong {LOGGED_WITHIN} ngày sau khi đi",
            _of(facts, "logged_soon", "visits") + (f"; trung vị {_n(days)} ngày" if days is not None else ""),
        ),
        SheetLine("Lượt có vấn đề nắm được", _n(facts["finding_visits"])),
        SheetLine("Ý kiến, kiến nghị chuyển từ lượt đi", _raised(facts)),
        SheetLine("Đơn vị nhận giúp đỡ", _helping(facts)),
    ]


def _raised(facts):
    words = _n(facts["raised"])
    if not facts["raised"]:
        return words
    kept = f"đã trả lời {_n(facts['answered'])}, đúng hạn {_n(facts['answered_in_time'])}"
    return f"{words}; {kept}, đang quá hạn {_n(facts['late'])}"


def _helping(facts):
    words = _n(facts["helped"])
    return f"{words}; kiểm tra quý {_of(facts, 'checks_made', 'checks_asked')}" if facts["helped"] else words


def _n(number):
    return group_digits(number)


def _of(facts, part, whole):
    return f"{_n(facts[part])}/{_n(facts[whole])}"


def _address(facts, person_id, year):
    """Addresses of the visit list; none when the person also went for another unit, whose visits it would hold."""

    def address(status="", **query):
        if person_id is None or facts["everywhere"] != facts["visits"]:
            return ""
        query |= {"nguoi": person_id, "ky": year} | ({"trang-thai": status} if status else {})
        return f"{reverse('visit_list')}?{urlencode(query)}"

    return address


def frozen(facts, day):
    return {"on": day.isoformat(), "figures": facts}


def differences(signed, now):
    """[Difference] of the figures frozen at the signing and those of today."""
    pairs = zip(lines_of(signed["figures"]), lines_of(now), strict=True)
    return [SheetDifference(old.label, old.text, new.text) for old, new in pairs if old.text != new.text]


def counted_on(sheet, today):
    """The day up to which the shown figures count, in words."""
    day = date.fromisoformat(sheet.facts["on"]) if sheet.facts else min(today, date(sheet.year, 12, 31))
    return day_text(day)


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
    turns = _turns_of_units(assigned, period, today)
    visits = _visits([each.person_id for each in rows], period)
    sheets = YearlySheet.objects.visible_to(user).filter(year=year, person__in=[each.person_id for each in rows])
    sheets = {(sheet.person_id, sheet.unit_id): sheet for sheet in sheets}
    return SheetRows([_row(each, turns, visits, sheets) for each in rows], len(people))


def _turns_of_units(assigned, period, today):
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


def sheet_tasks(user, today):
    """One's own words still to write; sheets of one's cadres that wait for a remark and a signature. One query."""
    year = year_reviewed(today)
    if year is None:
        return []
    grants = [grant for grant in user.scope.grants if grant.writes]
    units = {grant.unit_id for grant in grants if grant.role in SIGNERS.get(grant.level, ())}
    own, written = Q(person_id=user.person_id), ~Q(own_words="")
    found = YearlySheet.objects.filter(own | Q(unit_id__in=units), year=year, state=SheetState.DRAFT).aggregate(
        own=Count("pk", filter=own & ~written), waiting=Count("pk", filter=~own & written)
    )
    rows = []
    if found["own"]:
        rows.append((f"Viết tự nhận xét phiếu năm {year}", "Người phụ trách nhận xét và ký sau", "Viết"))
    if found["waiting"]:
        rows.append((f"{found['waiting']} phiếu năm {year} chờ nhận xét, ký", "Cán bộ đã tự nhận xét", "Xem"))
    url = f"{reverse('yearly_sheet_list')}?ky={year}"
    return [
        {"title": title, "url": url, "hint": hint, "word": "Chưa xong", "tone": "waiting", "action_label": label}
        for title, hint, label in rows
    ]
