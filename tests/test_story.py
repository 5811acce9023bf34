"""The main job, driven in a browser: logged by the officer, worked on by leaders, answered, exported."""

from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from conftest import PASSWORD, make_person, make_post, make_unit
from core.jobs import run_job
from core.models import Job
from core.periods import Period
from feedback.models import Opinion
from meetings.models import Meeting
from meetings.tests.builders import make_occurrence, make_rule
from units.loading import rebuild_tree

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

MATTERS = [
    "Đường liên thôn xuống cấp, đề nghị sửa chữa",
    "Đề nghị bổ sung điện chiếu sáng ngõ xóm",
    "Rác thải ứ đọng ở chợ, đề nghị thu gom hằng ngày",
    "Kênh mương bồi lắng, đề nghị nạo vét trước vụ xuân",
    "Đề nghị cấp giấy chứng nhận quyền sử dụng đất còn tồn",
    "Đề nghị tỉnh đầu tư trạm bơm tiêu úng",
]


@pytest.fixture
def village_cadres(cast):
    """Ten villages: 29 people in 30 posts; with the commune's secretary and its land officer 31 are called."""
    commune = cast.tree.a1
    for number in range(4, 11):
        cast.tree.villages.append(make_unit("village", f"90101-{number:02d}", f"Thôn {number}", commune))
    rebuild_tree()
    for village in cast.tree.villages[3:]:
        for position in ("cell_secretary", "village_head", "front_board_head"):
            make_post(make_person(f"Đinh Văn {village.name} {position}"), village, position)


@pytest.fixture
def passwords(cast):
    for user in (cast.commune, cast.commune_leader, cast.leader, cast.agency, cast.specialist):
        user.set_password(PASSWORD)
        user.save()


def test_the_whole_story(cast, village_cadres, passwords, open_browser):
    today = timezone.localdate()
    rule = make_rule(cast.tree.province)
    make_occurrence(rule, cast.tree.a1, Period.of_day(today, "month").code)

    officer_logs(open_browser("xa", PASSWORD))
    meeting = Meeting.objects.get()
    assert (meeting.invited_count, meeting.attendance_count, meeting.opinion_count) == (31, 30, 6)

    first, last = Opinion.objects.get(text=MATTERS[0]), Opinion.objects.get(text=MATTERS[5])
    secretary = open_browser("bithu", PASSWORD)
    for opinion in (first, last):
        act(secretary, opinion, "Chuyển cấp trên", "Vượt thẩm quyền của xã")

    leader = open_browser("lanhdao", PASSWORD)
    assign(leader, first, "Phòng Tài nguyên và Môi trường")
    act(leader, last, "Chuyển cấp trên", "Cần ngân sách tỉnh")

    act(open_browser("phongtn", PASSWORD, width=360), first, "Giải quyết xong", "Đã sửa xong đoạn đường ngày hôm nay")
    first.refresh_from_db()
    last.refresh_from_db()
    assert (first.status, first.settled_on) == ("resolved", today)
    assert (last.status, last.holder) == ("escalated", cast.tree.province)

    province_exports(open_browser("chuyenvien", PASSWORD), today.year)


def officer_logs(page):
    """From the home page: the month's slot, thirty people ticked, one absent, six opinions by keyboard."""
    page.get_by_role("link", name="Lập hội nghị").first.click()
    page.get_by_role("button", name="Tiếp tục").click()
    assert page.locator("[data-roster-count]").inner_text() == "31/31"
    page.locator("[data-roster-row]").nth(5).get_by_role("radio", name="Vắng có lý do").check()
    assert page.locator("[data-roster-count]").inner_text() == "30/31"
    page.get_by_label("Lĩnh vực").first.fill("giao thong")
    page.get_by_label("Lĩnh vực").first.press("Enter")
    page.locator("[data-grid-text]").first.click()
    for number, matter in enumerate(MATTERS):
        page.keyboard.type(matter)
        if number + 1 < len(MATTERS):
            page.keyboard.press("Enter")
    page.get_by_role("button", name="Lưu hội nghị").click()
    page.get_by_role("heading", name="Ý kiến, kiến nghị").wait_for()
    assert page.locator("main").get_by_text(MATTERS[5]).is_visible()


def open_opinion(page, opinion):
    page.get_by_role("link", name="Ý kiến", exact=True).first.click() if page.viewport_size[
        "width"
    ] > 600 else page.goto("/y-kien/")
    page.get_by_role("link", name=opinion.text).first.click()


def act(page, opinion, verb, note):
    """Open the opinion from the desk and do one thing with a note."""
    open_opinion(page, opinion)
    page.locator("summary", has_text=verb).first.click()
    form = page.locator("details[open] form").filter(has=page.get_by_role("button", name=verb))
    form.locator("textarea").fill(note)
    form.get_by_role("button", name=verb).click()
    page.locator(".timeline").get_by_text(note).first.wait_for()


def assign(page, opinion, body):
    open_opinion(page, opinion)
    page.locator("summary", has_text="Giao giải quyết").first.click()
    form = page.locator("details[open] form").filter(has=page.get_by_role("button", name="Giao giải quyết"))
    form.get_by_role("combobox").fill("tai nguyen")
    form.get_by_role("option", name=body).click()
    form.get_by_role("button", name="Giao giải quyết").click()
    page.locator(".timeline").get_by_text(body).first.wait_for()


def province_exports(page, year):
    page.get_by_role("link", name="Báo cáo").first.click()
    page.get_by_role("button", name="Xuất").first.click()
    page.wait_for_url("**/cong-viec/*/")
    assert run_job(Job.objects.latest("pk").pk)
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải").first.click()
    workbook = load_workbook(BytesIO(download.value.path().read_bytes()))
    assert "B1_TongHop" in workbook.sheetnames
    words = {str(cell.value) for row in workbook["B1_TongHop"].iter_rows() for cell in row if cell.value is not None}
    assert any(str(year) in word for word in words)
