"""The register of helped units as pages show it: gaps first, the checks of the quarters, who helps since when."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Sum, Value, When
from django.urls import reverse

from core.display import day_text, group_digits, percent_of, share_of
from core.periods import Period
from feedback.models import Opinion
from feedback.querysets import IS_ANSWERED
from meetings.reads import in_sentence
from units.enums import Level
from units.models import Body, UnitLineage
from units.querysets import in_force_on
from units.reads import children_of, places_on
from visits.access import may_rate
from visits.enums import HelpOutcome, Rating
from visits.helped.rules import (
    FEWEST_OPINIONS,
    FEWEST_VISITS,
    SEVERITY,
    Span,
    equal_spans,
    is_check_missing,
    quarters_asked,
    rated_on,
)
from visits.models import CellRating, HelpedCheck, HelpedUnit, Visit
from visits.openings import NO_CHOICE, kept_units

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
    helped = HelpedUnit.objects.running().filter(year__gte=today.year - 1).select_related("unit", "commune")
    helped = helped.filter(helper_post_id__in=posts) | helped.filter(helper_body_id__in=bodies)
    tasks = []
    for each in helped.order_by("pk").prefetch_related("checks"):
        for quarter in quarters_of(each.registered_on, each.exited_on, each.checks.all(), today):
            if quarter.state in (MISSING, RUNNING):
                tasks.append(_task(each, quarter))
    return tasks


def _task(helped, quarter):
    place = named(helped.unit.name, helped.commune.name if helped.commune else "")
    return {
        "title": f"Kiểm tra {place} đang giúp đỡ, {in_sentence(quarter.period.code)}",
        "url": f"{reverse('helped_unit_detail', args=[helped.pk])}#kiem-tra",
        "hint": f"Mỗi quý một lượt; hết quý ngày {quarter.period.last:%d/%m/%Y}",
        "word": quarter.word,
        "tone": quarter.tone,
        "action_label": "Ghi kiểm tra",
    }


TOO_FEW = "chưa đủ số liệu"


@dataclass(frozen=True)
class Side:
    """One half of a line: the share or the words, the numbers behind, the list that holds them."""

    text: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class BeforeAfter:
    before: Span
    since: Span
    lines: list


def before_after(helped, user, today):
    """The figures of one helped unit; None on the very first day. Five queries.

    They count everything about the place; their lists open for those whose branch it lies in.
    """
    began = began_on(helped)
    spans = equal_spans(began, helped.exited_on or today)
    if spans is None:
        return None
    place = {f"{helped.unit.level}_id": helped.unit_id}
    links = _links(helped, spans) if user.scope.sees(helped) else [("", "")] * len(spans)
    visits, opinions = _visits(place, spans), _opinions(place, spans)
    sides = [
        [_attendance(*numbers, link[0]) for numbers, link in zip(visits, links, strict=True)],
        [_opinion_side(*numbers, link[1]) for numbers, link in zip(opinions, links, strict=True)],
        _ratings(helped, began.year),
    ]
    titles = ("Tỷ lệ có mặt ở các buổi cán bộ dự", "Ý kiến, kiến nghị đã nêu và đã trả lời", "Xếp loại")
    lines = [{"title": title, "before": pair[0], "since": pair[1]} for title, pair in zip(titles, sides, strict=True)]
    return BeforeAfter(*spans, lines)


def _within(field, span):
    return Q(**{f"{field}__gte": span.first, f"{field}__lte": span.last})


def _visits(place, spans):
    """[(visits with both numbers, due, present)] of the spans."""
    visits = Visit.objects.counted().filter(**place).exclude(members_due=None).order_by()
    sums = {}
    for number, span in enumerate(spans):
        inside = _within("visited_on", span)
        sums[f"n{number}"] = Count("pk", filter=inside)
        sums[f"due{number}"] = Sum("members_due", filter=inside, default=0)
        sums[f"present{number}"] = Sum("members_present", filter=inside, default=0)
    found = visits.aggregate(**sums)
    return [(found[f"n{n}"], found[f"due{n}"], found[f"present{n}"]) for n in range(len(spans))]


def _opinions(place, spans):
    """[(raised, answered)] of the spans; restricted ones are counted, and nothing else is said of them."""
    sums = {}
    for number, span in enumerate(spans):
        inside = _within("raised_on", span)
        sums[f"all{number}"] = Count("pk", filter=inside)
        sums[f"answered{number}"] = Count("pk", filter=inside & IS_ANSWERED)
    found = Opinion.objects.filter(**place).order_by().aggregate(**sums)
    return [(found[f"all{n}"], found[f"answered{n}"]) for n in range(len(spans))]


def _attendance(visits, due, present, url):
    if not visits:
        return Side("Không có buổi nào")
    note = f"{group_digits(present)}/{group_digits(due)} lượt người, {group_digits(visits)} buổi"
    if visits < FEWEST_VISITS or not due:
        return Side(TOO_FEW, f"{note}; cần từ {FEWEST_VISITS} buổi", url)
    return Side(share_of(present, due), note, url)


def _opinion_side(raised, answered, url):
    if not raised:
        return Side("Không có ý kiến nào")
    note = f"{group_digits(answered)}/{group_digits(raised)} ý kiến đã trả lời"
    if raised < FEWEST_OPINIONS:
        return Side(TOO_FEW, f"{note}; cần từ {FEWEST_OPINIONS} ý kiến để tính tỷ lệ", url)
    return Side(percent_of(answered, raised), note, url)


def _ratings(helped, first_year):
    """The rating of the year before help began, and the latest one since."""
    rows = CellRating.objects.filter(unit_id=helped.unit_id, year__gte=first_year - 1).order_by("year")
    found = dict(rows.values_list("year", "rating"))
    before = found.pop(first_year - 1, None)
    since = max(found, default=None)
    missing = Side("Chưa ghi xếp loại")
    return [
        Side(Rating(before).label, f"năm {first_year - 1}") if before else missing,
        Side(Rating(found[since]).label, f"năm {since}") if since else missing,
    ]


def _links(helped, spans):
    """Addresses of the lists that hold exactly the rows of a span."""
    links = []
    for span in spans:
        days = {"don-vi": helped.unit.key, "tu-ngay": day_text(span.first), "den-ngay": day_text(span.last)}
        visits = f"{reverse('visit_list')}?{urlencode(days | {'co-mat': 'on'})}"
        opinions = f"{reverse('opinion_list')}?{urlencode(days | {'trang-thai': 'all', 'ranh-gioi': 'then'})}"
        links.append((visits, opinions))
    return links


def places_helped(user, today):
    """Communes and villages of the branches that the user keeps, by commune."""
    below = UnitLineage.objects.filter(ancestor_id__in=kept_units(user)).on(today).values("unit_id")
    rows = UnitLineage.objects.filter(unit_id__in=below, level=Level.COMMUNE).on(today)
    rows = rows.order_by("ancestor__sort_key", "unit__level", "unit__sort_key")
    fields = ("unit_id", "unit__name", "ancestor__name")
    return [NO_CHOICE, *((pk, named(name, commune)) for pk, name, commune in rows.values_list(*fields))]


def bodies_helping(user, today):
    """(id, name) of the bodies of the units whose branch the user keeps."""
    return Body.objects.on(today).filter(unit_id__in=kept_units(user)).order_by("sort_key").values_list("pk", "name")


RATED_LEVELS = (Level.COMMUNE, Level.VILLAGE)


@dataclass(frozen=True)
class RatingTable:
    """`units` may be rated by the user; `saved` {unit id: CellRating of the year}; `lines` are what the page shows."""

    units: list
    saved: dict
    lines: list

    @property
    def has_villages_below(self):
        return any(line["unit"].level != Level.VILLAGE for line in self.lines)

    @property
    def has_rated(self):
        """Are the places themselves rated (communes and villages are, districts are not)?"""
        return any(line["unit"].level in RATED_LEVELS for line in self.lines)

    @property
    def counts(self):
        """[(what is rated, how many of it have a rating, how many there are, which ratings in words)]."""
        groups = []
        if self.has_villages_below:
            wide = [line for line in self.lines if "villages" in line]
            parts = {rating.label: sum(line["numbers"][rating] for line in wide) for rating in Rating}
            groups.append(("Chi bộ thôn, khu", sum(line["villages"] for line in wide), parts))
        own = [line["current"] for line in self.lines if line["unit"].level in RATED_LEVELS]
        if own:
            given = [row.rating for row in own if row]
            title = "Đảng bộ cấp xã" if self.has_villages_below else "Chi bộ thôn, khu"
            groups.append((title, len(own), {rating.label: given.count(rating) for rating in Rating}))
        return [(title, sum(parts.values()), whole, _listed(parts)) for title, whole, parts in groups]


def _listed(parts):
    return "; ".join(f"{label} {number}" for label, number in parts.items() if number)


def rating_table(unit, user, year, today):
    """The places directly below `unit` when the year was rated; five queries whatever their number."""
    day = rated_on(year, today)
    children = children_of(unit, day)
    places = places_on([child.pk for child in children], day)
    rows = CellRating.objects.visible_to(user).filter(unit__in=[child.pk for child in children])
    ratings = {(row.unit_id, row.year): row for row in rows.filter(year__in=(year - 1, year))}
    below = _below(children, user, year, day)
    lines = [
        {
            "unit": child,
            "current": ratings.get((child.pk, year)),
            "last": ratings.get((child.pk, year - 1)),
            "may_rate": child.level in RATED_LEVELS and may_rate(user, child.level, places[child.pk]),
            **below.get(child.pk, {}),
        }
        for child in children
    ]
    saved = {line["unit"].pk: line["current"] for line in lines if line["current"]}
    return RatingTable([line["unit"] for line in lines if line["may_rate"]], saved, lines)


def _below(children, user, year, day):
    """{child id: how many villages it has, how many are rated, and rated as what}; nothing for villages."""
    wide = [child for child in children if child.level != Level.VILLAGE]
    if not wide:
        return {}
    found = {child.pk: {"villages": 0, "rated": 0, "numbers": defaultdict(int)} for child in wide}
    lineage = UnitLineage.objects.filter(ancestor__in=found, unit__level=Level.VILLAGE).on(day)
    for pk, number in lineage.order_by().values_list("ancestor").annotate(Count("pk")):
        found[pk]["villages"] = number
    ratings = CellRating.objects.visible_to(user).filter(year=year, level=Level.VILLAGE)
    column = f"{wide[0].level}_id"
    grouped = ratings.filter(**{f"{column}__in": found}).order_by().values_list(column, "rating")
    for pk, rating, number in grouped.annotate(Count("pk")):
        found[pk]["rated"] += number
        found[pk]["numbers"][rating] += number
    for row in found.values():
        row["parts"] = [{"label": rating.label, "number": row["numbers"][rating]} for rating in Rating]
    return found
