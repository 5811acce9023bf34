"""Ratings of the last two years, some weak places that are helped with their quarterly checks, and yearly sheets."""

import random
from datetime import date, timedelta

from django.db import transaction

from core.periods import Period
from feedback.enums import InitiativeStage, Visibility
from feedback.models import Initiative
from people.enums import VILLAGE_POSITIONS, Role
from people.models import Post, User
from people.reads import title_of
from tools.demo.material import fold_words, word_list
from tools.demo.store import Shelf, reset_sequences
from tools.demo.tables import moment
from units.enums import BodyKind, Level
from units.models import Body
from visits.enums import KNOWERS_ABOVE, HelpOutcome, Knower, Rating, SheetState, SituationState
from visits.helped.rules import SIGNED_FROM_MONTH, quarters_asked
from visits.models import (
    Assignment,
    CellRating,
    Commendation,
    Explanation,
    HelpedCheck,
    HelpedUnit,
    Knowing,
    Situation,
    TrainingCourse,
    TrainingTurn,
    YearlySheet,
)
from visits.sheets.reads import frozen, year_facts
from visits.situations.reads import assigned_at

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


DAYS_AGO = (430, 75)
SHARE_THERE = 0.8


@transaction.atomic
def keep_registers(world, world_name, seed, accounts):
    """Of the units whose officers have accounts; returns how many turns."""
    rng = random.Random(f"registers {world_name} {seed}")
    shelves = Shelf(TrainingCourse, is_sample=True), Shelf(TrainingTurn), Shelf(Commendation, is_sample=True)
    courses, turns, commendations = shelves
    for account in accounts.opened:
        if account.role in (Role.COMMUNE, Role.DISTRICT):
            _teach(world, rng, account, courses, turns)
            if account.role == Role.COMMUNE and world.is_alive(account.unit.pk, world.today):
                _praise(world, rng, account, commendations)
    _, number, _ = [shelf.save() for shelf in shelves]
    reset_sequences(shelves)
    return number


def _teach(world, rng, account, courses, turns):
    """Two courses, for whoever held a village post below the unit on the day."""
    unit, words = account.unit, word_list("registers")
    for number, back in enumerate(DAYS_AGO):
        day = world.today - timedelta(days=back + rng.randint(0, 20))
        if not world.is_alive(unit.pk, day):
            continue
        posts = _village_posts(unit, day)
        if not posts:
            continue
        title, content = words["courses"][unit.level][number]
        ended = day + timedelta(days=unit.level == Level.DISTRICT)
        location, document = rng.choice(words["locations"]), f"{rng.randint(10, 90)}-KH (minh họa)"
        course_id = courses.add(
            unit_id=unit.pk, level=unit.level, title=title, content=content, location=location, document=document,
            started_on=day, ended_on=ended, created_by_id=account.user_id, **world.place(unit.pk, day).columns,
            search_text=fold_words(f"{title} {content} {location} {document} {world.name(unit.pk, day)}"),
        )  # fmt: skip
        for post in posts:
            if rng.random() < SHARE_THERE:
                turns.add(course_id=course_id, person_id=post.person_id, post_id=post.pk, village_id=post.unit_id)


def _village_posts(unit, day):
    """One post a person."""
    posts = Post.objects.on(day).under(unit, day).filter(unit__level=Level.VILLAGE, position__in=VILLAGE_POSITIONS)
    return list({post.person_id: post for post in posts.order_by("-pk")}.values())[::-1]


def _praise(world, rng, account, commendations):
    """A cadre of a village, a village, and whoever's initiative was put to use."""
    words, commune = word_list("registers"), account.unit
    posts = _village_posts(commune, world.today)
    if not posts:
        return
    issuer = f"UBND {world.name(commune.pk, world.today)}"
    for number, back in enumerate((210, 40)):
        day = world.today - timedelta(days=back + rng.randint(0, 25))
        held = [post for post in posts if post.valid_from <= day and world.is_alive(post.unit_id, day)]
        if held and world.is_alive(commune.pk, day):
            post = rng.choice(held)
            person = {"person_id": post.person_id, "post_id": post.pk} if number == 0 else {}
            reason = rng.choice(words["reasons"]) if person else words["village_reason"]
            _commend(world, rng, account, commendations, post.unit_id, day, reason, issuer, **person)
    _praise_idea(world, rng, account, commendations, issuer)


