"""Thirty-one people and six opinions by the keyboard alone, at both widths; nothing typed is lost."""

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from conftest import PASSWORD, make_person, make_post, make_unit
from core.periods import Period
from feedback.models import Opinion, Topic
from feedback.thread.recording import OpinionDraft, record_opinions
from meetings.models import Attendance, Meeting
from meetings.tests.builders import make_occurrence, make_rule
from units.loading import rebuild_tree

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

ABSENT = [("van mat 0", "p", "Ốm"), ("thi truong 1", "p", "Việc gia đình"), ("mat thon 3", "k", "")]
SUBSTITUTED = ("bi thon 3", "t", "Vũ Thị Thay")
IN_FIRST_VILLAGE = [
    "Đường liên thôn xuống cấp, đề nghị sửa chữa",
    "Đề nghị lắp gương cầu lồi ở ngã ba",
    "Cống qua đường bị sụt, đề nghị thay",
]
IN_OTHER_VILLAGE = ["Đề nghị cấp giấy chứng nhận cho 12 hộ", "Ranh giới đất bãi chưa rõ", "Hỏi thủ tục tách thửa"]
ANSWER = "Đã hướng dẫn tại hội nghị"
MOST_CONTROL_KEYS = 110
"""Tab, Enter, arrows and letters that mark: all that is not text. It may only become less."""

FOCUSED = """() => document.activeElement.closest("a, button, summary, input, select, textarea")?.innerText ?? "" """
SMALL_TARGETS = """() => [...document.querySelectorAll("main :is(a, button, input, select, textarea, summary)")]
  .filter((each) => each.offsetParent && !each.closest("p, dd, td, li, .visually-hidden"))
  .map((each) => [each.outerHTML.slice(0, 80), (each.closest("label") ?? each).getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.width < 24 || box.height < 24) )
  .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""


class Keyboard:
    """A person without a mouse: what is pressed and what is typed is counted; the page is never clicked."""

    def __init__(self, page):
        self.page, self.pressed, self.typed, self.requests = page, 0, 0, []
        page.on("request", lambda request: self.requests.append(request.resource_type))

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def type(self, text):
        self.page.keyboard.type(text)
        self.typed += len(text)

    def focused(self):
        return self.page.evaluate(FOCUSED)

    def tab_to(self, words, most=40):
        """Tab until the focus is on the link, the button or the field of that name."""
        for _ in range(most):
            if words in self.focused():
                return
            self.press("Tab")
        raise AssertionError(f"{words} is more than {most} Tabs away; the focus is on {self.focused()!r}")

    def skip_header(self):
        """By the first link of the page; an address that kept its mark over a saved form is there already."""
        self.page.wait_for_load_state("load")
        if "#main" not in self.page.url:
            self.press("Tab", "Enter")

    def said(self):
        counted = {kind: self.requests.count(kind) for kind in ("document", "script", "stylesheet", "image", "fetch")}
        return f"{self.pressed} control keys, {self.typed} letters typed, requests {counted}"


@pytest.fixture
def officer(cast):
    """The officer of a commune of ten villages that calls 31 people, on the morning of this month's meeting."""
    commune = cast.tree.a1
    for number in range(4, 11):
        cast.tree.villages.append(make_unit("village", f"90101-{number:02d}", f"Thôn {number}", commune))
    rebuild_tree()
    for village in cast.tree.villages[3:]:
        for position in ("cell_secretary", "village_head", "front_board_head"):
            make_post(make_person(f"Đinh Văn {village.name} {position}"), village, position)
    today = timezone.localdate()
    make_occurrence(make_rule(cast.tree.province), commune, Period.of_day(today, "month").code)
    cast.commune.set_password(PASSWORD)
    cast.commune.save()
    return cast.commune


@pytest.mark.parametrize("width", [1280, 360])
def test_a_meeting_is_logged_and_closed_by_keyboard(officer, cast, open_browser, record_property, width):
    page = open_browser("xa", PASSWORD, width=width)
    keys = Keyboard(page)
    plan(keys)
    mark_people(keys)
    assert page.locator("[data-roster-count]").inner_text() == "28/31"
    write_opinions(keys)
    assert "Đã lưu nháp" in page.locator("[data-autosave-state]").inner_text(timeout=5000) or wait_for_draft(page)
    if width == 360:
        check_narrow(page)
    keys.press("Control+Enter")
    page.get_by_text("Đã lưu hội nghị.").wait_for()
    close(keys, width)

    check_saved(cast)
    record_property("measured", f"31 people, 6 opinions at {width} px: {keys.said()}")
    assert keys.pressed <= MOST_CONTROL_KEYS
    assert keys.requests.count("document") <= 8


