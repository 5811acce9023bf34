"""The officer's page: plan, log, check, close; and what it refuses without losing what was typed."""

import uuid
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conftest import make_person, make_post, make_unit
from core.periods import Period
from feedback.models import Opinion, Topic
from feedback.thread.moves import explain_opinion
from journal.models import Notice
from meetings.models import Attendance, Meeting
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from units.loading import rebuild_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def occurrence(cast, today):
    rule = make_rule(cast.tree.province)
    return make_occurrence(rule, cast.tree.a1, Period.of_day(today, "month").code)


@pytest.fixture
def officer(cast, signed_in):
    return signed_in(cast.commune)


def plan(officer, occurrence, today, **changes):
    data = {
        "occurrence": occurrence.pk,
        "unit": occurrence.unit_id,
        "kind": "periodic",
        "planned_on": today.strftime("%d/%m/%Y"),
        "form": "hall",
        "host": "party",
        "place": "Nhà văn hóa xã",
        "request_id": "6e1f7a52-3f0f-4c43-9c6f-8a3c1f6f0d11",
    } | changes
    return officer.post(reverse("meeting_create"), data)


def typed(meeting, today, opinions=(), **changes):
    """What the browser sends: the shown roster ticked present, and these opinion rows."""
    topic = Topic.objects.get(code="LAND")
    data = {
        "title": meeting.title,
        "held_on": today.strftime("%d/%m/%Y"),
        "started_at": "07:30",
        "ended_at": "11:00",
        "form": "hall",
        "attendance_mode": "roster",
        "version": meeting.version,
        "opinions-TOTAL_FORMS": len(opinions),
        "opinions-INITIAL_FORMS": 0,
    }
    for number, row in enumerate(opinions):
        row = {"kind": "petition", "topic": topic.pk, "competence": "commune", "channel": "oral"} | row
        row = {"visibility": "normal", "text": ""} | row
        data |= {f"opinions-{number}-{name}": value for name, value in row.items()}
    return data | changes


def log(officer, meeting, today, opinions=(), **changes):
    return officer.post(reverse("meeting_log", args=[meeting.pk]), typed(meeting, today, opinions, **changes))


@pytest.fixture
def meeting(officer, occurrence, today):
    plan(officer, occurrence, today)
    return Meeting.objects.get()


def test_planning_twice_with_the_same_request_makes_one_meeting(officer, occurrence, today):
    first, second = plan(officer, occurrence, today), plan(officer, occurrence, today)
    assert first.url == second.url
    assert Meeting.objects.count() == 1


def test_a_second_meeting_of_a_period_must_say_so(officer, occurrence, today, meeting):
    other = "0d8f9b0e-7c39-4e9c-9a0c-111111111111"
    refused = plan(officer, occurrence, today, request_id=other)
    assert refused.status_code == 422
    assert "Kỳ này đã có hội nghị" in refused.content.decode()
    plan(officer, occurrence, today, request_id=other, is_extra="on")
    assert Meeting.objects.count() == 2


def test_logging_counts_people_once_and_keeps_opinions(officer, occurrence, today, meeting, cast):
    village = cast.tree.villages[0]
    response = log(
        officer,
        meeting,
        today,
        [
            {"text": "Đề nghị sửa đường liên thôn", "village": village.pk, "raised_by_name": "Trần Văn Bí 0"},
            {"text": "Hỏi chế độ người có công", "village": village.pk, "answer": "Đã trả lời tại chỗ"},
            {},
        ],
        guest_name=["Nguyễn Văn Khách", ""],
        guest_duty=["Trạm Y tế", ""],
    )
    assert response.status_code == 302
    meeting.refresh_from_db()
    occurrence.refresh_from_db()
    # Three villages with three posts each, one person holding two of them; the commune's secretary; one guest.
    assert (meeting.invited_count, meeting.attendance_count, meeting.opinion_count) == (10, 11, 2)
    assert (meeting.status, meeting.held_on, occurrence.met_on) == ("held", today, today)
    raised = Opinion.objects.get(status="recorded")
    assert (raised.village, raised.commune, raised.holder) == (village, cast.tree.a1, cast.tree.a1)
    assert raised.due_on == today + timedelta(days=30)
    assert raised.raised_by is not None
    assert Opinion.objects.get(status="answered_on_spot").settled_on == today


