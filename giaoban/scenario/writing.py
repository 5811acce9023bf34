"""Writing the units of a file: units, versions, successions, then the tree."""

from datetime import date, timedelta

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from core.activity import empty_log
from core.models import Job
from core.text import fold, person_sort_key
from feedback.clocks.reads import ClocksOverTime
from feedback.enums import Competence, OpinionStatus, Verb, Visibility
from feedback.models import DueRule, Opinion, OpinionMove, Topic
from giaoban.scenario.checks import columns_of, end_of
from meetings.cadence.services import ensure_default_rules, plan_occurrences
from meetings.enums import MeetingStatus
from meetings.models import CountedAttendance, Meeting, MeetingFile, Occurrence
from people.enums import POSITION_OF_ROLE, Position, Role
from people.models import Person, Post, User
from units.enums import Level, SuccessionKind, UnitKind
from units.loading import rebuild_tree
from units.models import Unit, UnitHeritage, UnitLineage, UnitSuccession, UnitVersion
from units.services import ensure_default_body

BATCH = 1000
_K = UnitKind
KINDS = {
    Level.PROVINCE: [_K.TINH, _K.TP_TW],
    Level.DISTRICT: [_K.HUYEN, _K.QUAN, _K.THI_XA, _K.TP_THUOC_TINH],
    Level.COMMUNE: [_K.XA, _K.PHUONG, _K.THI_TRAN, _K.DAC_KHU],
    Level.VILLAGE: [_K.THON, _K.BAN, _K.KHU_PHO, _K.TO_DAN_PHO, _K.AP, _K.XOM, _K.LANG, _K.BUON, _K.KHOM],
}
FIRST_WORDS = {_K.TP_TW: "thành phố", _K.TP_THUOC_TINH: "thành phố", _K.KHU_PHO: "khu", _K.TO_DAN_PHO: "tổ"}
"""Where the name begins otherwise than with the kind's label."""


def kind_of(level, name):
    """The kind that the name begins with ("Phường Hà Tu"), else the usual one of the level."""
    words = f"{name.casefold()} "
    for kind in KINDS[level]:
        if words.startswith(f"{FIRST_WORDS.get(kind, kind.label.casefold())} "):
            return kind
    return KINDS[level][0]


def write_units(tree):
    """All rows of the tree; each UnitRow gets its pk."""
    rows = tree.in_order()
    units = Unit.objects.bulk_create([_unit(row) for row in rows], batch_size=BATCH)
    for row, unit in zip(rows, units, strict=True):
        row.pk = unit.pk
    UnitVersion.objects.bulk_create([version for row in rows for version in _versions(row)], batch_size=BATCH)
    UnitSuccession.objects.bulk_create([_succession(row) for row in rows if row.last_day], batch_size=BATCH)
    rebuild_tree()


def _unit(row):
    return Unit(
        key=f"{row.level}-{row.code}-{row.valid_from:%Y%m%d}",
        level=row.level,
        code=row.code,
        name=row.name,
        kind=kind_of(row.level, row.name),
        search_text=fold(row.name),
        valid_from=row.valid_from,
        valid_to=end_of(row),
    )


def _versions(row):
    for parent, start, end in row.spans:
        yield UnitVersion(
            unit_id=row.pk,
            name=row.name,
            kind=kind_of(row.level, row.name),
            parent_id=parent.pk if parent else None,
            valid_from=start,
            valid_to=end,
        )


def _succession(row):
    return UnitSuccession(
        predecessor_id=row.pk,
        successor_id=row.successor.pk if row.successor else None,
        kind=SuccessionKind.WHOLE if row.successor else SuccessionKind.ABOLISHED,
        effective_on=end_of(row),
    )


VILLAGE_WORDS = ("thôn", "bản", "khu", "khu phố", "ấp", "xóm", "làng", "buôn", "khóm")
VILLAGE_HEADS = {f"trưởng {word}" for word in VILLAGE_WORDS} | {"tổ trưởng dân phố", "tổ trưởng tổ dân phố"}
POSITIONS = {word.casefold(): position for position in Position for word in (position.value, position.label)}


def position_of(post):
    """(position, title) of a post as written: a known code or label, a village head by its local name, else a title."""
    word = post.casefold()
    if word in VILLAGE_HEADS:
        return Position.VILLAGE_HEAD, post
    position = POSITIONS.get(word, Position.OTHER)
    return (position, post) if position == Position.OTHER else (position, "")


