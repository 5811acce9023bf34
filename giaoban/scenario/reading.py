"""From the text of a file to rows whose shape is sound. What refers to what is judged later."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from core.errors import DomainError
from core.periods import Period
from core.text import clean_name, clean_text
from feedback.rules import check_content
from people.enums import Role
from people.rules import clean_phone
from people.services.accounts import clean_username
from units.enums import LEVEL_ORDER, Level

FIRST_YEAR, LAST_YEAR = 1900, 2100
_MISSING = object()


class Fields:
    """One object of the file. Each method returns the value, or None after noting the problem."""

    def __init__(self, problems, path, data, known, is_strict=False):
        self.problems, self.path = problems, path
        self.data = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.refuse("", "cần một đối tượng JSON {…}.")
        for name in sorted(set(self.data) - set(known)):
            if is_strict:
                self.refuse(name, f"không có trường này. Chỉ dùng: {', '.join(known)}.")
            else:
                problems.warn(f"{path}.{name}", "bỏ qua trường không có trong định dạng.")

    def refuse(self, name, sentence):
        self.problems.add(f"{self.path}.{name}" if name else self.path, sentence)

    def text(self, name, limit, optional=False):
        """One line of text; an optional one that is absent or null is empty."""
        value = self.data.get(name, _MISSING)
        if optional and value in (_MISSING, None):
            return ""
        if not isinstance(value, str):
            return self.refuse(name, "cần một chuỗi ký tự." if value is not _MISSING else "thiếu trường này.")
        value = clean_name(value)
        if not value and not optional:
            return self.refuse(name, "để trống; hãy điền nội dung.")
        if len(value) > limit:
            return self.refuse(name, f"dài {len(value)} ký tự, tối đa {limit}. Hãy rút gọn.")
        return value

    def as_is(self, name):
        """Text as it stands, for passwords and contents; other rules judge it."""
        value = self.data.get(name, _MISSING)
        if not isinstance(value, str):
            return self.refuse(name, "cần một chuỗi ký tự." if value is not _MISSING else "thiếu trường này.")
        if re.search("[\ud800-\udfff]", value):
            return self.refuse(name, "có ký tự hỏng (nửa cặp mã UTF-16). Hãy nhập lại.")
        return value

    def code(self, name, optional=False):
        value = self.text(name, 20, optional)
        if value and not re.fullmatch(r"[0-9A-Za-z._-]+", value):
            return self.refuse(name, "mã chỉ gồm chữ không dấu, số và các dấu . _ -")
        return value

    def identity(self, name="id"):
        """An id: text, or a whole number that stands for its digits."""
        value = self.data.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(name, 60)

    def word(self, name, words):
        """One of a list of words."""
        value = self.data.get(name, _MISSING)
        if isinstance(value, str) and value in words:
            return value
        told = "thiếu trường này" if value is _MISSING else f"không có giá trị {_shown(value)}"
        return self.refuse(name, f"{told}. Chọn một trong: {', '.join(words)}.")

    def flag(self, name):
        value = self.data.get(name, False)
        if not isinstance(value, bool):
            return self.refuse(name, "chỉ nhận true hoặc false.")
        return value

    def count(self, name, limit):
        value = self.data.get(name, _MISSING)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= limit:
            told = "thiếu trường này" if value is _MISSING else f"không nhận {_shown(value)}"
            return self.refuse(name, f"{told}. Nhập số nguyên từ 0 đến {limit}.")
        return value

    def day(self, name, optional=False):
        value = self.data.get(name)
        if value is None and optional:
            return None
        try:
            day = date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2016-03-31") else None
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            hint = ", hoặc null nếu còn hoạt động" if optional else ""
            return self.refuse(name, f"cần ngày có thật từ năm {FIRST_YEAR} đến {LAST_YEAR}, dạng 2016-03-31{hint}.")
        return day

    def items(self, name):
        """(path, value) of each item of a list; an absent list is empty."""
        value = self.data.get(name)
        if not isinstance(value, list):
            if value is not None:
                self.refuse(name, "cần một danh sách […].")
            return []
        return [(f"{self.path}.{name}[{number}]", item) for number, item in enumerate(value)]


def _shown(value):
    """A value as it may be quoted in a sentence."""
    text = clean_name(str(value))
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


SHOWN = 20


class Problems:
    """Collects findings, so that one look at the file mends them all. Warnings stop nothing."""

    def __init__(self):
        self.found, self.warnings = [], []

    def add(self, path, sentence):
        self.found.append(f"{path}: {sentence}")

    def warn(self, path, sentence):
        self.warnings.append(f"{path}: {sentence}")

    def stop(self):
        """Refuse the file when anything was found; later steps may rely on what earlier ones checked."""
        if not self.found:
            return
        lines = self.found[:SHOWN]
        if len(self.found) > SHOWN:
            lines.append(f"… và {len(self.found) - SHOWN} lỗi khác.")
        raise DomainError("Tệp có lỗi nên chưa nạp gì. Sửa các chỗ sau rồi nạp lại:\n" + "\n".join(lines))


FORMAT, ZONE_NAME = "giaoban-scenario/1", "Asia/Ho_Chi_Minh"
ZONE = ZoneInfo(ZONE_NAME)
MOST_ATTENDED = 1_000_000
TABLES = (Level.COMMUNE.value, Level.DISTRICT.value)


@dataclass(eq=False)
class ScenarioRow:
    path: str


@dataclass(eq=False)
class AccountRow(ScenarioRow):
    username: str
    password: str
    role: str
    code: str
    unit: object = None


@dataclass(eq=False)
class PersonRow(ScenarioRow):
    id: str
    code: str
    name: str
    post: str
    phone: str
    unit: object = None


@dataclass(eq=False)
class OpinionRow(ScenarioRow):
    id: str
    text: str
    is_restricted: bool
    is_answered: bool
    village_code: str
    village: object = None


@dataclass(eq=False)
class MeetingRow(ScenarioRow):
    id: str
    code: str
    level: str
    period: Period
    held_at: datetime
    attended: int
    title: str
    opinions: list
    unit: object = None

    @property
    def held_on(self):
        return self.held_at.date()


@dataclass(eq=False)
class UnitRow(ScenarioRow):
    """`valid_to` is half-open here: the day after the last one in force. `spans`: (parent, from, to) over its life."""

    code: str
    level: str
    name: str
    parent_code: str
    successor_code: str
    valid_from: object
    last_day: object
    successor: object = None
    spans: list = field(default_factory=list)
    pk: int | None = None


@dataclass(eq=False)
class ScenarioWorld:
    units: list
    accounts: list
    people: list
    meetings: list
    digest: str = ""

    @property
    def opinions(self):
        return [opinion for meeting in self.meetings for opinion in meeting.opinions]


def read_file(path):
    """(World, Problems with its warnings) of a file; a DomainError tells everything that is wrong."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8-sig"), parse_constant=_refuse_constant)
    except OSError as error:
        raise DomainError(f"Không mở được tệp {path}. Kiểm tra đường dẫn và quyền đọc.") from error
    except (ValueError, RecursionError) as error:
        raise DomainError(f"Tệp {path} không phải JSON (UTF-8) đọc được: {error}. Sửa tệp rồi nạp lại.") from error
    return read_world(data)


