"""The yearly workbook, read back as a stranger would: with openpyxl, formulas and all."""

import json
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from openpyxl import load_workbook

from conftest import make_user
from core import jobs
from core.models import Activity, Job
from core.periods import Period
from feedback.models import Opinion
from meetings.models import Meeting, MeetingMonth
from meetings.tallies import rebuild
from reports.figures import figures
from reports.services import request_export
from reports.tables import backlog_table
from reports.tests.world import SECRET, TODAY, fill, make_reform_tree
from reports.workbook import write_workbook
from reports.workbook.sheets import FOR_SCREEN


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree)
    return tree


def read(unit, year, boundaries="then", user=None):
    stream = BytesIO()
    write_workbook(stream, unit=unit, year=year, boundaries=boundaries, today=TODAY, user=user)
    return load_workbook(BytesIO(stream.getvalue()))


def evaluate(sheet, formula):
    """The value of one of our own SUM formulas."""
    total = 0
    for part in formula.removeprefix("=SUM(").removesuffix(")").split(","):
        cells = sheet[part] if ":" in part else ((sheet[part],),)
        for (cell,) in cells:
            value = cell.value
            if isinstance(value, str) and value.startswith("=SUM("):
                value = evaluate(sheet, value)
            total += value if isinstance(value, int) else 0
    return total


def totals(sheet):
    """{column number: value} of every TỔNG CỘNG row, in order."""
    rows = [row for row in sheet.iter_rows() if row[1].value == "TỔNG CỘNG"]
    return [
        {cell.column: evaluate(sheet, cell.value) for cell in row if str(cell.value).startswith("=SUM(")}
        for row in rows
    ]


def test_totals_are_live_and_equal_the_figures(world):
    for year, boundaries in ((2025, "then"), (2025, "now")):
        _compare(world, year, boundaries)


def _compare(world, year, boundaries):
    book = read(world.province, year, boundaries)
    found = figures(world.province, Period.year(year), boundaries, TODAY)
    commune, district = totals(book["B1_TongHop"])
    for level, total in (("commune", commune), ("district", district)):
        words = {3: "expected", 4: "meetings", 5: "occurrences_held", 11: "thematic", 12: "attendance", 14: "opinions"}
        assert {n: total[n] for n in words} == {n: found[f"{level}_{word}"] for n, word in words.items()}
        assert total[14] == sum(total[n] for n in (16, 17, 18, 19, 20))
        assert total[23] == found[f"{level}_incomplete"]
    (months,) = totals(book["B2_CapXa"])
    assert sum(months[n] for n in range(3, 15)) == months[15] == found["commune_meetings"]
    assert (months[16], months[17]) == (found["commune_occurrences_held"], found["commune_expected"])
    (quarters,) = totals(book["B3_CapHuyen"])
    assert sum(quarters[n] for n in range(3, 7)) == quarters[8] == found["district_meetings"]
    (topics,) = totals(book["B4_LinhVuc"])
    words = ("received", "settled", "explained", "in_progress", "unassigned", "excluded", "overdue")
    assert [topics[n] for n in (3, 5, 6, 7, 8, 9, 10)] == [found[f"opinions_{word}"] for word in words]
    (records,) = totals(book["DuLieu_HN"])
    assert records[11] == found["commune_attendance"] + found["district_attendance"]
    (kinds,) = totals(book["B5_Loai"])
    assert kinds[3] == sum(kinds[n] for n in range(4, 12)) == found["opinions_received"]
    (whose,) = totals(book["B6_ThamQuyen"])
    assert whose[3] == sum(whose[n] for n in (4, 7, 10, 13, 16, 19, 22)) == found["opinions_received"]
    at_communes, at_districts = totals(book["B7_DaiBieu"])
    assert [at_communes[13], at_districts[13]] == [found["commune_attendance"], found["district_attendance"]]
    assert _length(book["DuLieu_YK"]) + kinds[11] == found["opinions_received"]
    assert _length(book["B9_HienKe"]) == kinds[8] + kinds[7]


def _length(sheet):
    return len([row for row in sheet.iter_rows() if str(row[1].value).startswith("YK-")])


