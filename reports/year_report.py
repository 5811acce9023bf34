"""Báo cáo kết quả giao ban năm: the figures as sentences, headings for the parts a person writes, the annexes."""

from dataclasses import dataclass

from core.display import day_text
from core.paper import BLANK, DRAFT, Heading, Paper, Paragraph, Run, Signature
from core.periods import Period
from feedback.enums import OpinionKind
from meetings.enums import HostBody
from meetings.models import CadenceRule, Occurrence
from papers.frame import BOARDS, day_within, in_sentence, letterhead_on, signer_of
from people.enums import Position
from people.models import Post
from reports import sentences
from reports.closing.reads import mark_of, table_of
from reports.display import issuer_of
from reports.figures import figures, is_open
from reports.reach import reach_of
from reports.table import totals_of
from reports.tables.topics import HIDDEN_ROW
from units.enums import Level
from units.reads import names_on

ANNEXES = ("B1", "B2", "B3", "B4")
TOP_TOPICS = 5
BY_HAND = "… (phần đơn vị viết)"
LEVELS = {Level.COMMUNE: ("commune", "Cấp xã", "cấp xã"), Level.DISTRICT: ("district", "Cấp huyện", "cấp huyện")}
RECIPIENTS = ("Cấp trên trực tiếp (báo cáo)", "Lưu Văn phòng")


@dataclass(frozen=True)
class YearFacts:
    """Everything the sentences need, read once."""

    unit: object
    name: str
    period: Period
    today: object
    found: dict
    before: dict
    tables: dict
    topics: list
    kinds: dict
    hidden: int
    missing: tuple
    closed_on: object = None

    @property
    def year(self):
        return self.period.first.year

    @property
    def as_of(self):
        """The day the figures are of."""
        return self.closed_on or self.today

    @property
    def is_open(self):
        return is_open(self.period, self.today)

    @property
    def levels(self):
        """The levels that met, or were to meet."""
        own = [Level.COMMUNE] if self.unit.level == Level.COMMUNE else list(LEVELS)
        return [level for level in own if self.found[f"{level}_meetings"] or self.found[f"{level}_expected"]]

    @property
    def has_data(self):
        return bool(self.levels or self.found["opinions_received"])


def year_facts(unit, year, boundaries, today, user=None):
    period = Period.year(year)
    reach = reach_of(unit, boundaries, today, user)
    tables = {code: table_of(code, unit, period, boundaries, today, user) for code in (*ANNEXES, "B5")}
    kinds = tables.pop("B5")
    fields = {
        row.cells["name"]: row.cells["opinions"] for row in tables["B4"].sections[0].rows if row.cells["opinions"]
    }
    hidden = fields.pop(HIDDEN_ROW, 0)
    closing = mark_of(unit, period, boundaries, user)
    missing = Occurrence.objects.filter(reach.facts, level=Level.COMMUNE).missing(today).in_period(period)
    missing = missing.order_by("starts_on").values_list("period", flat=True)
    return YearFacts(
        unit=unit,
        name=names_on([unit.pk], period.last)[unit.pk],
        period=period,
        today=today,
        found=figures(unit, period, boundaries, today, user),
        before=figures(unit, Period.year(year - 1), boundaries, today, user),
        tables=tables,
        topics=sorted(fields.items(), key=lambda field: (-field[1], field[0]))[:TOP_TOPICS],
        kinds=totals_of(kinds.sections[0].rows, kinds.columns),
        hidden=hidden,
        missing=tuple(missing) if unit.level == Level.COMMUNE else (),
        closed_on=closing["on"] if closing else None,
    )


def year_paper(facts):
    """The report as a draft to be completed by hand; the annexes stand apart."""
    day = day_within(facts.unit, facts.today)
    head = letterhead_on(facts.unit, HostBody.PARTY, day)
    committee, board = issuer_of(facts.unit, day)
    letters = next((code for words, code in BOARDS if words in board.lower()), "")
    is_board = bool(letters)
    return Paper(
        regime=head.regime,
        superior=committee.upper() if is_board else head.superior,
        issuer=board.upper() if is_board else head.issuer,
        symbol=f"{BLANK}-BC/{letters}{head.letters}",
        place=head.place,
        signed_on=day,
        kind_title="Báo cáo",
        subject=f"Kết quả hội nghị giao ban năm {facts.year}",
        blocks=tuple(_blocks(facts, board if is_board else head.issuer_name)),
        signatures=(_signature(facts.unit, head, day, is_board),),
        recipients=RECIPIENTS,
        stamp=DRAFT,
    )


def annexes_of(facts):
    """The tables that have something to show."""
    return [table for table in facts.tables.values() if not table.is_empty]


def _signature(unit, head, day, is_board):
    if not is_board:
        name, title, authority = signer_of(unit.pk, head, day)
        return Signature(title.upper(), name, authority.upper())
    post = Post.objects.on(day).filter(unit=unit, position=Position.MMD_HEAD).select_related("person").first()
    return Signature("TRƯỞNG BAN", post.person.name if post else "")


