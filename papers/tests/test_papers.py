"""The papers of a meeting from outside: draft, number, print, recall, register; and what they say."""

from datetime import date, time, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from docx import Document

from conftest import make_body, make_person, make_post
from feedback.models import Opinion, ReadBack
from feedback.tests.builders import make_opinion
from meetings.models import Attendance, IssuedPaper, Tasking
from meetings.tests.builders import make_meeting, make_sitting
from papers.frame import committee_name, letterhead_on, propose_signing, short_place
from papers.issuing import BY_SLUG, KINDS, draft_of, issue_meeting_paper
from units.models import BodyName

pytestmark = pytest.mark.django_db
SLUGS = [kind.slug for kind in KINDS]
HELD = date(2026, 3, 20)
TODAY = date(2026, 3, 25)


@pytest.fixture
def meeting(cast):
    """A held meeting: a chair, a secretary, three called, a guest, a line of conclusion, three opinions."""
    village = cast.tree.villages[0]
    make_post(make_person("Bùi Văn Thư"), cast.tree.a1, "party_secretary")
    meeting = make_meeting(
        cast.tree.a1,
        HELD,
        title="Hội nghị giao ban tháng 3/2026 Xã Đồng Tâm",
        chairs="Đồng chí Bùi Văn Thư, Bí thư\nĐồng chí Lê Văn Chủ, Phó Bí thư, Chủ tịch UBND",
        secretary="Hoàng Thị Ghi",
        place="Hội trường UBND xã",
        started_at=time(7, 30),
        ended_at=time(11),
        agenda="1. Ổn định tổ chức\n2. Thảo luận",
        minutes="Hội nghị thảo luận sôi nổi.",
        conclusions="Thống nhất các nội dung.",
        announcements="Kế hoạch làm thủy lợi.",
    )
    seats = [("Trần Văn Bí", "present", {}), ("Lê Thị Trưởng", "excused", {"reason": "ốm"})]
    seats += [("Phạm Văn Mặt", "substituted", {"substitute": "Đỗ Văn Thay"})]
    for name, presence, more in seats:
        Attendance.objects.create(
            meeting=meeting, name=name, unit=village, duties="Trưởng thôn Thôn 1", presence=presence, **more
        )
    Attendance.objects.create(meeting=meeting, name="Vũ Thị Khách", is_guest=True, duties="Báo Quảng Ninh")
    Tasking.objects.create(
        meeting=meeting, number=1, text="Nạo vét mương Đồng Cao", body=cast.bodies.commune, due_on=date(2026, 4, 5),
        unit=meeting.unit, level="commune", province=cast.tree.province, district=cast.tree.a, commune=cast.tree.a1,
    )  # fmt: skip
    where = {"meeting": meeting, "village": village, "raised_on": HELD}
    make_opinion(cast.tree.a1, "Mương Đồng Cao bị lấp", number=1, raised_by_name="Trần Văn Bí", **where)
    make_opinion(
        cast.tree.a1, "Đèn đường hỏng", number=2, raised_by_name="Người Giấu Tên", hides_speaker=True,
        status="answered_on_spot", answer="Thay trong tháng", **where,
    )  # fmt: skip
    make_opinion(cast.tree.a1, "Chuyện kín trong thôn", number=3, visibility="restricted", **where)
    return meeting


def url(name, meeting, slug=None):
    return reverse(name, args=[meeting.pk, slug] if slug else [meeting.pk])


def words_of(meeting, user, slug, host="party"):
    meeting.host = host
    kind = BY_SLUG[slug]
    return draft_of(meeting, kind, propose_signing(meeting, kind.kind, TODAY), user=user)


def text_of(paper):
    parts = [paper.subject]
    for block in paper.blocks:
        rows = [cell for row in getattr(block, "rows", ()) for cell in row]
        parts += [getattr(block, "text", ""), *getattr(block, "items", ()), *rows]
    return "\n".join(parts)


