"""The review desk and an opinion's page, from outside."""

from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.models import Activity
from feedback.enums import OpinionStatus
from feedback.models import Extension, Matter, Opinion
from feedback.reads import answers_to_read_back, desk_counts, most_overdue
from feedback.tests.builders import make_meeting, make_opinion, topic

pytestmark = pytest.mark.django_db
SECRET = "Canh-bí-mật-riêng"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def raised(cast, today):
    """Builder of opinions raised some days ago (due 30 days later)."""

    def raise_one(unit=None, text="Đề nghị sửa đường", days=10, **fields):
        return make_opinion(unit or cast.tree.a1, text, raised_on=today - timedelta(days=days), **fields)

    return raise_one


def desk(browser, **filters):
    return browser.get(f"/y-kien/?{urlencode(filters)}")


def total_of(response):
    return response.context["total"]


def shown(response):
    return [row["pk"] for row in response.context["rows"]]


def test_the_queue_shows_ones_own_unresolved_branch_most_overdue_first(cast, signed_in, raised):
    late, later = raised(days=50), raised(days=90)
    raised(status="resolved")
    elsewhere = raised(cast.tree.b1, "Việc nơi khác")
    page = desk(signed_in(cast.leader))
    assert shown(page) == [later.pk, late.pk]
    assert f'data-total="{total_of(page)}"' in page.content.decode()
    assert "Việc nơi khác" not in page.content.decode()
    assert set(shown(desk(signed_in(cast.head)))) == {late.pk, later.pk, elsewhere.pk}
    for nobody in (cast.outsider, cast.cadre, cast.admin, cast.agency):
        assert shown(desk(signed_in(nobody))) == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "old new held pressing env"),
        ({"han": "qua-han"}, "old"),
        ({"han": "7-ngay"}, "env"),
        ({"tuoi": "0-30"}, "new held pressing env"),
        ({"tuoi": "61-90"}, "old"),
        ({"linh-vuc": "ENV"}, "env"),
        ({"loai": "initiative"}, "pressing"),
        ({"noi-com": "on"}, "pressing"),
        ({"giu": "on"}, "held"),
        ({"cap": "district"}, "held"),
        ({"tham-quyen": "province"}, "new"),
        ({"trang-thai": "g-settled"}, "done"),
        ({"trang-thai": "resolved"}, "done"),
        ({"trang-thai": "all"}, "old new held pressing env done"),
        ({"q": "RAC thai"}, "env"),
        ({"q": "không có chữ này"}, ""),
        ({"don-vi": "district-901-20140101"}, "old new held pressing env"),
        ({"don-vi": "commune-90102-20140101"}, ""),
    ],
)
def test_each_filter_selects_what_it_says(cast, signed_in, raised, filters, expected):
    made = {
        "old": raised(days=80),
        "new": raised(days=1, competence="province"),
        "held": raised(cast.tree.a, days=5),
        "pressing": raised(days=6, is_pressing=True, kind="initiative"),
        "env": raised(text="Rác thải ven biển", days=28, topic=topic("ENV")),
        "done": raised(days=3, status="resolved"),
    }
    page = desk(signed_in(cast.leader), **filters)
    assert page.status_code == 200
    assert set(shown(page)) == {made[name].pk for name in expected.split()}
    assert total_of(page) == len(expected.split())


@pytest.mark.parametrize(
    "filters",
    [
        {"trang-thai": "resolved", "han": "qua-han"},
        {"linh-vuc": "x"},
        {"don-vi": "commune-90201-20140101"},
        {"ky": "2016-13"},
        {"tuoi": "9"},
    ],
)
def test_a_wrong_filter_says_how_to_mend_it(cast, signed_in, raised, filters):
    raised()
    page = desk(signed_in(cast.leader), **filters)
    assert page.status_code == 400
    assert 'role="alert"' in page.content.decode()
    assert shown(page) == []


