"""What the pages of matters show (reads only). Nothing restricted is named or counted here."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Count, Exists, Max, Min, OuterRef, Prefetch, Q
from django.urls import reverse

from core.text import place_sort_key
from feedback.access import DECIDERS, STAFF, may_move, may_take_up, works_at
from feedback.enums import OpinionKind, ReportGroup, Satisfaction, Verb, Visibility
from feedback.models import BoardPoint, Matter, Opinion
from feedback.querysets import IS_ANSWERED, IS_CONFIRMED, IS_OPEN, in_group
from feedback.reads import COLUMNS, opinion_rows
from meetings.enums import PaperKind
from meetings.models import IssuedPaper
from units.enums import Level
from units.models import Unit

MOST_FELLOWS = 20
COUNTS = {
    "all": Count("pk"),
    "places": Count("village", distinct=True),
    "communes": Count("commune", distinct=True),
    "open": Count("pk", filter=IS_OPEN),
    "answered": Count("pk", filter=IS_ANSWERED),
    "settled": Count("pk", filter=in_group(ReportGroup.SETTLED)),
    "confirmed": Count("pk", filter=IS_CONFIRMED),
}
NONE = dict.fromkeys(COUNTS, 0)


def members_of(matters, user):
    """The opinions of matters that a user may see; one that was restricted since is shown nowhere here."""
    visible = Opinion.objects.visible_to(user).filter(matter__in=matters)
    return visible.exclude(visibility=Visibility.RESTRICTED)


def matter_rows(found, user):
    """Prepared rows of a page of matters, in one more statement."""
    rows = list(found)
    counted = members_of([row["pk"] for row in rows], user).order_by().values("matter_id").annotate(**COUNTS)
    counts = {row["matter_id"]: row for row in counted}
    return [
        row | {"counts": counts.get(row["pk"], NONE), "url": reverse("matter_detail", args=[row["pk"]])} for row in rows
    ]


def matter_counts(matter, user):
    return members_of([matter], user).aggregate(**COUNTS)


def member_rows(matter, user, today):
    """Prepared rows of the members by place, each with what those who raised it say."""
    found = members_of([matter], user).order_by("commune__sort_key", "village__sort_key", "raised_on", "pk")
    rows = list(found.values(*COLUMNS, "satisfaction", "settled_on"))
    for row, shown in zip(rows, list(opinion_rows(rows, today)), strict=True):
        shown["said"] = Satisfaction(row["satisfaction"]).label if row["satisfaction"] else ""
        shown["settled_on"] = row["settled_on"]
        yield shown


ACTS = {Verb.RESOLVE: "answer", Verb.ESCALATE: "escalate", Verb.ASSIGN: "assign", Verb.EXTEND: "extend"}


def open_members(matter, user):
    return list(members_of([matter], user).unresolved().select_related("holder", "meeting", "body").order_by("pk"))


def open_acts(matter, user, opinions):
    """The acts that the user may take on at least one of the open members."""

    def may(opinion, verb):
        roles = DECIDERS if verb == Verb.ESCALATE else STAFF
        return may_move(user, opinion, verb) or may_take_up(user, matter, opinion, roles)

    acts = {name for verb, name in ACTS.items() if any(may(opinion, verb) for opinion in opinions)}
    if matter.level == "province" and all(opinion.holder.level == "province" for opinion in opinions):
        acts.discard("escalate")
    if works_at(user, matter.unit_id):
        acts.add("keep")
        if opinions and works_at(user, matter.unit_id, DECIDERS):
            acts.add("answer")
    return acts


def reach_of_acts(matter, user, opinions):
    """What an act on the matter will do, said before it: who gives up how many, and what stays where it is.

    {"taken": [(holder, count)], "taken_count", "left": [(id, holder)]}
    """
    taken, left = Counter(), []
    for opinion in opinions:
        if may_take_up(user, matter, opinion):
            taken[opinion.holder.name] += 1
        elif not may_move(user, opinion, Verb.ASSIGN):
            left.append((opinion.pk, opinion.holder.name))
    by_name = sorted(taken.items(), key=lambda each: place_sort_key(each[0]))
    return {"taken": by_name, "taken_count": taken.total(), "left": left}


def matter_panel(opinion, user):
    """What the page of an opinion says of its matter: title, the fellows one may see, how many there are besides."""
    if opinion.matter_id is None or opinion.is_restricted:
        return None
    matter = Matter.objects.get(pk=opinion.matter_id)
    everyone = Opinion.objects.filter(matter=matter).exclude(visibility=Visibility.RESTRICTED).exclude(pk=opinion.pk)
    seen = members_of([matter], user).exclude(pk=opinion.pk).order_by("pk")
    fellows = list(seen.values("pk", "village__name", "commune__name", "unit__name")[:MOST_FELLOWS])
    is_visible = Matter.objects.visible_to(user).filter(pk=matter.pk).exists()
    return {
        "title": matter.title,
        "url": matter.get_absolute_url() if is_visible else "",
        "fellows": fellows,
        "others": everyone.count() - len(fellows),
    }


def board_reports(user):
    """The valid reports of the Ban Dân vận in the user's branches, the latest first; `is_waiting`: a point is open."""
    opened = Opinion.objects.filter(board_points__paper=OuterRef("pk"), is_open=True)
    found = IssuedPaper.objects.visible_to(user).filter(kind=PaperKind.ADVICE, cancelled_on=None)
    return found.annotate(is_waiting=Exists(opened)).order_by("-signed_on", "-pk")


