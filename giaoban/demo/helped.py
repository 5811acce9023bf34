"""Ratings of the last two years, some weak places that are helped with their quarterly checks, and yearly sheets."""

import random
from datetime import date, timedelta

from django.db import transaction

from core.periods import Period
from giaoban.demo.store import Shelf, reset_sequences
from giaoban.demo.tables import moment
from people.enums import Role
from people.models import Post, User
from people.selectors import title_of
from units.enums import BodyKind
from units.models import Body
from visits.enums import HelpOutcome, Rating, SheetState
from visits.helped.rules import SIGNED_FROM_MONTH, quarters_asked
from visits.models import Assignment, CellRating, HelpedCheck, HelpedUnit, YearlySheet
from visits.sheets.facts import frozen, year_facts

YEARS_RATED, HELPED_A_UNIT = 2, 3
SHARES = {Rating.STRONG: 62, Rating.GOOD: 27, Rating.DONE: 9, Rating.FAILED: 2}
SHARE_KEPT = 0.7
"""How many places keep their rating of the year before."""

HELPERS = (Role.CADRE, Role.COMMUNE_LEADER, Role.LEADER)
SIGNERS = (Role.COMMUNE_LEADER, Role.LEADER, Role.PROVINCE)
REASONS = (
    "Chi bộ chưa đạt trong sạch, vững mạnh; sinh hoạt chưa đều, ít bàn việc của dân.",
    "Phối hợp giữa cấp ủy, trưởng thôn và các đoàn thể còn rời rạc; kiến nghị của dân chậm được trả lời.",
    "Tỷ lệ đảng viên dự sinh hoạt thấp; chưa phân công đảng viên phụ trách hộ.",
)
PLAN = (
    "Cùng cấp ủy chuẩn bị nội dung sinh hoạt chi bộ hằng tháng.\n"
    "Mỗi quý dự một buổi sinh hoạt, góp ý cách điều hành.\n"
    "Rà soát kiến nghị còn tồn của thôn, khu cùng cấp xã."
)
PROGRESS = (
    "Sinh hoạt đúng ngày, có nghị quyết tháng; còn ít ý kiến thảo luận.",
    "Đảng viên dự họp đông hơn quý trước; đã phân công phụ trách hộ, một số việc chưa làm.",
    "Chi hội phụ nữ, nông dân họp lại đều; kiến nghị về đường thôn đã được xã trả lời.",
)
NEXT = "Quý sau dự sinh hoạt chuyên đề, kiểm tra việc đã giao cho từng đảng viên."
OWN_WORDS = "Trong năm tôi bám địa bàn được phân công, ghi và báo cáo kết quả sau mỗi lượt đi; có tháng ghi còn chậm."
REMARK = "Đi đủ địa bàn, nắm được việc nổi lên ở cơ sở và chuyển cấp xã kịp thời. Cần ghi lượt đi sớm hơn."
EXIT_NOTE = "Chi bộ sinh hoạt đều, có kế hoạch năm sau; cấp ủy xã tiếp tục theo dõi."


@transaction.atomic
def rate_and_help(world, world_name, seed, accounts):
    """Of both worlds; returns how many ratings were made."""
    rng = random.Random(f"helped {world_name} {seed}")
    ratings = Shelf(CellRating, is_sample=True)
    for year in range(world.today.year - YEARS_RATED, world.today.year):
        _rate(world, rng, ratings, year)
    rows = list(ratings.rows)
    number = ratings.save()
    reset_sequences([ratings])
    _help(world, rng, accounts, rows)
    _open_sheets(world, accounts)
    return number


def _rate(world, rng, ratings, year):
    """Every village that was there at the year's end."""
    before = {row["unit_id"]: row["rating"] for row in ratings.rows}
    day, document = date(year, 12, 31), f"Quyết định công nhận xếp loại năm {year} (minh họa)"
    for commune in world.on("commune", day):
        for village_id in world.villages(commune.pk, day):
            rating = before.get(village_id)
            if rating is None or rng.random() > SHARE_KEPT:
                rating = rng.choices(list(SHARES), SHARES.values())[0]
            place = world.place(village_id, day)
            if place.province_id == world.province.pk:
                ratings.add(
                    unit_id=village_id, level="village", year=year, rating=rating, document=document, **place.columns
                )  # fmt: skip


