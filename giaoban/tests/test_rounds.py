"""A round of two sittings, and one that is ended incomplete, as every place that shows it tells it."""

from datetime import date

import pytest
from django.urls import reverse

from core.errors import DomainError, NotAllowed
from core.periods import Period
from journal.models import Notice
from meetings.jobs import flag_overdue
from meetings.models import Exemption, Occurrence
from meetings.services import MeetingFacts, SittingPlan, hold_meeting
from meetings.services.exemptions import ask_to_end, decide_exemption
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from reports.closing.reads import own_periods
from reports.figures import figures
from reports.tables.calendars import district_calendar
from reports.tables.summary import summary_table

TODAY = date(2026, 11, 25)
YEAR = Period.parse("2026")
WORDS = ("expected", "occurrences_held", "on_time", "made_up", "missing", "incomplete", "meetings")


@pytest.fixture
def third(cast):
    """The third quarter of district A (two communes), due on 30/9, with a meeting on the calendar."""
    quarter = make_occurrence(make_rule(cast.tree.province, "district", "quarter"), cast.tree.a, "2026-Q3")
    make_meeting(cast.tree.a, None, quarter, status="planned", planned_on=date(2026, 9, 10))
    return quarter


def sit(cast, third, sittings):
    meeting = third.meetings.get()
    plans = [SittingPlan(day, "", (unit.pk,), 20) for day, unit in sittings]
    facts = MeetingFacts(sittings[0][0], meeting.title, "cluster")
    hold_meeting(meeting.pk, facts, actor=cast.leader, today=TODAY, version=meeting.version, sittings=plans)
    third.refresh_from_db()


def told(cast, third, signed_in):
    """What the figures, B1, B3, the heat table, the lists, the home page, the reminder and closing say."""
    found = figures(cast.tree.a, YEAR, "then", TODAY)
    row, *_ = summary_table(cast.tree.province, YEAR, "then", TODAY).sections[1].rows
    calendar, *_ = district_calendar(cast.tree.province, YEAR, "then", TODAY).sections[0].rows
    browser, year = signed_in(cast.leader), {"nam": "2026"}
    heat = browser.get(reverse("cadence_heat"), year).content.decode()
    missing = browser.get(reverse("meeting_list"), {"muc": "thieu"}).content.decode()
    quarters = own_periods(cast.leader, cast.tree.a, 2026, TODAY)
    return {
        "figures": tuple(found[f"district_{word}"] for word in WORDS),
        "B1": tuple(row.cells[word] for word in ("expected", "held", "incomplete", "meetings")),
        "B3": tuple(calendar.cells[word] for word in ("expected", "held", "incomplete", "q3", "note")),
        "heat": heat.split(f"/hoi-nghi/ky/{third.pk}/")[1].split(">")[1].split("<")[0],
        "missing": "Kỳ quý III/2026" in missing,
        "overdue": Occurrence.objects.overdue(TODAY).exists(),
        "home": [task["word"] for task in browser.get("/").context["tasks"] if "Hội nghị giao ban" in task["title"]],
        "closing": "chưa họp" in quarters[2].warning,
    }


def test_a_round_before_and_after_each_sitting(cast, third, signed_in):
    assert told(cast, third, signed_in) == {
        "figures": (1, 0, 0, 0, 1, 0, 0),
        "B1": (1, 0, 0, 0),
        "B3": (1, 0, 0, "thiếu", ""),
        "heat": "thiếu",
        "missing": True,
        "overdue": True,
        "home": ["Thiếu, quá hạn"],
        "closing": True,
    }
    sit(cast, third, [(date(2026, 9, 10), cast.tree.a1)])
    begun = told(cast, third, signed_in)
    assert begun == {
        "figures": (1, 0, 0, 0, 1, 0, 1),
        "B1": (1, 0, 0, 1),
        "B3": (1, 0, 0, 1, "Quý III/2026 mới họp 1/2 xã"),
        "heat": "1/2",
        "missing": True,
        "overdue": True,
        "home": ["Thiếu, đã họp 1/2 xã"],
        "closing": True,
    }
    flag_overdue(TODAY)
    assert "mới họp 1/2 xã" in Notice.objects.get(recipient=cast.leader).text
    sit(cast, third, [(date(2026, 9, 10), cast.tree.a1), (date(2026, 10, 12), cast.tree.a2)])
    assert told(cast, third, signed_in) == {
        "figures": (1, 1, 0, 1, 0, 0, 1),
        "B1": (1, 1, 0, 1),
        "B3": (1, 1, 0, 1, ""),
        "heat": "bù",
        "missing": False,
        "overdue": False,
        "home": [],
        "closing": False,
    }
    page = signed_in(cast.leader).get(third.meetings.get().get_absolute_url()).content.decode()
    assert "12/10/2026" in page
    assert "Họp bù" in page


def test_a_round_is_ended_incomplete_with_reasons_and_the_agreement_of_the_level_above(cast, third, signed_in):
    sit(cast, third, [(date(2026, 9, 10), cast.tree.a1)])
    leader, above = signed_in(cast.leader), signed_in(cast.specialist)
    page, url, field = third.get_absolute_url(), reverse("round_end", args=[third.pk]), f"ly-do-{cast.tree.a2.pk}"
    assert field in leader.get(page).content.decode()
    refused = leader.post(url, {field: " "})
    assert refused.status_code == 422
    assert "còn thiếu: Xã Hải Lạng" in refused.content.decode()
    assert leader.post(url, {field: "Ngập lụt, đường bị chia cắt"}).status_code == 302
    before = told(cast, third, signed_in)
    assert before["figures"] == (1, 0, 0, 0, 1, 0, 1)
    request = Exemption.objects.get()
    assert "Xã Hải Lạng: Ngập lụt" in above.get(page).content.decode()
    with pytest.raises(NotAllowed):
        decide_exemption(request.pk, actor=cast.leader, is_granted=True, note="", today=TODAY)
    decision = {"decision": "grant", "note": ""}
    assert above.post(reverse("exemption_decide", args=[request.pk]), decision).status_code == 302
    assert told(cast, third, signed_in) == {
        "figures": (1, 0, 0, 0, 0, 1, 1),
        "B1": (1, 0, 1, 1),
        "B3": (1, 0, 1, 1, "Quý III/2026 kết thúc khi mới họp 1/2 xã"),
        "heat": "1/2",
        "missing": False,
        "overdue": False,
        "home": [],
        "closing": False,
    }
    sit(cast, third, [(date(2026, 9, 10), cast.tree.a1), (date(2026, 10, 12), cast.tree.a2)])
    assert told(cast, third, signed_in)["figures"] == (1, 1, 0, 1, 0, 0, 1)


def test_when_a_round_may_not_be_ended(cast, third):
    reasons = {cast.tree.a2.pk: "Bão"}

    def ask(today=TODAY, actor=cast.leader):
        return ask_to_end(third.pk, actor=actor, reasons=reasons, today=today)

    with pytest.raises(DomainError, match="kỳ đang họp"):
        ask()
    sit(cast, third, [(date(2026, 9, 10), cast.tree.a1)])
    with pytest.raises(DomainError, match="Còn hạn họp đến 30/09/2026"):
        ask(today=date(2026, 9, 30))
    with pytest.raises(NotAllowed):
        ask(actor=cast.other_leader)
    assert ask(today=date(2026, 10, 1)) == ask()
    sit(cast, third, [(date(2026, 9, 10), cast.tree.a1), (date(2026, 10, 12), cast.tree.a2)])
    assert Exemption.objects.get().is_granted is False
    with pytest.raises(DomainError, match="kỳ đang họp"):
        ask()
