"""The pages of plans from outside: a month is made, changed, published and read; sentences, rights, queries."""

from datetime import timedelta

import icalendar
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.logs import masked
from core.periods import Period
from feedback.tests.builders import make_meeting, make_opinion
from meetings.models import CalendarFeed
from units.models import UnitHeritage
from visits.enums import PlanState
from visits.home import tasks_for
from visits.models import CellRating, PlannedVisit, Visit, VisitPlan
from visits.plans.proposing import ranked, villages_below
from visits.tests.builders import make_assignment, make_cadre, make_norm, make_visit


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def month(today):
    return Period.of_day(today, "month").next()


@pytest.fixture
def post(cast):
    return cast.cadre.person.posts.get()


@pytest.fixture
def assignment(cast, post):
    make_norm(cast.tree.province)
    return make_assignment(post, cast.tree.a1)


def make_plan(cast, month, state=PlanState.PUBLISHED, unit=None):
    unit = unit or cast.tree.a
    return VisitPlan.objects.create(
        unit=unit, level=unit.level, province=cast.tree.province, district=cast.tree.a, month=month.first, state=state,
        commune=unit if unit.level == "commune" else None, published_at=timezone.now() if state != "draft" else None,
    )  # fmt: skip


def make_line(plan, assignment, village, day, **fields):
    return PlannedVisit.objects.create(
        plan=plan, unit=village, village=village, level=assignment.level, province_id=assignment.province_id,
        district_id=assignment.district_id, commune_id=assignment.commune_id, person=assignment.person,
        post=assignment.post, assignment=assignment, group="cell", planned_on=day, **fields,
    )  # fmt: skip


def text_of(answer):
    return answer.content.decode()


def test_a_month_is_proposed_changed_and_published_on_the_pages(cast, signed_in, assignment, month):
    browser = signed_in(cast.district)
    form = {"unit": cast.tree.a.pk, "month": month.code}
    assert month.label in text_of(browser.get(reverse("visit_plan_create")))
    first, second = (browser.post(reverse("visit_plan_create"), form) for _ in range(2))
    plan = VisitPlan.objects.get()
    assert first.url == second.url == plan.get_absolute_url()
    page = text_of(browser.get(first.url))
    assert 'data-total="1"' in page
    assert "Từ đầu năm" in page
    line = plan.lines.get()
    edit = reverse("visit_line_edit", args=[line.pk])
    assert browser.get(edit).status_code == 200
    day = month.last - timedelta(days=1)
    typed = {"unit": cast.tree.villages[0].pk, "group": "women", "planned_on": f"{day:%d/%m/%Y}", "starts_at": "19:30"}
    assert browser.post(edit, typed | {"version": 1}).status_code == 302
    stale = browser.post(edit, typed | {"version": 1, "note": "mang sổ"})
    assert (stale.status_code, "mang sổ" in text_of(stale), "Bản đang lưu" in text_of(stale)) == (409, True, True)
    publish = reverse("visit_plan_publish", args=[plan.pk])
    assert browser.post(publish, {"version": 1}).status_code == 409
    plan.refresh_from_db()
    assert browser.post(publish, {"version": plan.version}).status_code == 302
    assert browser.post(publish, {"version": plan.version}).status_code == 302
    mine = text_of(signed_in(cast.cadre).get(reverse("visit_plan_mine"), {"ky": month.code}))
    assert "19:30" in mine
    assert 'data-total="1"' in mine
    line.refresh_from_db()
    cancel = reverse("visit_line_cancel", args=[line.pk])
    assert browser.post(cancel, {"version": line.version, "note": ""}).status_code == 422
    assert browser.post(cancel, {"version": line.version, "note": "bão số 5"}).status_code == 302
    assert "bão số 5" in text_of(signed_in(cast.village).get(plan.get_absolute_url()))


def test_a_line_by_hand_says_what_is_wrong_and_keeps_what_was_typed(cast, signed_in, assignment, month):
    plan, browser = make_plan(cast, month, PlanState.DRAFT), signed_in(cast.leader)
    add = reverse("visit_line_add", args=[plan.pk])
    sunday = month.first + timedelta(days=6 - month.first.weekday())
    typed = {
        "person": cast.cadre.person_id, "unit": cast.tree.villages[0].pk, "group": "cell",
        "planned_on": f"{sunday:%d/%m/%Y}", "note": "mang theo sổ",
    }  # fmt: skip
    for wrong, sentence in (
        ({"planned_on": f"{month.last + timedelta(days=1):%d/%m/%Y}"}, "không thuộc tháng"),
        ({"planned_on": "31/02/2026"}, "dạng ngày/tháng/năm"),
        ({"unit": cast.tree.villages[0].pk + 999}, "không có trong danh sách"),
        ({"group": ""}, "Chọn tổ chức"),
    ):
        answer = browser.post(add, typed | wrong)
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        assert "mang theo sổ" in text_of(answer)
    answer = browser.post(add, typed, follow=True)
    assert "là ngày nghỉ" in text_of(answer)
    assert browser.post(add, typed).status_code == 302
    line = plan.lines.get()
    remove = reverse("visit_line_remove", args=[line.pk])
    assert browser.post(remove, {"version": 9}).status_code == 409
    assert browser.post(remove, {"version": 1}).status_code == 302
    assert not plan.lines.exists()