def _blocks(facts, issuer):
    yield _text(f"{_basis(facts)}{issuer} báo cáo kết quả hội nghị giao ban năm {facts.year} như sau:")
    if facts.is_open:
        day = day_text(facts.today)
        yield _note(f"Số liệu tạm tính đến ngày {day}: năm {facts.year} chưa kết thúc, nên chưa so sánh với năm trước.")
    elif facts.closed_on:
        yield _note(f"Số liệu đã khóa ngày {day_text(facts.closed_on)}.")
    if not facts.has_data:
        yield _note(f"Hệ thống chưa có số liệu giao ban năm {facts.year} của {in_sentence(facts.name)}.")
    yield Heading("I. CÔNG TÁC LÃNH ĐẠO, CHỈ ĐẠO")
    yield _note(BY_HAND)
    yield Heading("II. KẾT QUẢ")
    yield from _outcome(facts)
    yield Heading("III. ĐÁNH GIÁ")
    yield from _by_hand("1. Ưu điểm: ")
    hints = sentences.shortcomings(facts.found, [LEVELS[level][:2] for level in facts.levels])
    yield from _by_hand("2. Hạn chế: ", hints)
    yield from _by_hand("3. Nguyên nhân: ")
    yield Heading(f"IV. NHIỆM VỤ NĂM {facts.year + 1}")
    yield _note(BY_HAND)
    yield Heading("V. ĐỀ XUẤT, KIẾN NGHỊ")
    yield _note(BY_HAND)
    if names := [table.title for table in annexes_of(facts)]:
        yield _text(f"Kèm theo phụ lục: {'; '.join(names)}.")


def _outcome(facts):
    found = facts.found
    yield Heading("1. Tổ chức hội nghị")
    yield from _each_level(facts, _organised)
    yield Heading("2. Đại biểu")
    yield from _each_level(facts, _attended)
    yield Heading("3. Ý kiến, kiến nghị theo lĩnh vực")
    topics = sentences.topics(facts.topics, found["opinions_received"])
    change = _change(facts, Level.COMMUNE, "opinions_received", "ý kiến")
    yield from _texts([sentences.received(found, facts.hidden), change])
    yield from _texts([topics])
    yield Heading("4. Kết quả giải quyết")
    said = [sentences.results(found, day_text(facts.as_of)), sentences.waiting(found)]
    yield from _texts(said) if any(said) else [_text("Không có ý kiến cần giải quyết.")]
    yield Heading("5. Hiến kế, mô hình")
    kinds = facts.kinds
    ideas = kinds.get(OpinionKind.INITIATIVE.value, 0), kinds.get(OpinionKind.GOOD_PRACTICE.value, 0)
    yield _text(sentences.initiatives(*ideas))
    yield from _by_hand("Mô hình tiêu biểu: ")


def _each_level(facts, tell):
    said = [paragraph for level in facts.levels for paragraph in _texts(tell(facts, level))]
    return said or [_note("Chưa có số liệu trong năm.")]


def _attended(facts, level):
    key, _, words = LEVELS[level]
    turns = sentences.attendance(words, facts.found, key)
    return [turns, _change(facts, level, f"{key}_attendance", "lượt")] if turns else []


def _organised(facts, level):
    """Meetings and rounds, against the year before, by form, and who was short."""
    key, name, _ = LEVELS[level]
    rows = [row.cells for section in facts.tables["B1"].sections if section.level == level for row in section.rows]
    short = [(cells["name"], cells["expected"] - cells["held"] - cells["incomplete"]) for cells in rows]
    own = facts.unit.level == level
    missing = [Period.parse(code).label_inside for code in facts.missing]
    return [
        sentences.held(facts.name if own else name, facts.found, key),
        _change(facts, level, f"{key}_meetings", "hội nghị"),
        sentences.forms({form: sum(cells[form] for cells in rows) for form, _ in sentences.FORMS}),
        sentences.missing_months(missing) if own and missing else "",
        "" if own else sentences.missing_by_unit(short),
    ]


def _change(facts, level, word, noun):
    """Against the year before, when both years are whole; said once where they are not."""
    if facts.is_open:
        return ""
    year, key = facts.year - 1, f"{level}_expected"
    if not sentences.is_comparable(facts.found[key], facts.before[key]):
        is_first = word.endswith("_meetings")
        return sentences.not_comparable(facts.found[key], facts.before[key], year) if is_first else ""
    return sentences.change(facts.found[word], facts.before[word], noun, year)


def _basis(facts):
    """'Thực hiện 1926-CV/TU ngày 27/10/2014, ' where an order is known."""
    province = facts.unit if facts.unit.level == Level.PROVINCE else None
    rules = CadenceRule.objects.filter(unit=None).on(facts.period.last).exclude(document_on=None).order_by("level")
    lineage = facts.unit.lineage.filter(ancestor__level=Level.PROVINCE).values("ancestor_id")
    rule = (rules.filter(province=province) if province else rules.filter(province__in=lineage)).first()
    return f"Thực hiện văn bản số {rule.document} ngày {day_text(rule.document_on)}, " if rule else ""


def _text(words):
    return Paragraph((Run(words),))


def _texts(parts):
    words = " ".join(part for part in parts if part)
    return [_text(words)] if words else []


def _note(words):
    return Paragraph((Run(words, is_italic=True),))


def _by_hand(lead, hint=""):
    yield Paragraph((Run(lead, is_bold=True), Run(f"{hint} " if hint else ""), Run(BY_HAND, is_italic=True)))
