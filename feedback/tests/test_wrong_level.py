"""What was raised above the commune: noted at recording, told on the pages, sent back, counted by the year."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conftest import make_unit, make_user
from feedback.models import Opinion
from feedback.tests.builders import draft, make_meeting, make_opinion, record_one, topic
from feedback.thread.recording import edit_opinion, record_opinions
from units.loading import rebuild_tree

pytestmark = pytest.mark.django_db
TEXT = "Đường trục thôn hư hỏng nặng, nhiều ổ gà, đề nghị sửa chữa"
AGAIN = "Kính mong sớm sửa đường chính của thôn, mặt đường đầy ổ gà"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def settled(cast, today):
    """Builder of an opinion that commune A1 settled some days ago, about its first village."""

    def settle(text=TEXT, days=60, unit=None, village=None, **fields):
        day = today - timedelta(days=days)
        facts = {"status": "resolved", "answer": "Xã đã sửa xong đường.", "settled_on": day, "first_settled_on": day}
        facts |= {"topic": topic("TRANSPORT"), "raised_on": day, "village": village or cast.tree.villages[0]}
        return make_opinion(unit or cast.tree.a1, text, **(facts | fields))

    return settle


@pytest.fixture
def raise_above(cast, today):
    """Record opinions at a meeting of district A, by default about the first village."""

    def record(*texts, place=None, competence="district", **fields):
        meeting = make_meeting(cast.tree.a, today)
        place = cast.tree.villages[0].pk if place is None else place
        facts = {"topic_id": topic("TRANSPORT").pk, "village_id": place or None, "competence": competence} | fields
        drafts = [draft(text, number=n, **facts) for n, text in enumerate(texts, 1)]
        return record_opinions(meeting=meeting, drafts=drafts, actor=cast.district, today=today)

    return record


def noted(opinions):
    return list(
        Opinion.objects.filter(pk__in=[o.pk for o in opinions])
        .order_by("number")
        .values_list("settled_before_id", flat=True)
    )


def test_a_matter_its_commune_settled_is_noted_when_raised_above(settled, raise_above):
    earlier = settled()
    settled("Đề nghị nạo vét kênh N2", topic=topic("IRRIGATION"))
    assert noted(raise_above(AGAIN, "Đề nghị tăng chuyến xe buýt")) == [earlier.pk, None]


@pytest.mark.parametrize(
    "changes",
    [
        {"days": 400},
        {"visibility": "restricted"},
        {"status": "declined"},
        {"status": "in_progress", "settled_on": None},
        {"text": "Đường trục thôn 5 hư hỏng nặng, nhiều ổ gà, đề nghị sửa chữa"},
    ],
)
def test_what_is_no_earlier_answer(settled, raise_above, changes):
    settled(**changes)
    assert noted(raise_above(AGAIN)) == [None]


def test_only_the_same_village_counts_or_the_same_commune_when_none_is_named(cast, settled, raise_above):
    earlier = settled(village=cast.tree.villages[1])
    assert noted(raise_above(AGAIN)) == [None]
    assert noted(raise_above(AGAIN, place=cast.tree.a1.pk)) == [earlier.pk]
    assert noted(raise_above(AGAIN, place=cast.tree.a2.pk)) == [None]
    assert noted(raise_above(AGAIN, place=0)) == [None]


def test_what_the_district_settled_is_not_the_communes(cast, settled, raise_above):
    settled(holder=cast.tree.a)
    assert noted(raise_above(AGAIN)) == [None]


def test_at_the_communes_own_table_nothing_is_noted(cast, settled, today):
    settled()
    row = draft(AGAIN, village_id=cast.tree.villages[0].pk, topic_id=topic("TRANSPORT").pk)
    meeting = make_meeting(cast.tree.a1, today)
    assert noted(record_opinions(meeting=meeting, drafts=[row], actor=cast.commune, today=today)) == [None]


def test_mending_the_words_notes_anew(cast, settled, raise_above, today):
    earlier = settled()
    opinion = raise_above("Đề nghị tăng chuyến xe buýt")[0]
    row = draft(AGAIN, village_id=cast.tree.villages[0].pk, topic_id=topic("TRANSPORT").pk, competence="district")
    edit_opinion(opinion.pk, actor=cast.district, version=1, draft=row, today=today)
    assert noted([opinion]) == [earlier.pk]


def test_noting_costs_the_same_for_one_and_for_many(settled, raise_above):
    settled()
    counts = []
    for texts in ([AGAIN], [AGAIN], [AGAIN, TEXT, AGAIN]):
        with CaptureQueriesContext(connection) as captured:
            raise_above(*texts)
        counts.append(len(captured))
    assert counts[1] == counts[2]


def test_the_pages_tell_it_and_link_the_earlier_answer(cast, signed_in, settled, raise_above):
    earlier = settled()
    opinion = raise_above(AGAIN, competence="commune")[0]
    day = earlier.settled_on.strftime("%d/%m/%Y")
    browser = signed_in(cast.leader)
    for url in ("/y-kien/", opinion.get_absolute_url(), opinion.meeting.get_absolute_url()):
        page = browser.get(url).content.decode()
        assert "Thuộc thẩm quyền cấp xã" in page, url
        assert f'href="{earlier.get_absolute_url()}"' in page, url
        assert day in page, url


def test_one_click_returns_it_to_the_commune_with_the_earlier_answer_as_note(cast, signed_in, settled, raise_above):
    earlier = settled()
    opinion = raise_above(AGAIN)[0]
    browser = signed_in(cast.leader)
    page = browser.get(opinion.get_absolute_url())
    offer = page.context["way_back"]
    assert "Trả về xã kèm ghi chú" in page.content.decode()
    assert f"YK-{earlier.pk}" in offer["note"]
    assert "Xã đã sửa xong đường." in offer["note"]
    answer = browser.post(
        offer["url"], {"version": opinion.version, "unit": offer["commune"].pk, "note": offer["note"]}
    )
    assert answer.status_code == 302
    opinion.refresh_from_db()
    assert (opinion.status, opinion.holder) == ("transferred", cast.tree.a1)
    assert opinion.moves.last().note == offer["note"]


@pytest.mark.parametrize("role", ["district", "specialist"])
def test_the_officer_and_the_board_return_what_is_the_communes_own_with_one_button(cast, signed_in, raise_above, role):
    actor = make_user("nguoitrave", role, cast.tree.a)
    theirs, others = raise_above("Đề nghị dọn rác ở chợ", "Đề nghị mở chợ đêm", competence="commune")
    Opinion.objects.filter(pk=others.pk).update(competence="district")
    browser = signed_in(actor)
    page = browser.get(theirs.get_absolute_url())
    assert "Trả về xã kèm ghi chú" in page.content.decode()
    offer = page.context["way_back"]
    data = {"version": theirs.version, "unit": offer["commune"].pk, "note": offer["note"]}
    assert browser.post(offer["url"], data).status_code == 302
    theirs.refresh_from_db()
    assert (theirs.status, theirs.holder) == ("transferred", cast.tree.a1)
    assert "Trả về xã kèm ghi chú" not in browser.get(others.get_absolute_url()).content.decode()
    refused = browser.post(reverse("opinion_transfer", args=[others.pk]), data | {"version": others.version})
    assert refused.status_code == 403


def test_the_provinces_board_sends_the_communes_own_to_the_commune_only(cast, signed_in, today):
    opinion = record_one(cast.commune, cast.tree.a1, today=today, held_on=today)
    place = {"level": "province", "unit": cast.tree.province, "holder": cast.tree.province, "competence": "commune"}
    Opinion.objects.filter(pk=opinion.pk).update(**place)
    browser, url = signed_in(cast.specialist), reverse("opinion_transfer", args=[opinion.pk])
    data = {"version": opinion.version, "note": "Xã giải quyết"}
    refused = browser.post(url, data | {"unit": cast.tree.a.pk})
    assert refused.status_code == 422
    assert "đồng chí trả về xã có thẩm quyền" in refused.content.decode()
    assert browser.post(url, data | {"unit": cast.tree.a1.pk}).status_code == 302
    opinion.refresh_from_db()
    assert opinion.holder == cast.tree.a1


def test_who_may_not_send_it_down_is_told_but_not_offered(cast, signed_in, settled, raise_above):
    settled()
    opinion = raise_above(AGAIN)[0]
    page = signed_in(cast.commune).get(opinion.get_absolute_url()).content.decode()
    assert "xã đã giải quyết" in page.lower()
    assert "Trả về xã kèm ghi chú" not in page


def test_an_agency_learns_nothing_of_an_answer_it_may_not_read(cast, signed_in, settled, raise_above):
    earlier = settled()
    opinion = raise_above(AGAIN)[0]
    Opinion.objects.filter(pk=opinion.pk).update(body=cast.bodies.district)
    browser = signed_in(cast.agency)
    for url in ("/y-kien/", opinion.get_absolute_url()):
        page = browser.get(url).content.decode()
        assert "Kính mong sớm sửa đường" in page
        assert earlier.settled_on.strftime("%d/%m/%Y") not in page
        assert f"/y-kien/{earlier.pk}/" not in page
    assert browser.get("/y-kien/?nhan=da-giai-quyet").context["rows"] == []


def test_the_desk_filters_by_mark(cast, signed_in, settled, raise_above):
    settled()
    both = raise_above(AGAIN, competence="commune")[0]
    theirs = raise_above("Đề nghị tăng chuyến xe buýt", competence="commune")[0]
    other = raise_above("Đề nghị mở chợ đêm")[0]
    browser = signed_in(cast.leader)

    def found(mark):
        return {row["pk"] for row in browser.get(f"/y-kien/?nhan={mark}").context["rows"]}

    assert found("sai-cap") == {both.pk, theirs.pk}
    assert found("da-giai-quyet") == {both.pk}
    assert found("nham-cap") == {both.pk, theirs.pk}
    assert found("cap-tren") == {both.pk, theirs.pk, other.pk}
    assert browser.get("/y-kien/?nhan=gi-day").status_code == 400


def test_the_yearly_share_links_lists_of_that_length(cast, signed_in, settled, raise_above, today):
    settled()
    raise_above(AGAIN, competence="commune")
    raise_above("Đề nghị tăng chuyến xe buýt", "Đề nghị mở chợ đêm", place=cast.tree.a2.pk)
    raise_above("Đề nghị tăng lương", place=cast.tree.a1.pk, visibility="restricted", competence="commune")
    browser = signed_in(cast.leader)
    page = browser.get(f"/y-kien/nham-cap/?nam={today.year}")
    rows = page.context["rows"]
    assert {row["name"]: (row["number"][0], row["of"][0]) for row in rows} == {
        "Xã Đồng Tâm": (1, 1),
        "Xã Hải Lạng": (0, 2),
    }
    assert f'data-total="{len(rows)}"' in page.content.decode()
    for row in rows:
        for cell in ("number", "of", "of_commune", "before"):
            number, url = row[cell]
            assert browser.get(url).context["total"] == number, (cell, url)


def test_the_share_is_scoped_and_its_year_checked(cast, signed_in, raise_above, today):
    raise_above(AGAIN, competence="commune")
    for who in (cast.outsider, cast.other_leader, cast.other_commune):
        assert signed_in(who).get("/y-kien/nham-cap/").context["rows"] == []
    for who in (cast.agency, cast.cadre, cast.admin):
        assert signed_in(who).get("/y-kien/nham-cap/").status_code == 403
    browser = signed_in(cast.leader)
    assert browser.get(f"/y-kien/nham-cap/?nam={today.year - 1}").context["rows"] == []
    for word in ("abc", "1500", str(today.year + 1), "٢٠٢٦"):
        assert browser.get("/y-kien/nham-cap/", {"nam": word}).status_code == 422


def test_the_share_costs_the_same_for_one_commune_and_for_three(cast, signed_in, raise_above):
    extra = make_unit("commune", "90103", "Xã Thứ Ba", cast.tree.a)
    rebuild_tree()
    browser = signed_in(cast.leader)
    counts = []
    for place in (cast.tree.a1.pk, cast.tree.a2.pk, extra.pk):
        raise_above(AGAIN, competence="commune", place=place)
        with CaptureQueriesContext(connection) as captured:
            browser.get("/y-kien/nham-cap/")
        counts.append(len(captured))
    assert counts[1] == counts[2]


def similar(browser, text=AGAIN, **words):
    return browser.get("/y-kien/tuong-tu/", {"van-ban": text} | words)


def test_like_opinions_are_suggested_while_typing(cast, signed_in, settled):
    earlier = settled()
    village = cast.tree.villages[0].pk
    page = similar(signed_in(cast.commune), thon=village)
    assert [row["pk"] for row in page.context["rows"]] == [earlier.pk]
    assert earlier.settled_on.strftime("%d/%m/%Y") in page.content.decode()
    assert "<html" not in page.content.decode()
    browser = signed_in(cast.commune)
    rows = browser.get("/y-kien/tuong-tu/", {"opinions-0-text": AGAIN, "opinions-0-village": village}).context["rows"]
    assert [row["pk"] for row in rows] == [earlier.pk]
    assert similar(browser, thon=village, tru=earlier.pk).context["rows"] == []
    assert similar(browser, thon=cast.tree.villages[1].pk).context["rows"] == []
    assert similar(browser, "Ngắn").context["rows"] == []
    assert similar(browser, "Đề nghị xây trạm y tế mới cho xã").context["rows"] == []


def test_suggestions_are_scoped_and_never_restricted_or_old(cast, signed_in, settled):
    settled()
    for who in (cast.outsider, cast.other_commune, cast.other_leader):
        assert similar(signed_in(who)).context["rows"] == []
        assert similar(signed_in(who), thon=cast.tree.villages[0].pk).context["rows"] == []
    for who in (cast.agency, cast.cadre, cast.admin):
        assert similar(signed_in(who)).status_code == 403
    Opinion.objects.update(visibility="restricted")
    assert similar(signed_in(cast.commune)).context["rows"] == []
    Opinion.objects.update(visibility="normal", raised_on=date(2020, 1, 1))
    assert similar(signed_in(cast.commune)).context["rows"] == []


def test_at_most_five_in_a_fixed_number_of_queries(cast, signed_in, settled):
    browser = signed_in(cast.commune)
    counts = []
    for more in (1, 1, 5):
        for _ in range(more):
            settled()
        with CaptureQueriesContext(connection) as captured:
            page = similar(browser)
        counts.append(len(captured))
    assert counts[1] == counts[2]
    assert len(page.context["rows"]) == 5


def test_the_words_of_a_restricted_opinion_go_into_no_address(cast, signed_in, raise_above):
    plain = raise_above(AGAIN)[0]
    assert "/y-kien/tuong-tu/" in signed_in(cast.district).get(f"/y-kien/{plain.pk}/sua/").content.decode()
    Opinion.objects.filter(pk=plain.pk).update(visibility="restricted")
    assert "/y-kien/tuong-tu/" not in signed_in(cast.district).get(f"/y-kien/{plain.pk}/sua/").content.decode()
