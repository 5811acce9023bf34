"""What each row would change, before anything is written. The same file on the same directory gives the same plan."""

import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from core.errors import DomainError
from core.text import fold
from intake.tables import Fault
from people.enums import VILLAGE_POSITIONS
from people.models import Person, Post
from people.roster.book import COLUMNS, OF_VILLAGES, SHEET
from people.roster.reading import match_person, name_key
from units.closed import closed_words, closures_over
from units.enums import Level
from units.models import Unit, UnitLineage
from units.reads import Place


@dataclass(frozen=True)
class HeldPost:
    """A post in the directory."""

    pk: int
    person_id: int
    role: str
    start: date
    end: date | None

    def reaches(self, day):
        """Does the term last beyond the beginning of `day`, or begin later?"""
        return self.end is None or self.end > day


@dataclass(frozen=True)
class Known:
    """A person of the directory."""

    pk: int
    name: str
    phone: str
    email: str


@dataclass
class RosterWorld:
    """Villages below a unit with their places over time, the people who hold or held posts there, and those posts."""

    names: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)
    by_name: dict = field(default_factory=lambda: defaultdict(list))
    places: dict = field(default_factory=lambda: defaultdict(list))
    people: dict = field(default_factory=dict)
    namesakes: dict = field(default_factory=lambda: defaultdict(set))
    by_phone: dict = field(default_factory=lambda: defaultdict(set))
    posts: dict = field(default_factory=lambda: defaultdict(list))
    elsewhere: set = field(default_factory=set)
    closed: dict = field(default_factory=dict)

    def place_on(self, village_id, day):
        """The Place of a village on a day, None when it was not in force."""
        found = {
            f"{level}_id": ancestor
            for level, ancestor, start, end in self.places[village_id]
            if start <= day and (end is None or end > day)
        }
        return Place(**found) if found else None

    def villages_called(self, words):
        """Ids of the villages that a code or a name may mean; 'Đông Tiến' finds 'Thôn Đông Tiến'."""
        if words in self.codes:
            return [self.codes[words]]
        return self.by_name.get(fold(words), [])


def villages_below(unit, today):
    return Unit.objects.level(Level.VILLAGE).on(today).under(unit, today)


def read_world(unit, today):
    """Five queries, whatever the size."""
    world, villages = RosterWorld(), villages_below(unit, today)
    for pk, key, code, name, kind in villages.values_list("pk", "key", "code", "name", "kind"):
        world.names[pk] = name
        for word in (code, key, f"{Level.VILLAGE}-{code}"):
            world.codes[word] = pk
        for word in _names_of(name, kind):
            world.by_name[word].append(pk)
    ids = villages.values("pk")
    lineage = UnitLineage.objects.filter(unit__in=ids)
    for unit_id, *row in lineage.values_list("unit_id", "level", "ancestor_id", "valid_from", "valid_to"):
        world.places[unit_id].append(row)
    _read_people(world, ids)
    _read_posts(world, ids, today)
    return world


def _names_of(name, kind):
    """The name in full and without its kind: {'thon dong tien', 'dong tien'}."""
    whole = fold(name)
    words = whole.split(" ")
    kind_words = kind.replace("_", " ").split(" ")
    bare = " ".join(words[len(kind_words) :]) if words[: len(kind_words)] == kind_words else ""
    return {whole, bare} - {""}


def _read_people(world, ids):
    there = Post.objects.filter(person=OuterRef("pk"), unit__in=ids)
    for row in Person.objects.filter(Exists(there)).order_by("pk").values_list("pk", "name", "phone", "email"):
        known = world.people[row[0]] = Known(*row)
        if known.phone:
            world.by_phone[(fold(known.name), known.phone)].add(known.pk)


def _read_posts(world, ids, today):
    world.closed = closures_over(ids)
    rows = Post.objects.filter(unit__in=ids).order_by("pk")
    for unit_id, position, *row in rows.values_list(
        "unit_id", "position", "pk", "person_id", "role", "valid_from", "valid_to"
    ):
        held = HeldPost(*row)
        world.namesakes[(unit_id, fold(world.people[held.person_id].name))].add(held.person_id)
        if position in OF_VILLAGES:
            world.posts[(unit_id, position)].append(held)
    here = Post.objects.filter(person=OuterRef("person"), unit__in=ids)
    others = Post.objects.on(today).filter(Exists(here)).exclude(unit__in=ids)
    world.elsewhere = set(others.values_list("person_id", flat=True))


