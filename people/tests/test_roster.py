"""Rosters from Excel: what each row means, the whole file or nothing, twice changes nothing."""

import json
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from conftest import make_person, make_post, make_unit
from core.errors import Conflict, DomainError
from core.models import Activity
from intake.books import BookCell, BookRow, Sheet
from people.access import SYSTEM
from people.models import Person, Post
from people.roster.book import COLUMNS
from people.roster.reading import is_alike, read_drafts
from people.roster.services import apply_roster, plan_drafts
from units.loading import rebuild_tree

pytestmark = pytest.mark.django_db
TITLES = list(COLUMNS.values())
DAY = date(2026, 11, 20)


def sheet_of(rows, titles=TITLES, merged=()):
    """Cells from plain values; a Cell stays as it is."""
    lines = [titles, *rows]
    return {
        "DanhSach": Sheet(
            [
                BookRow(number, tuple(v if isinstance(v, BookCell) or v is None else BookCell("text", v) for v in line))
                for number, line in enumerate(lines, 1)
            ],
            merged,
        )
    }


def row(village, name, position, phone=None, since=None, email=None):
    return [None, village, name, position, phone, email, since]


def plan(cast, rows, actor=SYSTEM, unit=None, today=DAY, **options):
    drafts = read_drafts(sheet_of(rows, **options))
    return plan_drafts(drafts, actor=actor, unit=unit or cast.tree.a1, today=today)


def apply(cast, rows, actor=SYSTEM, today=DAY, digest=None):
    drafts = read_drafts(sheet_of(rows))
    return apply_roster(drafts, actor=actor, unit=cast.tree.a1, today=today, digest=digest)


def state():
    people = Person.objects.order_by("pk").values_list("pk", "name", "phone", "email")
    posts = Post.objects.order_by("pk").values_list("pk", "person_id", "unit_id", "position", "valid_from", "valid_to")
    return list(people), list(posts), Activity.objects.count()


HOLDER = "Trần Văn Bí 1"
ACTS = [
    (row("Thôn 2", HOLDER, "Bí thư chi bộ"), "kept", "đúng như vậy"),
    (row("90101-02", "tran van bi 1", "bi thu chi bo"), "kept", "đúng như vậy"),
    (row("2", HOLDER, "Bí thư chi bộ", since="01/01/2020"), "kept", "đúng như vậy"),
    (row("Thôn 2", HOLDER, "Bí thư chi bộ", "0911 222 333"), "contact", "điện thoại"),
    (row("Thôn 2", HOLDER, "Bí thư chi bộ", email="a@b.vn"), "contact", "thư điện tử"),
    (row("Thôn 2", HOLDER, "Trưởng thôn", since="01/10/2026"), "hand_over", "Lê Thị Trưởng 1 bàn giao"),
    (row("Thôn 2", "Đỗ Mười Một", "Trưởng thôn", since=BookCell("date", date(2026, 10, 1))), "hand_over", "01/10/2026"),
    (row("Thôn 2", "Đỗ Mười Một", "Phó thôn"), "new", "20/11/2026"),
    (row("Thôn 2", HOLDER, "Phó thôn", since="1/2/2026"), "known", "01/02/2026"),
    (row("Thôn 2", None, "Trưởng thôn"), "vacant", "bỏ qua"),
]


@pytest.mark.parametrize(("line", "act", "words"), ACTS)
def test_what_a_row_means(cast, line, act, words):
    made = plan(cast, [line])
    assert [(found.line, found.act) for found in made.rows] == [(2, act)]
    assert words in made.rows[0].words
    assert made.faults == ()


