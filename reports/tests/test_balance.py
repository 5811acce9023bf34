"""Opening and received are what was answered, set aside and left: for every period, unit and boundary."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db.models import Q

from core.periods import Period
from feedback.models import Opinion
from reports.figures import balance_of, figures
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
        assert found.on_time <= found.on_time_extended <= found.answered - found.undated
        assert found.overdue <= min(found.remaining, found.judged)
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


DAY = timedelta(days=1)
SPRING = Period.parse("2025-Q2")


ANSWERS = (
    (SPRING.last, SPRING.last, {"on_time", "on_time_extended", "answered", "settled", "judged"}),
    (SPRING.last, SPRING.last - DAY, {"late", "answered", "settled", "judged"}),
    (SPRING.last + DAY, SPRING.last, {"remaining"}),
)
EARLIER = (
    (SPRING.first - DAY, set()),
    (SPRING.first, {"opening", "answered", "settled", "on_time", "on_time_extended", "judged"}),
)
LEFT = (
    ("assigned", TODAY, None, False),
    ("assigned", TODAY - DAY, None, True),
    ("scheduled", TODAY - DAY, TODAY, False),
    ("scheduled", TODAY - DAY, TODAY - DAY, True),
    ("scheduled", TODAY, TODAY - DAY, False),
)


def test_each_number_counts_an_opinion_to_the_last_day_it_should(world):
    """Answered on its day is on time, on the period's last day of the period; overdue is what it is everywhere."""
    rows = Opinion.objects.filter(level="commune")
    of_spring = rows.filter(period_first__gte=SPRING.first, period_last__lte=SPRING.last)[0]
    of_winter = rows.filter(period_last__lt=SPRING.first).last()
    for settled_on, due_on, words in ANSWERS:
        assert _counted(of_spring, "resolved", settled_on, due_on=due_on) == {"received", *words}, settled_on
    for settled_on, words in EARLIER:
        assert _counted(of_winter, "resolved", settled_on, due_on=SPRING.last) == words, settled_on
    for status, due_on, planned_on, is_late in LEFT:
        words = _counted(of_spring, status, None, due_on=due_on, planned_on=planned_on)
        assert words == {
            *("received", "remaining"),
            *(("overdue",) if is_late else ()),
            *(("judged",) if due_on < TODAY else ()),
        }, (
            status,
            due_on,
            planned_on,
        )
        of_spring.refresh_from_db()
        listed = Opinion.objects.overdue(TODAY).filter(pk=of_spring.pk).exists()
        assert of_spring.is_overdue(TODAY) == listed == is_late


def _counted(row, status, settled_on, **days):
    """The numbers in which an opinion counts: those that fall when it goes away."""
    is_open = settled_on is None
    days |= {"first_due_on": days["due_on"], "promised_on": days["due_on"], "late_days": 0}
    Opinion.objects.filter(pk=row.pk).update(
        status=status, settled_on=settled_on, is_open=is_open, kind="petition", **days
    )
    reach = reach_of(row.unit, "then", TODAY)
    found = vars(balance_of(reach, SPRING, TODAY))
    without = vars(balance_of(replace(reach, opinions=reach.opinions & ~Q(pk=row.pk)), SPRING, TODAY))
    assert all(found[word] - without[word] in (0, 1) for word in found)
    return {word for word in found if found[word] != without[word]}
