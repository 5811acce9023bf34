"""The pages of a roster file: sent, checked by a worker, seen, confirmed, written; nobody else's."""

import io

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from conftest import make_person, make_post
from core.jobs import run_job
from core.models import Activity, Job, JobStatus
from people.models import Person, Post, RosterImport
from people.roster import services as roster_services
from people.roster.book import COLUMNS

pytestmark = pytest.mark.django_db
URL = "/danh-ba/nhap/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NEW_HEAD = (None, "Thôn 2", "Đỗ Văn Mới", "Trưởng thôn", "0912345678")


def upload(*rows, name="danh sach.xlsx"):
    book, stream = Workbook(), io.BytesIO()
    book.active.title = "DanhSach"
    for line in [list(COLUMNS.values()), *rows]:
        book.active.append(line)
    book.save(stream)
    return SimpleUploadedFile(name, stream.getvalue(), XLSX)


def send(officer, cast, *rows, request_id="r1", **options):
    data = {"don-vi": "", "unit": cast.tree.a1.key, "file": upload(*rows, **options), "request_id": request_id}
    return officer.post(URL, data)


@pytest.fixture
def officer(cast, signed_in):
    return signed_in(cast.commune)


@pytest.fixture
def checked(cast, officer):
    """A good file, sent and checked."""
    assert send(officer, cast, NEW_HEAD).status_code == 302
    item = RosterImport.objects.get()
    run_job(item.job_id)
    item.refresh_from_db()
    return item


def confirm(officer, item, digest=None):
    return officer.post(f"{item.get_absolute_url()}ghi/", {"version": digest or item.digest})


def test_a_file_is_sent_seen_confirmed_and_written_once(cast, officer, checked):
    page = officer.get(checked.get_absolute_url()).content.decode()
    assert 'data-total="1"' in page
    assert "Lê Thị Trưởng 1 bàn giao cho Đỗ Văn Mới" in page
    assert not Person.objects.filter(name="Đỗ Văn Mới").exists()
    kept = settings.FILES / checked.path
    assert kept.is_file()
    for _ in range(2):
        assert confirm(officer, checked).status_code == 302
    checked.refresh_from_db()
    assert Job.objects.filter(kind="roster_apply").count() == 1
    assert run_job(checked.job_id)
    Job.objects.update(status=JobStatus.QUEUED)  # a worker that died after its work is followed by another
    run_job(checked.job_id)
    assert Person.objects.get(name="Đỗ Văn Mới").phone == "0912345678"
    assert Post.objects.filter(person__name="Đỗ Văn Mới").count() == 1
    page = officer.get(checked.get_absolute_url()).content.decode()
    assert "Đã ghi vào danh bạ" in page
    assert set(Activity.objects.filter(actor_id=cast.commune.pk).values_list("verb", flat=True)) == {
        *("roster.receive", "roster.import", "post.begin", "post.end")
    }


def test_the_file_goes_once_it_is_written(officer, checked, django_capture_on_commit_callbacks):
    confirm(officer, checked)
    checked.refresh_from_db()
    kept = settings.FILES / checked.path
    with django_capture_on_commit_callbacks(execute=True):
        run_job(checked.job_id)
    assert not kept.exists()


def test_waiting_shows_and_asks_again_by_itself(cast, officer):
    answer = send(officer, cast, NEW_HEAD)
    assert "Đang kiểm tra tệp" in officer.get(answer.url).content.decode()
    fragment = officer.get(f"{answer.url}tien-do/").content.decode()
    assert "every 2s" in fragment
    run_job(RosterImport.objects.get().job_id)
    assert "every 2s" not in officer.get(f"{answer.url}tien-do/").content.decode()


def test_faults_are_listed_and_cannot_be_confirmed(cast, officer):
    answer = send(officer, cast, NEW_HEAD, (None, "Thôn 9", "<b>Đỗ An</b>", "Trưởng thôn"))
    item = RosterImport.objects.get()
    run_job(item.job_id)
    page = officer.get(f"{answer.url}?muc=tat-ca").content.decode()
    assert 'role="alert"' in page
    assert "1 chỗ phải sửa" in page
    assert "<b>Đỗ" not in page
    item.refresh_from_db()
    assert confirm(officer, item).status_code == 422
    assert Job.objects.filter(kind="roster_apply").count() == 0


def test_a_broken_file_says_why(cast, officer):
    broken = SimpleUploadedFile("hong.xlsx", b"PK\x03\x04 not a workbook", XLSX)
    answer = officer.post(URL, {"unit": cast.tree.a1.key, "file": broken, "request_id": "r"})
    run_job(RosterImport.objects.get().job_id)
    assert "Tệp bị hỏng" in officer.get(answer.url).content.decode()


@pytest.mark.parametrize(("name", "content"), [("a.csv", b"a,b"), ("a.xlsx", b"a,b"), ("a.xls", b"PK\x03\x04")])
def test_other_kinds_of_files_are_refused_at_the_form(cast, officer, name, content):
    answer = officer.post(URL, {"unit": cast.tree.a1.key, "file": SimpleUploadedFile(name, content), "request_id": "r"})
    assert answer.status_code == 422
    assert RosterImport.objects.count() == 0


