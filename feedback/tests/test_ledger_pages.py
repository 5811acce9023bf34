"""The pages of a book of old years: sent, checked by a worker, seen, confirmed, written, taken back; by branch."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.jobs import run_job
from core.models import Job, JobStatus
from feedback.enums import LedgerState
from feedback.models import LedgerImport, Opinion
from feedback.tests.test_ledger import MEETING, OPINION, book
from meetings.models import Meeting

pytestmark = pytest.mark.django_db
URL = "/y-kien/nhap-so/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send(officer, unit, request_id="r1", **sheets):
    stream = io.BytesIO()
    book(**({"meetings": [MEETING], "opinions": [OPINION]} | sheets)).save(stream)
    file = SimpleUploadedFile("so 2016.xlsx", stream.getvalue(), XLSX)
    return officer.post(URL, {"unit": unit.key, "file": file, "request_id": request_id})


def work(item):
    """The worker's part; the item as it is then."""
    item.refresh_from_db()
    run_job(item.job_id)
    item.refresh_from_db()
    return item


@pytest.fixture
def officer(cast, signed_in):
    return signed_in(cast.commune)


@pytest.fixture
def checked(cast, officer):
    assert send(officer, cast.tree.a1).status_code == 302
    return work(LedgerImport.objects.get())


def confirm(browser, item, digest=None):
    return browser.post(f"{item.get_absolute_url()}ghi/", {"version": digest or item.digest})


def test_a_book_is_sent_seen_written_and_taken_back_once(cast, officer, checked):
    page = officer.get(checked.get_absolute_url()).content.decode()
    assert 'data-total="1"' in page
    assert "Sẽ ghi 1 hội nghị, 1 ý kiến" in page
    assert not Meeting.objects.exists()
    assert confirm(officer, checked, "other").status_code == 409
    for _ in range(2):
        assert confirm(officer, checked).status_code == 302
    assert "Đang ghi sổ" in officer.get(f"{checked.get_absolute_url()}tien-do/").content.decode()
    assert work(checked).state == LedgerState.APPLIED
    Job.objects.update(status=JobStatus.QUEUED)  # a worker that died after its work is followed by another
    work(checked)
    assert Meeting.objects.count() == Opinion.objects.count() == 1
    assert "Đã ghi sổ" in officer.get(checked.get_absolute_url()).content.decode()
    assert send(officer, cast.tree.a1, "r2").status_code == 302
    again = work(LedgerImport.objects.first())
    assert "Sổ này đã nhập rồi" in officer.get(again.get_absolute_url()).content.decode()
    for _ in range(2):
        assert officer.post(f"{checked.get_absolute_url()}thu-hoi/").status_code == 302
        assert work(checked).state == LedgerState.UNDONE
    assert not Meeting.objects.exists()
    assert "Đã thu hồi lần nhập này" in officer.get(checked.get_absolute_url()).content.decode()


def test_a_refused_undo_says_why_and_leaves_everything(officer, checked):
    confirm(officer, checked)
    work(checked)
    Opinion.objects.update(version=2)
    officer.post(f"{checked.get_absolute_url()}thu-hoi/")
    assert work(checked).state == LedgerState.APPLIED
    assert "Không thu hồi được: có 1 ý kiến" in officer.get(checked.get_absolute_url()).content.decode()
    assert Meeting.objects.count() == 1


def test_faults_are_listed_and_cannot_be_confirmed(cast, officer):
    answer = send(officer, cast.tree.a1, opinions=[OPINION | {"village": "<b>Thôn 9"}])
    item = work(LedgerImport.objects.get())
    page = officer.get(answer.url).content.decode()
    assert 'role="alert"' in page
    assert "1 chỗ phải sửa" in page
    assert "YKien" in page
    assert "<b>Thôn" not in page
    assert confirm(officer, item).status_code == 422


def test_a_broken_file_says_why(cast, officer):
    broken = SimpleUploadedFile("hong.xlsx", b"PK\x03\x04 not a workbook", XLSX)
    answer = officer.post(URL, {"unit": cast.tree.a1.key, "file": broken, "request_id": "r"})
    work(LedgerImport.objects.get())
    assert "Tệp bị hỏng" in officer.get(answer.url).content.decode()
    other = SimpleUploadedFile("a.csv", b"a,b")
    assert officer.post(URL, {"unit": cast.tree.a1.key, "file": other, "request_id": "q"}).status_code == 422


def test_the_ground_that_changed_is_told_instead_of_written_over(cast, officer, checked):
    confirm(officer, checked)
    Meeting.objects.create(
        unit=cast.tree.a1,
        level="commune",
        province=cast.tree.province,
        district=cast.tree.a,
        commune=cast.tree.a1,
        period_first=MEETING["held_on"],
        period_last=MEETING["held_on"],
        year=2016,
        month=3,
        status="held",
        held_on=MEETING["held_on"],
        title="Đã có",
    )
    assert work(checked).state == LedgerState.FAULTY
    assert "Phần mềm đã có hội nghị" in officer.get(checked.get_absolute_url()).content.decode()
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "sees"),
    [("leader", True), ("specialist", True), ("other_commune", False), ("other_leader", False), ("outsider", False)],
)
def test_a_book_is_the_branchs_and_nobody_elses(cast, signed_in, checked, who, sees):
    browser = signed_in(getattr(cast, who))
    for path in ("", "tien-do/"):
        assert browser.get(f"{checked.get_absolute_url()}{path}").status_code == (200 if sees else 404)
    assert ("so 2016.xlsx" in browser.get(URL).content.decode()) is sees
    if not sees:
        assert confirm(browser, checked).status_code == 404
        assert browser.post(f"{checked.get_absolute_url()}thu-hoi/").status_code == 404
        assert send(browser, cast.tree.a1, "x").status_code == 422
        assert browser.get(f"{URL}tep-mau/?don-vi={cast.tree.a1.key}").status_code == 404


@pytest.mark.parametrize("who", ["agency", "cadre", "province_leader", "admin", "village"])
def test_who_keeps_no_meetings_brings_in_no_books(cast, signed_in, who):
    browser = signed_in(getattr(cast, who))
    assert browser.get(URL).status_code == 403
    assert send(browser, cast.tree.a1).status_code == 403


def test_three_imports_and_three_meetings_cost_what_one_costs(cast, officer, checked):
    def queries(path):
        with CaptureQueriesContext(connection) as seen:
            assert officer.get(path).status_code == 200
        return len(seen)

    few = queries(URL), queries(checked.get_absolute_url())
    for number in range(2):
        LedgerImport.objects.create(unit=cast.tree.a1, name=f"{number}.xlsx", created_by_id=cast.commune.pk)
    checked.report["rows"] *= 3
    checked.save()
    assert (queries(URL), queries(checked.get_absolute_url())) == few
    assert officer.get(f"{URL}tep-mau/?don-vi={cast.tree.a1.key}").status_code == 200