def point_rows(papers, user, today):
    """{paper id: rows of its points} with how far each is and who asked, in three statements for all papers."""
    seen = Opinion.objects.visible_to(user).exclude(visibility=Visibility.RESTRICTED)
    related = ("village", "commune", "unit", "holder", "body")
    members = Prefetch("opinions", queryset=seen.select_related(*related), to_attr="members")
    rows = {paper.pk: [] for paper in papers}
    for point in BoardPoint.objects.filter(paper__in=papers).select_related("matter").prefetch_related(members):
        paper = next(paper for paper in papers if paper.pk == point.paper_id)
        rows[point.paper_id].append(_point_row(point, paper, today))
    return rows


def _point_row(point, paper, today):
    members = sorted(point.members, key=lambda one: (place_sort_key(one.commune.name if one.commune else ""), one.pk))
    opened = [opinion for opinion in members if opinion.is_open]
    waiting = (today - paper.signed_on).days
    if not opened:
        days = [opinion.settled_on for opinion in members if opinion.settled_on]
        word, tone, since = "Đã trả lời", "done", max(days, default=None)
    elif point.directed_on:
        word, tone, since = "Có chỉ đạo, đang giải quyết", "progress", point.directed_on
    else:
        word, tone, since = f"Chờ trả lời {waiting} ngày" if waiting else "Chờ trả lời", "waiting", None
    return {
        "point": point,
        "members": members,
        "answered": len(members) - len(opened),
        "all": len(members),
        "word": word,
        "tone": tone,
        "since": since,
        "holders": list(dict.fromkeys(_holder_word(one, paper.unit_id) for one in opened)),
        "is_open": bool(opened),
        "url": point.matter.get_absolute_url() if point.matter else members[0].get_absolute_url() if members else "",
    }


def _holder_word(opinion, unit_id):
    return opinion.body.name if opinion.body and opinion.holder_id == unit_id else opinion.holder.name


def board_panel(opinion):
    """What an opinion's page says of the reports it stands in, for everybody who sees it, its village too."""
    if opinion.is_restricted:
        return []
    points = BoardPoint.objects.filter(opinions=opinion, paper__cancelled_on=None).select_related("paper")
    return list(points.order_by("-paper__signed_on", "-pk"))


WINDOW = timedelta(days=92)
VILLAGES, COMMUNES = 3, 3
AGAIN = 2
"""Villages that raised the same field in two months running."""