@pytest.mark.parametrize(
    ("name", "body", "committee", "place"),
    [
        ("Phường Hà Khánh", "Đảng ủy phường", "Đảng ủy phường Hà Khánh", "Hà Khánh"),
        ("Thành phố Hạ Long", "Thành ủy ", "Thành ủy Hạ Long", "Hạ Long"),
        ("Huyện Tiên Yên", "Huyện ủy Tiên Yên", "Huyện ủy Tiên Yên", "Tiên Yên"),
        ("Thị xã Quảng Yên", "", "Thị ủy Quảng Yên", "Quảng Yên"),
        ("Đặc khu Vân Đồn", "", "Đảng ủy đặc khu Vân Đồn", "Vân Đồn"),
        ("Tỉnh Quảng Ninh", "", "Tỉnh ủy Quảng Ninh", "Quảng Ninh"),
        ("Phường 1", "", "Đảng ủy phường 1", "Phường 1"),
        ("Xã Xã Lát", "", "Đảng ủy xã Xã Lát", "Xã Lát"),
    ],
)
def test_names_of_committees_and_places(name, body, committee, place):
    assert (committee_name(name, body), short_place(name)) == (committee, place)


@pytest.mark.parametrize(
    ("unit", "host", "superior", "issuer", "letters"),
    [
        ("a1", "party", "ĐẢNG BỘ HUYỆN YÊN SƠN", "ĐẢNG ỦY XÃ ĐỒNG TÂM", "ĐU"),
        ("a1", "joint", "ĐẢNG BỘ HUYỆN YÊN SƠN", "ĐẢNG ỦY XÃ ĐỒNG TÂM", "ĐU"),
        ("a1", "gov", "UBND HUYỆN YÊN SƠN", "ỦY BAN NHÂN DÂN\nXÃ ĐỒNG TÂM", "UBND"),
        ("a", "party", "ĐẢNG BỘ TỈNH ĐÔNG HẢI", "HUYỆN ỦY YÊN SƠN", "HU"),
        ("province", "party", "", "TỈNH ỦY ĐÔNG HẢI", "TU"),
    ],
)
def test_letterheads(tree, unit, host, superior, issuer, letters):
    head = letterhead_on(getattr(tree, unit), host, TODAY)
    assert (head.superior, head.issuer, head.letters) == (superior, issuer, letters)


def test_the_letterhead_has_the_names_of_the_signing_day(tree):
    body = make_body(tree.a, "Huyện ủy Yên Sơn Cũ", "committee")
    BodyName.objects.filter(body=body).update(valid_to=date(2026, 1, 1))
    BodyName.objects.create(body=body, name="Huyện ủy Yên Sơn Mới", valid_from=date(2026, 1, 1))
    days = (date(2025, 12, 31), date(2026, 1, 1))
    assert [letterhead_on(tree.a, "party", day).issuer[-3:] for day in days] == [" CŨ", "MỚI"]


