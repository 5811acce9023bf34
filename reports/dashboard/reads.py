"""Units × months: how many of the expected meetings were held, in words; each cell opens its list."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from core.periods import Period
from feedback.enums import Visibility
from feedback.models import Opinion
from meetings.enums import CELL_WORDS, Timeliness
from reports.comparison import fair_rate
from reports.figures import opinions_in
from reports.listings import list_url, round_listing, words_of
from reports.reach import completed, lines_of
from reports.tables.calendars import by_month
from units.enums import Level
from units.models import UnitLineage

MOST_ROWS = 18
"""What one sheet of paper holds; the others are summed up in a last line."""
ONE = {(1, 1): ("đủ", "heat-held"), (0, 1): (CELL_WORDS[Timeliness.MISSING], "heat-missing")}
FEW_MISSING = 0.8


@dataclass(frozen=True)
class HeatCell:
    text: str
    css: str
    title: str = ""
    url: str = ""


@dataclass(frozen=True)
class HeatRow:
    """`unit_key`: nothing for the line that sums up the rest. `silent`: 'n/all' of its villages."""

    name: str
    unit_key: str
    cells: list
    held: str
    rate: str
    missing: int
    missing_url: str
    silent: str = ""


class Heat:
    """Rows with most missing meetings first where they do not all fit, else as in the official list."""

    def __init__(self, reach, period, today):
        self.period, self.today = period, today
        self.boundaries = reach.boundaries
        lines = lines_of(reach, period, today)
        found = by_month(reach, period, today, lines, Level.COMMUNE)
        self.counts = {}
        for (home, month), cell in found.items():
            self.counts.setdefault(home, {})[month] = cell
        self.lines = [
            line for line in completed(lines.rows, self.counts, lines.named_on) if line.unit_id in self.counts
        ]
        self.months = period.months()

    @property
    def head(self):
        return [f"T{month}" for _, month in self.months]

    @property
    def is_cut(self):
        return len(self.lines) > MOST_ROWS

    def rows(self, silence):
        """`silence`: {unit id: (silent villages, villages)}."""
        lines = self.lines
        if self.is_cut:
            lines = sorted(lines, key=lambda line: -self._missing(line))
        rows = [self._row(line, silence.get(line.unit_id)) for line in lines[:MOST_ROWS]]
        return rows + ([self._rest(lines[MOST_ROWS:], silence)] if self.is_cut else [])

    def _missing(self, line):
        return _sum(self.counts[line.unit_id].values())["due_missing"]

    def _row(self, line, silent):
        by_month = self.counts[line.unit_id]
        cells = [self._cell(by_month.get(month, Counter()), year, month, line.key) for year, month in self.months]
        return self._line(line.name, line.key, cells, _sum(by_month.values()), silent)

    def _rest(self, lines, silence):
        cells = []
        for _, month in self.months:
            cell = _sum(self.counts[line.unit_id].get(month, Counter()) for line in lines)
            cells.append(HeatCell(*_words(cell["due_occurrences_held"], cell["due_expected"], 0)))
        total = _sum(cell for line in lines for cell in self.counts[line.unit_id].values())
        known = [silence[line.unit_id] for line in lines if line.unit_id in silence]
        silent = tuple(sum(part) for part in zip(*known, strict=True))
        return self._line(f"{len(lines)} đơn vị khác", "", cells, total, silent)

    def _line(self, name, key, cells, total, silent):
        held, expected = total["due_occurrences_held"], total["due_expected"]
        return HeatRow(
            name=name,
            unit_key=key,
            cells=cells,
            held=f"{held}/{expected}" if expected else "",
            rate=fair_rate(held, expected),
            missing=total["due_missing"],
            missing_url=self._url(round_listing("missing"), key) if key and total["due_missing"] else "",
            silent="{}/{}".format(*silent) if silent else "",
        )

    def _cell(self, cell, year, month, key):
        """What was expected and held in a month; where nothing was expected, what was held all the same."""
        held, expected = cell["due_occurrences_held"], cell["due_expected"]
        text, css = _words(held, expected, cell["due_exempt"])
        if not expected:
            return HeatCell(text, css)
        in_part, state = cell["due_incomplete"], "missing" if cell["due_missing"] else "held"
        if in_part and state == "held":
            state = "incomplete"
            if expected == 1:
                text, css = CELL_WORDS[Timeliness.INCOMPLETE], "heat-late"
        title = f"Tháng {month}: họp {held} trong {expected} kỳ"
        title += f", {in_part} kỳ kết thúc khi chưa họp đủ" if in_part else ""
        return HeatCell(text, css, title, self._url(round_listing(state), key, Period.month(year, month)))

    def _url(self, listing, key, part=None):
        words = words_of(self.period, self.boundaries, Level.COMMUNE)
        return list_url(listing, {"don-vi": key, "ky": (part or self.period).code, **dict(words)})


def _words(held, expected, exempt):
    if not expected:
        return (
            (CELL_WORDS[Timeliness.EXEMPT], "heat-exempt") if exempt else (CELL_WORDS[Timeliness.WAITING], "heat-none")
        )
    if (held, expected) in ONE:
        return ONE[held, expected]
    css = "heat-held" if held == expected else "heat-late" if held >= expected * FEW_MISSING else "heat-missing"
    return f"{held}/{expected}", css


def _sum(cells):
    total = Counter()
    for cell in cells:
        total.update(cell)
    return total


MOST_NAMES = 12


@dataclass(frozen=True)
class Silence:
    """`by_unit`: {unit id of a row: (silent, all)}; `names`: some of the silent ones."""

    silent: int
    villages: int
    by_unit: dict
    names: tuple = ()

    @property
    def unnamed(self):
        return self.silent - len(self.names)


def silence_of(reach, period, today, unit_ids):
    """Of the villages in force under these units at the end of the period (today, while it runs); two queries."""
    day = min(period.last, today)
    below = UnitLineage.objects.filter(ancestor_id__in=unit_ids, unit__level=Level.VILLAGE).on(day)
    villages = list(below.order_by("unit__code").values_list("unit_id", "ancestor_id", "unit__name"))
    heard = Opinion.objects.filter(reach.opinions & opinions_in(period), village__isnull=False)
    spoke = set(heard.exclude(visibility=Visibility.RESTRICTED).order_by().values_list("village_id", flat=True))
    counts, names = defaultdict(Counter), []
    for unit_id, ancestor_id, name in villages:
        counts[ancestor_id].update(all=1, silent=int(unit_id not in spoke))
        names += [name] if unit_id not in spoke else []
    total = sum(counts.values(), Counter())
    by_unit = {pk: (found["silent"], found["all"]) for pk, found in counts.items()}
    return Silence(total["silent"], total["all"], by_unit, tuple(names[:MOST_NAMES]))
