"""What would be counted otherwise today than on the day a period was closed: by word, and cell by cell."""

from collections import Counter
from dataclasses import dataclass

from core.display import day_text
from reports.closing.reads import branch_figures, live_tables
from reports.figures import NOTHING_COUNTED, frozen_words
from reports.frozen import load
from reports.measures import MEASURES
from reports.reach import BOUNDARIES, NOW, THEN
from reports.table import COUNT, INDEX, TEXT, Column, Group, Row, Section, Table, numbered
from units.reads import names_on

CODE, SHEET, TITLE = "ChenhLech", "ChenhLech", "Chênh lệch so với số liệu đã khóa"
COLUMNS = (
    Column("no", "STT", kind=INDEX, width=6),
    Column("name", "Đơn vị, dòng", kind=TEXT, width=34),
    Column("what", "Chỉ tiêu", kind=TEXT, width=40),
    Column("frozen", "Số đã khóa", kind=COUNT, width=16),
    Column("now", "Số hôm nay", kind=COUNT, width=16),
    Column("change", "Tăng (+), giảm (−)", kind=COUNT, width=14),
)
NEW, GONE = "dòng mới", "không còn"


@dataclass(frozen=True)
class Difference:
    """A word of `figures` of a unit that changed."""

    unit_id: int
    word: str
    frozen: int
    now: int


def figure_differences(closure, today):
    """Every Difference of the words of figures, of the unit and those below it; one computation for all."""
    live = branch_figures(closure, today)
    found = []
    for row in closure.figures.filter(boundaries=THEN):
        now = live.get(row.unit_id, NOTHING_COUNTED)
        frozen = frozen_words(row, now)
        found += [Difference(row.unit_id, word, frozen[word], now[word]) for word in now if frozen[word] != now[word]]
    kept = {row.unit_id for row in closure.figures.filter(boundaries=THEN)}
    for unit_id in live.keys() - kept:
        found += [Difference(unit_id, word, 0, number) for word, number in live[unit_id].items() if number]
    return sorted(found, key=lambda each: (each.unit_id != closure.unit_id, each.unit_id))


@dataclass(frozen=True)
class WordRow:
    """One word of the unit itself: as frozen and as counted today."""

    word: str
    label: str
    frozen: int
    now: int

    @property
    def change(self):
        return self.now - self.frozen

    @property
    def change_text(self):
        return f"{self.change:+d}".replace("-", "−") if self.change else ""


def figure_rows(closure, today):
    """([WordRow] of the unit, how many units below have changes), in one computation; ([], 0) before it is frozen."""
    own = closure.figures.filter(unit=closure.unit_id, boundaries=THEN).first()
    if own is None:
        return [], 0
    changes = figure_differences(closure, today)
    now = {each.word: each.now for each in changes if each.unit_id == closure.unit_id}
    words = {word: number for word, number in frozen_words(own).items() if word in own.values}
    rows = [WordRow(word, _label(word), words[word], now.get(word, words[word])) for word in words]
    return rows, len({each.unit_id for each in changes} - {closure.unit_id})


def difference_table(closure, today):
    """The sheet of differences: figures of all units, then every cell of the kept tables that reads otherwise."""
    sections = [_figure_section(closure, today)]
    kept = {(row.code, row.boundaries): load(row.content) for row in closure.tables.all()}
    for code, boundaries, table in live_tables(closure, today):
        if (code, boundaries) in kept:
            rows = table_differences(kept[code, boundaries], table)
            title = f"{table.title} ({BOUNDARIES[boundaries]})" if boundaries == NOW else table.title
            sections.append(_section(title, rows))
    found = tuple(section for section in sections if section.rows)
    number = sum(len(section.rows) for section in found)
    what = f"Có {number} chỗ khác" if number else "Không có chỗ nào khác"
    note = f"{what} giữa số liệu khóa ngày {day_text(closure.as_of)} và số liệu ngày {day_text(today)}."
    return Table(CODE, SHEET, TITLE, COLUMNS, found, (note,), {"total": number})


def closed_words(closure):
    """For the cover of a workbook made again: which tables are the frozen ones, and where to see what changed."""
    return (
        f"các biểu tổng hợp là số liệu đã chốt ngày {day_text(closure.as_of)}; danh mục và dữ liệu là số liệu hôm nay; "
        f"mọi chỗ khác nhau ghi ở trang {SHEET}"
    )


def _figure_section(closure, today):
    changes = figure_differences(closure, today)
    names = names_on({each.unit_id for each in changes}, closure.last_on)
    rows = [
        _row(names[each.unit_id], _label(each.word), each.frozen, each.now)
        for each in changes
    ]  # fmt: skip
    return _section("Số liệu tổng hợp", rows)


def _section(title, rows):
    return Section(numbered([("", rows)], COLUMNS), title=title, has_total=False)


def _label(word):
    return MEASURES[word].label if word in MEASURES else word


def table_differences(frozen, live):
    """[Row] of the cells that changed; rows are the same by their section, group and unit or name."""
    before, after = _rows_of(frozen), _rows_of(live)
    titles = {column.key: _heading(column) for column in (*live.columns, *frozen.columns)}
    kinds = {column.key: column.kind for column in (*frozen.columns, *live.columns)}
    found = []
    for place in [*before, *(place for place in after if place not in before)]:
        old, new = before.get(place), after.get(place)
        name = str((old or new).get("name", ""))
        if old is None or new is None:
            found.append(_row(name, "Cả dòng", "" if old is None else GONE, NEW if old is None else ""))
            continue
        keys = [key for key in {**old, **new} if kinds.get(key) not in (None, INDEX)]
        found += [
            _row(name, titles[key], old.get(key), new.get(key))
            for key in keys
            if (old.get(key) or "") != (new.get(key) or "")
        ]
    return found


def _rows_of(table):
    """{place: cells} of every row, and of the lines below a total; a unit keeps its place under another name."""
    found, seen = {}, Counter()
    for section in table.sections:
        for group in (*section.groups, Group(tuple(section.asides), "aside")):
            shared = Counter(row.unit_key for row in group.rows)
            for row in group.rows:
                own = row.unit_key if shared[row.unit_key] == 1 else row.cells.get("name")
                place = (section.title, group.title, own)
                seen[place] += 1
                found[*place, seen[place]] = row.cells
    return found


def _heading(column):
    return f"{column.group}: {column.title}" if column.group else column.title


def _row(name, what, old, new):
    are_numbers = all(each is None or not isinstance(each, str) for each in (old, new))
    change = (new or 0) - (old or 0) if are_numbers else ""
    return Row({"name": name, "what": what, "frozen": _shown(old), "now": _shown(new), "change": change})


def _shown(value):
    return "" if value is None else value
