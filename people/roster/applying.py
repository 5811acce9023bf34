"""The whole file or nothing: a plan is made again under lock, must be the one that was seen, and is written in bulk."""

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef

from core.activity import record_many
from core.errors import Conflict, DomainError
from core.intake import check_answers
from core.text import fold, person_sort_key
from people.access import may_manage_posts
from people.models import Person, Post
from people.roster.planning import HAND_OVER, Planner
from people.roster.world import read_world, villages_below
from units.models import Unit

BATCH = 500


def plan_drafts(drafts, *, actor, unit, today):
    """The Plan of the Drafts of a workbook."""
    return Planner(read_world(unit, today), today, lambda place: may_manage_posts(actor, place)).plan(*drafts)


@transaction.atomic
def apply_roster(drafts, *, actor, unit, today, digest=None, accepted=()):
    """Write the plan of these Drafts. `digest`: of the plan that was shown; another one is a Conflict. `accepted`: its
    questions that a person has agreed to. Applied twice, the second time finds nothing to do."""
    _lock(unit, today)
    plan = plan_drafts(drafts, actor=actor, unit=unit, today=today)
    if plan.faults:
        raise DomainError(f"Tệp còn {len(plan.faults)} lỗi nên chưa ghi gì. Sửa các dòng có lỗi rồi gửi lại.", "file")
    if digest is not None and plan.digest != digest:
        raise Conflict("Danh bạ vừa thay đổi so với bản đã xem. Hãy xem lại bản mới rồi ghi.")
    check_answers(plan.questions, accepted)
    people, made = _write_people(plan.writing)
    edited = _write_contacts(plan.writing)
    ended = _end_posts(plan.writing)
    begun = _begin_posts(plan.writing, people)
    record_many(
        actor.pk,
        [
            *(("person.edit", person, None, {"roster": True}) for person in edited),
            *(("post.end", post, None, {"on": str(post.valid_to)}) for post in ended),
            *(("post.begin", post, None, {"person": post.person_id, "position": post.position}) for post in begun),
            ("roster.import", unit, None, {"people": made, "begun": len(begun), "ended": len(ended)}),
        ]
        if plan.writing
        else [],
    )
    return plan


def _lock(unit, today):
    """Posts before units, as a hand-over does; whoever changes them meanwhile waits."""
    villages = villages_below(unit, today).values("pk")
    people = Person.objects.filter(Exists(Post.objects.filter(person=OuterRef("pk"), unit__in=villages)))
    for rows in (people, Post.objects.filter(unit__in=villages), Unit.objects.filter(pk__in=villages)):
        list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))


def _write_people(rows):
    """({who: person id} of everybody in the rows, how many are new)."""
    people, new = {}, {}
    for row in rows:
        if row.person_id:
            continue
        fields = new.setdefault(row.who, {"name": row.name, "phone": "", "email": ""})
        fields["phone"], fields["email"] = fields["phone"] or row.phone, fields["email"] or row.email
    made = Person.objects.bulk_create(
        [
            Person(sort_key=person_sort_key(each["name"]), search_text=fold(each["name"]), **each)
            for each in new.values()
        ],
        batch_size=BATCH,
    )
    people |= {who: person.pk for who, person in zip(new, made, strict=True)}
    return people, len(made)


def _write_contacts(rows):
    changes = {}
    for row in rows:
        if row.person_id and (row.phone or row.email):
            fields = changes.setdefault(row.person_id, {})
            fields |= {key: value for key, value in (("phone", row.phone), ("email", row.email)) if value}
    people = [Person(pk=pk) for pk in changes]
    for person, fields in zip(people, changes.values(), strict=True):
        person.phone, person.email = fields.get("phone"), fields.get("email")
    for name in ("phone", "email"):
        Person.objects.bulk_update([p for p in people if getattr(p, name)], [name], batch_size=BATCH)
    return people


def _end_posts(rows):
    """The posts handed over end on the day the next term begins."""
    days = {row.ends: date.fromisoformat(row.since) for row in rows if row.act == HAND_OVER}
    posts = list(Post.objects.filter(pk__in=days)) if len(days) <= BATCH else _in_batches(days)
    for post in posts:
        post.valid_to = days[post.pk]
    Post.objects.bulk_update(posts, ["valid_to"], batch_size=BATCH)
    return posts


def _in_batches(keys):
    keys = sorted(keys)
    return [
        post for start in range(0, len(keys), BATCH) for post in Post.objects.filter(pk__in=keys[start : start + BATCH])
    ]


def _begin_posts(rows, people):
    posts = [
        Post(
            person_id=row.person_id or people[row.who],
            unit_id=row.village_id,
            position=row.position,
            valid_from=date.fromisoformat(row.since),
        )
        for row in rows
        if row.since
    ]
    return Post.objects.bulk_create(posts, batch_size=BATCH)
