"""Reports of the Ban Dân vận: its own head and number, its points followed until answered, the word from above."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conftest import make_body, make_person, make_post
from core.errors import DomainError, NotAllowed
from feedback.desk.services import direct_point
from feedback.matters.services import create_matter
from feedback.models import BoardPoint, Matter, Opinion, OpinionMove
from feedback.tests.builders import make_opinion, record_one, topic
from feedback.thread.moves import assign_opinion, escalate_opinion, explain_opinion
from journal.models import Notice
from meetings.enums import HostBody
from meetings.models import IssuedPaper
from papers.frame import letterhead_on
from units.enums import BodyKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def board(cast):
    """The province's committee and board, and who heads the board."""
    province = cast.tree.province
    make_body(province, "Tỉnh ủy", BodyKind.COMMITTEE)
    make_body(province, "Ban Dân vận", BodyKind.MMD)
    make_post(make_person("Đỗ Thị Trưởng Ban"), province, "mmd_head")
    return province


def sent_up(cast, number, today):
    """An opinion of a village that lies with the province."""
    village = cast.tree.villages[number]
    opinion = record_one(
        cast.commune, cast.tree.a1, f"Thiếu nước ở {village.name}", today, today, village_id=village.pk
    )
    for actor in (cast.commune, cast.leader):
        opinion.refresh_from_db()
        escalate_opinion(opinion.pk, actor=actor, version=opinion.version, today=today, note="Vượt thẩm quyền")
    opinion.refresh_from_db()
    return opinion


@pytest.fixture
def waiting(cast, board, today):
    """Two opinions of one matter and one alone, all with the province."""
    found = [sent_up(cast, number, today) for number in range(3)]
    create_matter("Nước sạch", topic().pk, [found[0].pk, found[1].pk], actor=cast.head, today=today, request_id="m1")
    return found


def text_at(browser, url):
    """A page's text with single blanks, however the template breaks its lines."""
    return " ".join(browser.get(url).content.decode().split())


def ids(opinions):
    return {"opinion": [opinion.pk for opinion in opinions]}


def typed(opinions, today, **changes):
    data = {"host": "board", "host_was": "board", "signed_on": f"{today:%d/%m/%Y}", "signer_title": "Trưởng ban"}
    data |= {
        "signer_name": "Đỗ Thị Trưởng Ban",
        "recipients": "Lưu Ban",
        "advice": "1. Đề nghị bố trí vốn.\n2. Giao Sở.",
    }
    return data | ids(opinions) | changes


def issue(browser, opinions, today, **changes):
    return browser.post(reverse("letters_issue", args=["bao-cao-ban"]), typed(opinions, today, **changes))


@pytest.fixture
def paper(cast, waiting, today, signed_in):
    assert issue(signed_in(cast.specialist), waiting, today).status_code == 302
    return IssuedPaper.objects.get()


def test_the_draft_has_the_boards_own_head_and_proposes_a_word_on_each_point(cast, waiting, signed_in):
    page = (
        signed_in(cast.specialist).post(reverse("letters_draft", args=["bao-cao-ban"]), ids(waiting)).content.decode()
    )
    assert "TỈNH ỦY ĐÔNG HẢI" in page
    assert "BAN DÂN VẬN" in page
    assert "…-BC/BDVTU" in page
    assert "2 ý kiến" in page
    assert "Đỗ Thị Trưởng Ban" in page
    assert "1. Nước sạch: đề nghị Tỉnh ủy Đông Hải xem xét" in page
    assert "3 ý kiến, kiến nghị chưa được giải quyết từ 3 thôn, khu của 1 xã, phường, thị trấn" in page


def test_it_takes_its_own_number_and_its_points_are_followed(cast, waiting, paper, today, signed_in):
    assert (paper.symbol, paper.host, paper.signer_name) == ("01-BC/BDVTU", "board", "Đỗ Thị Trưởng Ban")
    browser = signed_in(cast.specialist)
    browser.post(reverse("letters_issue", args=["tong-hop"]), typed(waiting, today, host="party", host_was="party"))
    assert set(IssuedPaper.objects.values_list("symbol", flat=True)) == {"01-BC/BDVTU", "01-BC/TU"}
    points = {point.title: point.opinions.count() for point in BoardPoint.objects.all()}
    assert points == {"Nước sạch": 2, "Thiếu nước ở Thôn 3": 1}
    page = text_at(browser, reverse("board_detail", args=[paper.pk]))
    assert "Còn 2 trong 2 điểm chưa được trả lời hết." in page
    assert "0/2 ý kiến đã có trả lời; đang giữ: Tỉnh Đông Hải" in page
    assert f'data-key="{paper.pk}"' in browser.get(reverse("board_list")).content.decode()


