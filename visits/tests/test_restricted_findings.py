"""Once a restricted opinion came of a visit, its words are for those who may read that opinion, and its author."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conftest import make_user
from core.models import Activity, Job
from core.periods import Period
from core.text import fold
from feedback.models import NamedReader, Opinion, Topic
from journal.models import Notice
from visits.models import CheckDraw, CheckPair, Visit
from visits.tests.builders import make_visit

SECRET, INSTEAD = "Hộ ông Cò Lửa tố cáo trưởng thôn", "Nội dung hạn chế xem"
READERS = ("commune", "commune_leader", "leader", "head", "province_leader")
STRANGERS = ("district", "specialist")
LIST = reverse("visit_list")


def raised(browser, visit, **fields):
    topic = Topic.objects.get(code="LAND").pk
    finding = {"text": SECRET, "kind": "petition", "topic": topic, "competence": "commune", "request_id": uuid4()}
    answer = browser.post(reverse("visit_raise", args=[visit.pk]), finding | {"visibility": "restricted"} | fields)
    assert answer.status_code == 302
    return Opinion.objects.latest("pk")


@pytest.fixture
def visit(cast, signed_in):
    """Logged by the commune's officer and raised as a restricted opinion, all from outside."""
    officer = signed_in(cast.commune)
    typed = {
        "unit": cast.tree.villages[0].pk, "group": "cell", "visited_on": f"{timezone.localdate():%d/%m/%Y}",
        "content": "Dự họp chi bộ.", "findings": SECRET, "help_given": f"{SECRET} (giúp)",
        "conduct": f"{SECRET} (điều hành)", "request_id": uuid4(), "person": cast.commune.person_id,
    }  # fmt: skip
    assert officer.post(reverse("visit_create"), typed).status_code == 302
    visit = Visit.objects.get()
    raised(officer, visit)
    return visit


def page(browser, address, **query):
    return browser.get(address, query).content.decode()


def total(browser, **query):
    return int(page(browser, LIST, **query).split('data-total="')[1].split('"')[0])


@pytest.mark.parametrize("who", READERS)
def test_those_who_read_the_opinion_read_the_visit(cast, signed_in, visit, who):
    browser = signed_in(getattr(cast, who))
    for address in (visit.get_absolute_url(), LIST):
        assert SECRET in page(browser, address)
        assert INSTEAD not in page(browser, address)
    assert total(browser, q="co lua") == total(browser, **{"van-de": "on"}) == 1


@pytest.mark.parametrize("who", STRANGERS)
def test_the_others_see_a_visit_without_its_words(cast, signed_in, visit, who):
    browser = signed_in(getattr(cast, who))
    form = reverse("visit_raise", args=[visit.pk])
    for address in (visit.get_absolute_url(), LIST, form):
        said = page(browser, address)
        assert "Cò Lửa" not in said, address
        assert INSTEAD in said, address
    assert browser.get(form).context["form"].initial["text"] == ""
    assert "Cò Lửa" not in page(browser, reverse("visit_questions"))
    assert visit.content in page(browser, visit.get_absolute_url())
    assert total(browser) == 1


@pytest.mark.parametrize("who", STRANGERS)
def test_a_word_of_the_findings_answers_like_nonsense(cast, signed_in, visit, who):
    """Two worlds that differ in the words alone, or in having any, cannot be told apart."""
    browser = signed_in(getattr(cast, who))
    found = []
    for words in (SECRET, "Việc khác hẳn", ""):
        texts = dict.fromkeys(("findings", "help_given", "conduct"), words)
        Visit.objects.update(search_text=fold(f"Nguyễn Thị Xa Thôn 1 {words}"), **texts)
        queries = ({"q": "co lua"}, {"q": "zzz"}, {"van-de": "on"}, {"q": "thon"}, {})
        found.append([*(total(browser, **query) for query in queries), page(browser, LIST).count(INSTEAD)])
        assert "Lượt đi không ghi vấn đề" not in page(browser, visit.get_absolute_url())
    assert found == [[0, 0, 1, 0, 1, 1]] * 3