def write_people(rows):
    """Persons with one post each, as long as the unit lasts."""
    people = Person.objects.bulk_create(
        [_person(row.name, phone=row.phone, source_key=f"scenario:{row.id}") for row in rows], batch_size=BATCH
    )
    posts = []
    for row, person in zip(rows, people, strict=True):
        position, title = position_of(row.post)
        posts.append(_post(person, row.unit, position=position, title=title))
    Post.objects.bulk_create(posts, batch_size=BATCH)


def write_accounts(rows, today):
    """Sample accounts: the given password stays, the post that gives the role lasts as long as the unit."""
    people = Person.objects.bulk_create(
        [_person(f"{Role(row.role).label} {row.unit.name}"[:120], is_sample=True) for row in rows], batch_size=BATCH
    )
    bodies = _bodies({row.unit.pk for row in rows if row.role == Role.AGENCY}, today)
    hashes = {password: make_password(password) for password in {row.password for row in rows}}
    users, posts = [], []
    for row, person in zip(rows, people, strict=True):
        users.append(User(username=row.username, person=person, password=hashes[row.password], is_sample=True))
        body_id = bodies[row.unit.pk] if row.role == Role.AGENCY else None
        position = POSITION_OF_ROLE[row.role]
        posts.append(_post(person, row.unit, position=position, role=row.role, body_id=body_id))
    User.objects.bulk_create(users, batch_size=BATCH)
    Post.objects.bulk_create(posts, batch_size=BATCH)


def _bodies(unit_ids, today):
    """{unit id: id of its People's Committee}, the body that answers where nobody named another."""
    units = Unit.objects.filter(pk__in=unit_ids)
    return {unit.pk: ensure_default_body(unit, _day_of(unit, today)).pk for unit in units}


def _day_of(unit, today):
    """Today, or for a unit that has ended its last day."""
    return min(today, unit.valid_to - timedelta(days=1)) if unit.valid_to else today


def _person(name, **columns):
    return Person(name=name, sort_key=person_sort_key(name), search_text=fold(name), **columns)


def _post(person, unit, **columns):
    return Post(person=person, unit_id=unit.pk, valid_from=unit.valid_from, valid_to=end_of(unit), **columns)


GROUP = "Đại biểu"
SOURCE = "Nạp từ tệp"
ANSWER = "Đã trả lời tại hội nghị."
COMPETENCES = {Level.COMMUNE: Competence.COMMUNE, Level.DISTRICT: Competence.DISTRICT}


def write_meetings(rows, today):
    """Rules and expected meetings of the years that have meetings, then the meetings with their attendance.

    Returns {row: Meeting}. Every meeting of a unit and period belongs to its expected meeting, which was met on the
    day of the first; a period on whose last day the unit was not in force expects none.
    """
    provinces = list(Unit.objects.level(Level.PROVINCE))
    for province in provinces:
        ensure_default_rules(province)
    rows = sorted(rows, key=lambda row: row.held_at)
    if rows:
        years = {row.period.last.year for row in rows}
        until = date(max(years), 12, 31)
        plan_occurrences(until, today, [unit.pk for unit in provinces], since=date(min(years), 1, 1))
    occurrences = {(row.unit_id, row.period): row for row in Occurrence.objects.all()}
    meetings = [_meeting(row, occurrences.get((row.unit.pk, row.period.code)), today) for row in rows]
    Meeting.objects.bulk_create(meetings, batch_size=BATCH)
    CountedAttendance.objects.bulk_create(
        [CountedAttendance(meeting=meeting, group=GROUP, number=meeting.attendance_count) for meeting in meetings],
        batch_size=BATCH,
    )
    _meet()
    return dict(zip(rows, meetings, strict=True))


def _meet():
    """The first day of the meetings of a round makes it held and complete; everybody met at once."""
    first = Meeting.objects.filter(occurrence=OuterRef("pk")).order_by("held_on").values("held_on")[:1]
    Occurrence.objects.update(begun_on=Subquery(first), met_on=Subquery(first))


def _meeting(row, occurrence, today):
    title = row.title or f"Hội nghị giao ban {row.period.label_inside} {row.unit.name}"
    is_reported = row.held_on.year < today.year
    return Meeting(
        unit_id=row.unit.pk,
        level=row.level,
        occurrence=occurrence,
        title=title,
        search_text=fold(title),
        status=MeetingStatus.LOCKED if is_reported else MeetingStatus.HELD,
        held_on=row.held_on,
        started_at=row.held_at.time(),
        logged_at=row.held_at,
        locked_on=today if is_reported else None,
        attendance_count=row.attended,
        opinion_count=len(row.opinions),
        source_key=f"scenario:{row.id}",
        **_period_of(row),
        **columns_of(row.unit, row.held_on),
    )