NEW, KNOWN, HAND_OVER, CONTACT, KEPT, VACANT, FAULT = (
    *("new", "known", "hand_over", "contact", "kept", "vacant"),
    "fault",
)
ACT_WORDS = {
    FAULT: "Có lỗi",
    NEW: "Ghi người mới",
    KNOWN: "Ghi thêm chức danh",
    HAND_OVER: "Bàn giao",
    CONTACT: "Bổ sung liên lạc",
    KEPT: "Không đổi",
    VACANT: "Để trống",
}
WRITING = (NEW, KNOWN, HAND_OVER, CONTACT)
AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class PlanRow:
    """One row of the file and what becomes of it. `who`: the person as the file tells people apart."""

    line: int
    act: str
    words: str
    village: str
    name: str
    position: str
    village_id: int | None = None
    who: str = ""
    person_id: int | None = None
    since: str = ""
    ends: int | None = None
    phone: str = ""
    email: str = ""
    column: str = ""


@dataclass(frozen=True)
class RosterPlan:
    rows: tuple
    faults: tuple
    questions: tuple = ()

    @property
    def counts(self):
        return dict(Counter(row.act for row in self.rows))

    @property
    def digest(self):
        """Changes when the file, the directory or (for rows without a date) the day does."""
        content = [[asdict(each) for each in part] for part in (self.rows, self.faults, self.questions)]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def writing(self):
        return [row for row in self.rows if row.act in WRITING]