def test_the_checker_the_village_and_other_branches(cast, signed_in, visit):
    post, today = cast.commune.person.posts.get(), timezone.localdate()
    address = visit.get_absolute_url()
    assert signed_in(cast.cadre).get(address).status_code == 404
    place = {"unit": cast.tree.a, "level": "district", "district": cast.tree.a, "province": cast.tree.province}
    draw = CheckDraw.objects.create(
        period=Period.of_day(today, "quarter").code, seed="1", drawn_at=timezone.now(), drawn_by_id=1, **place
    )
    pair = CheckPair.objects.create(draw=draw, number=1, checker=cast.cadre.person, checked=post.person)
    pair.visits.add(visit)
    checker, village = signed_in(cast.cadre), signed_in(cast.village)
    for where in (address, LIST, reverse("check_pair_detail", args=[pair.pk])):
        assert "Cò Lửa" not in page(checker, where), where
    assert INSTEAD in page(checker, address)
    assert total(checker, q="co lua") == 0
    for where in (address, LIST, "/"):
        said = page(village, where)
        assert "Cò Lửa" not in said, where
        assert INSTEAD not in said, where
    for who in ("other_commune", "other_leader", "outsider"):
        assert signed_in(getattr(cast, who)).get(address).status_code == 404, who


def test_whoever_went_and_whoever_wrote_it_down_keep_their_own_words(cast, signed_in, visit):
    """The opinion itself is not theirs to read; the record of the visit is, to the form that mends it."""
    Visit.objects.update(person=cast.cadre.person, post=cast.cadre.person.posts.get(), created_by_id=cast.district.pk)
    opinion = Opinion.objects.get()
    for who in (cast.cadre, cast.district):
        browser = signed_in(who)
        assert browser.get(opinion.get_absolute_url()).status_code == 404
        assert SECRET in page(browser, visit.get_absolute_url())
        assert SECRET in page(browser, reverse("visit_edit", args=[visit.pk]))
        assert total(browser, q="co lua") == 1
    colleague = signed_in(make_user("huyen2", "district", cast.tree.a))
    assert INSTEAD in page(colleague, visit.get_absolute_url())
    assert colleague.get(reverse("visit_edit", args=[visit.pk])).status_code == 302


def test_it_follows_the_opinion_whenever_that_is_restricted_opened_and_freed(cast, signed_in):
    visit = make_visit(
        cast.commune.person.posts.get(), cast.tree.villages[0], timezone.localdate(), findings=SECRET,
        search_text=fold(SECRET),
    )  # fmt: skip
    opinion = raised(signed_in(cast.commune), visit, visibility="normal")
    raised(signed_in(cast.commune), visit, text="Cống sập", visibility="normal")
    officer = signed_in(cast.district)

    def reads():
        words = {SECRET in page(officer, address) for address in (visit.get_absolute_url(), LIST)}
        assert words == {bool(total(officer, q="co lua"))}
        return words.pop()

    assert reads()
    act = {"version": opinion.version, "note": "Hướng dẫn gửi đơn."}
    assert signed_in(cast.commune).post(reverse("opinion_redirect", args=[opinion.pk]), act).status_code == 302
    assert not reads()
    assert "Cống sập" in page(officer, visit.get_absolute_url())
    post = cast.district.person.posts.get()
    opened = NamedReader.objects.create(opinion=opinion, post=post, named_by_id=cast.commune_leader.pk)
    assert reads()
    opened.delete()
    assert not reads()
    Opinion.objects.filter(pk=opinion.pk).update(visibility="normal")
    assert reads()


def test_a_meetings_opinion_of_the_same_number_keeps_nothing(cast, signed_in, visit):
    Opinion.objects.update(origin="meeting")
    assert SECRET in page(signed_in(cast.district), visit.get_absolute_url())


def test_neither_notices_nor_the_log_nor_jobs_hold_the_words(cast, signed_in, visit):
    kept = [
        *Notice.objects.values_list("text", "lines", "key"),
        *Activity.objects.values_list("verb", "before", "after"),
        *Job.objects.values_list("title", "params"),
    ]
    assert len(kept) > 3
    assert not [row for row in kept if "Cò Lửa" in str(row)]


def test_the_list_takes_the_same_queries_for_one_and_three(cast, signed_in, visit, django_assert_num_queries):
    browser = signed_in(cast.district)
    page(browser, LIST, q="a")
    with CaptureQueriesContext(connection) as seen:
        page(browser, LIST)
    number = len(seen)
    for days in (1, 2):
        post = cast.commune.person.posts.get()
        other = make_visit(post, cast.tree.villages[0], timezone.localdate() - timedelta(days=days), findings=SECRET)
        raised(signed_in(cast.commune), other)
    with django_assert_num_queries(number):
        assert page(browser, LIST).count(INSTEAD) == 3
