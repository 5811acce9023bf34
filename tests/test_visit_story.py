"""Going to the grassroots in a browser: planned from the weakest place, logged on a phone, answered, seen to be."""

import re
from datetime import date, time

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import PASSWORD
from feedback.models import Opinion
from people.models import Post
from visits.models import CellRating, PlannedVisit, Visit
from visits.tests.builders import make_assignment, make_norm, make_visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

CONTENT = "Dự sinh hoạt chi bộ tháng, góp ý cách điều hành"
FINDING = "Cống thoát nước đầu thôn bị tắc từ tháng trước"
ANSWER = "Xã đã khơi thông cống ngày hôm qua"


@pytest.fixture
def duty(cast):
    """The district's cadre covers the three villages of A1; the party cell of the second was the weakest last year."""
    today, tree = timezone.localdate(), cast.tree
    post = Post.objects.select_related("person").get(person=cast.cadre.person, role="cadre")
    make_norm(tree.province, valid_from=date(today.year - 2, 1, 1), times=2)
    for village, rating in zip(tree.villages, ("strong", "failed", "strong"), strict=True):
        held = make_assignment(post, village, date(today.year - 2, 1, 1))
        make_visit(post, village, date(today.year - 1, 6, village.pk % 9 + 1), held)
        CellRating.objects.create(
            unit=village, level="village", year=today.year - 1, rating=rating,
            province=tree.province, district=tree.a, commune=tree.a1,
        )  # fmt: skip
    for user in (cast.district, cast.cadre, cast.commune):
        user.set_password(PASSWORD)
        user.save()
    return post


def test_a_month_from_the_weakest_village_to_the_answer(cast, duty, open_browser):
    weakest = cast.tree.villages[1]
    keeper = open_browser("huyen", PASSWORD)
    line = plan_the_month(keeper, weakest)

    cadre = open_browser("canbo", PASSWORD, width=360)
    visit = log_on_a_phone(cadre, line, weakest)
    raise_the_finding(cadre, visit)
    opinion = Opinion.objects.get(origin="visit", origin_id=visit.pk)
    assert (opinion.text, opinion.village_id, opinion.holder_id) == (FINDING, weakest.pk, cast.tree.a1.pk)

    officer = open_browser("xa", PASSWORD)
    answer(officer, opinion)
    cadre.goto(visit.get_absolute_url())
    assert cadre.get_by_text(ANSWER).is_visible()
    assert cadre.get_by_text("Đã giải trình, cung cấp thông tin").first.is_visible()

    confirm(officer, visit)
    ask_about_two_places(cast, duty, keeper, visit)


def plan_the_month(page, weakest):
    """Propose, write one line by hand where the month has no working day left, publish; the line at the weakest."""
    page.goto(reverse("visit_weakest"))
    first = page.locator("tbody tr").first
    assert weakest.name in first.inner_text()
    assert "Không hoàn thành nhiệm vụ" in first.inner_text()
    page.goto(reverse("visit_plan_list"))
    page.get_by_role("link", name="Lập kế hoạch").first.click()
    page.locator("[name=month]").select_option(index=0)
    page.locator("main form button[type=submit]").first.click()
    page.get_by_role("heading", name=re.compile("Kế hoạch đi cơ sở")).wait_for()
    if not PlannedVisit.objects.exists():
        write_a_line(page, weakest)
    line = PlannedVisit.objects.order_by("planned_on").first()
    assert line.unit_id == weakest.pk
    page.get_by_role("button", name="Công bố").click()
    page.get_by_text("Đã công bố").first.wait_for()
    return line


def write_a_line(page, village):
    """On the month's last days off nothing can be proposed any more."""
    page.get_by_role("link", name="Thêm lượt").click()
    page.locator("[name=person]").select_option(index=1, force=True)
    page.locator("[name=unit]").select_option(str(village.pk), force=True)
    page.locator("[name=group]").select_option("cell")
    page.fill("[name=planned_on]", timezone.localdate().strftime("%d/%m/%Y"))
    page.locator("main form button[type=submit]").first.click()
    page.get_by_role("heading", name=re.compile("Kế hoạch đi cơ sở")).wait_for()


def log_on_a_phone(page, line, weakest):
    page.goto("/")
    page.get_by_role("link", name=re.compile("Ghi lượt đi")).first.click()
    page.goto(f"{reverse('visit_create')}?noi={weakest.pk}&ke-hoach={line.pk}")
    page.locator("[name=group]").select_option("cell")
    page.fill("[name=started_at]", "08:00")
    page.fill("[name=ended_at]", "09:30")
    page.fill("[name=members_due]", "24")
    page.fill("[name=members_present]", "19")
    page.fill("[name=content]", CONTENT)
    page.fill("[name=findings]", FINDING)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.fill("[name=visited_on]", timezone.localdate().strftime("%d/%m/%Y"))
    page.get_by_role("button", name="Lưu lượt đi").click()
    page.get_by_text("Đã ghi lượt đi").wait_for()
    visit = Visit.objects.get(content=CONTENT)
    assert visit.assignment is not None
    line.refresh_from_db()
    assert line.visit_id == visit.pk
    return visit


def raise_the_finding(page, visit):
    page.get_by_role("link", name="Chuyển vấn đề thành ý kiến").click()
    page.fill("[name=text]", FINDING)
    page.get_by_role("combobox", name="Lĩnh vực").fill("Thủy lợi")
    page.get_by_role("option", name=re.compile("Thủy lợi")).first.click()
    page.locator("main form button[type=submit]").first.click()
    page.get_by_text(FINDING).first.wait_for()


def answer(page, opinion):
    page.goto(opinion.get_absolute_url())
    fold = page.locator("details", has=page.locator("summary", has_text="Giải trình")).first
    fold.locator("summary").first.click()
    fold.locator("textarea").fill(ANSWER)
    fold.get_by_role("button", name="Giải trình").click()
    page.locator(".timeline").get_by_text(ANSWER).wait_for()
    page.get_by_role("link", name=re.compile("lượt đi", re.IGNORECASE)).first.wait_for()


def confirm(page, visit):
    page.goto(visit.get_absolute_url())
    page.get_by_role("button", name="Xác nhận", exact=True).click()
    page.get_by_text("Đã xác nhận").first.wait_for()


def ask_about_two_places(cast, post, page, visit):
    """A second turn at the same hour far away is asked about once, and nothing else that is impossible."""
    make_visit(post, cast.tree.a2, visit.visited_on, started_at=time(8, 30), ended_at=time(9, 0))
    page.goto(reverse("visit_questions"))
    shown = page.locator("main").inner_text()
    assert "Hai nơi cùng một lúc 1" in shown
    assert "Đi lại khó kịp 0" in shown
    question = page.locator("li", has_text="Giờ hoặc nơi đi đã ghi đúng chưa?")
    assert question.count() == 1
    assert visit.unit.name in question.inner_text()
    assert cast.tree.a2.name in question.inner_text()
