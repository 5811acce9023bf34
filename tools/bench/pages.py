"""Pages against their limit: the same page with its rows in memory, plus the SQL one would write by hand for it."""

import statistics
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse

from core.paging import SIZE
from feedback.models import Opinion
from people.enums import Role
from tools.bench.measure import BenchLine, compare, counted, recorded, replayed, rounds_of

LIST = """
    SELECT o.id, o.text, o.status, o.due_on, o.planned_on, o.raised_on, o.kind, o.level, o.competence, o.visibility,
        o.is_pressing, o.is_open, t.name, v.name, c.name, d.name, u.name, o.topic_id, o.holder_id, h.name,
        o.raised_by_name, o.settled_before_id
    FROM feedback_opinion o JOIN feedback_topic t ON t.id = o.topic_id JOIN units_unit u ON u.id = o.unit_id
        JOIN units_unit h ON h.id = o.holder_id LEFT JOIN units_unit v ON v.id = o.village_id
        LEFT JOIN units_unit c ON c.id = o.commune_id LEFT JOIN units_unit d ON d.id = o.district_id
    WHERE {where} ORDER BY {order} LIMIT """ + str(SIZE + 1)
COUNT = "SELECT COUNT(*) FROM feedback_opinion o WHERE {where}"
OPEN_HERE, BY_DUE = "o.district_id = %s AND o.is_open", "o.due_on, o.id"
WORDS = ("kenh", "muong")
HEAT = """
    SELECT o.id, o.unit_id, o.month, o.met_on, o.is_exempt, o.due_on, o.late_until, o.district_id, m.meetings
    FROM meetings_occurrence o LEFT JOIN meetings_meetingmonth m ON m.unit_id = o.unit_id AND m.level = o.level
        AND m.year = o.year AND m.month = o.month
    WHERE o.province_id = %s AND o.year = %s"""
UNITS = "SELECT id, key, name, code FROM units_unit WHERE level <> 'village'"


def asked(*statements):
    """Run hand-written statements and fetch all their rows."""
    with connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            cursor.fetchall()


def page_line(operation, world, role, address, statements, goal, count):
    """One page against its limit."""
    with recorded() as recording:
        world.get(role, address)

    def limit():
        replayed(lambda: world.get(role, address), recording)
        asked(*statements)

    return compare(operation, lambda: world.get(role, address), limit, goal, count)


def unresolved_list(world, goal, count):
    district, address = [world.district.pk], reverse("opinion_list")
    statements = [(LIST.format(where=OPEN_HERE, order=BY_DUE), district), (COUNT.format(where=OPEN_HERE), district)]
    return page_line("1 danh sách chưa xong, huyện", world, Role.LEADER, address, statements, goal, count)


def slow_tail(world, goal, count):
    """The slowest twentieth of the list against that of an almost empty page."""
    list_, plain = reverse("opinion_list"), reverse("password_change")
    rounds = rounds_of(count, lambda: world.get(Role.LEADER, list_), lambda: world.get(Role.LEADER, plain))
    ours, limit = (statistics.quantiles(side, n=20)[-1] for side in zip(*rounds, strict=True))
    shown = (f"{limit * 1000:.2f} ms", f"{ours * 1000:.2f} ms", f"{ours / limit:.3g}", f"≤ {goal}")
    return BenchLine("1 p95 danh sách / trang trống", *shown, ours / limit <= goal)


def deep_page(world, goal, count):
    """A page far down the list of everything against its first page."""
    everything = f"{reverse('opinion_list')}?trang-thai=all"
    ordered = Opinion.objects.filter(province=world.province).order_by("-raised_on", "-pk")
    day, pk = ordered.values_list("raised_on", "pk")[ordered.count() * 9 // 10]
    deep = f"{everything}&{urlencode({'sau': f'{day}_{pk}'})}"
    ours, limit = (lambda: world.get(Role.PROVINCE_LEADER, deep)), (lambda: world.get(Role.PROVINCE_LEADER, everything))
    return compare("3 trang sâu / trang đầu, tỉnh", ours, limit, goal, count)


def heat(world, goal, count):
    year = world.today.year - 1
    statements = [(HEAT, [world.province.pk, year]), (UNITS, [])]
    address = f"{reverse('cadence_heat')}?nam={year}"
    return page_line("7 biểu nhiệt, tỉnh", world, Role.PROVINCE_LEADER, address, statements, goal, count)


def search(world, goal, count):
    """Two words in all years of a district."""
    where = "o.district_id = %s AND o.search_text LIKE %s AND o.search_text LIKE %s"
    params = [world.district.pk, *(f"%{word}%" for word in WORDS)]
    statements = [
        (LIST.format(where=where, order="o.raised_on DESC, o.id DESC"), params),
        (COUNT.format(where=where), params),
    ]
    address = f"{reverse('opinion_list')}?{urlencode({'trang-thai': 'all', 'q': 'Kênh mương'})}"
    return page_line("8 tìm không dấu, huyện, mọi năm", world, Role.LEADER, address, statements, goal, count)


PAGES_OF_GROWTH = (
    ("2 danh sách huyện", Role.LEADER, lambda year: reverse("opinion_list")),
    ("2 danh sách tỉnh", Role.PROVINCE_LEADER, lambda year: reverse("opinion_list")),
    (
        "2 biểu 1 của một năm, tỉnh",
        Role.PROVINCE_LEADER,
        lambda year: f"{reverse('report_table', args=['B1'])}?ky={year}",
    ),
)


def statements_of(world, role, address):
    world.get(role, address)
    with recorded() as recording:
        world.get(role, address)
    return recording.count


def same_statements(operation, few, many):
    """The number of statements must not know how many rows there are."""
    return counted(f"{operation}: số câu lệnh", many, few)
