"""An official paper as a value: letterhead, number, title, blocks, signatures, recipients.

Word (`core.word`) and the printed page (`templates/core/_paper.html`) show the same value, and an issued paper is
frozen as its JSON. A value cannot be run: what people typed stays text.
"""

from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import ClassVar

from core.display import long_day_text

PARTY, GOV = "party", "gov"
PARTY_MOTTO = "ĐẢNG CỘNG SẢN VIỆT NAM"
GOV_MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
BLANK = "…"
"""Stands for the number of a paper that has none yet."""

DRAFT, RECALLED = "DỰ THẢO", "ĐÃ THU HỒI"


@dataclass(frozen=True)
class Run:
    text: str
    is_bold: bool = False
    is_italic: bool = False


@dataclass(frozen=True)
class Heading:
    shape: ClassVar = "heading"
    text: str


@dataclass(frozen=True)
class Paragraph:
    """`align`: justify (with an indented first line), left or center."""

    shape: ClassVar = "paragraph"
    runs: tuple
    align: str = "justify"

    @property
    def text(self):
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Bullets:
    shape: ClassVar = "bullets"
    items: tuple


@dataclass(frozen=True)
class PaperColumn:
    """`width` in percent of the table; `align`: left, center or right."""

    title: str
    width: int
    align: str = "left"


@dataclass(frozen=True)
class PaperTable:
    shape: ClassVar = "table"
    columns: tuple
    rows: tuple

    @property
    def aligned_rows(self):
        """Rows of (text, alignment), for templates."""
        return [[(text, c.align) for text, c in zip(row, self.columns, strict=True)] for row in self.rows]


@dataclass(frozen=True)
class PageBreak:
    shape: ClassVar = "page_break"


@dataclass(frozen=True)
class Signature:
    """`authority` on whose behalf ('T/M BAN THƯỜNG VỤ'), `title` and name of who signs."""

    title: str
    name: str = ""
    authority: str = ""


@dataclass(frozen=True)
class Paper:
    """`symbol` is the whole number ('12-TB/ĐU'); `stamp` says what the paper is not (DRAFT, RECALLED).

    A letter (công văn) has no `kind_title`: its subject stands under the number, and `addressees` begin it.
    """

    regime: str
    issuer: str
    symbol: str
    place: str
    signed_on: date
    subject: str
    superior: str = ""
    kind_title: str = ""
    addressees: tuple = ()
    blocks: tuple = ()
    signatures: tuple = ()
    recipients: tuple = ()
    stamp: str = ""

    @property
    def is_letter(self):
        return not self.kind_title

    @property
    def is_party(self):
        return self.regime == PARTY

    @property
    def number_line(self):
        """'Số 12-TB/ĐU' of the Party, 'Số: 12/TB-UBND' of the government."""
        return f"Số {self.symbol}" if self.is_party else f"Số: {self.symbol}"

    @property
    def place_line(self):
        return f"{self.place}, {long_day_text(self.signed_on)}"

    @property
    def closing_blocks(self):
        """The last paragraph with its heading: printed on one page with the signature."""
        end = len(self.blocks)
        start = end - 1 if end and self.blocks[-1].shape == Paragraph.shape else end
        is_headed = 0 < start < end and self.blocks[start - 1].shape == Heading.shape
        return self.blocks[start - is_headed :]

    @property
    def opening_blocks(self):
        return self.blocks[: len(self.blocks) - len(self.closing_blocks)]

    def numbered(self, number):
        """The paper with its number; numbers below ten take a zero."""
        return replace(self, symbol=self.symbol.replace(BLANK, f"{number:02d}", 1), stamp="")


BLOCKS = {block.shape: block for block in (Heading, Paragraph, Bullets, PaperTable, PageBreak)}


def text_lines(text):
    """The lines of typed text that hold something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def paragraphs(text, lead=""):
    """Typed text as paragraphs, one a line; `lead` stands in bold before the first."""
    blocks = []
    for line in text_lines(text) or ([""] if lead else []):
        runs = (Run(lead, is_bold=True), Run(line)) if lead and not blocks else (Run(line),)
        blocks.append(Paragraph(runs))
    return blocks


def to_json(paper):
    """Plain values, to be frozen with an issued paper."""
    content = {field.name: getattr(paper, field.name) for field in fields(paper)}
    content["signed_on"] = paper.signed_on.isoformat()
    content["blocks"] = [{"shape": block.shape, **asdict(block)} for block in paper.blocks]
    content["signatures"] = [asdict(signature) for signature in paper.signatures]
    for name in ("addressees", "recipients"):
        content[name] = list(content[name])
    return content


def from_json(content):
    """The paper that `to_json` wrote."""
    values = dict(content)
    values["signed_on"] = date.fromisoformat(values["signed_on"])
    values["blocks"] = tuple(_block(dict(row)) for row in values["blocks"])
    values["signatures"] = tuple(Signature(**row) for row in values["signatures"])
    for name in ("addressees", "recipients"):
        values[name] = tuple(values[name])
    return Paper(**values)


def _block(row):
    shape = row.pop("shape")
    if shape == Paragraph.shape:
        row["runs"] = tuple(Run(**run) for run in row["runs"])
    if shape == Bullets.shape:
        row["items"] = tuple(row["items"])
    if shape == PaperTable.shape:
        row["columns"] = tuple(PaperColumn(**column) for column in row["columns"])
        row["rows"] = tuple(tuple(cells) for cells in row["rows"])
    return BLOCKS[shape](**row)
