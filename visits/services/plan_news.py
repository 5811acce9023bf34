"""Who is told of a plan: the cadres who go, the communes and the villages they come to."""

from collections import Counter

from django.urls import reverse

from core.display import clock_text, day_text
from journal.services import notify_many
from people.enums import Role
from people.models import User
from people.selectors import users_with_roles
from visits.access import REVIEWERS


def tell_published(plan, actor, today):
    """One notice a person, however many lines concern them."""
    lines = list(plan.lines.standing().select_related("unit", "commune"))
    label = f"Kế hoạch đi cơ sở {plan.period.label_inside} của {plan.unit.name}"
    key = f"visit-plan-{plan.pk}-published"
    rows, names = [], {}
    people = Counter(line.person_id for line in lines)
    for pk, person_id in User.objects.active().filter(person_id__in=people).values_list("pk", "person_id"):
        text = f"{label} đã công bố: đồng chí có {people[person_id]} lượt"
        rows.append((pk, key, text, reverse("visit_plan_mine") + f"?ky={plan.period.code}"))
    for line in lines:
        names |= {line.commune_id: line.commune.name, line.village_id: line.unit.name}
    counts = Counter(line.commune_id for line in lines), Counter(line.village_id for line in lines if line.village_id)
    for places, roles in zip(counts, (REVIEWERS, {Role.VILLAGE}), strict=True):
        for unit_id, users in users_with_roles(set(places), roles, today).items():
            text = f"{label}: {places[unit_id]} lượt đến {names[unit_id]}"
            rows += [(user_id, key, text, plan.get_absolute_url()) for user_id in users]
    notify_many(row for row in rows if row[0] != actor.pk)


def tell_changed(line, words, actor, today, formerly=()):
    """One notice a person and change; `formerly`: (commune id, village id) of the place before the change."""
    pairs = {(line.commune_id, line.village_id), *formerly}
    users = set(User.objects.active().filter(person_id=line.person_id).values_list("pk", flat=True))
    for place, roles in enumerate((REVIEWERS, {Role.VILLAGE})):
        found = users_with_roles({pair[place] for pair in pairs if pair[place]}, roles, today)
        users |= {pk for pks in found.values() for pk in pks}
    key = f"planned-visit-{line.pk}-{line.version}"
    text = f"Lịch đi cơ sở {words}: {line.person.name}, {when_of(line)} tại {line.unit.name}"
    url = line.plan.get_absolute_url()
    notify_many((pk, key, text, url) for pk in users if pk != actor.pk)


def when_of(line):
    clock = f"{clock_text(line.starts_at)} " if line.starts_at else ""
    return f"{clock}ngày {day_text(line.planned_on)}"