def test_the_word_from_above_reaches_every_village_that_asked_once(cast, waiting, paper, today, signed_in):
    point = BoardPoint.objects.get(title="Nước sạch")
    data = {"version": 1, "text": "Bố trí vốn năm 2027", "document": "35-TB/TU", "directed_on": f"{today:%d/%m/%Y}"}
    answer = signed_in(cast.province_leader).post(reverse("board_direct", args=[point.pk]), data)
    assert answer.url == f"{reverse('board_detail', args=[paper.pk])}#point-{point.pk}"
    moves = OpinionMove.objects.filter(verb="comment", note__contains="35-TB/TU").values_list("opinion_id", flat=True)
    assert set(moves) == {waiting[0].pk, waiting[1].pk}
    for user in (cast.village, cast.commune, cast.specialist):
        assert Notice.objects.filter(recipient=user, text__contains="Bố trí vốn năm 2027").count() == 1
    village = text_at(signed_in(cast.village), waiting[0].get_absolute_url())
    assert "Báo cáo số 01-BC/BDVTU" in village
    assert "Bố trí vốn năm 2027" in village
    again = signed_in(cast.head).post(reverse("board_direct", args=[point.pk]), data | {"text": "Đã gõ dở"})
    assert again.status_code == 409
    assert "Đã gõ dở" in again.content.decode()
    page = signed_in(cast.head).get(reverse("board_detail", args=[paper.pk])).content.decode()
    assert "Có chỉ đạo, đang giải quyết" in page


def test_a_point_is_followed_until_its_last_opinion_is_answered(cast, waiting, paper, today, signed_in):
    browser = signed_in(cast.head)
    page = lambda tab="": browser.get(reverse("board_list") + tab).content.decode()  # noqa: E731
    for opinion in waiting:
        assert 'data-total="1"' in page()
        opinion.refresh_from_db()
        assign_opinion(opinion.pk, actor=cast.head, version=opinion.version, today=today)
        opinion.refresh_from_db()
        explain_opinion(opinion.pk, actor=cast.head, version=opinion.version, today=today, note="Đã có nước")
    assert 'data-total="0"' in page()
    assert 'data-total="1"' in page("?xem=xong")
    detail = text_at(browser, reverse("board_detail", args=[paper.pk]))
    assert "Tất cả 2 điểm đã được trả lời." in detail
    assert "Ghi ý kiến chỉ đạo của cấp trên" not in detail


@pytest.mark.parametrize("who", ["commune", "leader", "district", "other_leader", "outsider", "agency", "village"])
def test_others_neither_write_it_nor_direct_its_points(cast, waiting, paper, today, signed_in, who):
    browser = signed_in(getattr(cast, who))
    assert issue(browser, waiting, today).status_code in (403, 404)
    point = BoardPoint.objects.first()
    data = {"version": 1, "text": "x", "directed_on": f"{today:%d/%m/%Y}"}
    assert browser.post(reverse("board_direct", args=[point.pk]), data).status_code in (403, 404)
    options = {"document": "", "directed_on": today, "version": 1, "today": today}
    with pytest.raises(NotAllowed):
        direct_point(point.pk, "x", actor=getattr(cast, who), **options)
    assert BoardPoint.objects.filter(directed_on=None).count() == 2


@pytest.mark.parametrize(("days", "is_taken"), [(-1, False), (0, True), (1, False)])
def test_the_word_from_above_is_of_a_day_between_the_report_and_today(cast, paper, today, days, is_taken):
    options = {"document": "", "directed_on": today + timedelta(days=days), "version": 1, "today": today}
    point = BoardPoint.objects.first()
    if is_taken:
        assert direct_point(point.pk, "Làm ngay", actor=cast.head, **options).directed_on == today
        return
    with pytest.raises(DomainError, match="Ngày chỉ đạo phải từ ngày báo cáo"):
        direct_point(point.pk, "Làm ngay", actor=cast.head, **options)


