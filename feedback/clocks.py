"""Which number of days an opinion has, by the dated rules of a province; without a rule, the product's defaults."""

from django.db.models import Q

from feedback.models import DueRule
from feedback.rules import DEFAULT_DAYS, due_day


class Clock:
    """The rules of one province on one day, read once and asked as often as needed."""

    def __init__(self, province_id, day):
        rules = DueRule.objects.on(day).filter(Q(province=None) | Q(province_id=province_id))
        rows = rules.order_by("valid_from", "pk").values_list("province_id", "competence", "topic_id", "days")
        self._days = {(bool(province), competence, topic): days for province, competence, topic, days in rows}

    def days(self, competence, topic_id=None):
        """The nearest rule wins: the province's for the topic, its general one, then those for everywhere."""
        for own in (True, False):
            for topic in (topic_id, None):
                found = self._days.get((own, str(competence), topic))
                if found is not None:
                    return found
        return DEFAULT_DAYS[competence]

    def due_on(self, received_on, competence, topic_id=None):
        return due_day(received_on, self.days(competence, topic_id))


def due_days(province_id, competence, topic_id, day):
    """Days to resolve for one opinion; for many, keep a `Clock`."""
    return Clock(province_id, day).days(competence, topic_id)
