"""Letters about opinions: what they say, who may write them, and what they never hold."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document

from feedback.tests.builders import make_opinion
from meetings.models import IssuedPaper

pytestmark = pytest.mark.django_db
SECRET = "Khuê mật ngữ riêng"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def raised(cast, today):
    def raise_one(text="Đề nghị sửa cầu Bến Gạo", **fields):
        facts = {"raised_on": today - timedelta(days=50), "village": cast.tree.villages[0], "raised_by_name": "Lê Hoa"}
        return make_opinion(cast.tree.a1, text, **(facts | fields))

    return raise_one


def form(today, **fields):
    typed = {"host": "party", "host_was": "party", "signed_on": f"{today:%d/%m/%Y}", "signer_title": "Bí thư"}
    return typed | {"signer_name": "Trần Văn Bí", "addressees": "Huyện ủy Yên Sơn", "request_id": "r1"} | fields


def words_of(response):
    document = Document(BytesIO(response.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_a_commune_forwards_one_opinion_and_the_number_stays_with_it(cast, signed_in, raised, today):
    opinion, browser = raised(), signed_in(cast.commune)
    url = reverse("letter_draft", args=[opinion.pk, "chuyen-kien-nghi"])
    assert url in browser.get(opinion.get_absolute_url()).content.decode()
    page = browser.get(url).content.decode()
    assert "sửa cầu Bến Gạo" in page
    assert "Huyện ủy Yên Sơn" in page
    assert not IssuedPaper.objects.exists()
    issue = reverse("letter_issue", args=[opinion.pk, "chuyen-kien-nghi"])
    done = browser.post(issue, form(today))
    row = IssuedPaper.objects.get()
    assert (done.status_code, row.opinion_id, row.kind, row.symbol) == (302, opinion.pk, "forwarding", "01-CV/ĐU")
    browser.post(issue, form(today))
    assert IssuedPaper.objects.count() == 1
    assert row.symbol in browser.get(opinion.get_absolute_url()).content.decode()
    assert browser.post(issue, form(today, signed_on="", request_id="r2")).status_code == 422


def test_the_government_has_its_own_frame_and_signer(cast, signed_in, raised, today):
    typed = form(today, host="gov")
    url = reverse("letter_download", args=[raised().pk, "chuyen-kien-nghi"])
    words = words_of(signed_in(cast.commune).post(url, typed))
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in words
    assert "CHỦ TỊCH" in words


def test_an_answer_is_written_only_when_there_is_one(cast, signed_in, raised, today):
    waiting = raised()
    url = reverse("letter_draft", args=[waiting.pk, "tra-loi"])
    assert "chưa có kết quả" in signed_in(cast.commune).get(url).content.decode()
    assert signed_in(cast.commune).post(url.replace("tra-loi/", "tra-loi/ban-hanh/"), form(today)).status_code == 422
    done = raised(status="resolved", answer="Cầu đã thông xe", settled_on=today)
    page = signed_in(cast.commune).get(reverse("letter_draft", args=[done.pk, "tra-loi"])).content.decode()
    assert "Cầu đã thông xe" in page
    assert "Lê Hoa" in page


def test_urging_names_what_is_late_and_by_how_many_days(cast, signed_in, raised, today):
    raised(due_on=today - timedelta(days=12), body=cast.bodies.commune, status="assigned")
    raised("Còn trong hạn", due_on=today + timedelta(days=5))
    raised(SECRET, due_on=today - timedelta(days=3), visibility="restricted")
    page = signed_in(cast.commune).get(reverse("letters_draft", args=["don-doc"])).content.decode()
    assert "sửa cầu Bến Gạo" in page
    assert ">12<" in page.replace("\n", "").replace(" ", "")
    assert cast.bodies.commune.name in page
    assert "1 ý kiến hạn chế xem không in" in page
    assert "Còn trong hạn" not in page
    assert SECRET not in page


def test_urging_goes_to_every_other_holder_and_body_and_not_to_the_own_committee(cast, signed_in, raised, today):
    late = {"due_on": today - timedelta(days=12)}
    raised("Giữ ở xã, chưa giao", **late)
    raised("Giao cơ quan huyện", holder=cast.tree.a, body=cast.bodies.district, status="assigned", **late)
    raised("Huyện giữ, chưa giao", holder=cast.tree.a, status="escalated", **late)
    page = signed_in(cast.commune).get(reverse("letters_draft", args=["don-doc"]))
    addressees = page.context["form"]["addressees"].value().splitlines()
    assert sorted(addressees) == sorted([cast.bodies.district.name, cast.tree.a.name])


def test_the_summary_counts_all_and_prints_no_restricted_one(cast, signed_in, raised, today):
    raised(hides_speaker=True)
    ticked = raised("Đèn đường hỏng", status="resolved", answer="Đã thay", settled_on=today)
    secret = raised(SECRET, visibility="restricted")
    browser, url = signed_in(cast.leader), reverse("letters_draft", args=["tong-hop"])
    page = browser.get(f"{url}?trang-thai=all").content.decode()
    assert "3 ý kiến, kiến nghị, trong đó 1 ý kiến hạn chế xem" in page
    assert SECRET not in page
    some = browser.post(url, {"opinion": [ticked.pk, secret.pk]}).content.decode()
    assert "Đèn đường hỏng" in some
    assert "Bến Gạo" not in some
    assert SECRET not in some
    done = browser.post(reverse("letters_issue", args=["tong-hop"]), form(today, opinion=[ticked.pk, secret.pk]))
    row = IssuedPaper.objects.get()
    assert (done.status_code, row.symbol, row.opinion_id) == (302, "01-BC/HU", None)
    assert SECRET not in str(row.content)


def test_a_letter_of_a_restricted_opinion_is_for_those_who_see_it_and_names_nobody(cast, signed_in, raised, today):
    secret = raised(SECRET, visibility="restricted")
    url = reverse("letter_draft", args=[secret.pk, "chuyen-kien-nghi"])
    page = signed_in(cast.commune_leader).get(url).content.decode()
    assert SECRET in page
    assert "Lê Hoa" not in page
    issue = reverse("letter_issue", args=[secret.pk, "chuyen-kien-nghi"])
    signed_in(cast.commune_leader).post(issue, form(today))
    row = IssuedPaper.objects.get()
    assert SECRET not in row.subject
    for actor in (cast.district, cast.specialist, cast.outsider):
        assert signed_in(actor).get(url).status_code == 404
        assert signed_in(actor).get(reverse("paper_detail", args=[row.pk])).status_code == 404


@pytest.mark.parametrize(
    ("actor", "status"), [("agency", 403), ("village", 403), ("other_commune", 404), ("province_leader", 403)]
)
def test_who_may_not_write_letters(cast, signed_in, raised, actor, status):
    url = reverse("letter_draft", args=[raised().pk, "chuyen-kien-nghi"])
    assert signed_in(getattr(cast, actor)).get(url).status_code == status


@pytest.mark.parametrize("slug", ["khong-co", "tong-hop"])
def test_an_unknown_letter_is_not_found(cast, signed_in, raised, slug):
    assert signed_in(cast.commune).get(reverse("letter_draft", args=[raised().pk, slug])).status_code == 404
    assert signed_in(cast.commune).get(reverse("letters_draft", args=["tra-loi"])).status_code == 404


def test_a_list_of_letters_takes_as_many_statements_for_one_row_as_for_three(
    cast, signed_in, raised, django_assert_max_num_queries
):
    browser, url, counts = signed_in(cast.commune), reverse("letters_draft", args=["tong-hop"]), []
    raised()
    browser.get(url)
    for _ in range(2):
        with django_assert_max_num_queries(60) as captured:
            browser.get(url)
        counts.append(len(captured))
        raised("Hai")
        raised("Ba")
    assert counts[0] == counts[1]
