"""One thread from the village to the top and back, in a browser: grouped, sent up, answered once for twelve."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conftest import PASSWORD, make_body, make_person, make_post, make_unit, make_village_cadres, make_village_user
from core.periods import Period
from feedback.models import BoardPoint, Opinion, Topic
from feedback.thread.recording import OpinionDraft, record_opinions
from meetings.models import IssuedPaper, Meeting
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from reports.figures import figures
from tests.test_logging_by_keyboard import PASTE
from units.enums import BodyKind
from units.loading import rebuild_tree
from units.models import UnitCluster

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
    page.get_by_text("Xem thêm").click()
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


@pytest.fixture
def round_of_three(cast):
    """A district of three communes, each a cluster with four villages that all are called Thôn 1 to Thôn 4; the
    quarter's meeting is planned, the province keeps its committee and its Ban Dân vận."""
    tree, new_year = cast.tree, timezone.localdate().replace(month=1, day=1)
    third = make_unit("commune", "90103", "Xã Phong Dụ", tree.a)
    villages = list(tree.villages)
    for commune, first in ((tree.a1, 4), (tree.a2, 1), (third, 1)):
        for number in range(first, 5):
            villages.append(make_unit("village", f"{commune.code}-9{number}", f"Thôn {number}", commune))
    rebuild_tree()
    make_village_cadres(villages[3:])
    for number, commune in enumerate((tree.a1, tree.a2, third), 1):
        cluster = UnitCluster.objects.create(unit=tree.a, name=f"Cụm {number}", valid_from=new_year)
        cluster.members.set([commune])
    make_body(tree.province, "Tỉnh ủy", BodyKind.COMMITTEE)
    make_body(tree.province, "Ban Dân vận", BodyKind.MMD)
    make_post(make_person("Đỗ Thị Trưởng Ban"), tree.province, "mmd_head")
    quarter = Period.of_day(timezone.localdate(), "quarter").code
    make_occurrence(make_rule(tree.province, "district", "quarter"), tree.a, quarter)
    users = [cast.village, *(make_village_user(f"thon-{village.code}", village) for village in villages[1:])]
    for user in (cast.district, cast.leader, cast.specialist, cast.village):
        user.set_password(PASSWORD)
        user.save()
    return users


COMMUNES = ("Đồng Tâm", "Hải Lạng", "Phong Dụ")


def test_a_districts_three_sittings_are_answered_once_at_the_province_and_read_by_twelve_villages(
    cast, round_of_three, open_browser
):
    officer = open_browser("huyen", PASSWORD)
    for number, commune in enumerate(COMMUNES):
        hold_sitting(officer, number, commune)
    places = set(Opinion.objects.values_list("village__name", "commune__name"))
    assert places == {(f"Thôn {n}", f"Xã {commune}") for commune in COMMUNES for n in range(1, 5)}
    group(officer)
    leader = open_browser("lanhdao", PASSWORD)
    open_matter(leader)
    send_up(leader, "Cần vốn của tỉnh")

    board = open_browser("chuyenvien", PASSWORD)
    report(board)
    paper = IssuedPaper.objects.get()
    assert (paper.symbol, BoardPoint.objects.get().opinions.count()) == ("01-BC/BDVTU", 12)
    open_matter(board)
    fold = unfold(board, "Trả lời chung")
    fold.get_by_role("radio", name="Giải quyết xong").check()
    fold.locator("textarea").fill(ANSWER)
    fold.get_by_role("button", name="Trả lời chung").click()
    board.get_by_text("Đã trả lời chung 12 ý kiến.").wait_for()
    board.goto(reverse("board_detail", args=[paper.pk]))
    assert "Tất cả 1 điểm đã được trả lời." in board.locator("main").inner_text()

    for user in round_of_three:
        its_village_reads_it(user)
    village = open_browser("thon1", PASSWORD, width=360)
    own = Opinion.objects.get(village=cast.tree.villages[0])
    say(village, own, "Hài lòng")
    assert village.get_by_text(ANSWER).first.is_visible()
    assert "Báo cáo số 01-BC/BDVTU" in village.locator("main").inner_text()
    own.refresh_from_db()
    assert own.satisfaction == "satisfied"


def hold_sitting(page, number, commune):
    """One cluster's day: its sitting, and its four opinions pasted with the villages named, without accents."""
    if number == 0:
        page.get_by_role("link", name="Lập hội nghị").first.click()
        page.get_by_role("button", name="Tiếp tục").click()
        page.wait_for_url("**/ghi/*")
        first = timezone.localdate() - timedelta(days=2)
        page.get_by_label("Ngày họp", exact=True).first.fill(f"{first:%d/%m/%Y}")
        page.get_by_label("Hình thức", exact=True).select_option("cluster")
        page.get_by_text("Các cuộc họp theo cụm xã").click()
    else:
        page.goto(reverse("meeting_log", args=[Meeting.objects.get().pk]))
    day = timezone.localdate() - timedelta(days=2 - number)
    page.locator("[name=sitting_day]").nth(number).fill(f"{day:%d/%m/%Y}")
    page.locator("[name=sitting_who]").nth(number).select_option(label=f"Cụm {number + 1}")
    page.locator("[name=sitting_count]").nth(number).fill("20")
    page.get_by_role("button", name="Thêm ý kiến").click()
    row = page.locator("[data-grid-row]:visible").last
    topic = row.get_by_role("combobox", name="Lĩnh vực")
    topic.fill("nuoc sach")
    topic.press("Enter")
    row.locator("[data-grid-text]").focus()
    lines = [f"thôn {n} {commune}: Đề nghị cấp nước sạch cho thôn {n}" for n in range(1, 5)]
    page.evaluate(PASTE, "\n".join(lines))
    page.get_by_role("button", name="Tách thành 4 ý kiến").click()
    page.get_by_role("button", name="Lưu hội nghị").click()
    page.get_by_text("Đã lưu hội nghị.").wait_for()
    state = page.locator("main").inner_text()
    assert f"Đang họp {number + 1}/3 xã" in state if number < 2 else "Đang họp" not in state


def report(page):
    """The Ban Dân vận takes the matter into a report of its own."""
    open_matter(page)
    page.get_by_role("button", name="Đưa vào báo cáo của Ban Dân vận").click()
    draft = page.locator(".doc-official").inner_text()
    assert "TỈNH ỦY ĐÔNG HẢI" in draft
    assert "BAN DÂN VẬN" in draft
    assert f"{TITLE}. (12 ý kiến)" in draft
    page.get_by_role("button", name="Ban hành, lấy số").click()
    page.get_by_text("Đã ban hành văn bản số 01-BC/BDVTU.").wait_for()


def its_village_reads_it(user):
    """The account of a village finds its own opinion in its list, with the answer; nobody else's."""
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    own = Opinion.objects.get(village_id__in=user.scope.village_ids())
    desk = browser.get(f"{reverse('opinion_list')}?trang-thai=all").content.decode()
    assert 'data-total="1"' in desk
    assert f'data-key="{own.pk}"' in desk
    assert ANSWER in browser.get(own.get_absolute_url()).content.decode()
