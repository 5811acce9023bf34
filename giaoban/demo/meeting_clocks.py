"""When the demo's recent meetings were typed in, when their conclusion came out, and why some were late."""

from django.db.models import Max

from giaoban.demo.store import update_rows
from giaoban.demo.tables import moment
from giaoban.demo.workdays import add_working_days
from meetings.dues import CLOCK_DAYS
from meetings.enums import MeetingStatus
from meetings.models import Meeting

SHARE_LOGGED_LATE, SHARE_CONCLUDED_LATE, SHARE_NOT_CONCLUDED, SHARE_FRESH = 0.09, 0.12, 0.06, 0.45
REASONS = (
    "Tập trung phòng, chống mưa bão",
    "Trùng lịch hội nghị của cấp trên",
    "Chờ hướng dẫn nội dung của cấp trên",
    "Đồng chí chủ trì đi công tác",
    "Kiện toàn chức danh ở thôn, khu",
)
COLUMNS = ("logged_at", "logged_on", "log_due_on", "conclusion_on", "conclusion_due_on", "timing_reason")


def run_meeting_clocks(world, first, rng):
    """Of meetings held since a day; those of the old books keep no clocks."""
    meetings = Meeting.objects.filter(province=world.province, is_sample=True, logged_at__isnull=False)
    rows = meetings.filter(held_on__gte=first).annotate(last_on=Max("sittings__held_on")).order_by("pk")
    columns = ("pk", "held_on", "last_on", "status", "occurrence__due_on")
    update_rows(Meeting, COLUMNS, [_clocks(row, world.today, rng) for row in rows.values_list(*columns, named=True)])


def _clocks(row, today, rng):
    last_on = max(row.held_on, row.last_on or row.held_on)
    log_days, conclusion_days = CLOCK_DAYS
    wanted = rng.randint(log_days + 1, 9) if rng.random() < SHARE_LOGGED_LATE else rng.randint(0, log_days)
    logged_on = min(add_working_days(row.held_on, wanted), today)
    due = row.occurrence__due_on
    reason = rng.choice(REASONS) if due and row.held_on > due else ""
    return (
        *(moment(logged_on, 16, rng.randint(0, 59)), logged_on, add_working_days(row.held_on, log_days)),
        *(_concluded_on(row.status, last_on, today, rng), add_working_days(last_on, conclusion_days), reason),
        row.pk,
    )


def _concluded_on(status, last_on, today, rng):
    """Mostly in time; now and then late, not at all, or not yet."""
    dice, days = rng.random(), CLOCK_DAYS[1]
    day = add_working_days(last_on, rng.randint(days + 1, 12) if dice < SHARE_CONCLUDED_LATE else rng.randint(1, days))
    is_missing = dice > 1 - SHARE_NOT_CONCLUDED or (status == MeetingStatus.HELD and dice < SHARE_FRESH)
    return None if is_missing or day > today else day