class RosterPlanner:
    """`may_manage(place)`: may whoever imports keep the posts of that place?"""

    def __init__(self, world, today, may_manage):
        self.world, self.today, self.may_manage = world, today, may_manage
        self.phones = defaultdict(set)
        self.lines, self.holders, self.identities = {}, {}, {}
        self.emails = {}

    def plan(self, drafts, faults=(), questions=()):
        """A Plan of all rows; `faults` and `questions` are those found while reading."""
        places = {}
        for draft in drafts:
            places[draft.line] = self.world.villages_called(draft.village)
            if draft.phone:
                self.phones[self._group(draft, places[draft.line])].add(draft.phone)
        rows = [self._row(draft, places[draft.line]) for draft in drafts]
        found = [Fault(SHEET, row.line, row.column, row.words) for row in rows if row.act == FAULT]
        faults = sorted([*faults, *found], key=lambda fault: (fault.line, fault.column))
        return RosterPlan(tuple(rows), tuple(faults), tuple(questions))

    def _group(self, draft, places):
        return (tuple(places), name_key(draft.name))

    def _row(self, draft, places):
        words = "Chưa có họ tên nên bỏ qua."
        base = PlanRow(draft.line, VACANT, words, draft.village, draft.name, draft.position)
        try:
            village_id = self._village(draft, places)
            base = replace(base, village=self.world.names[village_id], village_id=village_id)
            return self._planned(base, draft, village_id) if draft.name else base
        except DomainError as error:
            return replace(base, act=FAULT, words=error.message, column=COLUMNS.get(error.field, ""))

    def _village(self, draft, places):
        if len(places) == 1:
            return places[0]
        if places:
            raise DomainError(
                f"Có {len(places)} thôn, khu tên “{draft.village}”. Hãy ghi mã, ví dụ {self._code(places[0])}.",
                "village",
            )
        raise DomainError(
            f"Đơn vị này không có thôn, khu “{draft.village}” đang hoạt động. Hãy chọn tên trong trang HuongDan.",
            "village",
        )

    def _code(self, village_id):
        return next(code for code, pk in self.world.codes.items() if pk == village_id)

    def _planned(self, base, draft, village_id):
        phone = self._phone(draft, village_id)
        who = f"{name_key(draft.name)}/{phone or village_id}"
        self._check_twice(draft, village_id, who)
        person_id = match_person(self.world, draft, village_id, phone)
        self._check_identity(draft, phone, person_id)
        row = replace(base, who=who, person_id=person_id, phone=phone, email=draft.email)
        since = draft.since or self.today
        self._check_day(village_id, since)
        row, contact = self._contacts(row) if person_id else (row, "")
        row = self._posted(row, village_id, draft, since, contact)
        return replace(row, words=f"{row.words} {contact}".strip())

    def _phone(self, draft, village_id):
        phones = self.phones[self._group(draft, [village_id])]
        if draft.phone or not phones:
            return draft.phone
        if len(phones) > 1:
            raise DomainError(f"Tệp có nhiều người tên {draft.name} ở đây. Hãy ghi số điện thoại ở từng dòng.", "phone")
        return next(iter(phones))

    def _check_twice(self, draft, village_id, who):
        key = (village_id, draft.position)
        if line := self.lines.get((*key, who)):
            raise DomainError(f"Trùng với dòng {line}. Hãy xóa một dòng.", "name")
        if draft.position in VILLAGE_POSITIONS and (line := self.holders.get(key)):
            raise DomainError(
                f"Dòng {line} đã ghi người khác giữ chức danh này. Mỗi chức danh chỉ một người.", "position"
            )
        self.lines[(*key, who)] = self.holders[key] = draft.line
        email, line = self.emails.setdefault(who, (draft.email, draft.line))
        if draft.email and email and draft.email != email:
            raise DomainError(f"Cùng một người nhưng thư điện tử khác dòng {line}. Hãy ghi một địa chỉ.", "email")
        if draft.email and not email:
            self.emails[who] = (draft.email, draft.line)

    def _check_identity(self, draft, phone, person_id):
        """Two people of the file must not become one person of the directory."""
        if person_id is None or not phone:
            return
        if self.identities.setdefault(person_id, phone) != phone:
            raise DomainError(
                f"Danh bạ chỉ có một {draft.name} nhưng tệp ghi hai số điện thoại. Hãy sửa danh bạ trước.", "phone"
            )

    def _check_day(self, village_id, since):
        if since > self.today + AHEAD:
            raise DomainError(f"Ngày {since:%d/%m/%Y} còn quá xa. Kiểm tra lại năm.", "since")
        place = self.world.place_on(village_id, since)
        if place is None:
            name = self.world.names[village_id]
            raise DomainError(f"{name} chưa hoạt động ngày {since:%d/%m/%Y}. Hãy ghi ngày muộn hơn.", "since")
        if not self.may_manage(place):
            raise DomainError(
                f"Ngày {since:%d/%m/%Y} thôn, khu này thuộc nơi đồng chí không phụ trách. Hãy ghi ngày muộn hơn.",
                "since",
            )

    def _posted(self, row, village_id, draft, since, contact):
        held = [post for post in self.world.posts.get((village_id, draft.position), ()) if post.reaches(since)]
        own = [post for post in held if post.person_id == row.person_id]
        if any(post.end is None for post in own):
            changes = row.phone or row.email
            return replace(
                row, act=CONTACT if changes else KEPT, words="" if contact else "Danh bạ đã có đúng như vậy."
            )
        if own:
            raise DomainError(
                f"Danh bạ ghi {draft.name} thôi giữ chức danh này từ {own[0].end:%d/%m/%Y}. "
                "Hãy ghi ngày bắt đầu từ ngày đó, hoặc xóa dòng.",
                "since",
            )
        row = replace(row, since=since.isoformat())
        day = f"từ {since:%d/%m/%Y}"
        if draft.position in VILLAGE_POSITIONS and held:
            post = self._handed(held, since)
            if closure := next((each for each in self.world.closed.get(village_id, ()) if each.last >= since), None):
                raise DomainError(closed_words(closure), "since")
            before = self.world.people[post.person_id].name
            return replace(row, act=HAND_OVER, ends=post.pk, words=f"{before} bàn giao cho {draft.name} {day}.")
        if row.person_id is None:
            return replace(row, act=NEW, words=f"Người mới, giữ chức danh {day}.")
        return replace(row, act=KNOWN, words=f"Người đã có trong danh bạ, giữ thêm chức danh {day}.")

    def _handed(self, held, since):
        """The one post that ends when the next begins; anything unclear is asked back."""
        for post in held:
            name = self.world.people[post.person_id].name
            if post.role:
                raise DomainError(
                    f"Chức danh này của {name} gắn với quyền sử dụng. Đề nghị quản trị giao lại ở trang tài khoản.",
                    "position",
                )
            if post.start >= since:
                raise DomainError(
                    f"{name} giữ chức danh này từ {post.start:%d/%m/%Y}. Nếu đã bàn giao, ghi “Từ ngày” sau ngày đó.",
                    "since",
                )
            if post.end:
                raise DomainError(
                    f"{name} giữ chức danh này đến trước ngày {post.end:%d/%m/%Y}. Hãy ghi “Từ ngày” từ ngày đó.",
                    "since",
                )
        return held[0]

    def _contacts(self, row):
        """(the row with only the contacts that change, the sentence about them) of a known person."""
        known = self.world.people[row.person_id]
        phone = row.phone if row.phone != known.phone else ""
        email = row.email if row.email.lower() != known.email.lower() else ""
        words = " và ".join(filter(None, [phone and "điện thoại", email and "thư điện tử"]))
        if not words:
            return replace(row, phone="", email=""), ""
        if known.pk in self.world.elsewhere:
            words = f"Giữ nguyên {words} trong danh bạ: người này còn giữ chức danh ở nơi khác."
            return replace(row, phone="", email=""), words
        return replace(row, phone=phone, email=email), f"Ghi {words} theo tệp."