def test_absence_and_substitute(officer, today, meeting):
    log(officer, meeting, today)
    meeting.refresh_from_db()
    first, second = Attendance.objects.filter(is_guest=False)[:2]
    states = {f"seat-{row.person_id}": "present" for row in Attendance.objects.all()}
    states |= {f"seat-{first.person_id}": "excused", f"reason-{first.person_id}": "Ốm"}
    states |= {f"seat-{second.person_id}": "substituted"}
    assert log(officer, meeting, today, **states).status_code == 302
    meeting.refresh_from_db()
    page = officer.get(reverse("meeting_check", args=[meeting.pk])).content.decode()
    assert f"chưa ghi họ tên người dự thay đồng chí {second.name}" in page
    assert f"#substitute-{second.person_id}" in page
    told = officer.post(reverse("meeting_lock", args=[meeting.pk]), {"version": meeting.version})
    assert told.status_code == 422
    log(officer, meeting, today, **states, **{f"substitute-{second.person_id}": "Vũ Thị Thay"})
    meeting.refresh_from_db()
    assert meeting.attendance_count == meeting.invited_count - 1
    assert Attendance.objects.get(person=first.person).reason == "Ốm"


def test_counted_attendance(officer, today, meeting):
    data = {"attendance_mode": "counted", "count_group": ["Bí thư chi bộ", "Khách mời"], "count_number": ["1.029", "2"]}
    log(officer, meeting, today, **data)
    meeting.refresh_from_db()
    assert meeting.attendance_count == 1031
    assert not meeting.attendances.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"held_on": "ngày mai"}, "dạng ngày/tháng/năm"),
        ({"held_on": "FUTURE"}, "ở tương lai"),
        ({"held_on": "01/01/2016"}, "quá sớm cho kỳ này"),
        ({"ended_at": "07:00"}, "Giờ kết thúc phải sau giờ bắt đầu"),
        ({"form": "cluster"}, "cần ít nhất một cuộc họp"),
        ({"attendance_mode": "counted", "count_group": "A", "count_number": "ba mươi"}, "phải là số nguyên"),
        ({"title": ""}, "Nhập tên hội nghị."),
        ({"opinions-TOTAL_FORMS": "999999"}, "nhiều nhất 200 ý kiến"),
    ],
)
def test_refusals_lose_nothing(officer, today, meeting, changes, sentence):
    if changes.get("held_on") == "FUTURE":
        changes = {"held_on": (today + timedelta(days=1)).strftime("%d/%m/%Y")}
    response = log(officer, meeting, today, [{"text": "Một ý kiến dài đã gõ"}], conclusions="Kết luận đã gõ", **changes)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "Một ý kiến dài đã gõ" in page
    assert "Kết luận đã gõ" in page
    assert 'role="alert"' in page
    meeting.refresh_from_db()
    assert (meeting.status, Opinion.objects.count(), Attendance.objects.count()) == ("planned", 0, 0)


def test_an_opinion_without_content_is_refused_whole(officer, today, meeting):
    response = log(officer, meeting, today, [{"text": "Có nội dung"}, {"text": " ", "raised_by_name": "Ai đó"}])
    assert response.status_code == 422
    assert "Nhập nội dung ý kiến" in response.content.decode()
    assert not Opinion.objects.exists()


def test_an_opinion_without_its_field_is_saved_and_asked_for_by_its_number_before_closing(officer, today, meeting):
    rows = [{"text": "Đủ cả"}, {"text": "Để sau", "topic": ""}]
    assert log(officer, meeting, today, rows).status_code == 302
    meeting.refresh_from_db()
    later = Opinion.objects.get(text="Để sau")
    check = reverse("meeting_check", args=[meeting.pk])
    page = officer.get(check).content.decode()
    assert "Ý kiến 2: chưa chọn lĩnh vực." in page
    assert "Ý kiến 1: chưa chọn lĩnh vực." not in page
    form = officer.get(reverse("meeting_log", args=[meeting.pk])).content.decode()
    assert f'id="opinion-{later.pk}"' in form
    assert "Chưa chọn lĩnh vực</option>" not in form
    told = officer.post(reverse("meeting_lock", args=[meeting.pk]), {"version": meeting.version})
    assert told.status_code == 422
    assert "Ý kiến 2: chưa chọn lĩnh vực." in told.content.decode()
    rows = [{"text": "Để sau", "pk": later.pk}]
    log(officer, meeting, today, rows)
    meeting.refresh_from_db()
    assert "chưa chọn lĩnh vực" not in officer.get(check).content.decode()
    assert officer.post(reverse("meeting_lock", args=[meeting.pk]), {"version": meeting.version}).status_code == 302


