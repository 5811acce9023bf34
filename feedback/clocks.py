"""How long an opinion has, by the dated rules of a province and its calendar of working days."""

from bisect import bisect_right
from datetime import date

from django.db.models import Q

from feedback.models import DueRule
from feedback.rules import DEFAULT_DAYS, RECEIPT_DAYS, due_day, next_review, resumed_due
from meetings.workdays import calendar_for


class Clock:
    """The rules of one province on one day, read once and asked as often as needed.

    The working days are read by the year, when a day of that year is first asked for.
    """

    def __init__(self, province_id, day):
        rules = DueRule.objects.on(day).filter(Q(province=None) | Q(province_id=province_id))
        rows = rules.order_by("valid_from", "pk").values_list("province_id", "competence", "topic_id", "days")
        self._days = {(bool(province), competence, topic): days for province, competence, topic, days in rows}
        self._province_id, self._calendars = province_id, {}

    def days(self, competence, topic_id=None):
        """The nearest rule wins: the province's for the topic, its general one, then those for everywhere."""
        for own in (True, False):
            for topic in (topic_id, None):
                found = self._days.get((own, str(competence), topic))
                if found is not None:
                    return found
        return DEFAULT_DAYS[competence]

    def due_on(self, received_on, competence, topic_id=None):
        return due_day(received_on, self.days(competence, topic_id), self)

    def receipt_due_on(self, day):
        """By when those who received a matter on `day` must have said so."""
        return self._calendar(day.year).add(day, RECEIPT_DAYS)

    def resumed(self, due_on, waiting_from, today):
        return resumed_due(due_on, waiting_from, today, self)

    def review_on(self, today, planned_on):
        return next_review(today, planned_on, self)

    def roll_forward(self, day):
        """The first working day on or after `day`."""
        return self._calendar(day.year).roll_forward(day)

    def _calendar(self, year):
        if year not in self._calendars:
            self._calendars[year] = calendar_for(self._province_id, date(year, 1, 1), date(year, 12, 31))
        return self._calendars[year]


class ClocksOverTime:
    """One Clock for a province and a stretch of days on which no due rule begins or ends: for books of many years."""

    def __init__(self):
        rules = DueRule.objects.values_list("valid_from", "valid_to")
        self._turns = sorted({day for span in rules for day in span if day})
        self._clocks = {}

    def of(self, province_id, day):
        key = province_id, bisect_right(self._turns, day)
        if key not in self._clocks:
            self._clocks[key] = Clock(province_id, day)
        return self._clocks[key]


class Clocks:
    """One Clock a province, for many opinions on one day."""

    def __init__(self, today):
        self._today, self._clocks = today, {}

    def of(self, opinion):
        if opinion.province_id not in self._clocks:
            self._clocks[opinion.province_id] = Clock(opinion.province_id, self._today)
        return self._clocks[opinion.province_id]
