"""Check pairs by lot: everybody checks and is checked, anybody can draw again, the checker reads the sample only."""

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import make_user
from core.errors import DomainError
from core.models import Activity
from core.periods import Period
from journal.models import Notice
from visits.checks.rules import draw_pairs, draw_sample
from visits.checks.services import draw_checks
from visits.models import CheckDraw, CheckPair
from visits.tests.builders import make_visit


@pytest.mark.parametrize("number", [2, 3, 4, 17])
@pytest.mark.parametrize("seed", ["a", "882301", "Số gieo có dấu"])
def test_everybody_checks_once_is_checked_once_and_never_oneself(number, seed):
    people = list(range(5, 5 + number))
    pairs = draw_pairs(people, seed)
    assert sorted(checker for checker, _ in pairs) == sorted(checked for _, checked in pairs) == people
    assert all(checker != checked for checker, checked in pairs)
    assert pairs == draw_pairs(reversed(people), seed)


def test_the_drawing_is_what_a_checksum_tool_gives():
    lots = sorted((sha256(f"7:can-bo:{pk}".encode()).hexdigest(), pk) for pk in (1, 2, 3))
    ring = [pk for _, pk in lots]
    assert draw_pairs([1, 2, 3], "7") == [(ring[0], ring[1]), (ring[1], ring[2]), (ring[2], ring[0])]
    visits = sorted(range(40, 50), key=lambda pk: sha256(f"7:luot-di:{pk}".encode()).hexdigest())
    assert draw_sample(range(40, 50), "7", 2) == visits[:2]
    assert draw_sample([8], "7", 2) == [8]
    assert len({tuple(draw_pairs(range(9), str(seed))) for seed in range(20)}) > 15


def test_one_alone_cannot_be_drawn():
    with pytest.raises(DomainError, match="ít nhất hai cán bộ"):
        draw_pairs([1], "7")


@pytest.fixture
def quarter():
    return Period.of_day(timezone.localdate(), "quarter").previous()


@pytest.fixture
def cadres(cast, quarter):
    """Three cadres of the district, three visits each in the quarter; the first is the one of the cast."""
    users = [cast.cadre, make_user("canbo2", "cadre", cast.tree.a), make_user("canbo3", "cadre", cast.tree.a)]
    for user in users:
        for village in cast.tree.villages:
            make_visit(user.person.posts.get(), village, quarter.first, findings=f"Kín của {user.username}")
    return users


def typed(cast, quarter, **fields):
    return {
        "unit": cast.tree.a.pk, "period": quarter.code, "sample_size": "2", "seed": "882301", "request_id": uuid4(),
    } | fields  # fmt: skip


def draw(cast, signed_in, quarter, **fields):
    return signed_in(cast.leader).post(reverse("check_draw_list"), typed(cast, quarter, **fields))


def test_a_quarter_is_drawn_once_and_the_page_repeats_it(cast, signed_in, quarter, cadres):
    data = typed(cast, quarter)
    browser = signed_in(cast.leader)
    first, second = (browser.post(reverse("check_draw_list"), data) for _ in range(2))
    assert first.status_code == 302
    assert first.url == second.url
    kept = CheckDraw.objects.get()
    people = sorted(user.person_id for user in cadres)
    assert (kept.seed, kept.candidates, kept.level, kept.district) == ("882301", people, "district", cast.tree.a)
    pairs = list(kept.pairs.all())
    assert [(pair.checker_id, pair.checked_id) for pair in pairs] == draw_pairs(people, "882301")
    assert all(pair.visits.count() == 2 and len(pair.pool) == 3 for pair in pairs)
    assert all(visit.person_id == pair.checked_id for pair in pairs for visit in pair.visits.all())
    assert set(Notice.objects.values_list("recipient__username", flat=True)) == {user.username for user in cadres}
    assert Activity.objects.filter(verb="check.draw").count() == 1
    page = browser.get(first.url, {"kiem-lai": "1"}).content.decode()
    assert "Khớp" in page
    assert 'data-total="3"' in page
    assert "882301:can-bo:" in page
    again = browser.post(reverse("check_draw_list"), data | {"request_id": uuid4(), "seed": "1"})
    assert again.status_code == 422
    assert "đã bốc thăm, số gieo 882301" in again.content.decode()


def test_a_kept_result_that_was_changed_does_not_match(cast, signed_in, quarter, cadres):
    url = draw(cast, signed_in, quarter).url
    pair = CheckPair.objects.first()
    pair.visits.set(set(pair.pool) - set(pair.visits.values_list("pk", flat=True)))
    assert "Không khớp" in signed_in(cast.leader).get(url, {"kiem-lai": "1"}).content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"period": "2031-Q1"}, "Quý vừa chọn không có"),
        ({"unit": "0"}, "Đơn vị có cán bộ vừa chọn không có trong danh sách"),
        ({"sample_size": "9"}, "lớn quá"),
    ],
)
def test_bad_drawings_are_refused(cast, signed_in, quarter, cadres, fields, sentence):
    answer = draw(cast, signed_in, quarter, **fields)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not CheckDraw.objects.exists()


def test_a_running_quarter_is_neither_offered_nor_drawn(cast, signed_in, quarter, cadres):
    running, today = quarter.next(), timezone.localdate()
    assert f'value="{running.code}"' not in signed_in(cast.leader).get(reverse("check_draw_list")).content.decode()
    chosen = {"unit": cast.tree.a, "period": running.code, "sample_size": 2}
    with pytest.raises(DomainError, match="chưa hết nên chưa bốc thăm được"):
        draw_checks(actor=cast.leader, today=today, now=timezone.now(), **chosen)
    assert not CheckDraw.objects.exists()


