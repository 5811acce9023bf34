"""Courses of the last two years with village cadres by name, and some commendations."""

import random
from datetime import timedelta

from django.db import transaction

from feedback.enums import InitiativeStage, Visibility
from feedback.models import Initiative
from giaoban.demo.material import fold_words, word_list
from giaoban.demo.store import Shelf, reset_sequences
from people.enums import VILLAGE_POSITIONS, Role
from people.models import Post
from units.enums import Level
from visits.models import Commendation, TrainingCourse, TrainingTurn

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
