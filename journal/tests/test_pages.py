"""Notices are one's own and read by POST; the log shows an administrator the branch, without content."""

import pytest

from core.activity import record
from core.models import Activity
from journal.models import Notice
from journal.services import notify
from units import services as unit_services

NOTICES = "/thong-bao/"
LOG = "/nhat-ky/"


@pytest.fixture
def notice(cast):
    notify([cast.commune.pk], key="k1", text="Ý kiến số 3 đã được trả lời", url="/y-kien/")
    return Notice.objects.get()


def test_a_notice_is_read_by_opening_it(cast, signed_in, notice):
    browser = signed_in(cast.commune)
    page = browser.get(NOTICES)
    assert 'data-total="1"' in page.content.decode()
    assert notice.text in page.content.decode()
    assert browser.get(f"{NOTICES}{notice.pk}/mo/").status_code == 405
    notice.refresh_from_db()
    assert notice.read_at is None
    assert browser.post(f"{NOTICES}{notice.pk}/mo/").url == "/y-kien/"
    notice.refresh_from_db()
    first = notice.read_at
    browser.post(f"{NOTICES}{notice.pk}/mo/")
    notice.refresh_from_db()
    assert notice.read_at == first
    assert 'data-total="0"' in browser.get(NOTICES).content.decode()
    assert notice.text in browser.get(NOTICES, {"xem": "tat-ca"}).content.decode()


def test_notices_of_others_do_not_exist(cast, signed_in, notice):
    browser = signed_in(cast.outsider)
    assert notice.text not in browser.get(NOTICES, {"xem": "tat-ca"}).content.decode()
    assert browser.post(f"{NOTICES}{notice.pk}/mo/").status_code == 404
    browser.post(f"{NOTICES}da-doc/")
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_are_read_at_once(cast, signed_in, notice):
    notify([cast.commune.pk], key="k2", text="Hội nghị tháng 11 đã quá hạn")
    assert signed_in(cast.commune).post(f"{NOTICES}da-doc/").url == NOTICES
    assert not Notice.objects.unread().exists()


@pytest.mark.parametrize("url", ["https://example.org/", "//example.org/", "javascript:alert(1)", ""])
def test_a_notice_leads_nowhere_else(cast, signed_in, url):
    notify([cast.commune.pk], key="k3", text="x", url=url)
    assert signed_in(cast.commune).post(f"{NOTICES}{Notice.objects.get().pk}/mo/").url == NOTICES


def test_told_already_is_not_told_again(cast):
    for _ in range(2):
        notify([cast.commune.pk, cast.leader.pk], key="k", text="x")
    assert Notice.objects.count() == 2


def seen(page):
    return [(row["actor"], row["words"]) for row in page.context["page"].rows]


def test_the_log_of_the_branch(cast, signed_in):
    post = cast.commune.person.posts.get()
    record(cast.commune_leader.pk, "post.begin", post)
    record(cast.commune.pk, "user.sign_in", cast.commune)
    record(cast.outsider.pk, "post.begin", cast.outsider.person.posts.get())
    record(cast.outsider.pk, "user.sign_in", cast.outsider)
    unit_services.ensure_default_body(cast.tree.a1, post.valid_from)
    page = signed_in(cast.admin).get(LOG)
    lines = [("Hệ thống", "Cơ quan: thêm"), ("xa", "Tài khoản: đăng nhập"), ("bithu", "Chức danh: bắt đầu")]
    assert seen(page) == lines
    assert 'data-total="3"' in page.content.decode()
    assert seen(signed_in(cast.admin).get(LOG, {"nguoi": "xa"})) == lines[1:2]
    assert seen(signed_in(cast.admin).get(LOG, {"ve": "post"})) == lines[2:]
    assert seen(signed_in(cast.admin).get(LOG, {"ngay": "01/01/2020"})) == []
    assert seen(signed_in(cast.admin).get(LOG, {"nguoi": "nguoingoai"})) == []


@pytest.mark.parametrize("who", ["commune", "leader", "head", "province_leader", "agency"])
def test_the_log_is_for_administrators(cast, signed_in, who):
    assert signed_in(getattr(cast, who)).get(LOG).status_code == 403


def test_the_log_pages_by_key(cast, signed_in, django_assert_max_num_queries):
    for _ in range(120):
        record(cast.commune.pk, "user.sign_in", cast.commune)
    browser = signed_in(cast.admin)
    shown, address = [], LOG
    while address:
        page = browser.get(address)
        shown += [row["pk"] for row in page.context["page"].rows]
        address = page.context["page"].next_url and LOG + page.context["page"].next_url
    assert shown == list(Activity.objects.order_by("-pk").values_list("pk", flat=True))
    with django_assert_max_num_queries(15):
        browser.get(LOG)


def test_the_log_keeps_what_was_written_to_itself(cast, signed_in):
    record(cast.commune.pk, "person.edit", cast.commune.person, after={"name": "Kín Đáo"})
    assert "Kín Đáo" not in signed_in(cast.admin).get(LOG).content.decode()