def wait_for_draft(page):
    page.get_by_text("Đã lưu nháp").wait_for(timeout=5000)
    return True


def plan(keys):
    """From the home page to the entry form of the month's meeting."""
    keys.skip_header()
    keys.tab_to("Lập hội nghị")
    keys.press("Enter")
    keys.page.wait_for_url("**/moi/*")
    keys.skip_header()
    keys.tab_to("Tiếp tục")
    keys.press("Enter")
    keys.page.wait_for_url("**/ghi/*")


def mark_people(keys):
    """All are present but those found by name and marked."""
    keys.skip_header()
    keys.tab_to("Đại biểu")
    keys.press("Enter")
    for name, letter, words in [*ABSENT, SUBSTITUTED]:
        keys.type(name)
        keys.press("Enter", letter, "Enter")
        keys.type(words)
        keys.press("Enter")


def write_opinions(keys):
    keys.tab_to("Sang ý kiến")
    keys.press("Enter")
    village_and_topic(keys, IN_FIRST_VILLAGE[0], "thon 1", "giao thong", speaker="van bi 0")
    for text in IN_FIRST_VILLAGE[1:]:
        keys.press("Enter")
        keys.type(text)
    keys.press("Enter")
    village_and_topic(keys, IN_OTHER_VILLAGE[0], "thon 3", "dat dai")
    for text in IN_OTHER_VILLAGE[1:]:
        keys.press("Enter")
        keys.type(text)
    keys.tab_to("Trả lời tại chỗ")
    keys.press("Enter", "Tab")
    keys.type(ANSWER)


def village_and_topic(keys, text, village, topic, speaker=""):
    keys.type(text)
    keys.press("Tab")
    keys.type(village)
    keys.press("Tab")
    if speaker:
        keys.type(speaker)
        keys.press("ArrowDown", "Enter")
    keys.press("Tab")
    keys.type(topic)
    keys.press("Enter")


def close(keys, width):
    keys.skip_header()
    keys.tab_to("Kiểm tra và chốt")
    keys.press("Enter")
    keys.page.wait_for_url("**/kiem-tra/*")
    if width == 360:
        check_narrow(keys.page)
    keys.skip_header()
    keys.tab_to("Chốt hội nghị")
    keys.press("Enter")
    keys.page.get_by_text("Đã chốt hội nghị.").wait_for()


