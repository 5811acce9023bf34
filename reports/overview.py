"""The first page of the reports: every figure of a unit and period, in words, with the list behind it."""

from dataclasses import dataclass

from core.periods import Period
from reports.comparison import fair_rate
from reports.listings import (
    AT_MEETINGS,
    OPEN_TO_ALL,
    RESTRICTED,
    list_url,
    meeting_listing,
    opinion_listing,
    round_listing,
    words_of,
)
from units.enums import Level

ROUNDS = (
    ("expected", "Kỳ phải tổ chức (đã đến hạn)", "expected"),
    ("occurrences_held", "Kỳ đạt", "held"),
    ("on_time", "Đúng hạn", "on_time"),
    ("late", "Muộn", "late"),
    ("made_up", "Họp bù", "made_up"),
    ("missing", "Thiếu", "missing"),
    ("incomplete", "Kết thúc khi chưa họp đủ", "incomplete"),
    ("exempt", "Được miễn", "exempt"),
    ("exempt_late", "Trong đó miễn sau kỳ", "exempt_late"),
)
"""Word of `figures`, label, state in the list of expected meetings."""

MEETINGS = (
    ("meetings", "Hội nghị đã họp", meeting_listing()),
    ("sittings", "Số cuộc họp", None),
    ("thematic", "Trong đó chuyên đề", meeting_listing(("loai", "thematic"))),
    ("extra", "Họp thêm ngoài kỳ", meeting_listing(("loai", "them"))),
    ("attendance", "Lượt đại biểu", None),
    ("opinions", "Ý kiến nêu tại hội nghị", opinion_listing(AT_MEETINGS)),
)
"""Word, label, the list (None: a sum over meetings, with no list of its own)."""

OPINIONS = (
    ("received", "Đã tiếp nhận", ()),
    ("settled", "Đã giải quyết", (("trang-thai", "g-settled"),)),
    ("explained", "Đã giải trình, cung cấp thông tin", (("trang-thai", "g-explained"),)),
    ("in_progress", "Đang giải quyết", (("trang-thai", "g-in_progress"),)),
    ("unassigned", "Chưa giải quyết", (("trang-thai", "g-unassigned"),)),
    ("excluded", "Không tính (rút, trùng, khiếu nại, tố cáo)", (("trang-thai", "g-excluded"),)),
    ("overdue", "Quá hạn (trong số đang và chưa giải quyết)", (("han", "qua-han"),)),
    ("on_time", "Trả lời đúng hạn đầu tiên", (("han", "dung-han"),)),
    ("on_time_extended", "Trả lời đúng hạn đã gia hạn", (("han", "dung-han-gia-han"),)),
    ("was_late", "Từng quá hạn (kể cả nay đã trả lời, đã gia hạn)", (("han", "tung-qua-han"),)),
    ("confirmed", "Người nêu hài lòng với kết quả", (("hai-long", "satisfied"),)),
)
TOP_TOPICS = 10
RAISED = "nêu trong"
NAMES = {Level.COMMUNE: "Cấp xã", Level.DISTRICT: "Cấp huyện"}


@dataclass(frozen=True)
class Figure:
    """One number with its word, its label, the list behind it and a note."""

    word: str
    label: str
    value: int
    url: str = ""
    note: str = ""