def _praise_idea(world, rng, account, commendations, issuer):
    ideas = Initiative.objects.filter(stage=InitiativeStage.ADOPTED, opinion__commune=account.unit)
    ideas = ideas.exclude(opinion__visibility=Visibility.RESTRICTED).exclude(opinion__hides_speaker=True)
    ideas = ideas.exclude(adopted_on=None).exclude(opinion__village=None).select_related("opinion")
    idea = ideas.order_by("-commended_on", "-adopted_on", "-pk").first()
    if idea:
        day = min(idea.commended_on or idea.adopted_on + timedelta(days=20), world.today)
        if world.is_alive(idea.opinion.village_id, day):
            reason, village_id = word_list("registers")["idea_reason"], idea.opinion.village_id
            more = {"initiative_id": idea.pk}
            _commend(world, rng, account, commendations, village_id, day, reason, issuer, **more)


def _commend(world, rng, account, commendations, village_id, day, reason, issuer, **more):
    number, name = f"{rng.randint(60, 900)}/QĐ (minh họa)", world.name(village_id, day)
    commendations.add(
        unit_id=village_id, village_id=village_id, level=Level.VILLAGE, form="paper", issuer=issuer[:160],
        decision_number=number, decided_on=day, reason=reason, created_by_id=account.user_id,
        search_text=fold_words(f"{name} {issuer} {number} {reason}"), **more, **world.place(village_id, day).columns,
    )  # fmt: skip


ORDINARY, LATEST, OLDEST = 6, 4, 150
HOURS = (7, 8, 9, 10, 14)
REVIEWED, EXPLAINED, SILENT = range(3)


@transaction.atomic
def report_situations(world, world_name, seed, accounts):
    """In the communes whose officers have accounts; returns how many."""
    teller = _Teller(world, random.Random(f"situations {world_name} {seed}"), accounts)
    officers = [a for a in accounts.opened if a.role == Role.COMMUNE and world.is_alive(a.unit.pk, world.today)]
    for officer in officers:
        teller.tell_ordinary(officer)
    cadres = [a for a in accounts.opened if a.role == Role.CADRE and world.is_alive(a.unit.pk, world.today)]
    below = [account for account in cadres if account.unit.level != Level.PROVINCE]
    for account in below[:1]:
        teller.tell_late(account)
    return teller.save()


