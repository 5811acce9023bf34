"""Rules that can be mended: what each change does to every period, seen before it is saved and found after it."""

from datetime import date

import pytest

from core.errors import DomainError, NotAllowed
from meetings.cadence.services import (
    add_rule,
    end_rule,
    is_unused,
    plan_occurrences,
    preview_rule,
    preview_without,
    withdraw_rule,
)
from meetings.models import CadenceRule, Exemption, Occurrence
from meetings.tests.builders import make_meeting, make_rule

TODAY = date(2026, 11, 25)
YEAR_END = date(2027, 12, 31)
MONTHS = [f"2027-{month:02d}" for month in range(1, 13)]
QUARTERS = [f"2027-Q{number}" for number in (1, 2, 3, 4)]


@pytest.fixture
def monthly(cast):
    rule = make_rule(cast.tree.province)
    planned()
    return rule


def planned():
    plan_occurrences(YEAR_END, TODAY, since=date(2026, 11, 1))


def codes(unit):
    rows = Occurrence.objects.filter(unit=unit, year=2027).order_by("ends_on", "-starts_on")
    return list(rows.values_list("period", flat=True))


def rule_of(cast, kind, begins, unit=None, **fields):
    facts = {"document": "12-QĐ/TU", **fields}
    return CadenceRule(
        province=cast.tree.province, level="commune", period_kind=kind, valid_from=begins, unit=unit, **facts
    )


def words(changes, year="2027"):
    return {change.code: change.word for change in changes if change.code.startswith(year)}


CHANGES = [
    # the new rule, what the preview says of 2027, what is expected of a commune afterwards
    (
        "quarter",
        date(2027, 1, 1),
        dict.fromkeys(MONTHS, "không còn phải họp") | dict.fromkeys(QUARTERS, "thêm kỳ"),
        QUARTERS,
    ),
    (
        "quarter",
        date(2027, 4, 1),
        dict.fromkeys(MONTHS[3:], "không còn phải họp") | dict.fromkeys(QUARTERS[1:], "thêm kỳ"),
        [*MONTHS[:3], *QUARTERS[1:]],
    ),
    ("month", date(2027, 2, 1), dict.fromkeys(MONTHS[:1], "giữ nguyên") | dict.fromkeys(MONTHS[1:], "đổi hạn"), MONTHS),
]


@pytest.mark.parametrize(("kind", "begins", "said", "expected"), CHANGES)
def test_a_new_rule_is_previewed_saved_and_taken_back(cast, monthly, kind, begins, said, expected):
    before = codes(cast.tree.a1)
    assert before == MONTHS
    rule = rule_of(cast, kind, begins, grace_days=10)
    assert words(preview_rule(rule, actor=cast.head, today=TODAY)) == said
    assert codes(cast.tree.a1) == before
    add_rule(rule, actor=cast.head, today=TODAY)
    planned()
    assert codes(cast.tree.a1) == expected
    back = words(preview_without(rule))
    assert {code for code, word in back.items() if word != "giữ nguyên"} == {
        code for code, word in said.items() if word != "giữ nguyên"
    }
    withdraw_rule(rule, actor=cast.head, today=TODAY)
    planned()
    monthly.refresh_from_db()
    assert monthly.valid_to is None
    assert codes(cast.tree.a1) == before
    assert CadenceRule.objects.get() == monthly


@pytest.mark.parametrize(
    ("old", "new", "begins", "is_allowed"),
    [
        ("month", "quarter", date(2027, 2, 15), False),
        ("month", "quarter", date(2027, 2, 1), False),
        ("month", "quarter", date(2027, 1, 1), True),
        ("month", "month", date(2027, 2, 15), False),
        ("month", "month", date(2027, 2, 1), True),
        ("quarter", "month", date(2027, 2, 1), False),
        ("quarter", "month", date(2027, 4, 1), True),
        ("month", "month", date(2026, 11, 1), False),
        ("month", "month", date(2026, 12, 1), True),
    ],
)
def test_a_rule_begins_on_the_first_day_of_a_period_of_both_kinds(cast, old, new, begins, is_allowed):
    make_rule(cast.tree.province, kind=old)
    for act in (preview_rule, add_rule):
        rule = rule_of(cast, new, begins)
        if is_allowed:
            act(rule, actor=cast.head, today=TODAY)
        else:
            with pytest.raises(DomainError, match="bắt đầu"):
                act(rule, actor=cast.head, today=TODAY)


def test_a_rule_that_cut_periods_in_two_is_replaced(cast, monthly):
    """A quarterly rule from 15/02: January and the whole quarter are due, February and March are not."""
    monthly.valid_to = date(2027, 2, 15)
    monthly.save()
    broken = make_rule(cast.tree.province, kind="quarter", valid_from=date(2027, 2, 15))
    planned()
    assert codes(cast.tree.a1) == ["2027-01", *QUARTERS]
    rule = rule_of(cast, "quarter", date(2027, 4, 1))
    said = words(preview_rule(rule, actor=cast.head, today=TODAY, replacing=broken))
    assert {code: said[code] for code in ("2027-01", "2027-02", "2027-03", "2027-Q1", "2027-Q2")} == {
        "2027-01": "giữ nguyên",
        "2027-02": "thêm kỳ",
        "2027-03": "thêm kỳ",
        "2027-Q1": "không còn phải họp",
        "2027-Q2": "giữ nguyên",
    }
    add_rule(rule, actor=cast.head, today=TODAY, replacing=broken)
    planned()
    assert codes(cast.tree.a1) == [*MONTHS[:3], *QUARTERS[1:]]
    assert not CadenceRule.objects.filter(pk=broken.pk).exists()