def test_a_changed_directory_is_told_and_planned_anew(cast, officer, checked):
    other = make_post(make_person("Chu Văn Chen"), cast.tree.villages[1], "residents_rep")
    Post.objects.filter(unit=other.unit, position="village_head").update(person=other.person)
    assert confirm(officer, checked).status_code == 302
    checked.refresh_from_db()
    run_job(checked.job_id)
    page = officer.get(checked.get_absolute_url()).content.decode()
    assert "Danh bạ vừa thay đổi" in page
    assert "Chu Văn Chen bàn giao cho Đỗ Văn Mới" in page
    assert not Person.objects.filter(name="Đỗ Văn Mới").exists()
    seen = checked.digest
    checked.refresh_from_db()
    assert confirm(officer, checked, seen).status_code == 409
    assert confirm(officer, checked).status_code == 302
    checked.refresh_from_db()
    run_job(checked.job_id)
    assert Person.objects.filter(name="Đỗ Văn Mới").exists()


def test_a_failed_run_leaves_the_plan_to_be_confirmed_again(officer, checked):
    confirm(officer, checked)
    RosterImport.objects.update(path="gone.xlsx")
    checked.refresh_from_db()
    run_job(checked.job_id)
    checked.refresh_from_db()
    assert checked.state == "ready"
    assert "bấm ghi lại" in checked.message


def test_sent_twice_it_comes_in_once_and_a_new_file_replaces_the_old(cast, officer, django_capture_on_commit_callbacks):
    first, again = send(officer, cast, NEW_HEAD), send(officer, cast, NEW_HEAD)
    assert first.url == again.url
    old = settings.FILES / RosterImport.objects.get().path
    with django_capture_on_commit_callbacks(execute=True):
        send(officer, cast, NEW_HEAD, request_id="r2")
    assert RosterImport.objects.count() == 1
    assert not old.exists()


@pytest.mark.parametrize("who", ["other_commune", "district", "outsider", "admin", "commune_leader"])
def test_a_file_is_its_senders_alone(cast, signed_in, checked, who):
    officer = signed_in(getattr(cast, who))
    for path in ("", "tien-do/"):
        assert officer.get(f"{checked.get_absolute_url()}{path}").status_code == 404
    assert confirm(officer, checked).status_code == 404
    assert "danh sach.xlsx" not in officer.get(URL).content.decode()


@pytest.mark.parametrize("who", ["agency", "cadre", "province_leader"])
def test_who_keeps_no_posts_sends_no_roster(cast, signed_in, who):
    officer = signed_in(getattr(cast, who))
    assert officer.get(URL).status_code == 403
    assert send(officer, cast, NEW_HEAD).status_code == 403


def test_a_foreign_unit_is_no_choice(cast, signed_in):
    officer = signed_in(cast.other_commune)
    assert send(officer, cast, NEW_HEAD).status_code == 422
    assert officer.get(f"{URL}tep-mau/?don-vi={cast.tree.a1.key}").status_code == 404
    assert RosterImport.objects.count() == 0


def test_whoever_moved_away_no_longer_reads_nor_writes(cast, signed_in, checked):
    Post.objects.filter(person=cast.commune.person).update(unit=cast.tree.a2)
    officer = signed_in(type(cast.commune).objects.get(pk=cast.commune.pk))
    assert officer.get(checked.get_absolute_url()).status_code == 404
    RosterImport.objects.update(state="applying")
    job = Job.objects.create(kind="roster_apply", params={"import_id": checked.pk}, owner_id=cast.commune.pk)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert not Person.objects.filter(name="Đỗ Văn Mới").exists()


def test_the_form_file_names_villages_and_holders_but_no_phones(cast, officer):
    answer = officer.get(f"{URL}tep-mau/?don-vi={cast.tree.a1.key}")
    sheet = load_workbook(io.BytesIO(answer.content))["DanhSach"]
    rows = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)]
    assert ["1", "Thôn 1", "Trần Văn Bí 0", "Bí thư chi bộ", None] in [row[:5] for row in rows]
    assert {row[4] for row in rows} == {None}
    assert officer.get(f"{URL}tep-mau/").status_code == 200


def test_three_files_and_three_rows_cost_what_one_costs(cast, officer, checked):
    def queries(path):
        with CaptureQueriesContext(connection) as seen:
            assert officer.get(path).status_code == 200
        return len(seen)

    few = queries(URL), queries(checked.get_absolute_url())
    for number in range(2):
        RosterImport.objects.create(unit=cast.tree.a1, name=f"{number}.xlsx", created_by_id=cast.commune.pk)
    checked.report["rows"] *= 3
    checked.save()
    assert (queries(URL), queries(checked.get_absolute_url())) == few
    assert max(few) <= 15


def test_the_unit_of_a_village_takes_no_roster(cast):
    with pytest.raises(roster_services.DomainError, match="Chọn xã"):
        roster_services.check_unit(cast.commune, cast.tree.villages[0], Post.objects.first().valid_from)