FAULTS = [
    (row("Thôn 9", "Đỗ An", "Trưởng thôn"), "Thôn/khu", "không có thôn"),
    (row(None, "Đỗ An", "Trưởng thôn"), "cột B (Thôn/khu)", "Chưa có thôn"),
    (row("Thôn 1", "Đỗ An", "Thôn đội trưởng"), "cột D (Chức danh)", "Ghi một trong"),
    (row("Thôn 1", "Đỗ An", "Bí thư chi bộ, Trưởng thôn"), "cột D (Chức danh)", "mỗi chức danh một dòng"),
    (row("Thôn 1", "Đỗ An", None), "cột D (Chức danh)", "Chưa có chức danh"),
    (row("Thôn 1", None, "Trưởng thôn", "0912345678"), "cột C (Họ và tên)", "Chưa có họ tên"),
    (row("Thôn 1", BookCell("number", 5), "Trưởng thôn"), "cột C (Họ và tên)", "không phải họ tên"),
    (row("Thôn 1", "Đỗ An", "Trưởng thôn", "09x"), "cột E (Điện thoại)", "8 đến 15 chữ số"),
    (row("Thôn 1", "Đỗ An", "Trưởng thôn", email="an"), "cột F (Thư điện tử)", "thư điện tử"),
    (row("Thôn 1", "Đỗ An", "Trưởng thôn", since="31/02/2026"), "cột G (Từ ngày)", "không phải ngày"),
    (row("Thôn 1", "Đỗ An", "Trưởng thôn", since=BookCell("number", 46000)), "cột G (Từ ngày)", "không phải ngày"),
    (row("Thôn 1", "Đỗ An", "Trưởng thôn", since="01/01/1890"), "cột G (Từ ngày)", "phải từ"),
    (row("Thôn 1", "Đỗ An", "Trưởng thôn", since="01/01/2030"), "Từ ngày", "quá xa"),
    (row("Thôn 1", "Đỗ An", "Trưởng thôn", since="01/01/2013"), "Từ ngày", "chưa hoạt động"),
    (row("Thôn 2", "Đỗ An", "Trưởng thôn", since="01/01/2014"), "Từ ngày", "sau ngày đó"),
    (row("Thôn 1", BookCell("formula", "="), "Trưởng thôn"), "cột C (Họ và tên)", "công thức"),
    (row("Thôn 1", BookCell("error", "#REF!"), "Trưởng thôn"), "cột C (Họ và tên)", "#REF!"),
]


@pytest.mark.parametrize(("line", "column", "words"), FAULTS)
def test_a_fault_names_its_line_column_and_cure(cast, line, column, words):
    made = plan(cast, [row("Thôn 3", None, "Trưởng thôn"), line])
    assert [(fault.line, fault.column) for fault in made.faults] == [(3, column)]
    assert words in made.faults[0].text
    before = state()
    with pytest.raises(DomainError, match="1 lỗi"):
        apply(cast, [row("Thôn 3", "Đỗ Văn Mới", "Phó thôn"), line])
    assert state() == before


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row("Thôn 1", "Đỗ An", "Phó thôn"), row("1", "ĐỖ AN", "Phó thôn")], "Trùng với dòng 2"),
        ([row("Thôn 1", "Đỗ An", "Trưởng thôn"), row("1", "Đỗ Ba", "Trưởng thôn")], "Dòng 2 đã ghi người khác"),
        (
            [
                row("Thôn 1", "Đỗ An", "Phó thôn", "0911111111"),
                row("1", "Đỗ An", "Phó thôn", "0922222222"),
                row("1", "Đỗ An", "Đại diện hộ dân"),
            ],
            "nhiều người tên Đỗ An",
        ),
        ([row("Thôn 2", "Trần Văn Bì 1", "Phó thôn")], "ghi đúng dấu"),
        (
            [row("Thôn 1", "Đỗ An", "Phó thôn", email="a@b.vn"), row("1", "Đỗ An", "Trưởng thôn", email="c@b.vn")],
            "thư điện tử khác dòng 2",
        ),
    ],
)
def test_rows_that_contradict_each_other_or_the_directory(cast, rows, words):
    made = plan(cast, rows)
    assert words in made.faults[-1].text