@pytest.mark.parametrize("state", [PlanState.DRAFT, PlanState.PUBLISHED])
def test_foreign_plans_are_missing_and_strange_acts_refused(cast, signed_in, assignment, month, state):
    plan = make_plan(cast, month, state)
    line = make_line(plan, assignment, cast.tree.villages[0], month.first)
    detail, edit = plan.get_absolute_url(), reverse("visit_line_edit", args=[line.pk])
    acts = [reverse(name, args=[line.pk]) for name in ("visit_line_cancel", "visit_line_remove")]
    acts += [reverse(name, args=[plan.pk]) for name in ("visit_plan_publish", "visit_plan_propose")]
    is_read = state == PlanState.PUBLISHED
    for who in ("outsider", "other_leader", "other_commune", "agency", "admin"):
        browser = signed_in(getattr(cast, who))
        assert browser.get(detail).status_code == 404
        assert {browser.post(url, {"version": 1}).status_code for url in acts} <= {403, 404}
    for who in ("commune", "specialist", "cadre", "village"):
        browser = signed_in(getattr(cast, who))
        assert browser.get(detail).status_code == (200 if is_read else 404)
        assert {browser.post(url, {"version": 1}).status_code for url in acts} <= {403, 404}
        assert browser.get(edit).status_code in (403, 404)
    line.refresh_from_db()
    assert (line.is_cancelled, VisitPlan.objects.get().state) == (False, state)


def test_what_changed_after_publication_is_seen_and_a_village_reads_no_reasons(cast, signed_in, assignment, month):
    plan = make_plan(cast, month)
    village = cast.tree.villages[0]
    line = make_line(plan, assignment, village, month.last, reasons=["Chi bộ xếp loại năm 2025: yếu kém"])
    typed = {"unit": village.pk, "group": "cell", "planned_on": f"{month.last - timedelta(days=1):%d/%m/%Y}"}
    edit = reverse("visit_line_edit", args=[line.pk])
    assert signed_in(cast.district).post(edit, typed | {"version": 1}).status_code == 302
    for who, reads in (("commune", True), ("cadre", True), ("leader", True), ("village", False)):
        page = text_of(signed_in(getattr(cast, who)).get(plan.get_absolute_url()))
        assert f"trước là {month.last:%d/%m/%Y}" in page
        assert ("yếu kém" in page) == reads, who


def test_a_cadre_logs_a_planned_visit_and_the_plan_shows_it(cast, signed_in, assignment, today):
    plan = make_plan(cast, Period.of_day(today, "month"))
    line = make_line(plan, assignment, cast.tree.villages[1], today)
    browser = signed_in(cast.cadre)
    mine = text_of(browser.get(reverse("visit_plan_mine")))
    door = f"{reverse('visit_create')}?noi={line.unit_id}&amp;ke-hoach={line.pk}"
    assert door in mine
    form = browser.get(door.replace("&amp;", "&")).context["form"]
    assert (form["unit"].value(), form["group"].value(), form["line"].value()) == (line.unit_id, "cell", line.pk)
    typed = {"person": cast.cadre.person_id, "unit": line.unit_id, "group": "cell", "line": line.pk}
    typed |= {"visited_on": f"{today:%d/%m/%Y}", "content": "Dự sinh hoạt chi bộ."}
    assert browser.post(reverse("visit_create"), typed).status_code == 302
    line.refresh_from_db()
    assert line.visit == Visit.objects.get()
    page = text_of(browser.get(plan.get_absolute_url()))
    assert "Đã đi" in page
    assert line.visit.get_absolute_url() in page


def test_the_home_page_says_who_goes_and_who_comes(cast, assignment, today):
    plan = make_plan(cast, Period.of_day(today, "month"))
    assert tasks_for(cast.village, today) == []
    make_line(plan, assignment, cast.tree.villages[0], today)
    make_line(plan, assignment, cast.tree.villages[1], today)
    titles = {who: [task["title"] for task in tasks_for(getattr(cast, who), today)] for who in ("village", "commune")}
    assert titles["village"] == ["1 lượt cán bộ sẽ đến trong 30 ngày tới"]
    assert "2 lượt cán bộ sẽ đến trong 30 ngày tới" in titles["commune"]
    assert [task for task in tasks_for(cast.cadre, today) if "Thôn 1, Xã Đồng Tâm" in task["title"]]
    assert not [task for task in tasks_for(cast.other_commune, today) if "sẽ đến" in task["title"]]


