"""The blank roster, or the present one of a unit to be corrected and sent back."""

from collections import Counter
from dataclasses import asdict
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from core.activity import record_many
from core.display import day_text
from core.errors import Conflict, DomainError, NotAllowed
from core.files import kept_path
from core.text import fold, person_sort_key
from intake.books import read_sheets
from intake.submissions import as_report, asked_in, check_answers, has_failed, receive, settle, start, unlink
from intake.templates import FormColumn, write_form
from people.access import may_manage_posts
from people.enums import VILLAGE_POSITIONS, ImportState, Position
from people.models import Person, Post, RosterImport
from people.roster.book import COLUMNS, OF_VILLAGES, SHEET
from people.roster.planning import ACT_WORDS, HAND_OVER, WRITING, RosterPlanner, read_world, villages_below
from people.roster.reading import read_drafts
from units.enums import Level
from units.loading import tell_planner
from units.models import Unit
from units.reads import place_on

GUIDE = (
    "Hướng dẫn nhập danh sách người giữ chức danh ở thôn, khu",
    f"1. Ghi vào trang {SHEET}, mỗi chức danh một dòng. Một người giữ hai chức danh thì ghi hai dòng.",
    "2. Không đổi tên cột, không gộp ô, không dùng công thức.",
    "3. Người mới thay người cũ: ghi người mới và “Từ ngày”; phần mềm tự ghi bàn giao vào ngày đó.",
    "4. Người trùng họ tên ở cùng thôn, khu: ghi số điện thoại để phân biệt.",
    "5. Không ghi vào tệp thì danh bạ giữ nguyên; tệp này không xóa ai. Để trống họ tên thì dòng được bỏ qua.",
    "6. Gửi tệp ở Danh bạ > Nhập từ Excel. Có lỗi thì chưa dòng nào được ghi; sửa theo bảng lỗi rồi gửi lại.",
)
VILLAGES, POSITIONS = "Danh mục thôn, khu", "Danh mục chức danh"
FORM = (
    FormColumn(COLUMNS["number"], 7, "Số thứ tự, không bắt buộc."),
    FormColumn(COLUMNS["village"], 28, "Tên như trong danh mục, hoặc mã thôn, khu.", VILLAGES),
    FormColumn(COLUMNS["name"], 30, "Họ và tên đầy đủ, có dấu."),
    FormColumn(COLUMNS["position"], 30, "Chọn trong danh mục chức danh.", POSITIONS, is_strict=True),
    FormColumn(COLUMNS["phone"], 16, "Một số, 8 đến 15 chữ số. Không bắt buộc."),
    FormColumn(COLUMNS["email"], 28, "Dạng ten@co-quan.vn. Không bắt buộc."),
    FormColumn(COLUMNS["since"], 14, "Ngày bắt đầu giữ chức danh, dạng 25/11/2026. Để trống: từ ngày nhập."),
    FormColumn(COLUMNS["note"], 24, "Không được nhập vào phần mềm."),
)


def write_roster_form(stream, unit=None, today=None):
    """With a unit: its villages to choose from, and a row for each of their three posts, as held today. Phones stay
    out: an empty cell leaves the directory as it is."""
    villages, rows = [], []
    if unit is not None:
        villages = list(villages_below(unit, today).order_by("code").values_list("pk", "code", "name"))
        rows = _rows(villages, _holders(unit, today))
    counts = Counter(name for _, _, name in villages)
    write_form(
        stream,
        sheet=SHEET,
        columns=FORM,
        guide=GUIDE,
        lists={
            VILLAGES: [name if counts[name] == 1 else code for _, code, name in villages],
            POSITIONS: [position.label for position in OF_VILLAGES],
        },
        rows=rows,
    )


def _holders(unit, today):
    found = {}
    posts = Post.objects.on(today).of_villages().filter(unit__in=villages_below(unit, today).values("pk"))
    for unit_id, position, name, since in posts.values_list("unit_id", "position", "person__name", "valid_from"):
        found[(unit_id, position)] = (name, since)
    return found


def _rows(villages, holders):
    counts = Counter(name for _, _, name in villages)
    rows = []
    for pk, code, name in villages:
        for position in VILLAGE_POSITIONS:
            holder, since = holders.get((pk, position), ("", None))
            place = name if counts[name] == 1 else code
            rows.append((str(len(rows) + 1), place, holder, position.label, "", "", day_text(since)))
    return rows


BATCH = 500


def plan_drafts(drafts, *, actor, unit, today):
    """The Plan of the Drafts of a workbook."""
    return RosterPlanner(read_world(unit, today), today, lambda place: may_manage_posts(actor, place)).plan(*drafts)


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
    if plan.writing:
        transaction.on_commit(lambda: tell_planner(Person, Post))
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


FOLDER = "rosters"
KEPT_PLANS = 20
"""How many reports of one person are kept; older ones go."""


