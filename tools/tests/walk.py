"""Every place that shows a figure of a unit's year, read from outside: pages, lists, JSON, sheets, cover, notices.

`walk` gives (what, place, number) triples: `what` is a word of `figures`, or one of the words below for what is counted
whenever it was raised. All numbers of one `what` must be equal.
"""

import io
import json
import re
from collections import Counter

from django.core.management import call_command
from django.db.models import Q
from django.urls import reverse
from lxml import html
from openpyxl import load_workbook

from core.periods import Period
from feedback.models import Opinion
from feedback.reads import COLUMNS, opinion_rows
from meetings.enums import Timeliness
from meetings.models import Occurrence
from meetings.reads import LOOK_BACK
from reports.figures import figures_by_unit
from reports.overview import lists_of
from reports.workbook.book import write_workbook

LAGGING = "units that miss meetings of the last year"
INHERITED = ", with what it inherited"
OPEN, OVERDUE, ANSWERED = "open, whenever raised", "overdue, whenever raised", "opinions_answered"
GROUPS = ("settled", "explained", "in_progress", "unassigned", "excluded")
OUTCOMES = ("received", "overdue", "confirmed", "on_time", "on_time_extended", "was_late", *GROUPS)
ROUNDS = ("expected", "occurrences_held", "on_time", "late", "made_up", "missing", "exempt", "incomplete")
WORDS = re.compile(rf"(commune|district)_({'|'.join(ROUNDS)})|opinions_({'|'.join(OUTCOMES)})")
MISSING = (Timeliness.MISSING, Timeliness.GRACE)
CELLS = {"thiếu": "missing", "muộn": "late", "bù": "made_up", "miễn": "exempt", "đủ": "incomplete"}
UNMET = ("heat-missing", "heat-coming")


def plain(text):
    return int(re.sub(r"\D", "", text))