@pytest.mark.parametrize("token", ["x", "2026-01-01", "_", "2026-01-01_x", "99999-99-99_1", "9" * 5000])
def test_a_broken_place_in_the_list_is_no_server_error(cast, signed_in, raised, token):
    raised()
    assert desk(signed_in(cast.leader), sau=token).status_code == 422


def test_pages_follow_each_other_both_ways(cast, signed_in, raised):
    pks = [raised(days=60 - n // 3, text=f"Việc {n}").pk for n in range(120)]
    browser = signed_in(cast.leader)
    first = desk(browser)
    second = browser.get("/y-kien/" + first.context["paged"].next_url)
    third = browser.get("/y-kien/" + second.context["paged"].next_url)
    assert shown(first) + shown(second) + shown(third) == pks
    assert third.context["paged"].next_url == ""
    back = browser.get("/y-kien/" + third.context["paged"].prev_url)
    assert shown(back) == shown(second)
    assert total_of(third) == 120


@pytest.mark.parametrize("path", ["/y-kien/", "/y-kien/in/", "/y-kien/{pk}/"])
def test_statements_do_not_grow_with_rows(cast, signed_in, raised, path):
    browser = signed_in(cast.leader)
    counts = []
    for _ in range(2):
        for _ in range(1 if not counts else 2):
            raised(village=cast.tree.villages[0], body=cast.bodies.district, status="assigned")
        url = path.format(pk=Opinion.objects.order_by("due_on", "pk").first().pk)
        browser.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url).status_code == 200
        counts.append(len(captured))
    assert abs(counts[0] - counts[1]) <= (2 if "pk" in path else 0), counts
    assert counts[0] <= 25


def test_a_restricted_opinion_is_counted_but_nowhere_shown(cast, signed_in, raised):
    opinion = raised(text=SECRET, visibility="restricted", village=cast.tree.villages[1])
    raised()
    for reader in (cast.commune, cast.commune_leader, cast.leader, cast.head, cast.province_leader):
        assert SECRET in desk(signed_in(reader)).content.decode()
        assert signed_in(reader).get(f"/y-kien/{opinion.pk}/").status_code == 200
    reads = Activity.objects.filter(verb="opinion.read_restricted", target_id=opinion.pk)
    assert reads.count() == 5
    assert SECRET not in str(list(reads.values()))
    for reader in (cast.district, cast.specialist):
        browser = signed_in(reader)
        page = desk(browser)
        assert total_of(page) == 2
        assert "và 1 ý kiến hạn chế xem" in page.content.decode()
        for url in ("/y-kien/", "/y-kien/?trang-thai=all", "/y-kien/in/", "/y-kien/?q=bi+mat+rieng"):
            assert SECRET not in browser.get(url).content.decode()
        for filters in ({"q": "bi mat rieng"}, {"linh-vuc": "LAND"}, {"loai": "petition"}, {"tham-quyen": "commune"}):
            assert total_of(desk(browser, **filters)) == len(shown(desk(browser, **filters)))
        assert browser.get(f"/y-kien/{opinion.pk}/").status_code == 404
        assert browser.post(f"/y-kien/{opinion.pk}/trao-doi/", {"note": "x", "version": 1}).status_code == 404


def test_foreign_and_missing_opinions_look_the_same(cast, signed_in, raised):
    opinion = raised()
    browser = signed_in(cast.other_leader)
    foreign, missing = browser.get(f"/y-kien/{opinion.pk}/"), browser.get("/y-kien/999999/")
    assert foreign.status_code == missing.status_code == 404
    posted = browser.post(reverse("opinion_escalate", args=[opinion.pk]), {"note": "x", "version": 1})
    assert posted.status_code == 404


def test_an_agency_sees_its_opinion_and_not_the_meeting(cast, signed_in, raised, today):
    meeting = make_meeting(cast.tree.a1, today - timedelta(days=3), title="Hội nghị kín tiếng")
    opinion = raised(meeting=meeting, body=cast.bodies.commune, status="assigned")
    raised()
    browser = signed_in(cast.commune_agency)
    assert shown(desk(browser)) == [opinion.pk]
    page = browser.get(f"/y-kien/{opinion.pk}/")
    assert "Hội nghị kín tiếng" not in page.content.decode()
    assert {act["verb"] for act in page.context["acts"]} == {
        *("start", "resolve", "explain", "accept", "decline", "schedule", "extend", "comment", "disclaim")
    }


def test_the_page_offers_just_what_may_be_done(cast, signed_in, raised):
    opinion = raised()
    offered = {
        user.username: {act["verb"] for act in signed_in(user).get(f"/y-kien/{opinion.pk}/").context["acts"]}
        for user in (cast.commune, cast.leader, cast.specialist)
    }
    assert {"assign", "escalate", "comment", "merge"} <= offered["xa"]
    assert offered["lanhdao"] == offered["chuyenvien"] == {"comment"}
    page = signed_in(cast.commune).get(f"/y-kien/{opinion.pk}/").content.decode()
    assert all(reverse(f"opinion_{verb}", args=[opinion.pk]) in page for verb in offered["xa"])


def test_a_move_through_the_page_and_the_second_click(cast, signed_in, raised):
    opinion = raised()
    browser = signed_in(cast.commune)
    url, typed = reverse("opinion_escalate", args=[opinion.pk]), {"note": "Vượt thẩm quyền cấp xã", "version": 1}
    done = browser.post(f"{url}?han=qua-han", typed)
    assert (done.status_code, done["Location"]) == (302, f"/y-kien/{opinion.pk}/?han=qua-han")
    again = browser.post(url, typed)
    assert again.status_code == 409
    assert "Vượt thẩm quyền cấp xã" in again.content.decode()
    assert opinion.moves.count() == 1
    opinion.refresh_from_db()
    assert opinion.status == OpinionStatus.ESCALATED


def test_a_refused_form_keeps_what_was_typed(cast, signed_in, raised):
    opinion = raised()
    browser = signed_in(cast.commune)
    typed = {"note": "Giao gấp", "due_on": "32/13/2026", "version": 1, "body": cast.bodies.commune.pk}
    page = browser.post(reverse("opinion_assign", args=[opinion.pk]), typed)
    assert page.status_code == 422
    assert "Giao gấp" in page.content.decode()
    typed |= {"due_on": "", "body": cast.bodies.district.pk}
    assert browser.post(reverse("opinion_assign", args=[opinion.pk]), typed).status_code == 422
    assert browser.post(reverse("opinion_resolve", args=[opinion.pk]), {"note": "", "version": 1}).status_code == 422
    opinion.refresh_from_db()
    assert (opinion.status, opinion.version) == ("recorded", 1)


def test_those_without_business_here_may_not_act(cast, signed_in, raised):
    for user in (cast.cadre, cast.admin):
        answer = signed_in(user).post(f"/y-kien/{raised().pk}/chuyen-len/", {"note": "x", "version": 1})
        assert answer.status_code == 403


def test_ticked_rows_are_handed_out_together(cast, signed_in, raised):
    pks = [raised(text=f"Việc {n}").pk for n in range(3)]
    foreign = raised(cast.tree.a2, "Việc xã khác").pk
    browser = signed_in(cast.commune)
    typed = {"opinion": [*pks, foreign], "body": cast.bodies.commune.pk, "note": "Làm trong tháng"}
    answer = browser.post("/y-kien/giao-nhieu/?tuoi=0-30", typed, follow=True)
    assert answer.redirect_chain == [("/y-kien/?tuoi=0-30", 302)]
    text = answer.content.decode()
    assert "Đã giao 3 ý kiến" in text
    assert f"YK-{foreign} chưa giao được" in text
    assert Opinion.objects.filter(status="assigned").count() == 3
    assert browser.post("/y-kien/giao-nhieu/", {"body": cast.bodies.commune.pk}).status_code == 422


def test_previous_and_next_walk_the_same_queue(cast, signed_in, raised):
    first, second, third = (raised(days=days) for days in (50, 40, 5))
    browser = signed_in(cast.leader)
    page = browser.get(f"/y-kien/{second.pk}/")
    assert page.context["prev_url"] == f"/y-kien/{first.pk}/"
    assert page.context["next_url"] == f"/y-kien/{third.pk}/"
    filtered = browser.get(f"/y-kien/{second.pk}/?han=qua-han")
    assert (filtered.context["next_url"], filtered.context["prev_url"]) == ("", f"/y-kien/{first.pk}/?han=qua-han")


def test_editing_from_the_page(cast, signed_in, raised, today):
    opinion = raised(meeting=make_meeting(cast.tree.a1, today - timedelta(days=10)))
    browser = signed_in(cast.commune)
    page = browser.get(f"/y-kien/{opinion.pk}/sua/")
    typed = page.context["form"].initial | {"text": "Nội dung mới", "village": cast.tree.villages[2].pk}
    typed.pop("is_pressing")
    assert browser.post(f"/y-kien/{opinion.pk}/sua/", typed).status_code == 302
    opinion.refresh_from_db()
    assert (opinion.text, opinion.village) == ("Nội dung mới", cast.tree.villages[2])
    assert browser.post(f"/y-kien/{opinion.pk}/sua/", typed | {"text": "Bản hai"}).status_code == 409
    assert signed_in(cast.leader).get(f"/y-kien/{opinion.pk}/sua/").status_code == 403


def test_the_home_page_counts_the_same_for_all_of_a_branch_and_says_what_may_not_be_read(
    cast, raised, today, signed_in
):
    raised(days=50), raised(days=50, visibility="restricted")
    found = {user: desk_counts(user, today) for user in (cast.leader, cast.district, cast.specialist)}
    assert {(counts["unresolved"], counts["overdue"]) for counts in found.values()} == {(2, 2)}
    assert [counts["hidden_overdue"] for counts in found.values()] == [0, 1, 1]
    pages = {user: signed_in(user).get("/").content.decode() for user in (cast.leader, cast.district)}
    assert "gồm 1 ý kiến hạn chế xem" in pages[cast.district]
    assert "hạn chế xem" not in pages[cast.leader]
    for user in pages:
        assert 'data-total="2"' in signed_in(user).get("/y-kien/?han=qua-han").content.decode()


def test_counts_for_the_home_pages(cast, raised, today):
    raised(days=50), raised(days=25), raised(status="escalated", holder=cast.tree.a)
    raised(status="assigned", body=cast.bodies.commune)
    assert desk_counts(cast.leader, today) == {
        **{"unresolved": 4, "overdue": 1, "due_soon": 1, "unassigned": 2, "mine": 0, "escalated": 1},
        **{"hidden": 0, "hidden_overdue": 0},
    }
    assert desk_counts(cast.commune_agency, today)["mine"] == 1
    assert desk_counts(cast.outsider, today)["unresolved"] == 0
    assert len(most_overdue(cast.leader, today)) == 1
    make_meeting(cast.tree.a1, today - timedelta(days=4))
    fresh = raised(status="resolved", settled_on=today)
    raised(status="resolved", settled_on=today - timedelta(days=9))
    raised(status="answered_on_spot", settled_on=today)
    assert [row["pk"] for row in answers_to_read_back(cast.commune, today)] == [fresh.pk]


def test_a_matter_of_the_commune_raised_above_it_is_marked(cast, signed_in, raised):
    raised(cast.tree.a, competence="commune")
    assert "Thuộc thẩm quyền cấp xã" in desk(signed_in(cast.leader)).content.decode()


@pytest.mark.parametrize("typed", ["YK-{}", "yk {}", "{}", "YK{}"])
def test_a_number_finds_its_opinion_in_every_search_box(cast, signed_in, typed):
    wanted = make_opinion(cast.tree.a1, "Sửa kè", status="resolved")
    make_opinion(cast.tree.a1, "Đèn đường")
    query = typed.format(wanted.pk)
    listed = signed_in(cast.commune).get("/y-kien/", {"q": query, "trang-thai": "all"}).content.decode()
    assert f'data-key="{wanted.pk}"' in listed
    assert "Đèn đường" not in listed
    link = f'href="{wanted.get_absolute_url()}">Mở ý kiến'
    for path in ("/y-kien/", "/hoi-nghi/", "/di-co-so/", "/don-vi/", "/danh-ba/", "/y-kien/hien-ke/"):
        assert link in signed_in(cast.commune).get(path, {"q": query}).content.decode(), path
        assert link not in signed_in(cast.other_commune).get(path, {"q": query}).content.decode(), path


def test_a_number_finds_the_matter_it_belongs_to(cast, signed_in):
    matter = Matter.objects.create(
        title="Cầu treo", unit=cast.tree.a1, level="commune", province=cast.tree.province, district=cast.tree.a,
        commune=cast.tree.a1, created_by_id=1, created_on=date(2026, 11, 1), topic=topic(),
    )  # fmt: skip
    inside = make_opinion(cast.tree.a1, matter=matter)
    for query, is_found in ((f"YK-{inside.pk}", True), (f"YK-{inside.pk + 1}", False)):
        page = signed_in(cast.commune).get(reverse("matter_list"), {"q": query}).content.decode()
        assert ("Cầu treo" in page) is is_found


def queue_of_three(cast):
    days = (date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 28))
    return [
        make_opinion(cast.tree.a1, f"Việc {n}", due_on=day, status="assigned", body=cast.bodies.commune)
        for n, day in enumerate(days)
    ]


