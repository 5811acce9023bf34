"""One thread from the village to the top and back, in a browser: grouped, sent up twice, answered once for twelve."""

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import PASSWORD, make_unit
from core.periods import Period
from feedback.models import Opinion, Topic
from feedback.services.recording import OpinionDraft, record_opinions
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from reports.figures import figures
from units.loading import rebuild_tree

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

TITLE = "Nước sạch cho mười hai thôn"
ANSWER = "Tỉnh bố trí 5 tỷ đồng, nhà máy nước cấp đủ mười hai thôn từ tháng sau"


@pytest.fixture
def twelve(cast):
    """Twelve villages of one commune raised the same at its meeting."""
    today, commune = timezone.localdate(), cast.tree.a1
    for number in range(4, 13):
        cast.tree.villages.append(make_unit("village", f"90101-{number:02d}", f"Thôn {number}", commune))
    rebuild_tree()
    for user in (cast.commune, cast.commune_leader, cast.leader, cast.specialist, cast.village):
        user.set_password(PASSWORD)
        user.save()
    return lambda: _raise(cast, commune, today)


def _raise(cast, commune, today):
    occurrence = make_occurrence(make_rule(cast.tree.province), commune, Period.of_day(today, "month").code)
    meeting = make_meeting(commune, today, occurrence)
    topic = Topic.objects.get(code="WATER")
    drafts = [
        OpinionDraft(f"Đề nghị cấp nước sạch cho {village.name}", topic.pk, village_id=village.pk, number=number)
        for number, village in enumerate(cast.tree.villages, 1)
    ]
    return record_opinions(meeting=meeting, drafts=drafts, actor=cast.commune, today=today)


def counted(cast):
    today = timezone.localdate()
    found = figures(cast.tree.a1, Period.of_day(today, "month"), "then", today)
    words = ("opinions_received", "opinions_settled", "opinions_in_progress", "opinions_confirmed")
    return [found[word] for word in words]


def test_one_answer_reaches_twelve_villages_and_comes_back(cast, twelve, open_browser):
    secretary = open_browser("bithu", PASSWORD)
    opinions = twelve()
    origin = opinions[0]
    group(secretary)
    send_up(secretary, "Vượt khả năng của xã")
    leader = open_browser("lanhdao", PASSWORD)
    open_matter(leader)
    send_up(leader, "Cần vốn của tỉnh")
    assert counted(cast) == [12, 0, 12, 0]

    province = open_browser("chuyenvien", PASSWORD)
    open_matter(province)
    fold = unfold(province, "Trả lời chung")
    fold.get_by_role("radio", name="Giải quyết xong").check()
    fold.locator("textarea").fill(ANSWER)
    fold.get_by_role("button", name="Trả lời chung").click()
    province.get_by_text("Đã trả lời chung 12 ý kiến.").wait_for()
    assert counted(cast) == [12, 12, 0, 0]
    assert set(Opinion.objects.values_list("answer", flat=True)) == {ANSWER}

    every_list_shows_it(open_browser("xa", PASSWORD), opinions, cast.tree.villages)
    village = open_browser("thon1", PASSWORD, width=360)
    say(village, origin, "Chưa hài lòng", "Thôn 1 chưa có nước")
    steps = village.locator(".timeline").inner_text()
    assert steps.count("Chuyển cấp trên") == 2
    assert "Tỉnh Đông Hải" in steps
    assert counted(cast) == [12, 12, 0, 0]

    act(province, origin, "Mở lại", "Thôn 1 chưa có nước")
    assert counted(cast) == [12, 11, 1, 0]
    act(province, origin, "Giải quyết xong", "Đã nối ống về Thôn 1")
    assert counted(cast) == [12, 12, 0, 0]
    say(village, origin, "Hài lòng")
    assert counted(cast) == [12, 12, 0, 1]
    assert village.get_by_text("Đã nối ống về Thôn 1").first.is_visible()


def group(page):
    """Tick all of the desk and make one matter of it."""
    page.goto(reverse("opinion_list"))
    page.get_by_label("Chọn tất cả trên trang").check()
    page.get_by_role("button", name="Gộp thành vấn đề chung").click()
    page.get_by_label("Tên vấn đề").fill(TITLE)
    page.get_by_role("button", name="Lập vấn đề").click()
    page.get_by_role("heading", name=TITLE).wait_for()


def open_matter(page):
    page.goto(reverse("opinion_list"))
    page.get_by_role("link", name="Vấn đề chung").click()
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("heading", name=TITLE).wait_for()


def unfold(page, label):
    fold = page.locator("details", has=page.locator("summary", has_text=label)).first
    fold.locator("summary").first.click()
    return fold


def send_up(page, reason):
    fold = unfold(page, "Chuyển cả vấn đề lên cấp trên")
    fold.locator("textarea").fill(reason)
    fold.get_by_role("button", name="Chuyển cả vấn đề lên cấp trên").click()
    page.get_by_text("Đã chuyển lên chung 12 ý kiến.").wait_for()


def every_list_shows_it(page, opinions, villages):
    """The commune's desk, filtered by each of the twelve villages, and each thread."""
    for opinion, village in zip(opinions, villages, strict=True):
        body = page.request.get(f"{reverse('opinion_list')}?trang-thai=all&don-vi={village.key}").text()
        assert 'data-total="1"' in body
        assert f'data-key="{opinion.pk}"' in body
        assert "Đã giải quyết xong" in body
        assert ANSWER in page.request.get(reverse("opinion_detail", args=[opinion.pk])).text()


def say(page, opinion, word, reason=""):
    """The village writes down what it thinks of the answer, and why it is not satisfied."""
    page.goto(reverse("opinion_detail", args=[opinion.pk]))
    fold = unfold(page, "Ghi nhận mức hài lòng")
    fold.get_by_role("radio", name=word, exact=True).check()
    fold.locator("textarea").fill(reason)
    fold.get_by_role("button", name="Ghi nhận mức hài lòng").click()
    page.get_by_text("đã ghi mức hài lòng").wait_for()


def act(page, opinion, verb, note):
    page.goto(reverse("opinion_detail", args=[opinion.pk]))
    fold = unfold(page, verb)
    fold.locator("textarea").fill(note)
    fold.get_by_role("button", name=verb).click()
    page.locator(".timeline").get_by_text(note).first.wait_for()