MOST_SHOWN, MOST_NAMED = 100, 8
NOTHING_ASKED = (OpinionKind.INITIATIVE, OpinionKind.GOOD_PRACTICE, OpinionKind.COMMENT)
GROUPED = ("district_id", "commune_id", "village_id", "topic__code", "topic__name", "year", "month")


@dataclass
class Alarm:
    """One field in one unit: how many opinions of how many places, and what set the alarm off."""

    unit_id: int
    level: str
    topic: tuple
    count: int = 0
    places: set = field(default_factory=set)
    months: dict = field(default_factory=lambda: defaultdict(set))
    first_on: object = None
    last_on: object = None

    def add(self, row, place):
        self.count += row["n"]
        if place:
            self.places.add(place)
            self.months[place].add(row["year"] * 12 + row["month"])
        self.first_on = min(filter(None, (self.first_on, row["first"])))
        self.last_on = max(filter(None, (self.last_on, row["last"])))

    @property
    def again(self):
        """Places that raised it in two months running."""
        return {place for place, months in self.months.items() if any(month + 1 in months for month in months)}

    @property
    def is_due(self):
        if self.level == Level.DISTRICT:
            return len(self.places) >= COMMUNES
        return len(self.places) >= VILLAGES or len(self.again) >= AGAIN


def collected(today):
    """The condition of the opinions that are counted."""
    recent = Q(is_open=True, raised_on__range=(today - WINDOW, today))
    return recent & ~Q(visibility=Visibility.RESTRICTED) & ~Q(kind__in=NOTHING_ASKED)


def alarms_for(user, today):
    """Every alarm of the user's branches, the widest first; one statement for all units and fields."""
    opinions = Opinion.objects.visible_to(user).filter(collected(today)).order_by()
    counts = {"n": Count("pk"), "first": Min("raised_on"), "last": Max("raised_on")}
    own = {grant.level for grant in user.scope.content_grants}
    found = {}
    for row in opinions.values(*GROUPED).annotate(**counts):
        if row["commune_id"]:
            _into(found, row, Level.COMMUNE, row["village_id"])
        if row["district_id"] and own != {Level.COMMUNE}:
            _into(found, row, Level.DISTRICT, row["commune_id"])
    due = [alarm for alarm in found.values() if alarm.is_due]
    return sorted(due, key=lambda alarm: (-len(alarm.places), -alarm.count, alarm.unit_id, alarm.topic))


def _into(found, row, level, place):
    unit_id, topic = row[f"{level.value}_id"], (row["topic__code"], row["topic__name"])
    alarm = found.setdefault((level, unit_id, topic), Alarm(unit_id, level, topic))
    alarm.add(row, place)


def alarm_rows(alarms, user):
    """Prepared rows: names of the places, why, the list, the material, and where a meeting would be planned."""
    ids = {pk for alarm in alarms for pk in (alarm.unit_id, *alarm.places)}
    units = Unit.objects.in_bulk(ids)
    return [_row(alarm, units, user) for alarm in alarms]


def _row(alarm, units, user):
    unit, (code, topic) = units[alarm.unit_id], alarm.topic
    names = sorted(units[pk].name for pk in alarm.places)
    tail = urlencode({"don-vi": unit.key, "ranh-gioi": "then", "linh-vuc": code, "chuyen-de": "on"})
    plan = {"don-vi": unit.pk, "loai": "thematic", "ten": f"Giao ban chuyên đề: {topic}"}
    return {
        "key": f"{unit.key}-{code}",
        "unit": unit.name,
        "topic": topic,
        "level": alarm.level,
        "count": alarm.count,
        "places": len(names),
        "names": names[:MOST_NAMED],
        "more": max(len(names) - MOST_NAMED, 0),
        "again": len(alarm.again) if alarm.level == Level.COMMUNE else 0,
        "first_on": alarm.first_on,
        "last_on": alarm.last_on,
        "list_url": f"{reverse('opinion_list')}?{tail}",
        "material_url": f"{reverse('alarm_material')}?{tail}",
        "plan_url": f"{reverse('meeting_create')}?{urlencode(plan)}" if works_at(user, unit.pk) else "",
    }
