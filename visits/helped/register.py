"""The register of helped units as pages show it: gaps first, the checks of the quarters, who helps since when."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Exists, IntegerField, OuterRef, Value, When
from django.urls import reverse

from core.periods import Period
from meetings.selectors import in_sentence
from units.querysets import in_force_on
from visits.enums import HelpOutcome, Rating
from visits.helped.rules import SEVERITY, is_check_missing, quarters_asked, rated_on
from visits.models import CellRating, HelpedCheck, HelpedUnit

COLUMNS = (
    *("pk", "unit_id", "unit__name", "commune__name", "year", "registered_on", "exited_on", "outcome"),
    *("helper_body__name", "helper_body__unit__name", "helper_body__valid_to"),
    *("helper_post__person__name", "helper_post__unit__name", "helper_post__valid_to"),
)
RUNNING_FILTER, MISSING_FILTER, ENDED_FILTER = "dang", "thieu", "xong"
MADE, MISSING, RUNNING, COMING = "made", "missing", "running", "coming"
WORDS = {
    MADE: ("Đã kiểm tra", "done"),
    MISSING: ("Còn thiếu", "problem"),
    RUNNING: ("Trong quý, chưa kiểm tra", "waiting"),
    COMING: ("Chưa đến", "neutral"),
}


@dataclass(frozen=True)
class Quarter:
    """One quarter of the help: was it to be checked, was it?"""

    period: Period
    state: str
    check: HelpedCheck | None = None

    @property
    def word(self):
        return WORDS[self.state][0]

    @property
    def tone(self):
        return WORDS[self.state][1]


def quarters_of(registered_on, exited_on, checks, today):
    """[Quarter] of the registered year: those that ask for a check and those that have one anyway."""
    made = {check.quarter: check for check in checks}
    asked = set(quarters_asked(registered_on, exited_on))
    found = []
    for period in Period.year(registered_on.year).parts("quarter"):
        if check := made.get(period.code):
            found.append(Quarter(period, MADE, check))
        elif period in asked:
            ended = MISSING if is_check_missing(period, today) else RUNNING
            found.append(Quarter(period, COMING if period.first > today else ended))
    return found


def gaps_of(user, year, place, today):
    """Ratings of the year before that ask for help, of places that nobody helps in `year`; the weakest first."""
    helped = HelpedUnit.objects.filter(year=year, unit=OuterRef("unit"))
    weak = CellRating.objects.visible_to(user).filter(in_force_on(rated_on(year, today), "unit__"), year=year - 1)
    weak = weak.filter(place).exclude(rating=Rating.STRONG).exclude(Exists(helped))
    order = [When(rating=rating, then=Value(number)) for number, rating in enumerate(SEVERITY)]
    weak = weak.annotate(weight=Case(*order, output_field=IntegerField()))
    return weak.select_related("unit", "commune").order_by(
        "weight", "province_id", "district_id", "commune_id", "unit_id"
    )


def missing_checks(helped, today):
    """[(pk, period)] of the quarters that ended without the check they ask for, in two queries."""
    rows = list(helped.order_by("pk").values_list("pk", "registered_on", "exited_on"))
    made = set(HelpedCheck.objects.filter(helped__in=helped.order_by()).values_list("helped_id", "quarter"))
    return [
        (pk, quarter)
        for pk, registered_on, exited_on in rows
        for quarter in quarters_asked(registered_on, exited_on)
        if is_check_missing(quarter, today) and (pk, quarter.code) not in made
    ]


def in_state(helped, state, today):
    """The lines of the register that are in a state of the filter ("": all)."""
    if state == MISSING_FILTER:
        return helped.filter(pk__in={pk for pk, _ in missing_checks(helped, today)})
    if state:
        return helped.filter(exited_on__isnull=state == RUNNING_FILTER)
    return helped


def rating_before(helped):
    """The rating of the year before, for which the place is helped."""
    return CellRating.objects.filter(unit_id=helped.unit_id, year=helped.year - 1).first()


def shown_rows(rows, today):
    """Rows of a list (dicts of COLUMNS) with last year's rating and the checks made and missing, in two queries."""
    units = {row["unit_id"] for row in rows}
    years = {row["year"] - 1 for row in rows}
    ratings = CellRating.objects.filter(unit_id__in=units, year__in=years)
    before = {
        (unit, year): Rating(rating).label for unit, year, rating in ratings.values_list("unit", "year", "rating")
    }
    checks = {}
    for check in HelpedCheck.objects.filter(helped_id__in=[row["pk"] for row in rows]):
        checks.setdefault(check.helped_id, []).append(check)
    return [
        _row(row, before.get((row["unit_id"], row["year"] - 1), ""), checks.get(row["pk"], []), today) for row in rows
    ]


