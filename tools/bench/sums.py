"""Sums and jobs against the statements one would write by hand for them."""

from operator import truediv
from statistics import median

from django.db import connection, transaction

from core.periods import Period
from feedback import jobs as late_opinions
from feedback import tallies as opinion_tallies
from feedback.enums import OpinionStatus
from meetings import jobs as late_meetings
from reports.figures import figures
from reports.reach import THEN
from reports.tables import TABLES
from tools.bench.measure import BenchLine, compare, counted, equal, recorded, rounds_of, words
from tools.bench.pages import asked

MONTHS = """
    SELECT unit_id, level, SUM(meetings), SUM(attendance), SUM(opinions), SUM(thematic) FROM meetings_meetingmonth
    WHERE province_id = %s AND year = %s GROUP BY 1, 2"""
RESULTS = """
    SELECT unit_id, level, SUM(received), SUM(recorded), SUM(assigned), SUM(in_progress), SUM(scheduled),
        SUM(escalated), SUM(transferred), SUM(answered_on_spot), SUM(resolved), SUM(explained), SUM(accepted),
        SUM(declined), SUM(redirected), SUM(duplicate), SUM(withdrawn)
    FROM feedback_opinionmonth WHERE province_id = %s AND year = %s GROUP BY 1, 2"""
EXPECTED = """
    SELECT unit_id, level, COUNT(*), SUM(CASE WHEN met_on IS NULL THEN 0 ELSE 1 END) FROM meetings_occurrence
    WHERE province_id = %s AND year = %s AND due_on < %s GROUP BY 1, 2"""
LATE_IN_YEAR = """
    SELECT COALESCE(commune_id, district_id, province_id), level, COUNT(*) FROM feedback_opinion
    WHERE province_id = %s AND year = %s AND is_open AND due_on < %s GROUP BY 1, 2"""
NOTES = """
    SELECT level, COUNT(CASE WHEN visibility = 'restricted' THEN 1 END), COUNT(CASE WHEN origin = 'visit' THEN 1 END)
    FROM feedback_opinion WHERE province_id = %s AND year = %s GROUP BY 1"""
STATES = [status.value for status in OpinionStatus]
DATED = "kind NOT IN ('initiative', 'good_practice')"
TIMELY = f"status IN ('resolved', 'answered_on_spot', 'explained', 'accepted', 'declined') AND {DATED}"
ROLLUP = f"""
    INSERT INTO feedback_opinionmonth (unit_id, level, year, month, province_id, district_id, commune_id, received,
        {", ".join(STATES)}, confirmed, on_time, on_time_extended, closed_late)
    SELECT COALESCE(commune_id, district_id, province_id), level, year, month, MAX(province_id), MAX(district_id),
        MAX(commune_id), COUNT(*), {", ".join(f"COUNT(CASE WHEN status = '{state}' THEN 1 END)" for state in STATES)},
        COUNT(CASE WHEN satisfaction = 'satisfied' AND status IN ('resolved', 'answered_on_spot', 'explained',
            'accepted', 'declined') THEN 1 END),
        COUNT(CASE WHEN {TIMELY} AND settled_on <= first_due_on THEN 1 END),
        COUNT(CASE WHEN {TIMELY} AND (settled_on <= due_on OR settled_on <= first_due_on) THEN 1 END),
        COUNT(CASE WHEN NOT is_open AND late_days > 0 AND {DATED} THEN 1 END)
    FROM feedback_opinion WHERE province_id = %s GROUP BY 1, 2, 3, 4"""
