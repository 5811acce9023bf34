"""Closing of periods from outside: pages and the command; what is kept, what is forbidden, what differs later."""

import json
import re
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import load_workbook

from conftest import make_user
from core.jobs import run_job
from core.models import Activity, Job
from core.periods import Period
from feedback.models import Opinion
from feedback.tallies import rebuild as rebuild_opinions
from feedback.tests.builders import make_opinion
from journal.models import Notice
from meetings.models import Occurrence
from meetings.tallies import rebuild as rebuild_meetings
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from reports.closing.reads import KEPT
from reports.closing.services import close_period, reopen_closure
from reports.figures import figures, live_figures
from reports.models import FrozenFigures, PeriodClosure
from reports.tests.world import fill, make_reform_tree
from reports.workbook import freezing

pytestmark = pytest.mark.django_db
BOARD = "/bao-cao/khoa-so/"
TODAY = timezone.localdate()


@pytest.fixture
def year(cast):
    """Commune A1 met in March 2016 and raised two opinions; A2 and B1 were to meet, too; quarter I of the districts."""
    monthly = make_rule(cast.tree.province)
    quarterly = make_rule(cast.tree.province, "district", "quarter")
    cast.months = {
        (unit, month): make_occurrence(monthly, unit, f"2016-{month:02d}")
        for unit in (cast.tree.a1, cast.tree.a2, cast.tree.b1)
        for month in (1, 2, 3)
    }
    cast.quarters = [make_occurrence(quarterly, unit, "2016-Q1") for unit in (cast.tree.a, cast.tree.b)]
    march = cast.months[cast.tree.a1, 3]
    cast.meeting = make_meeting(cast.tree.a1, date(2016, 3, 25), march, attendance_count=31, opinion_count=2)
    Occurrence.objects.filter(pk=march.pk).update(met_on=date(2016, 3, 25))
    cast.opinions = [raise_one(cast, text) for text in ("Sửa đường", "Cấp sổ đỏ")]
    recount()
    return cast


def raise_one(cast, text, **fields):
    days = {"period_first": date(2016, 3, 1), "period_last": date(2016, 3, 31)}
    return make_opinion(cast.tree.a1, text, date(2016, 3, 25), meeting=cast.meeting, **days, **fields)


def recount():
    rebuild_meetings()
    rebuild_opinions()


def close(year, word, who, unit, **more):
    return close_period(unit, Period.parse(word), actor=who, today=TODAY, now=timezone.now(), **more)


def post_close(browser, unit, word, **more):
    data = {"don-vi": unit.key, "ky": word, "request_id": "r1"} | more
    return browser.post(f"{BOARD}khoa/", data)


