"""Books of old years: what is read, what is refused with its place, what is written, and taking it back."""

import io
import json
from datetime import date, datetime

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from conftest import make_unit
from core.errors import DomainError
from core.models import Activity
from feedback.enums import LedgerState
from feedback.jobs import escalate_overdue
from feedback.jobs import flag_overdue as flag_opinions
from feedback.ledger.book import DELEGATES, MEETINGS, OPINIONS, read_drafts, write_ledger_form
from feedback.ledger.planning import LedgerPlanner, read_world
from feedback.models import LedgerImport, Opinion, OpinionMonth, OpinionMove
from feedback.tests.builders import make_meeting
from intake.books import BookCell, BookRow, Sheet
from intake.cells import count_of, day_of
from journal.models import Notice
from meetings.cadence.services import ensure_default_rules, plan_occurrences
from meetings.jobs import flag_overdue as flag_meetings
from meetings.models import CountedAttendance, Meeting, MeetingMonth, Occurrence
from people.models import User
from units.loading import rebuild_tree

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
UNIT = "district-901"

MEETING = {"key": "A1", "unit": "Xã Đồng Tâm", "period": "2016-03", "held_on": date(2016, 3, 25), "attendance": 36}
SECOND = {"key": "D1", "unit": "901", "period": "quý I/2016", "held_on": "28/03/2016", "attendance": "1.716"}
OPINION = {
    "meeting": "A1",
    "village": "Thôn 1",
    "text": "Sửa đường",
    "topic": "Giao thông",
    "status": "Đang giải quyết",
}
SETTLED = {"meeting": "D1", "text": "Cấp sổ đỏ", "status": "Đã giải quyết", "settled_on": "02/05/2016"}


def book(*, meetings=(MEETING, SECOND), opinions=(OPINION, SETTLED), delegates=()):
    """A workbook of dicts by column key."""
    found = Workbook()
    found.remove(found.active)
    for form, rows in ((MEETINGS, meetings), (OPINIONS, opinions), (DELEGATES, delegates)):
        sheet = found.create_sheet(form.sheet)
        sheet.append(list(form.columns.values()))
        for row in rows:
            sheet.append([row.get(key) for key in form.columns])
    return found