def test_after_an_act_that_takes_it_out_of_the_list_the_next_one_is_still_next(cast, signed_in):
    browser, (first, second, third) = signed_in(cast.commune), queue_of_three(cast)
    kept = "?trang-thai=assigned"
    done = browser.post(f"/y-kien/{second.pk}/giai-quyet/{kept}", {"version": 1, "note": "Xong"}, follow=True)
    text = done.content.decode()
    assert f"YK-{second.pk}: đã giải quyết xong." in text
    assert f'rel="next" href="/y-kien/{third.pk}/{kept}"' in text
    assert f'rel="prev" href="/y-kien/{first.pk}/{kept}"' in text
    far = {"version": 1, "body": cast.bodies.commune.pk, "note": "Chờ vốn", "new_due_on": "30/12/2026"}
    moved = browser.post(f"/y-kien/{first.pk}/gia-han/{kept}", far, follow=True).content.decode()
    assert f'rel="next" href="/y-kien/{third.pk}/{kept}"' in moved


def test_what_has_left_ones_sight_leads_on_to_the_next_one(cast, signed_in):
    first, second, _ = queue_of_three(cast)
    told = {"version": 1, "note": "Không thuộc ngành", "owner": f"cap-{cast.tree.a.pk}"}
    left = signed_in(cast.commune_agency).post(f"/y-kien/{first.pk}/khong-thuoc-tham-quyen/", told)
    assert left.status_code == 302
    assert left.url == f"/y-kien/{second.pk}/"


def test_decide_on_the_home_page_opens_the_decision_itself(cast, signed_in):
    opinion = queue_of_three(cast)[0]
    Extension.objects.create(
        opinion=opinion, old_due_on=opinion.due_on, new_due_on=date(2026, 12, 20), reason="Chờ vốn",
        asked_by_id=cast.commune_agency.pk,
    )  # fmt: skip
    browser = signed_in(cast.commune_leader)
    home = browser.get("/").content.decode()
    url = f"{opinion.get_absolute_url()}?viec=grant_extension#viec-grant_extension"
    assert url in home
    page = browser.get(url).content.decode()
    assert '<details class="fold" id="viec-grant_extension" open>' in page
    assert "viec=" not in page.split('rel="next" href="')[1].split('"')[0]