def _row(row, rating, checks, today):
    quarters = quarters_of(row["registered_on"], row["exited_on"], checks, today)
    missing = [quarter.period.label for quarter in quarters if quarter.state == MISSING]
    person = row["helper_post__person__name"]
    home = row["helper_post__unit__name"] or row["helper_body__unit__name"]
    word, tone = _state(row, missing, today)
    return row | {
        "place": named(row["unit__name"], row["commune__name"]),
        "rating": rating,
        "helper": f"{person or row['helper_body__name']}, {home}",
        "made": sum(quarter.state == MADE for quarter in quarters),
        "asked": sum(quarter.state != COMING for quarter in quarters),
        "missing": ", ".join(missing),
        "word": word,
        "tone": tone,
    }


def _state(row, missing, today):
    if row["exited_on"]:
        return HelpOutcome(row["outcome"]).label, "done"
    left_on = row["helper_post__valid_to"] or row["helper_body__valid_to"]
    if left_on and left_on <= today:
        return "Bên giúp đỡ đã thôi, chưa thay", "problem"
    if missing:
        return "Thiếu lượt kiểm tra", "problem"
    if today > date(row["year"], 12, 31):
        return "Hết năm, chưa ghi kết quả", "problem"
    return "Đang giúp đỡ", "working"


def named(unit, commune):
    return f"{unit}, {commune}" if commune and commune != unit else unit


def began_on(helped):
    """The day help began: a place helped without an end the year before has been helped since then."""
    rows = HelpedUnit.objects.filter(unit_id=helped.unit_id, year__lt=helped.year).order_by("-year")
    day, year = helped.registered_on, helped.year
    for row in rows.only("year", "registered_on", "exited_on"):
        year -= 1
        if row.year != year or (row.exited_on and row.exited_on < date(year, 12, 31)):
            break
        day = row.registered_on
    return day


def check_tasks(user, today):
    """The task list of whoever helps: quarters missed, and the running one."""
    posts, bodies = user.scope.post_ids(), user.scope.body_ids(writing=True)
    if not posts and not bodies:
        return []
    helped = HelpedUnit.objects.running().filter(year__gte=today.year - 1).select_related("unit")
    helped = helped.filter(helper_post_id__in=posts) | helped.filter(helper_body_id__in=bodies)
    tasks = []
    for each in helped.order_by("pk").prefetch_related("checks"):
        for quarter in quarters_of(each.registered_on, each.exited_on, each.checks.all(), today):
            if quarter.state in (MISSING, RUNNING):
                tasks.append(_task(each, quarter))
    return tasks


def _task(helped, quarter):
    return {
        "title": f"Kiểm tra {helped.unit.name} đang giúp đỡ, {in_sentence(quarter.period.code)}",
        "url": f"{reverse('helped_unit_detail', args=[helped.pk])}#kiem-tra",
        "hint": f"Mỗi quý một lượt; hết quý ngày {quarter.period.last:%d/%m/%Y}",
        "word": quarter.word,
        "tone": quarter.tone,
        "action_label": "Ghi kiểm tra",
    }
