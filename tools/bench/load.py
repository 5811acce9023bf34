"""Whole tables by INSERT … SELECT, in words that SQLite and PostgreSQL both understand."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from django.db import connection, models, transaction

from core.text import fold, person_sort_key
from feedback import tallies as opinion_tallies
from feedback.models import Opinion, OpinionMove, Topic
from meetings import tallies as meeting_tallies
from meetings.cadence.services import ensure_default_rules, plan_occurrences
from meetings.models import Attendance, AttendancePost, Meeting, Occurrence
from people.enums import VILLAGE_POSITIONS, Position
from people.models import Person, Post
from units.models import Unit, UnitLineage, UnitVersion

SALTS = 9_973


def insert(model, source, **expressions):
    """Add a row for each row of `source` (all that follows FROM); other columns get the defaults of their fields.

    Returns how many rows.
    """
    columns, selected, params, quote = [], [], [], connection.ops.quote_name
    for field in model._meta.concrete_fields:
        expression = expressions.pop(field.attname, None)
        if expression is None and field.primary_key:
            continue
        columns.append(quote(field.column))
        selected.append(expression or "%s")
        if expression is None:
            params.append(_default(field))
    if expressions:
        raise TypeError(f"{model.__name__} has no column {', '.join(sorted(expressions))}")
    table = quote(model._meta.db_table)
    return run(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(selected)} FROM {source}", params)


def _default(field):
    if field.has_default():
        return field.get_default()
    return "" if isinstance(field, models.CharField | models.TextField) and not field.null else None


def run(sql, params=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return cursor.rowcount


def chance(expression, salt, below):
    """A number from 0 to `below` - 1 that looks like chance and is the same each time."""
    return f"((({expression}) * 48271 + {salt % SALTS}) %% 65537 * 7919 %% 10007 %% {below})"


def plus_days(column, days):
    if connection.vendor == "postgresql":
        return f"({column} + ({days})::integer)"
    return f"date({column}, ({days}) || ' days')"


def at_eight(column):
    """Eight in the morning of a day, here."""
    if connection.vendor == "postgresql":
        return f"(({column} + time '08:00') AT TIME ZONE 'Asia/Ho_Chi_Minh')"
    return f"({column} || ' 01:00:00')"


def compact(column):
    """A day as '20140101'."""
    return f"to_char({column}, 'YYYYMMDD')" if connection.vendor == "postgresql" else f"replace({column}, '-', '')"


@contextmanager
def short_tables(**tables):
    """Temporary tables {name: (columns with their types, rows)}."""
    for name, (columns, rows) in tables.items():
        run(f"DROP TABLE IF EXISTS {name}")
        run(f"CREATE TEMPORARY TABLE {name} ({', '.join(columns)})")
        if rows:
            with connection.cursor() as cursor:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    yield
    for name in tables:
        run(f"DROP TABLE {name}")


def tell_planner():
    """PostgreSQL plans a bulk load by the statistics of the empty tables until it is told."""
    if connection.vendor == "postgresql":
        run("ANALYZE")


FAMILY = ("Nguyễn Văn", "Trần Thị", "Lê Văn", "Phạm Thị", "Hoàng Văn", "Vũ Thị", "Đặng Văn", "Bùi Thị", "Đỗ Văn")
GIVEN = ("An", "Bình", "Châu", "Dũng", "Đức", "Hà", "Hùng", "Lan", "Minh", "Ngọc", "Phúc", "Sơn", "Thảo", "Yến")
WISHES = (
    "Đề nghị sửa chữa",
    "Đề nghị sớm nâng cấp",
    "Kiến nghị kiểm tra",
    "Đề nghị trả lời về",
    "Mong bố trí",
)
MATTERS = (
    "đường liên thôn bị xuống cấp", "cống thoát nước đầu khu dân cư", "đèn chiếu sáng ngõ xóm",
    "nước sạch sinh hoạt mùa khô", "rác thải tồn đọng ven suối", "nhà văn hóa chật hẹp", "kênh mương nội đồng",
    "giấy chứng nhận quyền sử dụng đất", "đường dây điện hạ thế", "chế độ cho người cao tuổi",
    "lớp học mầm non của thôn", "trạm y tế thiếu thuốc", "xe chở vật liệu làm rơi vãi", "tiếng ồn của cơ sở sản xuất",
    "vốn vay sản xuất cho hộ nghèo",
)  # fmt: skip
CLOSES = ("", " trước mùa mưa bão", " để nhân dân yên tâm sản xuất", ", đã nêu tại kỳ trước", " theo nguyện vọng chung")

ENDS = (
    (60, "resolved"), (68, "answered_on_spot"), (86, "explained"), (92, "accepted"), (96, "declined"),
    (98, "withdrawn"), (100, "redirected"),
)  # fmt: skip
"""How settled opinions ended: up to which per cent."""
WAITS = ("recorded", "assigned", "in_progress", "scheduled", "escalated")
VERBS = {
    "assigned": "assign", "in_progress": "start", "scheduled": "schedule", "escalated": "escalate",
    "answered_on_spot": "answer_on_spot", "resolved": "resolve", "explained": "explain", "accepted": "accept",
    "declined": "decline", "redirected": "redirect", "withdrawn": "withdraw",
}  # fmt: skip
"""The act that leads to a status."""


def people_names():
    return [f"{family} {given}" for family, given in product(FAMILY, GIVEN)]


def opinion_texts():
    return [f"{wish} {matter}{close}." for wish, matter, close in product(WISHES, MATTERS, CLOSES)]


VILLAGES, MOST_OPINIONS = 10, 14
HELD_PER_MILLE, OPEN_PER_MILLE, RECENTLY_OPEN_PER_MILLE = 770, 17, 400
RECENT = timedelta(days=120)
GUESTS = {"commune": 5, "district": 30}


@dataclass(frozen=True)
class Load:
    """Which provinces (their ids), since when, as of which day, by which seed."""

    provinces: tuple
    since: date
    today: date
    seed: int

    @property
    def ids(self):
        return ", ".join(map(str, self.provinces))

    def chance(self, expression, salt, below):
        return chance(expression, salt + 101 * self.seed, below)


def fill(provinces, years, today, seed=1, tell=lambda words: None):
    """Make the data; returns {what: how many}. `tell` hears each step."""
    since = date(today.year - years + 1, 1, 1)
    load = Load(tuple(province.pk for province in provinces), since, today, seed)
    counts = {}
    with transaction.atomic(), short_tables(**_words()):
        for province in provinces:
            ensure_default_rules(province)
        for name, step in STEPS.items():
            tell(name)
            counts |= step(load)
            tell_planner()
    return counts


def _words():
    names = [(number, name, person_sort_key(name), fold(name)) for number, name in enumerate(people_names())]
    texts = [(number, text, fold(text)) for number, text in enumerate(opinion_texts())]
    topics = list(enumerate(Topic.objects.offered().order_by("pk").values_list("pk", flat=True)))
    return {
        "load_number": (("n integer PRIMARY KEY",), [(number,) for number in range(1, 31)]),
        "load_name": (("n integer PRIMARY KEY", "name text", "sort_key text", "search_text text"), names),
        "load_text": (("n integer PRIMARY KEY", "body text", "search_text text"), texts),
        "load_topic": (("n integer PRIMARY KEY", "id bigint"), topics),
        "load_village": (("commune_id bigint", "n integer", "id bigint", "PRIMARY KEY (commune_id, n)"), []),
    }


def _villages(load):
    """Ten villages a commune, in the tree as their commune is."""
    number = "substr('0' || n, length('0' || n) - 1)"
    inside = f"SELECT unit_id FROM units_unitlineage WHERE ancestor_id IN ({load.ids})"
    made = insert(
        Unit,
        f"units_unit c JOIN load_number ON n <= {VILLAGES} WHERE c.level = 'commune' AND c.id IN ({inside}) "
        f"AND (c.valid_to IS NULL OR c.valid_to > '{load.since}') ORDER BY c.id, n",
        key=f"'village-' || c.code || '-' || {number} || '-' || {compact('c.valid_from')}",
        level="'village'", code=f"c.code || '-' || {number}", name="'Thôn ' || n",
        kind="'thon'", search_text="'thon ' || n", valid_from="c.valid_from", valid_to="c.valid_to", is_sample="TRUE",
    )  # fmt: skip
    run(
        "INSERT INTO load_village SELECT c.id, CAST(substr(v.code, length(v.code) - 1) AS integer), v.id "
        "FROM units_unit v JOIN units_unit c ON c.level = 'commune' AND c.code = substr(v.code, 1, length(v.code) - 3) "
        "AND c.valid_from = v.valid_from WHERE v.level = 'village'"
    )
    same = {"valid_from": "v.valid_from", "valid_to": "v.valid_to"}
    villages = "load_village l JOIN units_unit v ON v.id = l.id"
    insert(UnitVersion, villages, unit_id="v.id", name="v.name", kind="v.kind", parent_id="l.commune_id", **same)
    insert(UnitLineage, villages, unit_id="v.id", ancestor_id="v.id", level="'village'", **same)
    insert(
        UnitLineage, "load_village l JOIN units_unitlineage c ON c.unit_id = l.commune_id",
        unit_id="l.id", ancestor_id="c.ancestor_id", level="c.level", valid_from="c.valid_from", valid_to="c.valid_to",
    )  # fmt: skip
    return {"villages": made}


def _people(load):
    """Three posts a village, held by three people."""
    seat = f"l.id * 3 + {{}} - {VILLAGES}"
    total = len(people_names())
    made = insert(
        Person,
        f"load_village l JOIN load_number k ON k.n <= {len(VILLAGE_POSITIONS)} "
        f"JOIN load_name w ON w.n = {load.chance(seat.format('k.n'), 1, total)} ORDER BY l.id, k.n",
        name="w.name", sort_key="w.sort_key", search_text="w.search_text", is_sample="TRUE",
        source_key="'load-' || l.id || '-' || k.n",
    )  # fmt: skip
    positions = " ".join(f"WHEN {n} THEN '{position}'" for n, position in enumerate(VILLAGE_POSITIONS, 1))
    insert(
        Post,
        f"load_village l JOIN load_number k ON k.n <= {len(VILLAGE_POSITIONS)} JOIN units_unit v ON v.id = l.id "
        "JOIN people_person p ON p.source_key = 'load-' || l.id || '-' || k.n",
        person_id="p.id", unit_id="l.id", position=f"CASE k.n {positions} END", valid_from="v.valid_from",
        valid_to="v.valid_to",
    )  # fmt: skip
    return {"people": made}


def _expected(load):
    """What the product itself expects of the units."""
    plan_occurrences(load.today, load.today, load.provinces, since=load.since)
    return {"occurrences": Occurrence.objects.filter(province__in=load.provinces).count()}


def _meetings(load):
    """Three of four expected meetings, near the end of their period."""
    made = insert(
        Meeting,
        f"meetings_occurrence o WHERE o.province_id IN ({load.ids}) AND o.late_until < '{load.today}' "
        f"AND {load.chance('o.id', 2, 1000)} < {HELD_PER_MILLE} ORDER BY o.id",
        **{name: f"o.{name}" for name in ("unit_id", "level", "province_id", "district_id", "commune_id")},
        occurrence_id="o.id", period_first="o.starts_on", period_last="o.ends_on", year="o.year", month="o.month",
        title="'Hội nghị giao ban kỳ ' || o.period", search_text="'hoi nghi giao ban ky ' || lower(o.period)",
        status="'held'", held_on=plus_days("o.ends_on", f"{load.chance('o.id', 3, 14)} - 8"), is_sample="TRUE",
    )  # fmt: skip
    run(
        "UPDATE meetings_occurrence SET begun_on = m.held_on, met_on = m.held_on FROM meetings_meeting m "
        "WHERE m.occurrence_id = meetings_occurrence.id"
    )
    return {"meetings": made}


def _seats(load):
    """The village cadres of a commune, and guests."""
    here = load.chance("m.id * 37 + p.id", 4, 100)
    labels = " ".join(f"WHEN '{position}' THEN '{Position(position).label}'" for position in VILLAGE_POSITIONS)
    made = insert(
        Attendance,
        "meetings_meeting m JOIN load_village l ON l.commune_id = m.unit_id JOIN people_post t ON t.unit_id = l.id "
        f"JOIN people_person p ON p.id = t.person_id WHERE m.province_id IN ({load.ids}) ORDER BY m.id, p.id",
        meeting_id="m.id", person_id="p.id", unit_id="l.id", name="p.name", sort_key="p.sort_key",
        duties=f"CASE t.position {labels} END",
        presence=f"CASE WHEN {here} < 85 THEN 'present' WHEN {here} < 95 THEN 'excused' ELSE 'absent' END",
    )  # fmt: skip
    insert(
        AttendancePost, "meetings_attendance a JOIN people_post t ON t.person_id = a.person_id ORDER BY a.id",
        attendance_id="a.id", post_id="t.id",
    )  # fmt: skip
    number = " ".join(f"WHEN '{level}' THEN {guests}" for level, guests in GUESTS.items())
    made += insert(
        Attendance,
        f"meetings_meeting m JOIN load_number k ON k.n <= CASE m.level {number} ELSE 0 END "
        f"JOIN load_name w ON w.n = {load.chance('m.id * 31 + k.n', 5, len(people_names()))} "
        f"WHERE m.province_id IN ({load.ids}) ORDER BY m.id, k.n",
        meeting_id="m.id", name="w.name", sort_key="w.sort_key", duties="'Đại biểu mời'", is_guest="TRUE",
    )  # fmt: skip
    return {"attendances": made}


def _opinions(load):
    """One to fourteen a meeting; the recent ones wait more often."""
    answered = "('resolved', 'answered_on_spot', 'explained', 'accepted', 'declined')"
    settled = plus_days("x.held_on", f"5 + {load.chance('x.k', 12, 40)}")
    settled = f"CASE WHEN {settled} > '{load.today}' THEN x.held_on ELSE {settled} END"
    settled = f"CASE WHEN x.status IN {answered} THEN {settled} END"
    pleased = load.chance("x.k", 13, 10)
    due_on = plus_days("x.held_on", f"15 + {load.chance('x.k', 14, 31)}")
    days_late = f"{load.chance('x.k', 12, 40)} - {load.chance('x.k', 14, 31)} - 10"
    must_be_answered = f"{load.chance('x.k', 10, 12)} <> 2"
    made = insert(
        Opinion,
        f"({_raised(load)}) x JOIN load_text t ON t.n = {load.chance('x.k', 6, len(opinion_texts()))} "
        f"JOIN load_topic c ON c.n = {load.chance('x.k', 7, Topic.objects.offered().count())} LEFT JOIN load_village v "
        f"ON v.commune_id = x.commune_id AND v.n = 1 + {load.chance('x.k', 8, VILLAGES)} ORDER BY x.k",
        **{name: f"x.{name}" for name in ("unit_id", "level", "province_id", "district_id", "commune_id", "status")},
        **{name: f"x.{name}" for name in ("period_first", "period_last", "year", "month")},
        meeting_id="x.id", number="x.n", village_id="v.id", raised_on="x.held_on", received_on="x.held_on",
        topic_id="c.id", text="t.body", search_text="t.search_text",
        visibility=f"CASE WHEN {load.chance('x.k', 9, 100)} < 2 THEN 'restricted' ELSE 'normal' END",
        kind=f"CASE {load.chance('x.k', 10, 12)} WHEN 0 THEN 'proposal' WHEN 1 THEN 'reflection' "
             "WHEN 2 THEN 'initiative' ELSE 'petition' END",
        competence=f"CASE {load.chance('x.k', 11, 6)} WHEN 0 THEN 'district' WHEN 1 THEN 'province' ELSE 'commune' END",
        is_open="x.is_open", holder_id="CASE WHEN x.status = 'escalated' THEN COALESCE(x.district_id, x.province_id) "
                                       "ELSE x.unit_id END",
        late_days=f"CASE WHEN {must_be_answered} AND {settled} > {due_on} THEN {days_late} ELSE 0 END",
        due_on=due_on, first_due_on=due_on, promised_on=due_on,
        planned_on=f"CASE WHEN x.status = 'scheduled' THEN {plus_days('x.held_on', '90')} END",
        settled_on=settled, first_settled_on=settled, is_sample="TRUE",
        answer=f"CASE WHEN x.status IN {answered} THEN 'Đã kiểm tra thực tế và trả lời người dân.' ELSE '' END",
        satisfaction=f"CASE WHEN x.status IN {answered} AND {pleased} < 4 THEN 'satisfied' "
                     f"WHEN x.status IN {answered} AND {pleased} = 4 THEN 'partly' ELSE '' END",
    )  # fmt: skip
    return {"opinions": made, "unresolved": Opinion.objects.filter(province__in=load.provinces, is_open=True).count()}


def _raised(load):
    """The rows of meetings, one for each opinion, with the key of its chances and how it ended."""
    cases = " ".join(f"WHEN h < {limit} THEN '{status}'" for limit, status in ENDS[:-1])
    waits = " ".join(f"WHEN {number} THEN '{status}'" for number, status in enumerate(WAITS))
    old = load.today - RECENT
    share = f"CASE WHEN held_on < '{old}' THEN {OPEN_PER_MILLE} ELSE {RECENTLY_OPEN_PER_MILLE} END"
    rows = (
        f"SELECT m.*, k.n, m.id * 20 + k.n AS k, {load.chance('m.id * 20 + k.n', 15, 100)} AS h, "
        f"{load.chance('m.id * 20 + k.n', 16, 1000)} AS luck FROM meetings_meeting m "
        f"JOIN load_number k ON k.n <= 1 + {load.chance('m.id', 17, MOST_OPINIONS)} "
        f"WHERE m.province_id IN ({load.ids})"
    )
    return (
        "SELECT id, unit_id, level, province_id, district_id, commune_id, period_first, period_last, year, month, "
        f"held_on, n, k, luck < {share} AS is_open, CASE WHEN luck < {share} THEN CASE luck %% {len(WAITS)} "
        f"{waits} END ELSE CASE {cases} ELSE '{ENDS[-1][1]}' END END AS status FROM ({rows}) y"
    )


def _moves(load):
    """How each was recorded, and how it got where it is."""
    raised = f"feedback_opinion o WHERE o.province_id IN ({load.ids})"
    common = {"opinion_id": "o.id", "actor_name": "'Dữ liệu đo tải'"}
    made = insert(
        OpinionMove, f"{raised} ORDER BY o.id",
        verb="'record'", after="'recorded'", at=at_eight("o.raised_on"), holder_id="o.unit_id", **common,
    )  # fmt: skip
    verbs = " ".join(f"WHEN '{status}' THEN '{verb}'" for status, verb in VERBS.items())
    made += insert(
        OpinionMove, f"{raised} AND o.status <> 'recorded' ORDER BY o.id",
        verb=f"CASE o.status {verbs} END", before="'recorded'", after="o.status",
        at=at_eight("COALESCE(o.settled_on, o.raised_on)"), holder_id="o.holder_id", due_on="o.due_on", **common,
    )  # fmt: skip
    return {"moves": made}


def _totals(load):
    """Counts of the meetings, and the product's own tallies."""
    present = "CASE WHEN presence IN ('present', 'substituted') THEN 1 ELSE 0 END"
    for columns, source in (
        (
            "attendance_count = s.present, invited_count = s.invited",
            f"SELECT meeting_id, SUM({present}) AS present, COUNT(*) AS invited FROM meetings_attendance GROUP BY 1",
        ),
        ("opinion_count = s.n", "SELECT meeting_id, COUNT(*) AS n FROM feedback_opinion GROUP BY 1"),
    ):
        run(f"UPDATE meetings_meeting SET {columns} FROM ({source}) s WHERE s.meeting_id = meetings_meeting.id")
    months = meeting_tallies.rebuild(load.provinces)
    return {"meeting_months": months, "opinion_months": opinion_tallies.rebuild(load.provinces)}


STEPS = {
    "Thôn, khu": _villages,
    "Cán bộ thôn, khu": _people,
    "Kỳ giao ban": _expected,
    "Hội nghị": _meetings,
    "Lượt đại biểu": _seats,
    "Ý kiến, kiến nghị": _opinions,
    "Quá trình giải quyết": _moves,
    "Số tổng hợp": _totals,
}