def test_sheets_stand_in_the_official_order(world):
    names = "Bia B1_TongHop B2_CapXa B3_CapHuyen B4_LinhVuc B5_Loai B6_ThamQuyen B7_DaiBieu B8_TonDong B9_HienKe"
    assert read(world.province, 2016).sheetnames == [*names.split(), "B10_SoSanh", "BieuDo", "DuLieu_HN", "DuLieu_YK"]


def test_the_cover_counts_lists_and_parts_by_formulas(world):
    cover = read(world.province, 2016)["Bia"]
    checks = {row[1].value: (row[2].value, row[3].value) for row in cover.iter_rows() if "Khớp" in str(row[4].value)}
    assert len(checks) == 32
    first, second = checks["Hiến kế, cách làm hay: số dòng Biểu 9 và Biểu 5"]
    assert first.startswith("=COUNTA('B9_HienKe'!$B$10:$B$")
    assert second == "='B5_Loai'!$G$12+'B5_Loai'!$H$12"
    rows, received = checks["Ý kiến: số dòng dữ liệu, hạn chế xem và đếm lại"]
    assert rows.startswith("=COUNTA('DuLieu_YK'!$B$")
    assert received == figures(world.province, Period.year(2016), "then", TODAY)["opinions_received"]


def shown(unit, year, boundaries="then"):
    """The same workbook twice: its formulas, and what a reader shows who does not calculate."""
    stream = BytesIO()
    write_workbook(stream, unit=unit, year=year, boundaries=boundaries, today=TODAY)
    return load_workbook(stream), load_workbook(stream, data_only=True)


def verdicts(unit, year, boundaries="then"):
    """{what is checked: (first, second, verdict)} as a reader shows it who does not calculate."""
    rows = shown(unit, year, boundaries)[1]["Bia"].iter_rows(values_only=True)
    return {row[1]: row[2:] for row in rows if row[4] in ("Khớp", "Lệch")}