def test_a_village_finds_its_schedule_among_the_visits(cast, signed_in):
    link = f'href="{reverse("visit_schedule")}"'
    assert link in text_of(signed_in(cast.village).get(reverse("visit_list")))
    assert link not in text_of(signed_in(cast.agency).get(reverse("visit_list")))


# where to go first


@pytest.fixture
def weak(cast, today):
    """Thôn 1: a pressing and an overdue opinion, beside a restricted one; Thôn 2 spoke; nobody spoke in Thôn 3."""
    one, two, _ = cast.tree.villages
    days = [today - timedelta(days=30 * n) for n in (1, 2, 3)]
    meetings = [make_meeting(cast.tree.a1, day, kind="periodic") for day in days]
    place = {"commune": cast.tree.a1, "district": cast.tree.a, "province": cast.tree.province, "level": "commune"}
    old = today - timedelta(days=90)
    late = {"meeting": meetings[0], "raised_on": old, "is_pressing": True, "visibility": "normal"}
    make_opinion(cast.tree.a1, village=one, **late)
    make_opinion(cast.tree.a1, village=one, **late | {"visibility": "restricted"})
    make_opinion(cast.tree.a1, village=two, meeting=meetings[2], raised_on=today, status="resolved")
    CellRating.objects.create(unit=two, year=today.year - 1, rating="strong", **place)
    return cast


def test_the_facts_of_villages_leave_restricted_opinions_out(weak, post, today):
    villages = villages_below([weak.tree.a.pk], today)
    rows = {row.village.pk: row for row in ranked(villages, Period.of_day(today, "month"), today)}
    one, two, three = (rows[village.pk] for village in weak.tree.villages)
    assert (one.facts.pressing, one.facts.overdue, one.facts.silent) == (1, 1, 0)
    assert (two.facts.rating, two.facts.silent, two.facts.last_on) == ("strong", 0, None)
    assert three.facts.silent == 3
    assert next(iter(rows)) == weak.tree.villages[0].pk


def test_what_happened_in_a_merged_village_counts_for_its_heir(weak, post, today):
    heir, origin = weak.tree.villages[2], weak.tree.villages[1]
    make_visit(post, origin, today)
    UnitHeritage.objects.create(heir=heir, origin=origin)
    villages = [each for each in villages_below([weak.tree.a1.pk], today) if each.pk != origin.pk]
    rows = {row.village.pk: row for row in ranked(villages, Period.of_day(today, "month"), today)}
    assert rows[heir.pk].facts.last_on == today


def test_the_page_of_weak_places(weak, signed_in):
    url = reverse("visit_weakest")
    page = text_of(signed_in(weak.commune).get(url))
    assert 'data-total="3"' in page
    assert "1 vấn đề nổi cộm" in page
    assert "2 vấn đề nổi cộm" not in text_of(signed_in(weak.leader).get(url))
    assert "Chưa có xếp loại" in page
    assert 'data-total="1"' in text_of(signed_in(weak.leader).get(url, {"don-vi": weak.tree.a2.key}))
    assert signed_in(weak.commune).get(url, {"don-vi": weak.tree.a2.key}).status_code == 404
    assert signed_in(weak.village).get(url).status_code == 403
    assert signed_in(weak.outsider).get(url).status_code == 200


# the heat table


def test_the_heat_table_counts_what_its_links_list(cast, signed_in, post, assignment, today):
    village = cast.tree.villages[0]
    for _ in range(2):
        make_visit(post, village, today, assignment)
    make_visit(post, village, today, assignment, status="withdrawn")
    make_visit(post, cast.tree.a1, today, assignment)
    plan = make_plan(cast, Period.of_day(today, "month"))
    make_line(plan, assignment, cast.tree.villages[1], Period.of_day(today, "month").last)
    browser = signed_in(cast.commune)
    heat = browser.get(reverse("visit_heat"), {"ky": today.year}).context["heat"]
    assert (heat["made"], heat["coming"], heat["untouched"]) == (3, 1, 1)
    rows = {row["head"]: row["cells"][today.month - 1] for row in heat["rows"]}
    assert [cell["text"] for cell in rows.values()] == ["1", "2", "dự kiến 1", "–"]
    assert 'data-total="2"' in text_of(browser.get(rows["Thôn 1"]["url"]))
    assert 'data-total="1"' in text_of(browser.get(rows["Thôn 2"]["url"]))
    above = signed_in(cast.leader)
    heat = above.get(reverse("visit_heat"), {"ky": today.year}).context["heat"]
    assert [row["cells"][today.month - 1]["text"] for row in heat["rows"]] == ["3, dự kiến 1", "–"]
    assert 'data-total="4"' in text_of(above.get(heat["rows"][0]["url"]))
    assert above.get(reverse("visit_heat"), {"ky": "1200"}).status_code == 422
    assert above.get(reverse("visit_heat"), {"don-vi": cast.tree.b.key}).status_code == 404