def test_people_of_one_name_are_told_apart_by_phone(cast):
    village = cast.tree.villages[1]
    for phone in ("0911111111", "0922222222"):
        make_post(make_person("Đỗ An", phone), village, "residents_rep")
    assert "ghi số điện thoại" in plan(cast, [row("Thôn 2", "Đỗ An", "Phó thôn")]).faults[0].text
    known = plan(cast, [row("Thôn 2", "Đỗ An", "Phó thôn", "0922222222")]).rows[0]
    assert Person.objects.get(pk=known.person_id).phone == "0922222222"
    third = plan(cast, [row("Thôn 2", "Đỗ An", "Phó thôn", "0933333333")]).rows[0]
    assert (third.act, third.person_id) == ("new", None)


@pytest.mark.parametrize(
    ("name", "other", "alike"),
    [
        ("Nguyễn Thị Hoà", "Nguyễn Thị Hòa", True),
        ("NGUYỄN VĂN AN", "Nguyễn Văn An", True),
        ("nguyen van an", "Nguyễn Văn Ân", True),
        ("Nguyễn Văn Hà", "Nguyễn Văn Hạ", False),
        ("Nguyễn Văn Hà", "Nguyễn Văn Hải", False),
    ],
)
def test_names_as_people_write_them(name, other, alike):
    assert is_alike(name, other) is alike


def test_one_person_in_two_posts_is_written_once_and_a_second_import_changes_nothing(cast):
    rows = [
        row("Thôn 3", "Đỗ Thị Mới", "Trưởng thôn", since="01/10/2026"),
        row("Thôn 3", "Đỗ Thị Mới", "Bí thư chi bộ", BookCell("number", 912345678), "01/10/2026"),
        row("Thôn 2", HOLDER, "Bí thư chi bộ", "0988888888"),
    ]
    made = apply(cast, rows)
    assert made.counts == {"hand_over": 2, "contact": 1}
    person = Person.objects.get(name="Đỗ Thị Mới")
    assert (person.phone, person.search_text) == ("0912345678", "do thi moi")
    assert {post.position for post in Post.objects.filter(person=person)} == {"village_head", "cell_secretary"}
    ended = Post.objects.filter(unit=cast.tree.villages[2], valid_to=date(2026, 10, 1))
    assert ended.count() == 2
    assert Person.objects.get(name=HOLDER).phone == "0988888888"
    verbs = sorted(Activity.objects.filter(actor_id=None).values_list("verb", flat=True))
    assert verbs == ["person.edit", *["post.begin"] * 2, *["post.end"] * 2, "roster.import"]
    before = state()
    assert apply(cast, rows, today=DAY + timedelta(days=1)).writing == []
    assert state() == before


def test_a_post_with_rights_is_never_touched(cast):
    village = cast.tree.villages[0]
    Post.objects.filter(unit=village, position="village_head").update(role="village")
    made = plan(cast, [row("Thôn 1", "Đỗ An", "Trưởng thôn", since="01/10/2026")])
    assert "quản trị giao lại" in made.faults[0].text
    kept = plan(cast, [row("Thôn 1", "Trần Văn Bí 0", "Trưởng thôn")])
    assert kept.rows[0].act == "kept"


def test_contacts_of_somebody_with_duties_elsewhere_stay(cast):
    make_post(Person.objects.get(name=HOLDER), cast.tree.a2, "women")
    made = plan(cast, [row("Thôn 2", HOLDER, "Bí thư chi bộ", "0988888888")])
    assert (made.rows[0].act, made.rows[0].phone) == ("kept", "")
    assert "nơi khác" in made.rows[0].words


def test_an_ended_term_is_not_reopened(cast):
    Post.objects.filter(person__name=HOLDER).update(valid_to=date(2026, 5, 1))
    made = plan(cast, [row("Thôn 2", HOLDER, "Bí thư chi bộ", since="01/01/2020")])
    assert "thôi giữ chức danh này từ 01/05/2026" in made.faults[0].text
    assert plan(cast, [row("Thôn 2", HOLDER, "Bí thư chi bộ")]).rows[0].act == "known"


