"""The commendation register from outside: who, by whom, for what, and the initiative behind it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from core.models import Activity
from core.periods import Period
from feedback.models import Initiative
from feedback.tests.builders import make_opinion
from people.models import Post
from visits.models import Commendation
from visits.registers.reads import commendation_figures

REASON = "Vận động nhân dân hiến 300 m2 đất làm đường thôn."
IDEA = "Lập nhóm tin nhắn của từng tổ tự quản"


@pytest.fixture
def post(cast):
    return Post.objects.get(unit=cast.tree.villages[1], position="village_head")


def day():
    return timezone.localdate() - timedelta(days=20)


def typed(**fields):
    data = {"form": "paper", "issuer": "UBND xã Đồng Tâm", "decided_on": f"{day():%d/%m/%Y}", "reason": REASON}
    return data | {"request_id": uuid4()} | fields


def make_initiative(cast, **fields):
    return Initiative.objects.create(opinion=make_opinion(cast.tree.a1, IDEA, day(), kind="initiative", **fields))


def create(browser, **fields):
    return browser.post(reverse("commendation_create"), typed(**fields))


def test_a_person_is_commended_for_an_initiative(cast, signed_in, post):
    initiative, browser = make_initiative(cast), signed_in(cast.commune)
    form = browser.get(reverse("commendation_create")).content.decode()
    assert post.person.name in form
    assert IDEA in form
    answer = create(browser, post=post.pk, initiative=initiative.pk, decision_number="125/QĐ-UBND")
    commendation = Commendation.objects.get()
    assert answer.url == commendation.get_absolute_url()
    assert (commendation.person, commendation.unit, commendation.village, commendation.commune) == (
        post.person, post.unit, post.unit, cast.tree.a1,
    )  # fmt: skip
    page = browser.get(answer.url).content.decode()
    assert "125/QĐ-UBND" in page
    assert IDEA in page
    assert REASON not in str(list(Activity.objects.values_list("after", flat=True)))
    leader = signed_in(cast.leader)
    assert 'data-total="1"' in leader.get(reverse("commendation_list"), {"q": "hien 300"}).content.decode()
    for query, number in (({"hinh-thuc": "letter"}, 0), ({"hinh-thuc": "paper"}, 1), ({"ky": "2020"}, 0)):
        assert f'data-total="{number}"' in leader.get(reverse("commendation_list"), query).content.decode()


def test_a_village_is_commended_and_counted_where_it_lies(cast, signed_in):
    browser = signed_in(cast.district)
    url = f"{reverse('commendation_create')}?don-vi={cast.tree.a1.key}"
    data = typed(village=cast.tree.villages[0].pk, form="certificate", issuer="UBND tỉnh")
    assert browser.post(url, data).status_code == 302
    period = Period.of_day(day(), "year")
    for place, number in ((Q(commune=cast.tree.a1), 1), (Q(district=cast.tree.a), 1), (Q(district=cast.tree.b), 0)):
        assert commendation_figures(place, period) == {"commendations": number}
    assert browser.get(reverse("commendation_create"), {"don-vi": cast.tree.b1.key}).status_code == 404
    village = browser.get(Commendation.objects.get().get_absolute_url()).content.decode()
    assert "Thôn 1" in village


@pytest.mark.parametrize("hidden", [{"visibility": "restricted"}, {"hides_speaker": True}])
def test_what_may_not_be_named_is_neither_offered_nor_shown(cast, signed_in, post, hidden):
    initiative, browser = make_initiative(cast, **hidden), signed_in(cast.commune_leader)
    assert IDEA not in browser.get(reverse("commendation_create")).content.decode()
    assert create(browser, post=post.pk, initiative=initiative.pk).status_code == 422
    create(browser, post=post.pk)
    commendation = Commendation.objects.get()
    Commendation.objects.update(initiative=initiative)
    assert IDEA not in browser.get(commendation.get_absolute_url()).content.decode()
    url = reverse("commendation_edit", args=[commendation.pk])
    assert IDEA not in browser.get(url).content.decode()
    assert browser.post(url, typed(post=post.pk, version=1)).status_code == 302
    assert Commendation.objects.get().initiative == initiative


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"post": ""}, "Chọn một người hoặc một thôn"),
        ({"decided_on": "01/01/2090"}, "ở tương lai"),
        ({"decided_on": "01/01/2013"}, "sau ngày khen"),
        ({"reason": "Hồ sơ tuyệt mật"}, "bí mật nhà nước"),
        ({"issuer": " "}, "Nhập cơ quan khen"),
        ({"form": ""}, "Chọn hình thức"),
        ({"post": "0"}, "không có trong danh sách"),
    ],
)
def test_bad_input_is_a_sentence(cast, signed_in, post, fields, sentence):
    answer = signed_in(cast.commune).post(reverse("commendation_create"), typed(post=post.pk) | fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert (fields.get("reason") or REASON) in page
    assert not Commendation.objects.exists()


def test_both_a_person_and_a_village_is_one_too_many(cast, signed_in, post):
    answer = create(signed_in(cast.commune), post=post.pk, village=post.unit_id)
    assert answer.status_code == 422


def test_it_is_mended_taken_back_and_never_overwritten_unseen(cast, signed_in, post):
    browser = signed_in(cast.commune)
    data = typed(post=post.pk)
    assert (
        browser.post(reverse("commendation_create"), data).url == browser.post(reverse("commendation_create"), data).url
    )
    commendation = Commendation.objects.get()
    edit, drop = (reverse(name, args=[commendation.pk]) for name in ("commendation_edit", "commendation_drop"))
    assert browser.post(edit, typed(post=post.pk, version=1, reason="Lý do một")).status_code == 302
    answer = browser.post(edit, typed(post=post.pk, version=1, reason="Lý do hai"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Lý do một" in page
    assert "Lý do hai" in page
    assert browser.post(drop, {"version": 1}).status_code == 409
    assert browser.post(drop, {"version": 2}).status_code == 302
    assert not Commendation.objects.exists()
    assert Activity.objects.filter(verb="commendation.drop").count() == 1


SEES = {
    "commune": 200, "leader": 200, "head": 200, "other_commune": 404, "other_leader": 404, "outsider": 404,
    "agency": 404, "cadre": 404, "village": 404, "admin": 404,
}  # fmt: skip


@pytest.mark.parametrize(("who", "status"), SEES.items())
def test_branch_only(cast, signed_in, post, who, status):
    create(signed_in(cast.commune), post=post.pk)
    commendation, browser = Commendation.objects.get(), signed_in(getattr(cast, who))
    assert browser.get(commendation.get_absolute_url()).status_code == status
    edit = browser.get(reverse("commendation_edit", args=[commendation.pk])).status_code
    assert edit == 200 if status == 200 else edit in (403, 404)
    if status == 404:
        assert 'data-total="0"' in browser.get(reverse("commendation_list")).content.decode()
    if status != 200:
        drop = browser.post(reverse("commendation_drop", args=[commendation.pk]), {"version": 1})
        assert drop.status_code in (403, 404)


def test_the_list_takes_the_same_queries_for_one_and_three(
    cast, signed_in, post, django_assert_max_num_queries, django_assert_num_queries
):
    officer, browser, url = signed_in(cast.commune), signed_in(cast.leader), reverse("commendation_list")
    create(officer, post=post.pk)
    browser.get(url)
    with django_assert_max_num_queries(15) as seen:
        browser.get(url)
    number = len(seen.captured_queries)
    create(officer, post=post.pk)
    create(officer, village=cast.tree.villages[0].pk)
    with django_assert_num_queries(number):
        assert 'data-total="3"' in browser.get(url).content.decode()


@pytest.mark.parametrize(("days", "is_taken"), [(-1, False), (0, True), (1, True)])
def test_nothing_is_commended_before_it_was_raised(cast, signed_in, post, days, is_taken):
    initiative = make_initiative(cast)
    decided_on = day() + timedelta(days=days)
    answer = create(
        signed_in(cast.commune), post=post.pk, initiative=initiative.pk, decided_on=f"{decided_on:%d/%m/%Y}"
    )
    assert answer.status_code == (302 if is_taken else 422)
    assert Commendation.objects.exists() == is_taken
    if not is_taken:
        assert f"nêu ngày {day():%d/%m/%Y}, sau ngày khen" in answer.content.decode()
        assert REASON in answer.content.decode()