def check_unit(actor, unit, today):
    """Rosters come in for a commune, district or province whose posts the actor keeps."""
    if unit.level == Level.VILLAGE:
        raise DomainError("Chọn xã, phường; thôn, khu được ghi trong từng dòng của tệp.", "unit")
    if not may_manage_posts(actor, place_on(unit, today)):
        raise NotAllowed("Đồng chí chỉ nhập danh sách cho địa bàn mình phụ trách. Chọn lại đơn vị.")


@transaction.atomic
def receive_roster(*, actor, unit, file, today, request_id=None):
    """Keep the file and have it checked; once for each `request_id`. Earlier unconfirmed files of the unit go."""
    check_unit(actor, unit, today)
    work = ("roster_check", "Kiểm tra danh sách", "roster.receive")
    earlier = _earlier(actor, unit)
    return receive(
        RosterImport, FOLDER, actor=actor, unit=unit, file=file, request_id=request_id, earlier=earlier, work=work
    )


@transaction.atomic
def confirm_roster(*, actor, item, digest, today, accepted=()):
    """Have the plan that was seen written, once its questions are answered: `accepted` holds their kinds. Confirmed
    twice, it is written once."""
    item = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=item.pk)
    check_unit(actor, item.unit, today)
    is_under_way = item.state == ImportState.APPLYING and not has_failed(item)
    if is_under_way or item.state == ImportState.APPLIED:
        return item
    if item.state not in (ImportState.READY, ImportState.APPLYING):
        raise DomainError("Tệp này còn lỗi nên chưa ghi được. Sửa tệp rồi gửi lại.")
    if digest != item.digest:
        raise Conflict("Bản xem trước đã được lập lại. Tải lại trang, xem bản mới rồi bấm ghi.")
    questions = asked_in(item.report)
    check_answers(questions, [each for each in questions if each.kind in accepted])
    item.state = ImportState.APPLYING
    item.save(update_fields=["state"])
    start(item, item.created_by_id, "roster_apply", f"Ghi danh sách {item.name}")
    return item


def check_file(item, *, actor, today):
    """The worker's first half: the plan and its report. A file that cannot be read says why."""
    if item.state != ImportState.READING:
        return
    try:
        plan = plan_drafts(_drafts(item), actor=actor, unit=item.unit, today=today)
    except DomainError as error:
        settle(item, ImportState.READING, ImportState.UNREADABLE, message=error.message)
        raise
    _show_plan(item, plan, ImportState.READING)


def apply_file(item, *, actor, today, now):
    """The worker's second half. When the directory has changed since the plan was seen, a new plan waits instead."""
    if item.state != ImportState.APPLYING:
        return
    check_unit(actor, item.unit, today)
    drafts, path = _drafts(item), item.path
    try:
        with transaction.atomic():
            item = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=item.pk)
            if item.state != ImportState.APPLYING:
                return
            accepted = asked_in(item.report)
            apply_roster(drafts, actor=actor, unit=item.unit, today=today, digest=item.digest, accepted=accepted)
            settle(item, ImportState.APPLYING, ImportState.APPLIED, applied_at=now, message="", path="")
            transaction.on_commit(lambda: unlink([path]))
    except DomainError as error:
        plan = plan_drafts(drafts, actor=actor, unit=item.unit, today=today)
        _show_plan(item, plan, ImportState.APPLYING, error.message)
        raise


def give_up(item, message):
    """A run that failed for another reason leaves the file readable again."""
    settle(item, ImportState.APPLYING, ImportState.READY, message=message)
    settle(item, ImportState.READING, ImportState.UNREADABLE, message=message)


def _drafts(item):
    return read_drafts(read_sheets(kept_path(item.path)))


def _show_plan(item, plan, before, message=""):
    after = ImportState.FAULTY if plan.faults else ImportState.READY
    settle(item, before, after, digest=plan.digest, report=report_of(plan), message=message)


def report_of(plan):
    """What the page and the command tell of a plan: counts, faults, and every row in words."""
    rows = [
        {
            "line": row.line,
            "act": row.act,
            "label": ACT_WORDS[row.act],
            "village": row.village,
            "name": row.name,
            "position": Position(row.position).label,
            "words": row.words,
        }
        for row in plan.rows
    ]
    changes = sum(row.act in WRITING for row in plan.rows)
    faults = [asdict(fault) for fault in plan.faults]
    return {
        "counts": plan.counts,
        "changes": changes,
        "faults": faults,
        "questions": as_report(plan.questions),
        "rows": rows,
    }


def _earlier(actor, unit):
    """Unconfirmed files of the same unit are out of date now; of the applied ones the latest reports stay."""
    own = RosterImport.objects.filter(created_by_id=actor.pk)
    kept = own.filter(state=ImportState.APPLIED).values_list("pk", flat=True)[:KEPT_PLANS]
    stale = Q(unit=unit) & ~Q(state__in=(ImportState.APPLYING, ImportState.APPLIED))
    return own.filter(stale | (Q(state=ImportState.APPLIED) & ~Q(pk__in=list(kept))))
