"""Who spoke and who did not: a table that adds up, a question with an offer, no names outside the own unit."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conftest import make_unit
from feedback.tests.builders import make_meeting, make_opinion
from proceedings.preparation.speakers import silent_run
from units.loading import rebuild_tree

URL = "/hoi-nghi/phat-bieu/"


@pytest.mark.parametrize(
    ("cells", "run"),
    [
        ([], 0),
        ([0], 1),
        ([1], 0),
        ([0, 0, 0], 3),
        ([2, 0, 0], 2),
        ([0, 0, 1], 0),
        ([None, 0, 0], 2),
        ([None, None], 0),
        ([0, None, 0], 1),
    ],
)
def test_the_silent_run_counts_back_from_the_last_meeting(cells, run):
    assert silent_run(cells) == run


@pytest.fixture
def today(db):
    return timezone.localdate()


@pytest.fixture
def meetings(cast, today):
    """Four monthly meetings of the commune, oldest first."""
    return [make_meeting(cast.tree.a1, today - timedelta(days=30 * n), opinion_count=2) for n in (3, 2, 1, 0)]


def raise_at(meeting, village, **fields):
    return make_opinion(meeting.unit, raised_on=meeting.held_on, meeting=meeting, village=village, **fields)


def page_of(browser, **query):
    answer = browser.get(URL, query)
    assert answer.status_code == 200
    return answer


def test_villages_silent_for_some_meetings_are_asked_about_with_an_offer(cast, signed_in, meetings):
    first, second, third = cast.tree.villages
    raise_at(meetings[0], first, raised_by_name="Trần Văn An", kind="initiative")
    raise_at(meetings[3], second, raised_by_name="Trần Văn An")
    raise_at(meetings[3], None)
    answer = page_of(signed_in(cast.commune))
    assert [(row["name"], row["silent"]) for row in answer.context["asks"]] == [("Thôn 1", 3), ("Thôn 3", 4)]
    text = answer.content.decode()
    assert f"{reverse('basket_list')}?thon={third.key}" in text
    assert 'data-total="3"' in text
    assert answer.context["rows"][0]["words"] == ["1", "–", "–", "–"]
    assert (answer.context["total_row"]["sum"], answer.context["others"][0]["sum"]) == (3, 1)
    both = meetings[0].year == meetings[3].year
    assert [(row["raised_by_name"], row["number"], row["ideas"]) for row in answer.context["names"]] == [
        ("Trần Văn An", 1 + both, int(both))
    ]


def test_the_home_page_asks_the_officer_once(cast, signed_in, meetings):
    raise_at(meetings[3], cast.tree.villages[0])
    assert "2 thôn, khu chưa nêu ý kiến từ 3 kỳ liền" in signed_in(cast.commune).get("/").content.decode()
    assert "kỳ liền" not in signed_in(cast.leader).get("/").content.decode()


def test_two_meetings_are_no_silence(cast, signed_in, today):
    for days in (30, 0):
        make_meeting(cast.tree.a1, today - timedelta(days=days))
    assert page_of(signed_in(cast.commune)).context["asks"] == []
    assert "kỳ liền" not in signed_in(cast.commune).get("/").content.decode()


def test_a_new_village_is_not_blamed_for_the_meetings_before_it(cast, signed_in, meetings, today):
    make_unit("village", "90101-09", "Thôn 9", cast.tree.a1, valid_from=meetings[2].held_on)
    rebuild_tree()
    rows = {row["name"]: row for row in page_of(signed_in(cast.commune)).context["rows"]}
    assert rows["Thôn 9"]["cells"] == [None, None, 0, 0]
    assert rows["Thôn 9"]["silent"] == 2
    assert "3 thôn, khu chưa nêu ý kiến" in signed_in(cast.commune).get("/").content.decode()


def test_restricted_opinions_are_counted_and_never_named(cast, signed_in, meetings):
    secret = raise_at(meetings[3], cast.tree.villages[0], visibility="restricted", raised_by_name="Người Kín Đáo")
    assert secret.pk
    above = page_of(signed_in(cast.district), **{"don-vi": cast.tree.a1.key})
    others = {row["name"]: row["sum"] for row in above.context["others"]}
    assert others == {"Hạn chế xem": 1}
    assert above.context["total_row"]["sum"] == 1
    own = page_of(signed_in(cast.commune)).content.decode()
    for text in (own, above.content.decode()):
        assert "Người Kín Đáo" not in text


def test_names_stay_in_their_own_unit(cast, signed_in, meetings):
    raise_at(meetings[3], cast.tree.villages[0], raised_by_name="Phạm Thị Nêu")
    assert "Phạm Thị Nêu" in page_of(signed_in(cast.commune_leader)).content.decode()
    for user in (cast.leader, cast.specialist, cast.province_leader):
        text = page_of(signed_in(user), **{"don-vi": cast.tree.a1.key}).content.decode()
        assert "Thôn 1" in text
        assert "Phạm Thị Nêu" not in text


def test_the_median_of_the_others_needs_three_of_them(cast, signed_in, today, meetings):
    assert page_of(signed_in(cast.commune)).context["peers"] is None
    others = [cast.tree.a2, *(make_unit("commune", f"9019{n}", f"Xã {n}", cast.tree.a) for n in (1, 2))]
    rebuild_tree()
    for unit, count in zip(others, (1, 5, 9), strict=True):
        make_meeting(unit, today - timedelta(days=20), opinion_count=count)
    peers = page_of(signed_in(cast.commune)).context["peers"]
    assert (peers["own"], peers["median"], peers["count"], peers["above"]) == ("2,0", "5,0", 3, "Huyện Yên Sơn")


def test_a_district_sees_its_communes(cast, signed_in, today):
    meeting = make_meeting(cast.tree.a, today, opinion_count=1)
    make_opinion(cast.tree.a1, raised_on=today, meeting=meeting, level="district")
    answer = page_of(signed_in(cast.leader))
    assert [(row["name"], row["cells"]) for row in answer.context["rows"]] == [
        ("Xã Đồng Tâm", [1]),
        ("Xã Hải Lạng", [0]),
    ]


def test_who_chooses_and_who_may_not(cast, signed_in, meetings):
    assert "Chọn một đơn vị" in page_of(signed_in(cast.specialist)).content.decode()
    for user in (cast.outsider, cast.other_commune, cast.other_leader):
        assert signed_in(user).get(URL, {"don-vi": cast.tree.a1.key}).status_code == 404
    for user in (cast.agency, cast.cadre, cast.admin, cast.village):
        assert signed_in(user).get(URL).status_code == 403


def test_the_number_of_queries_does_not_grow(cast, signed_in, today):
    browser = signed_in(cast.commune)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            page_of(browser)
        return len(seen)

    raise_at(make_meeting(cast.tree.a1, today), cast.tree.villages[0])
    browser.get(URL)
    few = queries()
    for days in (30, 60):
        for village in cast.tree.villages[1:]:
            raise_at(make_meeting(cast.tree.a1, today - timedelta(days=days)), village)
    assert queries() <= few <= 18


def test_the_check_page_names_who_was_away_and_links_each_gap(cast, signed_in, today):
    meeting = make_meeting(cast.tree.a1, date(today.year, 1, 5), attendance_count=3, invited_count=4)
    meeting.attendances.create(name="Trần Văn Vắng", duties="Bí thư chi bộ Thôn 1", presence="excused")
    raise_at(meeting, None)
    answer = signed_in(cast.commune).get(reverse("meeting_check", args=[meeting.pk]))
    text = answer.content.decode()
    assert "Trần Văn Vắng, Bí thư chi bộ Thôn 1" in text
    gaps = {gap["text"]: gap["url"].partition("#")[2] for gap in answer.context["gaps"]}
    assert gaps["Chưa ghi kết luận của chủ trì."] == "id_conclusions"
    assert gaps["1 đồng chí vắng có lý do nhưng chưa ghi lý do."] == "attendance"
    place = next(place for text, place in gaps.items() if text.startswith("Ý kiến 1: chưa ghi nêu từ thôn, khu nào"))
    assert place == f"opinion-{meeting.opinions.get().pk}"
    form = signed_in(cast.commune).get(reverse("meeting_log", args=[meeting.pk])).content.decode()
    for anchor in filter(None, gaps.values()):
        assert f'id="{anchor}"' in form, anchor
