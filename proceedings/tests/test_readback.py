"""Read-back: what is on the list, one tap in the room, the notice board, and who may not."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.errors import Conflict, DomainError, NotAllowed
from feedback.models import Opinion, OpinionMove, ReadBack
from feedback.tests.builders import make_meeting, make_opinion
from proceedings.preparation.readback import answers_to_read, last_time, read_back_rows, unheard_answers
from proceedings.preparation.services import read_back

pytestmark = pytest.mark.django_db
BEFORE, HELD, TODAY = date(2026, 2, 20), date(2026, 3, 20), date(2026, 3, 25)


@pytest.fixture
def meeting(cast):
    make_meeting(cast.tree.a1, BEFORE)
    return make_meeting(cast.tree.a1, HELD)


def answered(cast, text="Đề nghị sửa đường", village=0, settled_on=date(2026, 3, 10), status="resolved", **fields):
    fields.setdefault("unit", cast.tree.a1)
    unit = fields.pop("unit")
    place = cast.tree.villages[village] if village is not None else None
    return make_opinion(
        unit,
        text,
        date(2026, 1, 20),
        village=place,
        status=status,
        settled_on=settled_on,
        answer="Đã làm xong.",
        **fields,
    )


def listed(meeting):
    return set(answers_to_read(meeting).values_list("text", flat=True))


def test_the_list_holds_new_and_older_answers_once(cast, meeting):
    answered(cast, "mới")
    answered(cast, "từ kỳ trước", settled_on=date(2025, 10, 1))
    above = answered(cast, "nêu ở huyện", unit=cast.tree.a)
    Opinion.objects.filter(pk=above.pk).update(commune=cast.tree.a1)
    answered(cast, "giải trình", status="explained")
    answered(cast, "quá lâu", settled_on=HELD - timedelta(days=400))
    answered(cast, "sau hội nghị", settled_on=HELD + timedelta(days=1))
    answered(cast, "trả lời tại chỗ", status="answered_on_spot")
    answered(cast, "đã hài lòng", satisfaction="satisfied")
    answered(cast, "hạn chế xem", visibility="restricted")
    make_opinion(cast.tree.a1, "chưa xong")
    answered(cast, "xã khác", village=None, unit=cast.tree.a2)
    assert listed(meeting) == {"mới", "từ kỳ trước", "nêu ở huyện", "giải trình"}
    assert last_time(meeting) == BEFORE
    rows = {row["opinion"].text: row for row in read_back_rows(meeting, cast.commune)}
    assert {text for text, row in rows.items() if row["is_older"]} == {"từ kỳ trước"}
    assert rows["mới"]["place"] == "Thôn 1"
    assert len(rows) == answers_to_read(meeting).count()


def test_a_district_reads_what_was_raised_at_its_table(cast):
    quarterly = make_meeting(cast.tree.a, HELD)
    answered(cast, "nêu ở xã")
    answered(cast, "nêu ở huyện", unit=cast.tree.a, village=None)
    assert listed(quarterly) == {"nêu ở huyện"}


def say(browser, meeting, opinion, satisfaction, **extra):
    opinion.refresh_from_db()
    data = {"satisfaction": satisfaction, "version": opinion.version} | extra.pop("data", {})
    return browser.post(reverse("read_back_say", args=[meeting.pk, opinion.pk]), data, **extra)


def test_one_tap_confirms_and_another_changes_ones_mind(cast, meeting, signed_in):
    opinion, officer = answered(cast), signed_in(cast.commune)
    page = officer.get(reverse("read_back", args=[meeting.pk])).content.decode()
    assert 'data-total="1"' in page
    assert "<strong>0/1</strong>" in page
    answer = say(officer, meeting, opinion, "not", data={"note": "Mưa vẫn ngập"})
    assert answer.url == f"/hoi-nghi/{meeting.pk}/doc-lai/#opinion-{opinion.pk}"
    opinion.refresh_from_db()
    assert opinion.satisfaction == "not"
    assert say(officer, meeting, opinion, "satisfied").status_code == 302
    opinion.refresh_from_db()
    assert (opinion.satisfaction, ReadBack.objects.get().satisfaction) == ("satisfied", "satisfied")
    page = officer.get(reverse("read_back", args=[meeting.pk])).content.decode()
    assert "<strong>1/1</strong>" in page
    assert "Đã làm xong." in page
    assert say(officer, meeting, opinion, "satisfied").status_code == 302
    assert OpinionMove.objects.filter(verb="confirm").count() == 2


def test_htmx_gets_the_card_and_the_count_alone(cast, meeting, signed_in):
    opinion = answered(cast)
    answered(cast, "Khác", village=1)
    answer = say(signed_in(cast.commune), meeting, opinion, "partly", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.count("<article") == 1
    assert "<html" not in text
    assert "1/2" in text
    assert 'hx-swap-oob="true"' in text


def test_read_without_a_word_is_read_and_not_confirmed(cast, meeting, signed_in):
    opinion, officer = answered(cast), signed_in(cast.commune)
    assert say(officer, meeting, opinion, "").status_code == 302
    opinion.refresh_from_db()
    assert (opinion.satisfaction, ReadBack.objects.get().satisfaction) == ("", "")
    say(officer, meeting, opinion, "satisfied")
    say(officer, meeting, opinion, "")
    assert ReadBack.objects.get().satisfaction == "satisfied"
    following = make_meeting(cast.tree.a1, HELD + timedelta(days=30))
    assert listed(following) == set()
    assert listed(meeting) == {opinion.text}


def test_wrong_words_and_stale_versions_are_refused(cast, meeting, signed_in):
    opinion, officer = answered(cast), signed_in(cast.commune)
    assert say(officer, meeting, opinion, "rất vui").status_code == 422
    assert say(officer, meeting, opinion, "not", data={"note": "x" * 501}).status_code == 422
    stale = say(officer, meeting, opinion, "not", data={"version": 77})
    assert stale.status_code == 409
    assert 'role="alert"' in stale.content.decode()
    with pytest.raises(Conflict):
        read_back(meeting.pk, opinion.pk, "not", actor=cast.commune, version=77, today=TODAY)
    other = make_opinion(cast.tree.a1, "chưa trả lời")
    with pytest.raises(DomainError, match="không có trong danh sách"):
        read_back(meeting.pk, other.pk, "not", actor=cast.commune, today=TODAY)
    meeting.status = "locked"
    meeting.save()
    with pytest.raises(NotAllowed):
        read_back(meeting.pk, opinion.pk, "not", actor=cast.commune, today=TODAY)
    assert not ReadBack.objects.exists()


@pytest.mark.parametrize(
    ("who", "sees", "says"),
    [
        ("commune_leader", 200, 302),
        ("leader", 200, 403),
        ("specialist", 200, 403),
        ("other_commune", 404, 404),
        ("outsider", 404, 404),
        ("agency", 403, 403),
        ("cadre", 403, 403),
        ("admin", 403, 403),
        ("village", 403, 403),
    ],
)
def test_who_sees_and_who_says(cast, meeting, signed_in, who, sees, says):
    opinion, browser = answered(cast), signed_in(getattr(cast, who))
    for name in ("read_back", "read_back_print"):
        assert browser.get(reverse(name, args=[meeting.pk])).status_code == sees
    assert say(browser, meeting, opinion, "satisfied").status_code == says
    opinion.refresh_from_db()
    assert bool(opinion.satisfaction) == (says == 302)


def test_the_notice_board_has_a_page_for_each_village_and_no_names(cast, meeting, signed_in):
    answered(cast, "việc thôn một", raised_by_name="Nguyễn Văn Nêu")
    answered(cast, "việc thôn hai", village=1)
    answered(cast, "việc nội bộ", visibility="internal")
    answered(cast, "việc kín", visibility="restricted")
    officer, url = signed_in(cast.commune), reverse("read_back_print", args=[meeting.pk])
    page = officer.get(url).content.decode()
    assert page.count("board-unit") == 2
    assert page.count('class="page-break"') == 1
    for word in ("Nguyễn Văn Nêu", "việc nội bộ", "việc kín"):
        assert word not in page
    one = officer.get(url, {"thon": cast.tree.villages[1].key}).content.decode()
    assert "việc thôn hai" in one
    assert "việc thôn một" not in one
    assert officer.get(url, {"thon": "khong-co"}).status_code == 404


def test_the_village_itself_says_what_it_thinks(cast, signed_in):
    mine, theirs = answered(cast, "của tôi"), answered(cast, "của thôn khác", village=1)
    hidden = answered(cast, "kín", visibility="restricted")
    assert [opinion.text for opinion in unheard_answers(cast.village, TODAY)] == ["của tôi"]
    browser = signed_in(cast.village)
    data = {"version": 1, "satisfaction": "partly"}
    assert browser.post(reverse("opinion_confirm", args=[mine.pk]), data).status_code == 302
    for other in (theirs, hidden):
        assert browser.post(reverse("opinion_confirm", args=[other.pk]), data).status_code == 404
    assert dict(Opinion.objects.values_list("text", "satisfaction")) == {
        "của tôi": "partly",
        "của thôn khác": "",
        "kín": "",
    }
    assert list(unheard_answers(cast.village, TODAY)) == []


@pytest.mark.parametrize("name", ["read_back", "read_back_print"])
def test_three_answers_cost_what_one_costs(cast, meeting, signed_in, name):
    browser, url = signed_in(cast.commune), reverse(name, args=[meeting.pk])
    answered(cast)
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    answered(cast, "hai", village=1)
    answered(cast, "ba", village=2)
    with CaptureQueriesContext(connection) as many:
        assert 'data-total="3"' in browser.get(url).content.decode()
    assert len(many) <= len(few) <= 15


def test_who_is_not_satisfied_is_asked_why_and_nothing_is_written_until_then(cast, meeting, signed_in):
    opinion, officer = answered(cast), signed_in(cast.commune)
    page = officer.get(reverse("read_back", args=[meeting.pk])).content.decode()
    assert "Vì sao chưa hài lòng" in page
    refused = say(officer, meeting, opinion, "not", data={"note": "  "})
    assert refused.status_code == 422
    assert "Ghi vì sao chưa hài lòng" in refused.content.decode()
    assert not ReadBack.objects.exists()
    at_home = signed_in(cast.village).post(
        reverse("opinion_confirm", args=[opinion.pk]), {"version": 1, "satisfaction": "not"}
    )
    assert at_home.status_code == 422
    assert "Ghi vì sao chưa hài lòng" in at_home.content.decode()
