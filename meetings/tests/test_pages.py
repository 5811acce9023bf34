"""The pages of meetings and expected meetings, from outside."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.periods import Period
from meetings.cadence.reads import refresh_occurrence
from meetings.enums import MeetingForm, MeetingKind, MeetingStatus
from meetings.models import CadenceRule, Exemption, Occurrence
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from units.models import UnitCluster

LIST, HEAT, EXEMPTIONS, RULES, CLUSTERS = (
    "/hoi-nghi/",
    "/hoi-nghi/bieu-nhiet/",
    "/hoi-nghi/mien/",
    "/hoi-nghi/che-do/",
    "/hoi-nghi/cum/",
)


def total(response):
    assert response.status_code == 200, response.content.decode()[:500]
    return int(response.content.decode().split('data-total="')[1].split('"')[0])


@pytest.fixture
def year(cast):
    """2016 of two communes and their district: on time, late, made up, excused, missing; and an extra meeting."""
    tree = cast.tree
    rule, quarterly = make_rule(tree.province), make_rule(tree.province, "district", "quarter")
    for month, day in ((1, date(2016, 1, 20)), (2, date(2016, 3, 3)), (3, date(2016, 5, 9))):
        slot = make_occurrence(rule, tree.a1, f"2016-{month:02d}")
        make_meeting(tree.a1, day, slot, attendance_count=30, opinion_count=6)
        refresh_occurrence(slot)
    make_occurrence(rule, tree.a1, "2016-04", is_exempt=True)
    make_occurrence(rule, tree.a1, "2016-05")
    make_occurrence(rule, tree.b1, "2016-05")
    make_meeting(
        tree.a1, date(2016, 6, 1), kind=MeetingKind.THEMATIC, form=MeetingForm.ONLINE, title="Vệ sinh môi trường"
    )
    slot = make_occurrence(quarterly, tree.a, "2016-Q1")
    make_meeting(tree.a, date(2016, 3, 30), slot)
    refresh_occurrence(slot)
    return cast


@pytest.mark.parametrize(
    ("who", "meetings", "missing"),
    [
        ("commune", 4, 1),
        ("commune_leader", 4, 1),
        ("other_commune", 0, 0),
        ("district", 5, 1),
        ("leader", 5, 1),
        ("other_leader", 0, 1),
        ("specialist", 5, 2),
        ("province_leader", 5, 2),
        ("outsider", 0, 0),
        ("agency", 0, 0),
        ("cadre", 0, 0),
        ("admin", 0, 0),
    ],
)
def test_everybody_sees_the_own_branch(year, signed_in, who, meetings, missing):
    browser = signed_in(getattr(year, who))
    assert total(browser.get(LIST)) == meetings
    assert total(browser.get(LIST, {"muc": "thieu"})) == missing


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"cap": "district"}, 1),
        ({"ky": "2016-01"}, 1),
        ({"ky": "2016-Q1"}, 4),
        ({"ky": "2016", "cap": "commune"}, 4),
        ({"ky": "2017"}, 0),
        ({"q": "ve sinh"}, 1),
        ({"q": "khong co"}, 0),
        ({"loai": "thematic"}, 1),
        ({"hinh-thuc": "online"}, 1),
        ({"trang-thai": "planned"}, 0),
        ({"don-vi": "commune-90101-20140101"}, 4),
        ({"don-vi": "district-901-20140101"}, 5),
        ({"muc": "ky", "tinh-trang": "late"}, 1),
        ({"muc": "ky", "tinh-trang": "made_up"}, 1),
        ({"muc": "ky", "tinh-trang": "on_time", "cap": "commune"}, 1),
        ({"muc": "ky", "tinh-trang": "exempt"}, 1),
        ({"muc": "ky", "tinh-trang": "held"}, 4),
        ({"muc": "ky", "tinh-trang": "expected"}, 6),
        ({"muc": "ky", "q": "quang la"}, 1),
        ({"muc": "ky-nay"}, 0),
    ],
)
def test_filters(year, signed_in, query, count):
    assert total(signed_in(year.specialist).get(LIST, query)) == count


@pytest.mark.parametrize(
    "query", [{"don-vi": "commune-90201-20140101"}, {"loai": "x"}, {"ky": "13/2016"}, {"cap": "village"}]
)
def test_a_filter_outside_the_own_branch_or_unreadable_is_explained(year, signed_in, query):
    answer = signed_in(year.leader).get(LIST, query)
    assert total(answer) == 0
    assert "mời chọn lại" in answer.content.decode()
    assert "Quảng La" not in answer.content.decode()


def test_pages_by_keyset_reach_every_row_once(year, signed_in, monkeypatch):
    monkeypatch.setattr("meetings.views.keyset_page.__defaults__", (2,))
    browser, seen, address = signed_in(year.specialist), [], LIST
    back = None
    while address:
        page = browser.get(address)
        seen += [row["pk"] for row in page.context["rows"]]
        back = page.context["paged"].prev_url
        address = page.context["paged"].next_url and LIST + page.context["paged"].next_url
    assert len(seen) == len(set(seen)) == 5
    assert [row["pk"] for row in browser.get(LIST + back).context["rows"]] == seen[2:4]
    assert browser.get(LIST, {"sau": "không_phải"}).status_code == 422


@pytest.mark.parametrize("path", [LIST, f"{LIST}?muc=ky", EXEMPTIONS, HEAT + "?nam=2016", CLUSTERS])
def test_statements_do_not_grow_with_rows(cast, signed_in, path):
    rule = make_rule(cast.tree.province)
    browser = signed_in(cast.leader)

    def add(month):
        slot = make_occurrence(rule, cast.tree.a1, f"2016-{month:02d}")
        make_meeting(cast.tree.a1, date(2016, month, 5), slot)
        Exemption.objects.create(
            occurrence=make_occurrence(rule, cast.tree.a2, f"2016-{month:02d}"), reason="bão", asked_by_id=1
        )
        UnitCluster.objects.create(unit=cast.tree.a, name=f"Cụm {month}", valid_from=date(2016, 1, 1))

    add(1)
    browser.get(path)
    with CaptureQueriesContext(connection) as first:
        browser.get(path)
    add(2)
    add(3)
    with CaptureQueriesContext(connection) as second:
        assert total(browser.get(path)) > 0
    assert len(first) == len(second) <= 15, [q["sql"][:90] for q in second]


def test_heat_table_says_each_month_in_a_word(year, signed_in):
    text = signed_in(year.specialist).get(HEAT, {"nam": "2016"}).content.decode()
    for word in (">1</a>", ">muộn</a>", ">bù</a>", ">miễn</a>", ">thiếu</a>", "Huyện Yên Sơn", "Quý I"):
        assert word in text
    assert text.index("Xã Đồng Tâm") < text.index("Xã Quảng La")
    slot = Occurrence.objects.get(period="2016-02")
    assert f'<a href="/hoi-nghi/ky/{slot.pk}/" title="Họp ngày 03/03/2016">muộn</a>' in text
    only_b = signed_in(year.specialist).get(HEAT, {"nam": "2016", "don-vi": year.tree.b.key}).content.decode()
    assert "Xã Quảng La" in only_b
    assert "Xã Đồng Tâm" not in only_b
    assert signed_in(year.leader).get(HEAT, {"nam": "2016", "don-vi": year.tree.b.key}).status_code == 404
    assert signed_in(year.leader).get(HEAT, {"nam": "abc"}).status_code == 422


def test_the_officer_finds_the_slot_of_this_month(cast, signed_in):
    today = timezone.localdate()
    slot = make_occurrence(make_rule(cast.tree.province), cast.tree.a1, Period.of_day(today, "month").code)
    text = signed_in(cast.commune).get(LIST).content.decode()
    assert f"Ghi hội nghị tháng {today.month}/{today.year}" in text
    assert f"/hoi-nghi/moi/?ky={slot.pk}&amp;don-vi={cast.tree.a1.pk}" in text
    meeting = make_meeting(cast.tree.a1, None, slot, MeetingStatus.PLANNED, planned_on=today)
    text = signed_in(cast.commune).get(LIST).content.decode()
    assert f"/hoi-nghi/{meeting.pk}/ghi/" in text
    assert "Đã lên lịch" in text


def test_occurrence_page_tells_timeliness_and_foreign_ones_are_missing(year, signed_in):
    slot = Occurrence.objects.get(period="2016-03", unit=year.tree.a1)
    text = signed_in(year.commune).get(slot.get_absolute_url()).content.decode()
    assert "Đã họp bù" in text
    assert "sau hạn 39 ngày" in text
    assert "1926-CV/TU" in text
    for who in (year.other_commune, year.outsider, year.agency):
        assert signed_in(who).get(slot.get_absolute_url()).status_code == 404


@pytest.fixture
def storm(cast):
    today = timezone.localdate()
    word = Period.of_day(today, "month").code
    rule = make_rule(cast.tree.province)
    return [make_occurrence(rule, unit, word) for unit in (cast.tree.a1, cast.tree.a2, cast.tree.b1)]


def test_asking_and_granting_an_exemption_through_the_pages(cast, signed_in, storm):
    url = storm[0].get_absolute_url()
    officer, leader = signed_in(cast.commune), signed_in(cast.leader)
    assert "Xin miễn kỳ này" in officer.get(url).content.decode()
    assert officer.post(url + "xin-mien/", {"reason": " "}).status_code == 422
    assert officer.post(url + "xin-mien/", {"reason": "Ứng phó bão số 3"}).status_code == 302
    assert total(leader.get(EXEMPTIONS)) == 1
    pending = Exemption.objects.get()
    decide = f"/hoi-nghi/mien/{pending.pk}/quyet-dinh/"
    refused = leader.post(decide, {"decision": "refuse", "note": ""})
    assert refused.status_code == 422
    assert "Nhập lý do không đồng ý." in refused.content.decode()
    assert leader.post(decide, {"decision": "grant", "note": "Đồng ý", "document": "45-CV/HU"}).status_code == 302
    storm[0].refresh_from_db()
    assert storm[0].is_exempt
    assert "Được miễn" in officer.get(url).content.decode()
    assert total(leader.get(EXEMPTIONS)) == 0
    assert total(leader.get(EXEMPTIONS, {"muc": "da-quyet-dinh"})) == 1


def test_a_storm_excuses_the_chosen_communes_at_once(cast, signed_in, storm):
    leader, url = signed_in(cast.leader), "/hoi-nghi/mien/nhieu-don-vi/"
    page = leader.get(url).content.decode()
    assert "Xã Hải Lạng" in page
    assert "Xã Quảng La" not in page
    document = {"document": "45-CV/HU"}
    foreign = leader.post(url, {"occurrences": [storm[2].pk], "reason": "bão"} | document)
    assert foreign.status_code == 422
    assert not Occurrence.objects.filter(is_exempt=True).exists()
    assert (
        leader.post(url, {"occurrences": [row.pk for row in storm[:2]], "reason": "Bão số 3"} | document).status_code
        == 302
    )
    assert Occurrence.objects.filter(is_exempt=True).count() == Exemption.objects.filter(is_granted=True).count() == 2
    assert signed_in(cast.commune).get(url).status_code == 403


def test_a_new_rule_ends_the_old_one_and_plans_anew(cast, signed_in):
    today = timezone.localdate()
    make_rule(cast.tree.province, document="mặc định")
    begins = (today + timedelta(days=40)).replace(day=1)
    form = {
        "province": cast.tree.province.pk,
        "level": "commune",
        "period_kind": "quarter",
        "early_days": "5",
        "grace_days": "10",
        "log_days": "3",
        "conclusion_days": "5",
        "document": "12-QĐ/TU",
        "document_on": today.strftime("%d/%m/%Y"),
        "valid_from": begins.strftime("%d/%m/%Y"),
    }
    head = signed_in(cast.head)
    too_early = head.post(RULES + "moi/", form | {"valid_from": "01/01/2015"})
    assert too_early.status_code == 422
    assert "phải bắt đầu sau ngày" in too_early.content.decode()
    assert head.post(RULES + "moi/", form | {"grace_days": "400"}).status_code == 422
    preview = head.post(RULES + "moi/", form)
    assert preview.status_code == 200
    assert "không còn phải họp" in preview.content.decode()
    assert CadenceRule.objects.count() == 1
    for _ in range(2):
        answer = head.post(RULES + "moi/", form | {"confirmed": "1"})
        assert answer.status_code == 302, answer.context["form"].errors
    old, new = CadenceRule.objects.order_by("valid_from")
    assert (old.valid_to, new.period_kind, new.grace_days) == (begins, "quarter", 10)
    assert total(head.get(RULES)) == 2
    assert not Occurrence.objects.filter(rule=old, ends_on__gte=begins).exists()
    assert signed_in(cast.leader).get(RULES).status_code == 403
    foreign = signed_in(cast.head).post(RULES + "moi/", form | {"province": cast.outsider.person.posts.first().unit_id})
    assert foreign.status_code == 422


def test_clusters_are_made_and_ended_by_those_who_keep_the_meetings(cast, signed_in):
    leader = signed_in(cast.leader)
    form = {"name": "Cụm 1", "valid_from": "01/01/2026", "members": [cast.tree.a1.pk, cast.tree.a2.pk]}
    for _ in range(2):
        assert leader.post(CLUSTERS + "moi/", form).status_code == 302
    cluster = UnitCluster.objects.get()
    assert set(cluster.members.all()) == {cast.tree.a1, cast.tree.a2}
    for foreign in (cast.tree.b1.pk, 2**63):
        assert leader.post(CLUSTERS + "moi/", form | {"members": [foreign]}).status_code == 422
    assert leader.post(CLUSTERS + "moi/", form | {"members": [cast.tree.a1.pk]}).status_code == 422
    assert total(leader.get(CLUSTERS)) == 1
    assert total(signed_in(cast.other_leader).get(CLUSTERS)) == 0
    assert signed_in(cast.other_leader).post(f"{CLUSTERS}{cluster.pk}/ket-thuc/").status_code == 404
    assert signed_in(cast.head).post(f"{CLUSTERS}{cluster.pk}/ket-thuc/").status_code == 403
    assert leader.post(f"{CLUSTERS}{cluster.pk}/ket-thuc/").status_code == 302
    cluster.refresh_from_db()
    assert cluster.valid_to == timezone.localdate()


@pytest.mark.parametrize(
    ("who", "is_led"), [("commune", True), ("specialist", True), ("agency", False), ("village", False)]
)
def test_the_list_leads_nobody_to_a_page_they_may_not_open(cast, signed_in, who, is_led):
    page = signed_in(getattr(cast, who)).get("/hoi-nghi/").content.decode()
    assert (reverse("delegate_year") in page) == is_led
    assert (reverse("speaker_list") in page) == is_led