def _help(world, rng, accounts, ratings):
    """Cadres and bodies of the units that have accounts help some weak villages below them."""
    today = world.today
    year = today.year if today >= date(today.year, 4, 1) else today.year - 1
    weak = [row for row in ratings if row["year"] == year - 1 and row["rating"] in (Rating.DONE, Rating.FAILED)]
    posts = Post.objects.select_related("body").in_bulk([account.term.post_id for account in accounts.opened])
    taken, helped = set(), []
    for account in accounts.opened:
        post, unit = posts[account.term.post_id], account.unit
        begun = date(year, 1, rng.randint(8, 28))
        if account.role not in HELPERS or post.valid_from > begun or not world.is_alive(unit.pk, today):
            continue
        below = [row for row in weak if row[f"{unit.level}_id"] == unit.pk and row["unit_id"] not in taken]
        for row in rng.sample(below, min(len(below), HELPED_A_UNIT)):
            if world.is_alive(row["unit_id"], begun):
                taken.add(row["unit_id"])
                helped.append(_helped(world, rng, row["unit_id"], post, unit, begun))
    _hand_one_to_a_body(helped, [post.body for post in posts.values() if post.body_id])
    for number, each in enumerate(helped):
        _end(each, number, today)
    HelpedUnit.objects.bulk_create(helped)
    checks = [check for number, each in enumerate(helped) for check in _checks(rng, each, number, today)]
    HelpedCheck.objects.bulk_create(checks)


def _helped(world, rng, village_id, post, unit, begun):
    return HelpedUnit(
        unit_id=village_id, level=unit.level, year=begun.year, helper_post=post, registered_on=begun,
        reason=rng.choice(REASONS), plan=PLAN, document=f"Kế hoạch giúp đỡ năm {begun.year} (minh họa)",
        is_sample=True, **world.place(village_id, begun).columns,
    )  # fmt: skip


def _hand_one_to_a_body(helped, of_accounts):
    """The second line of every unit is a body's, as in Hòa Vang: the one with an account, else the organisers'."""
    units = {each.helper_post.unit_id for each in helped}
    bodies = Body.objects.filter(unit_id__in=units, kind=BodyKind.PARTY, name__startswith="Ban Tổ chức").order_by("pk")
    bodies = {body.unit_id: body for body in (*bodies, *of_accounts)}
    seen = set()
    for each in helped:
        unit_id = each.helper_post.unit_id
        body = bodies.get(unit_id)
        if unit_id in seen and body and body.valid_from <= each.registered_on:
            each.helper_post, each.helper_body = None, body
            bodies.pop(unit_id)
        seen.add(unit_id)


def _end(each, number, today):
    """One in four has ended by the third quarter's last day."""
    day = date(each.year, 9, 25)
    if number % 4 == 2 and day <= today:
        each.exited_on, each.outcome, each.outcome_note = day, HelpOutcome.STRONGER, EXIT_NOTE


def _checks(rng, each, number, today):
    """One a quarter that has ended; one in four misses the latest."""
    ended = [quarter for quarter in quarters_asked(each.registered_on, each.exited_on) if quarter.last < today]
    for quarter in ended[:-1] if number % 4 == 1 else ended:
        day = quarter.first + timedelta(days=rng.randint(40, 75))
        person = each.helper_post.person.name if each.helper_post else f"Lãnh đạo {each.helper_body.name}"
        yield HelpedCheck(
            helped=each, quarter=quarter.code, checked_on=day, checked_by_name=person, progress=rng.choice(PROGRESS),
            next_steps=NEXT if rng.random() < 0.6 else "",
        )  # fmt: skip


def _open_sheets(world, accounts):
    """Drafts of this year for the cadres of units whose leader has an account; one of each unit, of somebody
    without an account, is signed when due."""
    today = world.today
    signers = {account.unit.pk: account for account in accounts.opened if account.role in SIGNERS}
    assigned = Assignment.objects.filter(post__unit__in=signers).overlapping(Period.year(today.year))
    sheets = {}
    for each in assigned.select_related("person", "post").order_by("pk"):
        unit = signers[each.post.unit_id].unit
        if world.is_alive(unit.pk, today):
            place = world.place(unit.pk, today)
            sheets.setdefault(
                each.person_id,
                YearlySheet(
                    person=each.person, post=each.post, unit=unit, level=unit.level, year=today.year, **place.columns
                ),
            )
    users = User.objects.in_bulk([account.user_id for account in signers.values()])
    signed, own = set(), {account.term.someone.person_id for account in accounts.opened}
    for sheet in sheets.values():
        if sheet.unit_id not in signed and sheet.person_id not in own:
            signed.add(sheet.unit_id)
            sheet.own_words, sheet.remark = OWN_WORDS, REMARK
            if today >= date(today.year, SIGNED_FROM_MONTH, 1):
                _sign(sheet, users[signers[sheet.unit_id].user_id], today)
    YearlySheet.objects.bulk_create(sheets.values())


def _sign(sheet, user, today):
    day = today - timedelta(days=1)
    sheet.state, sheet.version = SheetState.SIGNED, 3
    sheet.facts = frozen(year_facts(sheet.person_id, sheet.unit_id, sheet.year, day), day)
    sheet.signed_at, sheet.signed_by_id = moment(day, 16), user.pk
    sheet.signed_by_name = title_of(user, today)[:200]