def command(*words):
    out, err = StringIO(), StringIO()
    call_command("close_period", *words, "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def settle(opinion):
    """Settled after the period was closed."""
    Opinion.objects.filter(pk=opinion.pk).update(status="resolved", is_open=False, settled_on=TODAY)
    recount()


def close_all(year):
    """Every month and quarter below the province."""
    for unit, officer in ((year.tree.a1, year.commune), (year.tree.a2, year.other_commune)):
        for month in (1, 2, 3):
            close(year, f"2016-{month:02d}", officer, unit)
    other = make_user("xab1", "commune", year.tree.b1)
    for month in (1, 2, 3):
        close(year, f"2016-{month:02d}", other, year.tree.b1)
    close(year, "2016-Q1", year.leader, year.tree.a)
    close(year, "2016-Q1", year.other_leader, year.tree.b)


# The life of a month


def test_a_month_is_closed_accepted_sent_back_and_closed_again(year, signed_in):
    officer, leader = signed_in(year.commune), signed_in(year.leader)
    page = officer.get(f"{BOARD}?nam=2016").content.decode()
    assert page.count(">Khóa số liệu</button>") == 12
    assert "khóa rồi thì không ghi họp bù được" in page
    answer = post_close(officer, year.tree.a1, "2016-03")
    assert answer.status_code == 302
    closure = PeriodClosure.objects.get()
    assert (closure.state, closure.as_of, closure.closed_by_id) == ("closed", TODAY, year.commune.pk)
    assert list(Occurrence.objects.exclude(closed_on=None).values_list("period", "unit_id")) == [
        ("2016-03", year.tree.a1.pk)
    ]
    assert closure.figures.count() == 1
    assert closure.tables.count() == len(KEPT)
    assert Notice.objects.filter(recipient=year.leader, key=f"closure:{closure.pk}:closed").count() == 1
    assert "Chờ nhận" in leader.get(f"{BOARD}?nam=2016").content.decode()
    assert leader.post(f"{BOARD}{closure.pk}/nhan/", {"version": "1"}).status_code == 302
    assert officer.post(f"{BOARD}{closure.pk}/mo-lai/", {"version": "2", "reason": "x"}).status_code == 403
    empty = leader.post(f"{BOARD}{closure.pk}/mo-lai/", {"version": "2", "reason": " "})
    assert (empty.status_code, "Nhập lý do mở lại" in empty.content.decode()) == (422, True)
    assert leader.post(f"{BOARD}{closure.pk}/mo-lai/", {"version": "2", "reason": "Ghi sót"}).status_code == 302
    assert not Occurrence.objects.exclude(closed_on=None).exists()
    told = Notice.objects.get(recipient=year.commune, key=f"closure:{closure.pk}:reopened")
    assert "Ghi sót" in told.text
    assert post_close(officer, year.tree.a1, "2016-03", request_id="r2").status_code == 302
    assert list(PeriodClosure.objects.order_by("pk").values_list("state", flat=True)) == ["reopened", "closed"]
    verbs = Activity.objects.filter(verb__startswith="closure").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["closure.close", "closure.accept", "closure.reopen", "closure.close"]


def test_a_double_click_and_a_second_person_close_once(year, signed_in):
    officer, leader = signed_in(year.commune), signed_in(year.commune_leader)
    first, second = (post_close(officer, year.tree.a1, "2016-03") for _ in range(2))
    assert first.url == second.url == post_close(leader, year.tree.a1, "2016-03", request_id="z").url
    assert PeriodClosure.objects.count() == Activity.objects.filter(verb="closure.close").count() == 1


def test_two_editors(year, signed_in):
    closure = close(year, "2016-03", year.commune, year.tree.a1)
    leader = signed_in(year.leader)
    assert leader.post(f"{BOARD}{closure.pk}/nhan/", {"version": "1"}).status_code == 302
    for path in ("nhan", "mo-lai"):
        answer = leader.post(f"{BOARD}{closure.pk}/{path}/", {"version": "1", "reason": "x"})
        assert answer.status_code == 409
    closure.refresh_from_db()
    assert closure.state == "accepted"


WHO_MAY = [
    ("commune", "a1", "2016-02", 302),
    ("commune_leader", "a1", "2016-02", 302),
    ("head", "a1", "2016-02", 302),
    ("leader", "a1", "2016-02", 403),
    ("specialist", "a1", "2016-02", 403),
    ("other_commune", "a1", "2016-02", 404),
    ("outsider", "a1", "2016-02", 404),
    ("agency", "a1", "2016-02", 403),
    ("cadre", "a1", "2016-02", 403),
    ("admin", "a1", "2016-02", 403),
    ("village", "a1", "2016-02", 403),
    ("commune", "a1", "2016", 422),
    ("commune", "a1", "2016-Q1", 422),
    ("commune", "a1", f"{TODAY:%Y-%m}", 422),
    ("commune", "a1", "2016-13", 422),
    ("commune", "a1", "2010-01", 422),
    ("leader", "a", "2016-Q1", 422),
    ("specialist", "province", "2016", 403),
]


def test_who_may_close_what(year, signed_in):
    for number, (who, unit, word, status) in enumerate(WHO_MAY):
        answer = post_close(signed_in(getattr(year, who)), getattr(year.tree, unit), word, request_id=f"r{number}")
        assert answer.status_code == status, (who, unit, word)
        assert PeriodClosure.objects.exists() == (status == 302), (who, unit, word)
        assert Occurrence.objects.exclude(closed_on=None).exists() == (status == 302)
        PeriodClosure.objects.all().delete()
        Occurrence.objects.update(closed_on=None)


@pytest.mark.parametrize("word", ["2016", "2016-Q1", "2013..2015", "1991-01", "2016-3", ""])
def test_a_period_that_has_no_row_is_refused_with_a_sentence(year, signed_in, word):
    answer = post_close(signed_in(year.commune), year.tree.a1, word)
    assert answer.status_code == 422
    assert re.search(r'role="alert"[^>]*>[^<]*\w', answer.content.decode())
    assert not PeriodClosure.objects.exists()


def test_a_closure_of_others_is_as_if_missing(year, signed_in):
    closure = close(year, "2016-03", year.commune, year.tree.a1)
    for who in ("other_commune", "other_leader", "outsider"):
        browser = signed_in(getattr(year, who))
        for path in ("", "chenh-lech/", "tep/"):
            assert browser.get(f"{BOARD}{closure.pk}/{path}").status_code == 404
        for path in ("nhan", "mo-lai"):
            assert browser.post(f"{BOARD}{closure.pk}/{path}/", {"version": "1", "reason": "x"}).status_code == 404
        assert browser.get(f"{BOARD}?don-vi={year.tree.a1.key}").status_code == 404
    for who in ("commune", "commune_leader"):  # nobody accepts his own
        assert signed_in(getattr(year, who)).post(f"{BOARD}{closure.pk}/nhan/", {"version": "1"}).status_code == 403


# Half closed


def test_a_half_closed_quarter_names_who_is_missing(year, signed_in):
    for month in (1, 2, 3):
        close(year, f"2016-{month:02d}", year.commune, year.tree.a1)
    browser = signed_in(year.leader)
    words = "còn 1 đơn vị chưa khóa tháng 1/2016, tháng 2/2016 và tháng 3/2016: Xã Hải Lạng"
    answer = post_close(browser, year.tree.a, "2016-Q1")
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert words[1:] in browser.get(f"{BOARD}?nam=2016").content.decode()
    head = signed_in(year.head)
    assert "Nhập lý do nếu vẫn khóa" in post_close(head, year.tree.a, "2016-Q1").content.decode()
    assert post_close(head, year.tree.a, "2016-Q1", reason="Xã đã sáp nhập", request_id="r2").status_code == 302
    assert PeriodClosure.objects.get(unit=year.tree.a).reason == "Xã đã sáp nhập"
    assert not Occurrence.objects.filter(district=year.tree.a, closed_on=None).exists()
    assert Occurrence.objects.filter(district=year.tree.b, closed_on=None).count() == 4


def test_a_month_under_a_closed_quarter_is_not_opened(year, signed_in):
    close_all(year)
    month = PeriodClosure.objects.get(unit=year.tree.a1, period="2016-03")
    answer = signed_in(year.leader).post(f"{BOARD}{month.pk}/mo-lai/", {"version": "1", "reason": "x"})
    assert (answer.status_code, "đã khóa số liệu quý i/2016" in answer.content.decode().lower()) == (422, True)
    quarter = PeriodClosure.objects.get(unit=year.tree.a)
    reopen_closure(quarter.pk, actor=year.specialist, version=1, reason="Sửa", today=TODAY, now=timezone.now())
    assert Occurrence.objects.filter(unit=year.tree.a, closed_on=None).count() == 1
    assert not Occurrence.objects.filter(unit=year.tree.a1, closed_on=None).exists()  # still closed by its months
    reopen_closure(month.pk, actor=year.leader, version=1, reason="Sửa", today=TODAY, now=timezone.now())
    assert list(Occurrence.objects.filter(unit=year.tree.a1, closed_on=None).values_list("month", flat=True)) == [3]


# What is kept, and what changed since


def test_figures_stay_and_corrections_show_as_differences(year, signed_in):
    period, unit = Period.parse("2016-03"), year.tree.a1
    before = figures(unit, period, "then", TODAY)
    closure = close(year, "2016-03", year.commune, unit)
    browser = signed_in(year.commune)
    page = browser.get(closure.get_absolute_url()).content.decode()
    assert "khớp với số liệu đã khóa" in page
    assert 'data-total="0"' in browser.get(f"{closure.get_absolute_url()}chenh-lech/").content.decode()
    settle(year.opinions[0])
    raise_one(year, "Nêu sau")
    recount()
    assert figures(unit, period, "then", TODAY) == before
    live = live_figures(unit, period, "then", TODAY)
    assert (live["opinions_received"], live["opinions_settled"], before["opinions_settled"]) == (3, 1, 0)
    page = browser.get(closure.get_absolute_url()).content.decode()
    assert "chỉ tiêu của đơn vị khác số đã khóa" in page
    page = browser.get(f"{closure.get_absolute_url()}chenh-lech/").content.decode()
    assert "Ý kiến đã giải quyết" in page
    assert "Biểu 4. Ý kiến, kiến nghị theo lĩnh vực" in page
    report = browser.get("/bao-cao/?ky=2016-03").content.decode()
    assert f"Số liệu đã khóa ngày {TODAY:%d/%m/%Y}" in report
    assert measure(report, "opinions_settled") == before["opinions_settled"]
    table = browser.get("/bao-cao/bieu/B1/?ky=2016-03").content.decode()
    assert f"Số liệu đã khóa ngày {TODAY:%d/%m/%Y}" in table
    out = StringIO()
    call_command("figures", "--unit", unit.key, "--period", "2016-03", stdout=out)
    assert json.loads(out.getvalue()) == before
    reopen_closure(closure.pk, actor=year.commune_leader, version=1, reason="Sửa", today=TODAY, now=timezone.now())
    assert figures(unit, period, "then", TODAY) == live


def measure(page, word):
    return int(re.search(rf'data-measure="{word}"[^>]*>\s*(?:<a[^>]*>)?(\d+)', page).group(1))


def test_an_act_on_a_closed_meeting_is_refused_on_its_page(year, signed_in):
    close(year, "2016-03", year.commune, year.tree.a1)
    answer = signed_in(year.commune).post(f"/hoi-nghi/{year.meeting.pk}/huy/", {"version": "1", "reason": "Nhầm"})
    assert (answer.status_code, "đã khóa số liệu ngày" in answer.content.decode()) == (422, True)
    year.meeting.refresh_from_db()
    assert year.meeting.status == "held"


def test_who_sees_a_part_only_never_reads_frozen_rows(year):
    command("2016", "--unit", year.tree.province.key)
    period = Period.parse("2016")
    raise_one(year, "Nêu sau")
    recount()
    frozen = figures(year.tree.province, period, "then", TODAY, year.head)
    assert frozen["opinions_received"] == 2
    assert figures(year.tree.province, period, "then", TODAY, year.commune)["opinions_received"] == 3
    assert figures(year.tree.a1, period, "then", TODAY, year.commune)["opinions_received"] == 2
    assert figures(year.tree.a1, period, "then", TODAY, year.other_commune)["opinions_received"] == 0


# The year


def test_the_head_freezes_the_year_in_the_background(year, signed_in, settings, tmp_path):
    settings.FILES = tmp_path
    close_all(year)
    head = signed_in(year.head)
    answer = post_close(head, year.tree.province, "2016")
    assert answer.status_code == 302
    job = Job.objects.get(kind="freeze_year")
    assert answer.url == f"/cong-viec/{job.pk}/"
    closure = PeriodClosure.objects.get(unit=year.tree.province)
    assert "chưa chốt xong" in head.get(closure.get_absolute_url()).content.decode()
    assert run_job(job.pk)
    job.refresh_from_db()
    assert job.status == "done", job.message
    closure.refresh_from_db()
    assert (closure.state, len(closure.workbook_sha256)) == ("frozen", 64)
    then = closure.figures.filter(boundaries="then").values_list("unit_id", flat=True)
    tree = year.tree
    assert set(then) == {unit.pk for unit in (tree.province, tree.a, tree.b, tree.a1, tree.a2, tree.b1)}
    assert closure.figures.filter(boundaries="now").count() == 1
    assert closure.tables.count() == 2 * len(KEPT)
    saved = head.get(f"{closure.get_absolute_url()}tep/")
    assert "attachment" in saved["Content-Disposition"]
    assert b"".join(saved.streaming_content)[:2] == b"PK"
    assert signed_in(year.specialist).post(f"{closure.get_absolute_url()}mo-lai/", {"version": "2"}).status_code == 403
    (tmp_path / closure.workbook).write_bytes(b"PK another")
    answer = head.get(f"{closure.get_absolute_url()}tep/")
    assert (answer.status_code, "không còn đúng mã băm" in answer.content.decode()) == (422, True)


def test_a_dead_worker_leaves_a_year_that_is_frozen_by_the_next(year, settings, tmp_path, monkeypatch):
    settings.FILES = tmp_path
    now, period = timezone.now(), Period.parse("2016")
    closure = close_period(year.tree.province, period, actor=year.head, today=TODAY, now=now, reason="Chốt sớm")

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(freezing, "write_workbook", die)
        with pytest.raises(KeyboardInterrupt):
            freezing.freeze_year(closure.pk, now=now)
    closure.refresh_from_db()
    assert (closure.state, closure.workbook) == ("closed", "")
    first = freezing.freeze_year(closure.pk, now=now)
    rows = list(FrozenFigures.objects.order_by("pk").values())
    second = freezing.freeze_year(closure.pk, now=now)
    assert (first.workbook_sha256, first.version) == (second.workbook_sha256, second.version)
    assert list(FrozenFigures.objects.order_by("pk").values()) == rows
    assert [path.name for path in (tmp_path / "closings").iterdir()] == [second.workbook.rpartition("/")[2]]
    assert Activity.objects.filter(verb="closure.freeze").count() == 1


def test_an_export_of_a_frozen_year_shows_the_frozen_and_what_changed(year, settings, tmp_path):
    settings.FILES = tmp_path
    command("2016", "--unit", year.tree.province.key)
    settle(year.opinions[0])
    path = tmp_path / "b.xlsx"
    call_command("export_year", "--unit", year.tree.province.key, "--year", "2016", "--out", str(path),
                 stdout=StringIO())  # fmt: skip
    book = load_workbook(path)
    assert "ChenhLech" in book.sheetnames
    words = [cell.value for row in book["ChenhLech"].iter_rows() for cell in row if cell.value is not None]
    assert "Ý kiến đã giải quyết" in words
    first = book["B1_TongHop"]
    heads = {cell.value.split("\n")[0]: cell.column for row in first.iter_rows() for cell in row
             if isinstance(cell.value, str)}  # fmt: skip
    settled = [first.cell(row, heads["Đã giải quyết"]).value for row in range(1, first.max_row + 1)]
    assert 1 not in settled
    cover = " ".join(str(cell.value) for row in book["Bia"].iter_rows() for cell in row if cell.value)
    assert "số liệu đã chốt ngày" in cover


# The command


def test_the_command_closes_once(year, settings, tmp_path):
    settings.FILES = tmp_path
    first, err = command("2016", "--unit", "province-90")
    assert "3 đơn vị chưa khóa tháng 1/2016, tháng 2/2016 và tháng 3/2016: Xã Đồng Tâm" in err
    assert (first["state"], first["period"], first["units"]) == ("frozen", "2016", 6)
    again, err = command("2016", "--unit", "province-90")
    assert (again, err) == (first, "")
    for word in ("2016-03", "2016-Q1"):
        closed, _ = command(word, "--unit", "commune-90101")
        assert closed["state"] == "closed"


def test_the_command_says_what_is_wrong(year):
    for word, unit, words in (
        ("2100", "province-90", "chưa hết"),
        ("x", "province-90", "không đọc được"),
        ("2016", "province-99", "province-99"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("close_period", word, "--unit", unit, stdout=StringIO())
    assert not PeriodClosure.objects.exists()


# Worlds with two trees


def test_a_year_of_two_trees_reconciles_then_and_now(db, settings, tmp_path):
    settings.FILES = tmp_path
    tree = make_reform_tree()
    fill(tree)
    for word in ("2016", "2025"):
        if Period.parse(word).last < TODAY:
            found, _ = command(word, "--unit", tree.province.key)
            rows = FrozenFigures.objects.filter(closure_id=found["closure"], unit=tree.province)
            then, now = (rows.get(boundaries=boundaries).values for boundaries in ("then", "now"))
            assert then == now
            below = FrozenFigures.objects.filter(closure_id=found["closure"], unit__level="commune", boundaries="then")
            assert sum(row.values["commune_meetings"] for row in below) == then["commune_meetings"] > 0


def test_pages_take_the_same_queries_for_one_and_three(year, signed_in, django_assert_max_num_queries):
    browser, counts = signed_in(year.leader), []
    browser.get(BOARD)
    for months in ((1,), (2, 3)):
        for month in months:
            close(year, f"2016-{month:02d}", year.commune, year.tree.a1)
        with django_assert_max_num_queries(60) as found:
            assert browser.get(f"{BOARD}?nam=2016").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]