def check_narrow(page):
    """No sideways scrolling, and nothing to touch is smaller than 24 by 24."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(SMALL_TARGETS) == []


def check_saved(cast):
    meeting = Meeting.objects.get()
    assert (meeting.status, meeting.invited_count, meeting.attendance_count, meeting.opinion_count) == (
        *("locked", 31, 28),
        6,
    )
    away = Attendance.objects.exclude(presence="present").order_by("name")
    assert {(row.name, row.presence, row.reason, row.substitute) for row in away} == {
        ("Phạm Văn Mặt 0", "excused", "Ốm", ""),
        ("Lê Thị Trưởng 1", "excused", "Việc gia đình", ""),
        ("Phạm Văn Mặt 2", "absent", "", ""),
        ("Trần Văn Bí 2", "substituted", "", "Vũ Thị Thay"),
    }
    rows = Opinion.objects.order_by("number").values_list("text", "village__name", "topic__code", "status", "answer")
    first = [(text, "Thôn 1", "TRANSPORT", "recorded", "") for text in IN_FIRST_VILLAGE]
    other = [(text, "Thôn 3", "LAND", "recorded", "") for text in IN_OTHER_VILLAGE[:2]]
    assert list(rows) == [*first, *other, (IN_OTHER_VILLAGE[2], "Thôn 3", "LAND", "answered_on_spot", ANSWER)]
    assert Opinion.objects.get(number=1).raised_by.name == "Trần Văn Bí 0"


PASTE = """text => {
  const clipboard = new DataTransfer();
  clipboard.setData("text/plain", text);
  document.activeElement.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true, cancelable: true }));
}"""


def test_pasted_lines_are_shown_before_they_become_rows(officer, open_browser):
    page = open_browser("xa", PASSWORD)
    keys = open_opinions(page)
    page.evaluate(PASTE, "1. Thôn 2: Đề nghị sửa kênh\n- Đèn đường hỏng\n\nRác ở chợ")
    preview = page.locator("[data-grid-notice] li")
    assert preview.all_inner_texts() == ["Thôn 2: Đề nghị sửa kênh", "Đèn đường hỏng", "Rác ở chợ"]
    keys.press("Enter")
    texts = [field.input_value() for field in page.locator("[data-grid-text]").all()]
    assert [text for text in texts if text] == ["Đề nghị sửa kênh", "Đèn đường hỏng", "Rác ở chợ"]
    assert page.get_by_label("Thôn, khu").first.input_value() == "Thôn 2"
    page.get_by_role("button", name="Hoàn tác").press("Enter")
    assert [field.input_value() for field in page.locator("[data-grid-text]").all() if field.is_visible()] == [""] * 3


def test_pasted_lines_of_an_old_font_are_turned_after_asking(officer, open_browser):
    page = open_browser("xa", PASSWORD)
    keys = open_opinions(page)
    page.evaluate(PASTE, "§Ò nghÞ söa ®\u00adêng\n§· söa xong cÇu")
    assert page.locator(".old-letters blockquote").inner_text() == "Đề nghị sửa đường\nĐã sửa xong cầu"
    keys.press("Enter")
    preview = page.locator("[data-grid-notice] li")
    assert preview.all_inner_texts() == ["Đề nghị sửa đường", "Đã sửa xong cầu"]
    keys.press("Enter")
    texts = [field.input_value() for field in page.locator("[data-grid-text]").all()]
    assert [text for text in texts if text] == ["Đề nghị sửa đường", "Đã sửa xong cầu"]


def test_a_draft_outlives_a_reload_a_second_editor_and_a_lost_session(officer, cast, open_browser):
    page = open_browser("xa", PASSWORD)
    keys = open_opinions(page)
    village_and_topic(keys, "Ý kiến gõ dở", "thon 1", "giao thong")
    wait_for_draft(page)
    meeting = Meeting.objects.get()
    today = timezone.localdate()
    Meeting.objects.update(status="held", held_on=today, version=meeting.version + 1)
    meeting.refresh_from_db()
    topic = Topic.objects.get(code="LAND").pk
    record_opinions(
        meeting=meeting, drafts=[OpinionDraft("Ý kiến người khác ghi", topic)], actor=cast.commune_leader, today=today
    )

    page.reload()
    assert "đã được lưu lại" in page.locator(".draft-offer").inner_text()
    page.get_by_role("button", name="Dùng bản nháp").press("Enter")
    assert filled(page) == ["Ý kiến người khác ghi", "Ý kiến gõ dở"]

    Session.objects.all().delete()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/dang-nhap/**")
    page.fill("[name=username]", "xa")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state("load")
    page.get_by_text("Phiên làm việc đã hết lúc đồng chí gửi").wait_for()
    assert filled(page) == ["Ý kiến người khác ghi", "Ý kiến gõ dở"]
    page.locator("[data-grid-text]").last.press("Control+Enter")
    page.get_by_text("Đã lưu hội nghị.").wait_for()
    saved = Opinion.objects.order_by("number").values_list("text", "village__name")
    assert list(saved) == [("Ý kiến người khác ghi", None), ("Ý kiến gõ dở", "Thôn 1")]


def test_a_draft_is_seen_on_the_phone_and_no_key_writes_over_an_offer(officer, cast, open_browser):
    page = open_browser("xa", PASSWORD)
    keys = open_opinions(page)
    village_and_topic(keys, "Ý kiến gõ ở máy bàn", "thon 1", "giao thong")
    page.get_by_text("mở được trên máy khác").wait_for()

    phone = open_browser("xa", PASSWORD, width=360)
    assert "Đang ghi dở" in phone.locator("main").inner_text()
    phone.get_by_role("link", name="Ghi hội nghị: Hội nghị giao ban").first.click()
    phone.locator(".draft-offer").wait_for()
    phone.fill("[name=place]", "Gõ trước khi trả lời")
    phone.get_by_text("mở được trên máy khác").wait_for()
    phone.reload()
    phone.locator(".draft-offer").nth(1).wait_for()
    first = phone.locator(".draft-offer").last
    first.get_by_role("button", name="Dùng bản nháp").click()
    assert filled(phone) == ["Ý kiến gõ ở máy bàn"]
    opened = phone.locator("form details[open] > summary").all_inner_texts()
    assert [text for text in opened if "Danh sách triệu tập" not in text] == []


def open_opinions(page):
    keys = Keyboard(page)
    plan(keys)
    keys.tab_to("Ý kiến")
    keys.press("Enter")
    return keys


def filled(page):
    return [text for field in page.locator("[data-grid-text]").all() if (text := field.input_value())]