def test_without_a_seed_one_is_made_and_with_one_cadre_nothing_is_drawn(cast, signed_in, quarter, cadres):
    draw(cast, signed_in, quarter, seed="")
    assert len(CheckDraw.objects.get().seed) == 16
    answer = draw(cast, signed_in, quarter.previous(), seed="")
    assert "ít nhất hai cán bộ" in answer.content.decode()
    assert CheckDraw.objects.count() == 1


def test_only_the_unit_draws_and_strangers_see_nothing(cast, signed_in, quarter, cadres):
    url = reverse("check_draw_list")
    assert signed_in(cast.cadre).post(url, typed(cast, quarter)).status_code == 422
    assert signed_in(cast.other_leader).post(url, typed(cast, quarter)).status_code == 422
    assert signed_in(cast.village).post(url, typed(cast, quarter)).status_code == 403
    assert not CheckDraw.objects.exists()
    detail = draw(cast, signed_in, quarter).url
    pair = CheckPair.objects.get(checker=cast.cadre.person)
    for who, seen in (("other_leader", 404), ("commune", 404), ("specialist", 200), ("village", 403), ("cadre", 403)):
        assert signed_in(getattr(cast, who)).get(detail).status_code == seen, who
    for who, seen in (("other_leader", 404), ("commune", 404), ("leader", 200), ("village", 403), ("cadre", 200)):
        assert signed_in(getattr(cast, who)).get(pair.get_absolute_url()).status_code == seen, who


def test_the_checker_reads_the_sample_and_nothing_else_of_the_other(cast, signed_in, quarter, cadres):
    browser = signed_in(cast.cadre)
    assert 'data-total="3"' in browser.get(reverse("visit_list")).content.decode()
    draw(cast, signed_in, quarter)
    pair = CheckPair.objects.get(checker=cast.cadre.person)
    sample = set(pair.visits.values_list("pk", flat=True))
    answers = {
        visit.pk: browser.get(visit.get_absolute_url()).status_code
        for user in cadres[1:]
        for visit in user.person.visits.all()
    }
    assert {pk for pk, status in answers.items() if status == 200} == sample
    assert set(answers.values()) == {200, 404}
    page = browser.get(pair.get_absolute_url()).content.decode()
    assert 'data-total="2"' in page
    assert "Kín của" in browser.get(pair.visits.first().get_absolute_url()).content.decode()
    assert pair.checked.name in browser.get(reverse("check_draw_list")).content.decode()
    assert f"Kiểm tra chéo lượt đi của {pair.checked.name}" in browser.get("/").content.decode()
    assert "Kiểm tra chéo lượt đi" not in signed_in(cast.leader).get("/").content.decode()
    assert browser.get(reverse("visit_edit", args=[min(sample)])).status_code == 302


def test_the_result_is_written_by_the_checker_alone(cast, signed_in, quarter, cadres):
    draw(cast, signed_in, quarter)
    pair = CheckPair.objects.get(checker=cast.cadre.person)
    data, url = {"result": "Đã hỏi chi bộ, đúng như đã ghi.", "version": 1}, pair.get_absolute_url()
    assert signed_in(cast.leader).post(url, data).status_code == 403
    assert signed_in(cadres[1]).post(url, data).status_code == 404
    browser = signed_in(cast.cadre)
    assert browser.post(url, data | {"result": "  "}).status_code == 422
    assert browser.post(url, data | {"result": "Tài liệu tuyệt mật"}).status_code == 422
    assert browser.post(url, data).status_code == 302
    stale = browser.post(url, data | {"result": "Bản thứ hai"})
    assert stale.status_code == 409
    assert "đúng như đã ghi" in stale.content.decode()
    form = stale.context["form"]
    assert (form["result"].value(), form["version"].value()) == ("Bản thứ hai", "2")
    pair.refresh_from_db()
    assert (pair.result, pair.checked_on, pair.version) == (data["result"], timezone.localdate(), 2)
    assert "đúng như đã ghi" in signed_in(cast.leader).get(pair.draw.get_absolute_url()).content.decode()
    assert "chi bộ" not in repr(Activity.objects.filter(verb="check.report").values_list("before", "after"))


def test_the_unit_writes_for_a_checker_without_an_account(cast, signed_in, quarter, cadres):
    draw(cast, signed_in, quarter)
    cast.cadre.is_active = False
    cast.cadre.save()
    pair = CheckPair.objects.get(checker=cast.cadre.person)
    data = {"result": "Đồng chí báo cáo miệng: đúng như đã ghi.", "version": 1}
    assert signed_in(cast.leader).post(pair.get_absolute_url(), data).status_code == 302


def test_the_pages_take_the_same_queries_for_two_and_four(
    cast, signed_in, quarter, cadres, django_assert_max_num_queries, django_assert_num_queries
):
    url = draw(cast, signed_in, quarter).url
    browser = signed_in(cast.leader)
    browser.get(url)
    with django_assert_max_num_queries(15) as seen:
        browser.get(url)
    few = len(seen)
    more = [make_user(f"canbo{n}", "cadre", cast.tree.a) for n in (4, 5)]
    for user in more:
        make_visit(user.person.posts.get(), cast.tree.a2, quarter.first - timedelta(days=1))
    for user in cadres:
        make_visit(user.person.posts.get(), cast.tree.a2, quarter.first - timedelta(days=2))
    wide = draw(cast, signed_in, quarter.previous()).url
    with django_assert_num_queries(few):
        assert 'data-total="5"' in browser.get(wide).content.decode()
