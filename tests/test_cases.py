"""The small books of tests/cases that failed in trials: what each holds is read, or named and waited for."""

import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from conftest import make_person, make_post, make_unit
from core.jobs import run_job
from core.models import Job
from core.text import VNI, encode
from feedback.ledger.book import OPINIONS
from feedback.models import LedgerImport, Opinion
from feedback.tests.test_ledger import MEETING, OPINION, book
from meetings.models import Meeting
from people.models import Person, Post, RosterImport
from units.loading import rebuild_tree

pytestmark = pytest.mark.django_db
CASES = Path(__file__).parent / "cases"


@pytest.fixture
def ward(cast):
    """The ward the cases speak of, with one village."""
    unit = make_unit("commune", "90103", "Phường Hà Khánh", cast.tree.a)
    unit.village = make_unit("village", "90103-02", "Khu 2", unit)
    rebuild_tree()
    return unit


def run(command, path, unit, *words):
    """(what the command says, its refusal or "")."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(command, str(path), "--unit", unit.key, *words, stdout=out, stderr=err)
    except CommandError as refusal:
        return err.getvalue() + out.getvalue(), str(refusal)
    return err.getvalue() + out.getvalue(), ""


def ledger(name, ward, *words):
    return run("import_ledger", CASES / name, ward, *words)


def nothing_written():
    return not (Meeting.objects.exists() or Opinion.objects.exists() or LedgerImport.objects.exists())


UNREAD = [
    (
        "second_sheet.xlsx",
        ["Trang HoiNghi (2): Trang này không được đọc", "Trang Năm 2011: Trang này không được đọc"],
        (1, 0),
    ),
    ("unknown_column.xlsx", ["cột I (Số lượt ĐB): Cột này không được đọc", "cột L (Tổng ý kiến)", "“50”"], (1, 0)),
    ("hidden_rows.xlsx", ["1 dòng đang ẩn vẫn được nhập: dòng 3"], (2, 0)),
]


@pytest.mark.parametrize(("name", "words", "counts"), UNREAD)
def test_what_is_not_read_or_hidden_is_named_and_waits_for_a_yes(ward, name, words, counts):
    told, refusal = ledger(name, ward, "--dry-run")
    assert refusal == ""
    assert all(each in told for each in words), told
    told, refusal = ledger(name, ward)
    assert all(each in told for each in words)
    assert "--accept-unread" in told
    assert "không được đọc hoặc đang ẩn" in refusal
    assert nothing_written()
    assert ledger(name, ward, "--accept-letters", "--accept-days")[1]
    assert nothing_written()
    assert ledger(name, ward, "--accept-unread")[1] == ""
    assert (Meeting.objects.count(), Opinion.objects.count()) == counts


def test_a_column_named_almost_like_one_that_is_missing_is_guessed_at(ward):
    assert "Nếu đó là “Lượt đại biểu”, hãy sửa tên cột" in ledger("unknown_column.xlsx", ward, "--dry-run")[0]


def test_opinions_on_a_sheet_named_otherwise_are_read_and_it_is_said(ward):
    told, refusal = ledger("opinions_sheet_named_otherwise.xlsx", ward)
    assert refusal == ""
    assert "Trang Ý kiến kiến nghị: Trang này được đọc như trang YKien" in told
    assert Opinion.objects.get().text == "Đề nghị sửa đường khu 1 vì hư hỏng nặng"


def test_tcvn3_text_is_shown_as_it_will_be_and_turned_after_a_yes(ward):
    told, refusal = ledger("tcvn3.xlsx", ward)
    assert "“Héi tr\u00adêng UBND ph\u00adêng” → Hội trường UBND phường" in told
    assert "→ Đề nghị UBND phường sửa đường khu 1 vì hư hỏng nặng" in told
    assert "chữ theo bảng mã cũ" in refusal
    assert nothing_written()
    assert ledger("tcvn3.xlsx", ward, "--accept-unread")[1]
    assert ledger("tcvn3.xlsx", ward, "--accept-letters")[1] == ""
    opinion, meeting = Opinion.objects.get(), Meeting.objects.get()
    assert opinion.text == "Đề nghị UBND phường sửa đường khu 1 vì hư hỏng nặng"
    assert opinion.answer == "Đã sửa xong"
    assert (meeting.place, meeting.minutes) == ("Hội trường UBND phường", "Hội nghị giao ban")


@pytest.mark.parametrize("name", ["eth.xlsx", "zw.xlsx"])
def test_letters_that_look_alike_and_what_nobody_sees_are_put_right(ward, name):
    assert ledger(name, ward)[1] == ""
    opinion = Opinion.objects.get()
    assert (opinion.text, opinion.status) == ("Đề nghị sửa đường khu 1 vì hư hỏng nặng", "resolved")
    assert "de nghi sua duong khu 1 vi hu hong nang" in opinion.search_text


def test_a_strict_book_is_refused_with_its_cause_and_the_way_to_save_it(ward):
    refusal = ledger("strict.xlsx", ward)[1]
    assert "Strict Open XML" in refusal
    assert "Lưu dưới dạng Excel Workbook (.xlsx)" in refusal
    assert nothing_written()


def test_days_that_excel_may_have_turned_are_asked_for(ward):
    told, refusal = ledger("swap_noperiod.xlsx", ward)
    assert "dòng 3, cột E (Ngày họp): Cột có ngày gõ bằng chữ (25/03/2014) lẫn ngày của Excel" in told
    assert "04/03/2014 hay 03/04/2014?" in told
    assert "có 2 hội nghị định kỳ trong tháng 3/2014" in told
    assert "tháng 4/2014 không có" in told
    assert "ngày và tháng có thể bị đảo" in refusal
    assert nothing_written()
    assert ledger("swap_noperiod.xlsx", ward, "--accept-days")[1] == ""
    assert Meeting.objects.count() == 4


def test_two_meetings_in_a_month_that_say_their_period_are_believed(cast, tmp_path):
    rows = [MEETING | {"held_on": f"{day}/03/2016", "key": f"A{day}"} for day in (20, 25)]
    path = tmp_path / "so.xlsx"
    book(meetings=rows, opinions=[]).save(path)
    assert run("import_ledger", path, cast.tree.a)[1] == ""


def test_the_word_of_address_is_no_part_of_a_name_in_a_roster(ward):
    assert run("import_roster", CASES / "r_dongchi.xlsx", ward)[1] == ""
    assert Person.objects.get(posts__unit=ward.village).name == "Đỗ Văn Thử"


def test_plus_84_is_the_number_the_directory_knows(ward):
    person = make_person("Đỗ Văn Thử", "0912345678")
    make_post(person, ward.village, "residents_rep")
    assert run("import_roster", CASES / "r_p84.xlsx", ward)[1] == ""
    assert Person.objects.filter(name="Đỗ Văn Thử").get() == person
    assert set(Post.objects.filter(person=person).values_list("position", flat=True)) == {
        "residents_rep",
        "village_head",
    }


def test_a_roster_names_what_it_does_not_read_in_the_same_words(ward, tmp_path):
    found = load_workbook(CASES / "r_dongchi.xlsx")
    sheet = found.active
    sheet["I1"], sheet["I2"], sheet["H2"] = "Năm sinh", "1970", "mới bầu"
    sheet["C2"], sheet["C2"].font = "§ç V¨n Thö", Font(name=".VnTime")
    found.create_sheet("Khu khác")["A1"] = "Khu 3"
    found["Khu khác"].sheet_state = "hidden"
    sheet.column_dimensions["D"].hidden = True
    found.save(path := tmp_path / "r.xlsx")
    told, refusal = run("import_roster", path, ward)
    for words in (
        "cột I (Năm sinh)",
        "Trang Khu khác: Trang này đang ẩn và không được đọc",
        "cột D (Chức danh): Cột này đang ẩn",
    ):
        assert words in told
    assert "cột H (Ghi chú): Cột này không nhập vào phần mềm." in told
    assert "→ Đỗ Văn Thử" in told
    assert refusal.count(";") == 1
    assert not Post.objects.filter(unit=ward.village).exists()
    assert run("import_roster", path, ward, "--accept-unread", "--accept-letters")[1] == ""
    assert Person.objects.get(posts__unit=ward.village).name == "Đỗ Văn Thử"


def test_vni_text_is_turned_too(cast, tmp_path):
    old = encode("Đề nghị sửa đường", VNI)
    book(meetings=[MEETING], opinions=[OPINION | {"text": old}]).save(path := tmp_path / "so.xlsx")
    assert f"“{old}” → Đề nghị sửa đường" in run("import_ledger", path, cast.tree.a, "--dry-run")[0]
    assert run("import_ledger", path, cast.tree.a, "--accept-letters")[1] == ""
    assert Opinion.objects.get().text == "Đề nghị sửa đường"


def test_an_empty_sheet_of_opinions_comes_in_and_is_said(cast, tmp_path):
    book(meetings=[MEETING], opinions=[]).save(path := tmp_path / "so.xlsx")
    told, refusal = run("import_ledger", path, cast.tree.a)
    assert refusal == ""
    assert f"Trang {OPINIONS.sheet}: Tệp không có ý kiến nào được đọc." in told
    assert (Meeting.objects.count(), Opinion.objects.count()) == (1, 0)


def test_the_json_of_a_dry_run_holds_the_questions(ward):
    found = json.loads(ledger("second_sheet.xlsx", ward, "--dry-run", "--json")[0])
    assert [(each["sheet"], each["kind"]) for each in found["questions"]][:2] == [
        ("HoiNghi (2)", "unread"),
        ("Năm 2011", "unread"),
    ]


PAGES = [
    ("/y-kien/nhap-so/", LedgerImport, "second_sheet.xlsx", "HoiNghi (2)", "unread"),
    ("/y-kien/nhap-so/", LedgerImport, "tcvn3.xlsx", "Hội trường UBND phường", "letters"),
]


@pytest.mark.parametrize(("url", "model", "name", "words", "kind"), PAGES)
def test_the_page_shows_the_questions_and_writes_after_the_box_is_ticked(
    cast, ward, signed_in, url, model, name, words, kind
):
    officer = signed_in(cast.district)
    file = SimpleUploadedFile(name, (CASES / name).read_bytes())
    address = officer.post(url, {"unit": ward.key, "file": file, "request_id": "r"}).url
    item = model.objects.get()
    run_job(item.job_id)
    item.refresh_from_db()
    page = " ".join(officer.get(address).content.decode().split())
    assert words in page
    assert f'name="accept" value="{kind}" required' in page
    assert officer.post(f"{address}ghi/", {"version": item.digest}).status_code == 422
    assert not Job.objects.filter(kind="ledger_apply").exists()
    assert officer.post(f"{address}ghi/", {"version": item.digest, "accept": [kind]}).status_code == 302
    item.refresh_from_db()
    run_job(item.job_id)
    assert Meeting.objects.count() == 1


def test_a_file_that_cannot_be_written_is_not_kept(cast, ward, signed_in, settings, django_capture_on_commit_callbacks):
    officer = signed_in(cast.district)
    file = SimpleUploadedFile("strict.xlsx", (CASES / "strict.xlsx").read_bytes())
    officer.post("/y-kien/nhap-so/", {"unit": ward.key, "file": file, "request_id": "r"})
    item = LedgerImport.objects.get()
    kept = settings.FILES / item.path
    assert kept.is_file()
    with django_capture_on_commit_callbacks(execute=True):
        run_job(item.job_id)
    item.refresh_from_db()
    assert (item.state, item.path, kept.exists()) == ("unreadable", "", False)


def test_pasted_text_of_an_old_font_is_read_by_the_server(cast, signed_in):
    officer = signed_in(cast.commune)
    answer = officer.post("/doi-chu/", {"text": "§Ò nghÞ söa ®\u00adêng\r\n§· söa"}).json()
    assert answer == {"label": "TCVN3 (ABC)", "text": "Đề nghị sửa đường\nĐã sửa"}
    assert officer.post("/doi-chu/", {"text": "Cà phê"}).json() == {}


def test_a_roster_page_waits_for_the_box_too(cast, ward, signed_in):
    officer, stream, found = signed_in(cast.district), io.BytesIO(), load_workbook(CASES / "r_p84.xlsx")
    found.active["I1"], found.active["I2"] = "Năm sinh", "1970"
    found.save(stream)
    file = SimpleUploadedFile("r.xlsx", stream.getvalue())
    address = officer.post("/danh-ba/nhap/", {"unit": ward.key, "file": file, "request_id": "r"}).url
    item = RosterImport.objects.get()
    run_job(item.job_id)
    item.refresh_from_db()
    assert "Năm sinh" in officer.get(address).content.decode()
    assert officer.post(f"{address}ghi/", {"version": item.digest}).status_code == 422
    assert officer.post(f"{address}ghi/", {"version": item.digest, "accept": ["unread"]}).status_code == 302


def test_the_blank_form_with_nothing_beside_it_asks_nothing(cast, tmp_path):
    call_command("import_ledger", "--template", str(path := tmp_path / "mau.xlsx"), stdout=io.StringIO())
    found = load_workbook(path)
    found["HoiNghi"].append(["A1", "Xã Đồng Tâm", "", "", "25/03/2016", "", "", "", "36"])
    found.save(path)
    assert "questions" in (report := json.loads(run("import_ledger", path, cast.tree.a, "--dry-run", "--json")[0]))
    assert {each["kind"] for each in report["questions"]} <= {"note"}
    assert Workbook().sheetnames == ["Sheet"]
