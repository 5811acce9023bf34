"""The lists people live in run as many queries for three rows as for one, and few of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.periods import Period
from feedback.models import Opinion, Topic
from feedback.thread.recording import OpinionDraft, record_opinions
from meetings.models import Meeting
from meetings.tests.builders import make_meeting, make_occurrence, make_rule

pytestmark = pytest.mark.django_db
MOST = 15
MOST_AT_HOME = 24
"""The home page asks one question of each part of the house: what waits there for this person."""


def _raise(cast, meeting, numbers, today):
    topic = Topic.objects.get(code="LAND")
    places = [village.pk for village in cast.tree.villages]
    drafts = [OpinionDraft(f"Ý kiến {n}", topic.pk, village_id=places[n % 3], number=n) for n in numbers]
    record_opinions(meeting=meeting, drafts=drafts, actor=cast.commune, today=today)


def _queries(browser, path):
    with CaptureQueriesContext(connection) as seen:
        answer = browser.get(path)
    assert answer.status_code == 200, path
    return len(seen), answer.content.decode()


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("commune", "/"),
        ("leader", "/"),
        ("specialist", "/"),
        ("leader", "/hoi-nghi/"),
        ("leader", "/hoi-nghi/?muc=ky"),
        ("leader", "/hoi-nghi/bieu-nhiet/"),
        ("leader", "/y-kien/"),
        ("leader", "/y-kien/?trang-thai=all"),
        ("leader", "/y-kien/in/"),
        ("commune", "MEETING"),
        ("leader", "/bao-cao/bieu/B8/"),
    ],
)
def test_three_rows_cost_what_one_costs(cast, signed_in, who, path):
    today = timezone.localdate()
    rule, month = make_rule(cast.tree.province), Period.of_day(today, "month")
    periods = [month, month.previous(), month.previous().previous()]
    first = make_meeting(cast.tree.a1, today, make_occurrence(rule, cast.tree.a1, month.code, met_on=today))
    _raise(cast, first, [1], today)
    path = first.get_absolute_url() if path == "MEETING" else path
    browser = signed_in(getattr(cast, who))
    browser.get(path)
    few, _ = _queries(browser, path)
    _raise(cast, first, [2, 3], today)
    for period in periods[1:]:
        make_meeting(cast.tree.a1, period.last, make_occurrence(rule, cast.tree.a1, period.code, met_on=period.last))
    Opinion.objects.update(due_on=today - timedelta(days=1))
    assert (Meeting.objects.count(), Opinion.objects.count()) == (3, 3)
    many, _ = _queries(browser, path)
    assert many <= few <= (MOST_AT_HOME if path == "/" else MOST), (who, path, few, many)