class Walk:
    """`browser` is signed in as somebody who sees the whole `unit`."""

    def __init__(self, browser, unit, year, today):
        self.browser, self.unit, self.today = browser, unit, today
        self.period = Period.year(year)
        self.query = f"don-vi={unit.key}&ky={year}"
        self.found = []

    def all(self):
        is_heir = self.unit.heritage.exists()
        for part in (
            *(self.rows, self.json, self.overview, self.dashboard, self.tables, self.lists),
            *(self.review, self.year_report, self.workbook, self.home, self.compiled),
            *(() if is_heir else (self.heat, self.clocks)),  # they have a line for each former unit of an heir, too
        ):
            part()
        if not is_heir:  # what lies on an heir's desk is more than what was raised under it
            self.found = [(what.removesuffix(INHERITED), place, number) for what, place, number in self.found]
        return self.found

    def note(self, what, place, number):
        self.found.append((what, place, number))

    def page(self, address):
        answer = self.browser.get(address)
        assert answer.status_code == 200, address
        return html.fromstring(answer.content.decode())

    def total(self, address):
        return int(self.page(address).xpath("//@data-total")[0])

    def rows(self):
        """Row by row in plain Python, by the rules that pages ask about one thing."""
        mine = Q(**{f"{self.unit.level}_id": self.unit.pk})
        opinions = [row for row in Opinion.objects.filter(mine) if row.is_open]
        late = [row for row in opinions if row.is_overdue(self.today)]
        self.note(OPEN, "rules", len(opinions))
        shown = opinion_rows(Opinion.objects.filter(mine).unresolved().values(*COLUMNS), self.today)
        self.note(OVERDUE, "dòng của danh sách", sum(row["due_tone"] == "late" for row in shown))
        self.note(OVERDUE, "rules", len(late))
        year = self.period
        here = [row for row in late if year.first <= row.period_first and row.period_last <= year.last]
        self.note("opinions_overdue", "rules", len(here))
        states = Counter()
        for row in Occurrence.objects.filter(mine).in_period(year):
            if row.due_on < self.today:
                states[row.level, row.timeliness_on(self.today)] += 1
        for level in ("commune", "district"):
            count = {state: states[level, state] for state in Timeliness}
            for state in ("on_time", "late", "made_up", "exempt", "incomplete"):
                self.note(f"{level}_{state}", "rules", count[state])
            self.note(f"{level}_missing", "rules", sum(count[state] for state in MISSING))

    def json(self):
        answer = io.StringIO()
        call_command("figures", unit=self.unit.key, period=self.period.code, stdout=answer)
        found = json.loads(answer.getvalue())
        for word in filter(WORDS.fullmatch, found):
            self.note(word, "command figures", found[word])
        self.note(ANSWERED, "command figures", found["opinions_settled"] + found["opinions_explained"])

    def compiled(self):
        """What the night's compilation keeps for every unit at once."""
        level = {f"{self.unit.level}_id": self.unit.pk}
        found = figures_by_unit(Q(**level), self.period, self.today)[self.unit.pk]
        for word in filter(WORDS.fullmatch, found):
            self.note(word, "số liệu tổng hợp đêm", found[word])

    def home(self):
        """The tiles, with what the reader may not open, and who lags behind."""
        page = self.page("/")
        stats = {
            node.xpath("p[@class='stat-label']")[0].text_content().strip(): node.xpath("p")[0].text_content()
            for node in page.xpath("//div[contains(@class, 'stat') and p[@class='stat-value']]")
        }
        self.note(OPEN + INHERITED, "việc cần làm", plain(stats["Chưa giải quyết xong"]))
        self.note(OVERDUE + INHERITED, "việc cần làm", plain(stats["Quá hạn"]))
        lags = page.xpath("//h2[@id='lags-title']")
        if lags:
            self.note(LAGGING, "việc cần làm", plain(lags[0].text_content().split("(")[1]))
            below = Occurrence.objects.filter(**{f"{self.unit.level}_id": self.unit.pk}).exclude(unit=self.unit)
            since = self.today - LOOK_BACK
            late = {row.unit_id for row in below if row.due_on >= since and row.timeliness_on(self.today) in MISSING}
            self.note(LAGGING, "rules", len(late))

    def measured(self, page, place):
        """Numbers that name their own word."""
        for node in page.xpath(f'//*[@data-measure][@data-unit="{self.unit.key}"][@data-period="{self.period.code}"]'):
            if WORDS.fullmatch(node.get("data-measure")) and node.text_content().strip():
                self.note(node.get("data-measure"), place, plain(node.text_content()))

    def overview(self):
        self.measured(self.page(f"{reverse('report_home')}?{self.query}"), "báo cáo")

    def dashboard(self):
        page = self.page(f"{reverse('report_dashboard')}?{self.query}")
        self.measured(page, "tổng quan")
        heat = page.xpath("//table[@class='heat']")
        held = [row.xpath("td[last()-3]")[0].text_content() for row in heat[0].xpath("tbody/tr")]
        pairs = [tuple(map(int, pair.split("/"))) for pair in held if pair]
        self.note("commune_occurrences_held", "tổng quan: bảng tháng", sum(pair[0] for pair in pairs))
        self.note("commune_expected", "tổng quan: bảng tháng", sum(pair[1] for pair in pairs))
        missing = [plain(row.xpath("td[last()-1]")[0].text_content()) for row in heat[0].xpath("tbody/tr")]
        self.note("commune_missing", "tổng quan: bảng tháng", sum(missing))
        late = page.xpath("//table[caption[contains(., 'nêu bất kỳ khi nào')]]/tbody/tr[last()]")[0]
        for what, cell in zip((OPEN, OVERDUE), late.xpath("td"), strict=True):
            self.note(what, "tổng quan: đang chờ", plain(cell.text_content()))
        ladder = {
            row.xpath("th")[0].text_content().strip(): row.xpath("td")[0].text_content().split("/")[0]
            for row in page.xpath("//table[caption[contains(., 'ý kiến nêu trong')]]//tr")
        }
        self.note("opinions_overdue", "tổng quan: đến đâu", plain(ladder["Chưa xong, đã quá hạn"]))
        self.note(ANSWERED, "tổng quan: đến đâu", plain(ladder["Đã trả lời dưới mọi hình thức"]))

    def tables(self):
        for code in ("B1", "B2", "B3", "B4", "B10"):
            self.measured(self.page(f"{reverse('report_table', args=[code])}?{self.query}"), f"biểu {code}")
            content = self.browser.get(f"{reverse('table_download', args=[code, 'json'])}?{self.query}").json()
            for section in content["sections"]:
                self.totals(section, code)
        page = self.page(f"{reverse('report_table', args=['B8'])}?{self.query}")
        self.note(OPEN, "biểu B8", int(page.xpath("//@data-total")[0]))
        (words,) = [node.text_content() for node in page.xpath("//p[contains(., 'Tồn đọng')]")]
        late, total = re.search(r"quá hạn ([\d.]+)", words), re.search(r"Tồn đọng ([\d.]+)", words)
        self.note(OPEN, "biểu B8: ghi chú", plain(total[1]))
        self.note(OVERDUE, "biểu B8: ghi chú", plain(late[1]))

    def totals(self, section, code):
        for row in section["rows"]:
            cells, place = row["cells"], f"biểu {code} (JSON)"
            if row["unit"] == self.unit.key:
                for column, word in row["measures"].items():
                    if WORDS.fullmatch(word) and (code != "B10" or column == f"y{self.period.last.year}"):
                        self.note(word, place, cells[column])
            if row["kind"] == "total" and code == "B4":
                for word in ("overdue", *GROUPS):
                    self.note(f"opinions_{word}", place, cells[word])
                self.note("opinions_received", place, cells["opinions"])

    def lists(self):
        """The list behind each word, and the tabs of the queue and of the periods."""
        for word, address in lists_of(self.unit, self.period, "then").items():
            if WORDS.fullmatch(word):
                self.note(word, f"danh sách {address.split('?')[0]}", self.total(address))
        place = f"don-vi={self.unit.key}&ranh-gioi=then"
        self.note(OPEN, "ý kiến chưa xong", self.total(f"/y-kien/?{place}"))
        self.note(OVERDUE, "ý kiến quá hạn", self.total(f"/y-kien/?{place}&han=qua-han"))
        place = f"don-vi={self.unit.key}"
        self.note(OPEN + INHERITED, "ý kiến chưa xong, kể cả kế thừa", self.total(f"/y-kien/?{place}"))
        self.note(OVERDUE + INHERITED, "ý kiến quá hạn, kể cả kế thừa", self.total(f"/y-kien/?{place}&han=qua-han"))
        rounds = f"/hoi-nghi/?muc=thieu&{self.query}&ranh-gioi=then&cap=commune"
        self.note("commune_missing", "hội nghị: thẻ Thiếu", self.total(rounds))

    def heat(self):
        """The words in the cells of the year's table."""
        unit = f"&don-vi={self.unit.key}" if self.unit.level == "district" else ""
        page = self.page(f"{reverse('cadence_heat')}?nam={self.period.last.year}{unit}")
        for table in page.xpath("//table[@class='heat']"):
            caption = table.xpath("caption")[0].text_content()
            level = "commune" if caption.startswith("Cấp xã") else "district"
            held, expected = re.search(r"đã họp ([\d.]+) trong ([\d.]+) kỳ", caption).groups()
            self.note(f"{level}_occurrences_held", "biểu giao ban năm", plain(held))
            self.note(f"{level}_expected", "biểu giao ban năm", plain(expected))
            words = Counter(
                "thiếu" if cell.get("class") in UNMET else cell.text_content().split()[-1]  # or '5/11' of a begun round
                for cell in table.xpath(".//td[a]")
            )
            for word, what in CELLS.items():
                self.note(f"{level}_{what}", "biểu giao ban năm: ô", words[word])

    def clocks(self):
        unit = f"&don-vi={self.unit.key}" if self.unit.level == "district" else ""
        page = self.page(f"{reverse('clock_rates')}?nam={self.period.last.year}{unit}")
        for table in page.xpath("//main//table"):
            level = "commune" if table.xpath("caption")[0].text_content().startswith("Cấp xã") else "district"
            rates = [row.xpath("td[1]")[0].text_content() for row in table.xpath("tbody/tr")]
            pairs = [[plain(part) for part in rate.split("/")] for rate in rates if "/" in rate]
            self.note(f"{level}_on_time", "ba mốc", sum(pair[0] for pair in pairs))
            self.note(f"{level}_expected", "ba mốc", sum(pair[1] for pair in pairs))

    def review(self):
        """The ladder of the year's opinions, and the ages and holders of all that are open."""
        page = self.page(f"{reverse('opinion_ladder')}?{self.query}&ranh-gioi=then")
        stats = {
            node.xpath(".//p[@class='stat-label']")[0].text_content().strip(): node.xpath("p")[0].text_content()
            for node in page.xpath("//div[contains(@class, 'stat') and p[@class='stat-value']]")
        }
        self.note("opinions_received", "kết quả ý kiến", plain(stats["Đã tiếp nhận"]))
        page = self.page(f"{reverse('opinion_ageing')}?don-vi={self.unit.key}&ranh-gioi=then")
        self.note(OPEN, "chờ bao lâu", int(page.xpath("//@data-total")[0]))
        cells = page.xpath("//section[@aria-labelledby='holders-title']//tbody/tr/td[3]")
        if not page.xpath("//p[contains(., 'Bảng chỉ có những nơi')]"):
            self.note(
                OVERDUE, "ai đang giữ", sum(plain(cell.text_content()) for cell in cells if cell.text_content().strip())
            )

    def year_report(self):
        words = self.page(f"{reverse('year_report')}?{self.query}").text_content()
        late = re.search(r"chưa giải quyết có ([\d.]+) ý kiến quá hạn", words)
        self.note("opinions_overdue", "báo cáo năm", plain(late[1]) if late else 0)
        for level, name in (("commune", "hội nghị cấp xã|xã"), ("district", "hội nghị cấp huyện|huyện")):
            short = re.search(rf"(?:{name}) còn thiếu ([\d.]+) kỳ", words)
            if short:
                self.note(f"{level}_missing", "báo cáo năm", plain(short[1]))

    def workbook(self):
        """The sum of a column's rows on the sheets, and the line of the cover."""
        year, stream = self.period.last.year, io.BytesIO()
        write_workbook(stream, unit=self.unit, year=year, boundaries="then", today=self.today)
        book = load_workbook(stream)
        cover = " ".join(str(cell.value) for row in book["Bia"].iter_rows() for cell in row if cell.value)
        late = re.search(r"([\d.]+) đang quá hạn", cover)
        if late:
            self.note(OVERDUE, "bìa sổ năm", plain(late[1]))
        late = [row for row in book["B8_TonDong"].iter_rows() if isinstance(row[10].value, int)]
        hidden = Opinion.objects.filter(**{f"{self.unit.level}_id": self.unit.pk}, visibility="restricted")
        hidden = [row for row in hidden if row.is_overdue(self.today)]
        self.note(OVERDUE, "sổ năm B8, hạn chế xem", len(late) + len(hidden))


def differences(found):
    """'what: {24: [place, place], 23: [place]}' for each that is not the same everywhere."""
    by_word = {}
    for what, place, number in found:
        by_word.setdefault(what, {}).setdefault(number, []).append(place)
    return [f"{what}: {numbers}" for what, numbers in by_word.items() if len(numbers) > 1]