@pytest.mark.parametrize(("year", "boundaries"), [(2016, "then"), (2025, "now")])
def test_a_reader_that_does_not_calculate_shows_every_total_and_percentage(world, year, boundaries):
    formulas, values = shown(world.province, year, boundaries)
    assert formulas.calculation.fullCalcOnLoad
    found = [
        (values[sheet.title][cell.coordinate].value, cell)
        for sheet in formulas
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    sums = [(value, cell) for value, cell in found if cell.value.startswith("=SUM(")]
    assert len(sums) > 100
    assert all(value == evaluate(cell.parent, cell.value) for value, cell in sums)
    blank = [cell for value, cell in found if value in (None, "")]
    assert all(cell.value.startswith("=IF(") for cell in blank), "a blank is a share of nothing"
    wrong = [words for words, row in verdicts(world.province, year, boundaries).items() if row[2] != "Khớp"]
    assert wrong == []


def test_percentages_shown_are_those_of_the_sums(world):
    sheet = shown(world.province, 2016)[1]["B1_TongHop"]
    row = next(row for row in sheet.iter_rows(values_only=True) if row[1] == "TỔNG CỘNG")
    assert row[5] == pytest.approx(100 * row[4] / row[2])
    assert row[21] == pytest.approx(100 * (row[15] + row[16]) / (row[13] - row[19]))


def test_a_tally_that_drifted_is_found_on_the_cover(world):
    """The tables are summed from tallies, the other number is counted from the rows."""
    MeetingMonth.objects.filter(level="commune", year=2016).update(meetings=F("meetings") + 1)
    found = verdicts(world.province, 2016)
    assert found["Hội nghị cấp xã: Biểu 1 và đếm lại"][2] == "Lệch"
    assert found["Hội nghị cấp huyện: Biểu 1 và đếm lại"][2] == "Khớp"


def test_shares_of_years_are_numbers_and_no_share_changes_by_a_share(world):
    sheet = read(world.province, 2025)["B10_SoSanh"]
    rates = [row for row in sheet.iter_rows() if row[1].value == "Tỷ lệ đạt"]
    assert [row[7].number_format for row in rates] == ["[$-42A]0.00"] * 4
    assert all(0 < row[7].value <= 100 and row[8].value is None for row in rates)
    counts = next(row for row in sheet.iter_rows() if row[1].value == "Số hội nghị")
    row = counts[0].row
    assert counts[8].value == f'=IF(G{row}=0,"",(H{row}-G{row})/G{row}*100)'


def test_year_of_two_trees_prints_both(world):
    sheet = read(world.province, 2025)["B1_TongHop"]
    rows = {row[1].value: row for row in sheet.iter_rows(min_row=9) if row[1].value}
    assert rows["Huyện Yên Sơn"][24].value.startswith("Đến hết 30/06/2025")
    assert rows["Xã Bình Khê"][24].value.startswith("Từ 01/07/2025")
    assert {"Theo đơn vị cấp huyện", "Cấp xã trực thuộc tỉnh"} <= set(rows)


def test_text_is_never_a_formula_and_restricted_text_never_there(world):
    book = read(world.province, 2016)
    texts = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    typed = [cell for cell in texts if cell.value.startswith(("=1+1", "=cmd"))]
    assert len(typed) > 50
    assert {cell.data_type for cell in typed} == {"s"}
    assert not [cell.value for cell in texts if SECRET in cell.value]
    hidden = [cell.value for cell in texts if "hạn chế xem" in cell.value and cell.parent.title == "B8_TonDong"]
    (note, line) = sorted(hidden, key=len, reverse=True)
    assert int(line.split()[0]) > 0
    assert f"kể cả {line} không nêu nội dung" in note


def test_only_those_who_may_read_restricted_opinions_find_them(world):
    head, specialist = make_user("truong", "province", world.province), make_user("vien", "specialist", world.province)

    def texts(user):
        (section,) = backlog_table(world.province, Period.year(2016), "then", TODAY, user).sections
        return {row.cells["text"] for row in (*section.rows, *section.asides)}

    assert SECRET in texts(head)
    assert SECRET not in texts(specialist)


def test_looks_as_official_tables_do(world):
    book = read(world.province, 2016)
    _check_rates(book["B1_TongHop"])
    assert book.sheetnames[1] == "B1_TongHop"
    for sheet in book.worksheets[1:]:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (
            "landscape",
            9,
            1,
        )
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.freeze_panes
        assert sheet.print_title_rows
        assert round(sheet.page_margins.left * 25.4) == 30
        assert round(sheet.page_margins.right * 25.4) == 15
        head = sheet[sheet.print_title_rows.replace("$", "").split(":")[0]][0]
        assert (head.font.name, head.font.sz, head.font.b) == ("Times New Roman", 12, True)
        assert sheet.row_dimensions[head.row].height > 15


def _check_rates(sheet):
    """Rates are formulas over the sums, so they are never means of rates."""
    row = next(row for row in sheet.iter_rows() if row[1].value == "TỔNG CỘNG")[0].row
    assert sheet.cell(row, 6).value == f'=IF(C{row}=0,"",E{row}/C{row}*100)'
    assert sheet.cell(row, 22).value == f'=IF((N{row}-T{row})=0,"",(P{row}+Q{row})/(N{row}-T{row})*100)'
    assert (sheet.cell(row, 6).number_format, sheet.cell(row, 3).number_format) == ("[$-42A]0.00", "[$-42A]#,##0")


def test_the_book_to_be_signed_has_no_lists_and_no_signature_stands_alone(world, tmp_path):
    out = tmp_path / "trinh-ky.xlsx"
    call_command("export_year", "--unit", "province-90", "--year", "2016", "--for-signing", "--out", str(out))
    book = load_workbook(out)
    names = "Bia B1_TongHop B2_CapXa B3_CapHuyen B4_LinhVuc B5_Loai B6_ThamQuyen B7_DaiBieu B10_SoSanh BieuDo"
    assert book.sheetnames == names.split()
    for sheet in book:
        signed = next(row[0].row for row in sheet.iter_rows() if row[0].value == "NGƯỜI LẬP BIỂU")
        breaks = [each.id for each in sheet.row_breaks.brk]
        page = max((row for row in breaks if row < signed), default=0)
        rows = [row for row in sheet.iter_rows(min_row=page + 1, max_row=signed - 1) if row[1].value]
        assert rows or sheet._charts, sheet.title
        assert sheet.page_setup.fitToWidth == 1
    assert len(book["BieuDo"]._charts) == 3
    assert book["BieuDo"].conditional_formatting
    assert load_workbook(out, data_only=True)["B1_TongHop"]["C18"].value is not None


def test_long_lists_are_for_the_screen_and_say_so(world):
    book = read(world.province, 2016)
    lists = {"B8_TonDong", "B9_HienKe", "DuLieu_HN", "DuLieu_YK"}
    words = {sheet.title: {row[0].value for row in sheet.iter_rows()} for sheet in book}
    assert {name for name, found in words.items() if FOR_SCREEN in found} == lists
    assert {name for name, found in words.items() if "NGƯỜI LẬP BIỂU" not in found} == lists


def test_the_month_that_is_not_over_is_marked_and_later_ones_are_blank(world):
    """The suite lives in November 2025."""
    rows = list(read(world.province, 2025)["BieuDo"].iter_rows(values_only=True))
    head = next(row for row in rows if row[0] == "STT")
    assert head[11:14] == ("T10", "T11*", "T12")
    opinions = next(row for row in rows if row[1] == "Ý kiến nêu tại hội nghị cấp xã")
    assert opinions[11] is not None
    assert opinions[13] is None


def test_the_page_offers_the_book_to_be_signed(world, client):
    client.force_login(make_user("truong", "province", world.province))
    page = client.get("/bao-cao/", {"don-vi": world.province.key, "ky": "2016"}).content.decode()
    assert 'name="ban" value="trinh-ky"' in page
    asked = {"don-vi": world.province.key, "nam": "2016", "request_id": "r7"}
    client.post("/bao-cao/xuat/", asked)
    client.post("/bao-cao/xuat/", asked | {"ban": "trinh-ky"})
    assert [job.params["for_signing"] for job in Job.objects.order_by("pk")] == [False, True]


def test_the_command_writes_a_file(world, tmp_path, capsys):
    out = tmp_path / "so-lieu.xlsx"
    call_command("export_year", "--unit", "district-901", "--year", "2016", "--out", str(out), "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer["sheets"] == load_workbook(out).sheetnames
    assert answer["unit"] == world.a.key
    with pytest.raises(CommandError, match="không phải một năm"):
        call_command("export_year", "--unit", "district-901", "--year", "2016-Q1", "--out", str(out))


def test_the_job_writes_once_and_only_for_those_who_may(world, django_capture_on_commit_callbacks):
    head = make_user("truong", "province", world.province)
    first, again = (
        request_export(world.province, 2016, "then", actor=head, request_id="r1", today=TODAY) for _ in range(2)
    )
    assert first == again
    assert Activity.objects.filter(verb="report.export_year", actor_id=head.pk).exists()
    assert jobs.run_job(first.pk)
    assert not jobs.run_job(first.pk)
    first.refresh_from_db()
    assert (first.status, first.done, first.total) == ("done", first.total, first.total)
    assert first.file.endswith(".xlsx")
    assert first.file_name == "Giao ban 2016 - Tỉnh Đông Hải.xlsx"
    assert jobs.may_read(first, head)
    head.person.posts.update(valid_to=TODAY)
    moved = type(head).objects.get(pk=head.pk)
    assert not jobs.may_read(first, moved)


def test_opinions_heard_on_visits_do_not_upset_the_cover(world):
    opinion = Opinion.objects.filter(level="commune", year=2016).first()
    Opinion.objects.filter(pk=opinion.pk).update(origin="visit", meeting=None)
    Meeting.objects.filter(pk=opinion.meeting_id).update(opinion_count=F("opinion_count") - 1)
    rebuild()
    number = Opinion.objects.filter(level="commune", year=2016).count()
    assert verdicts(world.province, 2016)["Ý kiến cấp xã: Biểu 1 và đếm lại"] == (number, number, "Khớp")
