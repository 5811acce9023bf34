"""Figures that leaders said: what the press published, a share, one beyond our years, and one that time overtook."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from core.display import group_digits
from core.periods import Period
from feedback.papers.letterhead import day_within
from meetings.models import Meeting
from people.enums import Role
from people.models import User
from people.selectors import title_of
from reports.claims.counting import count_of, unknown_years
from reports.claims.services import note_count
from reports.enums import Comparison
from reports.measures import ANSWERED
from reports.models import Claim
from reports.published import EXCHANGE, GRASSROOTS, QUANG_NINH, SINCE_2014, YEAR_2016, published_of
from units.enums import Level
from units.selectors import place_on


def pin_figures(world, world_name, seed, accounts):
    """Four of the province and one of a district that has an account; returns how many."""
    rng = random.Random(f"claims {world_name} {seed}")
    pinners = {}
    for account in accounts.opened:
        if account.role in (Role.PROVINCE, Role.LEADER):
            pinners.setdefault(account.unit.level, account)
    claims = [*_of_province(world, rng), *_of_district(pinners.get(Level.DISTRICT))]
    users = User.objects.select_related("person").in_bulk([account.user_id for account in pinners.values()])
    for claim in claims:
        if account := pinners.get(claim.unit.level):
            claim.pinned_by_id = account.user_id
            claim.pinned_by_name = title_of(users[account.user_id], world.today)[:200]
        _count(claim, world.today, rng)
    Claim.objects.bulk_create(claims)
    return len(claims)


def _of_province(world, rng):
    first, last = published_of(QUANG_NINH, YEAR_2016), published_of(QUANG_NINH, SINCE_2014)
    meetings, rounds = first["commune_meetings"], last["district_meetings"]
    yield _claim(world.province, meetings, f"Năm 2016, toàn tỉnh tổ chức {meetings.words}", GRASSROOTS.title)
    share = replace(last["opinions_confirmed"], measure=ANSWERED)
    words = "Hơn 98% ý kiến, kiến nghị của năm 2016 đã được trả lời"
    yield _claim(world.province, share, words, "Báo cáo tổng kết năm 2016", period=YEAR_2016)
    yield _claim(world.province, rounds, f"Từ năm 2014 đến năm 2020 đã có {rounds.words}", EXCHANGE.title)
    yield from _overtaken(world)


def _overtaken(world):
    """What was held by the beginning of the month: said then, and grown since."""
    day, year = world.today.replace(day=1), world.today.year
    held = Meeting.objects.held().in_period(Period.year(year)).filter(level=Level.COMMUNE, province=world.province)
    if number := held.filter(held_on__lt=day).count():
        words = f"Từ đầu năm {year} đến nay, toàn tỉnh đã tổ chức {group_digits(number)} hội nghị giao ban cấp xã"
        facts = {"measure": "commune_meetings", "stated": Decimal(number), "comparison": Comparison.EXACTLY}
        claim = Claim(unit=world.province, words=words, source="Phát biểu tại hội nghị giao ban cấp tỉnh", **facts)
        claim.period, claim.pinned_on = f"{year}", day
        claim.pinned_part, claim.pinned_whole = number, None
        yield claim


def _of_district(account):
    """All rounds of 2016 of the district, as a share."""
    if account:
        words = f"Năm 2016, hơn 70% số kỳ giao ban cấp xã của {account.unit.name} được tổ chức"
        facts = {"measure": "commune_occurrences_held", "over": "commune_expected", "stated": Decimal(70)}
        yield Claim(
            unit=account.unit,
            words=words,
            source="Báo cáo năm 2016",
            comparison=Comparison.OVER,
            period=YEAR_2016,
            **facts,
        )


def _claim(unit, figure, words, source, period=""):
    return Claim(
        unit=unit,
        words=words,
        source=source,
        measure=figure.measure,
        over=figure.over,
        less=figure.less,
        comparison=figure.comparison,
        stated=figure.stated,
        period=period or figure.period,
    )


def _count(claim, today, rng):
    """Placed, counted as of today; pinned some weeks ago with the same number, unless it says its own."""
    unit = claim.unit
    for name, value in place_on(unit, day_within(unit, today)).columns.items():
        setattr(claim, name, value)
    claim.level, claim.is_sample = unit.level, True
    count = count_of(claim, today)
    if claim.pinned_on is None:
        claim.pinned_on = today - timedelta(days=rng.randrange(20, 90))
        claim.pinned_part, claim.pinned_whole = count.part, count.whole
    note_count(claim, count, unknown_years(claim, today), today)