def test_a_refused_word_stays_typed(cast, paper, today, signed_in):
    point = BoardPoint.objects.first()
    data = {"version": 1, "text": "Đã gõ dài", "directed_on": "hôm qua"}
    page = signed_in(cast.head).post(reverse("board_direct", args=[point.pk]), data)
    assert page.status_code == 422
    assert "Đã gõ dài" in page.content.decode()


def test_a_unit_without_a_board_is_told_so(cast, today, signed_in):
    make_opinion(cast.tree.province, "Việc của tỉnh", today)
    page = signed_in(cast.head).post(reverse("letters_draft", args=["bao-cao-ban"]), ids(Opinion.objects.all()))
    assert "Danh mục cơ quan của Tỉnh Đông Hải chưa có Ban Dân vận" in page.content.decode()


def test_answered_and_restricted_opinions_are_not_in_it(cast, board, today, signed_in):
    make_opinion(cast.tree.province, "Đã xong", today, status="resolved", settled_on=today, answer="Xong")
    make_opinion(cast.tree.province, "Việc kín", today, visibility="restricted")
    make_opinion(cast.tree.province, "Còn chờ", today)
    assert issue(signed_in(cast.head), Opinion.objects.all(), today).status_code == 302
    assert [point.title for point in BoardPoint.objects.all()] == ["Còn chờ"]
    assert "Việc kín" not in str(IssuedPaper.objects.get().content)


def test_a_recalled_report_is_followed_no_more(cast, paper, waiting, signed_in):
    browser = signed_in(cast.head)
    browser.post(reverse("paper_cancel", args=[paper.pk]), {"reason": "Sai trích yếu"})
    assert browser.get(reverse("board_detail", args=[paper.pk])).status_code == 404
    assert "Báo cáo số" not in signed_in(cast.village).get(waiting[0].get_absolute_url()).content.decode()


def test_the_matter_offers_its_open_opinions_to_the_board_alone(cast, waiting, signed_in):
    url = Matter.objects.get().get_absolute_url()
    assert "Đưa vào báo cáo của Ban Dân vận" in signed_in(cast.specialist).get(url).content.decode()
    assert "Đưa vào báo cáo của Ban Dân vận" not in signed_in(cast.province_leader).get(url).content.decode()


def test_the_list_takes_as_many_statements_for_three_reports_as_for_one(cast, waiting, paper, today, signed_in):
    browser, statements = signed_in(cast.head), []
    browser.get(reverse("board_list"))
    for count in (1, 3):
        while IssuedPaper.objects.count() < count:
            issue(browser, waiting, today)
        with CaptureQueriesContext(connection) as seen:
            page = browser.get(reverse("board_list")).content.decode()
        assert f'data-total="{count}"' in page
        statements.append(len(seen))
    assert statements[0] == statements[1]


@pytest.mark.parametrize(
    ("place", "committee", "name", "expected"),
    [
        ("province", "Tỉnh ủy", "Ban Dân vận", ("TỈNH ỦY ĐÔNG HẢI", "BAN DÂN VẬN", "BDVTU")),
        (
            *("province", "Tỉnh ủy Đông Hải", "Ban Tuyên giáo và Dân vận Tỉnh ủy"),
            ("TỈNH ỦY ĐÔNG HẢI", "BAN TUYÊN GIÁO VÀ DÂN VẬN", "BTGDVTU"),
        ),
        ("a", "Huyện ủy", "Ban Dân vận Huyện ủy Yên Sơn", ("HUYỆN ỦY YÊN SƠN", "BAN DÂN VẬN", "BDVHU")),
    ],
)
def test_the_head_of_a_board_under_its_committee(cast, today, place, committee, name, expected):
    unit = getattr(cast.tree, place)
    make_body(unit, committee, BodyKind.COMMITTEE)
    make_body(unit, name, BodyKind.MMD)
    head = letterhead_on(unit, HostBody.BOARD, today)
    assert (head.superior, head.issuer, head.letters) == expected
    assert head.issuer_name.casefold() == f"{expected[1]} {expected[0]}".casefold()