def sheets_of(*, merged="", **sheets):
    """The same as the reader gives it, without a file."""
    found = {}
    for sheet in book(**sheets):
        rows = [[as_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        found[sheet.title] = Sheet([BookRow(number, tuple(cells)) for number, cells in enumerate(rows, 1)])
    found[MEETINGS.sheet].merged = [merged] if merged else []
    return found


def as_cell(value):
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return BookCell("date", value.date() if isinstance(value, datetime) else value)
    kind = "formula" if str(value).startswith("=") else "text" if isinstance(value, str) else "number"
    return BookCell(kind, value)


@pytest.fixture
def save(tmp_path):
    def write(**sheets):
        path = tmp_path / "so cu.xlsx"
        book(**sheets).save(path)
        return str(path)

    return write


def run(path, *words, unit=UNIT):
    out, err = io.StringIO(), io.StringIO()
    call_command("import_ledger", path, "--unit", unit, *words, stdout=out, stderr=err)
    return out.getvalue()


def told(path, unit=UNIT):
    """What the command says of a file with faults."""
    err = io.StringIO()
    with pytest.raises(CommandError, match="chưa ghi gì"):
        call_command("import_ledger", path, "--unit", unit, stdout=io.StringIO(), stderr=err)
    assert not Meeting.objects.exists()
    assert not LedgerImport.objects.exists()
    return err.getvalue()


def test_a_book_comes_in_whole_with_its_periods_people_and_days(cast, save):
    groups = [
        {"meeting": "A1", "group": "Bí thư chi bộ", "number": 20},
        {"meeting": "A1", "group": "Khác", "number": 16},
    ]
    assert "2 hội nghị, 2 ý kiến" in run(save(delegates=groups))
    meeting = Meeting.objects.get(unit=cast.tree.a1)
    assert (meeting.status, meeting.occurrence.period, meeting.attendance_count) == ("locked", "2016-03", 36)
    assert meeting.occurrence.met_on == date(2016, 3, 25)
    assert CountedAttendance.objects.filter(meeting=meeting).count() == 2
    assert Meeting.objects.get(unit=cast.tree.a).attendance_count == 1716
    assert Occurrence.objects.filter(year=2016).values("unit").distinct().count() == 2
    assert Occurrence.objects.filter(unit=cast.tree.a1).count() == 12
    assert not Occurrence.objects.filter(met_on=None, flagged_on=None).exists()
    opinion = Opinion.objects.get(unit=cast.tree.a1)
    assert (opinion.village, opinion.is_open, opinion.commune) == (cast.tree.villages[0], True, cast.tree.a1)
    assert (opinion.topic.code, opinion.raised_on) == ("TRANSPORT", date(2016, 3, 25))
    settled = Opinion.objects.get(unit=cast.tree.a)
    assert (settled.status, settled.settled_on, settled.commune) == ("resolved", date(2016, 5, 2), None)
    assert settled.answer == "Sổ cũ không ghi kết quả."
    assert set(OpinionMove.objects.values_list("verb", flat=True)) == {"start", "resolve"}
    assert MeetingMonth.objects.count() == OpinionMonth.objects.count() == 2
    assert list(Activity.objects.filter(verb__startswith="ledger").values_list("verb", flat=True)) == ["ledger.import"]


def test_the_same_book_again_changes_nothing_and_says_so(cast, save):
    path = save()
    run(path)
    assert "không có gì thay đổi" in run(path)
    assert json.loads(run(path, "--json"))["again"]["id"] == LedgerImport.objects.get().pk
    assert Meeting.objects.count() == Opinion.objects.count() == 2


def test_a_dry_run_tells_the_totals_and_writes_nothing(cast, save):
    report = json.loads(run(save(), "--dry-run", "--json"))
    assert report["totals"][0] | {"level": "commune", "meetings": 1, "attendance": 36} == report["totals"][0]
    assert (report["applied"], report["fault_count"]) == (False, 0)
    assert not Meeting.objects.exists()
    assert not LedgerImport.objects.exists()


def test_an_import_is_taken_back_as_a_whole_once(cast, save):
    ensure_default_rules(cast.tree.province)
    plan_occurrences(date(2016, 12, 31), TODAY, since=date(2016, 1, 1), units=[cast.tree.a1.pk])
    other = make_meeting(cast.tree.a1, date(2016, 4, 20))
    run(save())
    pk = LedgerImport.objects.get().pk
    for _ in range(2):
        call_command("import_ledger", "--undo", str(pk), stdout=io.StringIO())
    assert list(Meeting.objects.all()) == [other]
    assert not Opinion.objects.exists()
    assert not OpinionMonth.objects.exists()
    assert list(MeetingMonth.objects.values_list("month", flat=True)) == [4]
    assert set(Occurrence.objects.values_list("unit", "met_on")) == {(cast.tree.a1.pk, None)}
    assert LedgerImport.objects.get().state == LedgerState.UNDONE
    assert Activity.objects.filter(verb="ledger.undo").count() == 1
    assert "Đã ghi 2 hội nghị" in run(save())


@pytest.mark.parametrize(
    "touch",
    [
        lambda m, o: Meeting.objects.filter(pk=m.pk).update(version=2),
        lambda m, o: Opinion.objects.filter(pk=o.pk).update(version=2),
        lambda m, o: o.moves.create(verb="comment", after=o.status, at=o.moves.get().at, actor_id=1),
        lambda m, o: o.followers.create(user_id=_somebody()),
        lambda m, o: m.sittings.create(held_on=m.held_on),
    ],
)
def test_what_was_worked_on_is_not_taken_back(cast, save, touch):
    run(save())
    opinion = Opinion.objects.get(unit=cast.tree.a1)
    touch(opinion.meeting, opinion)
    with pytest.raises(CommandError, match="Không thu hồi được"):
        call_command("import_ledger", "--undo", str(LedgerImport.objects.get().pk), stdout=io.StringIO())
    assert Meeting.objects.count() == Opinion.objects.count() == 2


def test_the_clock_tells_nothing_of_old_books_and_hinders_no_undo(cast, save):
    run(save())
    assert flag_opinions(TODAY) == flag_meetings(TODAY) == escalate_overdue(TODAY) == 0
    assert not Notice.objects.exists()
    opinion = Opinion.objects.get(is_open=True)
    opinion.moves.create(verb="hand_over", after=opinion.status, at=opinion.moves.get().at, actor_name="Hệ thống")
    Opinion.objects.filter(pk=opinion.pk).update(version=2)
    call_command("import_ledger", "--undo", str(LedgerImport.objects.get().pk), stdout=io.StringIO())
    assert not Opinion.objects.exists()


def _somebody():

    return User.objects.values_list("pk", flat=True).first()


FAULTS = [
    ({"meetings": [MEETING | {"unit": "Xã Lạ"}]}, "dòng 2, cột B (Đơn vị): Không có đơn vị “Xã Lạ”"),
    ({"meetings": [MEETING | {"unit": "Xã Quảng La"}]}, "Không có đơn vị “Xã Quảng La”"),
    ({"meetings": [MEETING | {"held_on": date(2013, 12, 25), "period": ""}]}, "không hoạt động trong địa bàn này"),
    ({"meetings": [MEETING | {"period": "2016-07"}]}, "cột D (Kỳ): Ngày họp 25/03/2016 không hợp với tháng 7/2016"),
    ({"meetings": [MEETING | {"period": "2016-Q1"}]}, "không đúng chu kỳ"),
    ({"meetings": [MEETING | {"period": "2016"}]}, "phải là một tháng hoặc một quý"),
    ({"meetings": [MEETING | {"held_on": "3/25/2016"}]}, "không phải ngày"),
    ({"meetings": [MEETING | {"held_on": 42454}]}, "định dạng lại ô"),
    ({"meetings": [MEETING | {"held_on": date(2027, 1, 1)}]}, "phải từ 01/01/1990 đến"),
    ({"meetings": [MEETING | {"attendance": "=1+2"}]}, "Ô là công thức"),
    ({"meetings": [MEETING | {"attendance": "52.831,5"}]}, "không phải số nguyên"),
    ({"meetings": [MEETING | {"attendance": 1.716}]}, "Ô chứa số lẻ 1,716"),
    ({"meetings": [MEETING | {"kind": "Họp kín"}]}, "Không hiểu “Họp kín”"),
    ({"meetings": [MEETING, MEETING]}, "trùng với dòng 2"),
    ({"meetings": [MEETING, MEETING | {"key": "A2"}]}, "dòng 3, cột E (Ngày họp): Trùng với dòng 2"),
    ({"meetings": []}, "chưa có hội nghị nào"),
    ({"merged": "B2:B3"}, "cột B: Ô gộp B2:B3"),
    (
        {"opinions": [OPINION | {"meeting": "X"}]},
        "YKien, dòng 2, cột A (Mã sổ): Trang HoiNghi không có mã sổ “X”",
    ),
    ({"opinions": [OPINION, OPINION]}, "cùng hội nghị, cùng nội dung"),
    ({"opinions": [OPINION | {"village": "Thôn Đầu"}]}, "Xã Đồng Tâm không có “Thôn Đầu”"),
    ({"opinions": [OPINION | {"topic": "Vũ trụ"}]}, "Không có lĩnh vực"),
    ({"opinions": [OPINION | {"text": None}]}, "Nhập nội dung ý kiến"),
    ({"opinions": [OPINION | {"status": "Đã giải quyết"}]}, "Ghi ngày giải quyết"),
    ({"opinions": [OPINION | {"settled_on": "01/04/2016"}]}, "để trống ngày giải quyết"),
    ({"opinions": [SETTLED | {"settled_on": "01/03/2016"}]}, "trước ngày họp"),
    ({"delegates": [{"meeting": "A1", "group": "Khác", "number": 5}]}, "khác tổng 5"),
    ({"delegates": [{"meeting": "X", "group": "Khác", "number": 5}]}, "Trang DaiBieu, dòng 2"),
]


@pytest.mark.parametrize(("sheets", "words"), FAULTS)
def test_a_bad_row_is_named_with_its_place(cast, sheets, words):
    drafts = read_drafts(sheets_of(**sheets), TODAY)
    faults = LedgerPlanner(read_world(cast.tree.a, drafts), drafts).plan().faults
    assert any(words in f"{fault.place}{fault.text}" for fault in faults), faults


def test_what_belongs_to_a_bad_row_is_not_blamed_for_it(cast):
    drafts = read_drafts(sheets_of(meetings=[MEETING | {"attendance": "x"}, SECOND]), TODAY)
    faults = LedgerPlanner(read_world(cast.tree.a, drafts), drafts).plan().faults
    assert [(fault.sheet, fault.line) for fault in faults] == [("HoiNghi", 2)]


def test_one_bad_row_stops_the_whole_book(cast, save):
    assert "dòng 3, cột B (Thôn, khu)" in told(save(opinions=[SETTLED, OPINION | {"village": "Thôn Đầu"}]))


@pytest.mark.parametrize("word", ["thon dau", "Thôn Đầu, Xã Hải Lạng", "thôn đầu hải lạng"])
def test_a_row_of_a_districts_meeting_names_its_village_as_the_log_does(cast, save, word):
    run(save(opinions=[SETTLED | {"village": word}]))
    assert Opinion.objects.get().village.name == "Thôn Đầu"


def test_a_village_of_several_communes_is_asked_back_with_their_names(cast, save):
    make_unit("village", "90102-02", "Thôn 1", cast.tree.a2)
    rebuild_tree()
    words = told(save(opinions=[SETTLED | {"village": "Thôn 1"}]))
    assert "Có 2 nơi tên “Thôn 1”: Thôn 1, Xã Đồng Tâm; Thôn 1, Xã Hải Lạng" in words
    run(save(opinions=[SETTLED | {"village": "thon 1 hai lang"}]))
    assert Opinion.objects.get().commune == cast.tree.a2


def test_what_is_there_already_is_not_brought_in_twice(cast, save):
    run(save(meetings=[SECOND], opinions=[SETTLED]))
    with pytest.raises(CommandError, match="1 lỗi"):
        run(save())
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("number", 1716, 1716),
        ("number", 1716.0, 1716),
        ("text", "1.716", 1716),
        ("text", "1,716", 1716),
        ("text", "12.345.678", None),
        ("text", " 36 ", 36),
        ("text", "1.716,5", None),
        ("text", "1,71", None),
        ("text", "-3", None),
        ("text", "１２", None),
        ("number", -1, None),
        ("date", date(2016, 1, 1), None),
    ],
)
def test_numbers_are_whole_and_grouped_one_way(kind, value, expected):
    if expected is not None:
        assert count_of(BookCell(kind, value), 100_000) == expected
    else:
        with pytest.raises(DomainError):
            count_of(BookCell(kind, value), 100_000)


