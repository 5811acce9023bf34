"""Later days that the threads know of become rows; plans' days become today's day; the tallies get their new columns."""

from django.db import migrations

LOCAL_DAY = {"sqlite": "date({}, '+7 hours')", "postgresql": "CAST({} AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)"}
COLUMNS = (
    "opinion_id, kind, holder_id, old_due_on, new_due_on, reason, state, needs_above, asked_by_id, asked_by_name, "
    "asked_on, asked_at, decided_by_id, decided_by_name, decided_at, decision_note"
)
KINDS = {
    **{"assign": "reassignment", "escalate": "escalation", "transfer": "escalation"},
    **{"return": "wait", "reopen": "reopening", "unmerge": "reopening"},
}


def complete_requests(apps, schema_editor):
    """Rows that were there already: who held the matter, the day, and whether only the level above may decide."""
    day = LOCAL_DAY[schema_editor.connection.vendor].format("asked_at")
    holder = "(SELECT o.holder_id FROM feedback_opinion o WHERE o.id = opinion_id)"
    schema_editor.execute(f"UPDATE feedback_extension SET asked_on = {day}, holder_id = {holder}")
    schema_editor.execute(
        "UPDATE feedback_extension SET needs_above = TRUE WHERE state = 'pending' AND opinion_id NOT IN ("
        "SELECT o.id FROM feedback_opinion o JOIN units_body b ON b.id = o.body_id "
        "WHERE b.kind <> 'gov' OR b.unit_id <> o.holder_id)"
    )


def derive_rows(apps, schema_editor):
    day = LOCAL_DAY[schema_editor.connection.vendor].format("x.at")
    kinds = " ".join(f"WHEN '{verb}' THEN '{kind}'" for verb, kind in KINDS.items())
    verbs = ", ".join(f"'{verb}'" for verb in KINDS)
    facts = f"substr(x.note, 1, 500), 'granted', FALSE, x.actor_id, x.actor_name, {day}, x.at, NULL, '', x.at, ''"
    schema_editor.execute(
        f"INSERT INTO feedback_extension ({COLUMNS}) "
        f"SELECT x.opinion_id, CASE x.verb {kinds} END, x.old_holder, x.old_due_on, x.due_on, {facts} FROM ("
        "SELECT m.*, LAG(m.due_on) OVER thread AS old_due_on, LAG(m.holder_id) OVER thread AS old_holder "
        "FROM feedback_opinionmove m WINDOW thread AS (PARTITION BY m.opinion_id ORDER BY m.at, m.id)) x "
        f"WHERE x.verb IN ({verbs}) AND x.due_on > x.old_due_on AND NOT EXISTS (SELECT 1 FROM feedback_extension e "
        "WHERE e.opinion_id = x.opinion_id AND e.new_due_on = x.due_on) ORDER BY x.id"
    )
    planned = "status = 'scheduled' AND planned_on > due_on"
    schema_editor.execute(
        f"INSERT INTO feedback_extension ({COLUMNS}) "
        f"SELECT o.id, 'plan', o.holder_id, o.due_on, o.planned_on, {facts} FROM feedback_opinion o "
        "JOIN feedback_opinionmove x ON x.id = (SELECT s.id FROM feedback_opinionmove s WHERE s.opinion_id = o.id "
        "AND s.verb = 'schedule' ORDER BY s.at DESC, s.id DESC LIMIT 1) "
        "WHERE o.status = 'scheduled' AND o.planned_on > o.due_on ORDER BY o.id"
    )
    schema_editor.execute(f"UPDATE feedback_opinion SET due_on = planned_on WHERE {planned}")


def count_timeliness(apps, schema_editor):
    answered = (
        "status IN ('resolved', 'answered_on_spot', 'explained', 'accepted', 'declined') "
        "AND kind NOT IN ('initiative', 'good_practice')"
    )
    late = "NOT is_open AND late_days > 0 AND kind NOT IN ('initiative', 'good_practice')"
    number = "SUM(CASE WHEN {} THEN 1 ELSE 0 END)".format
    schema_editor.execute(
        "UPDATE feedback_opinionmonth AS t SET on_time = s.on_time, on_time_extended = s.extended, "
        "closed_late = s.late FROM (SELECT COALESCE(commune_id, district_id, province_id) AS unit_id, level, year, "
        f"month, {number(f'{answered} AND settled_on <= first_due_on')} AS on_time, "
        f"{number(f'{answered} AND (settled_on <= due_on OR settled_on <= first_due_on)')} AS extended, "
        f"{number(late)} AS late FROM feedback_opinion GROUP BY 1, 2, 3, 4) AS s "
        "WHERE t.unit_id = s.unit_id AND t.level = s.level AND t.year = s.year AND t.month = s.month"
    )


class Migration(migrations.Migration):
    dependencies = [("feedback", "0006_first_promised_day"), ("units", "0001_initial")]
    operations = [
        migrations.RunPython(step, migrations.RunPython.noop)
        for step in (complete_requests, derive_rows, count_timeliness)
    ]