def test_guests_are_not_among_those_called(officer, today, meeting):
    log(officer, meeting, today, guest_name=["Nguyễn Văn Khách", ""], guest_duty=["Trạm Y tế", ""])
    page = officer.get(reverse("meeting_check", args=[meeting.pk])).content.decode()
    assert "<strong>11</strong> (10 trên 10 người được triệu tập)" in " ".join(page.split())


def test_state_secrets_are_refused(officer, today, meeting):
    response = log(officer, meeting, today, [{"text": "Tài liệu MẬT về phòng thủ"}])
    assert response.status_code == 422
    assert "bí mật nhà nước" in response.content.decode()


def test_the_second_editor_is_told_and_sees_both_texts(officer, today, meeting, signed_in, cast):
    log(officer, meeting, today, [{"text": "Ý kiến người thứ nhất"}], conclusions="Kết luận thứ nhất")
    second = signed_in(cast.commune_leader)
    stale = log(second, meeting, today, [{"text": "Ý kiến người thứ hai"}], conclusions="Kết luận thứ hai")
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "Kết luận thứ nhất" in page
    assert "Kết luận thứ hai" in page
    assert list(Opinion.objects.values_list("text", flat=True)) == ["Ý kiến người thứ nhất"]
    assert log(second, meeting, today, conclusions="").status_code == 302
    meeting.refresh_from_db()
    assert meeting.conclusions == "Kết luận thứ nhất"
    meeting.refresh_from_db()
    log(second, meeting, today, [{"text": "Ý kiến người thứ hai"}], conclusions="Kết luận thứ hai")
    assert Opinion.objects.count() == 2


def test_a_locked_meeting_takes_no_edit_until_it_is_reopened_with_a_reason(officer, today, meeting, signed_in, cast):
    log(officer, meeting, today)
    meeting.refresh_from_db()
    assert "Chưa ghi kết luận" in officer.get(reverse("meeting_check", args=[meeting.pk])).content.decode()
    officer.post(reverse("meeting_lock", args=[meeting.pk]), {"version": meeting.version})
    meeting.refresh_from_db()
    assert (meeting.status, meeting.locked_on) == ("locked", today)
    log(officer, meeting, today, [{"text": "Muộn rồi"}])
    assert not Opinion.objects.exists()
    url = reverse("meeting_reopen", args=[meeting.pk])
    assert officer.post(url, {"version": meeting.version, "reason": "Nhầm"}).status_code == 403
    leader = signed_in(cast.commune_leader)
    assert leader.post(url, {"version": meeting.version, "reason": ""}).status_code == 422
    stale = leader.post(url, {"version": 1, "reason": "Lý do đã gõ"})
    assert stale.status_code == 409
    assert "Lý do đã gõ" in stale.content.decode()
    leader.post(url, {"version": meeting.version, "reason": "Bổ sung ý kiến"})
    meeting.refresh_from_db()
    assert meeting.status == "held"