class Overview:
    """The figures of a selection, arranged for the page, each with the list behind it."""

    def __init__(self, selection, figures):
        self.selection, self.figures = selection, figures

    @property
    def levels(self):
        """The levels that the unit and the period have."""
        wide = self.selection.unit.level != Level.COMMUNE and self.selection.period.kind != "month"
        both = wide and (self.figures["district_expected"] or self.figures["district_meetings"])
        return [Level.COMMUNE, Level.DISTRICT] if both else [Level.COMMUNE]

    @property
    def headline(self):
        """The few numbers a leader looks for first."""
        found, commune = self.figures, Level.COMMUNE
        rate = fair_rate(found["commune_occurrences_held"], found["commune_expected"], 2)
        answered = found["opinions_settled"] + found["opinions_explained"]
        counted = found["opinions_received"] - found["opinions_excluded"]
        return [
            self._meeting(
                commune,
                "meetings",
                "Hội nghị cấp xã",
                meeting_listing(),
                self._scoped("họp cho", f"đạt {rate} số kỳ phải họp" if rate else ""),
            ),
            *[
                self._meeting(level, "meetings", "Hội nghị cấp huyện", meeting_listing(), self._scoped("họp cho"))
                for level in self.levels[1:]
            ],
            self._round(commune, "missing", "Kỳ cấp xã còn thiếu", "missing", self._scoped("kỳ của", "đã đến hạn")),
            self._meeting(commune, "attendance", "Lượt đại biểu cấp xã", None, self._scoped("họp cho")),
            self._opinion(
                "received", "Ý kiến tiếp nhận", (), self._scoped(RAISED, _share(answered, counted, "đã trả lời"))
            ),
            self._opinion("overdue", "Ý kiến quá hạn", (("han", "qua-han"),), self._scoped(RAISED, "nay quá hạn")),
        ]

    @property
    def raised(self):
        """'nêu trong năm 2026': of which opinions the numbers are."""
        return self._scoped(RAISED)

    @property
    def topic_unit(self):
        return f"ý kiến {self.raised}"

    def _scoped(self, words, more=""):
        """'họp cho năm 2026; đạt 76,88% số kỳ phải họp'."""
        scope = f"{words} {self.selection.period.label_inside}"
        return f"{scope}; {more}" if more else scope

    @property
    def level_names(self):
        return [NAMES[level] for level in self.levels]

    @property
    def rounds(self):
        """[(label, [Figure for each level])]: n and, where it makes sense, its share of the expected."""
        return [
            (label, [self._round(level, word, label, state, self._rate(level, word)) for level in self.levels])
            for word, label, state in ROUNDS
        ]

    @property
    def meetings(self):
        return [
            (label, [self._meeting(level, word, label, listing) for level in self.levels])
            for word, label, listing in MEETINGS
        ]

    @property
    def opinions(self):
        return [self._opinion(word, label, words, self._part(word)) for word, label, words in OPINIONS]

    @property
    def visits(self):
        """Rows only when somebody went or was to go."""
        names = {"province": "Cán bộ cấp tỉnh", "district": "Cán bộ cấp huyện", "commune": "Cán bộ cấp xã"}
        rows = [
            (
                label,
                self._plain(f"{level}_visits", label),
                self._plain(f"{level}_visits_expected", label),
                fair_rate(self.figures[f"{level}_visits"], self.figures[f"{level}_visits_expected"]),
            )
            for level, label in names.items()
        ]
        return rows if any(done.value or due.value for _, done, due, _ in rows) else []

    @property
    def members(self):
        due, present = (
            self._plain("visits_members_due", "Thành viên phải dự"),
            self._plain("visits_members_present", "Có mặt"),
        )
        return {"due": due, "present": present, "rate": fair_rate(present.value, due.value)}

    def topic_bars(self, counts):
        """Bars of the commonest topics and the restricted ones; `counts`: (name, code or None, number)."""
        counts = [row for row in counts if row[1]][:TOP_TOPICS] + [row for row in counts if not row[1]]
        return [
            {
                "label": name,
                "value": number,
                "url": self._address(opinion_listing(*((("linh-vuc", code), OPEN_TO_ALL) if code else (RESTRICTED,)))),
            }
            for name, code, number in counts
        ]

    def months(self, rows, today):
        """Commune meetings of each month of the period's (last) year, for the line; months to come have no value."""
        year = self.selection.period.last.year
        found = {
            row["month"]: row["sum_meetings"] for row in rows if (row["level"], row["year"]) == (Level.COMMUNE, year)
        }
        return [
            {
                "label": f"T{month}",
                "value": found.get(month, 0) if Period.month(year, month).first <= today else None,
                "is_partial": today in Period.month(year, month),
                "url": self._address(meeting_listing(("ky", f"{year}-{month:02d}")), Level.COMMUNE),
            }
            for month in range(1, 13)
        ]

    def _rate(self, level, word):
        """The share of the expected; nothing beside a zero, and expected and exempt are no shares."""
        number = self.figures[f"{level}_{word}"]
        is_share = number and word not in ("expected", "exempt")
        return fair_rate(number, self.figures[f"{level}_expected"], 2) if is_share else ""

    def _part(self, word):
        number = self.figures[f"opinions_{word}"]
        return fair_rate(number, self.figures["opinions_received"]) if number and word != "received" else ""

    def _round(self, level, word, label, state, note=""):
        return self._meeting(level, word, label, round_listing(state), note)

    def _meeting(self, level, word, label, listing, note=""):
        url = self._address(listing, level) if listing else ""
        return Figure(f"{level}_{word}", label, self.figures[f"{level}_{word}"], url, note)

    def _opinion(self, word, label, words, note=""):
        url = self._address(opinion_listing(*words))
        return Figure(f"opinions_{word}", label, self.figures[f"opinions_{word}"], url, note)

    def _plain(self, word, label):
        return Figure(word, label, self.figures[word])

    def _address(self, listing, level=""):
        chosen = self.selection
        common = words_of(chosen.period, chosen.boundaries, level)
        return list_url(listing, {"don-vi": chosen.unit.key, "ky": chosen.period.code, **dict(common)})


def _share(part, whole, words):
    return f"{fair_rate(part, whole)} {words}" if whole else ""


def lists_of(unit, period, boundaries):
    """{word: address}, for a unit's period."""
    addresses, place = {}, {"don-vi": unit.key, "ky": period.code}
    for level in (Level.COMMUNE, Level.DISTRICT):
        common = place | dict(words_of(period, boundaries, level))
        listings = [(word, round_listing(state)) for word, _, state in ROUNDS]
        listings += [(word, listing) for word, _, listing in MEETINGS if listing]
        addresses |= {f"{level.value}_{word}": list_url(listing, common) for word, listing in listings}
    common = place | dict(words_of(period, boundaries))
    return addresses | {f"opinions_{word}": list_url(opinion_listing(*words), common) for word, _, words in OPINIONS}