def _period_of(row):
    first, last = row.period.first, row.period.last
    return {"period_first": first, "period_last": last, "year": last.year, "month": last.month}


def write_opinions(meetings):
    """The opinions of {row: Meeting} with one move each."""
    topic, clocks = Topic.objects.get(code="OTHER"), ClocksOverTime()
    pairs = [
        (row, opinion, _opinion(row, opinion, number, meeting, topic, clocks))
        for row, meeting in meetings.items()
        for number, opinion in enumerate(row.opinions, 1)
    ]
    Opinion.objects.bulk_create([opinion for _, _, opinion in pairs], batch_size=BATCH)
    OpinionMove.objects.bulk_create([_move(row.held_at, opinion) for row, _, opinion in pairs], batch_size=BATCH)


def _opinion(row, opinion, number, meeting, topic, clocks):
    competence, day = COMPETENCES[row.level], row.held_on
    columns = columns_of(opinion.village or row.unit, day)
    answered = {
        "status": OpinionStatus.ANSWERED_ON_SPOT,
        "is_open": False,
        "answer": ANSWER,
        "settled_on": day,
        "first_settled_on": day,
    }
    return Opinion(
        meeting=meeting,
        origin_id=meeting.pk,
        unit_id=row.unit.pk,
        level=row.level,
        number=number,
        village_id=opinion.village.pk if opinion.village else None,
        topic=topic,
        competence=competence,
        visibility=Visibility.RESTRICTED if opinion.is_restricted else Visibility.NORMAL,
        text=opinion.text,
        search_text=fold(opinion.text),
        holder_id=row.unit.pk,
        raised_on=day,
        received_on=day,
        due_on=clocks.of(columns["province_id"], day).due_on(day, competence, topic.pk),
        source_key=f"scenario:{opinion.id}",
        **(answered if opinion.is_answered else {}),
        **_period_of(row),
        **columns,
    )


def _move(held_at, opinion):
    return OpinionMove(
        opinion=opinion,
        verb=Verb.RECORD if opinion.is_open else Verb.ANSWER_ON_SPOT,
        after=opinion.status,
        at=held_at,
        actor_name=SOURCE,
        holder_id=opinion.holder_id,
        due_on=opinion.due_on,
        note=opinion.answer,
    )


DOMAIN = ("units", "people", "journal", "meetings", "feedback", "visits", "reports")
UNITS = {Unit, UnitVersion, UnitSuccession, UnitLineage, UnitHeritage}
CODE_LISTS = {Topic, DueRule}
SIGNED_IN = ("sessions", "axes")
DEMO_ACCOUNTS = "demo-accounts.json"


def holds_data():
    """Is there anything of the domain besides units and code lists?"""
    return any(model._base_manager.exists() for model in _models(DOMAIN) if model not in UNITS | CODE_LISTS)


def empty_units():
    """Where nothing else refers to the units: they make room for those of a file."""
    _empty(_models(DOMAIN))


@transaction.atomic
def empty_database():
    """Everything of the domain but the code lists goes: units, people, accounts, facts, files, sessions and the log.

    Returns the last digest of the activity log, for its first new line. Files go when the transaction is through.
    """
    files = [path for path in MeetingFile.objects.values_list("path", flat=True) if path]
    files += [path for path in Job.objects.values_list("file", flat=True) if path]
    transaction.on_commit(lambda: _delete_files(files))
    _empty([Job, *_models(DOMAIN), *_models(SIGNED_IN)])
    return empty_log()


def _models(labels):
    return [model for label in labels for model in apps.get_app_config(label).get_models(include_auto_created=True)]


def _empty(models):
    """Whole tables at once; of the code lists only the due rules of single provinces go with their province."""
    everywhere = list(DueRule.objects.filter(province=None))
    if connection.vendor == "postgresql":
        connection.check_constraints()  # TRUNCATE waits for no pending check
    tables = [model._meta.db_table for model in models if model is not Topic]
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))
    DueRule.objects.bulk_create(everywhere)


def _delete_files(paths):
    for path in paths:
        (settings.FILES / path).unlink(missing_ok=True)
    (settings.VAR / DEMO_ACCOUNTS).unlink(missing_ok=True)
