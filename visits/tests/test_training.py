"""The training register from outside: turns and distinct persons, the list of participants, courses without one."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from conftest import make_person, make_post
from core.models import Activity
from core.periods import Period
from people.models import Person, Post
from units.reads import places_on
from visits.models import TrainingCourse, TrainingTurn
from visits.registers.reads import training_figures

TITLE = "Tập huấn kỹ năng hòa giải ở cơ sở"


def day_ago(days):
    return timezone.localdate() - timedelta(days=days)


def typed(unit, **fields):
    day = f"{day_ago(10):%d/%m/%Y}"
    return {"unit": unit.pk, "title": TITLE, "started_on": day, "ended_on": day, "request_id": uuid4()} | fields


def make_course(unit, day=None, **fields):
    day = day or day_ago(10)
    return TrainingCourse.objects.create(
        unit=unit, level=unit.level, title=TITLE, started_on=day, ended_on=day,
        **places_on([unit.pk], day)[unit.pk].columns, **fields,
    )  # fmt: skip


def join(course, *people):
    TrainingTurn.objects.bulk_create(TrainingTurn(course=course, person=person) for person in people)


def create(browser, unit, **fields):
    return browser.post(reverse("training_course_create"), typed(unit, **fields))


def test_a_course_takes_its_people_from_the_roster(cast, signed_in):
    browser, villages = signed_in(cast.district), cast.tree.villages
    answer = create(browser, cast.tree.a)
    course = TrainingCourse.objects.get()
    assert answer.url == course.get_absolute_url()
    assert (course.level, course.district, course.commune) == ("district", cast.tree.a, None)
    url = reverse("training_turn_add", args=[course.pk])
    page = browser.get(url).content.decode()
    assert 'data-total="8"' in page
    assert "Bí thư chi bộ, Trưởng thôn, khu" in page
    heads = {"chuc_danh": "village_head", "xa": cast.tree.a1.key}
    assert 'data-total="3"' in browser.get(url, heads).content.decode()
    assert 'data-total="1"' in browser.get(url, {"q": "le thi truong 1"}).content.decode()
    first = Post.objects.filter(unit=villages[0], position__in=("cell_secretary", "village_head"))
    assert browser.post(url, {"post": [post.pk for post in first]}).status_code == 302
    assert course.turns.count() == 1
    assert browser.post(f"{url}?chuc_danh=village_head", {"tat-ca": "1"}).status_code == 302
    assert browser.post(url, {"post": [post.pk for post in first]}).status_code == 302
    turns = course.turns.all()
    assert len(turns) == 3
    assert {turn.village_id for turn in turns} == {village.pk for village in villages}
    assert 'data-total="5"' in browser.get(url).content.decode()
    assert [line.after for line in Activity.objects.filter(verb="training.add").order_by("pk")] == [
        {"turns": 1}, {"turns": 2},
    ]  # fmt: skip


def test_only_people_in_force_below_the_unit(cast, signed_in):
    course = make_course(cast.tree.a1)
    browser, url = signed_in(cast.commune), reverse("training_turn_add", args=[course.pk])
    gone = make_post(make_person("Cũ"), cast.tree.villages[0], "cell_deputy", valid_to=day_ago(20))
    elsewhere = make_post(make_person("Xa"), cast.tree.b1, "village_head")
    for post in (gone, elsewhere, cast.commune.person.posts.get()):
        answer = browser.post(url, {"post": [post.pk]})
        assert answer.status_code == 422
        assert "không còn giữ chức danh" in answer.content.decode()
    assert browser.post(url, {}).status_code == 422
    assert browser.get(url, {"xa": "x"}).status_code == 422
    assert not course.turns.exists()


def test_people_are_taken_off_the_list_again(cast, signed_in):
    course, browser = make_course(cast.tree.a1), signed_in(cast.commune)
    browser.post(reverse("training_turn_add", args=[course.pk]), {"tat-ca": "1"})
    drop, remove = (reverse(name, args=[course.pk]) for name in ("training_course_drop", "training_turn_remove"))
    assert browser.post(drop, {"version": 1}).status_code == 422
    assert browser.post(remove, {}).status_code == 422
    assert browser.post(remove, {"turn": [turn.pk for turn in course.turns.all()[:3]]}).status_code == 302
    assert course.turns.count() == 5
    browser.post(remove, {"turn": [turn.pk for turn in course.turns.all()]})
    assert browser.post(drop, {"version": 9}).status_code == 409
    assert browser.post(drop, {"version": 1}).status_code == 302
    assert not TrainingCourse.objects.exists()
    assert Activity.objects.filter(verb="training.drop").count() == 1


def test_turns_and_persons(cast, signed_in, django_assert_num_queries):
    one, two, three = (make_person(name) for name in ("Một", "Hai", "Ba"))
    last_year = Period.year(timezone.localdate().year - 1)
    spring, autumn = (make_course(cast.tree.a1, last_year.first + timedelta(days=n)) for n in (60, 250))
    join(spring, one, two)
    join(autumn, one, three)
    make_course(cast.tree.a2, last_year.last, counted_turns=40, source="Báo cáo năm")
    across = make_course(cast.tree.a1, last_year.last)
    TrainingCourse.objects.filter(pk=across.pk).update(ended_on=last_year.last + timedelta(days=1))
    make_course(cast.tree.b1, last_year.first, counted_turns=7, source="Báo cáo năm")
    with django_assert_num_queries(2):
        figures = training_figures(Q(district=cast.tree.a), last_year)
    assert figures == {"training_courses": 3, "training_turns": 44, "training_persons": 3}
    assert training_figures(Q(commune=cast.tree.a1), last_year) == {
        "training_courses": 2, "training_turns": 4, "training_persons": 3,
    }  # fmt: skip
    browser = signed_in(cast.leader)
    rows = browser.get(reverse("training_years"), {"ky": last_year.code}).context["rows"]
    assert [(row.name, row.courses, row.turns, row.counted, row.persons) for row in rows] == [
        ("Xã Hải Lạng", 1, 40, 40, 0), ("Xã Đồng Tâm", 2, 4, 0, 3), ("", 3, 44, 40, 3),
    ]  # fmt: skip
    page = browser.get(reverse("training_course_list"), {"ky": last_year.code}).content.decode()
    assert 'data-total="3"' in page
    assert "chỉ có số lượt" in page
    assert "1 người trong số đó đã dự lớp khác" in browser.get(spring.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": " "}, "Nhập tên lớp"),
        ({"ended_on": "01/01/2090"}, "ở tương lai"),
        ({"ended_on": "01/01/2020"}, "từ ngày mở lớp trở đi"),
        ({"counted_turns": "40"}, "ghi rõ nguồn số liệu"),
        ({"counted_turns": "0", "source": "x"}, "nhỏ quá"),
        ({"unit": "0"}, "không có trong danh sách"),
    ],
)
def test_bad_input_is_a_sentence(cast, signed_in, fields, sentence):
    data = typed(cast.tree.a1, location="Nhà văn hóa xã") | fields
    answer = signed_in(cast.commune).post(reverse("training_course_create"), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "Nhà văn hóa xã" in page
    assert not TrainingCourse.objects.exists()


def test_a_counted_course_takes_no_names_and_a_named_one_no_number(cast, signed_in):
    counted, named = make_course(cast.tree.a1, counted_turns=40, source="Báo cáo"), make_course(cast.tree.a1)
    join(named, cast.cadre.person)
    browser = signed_in(cast.commune)
    assert browser.get(reverse("training_turn_add", args=[counted.pk])).status_code == 302
    url = reverse("training_course_edit", args=[named.pk])
    data = typed(cast.tree.a1, version=1, counted_turns="3", source="Báo cáo")
    assert "theo danh sách" in browser.post(url, data).content.decode()
    moved = typed(cast.tree.a1, version=1, started_on="01/01/2020")
    assert browser.post(url, moved).status_code == 422
    assert browser.post(url, typed(cast.tree.a1, version=1, title="Tên mới")).status_code == 302
    answer = browser.post(url, typed(cast.tree.a1, version=1, title="Tên khác"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Tên mới" in page
    assert "Tên khác" in page


def test_sending_twice_makes_one(cast, signed_in):
    browser, data = signed_in(cast.commune), typed(cast.tree.a1)
    first, second = (browser.post(reverse("training_course_create"), data) for _ in range(2))
    assert first.url == second.url
    assert TrainingCourse.objects.count() == 1


SEES = {
    "commune": 200, "commune_leader": 200, "leader": 200, "specialist": 200, "head": 200, "other_commune": 404,
    "other_leader": 404, "outsider": 404, "agency": 404, "cadre": 404, "village": 404, "admin": 404,
}  # fmt: skip


@pytest.mark.parametrize(("who", "status"), SEES.items())
def test_branch_only(cast, signed_in, who, status):
    course = make_course(cast.tree.a1)
    join(course, *Person.objects.all()[:2])
    browser = signed_in(getattr(cast, who))
    answers = {name: browser.get(reverse(name, args=[course.pk])).status_code for name in PAGES}
    assert set(answers.values()) <= {status, 200 if status == 200 else 403}, answers
    assert answers["training_course_detail"] == answers["training_course_print"] == status
    if status == 404:
        assert 'data-total="0"' in browser.get(reverse("training_course_list")).content.decode()
        assert browser.get(reverse("training_years")).context["rows"] == []
    if status != 200:
        drop = browser.post(reverse("training_turn_remove", args=[course.pk]), {"turn": 1})
        assert drop.status_code in (403, 404)
    assert course.turns.count() == 2


PAGES = ("training_course_detail", "training_course_print", "training_course_edit", "training_turn_add")


def test_pages_take_the_same_queries_for_one_and_three(cast, signed_in, django_assert_max_num_queries):
    browser, counts = signed_in(cast.leader), {}
    for number in (1, 2):
        for _ in range(number):
            course = make_course(cast.tree.a1)
            join(course, *[make_person(f"Người {n}") for n in range(number)])
        urls = [reverse(name) for name in ("training_course_list", "training_years")]
        urls += [reverse(name, args=[course.pk]) for name in ("training_course_detail", "training_course_print")]
        for name, url in enumerate(urls):
            browser.get(url)
            with django_assert_max_num_queries(15) as seen:
                assert browser.get(url).status_code == 200
            counts.setdefault(name, set()).add(len(seen.captured_queries))
    assert [len(found) for found in counts.values()] == [1] * 4