def test_villages_of_one_name_need_their_code(cast):
    make_unit("village", "90102-09", "Thôn 2", cast.tree.a2)
    rebuild_tree()
    rows = [row("Thôn 2", "Đỗ An", "Phó thôn"), row("90102-09", "Đỗ An", "Phó thôn")]
    made = plan(cast, rows, unit=cast.tree.a)
    assert [fault.line for fault in made.faults] == [2]
    assert "Hãy ghi mã" in made.faults[0].text


def test_a_plan_is_applied_only_as_it_was_seen(cast):
    rows = [row("Thôn 2", "Đỗ An", "Trưởng thôn", since="01/10/2026")]
    seen = plan(cast, rows).digest
    other = make_post(make_person("Chu Văn Chen"), cast.tree.villages[1], "village_head", valid_from=date(2026, 6, 1))
    Post.objects.filter(unit=other.unit, position="village_head").exclude(pk=other.pk).update(valid_to=date(2026, 6, 1))
    before = state()
    with pytest.raises(Conflict, match="xem lại"):
        apply(cast, rows, digest=seen)
    assert state() == before
    apply(cast, rows, digest=plan(cast, rows).digest)
    assert Post.objects.get(pk=other.pk).valid_to == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"titles": ["STT", "Thôn/khu", "Họ và tên"]}, "thiếu cột: Chức danh"),
        ({"titles": ["A", "B", "C"]}, "Không tìm thấy dòng tiêu đề"),
        ({"titles": ["Thôn", "Khu", "Họ tên", "Chức vụ"]}, "hai cột cùng tên"),
        ({"merged": ["B2:B4"]}, "bỏ gộp ô"),
    ],
)
def test_a_sheet_of_another_shape_is_refused_as_a_whole(options, words):
    _, faults, _ = read_drafts(sheet_of([row("Thôn 1", "Đỗ An", "Phó thôn")], **options))
    assert words in faults[0].text


def test_titles_may_stand_lower_and_be_written_otherwise():
    sheets = sheet_of([["TT", "Khu", "Họ tên", "Chức vụ", "SĐT"], ["1", "Khu 5", "Đỗ An", "Trưởng khu", "0912345678"]])
    sheets["DanhSach"][0] = BookRow(1, (BookCell("text", "DANH SÁCH NĂM 2026"),))
    drafts, faults, _ = read_drafts(sheets)
    assert faults == []
    assert [(d.line, d.village, d.position, d.phone) for d in drafts] == [(3, "Khu 5", "village_head", "0912345678")]


def test_the_number_of_queries_does_not_grow(cast):
    def count(rows):
        with CaptureQueriesContext(connection) as seen:
            apply(cast, rows)
        return len(seen)

    few = count([row("Thôn 1", "Đỗ Một", "Phó thôn")])
    assert count([row("Thôn 2", f"Đỗ Hai {n}", "Đại diện hộ dân") for n in range(30)]) == few <= 20


NAMES = st.sampled_from([HOLDER, "Lê Thị Trưởng 1", "Đỗ An", "do an", "Phạm Văn Mặt 2", "Đỗ Ân", ""])
ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from(["Thôn 1", "Thôn 2", "90101-03", "Thôn 9"] + ["3"] * 3),
        NAMES,
        st.sampled_from(["Trưởng thôn", "Bí thư chi bộ", "Phó thôn", "Đại diện hộ dân", "Tổ trưởng dân phòng"]),
        st.sampled_from([None, None, "0911111111", "0922222222"]),
        st.sampled_from([None, None, "01/10/2026", "01/01/2014"]),
    ),
    min_size=1,
    max_size=5,
)