def test_a_rule_under_which_something_happened_is_ended_not_withdrawn(cast, monthly):
    december = Occurrence.objects.get(unit=cast.tree.a1, period="2026-12")
    assert is_unused(monthly)
    exemption = Exemption.objects.create(occurrence=december, reason="bão", asked_by_id=1)
    assert not is_unused(monthly)
    exemption.delete()
    make_meeting(cast.tree.a1, None, december, status="planned", planned_on=date(2026, 12, 20))
    with pytest.raises(DomainError, match="kết thúc chế độ"):
        withdraw_rule(monthly, actor=cast.head, today=TODAY)
    with pytest.raises(DomainError, match="kết thúc chế độ"):
        preview_rule(rule_of(cast, "month", date(2027, 2, 1)), actor=cast.head, today=TODAY, replacing=monthly)
    for day in (date(2027, 3, 15), date(2026, 11, 1)):
        with pytest.raises(DomainError, match="ngày đầu một kỳ"):
            end_rule(monthly, valid_to=day, actor=cast.head, today=TODAY)
    end_rule(monthly, valid_to=date(2027, 3, 1), actor=cast.head, today=TODAY)
    planned()
    assert codes(cast.tree.a1) == MONTHS[:2]
    with pytest.raises(DomainError, match="đã kết thúc từ ngày 01/03/2027"):
        end_rule(monthly, valid_to=date(2027, 4, 1), actor=cast.head, today=TODAY)


def test_a_unit_s_own_rule_stands_before_that_of_its_level(cast, monthly):
    own = rule_of(cast, "quarter", date(2027, 1, 1), unit=cast.tree.a1, document="7-NQ/ĐU")
    said = words(preview_rule(own, actor=cast.head, today=TODAY))
    assert said == dict.fromkeys(MONTHS, "không còn phải họp") | dict.fromkeys(QUARTERS, "thêm kỳ")
    add_rule(own, actor=cast.head, today=TODAY)
    planned()
    assert (codes(cast.tree.a1), codes(cast.tree.a2)) == (QUARTERS, MONTHS)
    monthly.refresh_from_db()
    assert monthly.valid_to is None
    end_rule(own, valid_to=date(2027, 7, 1), actor=cast.head, today=TODAY)
    planned()
    assert codes(cast.tree.a1) == [*QUARTERS[:2], *MONTHS[6:]]
    withdraw_rule(own, actor=cast.head, today=TODAY)
    planned()
    assert codes(cast.tree.a1) == codes(cast.tree.a2) == MONTHS


def test_who_may_mend_rules_and_the_pages_of_it(cast, monthly, signed_in):
    rule = add_rule(rule_of(cast, "quarter", date(2027, 1, 1)), actor=cast.head, today=TODAY)
    for actor in (cast.leader, cast.commune, cast.outsider):
        with pytest.raises(NotAllowed):
            withdraw_rule(rule, actor=actor, today=TODAY)
        with pytest.raises(NotAllowed):
            end_rule(rule, valid_to=date(2027, 4, 1), actor=actor, today=TODAY)
    head, url = signed_in(cast.head), f"/hoi-nghi/che-do/{rule.pk}/"
    page = head.get(url).content.decode()
    assert "Rút lại chế độ" in page
    assert "Tháng 01/2027" in page or "Tháng 1/2027" in page
    typed = head.get("/hoi-nghi/che-do/moi/", {"thay": rule.pk}).content.decode()
    assert "Thay cho chế độ" in typed
    assert 'value="12-QĐ/TU"' in typed
    form = dict.fromkeys(("early_days", "grace_days", "log_days", "conclusion_days"), "5")
    form |= {"province": cast.tree.province.pk, "level": "commune", "period_kind": "quarter", "document": "7-NQ/ĐU"}
    form |= {"valid_from": "01/01/2027", "unit": cast.tree.a1.pk}
    wrong = head.post("/hoi-nghi/che-do/moi/", form | {"level": "district"})
    assert wrong.status_code == 422
    assert "không thuộc cấp họp đã chọn" in wrong.content.decode()
    assert head.post("/hoi-nghi/che-do/moi/", form | {"confirmed": "1"}).status_code == 302
    CadenceRule.objects.get(unit=cast.tree.a1).delete()
    assert signed_in(cast.leader).post(url + "rut/").status_code == 403
    assert head.post(url + "ket-thuc/", {"valid_to": "15/02/2027"}).status_code == 422
    assert head.post(url + "rut/").status_code == 302
    assert head.get(url).status_code == 404
    assert CadenceRule.objects.get() == monthly