# the calendar to subscribe to


def test_the_feed_of_visits_is_made_renewed_and_ended_by_its_keepers(cast, signed_in, client, assignment, month):
    plan = make_plan(cast, month)
    line = make_line(
        plan, assignment, cast.tree.villages[0], month.first, note="bí mật", reasons=["yếu kém"], version=3
    )
    browser, key = signed_in(cast.district), cast.tree.a.key
    renew, end = (reverse(f"visit_feed_{act}", args=[key]) for act in ("renew", "end"))
    assert signed_in(cast.commune).post(renew, {"version": 0}).status_code == 404
    assert signed_in(cast.cadre).post(renew, {"version": 0}).status_code == 403
    assert browser.post(renew, {"version": 0}).status_code == 302
    assert browser.post(renew, {"version": 0}).status_code == 409
    feed = CalendarFeed.objects.get(subject="visits")
    assert feed.token in text_of(browser.get(reverse("visit_schedule")))
    assert feed.token not in text_of(signed_in(cast.commune).get(reverse("visit_schedule")))
    answer = client.get(f"/lich/co-so/{feed.token}.ics")
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["UID"] == f"planned-visit-{line.pk}.{key}@giaoban"
    assert (event["SEQUENCE"], event["STATUS"], event["DTSTART"].dt) == (3, "CONFIRMED", month.first)
    assert cast.cadre.person.name in event["SUMMARY"]
    assert event["LOCATION"] == "Thôn 1, Xã Đồng Tâm"
    assert "bí mật" not in text_of(answer)
    assert "yếu kém" not in text_of(answer)
    assert client.get(f"/lich/{feed.token}.ics").status_code == 404
    assert browser.post(end, {"version": feed.pk}).status_code == 302
    assert client.get(f"/lich/co-so/{feed.token}.ics").status_code == 404


def test_no_log_line_holds_the_address_of_visits():
    assert masked('"GET /lich/co-so/AbC-123_x.ics HTTP/1.1" 200') == '"GET /lich/co-so/***.ics HTTP/1.1" 200'


# many rows cost what one costs


def test_three_rows_cost_what_one_costs(cast, signed_in, assignment, month, today):
    plan, leader, cadre = make_plan(cast, month), signed_in(cast.leader), signed_in(cast.cadre)
    pages = [
        (leader, plan.get_absolute_url()),
        (leader, reverse("visit_plan_list")),
        (leader, f"{reverse('visit_schedule')}?ky={month.code}"),
        (leader, reverse("visit_weakest")),
        (leader, reverse("visit_heat")),
        (cadre, f"{reverse('visit_plan_mine')}?ky={month.code}"),
    ]
    counts = []
    for number, village in enumerate(cast.tree.villages):
        make_line(plan, assignment, village, month.first + timedelta(days=number))
        make_plan(cast, month, unit=(cast.tree.a1, cast.tree.a2, cast.tree.province)[number])
        counts.append([])
        for browser, url in pages:
            browser.get(url)
            with CaptureQueriesContext(connection) as seen:
                browser.get(url)
            counts[-1].append(len(seen))
    assert counts[0] == counts[1] == counts[2]
    assert max(counts[0]) <= 20, counts[0]


def test_empty_pages_say_what_to_do(cast, signed_in):
    assert "Lập kế hoạch tháng" in text_of(signed_in(cast.district).get(reverse("visit_plan_list")))
    assert "chưa có lượt nào" in text_of(signed_in(cast.cadre).get(reverse("visit_plan_mine")))
    assert "chưa có lượt nào được công bố" in text_of(signed_in(cast.village).get(reverse("visit_schedule")))
    assert signed_in(cast.cadre).get(reverse("visit_schedule"), {"ky": "2026"}).status_code == 422


def test_another_cadres_plan_counts_only_what_may_be_read(cast, signed_in, assignment, month):
    """The visited commune reads its own lines of a district's plan, not those of the others."""
    plan = make_plan(cast, month)
    other = make_assignment(make_cadre(cast.tree.a), cast.tree.a2)
    make_line(plan, assignment, cast.tree.villages[0], month.first)
    make_line(plan, other, cast.tree.a2, month.first)
    assert 'data-total="2"' in text_of(signed_in(cast.leader).get(plan.get_absolute_url()))
    browser = signed_in(cast.other_commune)
    assert 'data-total="1"' in text_of(browser.get(plan.get_absolute_url()))
    (row,) = browser.get(reverse("visit_plan_list")).context["rows"]
    assert (row["lines_count"], row["made_count"]) == (1, 0)