@given(rows=ROWS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_whole_file_or_nothing(cast, rows):
    with transaction.atomic():
        before = state()
        faults = plan(cast, rows).faults
        try:
            apply(cast, rows)
        except DomainError:
            assert faults
            assert state() == before
        else:
            assert not faults
            assert plan(cast, rows).writing == []
            for village in cast.tree.villages[1:]:
                for position in ("village_head", "cell_secretary", "front_board_head"):
                    assert Post.objects.on(DAY).filter(unit=village, position=position).count() <= 1
        transaction.set_rollback(True)


def book_of(path, rows):
    book = Workbook()
    book.active.title = "DanhSach"
    for line in [TITLES, *rows]:
        book.active.append(line)
    book.save(path)
    return str(path)


def test_the_command_imports_reports_and_refuses(cast, tmp_path, capsys):
    unit = cast.tree.a1.key
    good = book_of(tmp_path / "good.xlsx", [row("Thôn 2", "Đỗ An", "Trưởng thôn", "0912345678")])
    call_command("import_roster", good, "--unit", unit, "--dry-run", "--json")
    report = json.loads(capsys.readouterr().out)
    assert (report["applied"], report["counts"], report["rows"][0]["line"]) == (False, {"hand_over": 1}, 2)
    assert not Person.objects.filter(name="Đỗ An").exists()
    call_command("import_roster", good, "--unit", "commune-90101")
    told = capsys.readouterr()
    assert "Đã ghi 1 thay đổi" in told.out
    assert "Dòng 2: Bàn giao" in told.err
    assert Post.objects.get(person__name="Đỗ An").valid_from == timezone.localdate()
    call_command("import_roster", good, "--unit", unit, "--json")
    assert json.loads(capsys.readouterr().out)["changes"] == 0
    bad = book_of(tmp_path / "bad.xlsx", [row("Thôn 2", "Đỗ Ba", "Phó thôn"), row("Thôn 9", "Đỗ Tư", "Phó thôn")])
    with pytest.raises(CommandError, match="1 lỗi"):
        call_command("import_roster", bad, "--unit", unit, "--json")
    assert json.loads(capsys.readouterr().out)["faults"][0]["line"] == 3
    assert not Person.objects.filter(name="Đỗ Ba").exists()
    with pytest.raises(CommandError, match="Cần tệp và đơn vị"):
        call_command("import_roster", good)
    with pytest.raises(CommandError, match="Không có đơn vị"):
        call_command("import_roster", good, "--unit", "commune-0")
    with pytest.raises(CommandError, match="Không đọc"):
        call_command("import_roster", str(tmp_path / "none.xlsx"), "--unit", unit)


def test_the_form_holds_the_present_roster_and_goes_back_unchanged(cast, tmp_path, capsys):
    path = str(tmp_path / "form.xlsx")
    call_command("import_roster", "--template", path, "--unit", cast.tree.a1.key)
    sheet = load_workbook(path)["DanhSach"]
    assert [cell.value for cell in sheet[1]] == TITLES
    assert sheet.max_row == 10
    call_command("import_roster", path, "--unit", cast.tree.a1.key, "--json")
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["counts"], report["faults"]) == ({"kept": 9}, [])
    call_command("import_roster", "--template", path)
    with pytest.raises(CommandError, match="1 lỗi"):
        call_command("import_roster", path, "--unit", cast.tree.a1.key)


def test_ten_thousand_rows(cast):
    """One bad row among 2,000 writes nothing; 10,000 good ones are written."""
    rows = [row(f"Thôn {n % 3 + 1}", f"Người Thứ {n}", "Đại diện hộ dân") for n in range(10_000)]
    drafts = read_drafts(sheet_of([*rows[:2000], row("Thôn 9", "Người Sai", "Phó thôn")]))
    with pytest.raises(DomainError, match="1 lỗi"):
        apply_roster(drafts, actor=SYSTEM, unit=cast.tree.a1, today=DAY)
    assert not Person.objects.filter(name__startswith="Người Thứ").exists()
    drafts = read_drafts(sheet_of(rows))
    apply_roster(drafts, actor=SYSTEM, unit=cast.tree.a1, today=DAY)
    assert Person.objects.filter(name__startswith="Người Thứ").count() == 10_000
