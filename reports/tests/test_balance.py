"""Opening and received are what was answered, set aside and left: for every period, unit and boundary."""

from datetime import date, timedelta

import pytest

from core.periods import Period
from feedback.models import Opinion
from reports.balance import balance_of
from reports.figures import figures
from reports.reach import reach_of
from reports.tests.recount import belongs
from reports.tests.world import TODAY, fill, make_reform_tree

EXCLUDED = ("duplicate", "redirected", "withdrawn")


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree)
    rows = list(Opinion.objects.filter(is_open=False).exclude(status__in=EXCLUDED))
    for opinion in rows:
        opinion.settled_on = min(opinion.raised_on + timedelta(days=opinion.pk % 120), TODAY)
    Opinion.objects.bulk_update(rows, ["settled_on"])
    return tree


@pytest.mark.parametrize("word", ["2016", "2025", "2025-Q2", "2016-03", "2025-10"])
@pytest.mark.parametrize("boundaries", ["then", "now"])
def test_what_came_is_what_went_and_what_is_left(world, word, boundaries):
    period = Period.parse(word)
    for unit in (world.province, world.a, world.n1):
        found = balance_of(reach_of(unit, boundaries, TODAY), period, TODAY)
        assert found.opening + found.received == found.settled + found.explained + found.excluded + found.remaining
        assert found.answered == found.on_time + found.late + found.undated == found.settled + found.explained
        assert found.received == figures(unit, period, boundaries, TODAY)["opinions_received"]


def test_numbers_equal_a_recount(world):
    period, mine = Period.parse("2025-Q3"), belongs(world.province, "then", TODAY)
    rows = [o for o in Opinion.objects.all() if mine(o)]
    came = [o for o in rows if period.first <= o.period_first and o.period_last <= period.last]
    earlier = [o for o in rows if o not in came and o.period_first < period.first]
    before = [o for o in earlier if o.is_open or (o.settled_on and o.settled_on >= period.first)]
    left = [o for o in came + before if o.is_open or (o.settled_on and o.settled_on > period.last)]
    found = balance_of(reach_of(world.province, "then", TODAY), period, TODAY)
    assert (found.opening, found.received, found.remaining) == (len(before), len(came), len(left))
    assert found.overdue == sum(o.is_overdue(TODAY) for o in came + before)
    ended = [o for o in came + before if o not in left and o.settled_on and o.status not in EXCLUDED]
    dated = [o for o in ended if o.kind not in ("initiative", "good_practice")]
    assert found.on_time == sum(o.settled_on <= o.first_due_on for o in dated)
    assert found.late == sum(o.settled_on > o.first_due_on for o in dated)
    assert found.undated == len(ended) - len(dated)
    assert min(found.on_time, found.late, found.undated) > 0
    assert min(found.opening, found.received, found.remaining, found.settled) > 0


def test_what_is_answered_later_was_left_then_and_is_the_next_periods(world):
    summer = {"period_first__gte": date(2025, 7, 1), "period_last__lte": date(2025, 9, 30)}
    opinion = Opinion.objects.filter(level="commune", **summer).first()
    Opinion.objects.filter(pk=opinion.pk).update(settled_on=date(2025, 10, 5), status="resolved", is_open=False)
    reach = reach_of(opinion.unit, "then", TODAY)
    summer, autumn = (balance_of(reach, Period.parse(word), TODAY) for word in ("2025-Q3", "2025-Q4"))
    assert summer.remaining == autumn.opening
    Opinion.objects.filter(pk=opinion.pk).update(settled_on=date(2025, 9, 5))
    assert balance_of(reach, Period.parse("2025-Q3"), TODAY).remaining == summer.remaining - 1


def test_what_was_set_aside_without_a_day_burdens_no_later_period(world):
    first = reach_of(world.province, "then", TODAY)
    before, then = (balance_of(first, Period.year(year), TODAY) for year in (2025, 2016))
    row = Opinion.objects.filter(year=2016, is_open=False).exclude(status__in=EXCLUDED).first()
    Opinion.objects.filter(pk=row.pk).update(status="withdrawn", settled_on=None)
    assert balance_of(first, Period.year(2025), TODAY).opening <= before.opening
    assert balance_of(first, Period.year(2016), TODAY).excluded == then.excluded + 1