def _refuse_constant(word):
    raise ValueError(f"{word} is not JSON")


def read_world(data):
    problems = Problems()
    known = ("format", "tz", "units", "accounts", "people", "meetings")
    top = Fields(problems, "$", data, known)
    top.word("format", [FORMAT])
    top.word("tz", [ZONE_NAME])
    problems.stop()
    world = ScenarioWorld(
        units=[_unit(problems, *item) for item in top.items("units")],
        accounts=[_account(problems, *item) for item in top.items("accounts")],
        people=[_person(problems, *item) for item in top.items("people")],
        meetings=[_meeting(problems, *item) for item in top.items("meetings")],
        digest=hashlib.sha256(_canonical(data).encode()).hexdigest(),
    )
    problems.stop()
    return world, problems


def _canonical(value):
    """The same text for the same content, whatever the order of members and items."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_canonical(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted(_canonical(item) for item in value)) + "]"
    return json.dumps(value)


def _unit(problems, path, data):
    known = ("code", "kind", "name", "parent", "valid_from", "valid_to", "successor")
    fields = Fields(problems, path, data, known)
    row = UnitRow(
        path=path,
        code=fields.code("code"),
        level=fields.word("kind", [level.value for level in LEVEL_ORDER]),
        name=fields.text("name", 120),
        parent_code=fields.code("parent", optional=True),
        successor_code=fields.code("successor", optional=True),
        valid_from=fields.day("valid_from"),
        last_day=fields.day("valid_to", optional=True),
    )
    if row.valid_from and row.last_day and row.last_day < row.valid_from:
        fields.refuse("valid_to", f"ngày cuối phải từ {row.valid_from:%d/%m/%Y} (valid_from) trở đi.")
    if row.successor_code and not data.get("valid_to"):
        fields.refuse("successor", "đơn vị còn hoạt động thì chưa có đơn vị kế thừa. Điền valid_to hoặc bỏ successor.")
    return row


def _account(problems, path, data):
    fields = Fields(problems, path, data, ("username", "password", "role", "unit"))
    row = AccountRow(
        path=path,
        username=_judged(fields, "username", clean_username),
        password=fields.as_is("password"),
        role=fields.word("role", Role.values),
        code=fields.code("unit"),
    )
    if row.password == "":
        fields.refuse("password", "để trống; hãy đặt mật khẩu.")
    return row


def _person(problems, path, data):
    fields = Fields(problems, path, data, ("id", "unit", "name", "post", "phone"))
    return PersonRow(
        path=path,
        id=fields.identity(),
        code=fields.code("unit"),
        name=fields.text("name", 120),
        post=fields.text("post", 120),
        phone=_judged(fields, "phone", clean_phone) if fields.data.get("phone") else "",
    )


def _meeting(problems, path, data):
    known = ("id", "unit", "level", "period", "held_at", "attended", "title", "opinions")
    fields = Fields(problems, path, data, known)
    return MeetingRow(
        path=path,
        id=fields.identity(),
        code=fields.code("unit"),
        level=fields.word("level", TABLES),
        period=_judged(fields, "period", Period.parse),
        held_at=_moment(fields, "held_at"),
        attended=fields.count("attended", MOST_ATTENDED),
        title=fields.text("title", 250, optional=True),
        opinions=[_opinion(problems, *item) for item in fields.items("opinions")],
    )


def _opinion(problems, path, data):
    """Strict about names: a misspelt "confidential" must not show a restricted text to everybody."""
    known = ("id", "text", "confidential", "status", "village")
    fields = Fields(problems, path, data, known, is_strict=True)
    return OpinionRow(
        path=path,
        id=fields.identity(),
        text=_judged(fields, "text", _content),
        is_restricted=fields.flag("confidential"),
        is_answered=fields.word("status", ["answered", "open"]) == "answered",
        village_code=fields.code("village", optional=True),
    )


def _content(text):
    text = clean_text(text)
    check_content(text)
    return text


def _judged(fields, name, rule):
    """A text that one of the product's own rules reads or refuses."""
    value = fields.as_is(name)
    try:
        return None if value is None else rule(value)
    except DomainError as error:
        return fields.refuse(name, error.message)


def _moment(fields, name):
    """An ISO time as local time; without an offset it is local already."""
    value = fields.data.get(name)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) > len("2016-03-31") else None
        if moment is not None:
            return moment.replace(tzinfo=ZONE) if moment.tzinfo is None else moment.astimezone(ZONE)
    except (ValueError, OverflowError):
        moment = None
    return fields.refuse(name, "cần ngày giờ ISO, ví dụ 2016-03-25T08:00:00+07:00 hoặc 2016-03-25T01:00:00Z.")
