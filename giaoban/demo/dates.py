"""On which working day a unit meets: near its habitual day, now and then late, made up or early (domain.md §4)."""

from datetime import timedelta

from giaoban.demo.workdays import working_days

EARLY_DAYS = GRACE_DAYS = 5
SHARE_LATE, SHARE_MADE_UP, SHARE_EARLY = 0.08, 0.05, 0.02
MADE_UP_WITHIN = 35
RUNNING_DAYS = 2


class Calendar:
    """Hands out days; no unit gets the same day twice. Nothing is held in another year than its period's.

    With `today`, every day lies before it; a period that leaves no such day gives None.
    """

    def __init__(self, rng, today=None):
        self.rng = rng
        self.last = today - timedelta(days=1) if today else None
        self.taken = set()
        self.habits = {}

    def day_of(self, unit, period, lasts=0):
        """(day, timeliness) of the meeting of a period, or None; on time it ends `lasts` days later, still within."""
        for timeliness in (self._timeliness(period), "on_time"):
            days = [day for day in self._days(period, timeliness, lasts) if (unit, day) not in self.taken]
            if days:
                day = self._pick(unit, days, period, lasts) if timeliness == "on_time" else self.rng.choice(days)
                self.taken.add((unit, day))
                return day, timeliness
        return None

    def _timeliness(self, period):
        if period.last.month == 12:
            return "on_time"
        dice = self.rng.random()
        return "late" if dice < SHARE_LATE else "made_up" if dice < SHARE_LATE + SHARE_MADE_UP else "on_time"

    def _days(self, period, timeliness, lasts):
        after = period.last + timedelta(days=1)
        grace_end = period.last + timedelta(days=GRACE_DAYS)
        if timeliness == "late":
            return self._open(after, grace_end)
        if timeliness == "made_up":
            return self._open(grace_end + timedelta(days=1), after + timedelta(days=MADE_UP_WITHIN), period.last.year)
        if period.first.month > 1 and self.rng.random() < SHARE_EARLY:
            return self._open(period.first - timedelta(days=EARLY_DAYS), period.first - timedelta(days=1))
        return self._open(period.first, period.last - timedelta(days=lasts))

    def _open(self, first, last, year=None):
        if self.last:
            last = min(last, self.last)
        return [day for day in working_days(first, last) if year in (None, day.year)]

    def _pick(self, unit, days, period, lasts):
        """Around the same day of the month; a quarter's meeting lies in its last weeks.

        In a running period any day so far, but one that lasts has only just begun.
        """
        if self.last and period.last > self.last:
            return self.rng.choice(days[-RUNNING_DAYS:] if lasts else days)
        habit = self.habits.setdefault(unit, self.rng.randint(1, 12))
        wanted = period.last - timedelta(days=habit + lasts) + timedelta(days=self.rng.randint(-3, 2))
        return min(days, key=lambda day: (abs((day - wanted).days), day))
