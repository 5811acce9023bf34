"""Chainable nouns over people, posts and accounts."""

from datetime import date

from django.apps import apps
from django.db import models
from django.db.models import DateField, Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from core.text import fold
from people.enums import POST_EDITORS, VILLAGE_POSITIONS, Role
from units.querysets import in_force_on
from units.scoping import CONTENT_ROLES, scope_of

DIRECTORY_ROLES = CONTENT_ROLES | {"admin"}
FOREVER = Value(date.max, output_field=DateField())


def _branch(user):
    """Ids of the units at which the user may look at people."""
    return scope_of(user).unit_ids(DIRECTORY_ROLES)


def _below(unit_ids):
    return apps.get_model("units", "UnitLineage").objects.filter(ancestor_id__in=unit_ids)


class PostQuerySet(models.QuerySet):
    def on(self, day):
        """Posts in force on `day`: begun, not ended, at a unit that still exists."""
        unit_lives = Q(unit__valid_to__isnull=True) | Q(unit__valid_to__gt=day)
        return self.filter(in_force_on(day) & unit_lives)

    def visible_to(self, user, day=None):
        """Posts held while their unit lay in the user's branch (on `day`, if given): an archive shows its own time."""
        lineage = _below(_branch(user)).filter(unit=OuterRef("unit"))
        if day:
            return self.filter(Exists(lineage.on(day)))
        still_there = Q(valid_to__isnull=True) | Q(valid_to__gt=OuterRef("valid_from"))
        return self.filter(Exists(lineage.filter(still_there, valid_from__lt=Coalesce(OuterRef("valid_to"), FOREVER))))

    def under(self, unit, day):
        """Posts at the unit and at all that lay below it on `day`."""
        return self.filter(Exists(_below([unit.pk]).filter(unit=OuterRef("unit")).on(day)))

    def of_villages(self):
        """The three posts the liaison meeting is for."""
        return self.filter(position__in=VILLAGE_POSITIONS)

    def matching(self, text):
        return self.filter(person__search_text__contains=fold(text)) if text else self


class PersonQuerySet(models.QuerySet):
    def visible_to(self, user):
        """People who hold or held a post in the user's branch, and the user's own person."""
        posts = apps.get_model("people", "Post").objects.visible_to(user).filter(person=OuterRef("pk"))
        return self.filter(Exists(posts) | Q(pk=getattr(user, "person_id", None)))


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Accounts whose post lies in a branch the user administers, and the user's own."""
        branch = scope_of(user).unit_ids({Role.ADMIN})
        posts = apps.get_model("people", "Post").objects.filter(person=OuterRef("person"))
        posts = posts.filter(Exists(_below(branch).filter(unit=OuterRef("unit"))))
        return self.filter(Exists(posts) | Q(pk=user.pk))

    def active(self):
        return self.filter(is_active=True)


class RosterImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own files, while one still keeps the posts of their unit."""
        grants = [grant for grant in scope_of(user).grants if grant.writes and grant.role in POST_EDITORS]
        branch = {pk for grant in grants for pk in grant.unit_ids}
        return self.filter(Exists(_below(branch).filter(unit=OuterRef("unit"))), created_by_id=user.pk)
