"""A province's own due rules: dated, ended by the next one, kept by those who keep its rules."""

from datetime import date

import pytest

from core.errors import DomainError, NotAllowed
from core.models import Activity
from feedback.clocks.services import add_due_rule
from feedback.models import DueRule
from feedback.tests.builders import record_one, topic
from units.models import UnitLineage

pytestmark = pytest.mark.django_db
URL = "/y-kien/thoi-han/"


def add(cast, actor, days=20, valid_from=date(2026, 1, 1), topic_id=None, document="15-QĐ/TU"):
    facts = {"actor": actor, "valid_from": valid_from, "document": document}
    return add_due_rule(cast.tree.province.pk, "commune", topic_id, days, **facts)


def test_a_new_rule_ends_the_one_before_and_dates_decide(cast):
    first = add(cast, cast.specialist)
    assert add(cast, cast.specialist) == first
    add(cast, cast.head, 10, date(2026, 3, 1))
    first.refresh_from_db()
    assert first.valid_to == date(2026, 3, 1)
    early = record_one(cast.commune, cast.tree.a1, held_on=date(2026, 2, 26))
    late = record_one(cast.commune, cast.tree.a1, held_on=date(2026, 3, 2))
    assert (early.due_on, late.due_on) == (date(2026, 3, 18), date(2026, 3, 12))
    assert Activity.objects.filter(verb="due_rule.add").count() == 2


def test_a_rule_of_one_field_leaves_the_general_one(cast):
    general = add(cast, cast.specialist)
    add(cast, cast.specialist, 5, date(2026, 2, 1), topic("ENV").pk)
    general.refresh_from_db()
    assert general.valid_to is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"valid_from": date(2026, 1, 1), "days": 9}, "valid_from"), ({"days": 0}, "days"), ({"days": 400}, "days")],
)
def test_what_cannot_be_is_refused(cast, changes, field):
    add(cast, cast.specialist)
    with pytest.raises(DomainError) as refusal:
        add(cast, cast.specialist, **({"valid_from": date(2026, 5, 1)} | changes))
    assert refusal.value.field == field
    assert DueRule.objects.filter(province=cast.tree.province).count() == 1


@pytest.mark.parametrize("who", ["commune", "leader", "province_leader", "agency", "outsider", "village"])
def test_nobody_else_sets_days(cast, signed_in, who):
    with pytest.raises(NotAllowed):
        add(cast, getattr(cast, who))
    assert signed_in(getattr(cast, who)).post(f"{URL}moi/", {}).status_code == 403


def test_the_page_shows_what_holds_and_where_it_comes_from(cast, signed_in):
    browser = signed_in(cast.specialist)
    page = browser.get(URL).content.decode()
    assert "Mặc định của phần mềm" in page
    assert "Quy định 11-QĐi/TW" in page
    data = {
        "province": cast.tree.province.pk, "competence": "commune", "days": "21", "valid_from": "01/01/2026",
        "document": "15-QĐ/TU", "topic": "",
    }  # fmt: skip
    wrong = browser.post(f"{URL}moi/", data | {"days": "0"})
    assert wrong.status_code == 422
    assert browser.post(f"{URL}moi/", data).status_code == 302
    page = browser.get(URL).content.decode()
    assert 'data-total="1"' in page
    assert page.count("15-QĐ/TU") == 2
    assert signed_in(cast.province_leader).get(URL).status_code == 200
    assert signed_in(cast.commune).get(URL).status_code == 403


def test_another_provinces_rules_are_not_shown(cast, signed_in):
    far = cast.outsider.person.posts.get().unit
    province = UnitLineage.objects.get(unit=far, ancestor__level="province").ancestor
    DueRule.objects.create(
        province=province, competence="commune", days=7, valid_from=date(2026, 1, 1), document="Riêng"
    )
    assert "Riêng" not in signed_in(cast.specialist).get(URL).content.decode()


def test_the_list_takes_as_many_queries_for_three_rules_as_for_one(cast, signed_in, django_assert_max_num_queries):
    browser = signed_in(cast.specialist)

    def count():
        with django_assert_max_num_queries(40) as captured:
            assert browser.get(URL).status_code == 200
        return len(captured)

    add(cast, cast.specialist)
    count()
    one = count()
    add(cast, cast.specialist, 5, date(2026, 2, 1), topic("ENV").pk)
    add(cast, cast.specialist, 6, date(2026, 3, 1))
    assert count() == one