class _Teller:
    def __init__(self, world, rng, accounts):
        self.world, self.rng, self.accounts = world, rng, accounts
        self.words = word_list("situations")
        self.situations = Shelf(Situation, is_sample=True)
        self.knowings, self.explanations = Shelf(Knowing), Shelf(Explanation)

    def save(self):
        shelves = self.situations, self.knowings, self.explanations
        number, *_ = [shelf.save() for shelf in shelves]
        reset_sequences(shelves)
        return number

    def tell_ordinary(self, officer):
        """At villages of the commune; whoever was assigned there answers, many places of long ago had nobody."""
        villages = self.world.villages(officer.unit.pk, self.world.today)
        if not villages:
            return
        stories = self.rng.sample(self.words["ordinary"], ORDINARY)
        for number, story in enumerate(stories):
            back = LATEST + (OLDEST - LATEST) * number // ORDINARY + self.rng.randint(0, 9)
            day = self.world.today - timedelta(days=back)
            village_id = self.rng.choice(villages)
            if not self.world.is_alive(village_id, day):
                continue
            place = self.world.place(village_id, day)
            assigned = assigned_at(place, day)
            hours = self._ordinary_hours(bool(assigned))
            state = SituationState.CLOSED if number > 1 else (SituationState.OPEN, SituationState.HANDLING)[number]
            self._add(story, village_id, place, day, assigned[0] if assigned else None, hours, state, officer)

    def _ordinary_hours(self, has_cadre):
        """{knower: hours after it happened}: from below upwards, as it should be."""
        first = self.rng.choice((0, 1, 1, 2))
        hours = {Knower.VILLAGE: first, Knower.COMMUNE: first + self.rng.choice((2, 3, 5))}
        if has_cadre:
            hours[Knower.RESPONSIBLE] = first + 1
        return hours

    def tell_late(self, account):
        """Three that the cadre's own committee knew first: reviewed, explained, and not explained yet."""
        held = Assignment.objects.on(self.world.today).filter(person_id=account.term.someone.person_id)
        assignment = held.filter(group="").select_related("unit").order_by("is_deputy", "pk").first()
        keeper = self._keeper(account)
        if assignment is None or keeper is None:
            return
        for fate, story in zip((REVIEWED, EXPLAINED, SILENT), self.words["late"], strict=True):
            day = self.world.today - timedelta(days=(44, 12, 5)[fate])
            if day < assignment.valid_from:
                continue
            above = KNOWERS_ABOVE[account.unit.level][0]
            hours = {Knower.VILLAGE: 0, above: 1}
            if fate != SILENT:
                hours[Knower.RESPONSIBLE] = (6, 4)[fate]
            state = (SituationState.CLOSED, SituationState.HANDLING, SituationState.HANDLING)[fate]
            place = self.world.place(assignment.unit_id, day)
            situation_id = self._add(story, assignment.unit_id, place, day, assignment, hours, state, keeper)
            self._explain(situation_id, fate, day, account, keeper)

    def _keeper(self, account):
        """Whoever says the word of the level above: a leader of the cadre's own unit."""
        roles = (Role.LEADER, Role.COMMUNE_LEADER)
        found = (each for each in self.accounts.opened if each.unit == account.unit and each.role in roles)
        return next(found, None)

    def _add(self, story, unit_id, place, day, assignment, hours, state, keeper):
        title, account, outcome = story
        is_closed = state == SituationState.CLOSED
        begun = moment(day, self.rng.choice(HOURS), self.rng.choice((0, 15, 30)))
        known = {knower: begun + timedelta(hours=number) for knower, number in hours.items()}
        reported = max(known.values()) + timedelta(hours=self.rng.choice((1, 2, 3)))
        handling = reported + timedelta(hours=self.rng.choice((2, 3, 24)))
        closed = handling + timedelta(hours=self.rng.choice((24, 48, 72)))
        name = self.world.name(unit_id, day)
        situation_id = self.situations.add(
            unit_id=unit_id, level=self.world.units[unit_id].level, village_id=place.village_id, title=title,
            account=account, happened_at=begun, state=state, reported_at=reported,
            responsible_id=assignment and assignment.person_id, responsible_post_id=assignment and assignment.post_id,
            reported_to=self.rng.choice(self.words["reported"]), outcome=outcome if is_closed else "",
            handling_at=None if state == SituationState.OPEN else handling, closed_at=closed if is_closed else None,
            search_text=fold_words(f"{title} {account} {name}"), created_by_id=keeper.user_id,
            created_at=reported, **place.columns,
        )  # fmt: skip
        for knower, at in known.items():
            self.knowings.add(
                situation_id=situation_id, knower=knower, known_at=at, noted_by_id=keeper.user_id,
                from_whom=self.rng.choice(self.words["sources"][knower]), noted_by_name=self._signed(keeper),
            )  # fmt: skip
        return situation_id

    def _explain(self, situation_id, fate, day, account, keeper):
        if fate == SILENT:
            return
        review = {}
        if fate == REVIEWED:
            review = {
                "review": self.words["review"], "reviewed_at": moment(day + timedelta(days=6), 9),
                "reviewed_by_id": keeper.user_id, "reviewed_by_name": self._signed(keeper),
            }  # fmt: skip
        self.explanations.add(
            situation_id=situation_id, text=self.words["explanations"][fate], version=1 + bool(review),
            written_at=moment(day + timedelta(days=3), 10), written_by_id=account.user_id, **review,
        )  # fmt: skip

    def _signed(self, keeper):
        return f"{keeper.term.someone.name}, {self.world.name(keeper.unit.pk, self.world.today)}"