def test_cancelling_takes_the_meeting_out_of_its_period(officer, occurrence, today, meeting):
    log(officer, meeting, today)
    meeting.refresh_from_db()
    officer.post(reverse("meeting_cancel", args=[meeting.pk]), {"version": meeting.version, "reason": "Ghi nhầm"})
    occurrence.refresh_from_db()
    assert occurrence.met_on is None


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [("a.exe", b"MZ", "Chỉ nhận tệp"), ("a.pdf", b"<html>", "không phải dạng pdf"), ("a.pdf", b"", "")],
)
def test_a_wrong_file_is_told_at_its_field(officer, today, meeting, name, content, sentence):
    url = reverse("meeting_attach", args=[meeting.pk])
    response = officer.post(url, {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert 'id="id_file_error"' in response.content.decode()
    assert not meeting.files.exists()


def test_a_right_file_is_kept_and_handed_out(officer, today, meeting, cast, signed_in):
    officer.post(
        reverse("meeting_attach", args=[meeting.pk]), {"file": SimpleUploadedFile("Biên bản.pdf", b"%PDF-1.4 x")}
    )
    url = reverse("meeting_file", args=[meeting.files.get().pk])
    answer = officer.get(url)
    assert b"".join(answer.streaming_content) == b"%PDF-1.4 x"
    assert "attachment" in answer["Content-Disposition"]
    assert signed_in(cast.outsider).get(url).status_code == 404


@pytest.mark.parametrize("who", ["other_commune", "other_leader", "outsider", "agency", "cadre", "admin"])
def test_others_do_not_even_learn_that_it_exists(who, cast, signed_in, meeting, today, officer):
    log(officer, meeting, today)
    browser = signed_in(getattr(cast, who))
    for name in ("meeting_detail", "meeting_log", "meeting_check"):
        assert browser.get(reverse(name, args=[meeting.pk])).status_code in (403, 404)
    answer = browser.post(reverse("meeting_cancel", args=[meeting.pk]), {"version": 2, "reason": "x"})
    assert answer.status_code in (403, 404)
    meeting.refresh_from_db()
    assert meeting.status == "held"


def test_leaders_above_read_but_do_not_write(cast, signed_in, meeting, today, officer):
    log(officer, meeting, today, [{"text": "Một ý kiến"}])
    for who in (cast.leader, cast.specialist, cast.province_leader):
        browser = signed_in(who)
        assert "Một ý kiến" in browser.get(meeting.get_absolute_url()).content.decode()
        answer = browser.post(reverse("meeting_cancel", args=[meeting.pk]), {"version": 2, "reason": "x"})
        assert answer.status_code == 403


def test_a_unit_closed_on_the_day_is_refused(officer, cast, meeting, today):
    unit = cast.tree.a1
    unit.valid_to = today
    unit.save()
    unit.lineage.update(valid_to=today)
    response = log(officer, meeting, today)
    assert response.status_code in (403, 404, 422)
    meeting.refresh_from_db()
    assert meeting.status == "planned"


def test_the_last_agenda_is_taken_over_with_its_month(officer, cast, today):
    rule = make_rule(cast.tree.province)
    before, now = (make_occurrence(rule, cast.tree.a1, word) for word in ("2026-03", "2026-04"))
    make_meeting(cast.tree.a1, date(2026, 3, 20), before, agenda="1. Thông báo tình hình tháng 3/2026", place="Nhà A")
    plan(officer, now, today, planned_on="20/04/2026", place="")
    planned = Meeting.objects.get(occurrence=now)
    assert (planned.agenda, planned.place) == ("1. Thông báo tình hình tháng 4/2026", "Nhà A")


def test_made_up_meeting_belongs_to_its_period(officer, cast, today):
    rule = cast.tree.a1 and make_rule(cast.tree.province)
    last = Period.of_day(today, "month").previous()
    occurrence = make_occurrence(rule, cast.tree.a1, last.code)
    plan(officer, occurrence, today)
    refused = log(officer, Meeting.objects.get(), today)
    assert refused.status_code == 422
    assert "Nhập lý do họp muộn hoặc họp bù" in refused.content.decode()
    log(officer, Meeting.objects.get(), today, timing_reason="Trùng đợt phòng, chống bão", speaker_count="12")
    made = Meeting.objects.get()
    assert (made.year, made.month, made.held_on) == (last.last.year, last.last.month, today)
    assert (made.timing_reason, made.speaker_count, made.logged_on) == ("Trùng đợt phòng, chống bão", 12, today)
    assert "Trùng đợt phòng, chống bão" in officer.get(made.get_absolute_url()).content.decode()


def test_saving_takes_as_many_statements_for_three_opinions_as_for_one(officer, occurrence, today, meeting):
    statements = []
    for hour, count in ((7, 1), (13, 1), (15, 3)):
        plan(officer, occurrence, today, request_id=str(uuid.uuid4()), is_extra="on")
        planned = Meeting.objects.latest("pk")
        hours = {"started_at": f"{hour}:00", "ended_at": f"{hour + 1}:30"}
        with CaptureQueriesContext(connection) as seen:
            log(officer, planned, today, [{"text": f"Ý kiến {number}"} for number in range(count)], **hours)
        assert planned.opinions.count() == count
        statements.append(len(seen))
    assert statements[1] == statements[2]


def test_page_of_a_long_meeting_keeps_its_number_of_queries(officer, meeting, today, django_assert_max_num_queries):
    log(officer, meeting, today, [{"text": f"Ý kiến số {number}"} for number in range(30)])
    with django_assert_max_num_queries(16):
        page = officer.get(meeting.get_absolute_url()).content.decode()
    assert page.count("Ý kiến số") >= 30


def test_day_is_read_the_vietnamese_way(officer, cast):
    rule = make_rule(cast.tree.province)
    occurrence = make_occurrence(rule, cast.tree.a1, "2026-03")
    plan(officer, occurrence, date(2026, 3, 5), planned_on="05/03/2026")
    assert Meeting.objects.get().planned_on == date(2026, 3, 5)


@pytest.fixture
def at_district(cast, today, signed_in):
    """The district's officer and the planned meeting of its quarter; another village is called "Thôn 1"."""
    other = make_unit("village", "90102-02", "Thôn 1", cast.tree.a2)
    rebuild_tree()
    rule = make_rule(cast.tree.province, "district", "quarter")
    quarter = make_occurrence(rule, cast.tree.a, Period.of_day(today, "quarter").code)
    officer = signed_in(cast.district)
    plan(officer, quarter, today)
    return SimpleNamespace(officer=officer, meeting=Meeting.objects.get(), other=other)


def log_at_district(place, today, opinions, **changes):
    changes |= {"attendance_mode": "counted", "count_group": "Đại biểu", "count_number": "20"}
    return log(place.officer, place.meeting, today, opinions, **changes)


def test_a_districts_log_names_the_village_typed_without_accents(at_district, cast, today):
    page = at_district.officer.get(reverse("meeting_log", args=[at_district.meeting.pk])).content.decode()
    assert '<option value="Thôn 1, Xã Đồng Tâm">' in page
    assert 'list="places"' in page
    rows = [
        {"text": "Đường vào thôn hỏng", "village": "thon 1 dong tam"},
        {"text": "Chợ xã xuống cấp", "village": "Hải Lạng"},
        {"text": "Chung cả huyện", "village": ""},
    ]
    assert log_at_district(at_district, today, rows).status_code == 302
    found = {o.text: (o.village, o.commune) for o in Opinion.objects.select_related("village", "commune")}
    assert found == {
        "Đường vào thôn hỏng": (cast.tree.villages[0], cast.tree.a1),
        "Chợ xã xuống cấp": (None, cast.tree.a2),
        "Chung cả huyện": (None, None),
    }
    page = at_district.officer.get(reverse("meeting_log", args=[at_district.meeting.pk])).content.decode()
    assert 'value="Thôn 1, Xã Đồng Tâm"' in page.split("<datalist")[0]
    edit = at_district.officer.get(reverse("opinion_edit", args=[Opinion.objects.get(number=1).pk])).content.decode()
    assert f'<option value="{cast.tree.villages[0].pk}" selected>Thôn 1, Xã Đồng Tâm</option>' in edit


def test_a_village_that_may_be_two_is_asked_back_and_nothing_typed_is_lost(at_district, today):
    refused = log_at_district(at_district, today, [{"text": "Đã gõ dài", "village": "thôn 1"}])
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Có 2 nơi tên “thôn 1”: Thôn 1, Xã Đồng Tâm; Thôn 1, Xã Hải Lạng." in page
    assert 'value="thôn 1"' in page
    assert "Đã gõ dài" in page
    assert not Opinion.objects.exists()
    foreign = log_at_district(at_district, today, [{"text": "Ở huyện khác", "village": "Thôn Khe"}])
    assert foreign.status_code == 422
    assert "Huyện Yên Sơn không có “Thôn Khe”" in foreign.content.decode()


def test_the_second_editor_of_a_districts_log_sees_the_place_by_its_name(at_district, cast, today, signed_in):
    stale = at_district.meeting
    log_at_district(at_district, today, [{"text": "Người thứ nhất", "village": "thon 2 dong tam"}])
    refused = log(
        signed_in(cast.leader), stale, today, [{"text": "Người thứ hai", "village": "thon 3 dong tam"}], agenda="Khác"
    )
    page = refused.content.decode()
    assert refused.status_code == 409
    assert 'value="Thôn 2, Xã Đồng Tâm"' in page
    assert 'value="Thôn 3, Xã Đồng Tâm"' in page


def test_a_village_hears_back_from_the_districts_table_as_from_its_communes(at_district, cast, today, signed_in):
    log_at_district(at_district, today, [{"text": "Đường vào thôn hỏng", "village": "thon 1 dong tam"}])
    opinion = Opinion.objects.get()
    village, neighbour = signed_in(cast.village), signed_in(cast.other_commune)
    assert opinion.text in village.get(reverse("opinion_list") + "?trang-thai=all").content.decode()
    explain_opinion(opinion.pk, actor=cast.leader, version=opinion.version, today=today, note="Huyện đã vá đường")
    assert "Huyện đã vá đường" in village.get(opinion.get_absolute_url()).content.decode()
    assert Notice.objects.filter(recipient=cast.village, text__contains="YK-").exists()
    assert neighbour.get(opinion.get_absolute_url()).status_code == 404
    commune_meeting = make_meeting(cast.tree.a1, today)
    commune = signed_in(cast.commune)
    page = commune.get(reverse("read_back", args=[commune_meeting.pk])).content.decode()
    assert "Huyện đã vá đường" in page
    opinion.refresh_from_db()
    url = reverse("opinion_confirm", args=[opinion.pk])
    village.post(url, {"version": opinion.version, "satisfaction": "satisfied"})
    opinion.refresh_from_db()
    assert opinion.satisfaction == "satisfied"
    assert "Hài lòng" in at_district.officer.get(opinion.get_absolute_url()).content.decode()


@pytest.fixture
def heads(cast):
    """The commune's secretary, chair of the committee and chair of the Front, each with a post."""
    unit = cast.tree.a1
    found = {"party": cast.commune_leader.person.posts.get(position="party_secretary")}
    found["gov"] = make_post(make_person("Vũ Văn Chủ Tịch"), unit, "gov_chair")
    found["front"] = make_post(make_person("Hoàng Thị Mặt Trận"), unit, "front_chair")
    found["vice"] = make_post(make_person("Lý Văn Phó"), unit, "gov_vice")
    return found


def chaired(heads, party="party", gov="gov", front="front"):
    pick = lambda word: str(heads[word].pk) if word in heads else word  # noqa: E731
    return {"chair_party": pick(party), "chair_gov": pick(gov), "chair_front": pick(front)}


def test_chairs_are_chosen_by_post_and_the_front_is_expected_among_them(officer, meeting, today, heads):
    page = officer.get(reverse("meeting_log", args=[meeting.pk])).content.decode()
    assert f'<option value="{heads["front"].pk}">Hoàng Thị Mặt Trận, Chủ tịch UBMTTQ</option>' in page
    log(officer, meeting, today, chairs="Đồng chí Hoàng Thị Mặt Trận\nĐồng chí Khách", **chaired(heads, gov="vice"))
    meeting.refresh_from_db()
    facts = {head.seat: (head.presence, head.name) for head in meeting.heads.all()}
    assert facts["gov"] == ("deputy", "Lý Văn Phó")
    assert facts["front"] == ("head", "Hoàng Thị Mặt Trận")
    assert meeting.chair_lines()[1:] == [
        "Đồng chí Lý Văn Phó, Phó Chủ tịch UBND",
        "Đồng chí Hoàng Thị Mặt Trận, Chủ tịch UBMTTQ",
        "Đồng chí Khách",
    ]
    assert "Chủ tịch UBND vắng, cấp phó chủ trì thay" in officer.get(meeting.get_absolute_url()).content.decode()
    again = officer.get(reverse("meeting_log", args=[meeting.pk])).content.decode()
    assert f'<option value="{heads["vice"].pk}" selected>' in again


def test_an_absent_front_chair_is_said_in_the_check_and_in_the_minutes(officer, meeting, today, heads):
    log(officer, meeting, today, **chaired(heads, front=""))
    meeting.refresh_from_db()
    check = officer.get(reverse("meeting_check", args=[meeting.pk])).content.decode()
    assert "Chưa ghi Chủ tịch UBMTTQ chủ trì hay vắng." in check
    assert "Chưa ghi Bí thư chủ trì hay vắng." not in check
    log(officer, meeting, today, **chaired(heads, front="away"))
    check = officer.get(reverse("meeting_check", args=[meeting.pk])).content.decode()
    assert "chủ trì hay vắng" not in check
    minutes = officer.get(reverse("paper_draft", args=[meeting.pk, "bien-ban"])).content.decode()
    assert "Chủ tịch UBMTTQ vắng" in minutes
    assert "Đồng chí Vũ Văn Chủ Tịch, Chủ tịch UBND" in minutes


@pytest.mark.parametrize("value", ["vice", "999999", "x"])
def test_who_may_not_chair_for_a_body_is_refused_at_its_field(officer, meeting, today, heads, value):
    refused = log(officer, meeting, today, [{"text": "Đã gõ"}], **chaired(heads, front=value))
    page = refused.content.decode()
    assert refused.status_code == 422
    assert 'id="id_chair_front_error"' in page
    assert "Đã gõ" in page
    assert not Opinion.objects.exists()


def test_who_is_not_in_the_directory_is_said_by_the_bare_word(officer, meeting, today, heads):
    heads["front"].delete()
    page = officer.get(reverse("meeting_log", args=[meeting.pk])).content.decode()
    assert "Chủ tịch UBMTTQ chủ trì (danh bạ chưa có tên)" in page
    log(officer, meeting, today, **chaired(heads, front="head"))
    assert meeting.heads.get(seat="front").presence == "head"


def test_two_editors_who_choose_different_chairs_are_asked(officer, meeting, today, heads, signed_in, cast):
    log(officer, meeting, today, **chaired(heads))
    refused = log(signed_in(cast.commune_leader), meeting, today, **chaired(heads, front="away"))
    assert refused.status_code == 409
    assert "Hoàng Thị Mặt Trận, Chủ tịch UBMTTQ" in refused.content.decode()


def test_a_year_of_chairs_is_an_account_sorted_by_name(cast, today, heads, signed_in):
    for number, (party, front) in enumerate((("head", "head"), ("head", "away"), ("deputy", "")), 1):
        held = make_meeting(cast.tree.a1, today - timedelta(days=number))
        for seat, presence in (("party", party), ("front", front)):
            if presence:
                held.heads.create(seat=seat, presence=presence)
    make_meeting(cast.tree.a2, today)
    page = " ".join(signed_in(cast.leader).get(reverse("chair_year")).content.decode().split())
    assert 'data-total="2"' in page
    first, second = page.index("Xã Đồng Tâm"), page.index("Xã Hải Lạng")
    assert first < second
    assert "trực tiếp 2, cấp phó thay 1" in page
    assert 'trực tiếp 1, vắng 1<br><span class="muted">chưa ghi 1</span>' in page
    assert "chưa ghi" in page[second:]
    outside = signed_in(cast.outsider).get(reverse("chair_year")).content.decode()
    assert 'data-total="0"' in outside
    assert signed_in(cast.leader).get(reverse("chair_year") + "?nam=xx").status_code == 200


def test_the_year_of_chairs_takes_as_many_statements_for_three_units_as_for_one(cast, today, signed_in):
    browser, statements = signed_in(cast.province_leader), []
    browser.get(reverse("chair_year"))
    for units in ([cast.tree.a1], [cast.tree.a2, cast.tree.b1]):
        for unit in units:
            make_meeting(unit, today).heads.create(seat="party", presence="head")
        with CaptureQueriesContext(connection) as seen:
            browser.get(reverse("chair_year"))
        statements.append(len(seen))
    assert statements[0] == statements[1]