@pytest.mark.parametrize(("text", "day"), [("5/3/2016", 5), ("05-03-2016", 5), ("31.3.2016", 31), ("", None)])
def test_days_as_text(text, day):
    cell = BookCell("text", text) if text else None
    assert day_of(cell, date(1990, 1, 1), TODAY) == (date(2016, 3, day) if day else None)


CELLS = st.one_of(
    st.none(),
    st.builds(
        BookCell, st.just("text"), st.text(max_size=30) | st.sampled_from(["A1", "Xã Đồng Tâm", "3/2016", "Trùng"])
    ),
    st.builds(BookCell, st.just("number"), st.integers(-(10**30), 10**30) | st.floats(-1e300, 1e300)),
    st.builds(BookCell, st.just("date"), st.dates()),
    st.builds(BookCell, st.just("moment"), st.datetimes()),
    st.sampled_from([BookCell("formula", "="), BookCell("error", "#REF!"), BookCell("bool", True)]),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 2), st.lists(CELLS, min_size=1, max_size=11)), min_size=1, max_size=5))
def test_any_row_is_planned_or_named_as_a_fault(cast, rows):
    sheets = {}
    for index, form in enumerate((MEETINGS, OPINIONS, DELEGATES)):
        found = [BookRow(1, tuple(BookCell("text", title) for title in form.columns.values()))]
        found += [BookRow(number, tuple(cells)) for number, (which, cells) in enumerate(rows, 2) if which == index]
        sheets[form.sheet] = Sheet(found)
    drafts = read_drafts(sheets, TODAY)
    plan = LedgerPlanner(read_world(cast.tree.province, drafts), drafts).plan()
    assert all(fault.text and fault.sheet for fault in plan.faults)
    assert plan.faults or plan.meetings
    assert all(each.place for each in plan.meetings)


def test_the_blank_book_is_understood_and_lists_units_and_topics(cast):
    stream = io.BytesIO()
    write_ledger_form(stream, cast.tree.a, TODAY)
    found = load_workbook(stream)
    assert found.sheetnames == ["HoiNghi", "YKien", "DaiBieu", "HuongDan"]
    for form in (MEETINGS, OPINIONS, DELEGATES):
        assert [cell.value for cell in found[form.sheet][1]] == list(form.columns.values())
    words = {cell.value for row in found["HuongDan"].iter_rows() for cell in row}
    assert {"Xã Đồng Tâm", "Giao thông", "Đã giải quyết xong"} <= words