@pytest.mark.parametrize(
    ("slug", "host"),
    [
        ("giay-moi", "party"),
        ("giay-moi", "gov"),
        ("chuong-trinh", "joint"),
        ("danh-sach", "gov"),
        ("bien-ban", "party"),
        ("ket-luan", "gov"),
    ],
)
def test_every_paper_is_drafted_downloaded_issued_and_printed(meeting, cast, signed_in, slug, host):
    type(meeting).objects.update(host=host)
    browser = signed_in(cast.commune)
    page = browser.get(url("paper_draft", meeting, slug))
    assert page.status_code == 200
    assert "DỰ THẢO" in page.content.decode()
    word = browser.get(url("paper_draft_download", meeting, slug))
    assert word["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in word["Content-Disposition"]
    assert "sandbox" in word["Content-Security-Policy"]
    assert Document(BytesIO(word.content)).tables
    assert not IssuedPaper.objects.exists()
    data = typed(meeting, slug)
    answers = [browser.post(url("paper_issue", meeting, slug), data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    row = IssuedPaper.objects.get()
    printed = browser.get(reverse("paper_detail", args=[row.pk])).content.decode()
    assert row.symbol in printed
    assert "DỰ THẢO" not in printed
    assert "Chuyện kín" not in printed
    assert row.symbol in browser.get(url("paper_list", meeting)).content.decode()
    assert browser.get(reverse("paper_download", args=[row.pk])).content[:2] == b"PK"


def typed(meeting, slug, **fields):
    kind = BY_SLUG[slug].kind
    signing = propose_signing(meeting, kind, timezone.localdate())
    data = {name: value or "" for name, value in vars(signing).items()} | {"request_id": "r1", "signer_name": "Ai Đó"}
    data["signed_on"] = f"{signing.signed_on:%d/%m/%Y}"
    data |= {name: "\n".join(getattr(signing, name)) for name in ("invited", "recipients")}
    return data | fields


def test_minutes_tell_who_was_there_what_was_said_and_concluded(meeting, cast):
    ReadBack.objects.create(meeting=meeting, opinion=Opinion.objects.first(), satisfaction="partly", read_by_id=1)
    paper = words_of(meeting, cast.commune, "bien-ban")
    text = text_of(paper)
    for words in (
        "7 giờ 30 phút, ngày 20 tháng 3 năm 2026 (thứ Sáu)",
        "triệu tập 3 đồng chí, có mặt 2, vắng 1",
        "Vắng: Lê Thị Trưởng, Trưởng thôn Thôn 1 – ốm",
        "Dự thay đồng chí Phạm Văn Mặt, Trưởng thôn Thôn 1: Đỗ Văn Thay",
        "Đồng chí Vũ Thị Khách, Báo Quảng Ninh",
        "hài lòng một phần 1",
        "Đồng chí Trần Văn Bí, Thôn 1: Mương Đồng Cao bị lấp",
        "Đại biểu thôn 1: Đèn đường hỏng",
        "Trả lời: Thay trong tháng",
        "Giao Công chức Địa chính – Xây dựng: Nạo vét mương Đồng Cao; xong trước ngày 05/04/2026.",
        "1 ý kiến hạn chế xem không in.",
        "kết thúc lúc 11 giờ",
    ):
        assert words in text, words
    assert "Người Giấu Tên" not in text
    assert "Chuyện kín" not in text
    assert [signature.name for signature in paper.signatures] == ["Hoàng Thị Ghi", "Bùi Văn Thư"]


def test_a_conclusion_groups_what_is_to_be_done(meeting, cast):
    upper = make_opinion(
        cast.tree.a1, "Đường tỉnh sạt lở", raised_on=HELD, meeting=meeting, number=4, status="escalated",
        holder=cast.tree.a,
    )  # fmt: skip
    text = text_of(words_of(meeting, cast.commune, "ket-luan"))
    assert "Ngày 20 tháng 3 năm 2026, tại Hội trường UBND xã, Đảng ủy xã Đồng Tâm tổ chức hội nghị giao ban" in text
    assert f"{upper.text}. Chuyển Huyện Yên Sơn xem xét, giải quyết." in text
    assert "Trả lời: Thay trong tháng" in text
    assert "Chuyện kín" not in text


@pytest.mark.parametrize(
    ("host", "chairs", "signer", "title", "authority"),
    [
        ("party", "Đồng chí Bùi Văn Thư, Bí thư", "Bùi Văn Thư", "BÍ THƯ", "T/M BAN THƯỜNG VỤ"),
        ("party", "Đồng chí Mai Thị Phó", "Mai Thị Phó", "PHÓ BÍ THƯ THƯỜNG TRỰC", "T/M BAN THƯỜNG VỤ"),
        ("gov", "", "Lý Văn Phó", "PHÓ CHỦ TỊCH", "KT. CHỦ TỊCH"),
    ],
)
def test_the_signer_is_the_chair_or_the_most_entitled(meeting, cast, host, chairs, signer, title, authority):
    make_post(make_person("Mai Thị Phó"), cast.tree.a1, "party_standing_deputy")
    make_post(make_person("Lý Văn Phó"), cast.tree.a1, "gov_vice")
    meeting.chairs = chairs
    found = words_of(meeting, cast.commune, "giay-moi", host).signatures[0]
    assert (found.name, found.title, found.authority) == (signer, title, authority)


def test_the_roll_of_a_planned_meeting_is_the_roster_of_the_day(cast):
    meeting = make_planned(cast)
    text = text_of(words_of(meeting, cast.commune, "danh-sach"))
    assert "Trần Văn Bí 0" in text
    assert "có mặt: ……" in text
    programme = words_of(meeting, cast.commune, "chuong-trinh")
    assert [row[1] for row in programme.blocks[-1].rows][:2] == ["07:30 – 07:40", "07:40 – 07:55"]


def make_planned(cast, **fields):
    planned = make_meeting(cast.tree.a1, TODAY, status="planned", started_at=time(7, 30), **fields)
    planned.planned_on, planned.held_on = TODAY + timedelta(days=9), None
    planned.save()
    return planned


def test_the_roll_of_a_held_meeting_counts(meeting, cast):
    text = text_of(words_of(meeting, cast.commune, "danh-sach"))
    assert "Triệu tập: 3; có mặt: 2; vắng có lý do: 1; vắng không lý do: 0; khách mời: 1." in text
    assert "Dự thay: Đỗ Văn Thay" in text


def test_an_invitation_says_where_each_sitting_is(cast):
    meeting = make_planned(cast, form="per_commune")
    make_sitting(meeting, TODAY, [cast.tree.a1, cast.tree.a2])
    text = text_of(words_of(meeting, cast.commune, "giay-moi"))
    assert "Xã Đồng Tâm, Xã Hải Lạng" in text
    assert "gửi trước ngày 01/04/2026" in text


def test_papers_of_a_meeting_that_was_not_held_are_refused(cast, signed_in):
    meeting = make_planned(cast)
    answer = signed_in(cast.commune).get(url("paper_draft", meeting, "bien-ban"))
    assert answer.status_code == 422
    assert "Ghi hội nghị xong" in answer.content.decode()
    assert signed_in(cast.commune).get(url("paper_draft", meeting, "thu-moi")).status_code == 404


@pytest.mark.parametrize("slug", ["bien-ban"])
@pytest.mark.parametrize("day", ["19/03/2026", "01/01/2100", "hôm nay", ""])
def test_a_wrong_signing_day_is_told_at_its_field(meeting, cast, signed_in, slug, day):
    browser = signed_in(cast.commune)
    answer = browser.post(url("paper_issue", meeting, slug), typed(meeting, slug, signed_on=day))
    assert answer.status_code == 422
    assert 'id="id_signed_on_error"' in answer.content.decode()
    assert not IssuedPaper.objects.exists()


def test_what_was_typed_is_seen_before_it_is_issued(meeting, cast, signed_in):
    data = typed(meeting, "giay-moi", signer_name="Nguyễn Thị Thay", invited="Các hộ dân")
    page = signed_in(cast.commune).post(url("paper_draft", meeting, "giay-moi"), data)
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("Nguyễn Thị Thay") >= 2
    assert "<li>Các hộ dân;</li>" in text
    assert not IssuedPaper.objects.exists()


def test_an_issued_conclusion_stops_the_clock_and_a_recalled_one_starts_it(meeting, cast, signed_in):
    kind = BY_SLUG["ket-luan"]
    signing = propose_signing(meeting, kind.kind, TODAY)
    row = issue_meeting_paper(meeting, kind, signing, actor=cast.commune, today=TODAY)
    meeting.refresh_from_db()
    assert meeting.conclusion_on == TODAY
    browser = signed_in(cast.commune)
    refused = browser.post(reverse("paper_cancel", args=[row.pk]), {"reason": ""})
    assert (refused.status_code, "Nhập lý do thu hồi" in refused.content.decode()) == (422, True)
    assert browser.post(reverse("paper_cancel", args=[row.pk]), {"reason": "Sai tên"}).status_code == 302
    assert browser.post(reverse("paper_cancel", args=[row.pk]), {"reason": "Sai tên"}).status_code == 409
    meeting.refresh_from_db()
    assert meeting.conclusion_on is None
    assert "ĐÃ THU HỒI" in browser.get(reverse("paper_detail", args=[row.pk])).content.decode()


def issue_one(meeting, cast, slug="giay-moi"):
    kind = BY_SLUG[slug]
    return issue_meeting_paper(
        meeting, kind, propose_signing(meeting, kind.kind, TODAY), actor=cast.commune, today=TODAY
    )


@pytest.mark.parametrize(
    ("who", "draft", "read", "listed"),
    [
        ("commune_leader", 200, 200, 1),
        ("leader", 403, 200, 1),
        ("specialist", 403, 200, 1),
        ("head", 403, 200, 1),
        ("other_commune", 404, 404, 0),
        ("outsider", 404, 404, 0),
        ("agency", 403, 404, 0),
        ("cadre", 403, 404, 0),
    ],
)
def test_who_drafts_and_who_reads(meeting, cast, signed_in, who, draft, read, listed):
    row = issue_one(meeting, cast)
    browser = signed_in(getattr(cast, who))
    assert browser.get(url("paper_draft", meeting, "giay-moi")).status_code == draft
    for name in ("paper_detail", "paper_download"):
        assert browser.get(reverse(name, args=[row.pk])).status_code == read
    assert f'data-total="{listed}"' in browser.get(reverse("paper_register")).content.decode()
    cancel = browser.post(reverse("paper_cancel", args=[row.pk]), {"reason": "x"}).status_code
    assert cancel == (302 if who == "commune_leader" else 404 if draft == 404 else 403)


def test_a_paper_about_a_restricted_opinion_is_read_by_its_readers_only(meeting, cast, signed_in):
    hidden = Opinion.objects.get(visibility="restricted")
    row = issue_one(meeting, cast)
    IssuedPaper.objects.update(opinion_id=hidden.pk, meeting=None)
    seen = {who: signed_in(getattr(cast, who)).get(reverse("paper_detail", args=[row.pk])).status_code
            for who in ("commune", "leader", "specialist")}  # fmt: skip
    assert seen == {"commune": 200, "leader": 200, "specialist": 404}


def test_the_register_is_filtered_by_year_and_kind(meeting, cast, signed_in):
    issue_one(meeting, cast)
    issue_one(meeting, cast, "bien-ban")
    browser = signed_in(cast.leader)
    totals = {}
    for query in ("", "?nam=2026", "?loai=minutes", "?loai=minutes&nam=2025", "?nam=abc"):
        text = browser.get(reverse("paper_register") + query).content.decode()
        totals[query] = text.split('data-total="')[1].split('"')[0]
    assert list(totals.values()) == ["2", "2", "1", "0", "0"]


def queries_of(browser, path):
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


def test_three_papers_cost_what_one_costs(meeting, cast, signed_in):
    browser = signed_in(cast.commune)
    issue_one(meeting, cast)
    paths = [url("paper_list", meeting), reverse("paper_register")]
    few = [queries_of(browser, path) for path in paths]
    issue_one(meeting, cast)
    issue_one(meeting, cast, "bien-ban")
    assert [queries_of(browser, path) for path in paths] == few
    assert max(few) <= 15


@pytest.mark.parametrize("slug", SLUGS)
def test_longer_meetings_cost_no_more_queries(meeting, cast, signed_in, slug):
    browser, path = signed_in(cast.commune), url("paper_draft", meeting, slug)
    few = queries_of(browser, path)
    for number in (5, 6):
        make_opinion(cast.tree.a1, f"Ý kiến {number}", raised_on=HELD, meeting=meeting, number=number)
        Attendance.objects.create(meeting=meeting, name=f"Đại biểu {number}", unit=cast.tree.villages[number - 4])
    assert queries_of(browser, path) <= few <= 30


def test_styles_are_kept_by_the_province(cast, signed_in):
    browser = signed_in(cast.head)
    assert 'data-total="2"' in browser.get(reverse("paper_styles")).content.decode()
    form = browser.get(reverse("paper_style_add")).context["form"]
    data = {name: field.value() for name, field in ((name, form[name]) for name in form.fields)}
    data |= {"province": cast.tree.province.pk, "valid_from": "01/06/2026", "document": "399-QĐ/TW", "body_pt": "40"}
    refused = browser.post(reverse("paper_style_add"), data)
    assert (refused.status_code, "nhập nhiều nhất là 20" in refused.content.decode()) == (422, True)
    assert browser.post(reverse("paper_style_add"), data | {"body_pt": "15"}).status_code == 302
    assert "399-QĐ/TW" in browser.get(reverse("paper_styles")).content.decode()
    assert signed_in(cast.leader).get(reverse("paper_styles")).status_code == 403
    assert signed_in(cast.province_leader).get(reverse("paper_style_add")).status_code == 403
