"""The basket: a village or its officer puts in, the log page takes over, nobody else sees or changes anything."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, DomainError, NotAllowed
from core.periods import Period
from feedback.models import BasketItem, Opinion, Topic
from feedback.thread.recording import OpinionDraft
from journal.models import Notice
from meetings.services import MeetingFacts
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from proceedings.preparation.basket import waiting_items
from proceedings.preparation.services import ItemDraft, edit_item, put_in, put_in_many, withdraw_item
from proceedings.services import log_meeting

pytestmark = pytest.mark.django_db
LIST = reverse("basket_list")


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def planned(cast, today):
    occurrence = make_occurrence(make_rule(cast.tree.province), cast.tree.a1, Period.of_day(today, "month").code)
    return make_meeting(cast.tree.a1, None, occurrence, status="planned", planned_on=today)


def item_of(cast, today, number=0, text="Đề nghị lắp đèn đường", actor=None, **fields):
    return put_in(cast.tree.a1, cast.tree.villages[number], text, actor=actor or cast.commune, today=today, **fields)


def post(browser, village, text, **changes):
    data = {"village": village.pk, "text": text, "request_id": uuid.uuid4(), "visibility": "normal"} | changes
    return browser.post(LIST, data)


def test_the_officer_pastes_lines_for_a_village(cast, signed_in):
    officer = signed_in(cast.commune)
    lines = "1. Đề nghị nạo vét mương\n\n- Đề nghị sửa loa\nĐề nghị nạo vét mương"
    assert post(officer, cast.tree.villages[1], lines).status_code == 302
    assert [item.text for item in BasketItem.objects.all()] == ["Đề nghị nạo vét mương", "Đề nghị sửa loa"]
    item = BasketItem.objects.first()
    assert (item.unit, item.village, item.commune) == (cast.tree.a1, cast.tree.villages[1], cast.tree.a1)
    assert (item.channel, item.state) == ("pre_submitted", "waiting")
    page = officer.get(LIST).content.decode()
    assert 'data-total="2"' in page
    assert "2 nơi chưa gửi ý kiến" in page
    again = post(officer, cast.tree.villages[1], "đề nghị SỬA loa")
    assert again.status_code == 302
    assert BasketItem.objects.count() == 2


def test_a_form_sent_twice_makes_its_items_once(cast, signed_in):
    officer, request_id = signed_in(cast.commune), uuid.uuid4()
    for _ in range(2):
        assert post(officer, cast.tree.villages[0], "Một\nHai", request_id=request_id).status_code == 302
    assert BasketItem.objects.count() == 2


def test_a_village_puts_in_for_itself_and_its_officer_hears_of_it(cast, signed_in, today):
    village = signed_in(cast.village)
    item_of(cast, today, 1, "Chuyện của thôn khác")
    assert post(village, cast.tree.villages[0], "Đề nghị sửa cầu").status_code == 302
    assert post(village, cast.tree.villages[1], "Việc của thôn khác").status_code == 422
    page = village.get(LIST).content.decode()
    assert "Đề nghị sửa cầu" in page
    assert "Chuyện của thôn khác" not in page
    assert "Thôn 2" not in page
    assert [notice.text for notice in Notice.objects.filter(recipient=cast.commune)] == [
        "Thôn 1 gửi trước 1 ý kiến cho hội nghị giao ban kế tiếp."
    ]


@pytest.mark.parametrize(
    ("who", "status"),
    [("other_commune", 404), ("outsider", 404), ("agency", 403), ("cadre", 403), ("admin", 403), ("head", 403)],
)
def test_others_see_and_put_in_nothing(cast, signed_in, today, who, status):
    item = item_of(cast, today, text="Đề nghị lắp đèn")
    browser = signed_in(getattr(cast, who))
    assert "Đề nghị lắp đèn" not in browser.get(LIST).content.decode()
    address = f"{LIST}?don-vi={cast.tree.a1.key}"
    assert browser.get(address).status_code == status
    for url in (reverse("basket_edit", args=[item.pk]), reverse("basket_withdraw", args=[item.pk])):
        assert browser.post(url, {"version": 1, "text": "x", "kind": "petition"}).status_code == status
    with pytest.raises(DomainError):
        item_of(cast, today, text="Khác", actor=getattr(cast, who))
    assert BasketItem.objects.get() == item


def test_a_village_reaches_neither_another_village_nor_the_district(cast, today, signed_in):
    foreign = item_of(cast, today, 1)
    browser = signed_in(cast.village)
    assert browser.get(reverse("basket_edit", args=[foreign.pk])).status_code == 404
    with pytest.raises(NotAllowed):
        put_in(cast.tree.a, cast.tree.villages[0], "Lên huyện", actor=cast.village, today=today)
    with pytest.raises(NotAllowed):
        put_in(cast.tree.a1, None, "Chung cả xã", actor=cast.village, today=today)


def test_a_restricted_item_is_not_for_the_village(cast, today, signed_in):
    hidden = item_of(cast, today, text="Chuyện kín", visibility="restricted")
    assert "Chuyện kín" not in signed_in(cast.village).get(LIST).content.decode()
    assert "Chuyện kín" in signed_in(cast.commune).get(LIST).content.decode()
    withdraw_item(hidden.pk, actor=cast.commune, version=1, today=today)
    assert not Notice.objects.filter(recipient=cast.village).exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "Nhập nội dung"), ("Tài liệu mật của huyện", "bí mật nhà nước"), ("x" * 10_001, "tối đa 10000")],
)
def test_content_is_checked_as_that_of_opinions(cast, today, text, message):
    with pytest.raises(DomainError, match=message):
        item_of(cast, today, text=text)


@pytest.mark.parametrize(
    "changes", [{"topic_id": 999_999}, {"kind": "x"}, {"visibility": "x"}], ids=lambda changes: next(iter(changes))
)
def test_foreign_choices_are_refused(cast, today, changes):
    with pytest.raises(DomainError):
        item_of(cast, today, **changes)
    with pytest.raises(DomainError):
        put_in_many(cast.tree.a1, cast.tree.villages[0], [ItemDraft("x")] * 51, actor=cast.commune, today=today)


def test_editing_and_withdrawing(cast, today, signed_in):
    item = item_of(cast, today)
    url = reverse("basket_edit", args=[item.pk])
    data = {"text": "Đề nghị lắp thêm 5 đèn", "kind": "proposal", "version": 1}
    assert signed_in(cast.village).post(url, data).status_code == 302
    item.refresh_from_db()
    assert (item.text, item.kind, item.visibility, item.version) == ("Đề nghị lắp thêm 5 đèn", "proposal", "normal", 2)
    stale = signed_in(cast.commune).post(url, data | {"visibility": "normal"})
    assert stale.status_code == 409
    assert "Đề nghị lắp thêm 5 đèn" in stale.content.decode()
    withdraw = reverse("basket_withdraw", args=[item.pk])
    reason = {"version": 2, "reason": "Đã trả lời trực tiếp"}
    assert signed_in(cast.commune).post(withdraw, reason).status_code == 302
    assert "Đã trả lời trực tiếp" in Notice.objects.get(recipient=cast.village).text
    with pytest.raises(Conflict):
        edit_item(item.pk, ItemDraft("Lại"), actor=cast.commune, version=3, today=today)
    gone = signed_in(cast.village).get(f"{LIST}?xem=da-dua").content.decode()
    assert "Đề nghị lắp thêm 5 đèn" in gone


def typed(meeting, today, rows):
    topic = Topic.objects.get(code="LAND")
    data = {
        "title": meeting.title,
        "held_on": today.strftime("%d/%m/%Y"),
        "form": "hall",
        "attendance_mode": "counted",
        "version": meeting.version,
        "opinions-TOTAL_FORMS": len(rows),
        "opinions-INITIAL_FORMS": 0,
    }
    for number, row in enumerate(rows):
        row = {"kind": "petition", "topic": topic.pk, "competence": "commune", "visibility": "normal"} | row
        data |= {f"opinions-{number}-{name}": value for name, value in ({"channel": "pre_submitted"} | row).items()}
    return data


def test_the_log_page_takes_the_basket_over(cast, today, planned, signed_in):
    first, second = item_of(cast, today), item_of(cast, today, 1, "Đề nghị sửa loa")
    officer, url = signed_in(cast.commune), reverse("meeting_log", args=[planned.pk])
    page = officer.get(url)
    rows = page.context["opinion_rows"]
    assert [row.initial["basket"] for row in rows] == [first.pk, second.pk]
    assert "Gửi trước" in page.content.decode()
    rows = [
        {"basket": first.pk, "text": first.text, "village": first.village_id},
        {"basket": second.pk, "text": second.text, "village": second.village_id, "DELETE": "on"},
        {"text": "Nêu thêm tại chỗ"},
    ]
    assert officer.post(url, typed(planned, today, rows)).status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.opinion.text, first.opinion.channel) == ("taken", first.text, "pre_submitted")
    assert (second.state, second.opinion) == ("waiting", None)
    assert Opinion.objects.count() == 2
    assert "đã được nêu" in Notice.objects.get(recipient=cast.village).text
    planned.refresh_from_db()
    assert list(waiting_items(planned)) == []
    assert first.opinion.text in signed_in(cast.village).get(f"{LIST}?xem=da-dua").content.decode()


def test_what_no_longer_waits_is_not_recorded_twice(cast, today, planned, signed_in):
    item = item_of(cast, today)
    withdraw_item(item.pk, actor=cast.commune, version=1, today=today)
    rows = [{"basket": item.pk, "text": item.text, "village": item.village_id}]
    answer = signed_in(cast.commune).post(reverse("meeting_log", args=[planned.pk]), typed(planned, today, rows))
    assert answer.status_code == 422
    assert "đã rút" in answer.content.decode()
    assert not Opinion.objects.exists()


def test_a_foreign_item_cannot_be_taken(cast, today, planned):
    other = put_in(cast.tree.a2, None, "Việc xã bên", actor=cast.other_commune, today=today)
    facts = MeetingFacts(today, planned.title, "hall")
    topic = Topic.objects.get(code="LAND")
    drafts = [OpinionDraft("Việc xã bên", topic.pk, basket_id=other.pk)]
    with pytest.raises(DomainError, match="Bỏ dòng đó"):
        log_meeting(planned.pk, facts, actor=cast.commune, today=today, version=1, drafts=drafts)
    other.refresh_from_db()
    assert other.state == "waiting"


@pytest.mark.parametrize("who", ["commune", "village"])
def test_three_items_cost_what_one_costs(cast, today, signed_in, who):
    browser = signed_in(getattr(cast, who))
    item_of(cast, today, text="Một")
    browser.get(LIST)
    with CaptureQueriesContext(connection) as few:
        browser.get(LIST)
    item_of(cast, today, text="Hai")
    item_of(cast, today, 1, text="Ba")
    with CaptureQueriesContext(connection) as many:
        assert browser.get(LIST).status_code == 200
    assert len(many) <= len(few) <= 17