BASE = "SELECT COUNT(*) FROM feedback_opinion WHERE province_id = %s AND year = %s"
MEETINGS = "SELECT COUNT(*) FROM meetings_meeting WHERE province_id = %s AND year = %s AND held_on IS NOT NULL"
MISSED = (
    "UPDATE meetings_occurrence SET flagged_on = %s WHERE met_on IS NULL AND late_until < %s AND flagged_on IS NULL "
    "AND NOT is_exempt",
    "SELECT o.id, o.unit_id, u.name, o.level, o.period, o.district_id, o.province_id FROM meetings_occurrence o "
    "JOIN units_unit u ON u.id = o.unit_id WHERE o.flagged_on = %s AND o.met_on IS NULL AND o.late_until < %s "
    "ORDER BY o.ends_on, o.id",
)
LATE = (
    "UPDATE feedback_opinion SET flagged_on = %s WHERE is_open AND due_on < %s AND flagged_on IS NULL",
    "SELECT o.id, o.text, o.visibility, o.due_on, o.planned_on, o.holder_id, o.body_id, o.district_id, o.province_id "
    "FROM feedback_opinion o WHERE o.flagged_on = %s AND o.is_open AND o.due_on < %s ORDER BY o.due_on, o.id",
)


def yearly_table(world, goal, count):
    """The time the database takes for Biểu 1 against five statements written for the same numbers."""
    period = Period.year(world.today.year - 1)
    params = [world.province.pk, period.first.year]
    spent = []

    def ours():
        with recorded() as recording:
            TABLES["B1"][1](world.province, period, THEN, world.today)
        spent.append(recording.seconds)

    def limit():
        late = [*params, str(world.today)]
        asked((MONTHS, params), (RESULTS, params), (EXPECTED, late), (LATE_IN_YEAR, late), (NOTES, params))

    limits = [other for _, other in rounds_of(count, ours, limit)]
    ratio, mine, other = map(median, (map(truediv, spent[-count:], limits), spent[-count:], limits))
    shown = (words(other), words(mine), f"{ratio:.3g}", f"≤ {goal}")
    return BenchLine("4 SQL của biểu 1 / năm câu viết tay", *shown, ratio <= goal)


def table_is_base(world):
    """What the tallies say is what the rows say."""
    year = world.today.year - 1
    found = figures(world.province, Period.year(year), THEN, world.today)
    with connection.cursor() as cursor:
        base = []
        for sql in (BASE, MEETINGS):
            cursor.execute(sql, [world.province.pk, year])
            base.append(cursor.fetchone()[0])
    yield equal("4 ý kiến trong năm: biểu = bản ghi", found["opinions_received"], base[0])
    meetings = found["commune_meetings"] + found["district_meetings"]
    yield equal("4 hội nghị trong năm: biểu = bản ghi", meetings, base[1])


def overdue_jobs(world, goal, most, count):
    """Claiming and telling what fell due against two statements that mark and read it."""
    for name, flag_overdue, statements in (
        ("hội nghị", late_meetings.flag_overdue, MISSED),
        ("ý kiến", late_opinions.flag_overdue, LATE),
    ):

        def ours(flag_overdue=flag_overdue):
            flag_overdue(world.today)

        def limit(statements=statements):
            with connection.cursor() as cursor:
                for sql in statements:
                    cursor.execute(sql, [str(world.today)] * 2)
                cursor.fetchall()

        name = f"6 báo {name} quá hạn"
        yield compare(f"{name} / đánh dấu và đọc", undone(ours), undone(limit), goal, max(3, count // 5))
        with recorded() as recording:
            undone(ours)()
        yield counted(f"{name}: số câu lệnh", recording.count, most)


def rollup(world, goal, count):
    """Rebuilding the tallies of opinions against one statement that counts and writes the same."""

    def ours():
        opinion_tallies.rebuild([world.province.pk])

    def limit():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM feedback_opinionmonth WHERE province_id = %s", [world.province.pk])
            cursor.execute(ROLLUP, [world.province.pk])

    return compare("11 dựng lại bảng tháng / một câu lệnh", undone(ours), undone(limit), goal, max(3, count // 5))


def undone(run):
    """The same, taken back."""

    def inside():
        with transaction.atomic():
            run()
            transaction.set_rollback(True)

    return inside
