"""Lines of a conclusion from outside: written, owed, done, and seen by those they concern."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conftest import make_user
from core.errors import Conflict, NotAllowed
from core.models import Activity
from journal.models import Notice
from meetings.conclusions.reads import business_tasks
from meetings.conclusions.services import TaskingDraft, finish_tasking, set_taskings, taskings_version
from meetings.models import Tasking
from meetings.tests.builders import make_meeting

pytestmark = pytest.mark.django_db
LIST = "/viec-giao/"
WORDS = "Nạo vét mương Khe Cát"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def meeting(cast, today):
    return make_meeting(cast.tree.a1, today - timedelta(days=10))


def charge(cast, meeting, today, *, text=WORDS, body=None, person=None, due=20, actor=None):
    """One more line, through the service."""
    draft = TaskingDraft(text, today + timedelta(days=due), body and body.pk, person and person.pk)
    actor = actor or cast.commune
    return set_taskings(meeting.pk, [draft], actor=actor, version=taskings_version(meeting), today=today)[-1]


@pytest.fixture
def line(cast, meeting, today):
    return charge(cast, meeting, today, body=cast.bodies.commune)


def total(answer):
    assert answer.status_code == 200
    return int(answer.content.decode().split('data-total="')[1].split('"')[0])


def grid(rows, version=0, initial=0):
    data = {"lines-TOTAL_FORMS": len(rows), "lines-INITIAL_FORMS": initial, "version": version}
    for number, row in enumerate(rows):
        data |= {f"lines-{number}-{name}": value for name, value in row.items()}
    return data


def row(today, **fields):
    return {"text": WORDS, "due_on": (today + timedelta(days=20)).strftime("%d/%m/%Y")} | fields


def url_of(meeting):
    return reverse("tasking_edit", args=[meeting.pk])


def test_the_officer_writes_lines_and_the_body_is_told(cast, signed_in, meeting, today):
    officer, url = signed_in(cast.commune), url_of(meeting)
    page = officer.get(url).content.decode()
    assert "Công chức Địa chính" in page
    assert "Trần Văn Bí 0 – Bí thư chi bộ Thôn 1" in page
    rows = [row(today, body=cast.bodies.commune.pk), row(today, text="Họp dân", person="lê thị trưởng 1"), {"text": ""}]
    answer = officer.post(url, grid(rows))
    assert answer.status_code == 302
    first, second = Tasking.objects.order_by("number")
    assert (first.body, first.person, second.person.name) == (cast.bodies.commune, None, "Lê Thị Trưởng 1")
    assert (first.unit, first.commune, first.district) == (cast.tree.a1, cast.tree.a1, cast.tree.a)
    told = Notice.objects.get(recipient=cast.commune_agency)
    assert WORDS in told.text
    assert told.url == first.get_absolute_url()
    assert Activity.objects.filter(verb="tasking.create").count() == 2
    assert officer.post(url, grid(rows)).status_code == 302
    assert Tasking.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"body": ""}, "Chọn cơ quan chủ trì hoặc ghi người phụ trách."),
        ({"text": ""}, "Nhập nội dung giao."),
        ({"due_on": ""}, "Nhập hạn hoàn thành"),
        ({"due_on": "31/02/2026"}, "Nhập hạn hoàn thành dạng ngày/tháng/năm"),
        ({"due_on": "01/01/2020"}, "trước ngày họp"),
        ({"person": "Người Lạ Mặt"}, "trong danh sách đại biểu"),
        ({"body": "999999"}, "mời chọn lại"),
    ],
)
def test_a_wrong_line_is_explained_and_nothing_is_saved(cast, signed_in, meeting, today, wrong, sentence):
    rows = [row(today, body=cast.bodies.commune.pk, text="Việc đúng"), row(today, body=cast.bodies.commune.pk) | wrong]
    answer = signed_in(cast.commune).post(url_of(meeting), grid(rows))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert sentence in text
    assert 'role="alert"' in text
    assert "Việc đúng" in text
    assert not Tasking.objects.exists()


@pytest.mark.parametrize("page", ["tasking_edit", "announcement_edit"])
def test_a_grid_posted_without_its_counts_says_that_the_page_is_old(cast, signed_in, meeting, page):
    answer = signed_in(cast.commune).post(reverse(page, args=[meeting.pk]), {"version": 0})
    assert answer.status_code == 422
    assert "Biểu mẫu này đã cũ hoặc bị thiếu" in answer.content.decode()
    assert "ManagementForm" not in answer.content.decode()


def test_lines_are_changed_and_dropped_but_never_lost(cast, signed_in, meeting, today, line):
    officer, url = signed_in(cast.commune), url_of(meeting)
    kept = row(today, pk=line.pk, text="Nạo vét mương, kè bờ", body=cast.bodies.commune.pk)
    assert officer.post(url, grid([kept], version=2, initial=1)).status_code == 302
    line.refresh_from_db()
    assert (line.text, line.version) == ("Nạo vét mương, kè bờ", 2)
    dropped = kept | {"drop_reason": "Cấp trên làm"}
    assert officer.post(url, grid([dropped], version=3, initial=1)).status_code == 302
    line.refresh_from_db()
    assert (line.status, line.result) == ("dropped", "Cấp trên làm")
    foreign = row(today, pk=line.pk + 500, body=cast.bodies.commune.pk)
    assert officer.post(url, grid([foreign], version=4, initial=1)).status_code == 409


def test_a_second_writer_adds_to_what_the_first_saved(cast, signed_in, meeting, today, line):
    answer = signed_in(cast.commune_leader).post(
        url_of(meeting), grid([row(today, text="Bản của tôi", body=cast.bodies.commune.pk)])
    )
    assert answer.status_code == 302
    assert list(Tasking.objects.order_by("number").values_list("text", flat=True)) == [WORDS, "Bản của tôi"]


def test_a_page_of_unknown_age_writes_over_nothing(cast, signed_in, meeting, today, line):
    officer, typed = signed_in(cast.commune_leader), row(today, pk=line.pk, text="Bản của tôi", body=line.body_id)
    answer = officer.post(url_of(meeting), grid([typed], initial=1))
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Cả hai bên cùng sửa" in text
    assert WORDS in text
    assert "Bản của tôi" in text
    line.refresh_from_db()
    assert line.text == WORDS


@pytest.mark.parametrize(
    ("who", "page", "post"),
    [
        ("commune", 200, 422),
        ("commune_leader", 200, 422),
        ("leader", 200, 403),
        ("head", 200, 403),
        ("other_commune", 404, 404),
        ("commune_agency", 404, 404),
        ("outsider", 404, 404),
        ("admin", 404, 404),
    ],
)
def test_who_reads_and_who_writes_a_conclusion(cast, signed_in, meeting, who, page, post):
    browser = signed_in(getattr(cast, who))
    assert browser.get(url_of(meeting)).status_code == page
    assert browser.post(url_of(meeting), grid([{"text": "Việc"}])).status_code == post


@pytest.mark.parametrize("status", ["planned", "locked"])
def test_lines_belong_to_a_held_and_open_meeting(cast, signed_in, today, status):
    meeting = make_meeting(cast.tree.a1, today, status=status)
    answer = signed_in(cast.commune).post(url_of(meeting), grid([row(today, body=cast.bodies.commune.pk)]))
    assert answer.status_code == 422
    assert "Hội nghị" in answer.content.decode()
    assert not Tasking.objects.exists()


def test_the_charged_body_reports_done_and_the_keepers_reopen(cast, signed_in, line, today):
    agency, url = signed_in(cast.commune_agency), line.get_absolute_url()
    assert total(agency.get(LIST)) == 1
    assert "Báo đã xong" in agency.get(url).content.decode()
    report = {"result": "Đã nạo vét 300 m", "done_on": today.strftime("%d/%m/%Y"), "version": 1}
    assert agency.post(f"{url}xong/", report | {"result": ""}).status_code == 422
    assert agency.post(f"{url}xong/", report | {"version": 9}).status_code == 409
    assert agency.post(f"{url}khong-thuc-hien/", {"reason": "Thôi", "version": 1}).status_code == 403
    assert agency.post(f"{url}xong/", report).status_code == 302
    line.refresh_from_db()
    assert (line.status, line.done_on, line.result) == ("done", today, "Đã nạo vét 300 m")
    assert Notice.objects.filter(recipient=cast.commune, text__contains="Đã xong").exists()
    assert agency.post(f"{url}xong/", report | {"version": 2}).status_code == 422
    assert agency.post(f"{url}mo-lai/", {"reason": "Chưa", "version": 2}).status_code == 403
    officer = signed_in(cast.commune)
    assert officer.post(f"{url}mo-lai/", {"reason": "", "version": 2}).status_code == 422
    assert officer.post(f"{url}mo-lai/", {"reason": "Thôn báo chưa xong", "version": 2}).status_code == 302
    page = agency.get(url).content.decode()
    assert "Đã nạo vét 300 m" in page
    assert "Thôn báo chưa xong" in page
    line.refresh_from_db()
    assert (line.status, line.done_on) == ("open", None)


def test_the_charged_person_sees_and_reports_only_the_own_line(cast, signed_in, meeting, line, today):
    head = make_user("khu1", "village", cast.tree.villages[0])
    mine = charge(cast, meeting, today, text="Họp dân bàn góp đường", person=head.person)
    browser = signed_in(head)
    assert total(browser.get(LIST)) == 1
    assert browser.get(line.get_absolute_url()).status_code == 404
    report = {"result": "Đã họp", "done_on": today.strftime("%d/%m/%Y"), "version": 1}
    assert browser.post(f"{mine.get_absolute_url()}xong/", report).status_code == 302


@pytest.mark.parametrize(
    ("who", "count"),
    [
        ("commune", 1),
        ("leader", 1),
        ("head", 1),
        ("commune_agency", 1),
        ("agency", 0),
        ("other_commune", 0),
        ("other_leader", 0),
        ("outsider", 0),
        ("cadre", 0),
        ("admin", 0),
    ],
)
def test_everybody_sees_the_lines_of_the_own_branch_or_body(cast, signed_in, line, who, count):
    browser = signed_in(getattr(cast, who))
    assert total(browser.get(LIST)) == count
    assert browser.get(line.get_absolute_url()).status_code == (200 if count else 404)
    assert (WORDS in browser.get(LIST).content.decode()) is bool(count)


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 2), ({"trang-thai": "qua-han"}, 1), ({"trang-thai": "done"}, 1), ({"trang-thai": "all"}, 3)],
)
def test_filters_of_the_list(cast, signed_in, meeting, today, line, query, count):
    late = charge(cast, meeting, today, text="Việc trễ", body=cast.bodies.commune, due=-2)
    done = charge(cast, meeting, today, text="Việc xong", body=cast.bodies.commune)
    finish_tasking(done.pk, "Xong", today, actor=cast.commune, version=1, today=today)
    assert total(signed_in(cast.leader).get(LIST, query)) == count
    assert total(signed_in(cast.leader).get(LIST, query | {"don-vi": cast.tree.a2.key})) == 0
    assert late.is_overdue(today)
    assert list(Tasking.objects.overdue(today)) == [late]


def test_statements_do_not_grow_with_lines(cast, signed_in, meeting, today, line):
    leader, officer = signed_in(cast.leader), signed_in(cast.commune)
    pages = [(leader, LIST), (officer, url_of(meeting)), (officer, line.get_absolute_url()), (officer, "/")]
    few = [_statements(*page) for page in pages]
    charge(cast, meeting, today, text="Việc hai", body=cast.bodies.commune, person=cast.commune_leader.person)
    charge(cast, meeting, today, text="Việc ba", body=cast.bodies.commune, due=2)
    many = [_statements(*page) for page in pages]
    assert all(
        after <= before + (page[1] == url_of(meeting)) for before, after, page in zip(few, many, pages, strict=True)
    )
    assert max(many[:-1]) <= 17


def _statements(browser, path):
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


def test_the_service_refuses_strangers_and_stale_versions(cast, meeting, today, line):
    draft = [TaskingDraft("Việc", today, cast.bodies.commune.pk)]
    for stranger in (cast.leader, cast.other_commune, cast.outsider, cast.commune_agency):
        with pytest.raises(NotAllowed):
            set_taskings(meeting.pk, draft, actor=stranger, version=2, today=today)
    with pytest.raises(Conflict):
        set_taskings(meeting.pk, draft, actor=cast.commune, version=0, today=today)


def test_home_shows_what_is_late_or_near_to_those_who_owe_it(cast, meeting, today):
    charge(cast, meeting, today, text="Còn lâu", body=cast.bodies.commune, due=30)
    charge(cast, meeting, today, text="Trễ rồi", body=cast.bodies.commune, due=-3)
    for who in (cast.commune, cast.commune_agency):
        assert [(task["title"], task["tone"]) for task in business_tasks(who, today)] == [("Trễ rồi", "late")]
    for who in (cast.leader, cast.head, cast.outsider, cast.agency):
        assert business_tasks(who, today) == []
