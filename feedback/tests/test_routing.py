"""Who usually takes what: rules, suggestions with their reason, the matrix, the list of topics."""

from datetime import timedelta

import pytest
from django.urls import reverse

from conftest import make_body
from core.models import Activity
from feedback.models import RoutingRule, Topic
from feedback.routing.reads import ruled_bodies, suggest_bodies
from feedback.tests.builders import TODAY, make_opinion, topic

pytestmark = pytest.mark.django_db
DONE = {"status": "resolved", "settled_on": TODAY - timedelta(days=9)}


def settle(cast, count, body, **fields):
    for _ in range(count):
        make_opinion(cast.tree.a1, body=body, **(DONE | fields))


def reasons(opinion):
    return [(each.body.name, each.reason) for each in suggest_bodies(opinion, TODAY)]


def test_a_rule_comes_first_then_those_who_settled_the_most(cast):
    police, works = make_body(cast.tree.a1, "Công an xã"), make_body(cast.tree.a1, "Kinh tế xã")
    opinion = make_opinion(cast.tree.a1)
    assert reasons(opinion) == []
    settle(cast, 2, police)
    settle(cast, 3, works)
    RoutingRule.objects.create(unit=cast.tree.a1, topic=topic(), body=cast.bodies.commune)
    assert reasons(opinion) == [
        (cast.bodies.commune.name, "theo quy định phân công của đơn vị"),
        ("Kinh tế xã", "đã giải quyết 3 ý kiến cùng lĩnh vực"),
        ("Công an xã", "đã giải quyết 2 ý kiến cùng lĩnh vực"),
    ]
    RoutingRule.objects.create(unit=cast.tree.a1, topic=topic(), competence="commune", body=police)
    assert reasons(opinion)[0][0] == "Công an xã"
    rows = [{"pk": 1, "holder_id": cast.tree.a1.pk, "topic_id": topic().pk, "competence": "sector"}]
    assert ruled_bodies(rows) == {1: cast.bodies.commune.name}


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": "restricted"},
        {"settled_on": TODAY - timedelta(days=800)},
        {"status": "withdrawn"},
        {"topic": "POWER"},
        {"holder": "a2"},
    ],
)
def test_what_does_not_count_as_experience(cast, fields):
    fields = fields | ({"topic": topic("POWER")} if "topic" in fields else {})
    fields = fields | ({"holder": cast.tree.a2} if "holder" in fields else {})
    settle(cast, 1, cast.bodies.commune, **fields)
    assert reasons(make_opinion(cast.tree.a1)) == []


def test_a_body_that_has_ended_is_not_suggested(cast):
    settle(cast, 1, cast.bodies.commune)
    type(cast.bodies.commune).objects.filter(pk=cast.bodies.commune.pk).update(valid_to=TODAY)
    assert reasons(make_opinion(cast.tree.a1)) == []


def test_the_form_shows_the_suggestion_and_chooses_it(cast, signed_in):
    RoutingRule.objects.create(unit=cast.tree.a1, topic=topic(), body=cast.bodies.commune)
    page = signed_in(cast.commune).get(make_opinion(cast.tree.a1).get_absolute_url()).content.decode()
    assert "theo quy định phân công của đơn vị" in page
    assert f'<option value="{cast.bodies.commune.pk}" selected>' in page


def test_the_desk_names_the_usual_body_of_rows_nobody_has_yet(cast, signed_in, django_assert_max_num_queries):
    make_opinion(cast.tree.a1)
    RoutingRule.objects.create(unit=cast.tree.a1, topic=topic(), body=cast.bodies.commune)
    browser, counts = signed_in(cast.commune), []
    browser.get(reverse("opinion_list"))
    for _ in range(2):
        with django_assert_max_num_queries(80) as captured:
            page = browser.get(reverse("opinion_list")).content.decode()
        counts.append(len(captured))
        make_opinion(cast.tree.a1)
        make_opinion(cast.tree.a1)
    assert f"Gợi ý: {cast.bodies.commune.name}" in page
    assert counts[0] == counts[1]


def test_keepers_mend_their_own_matrix(cast, signed_in):
    browser, url = signed_in(cast.commune), reverse("routing_edit", args=[topic().pk])
    page = browser.get(reverse("routing_list"))
    assert f'data-total="{Topic.objects.offered().count()}"' in page.content.decode()
    assert browser.get(url).status_code == 200
    form = {"seen": "", "body_": cast.bodies.commune.pk}
    assert browser.post(url, form).status_code == 302
    assert RoutingRule.objects.get(unit=cast.tree.a1).body == cast.bodies.commune
    assert Activity.objects.filter(verb="routing.set").count() == 1
    assert cast.bodies.commune.name in browser.get(reverse("routing_list")).content.decode()
    assert browser.post(url, form | {"body_": ""}).status_code == 409
    assert browser.post(url, form | {"body_": cast.bodies.district.pk}).status_code == 422
    seen = f"={cast.bodies.commune.pk}"
    assert browser.post(url, {"seen": seen, "body_": ""}).status_code == 302
    assert not RoutingRule.objects.exists()


@pytest.mark.parametrize(("actor", "status"), [("district", 403), ("agency", 403), ("leader", 200)])
def test_who_keeps_the_matrix(cast, signed_in, actor, status):
    assert signed_in(getattr(cast, actor)).get(reverse("routing_edit", args=[topic().pk])).status_code == status


def test_nobody_opens_the_matrix_of_another_unit(cast, signed_in):
    assert signed_in(cast.other_commune).get(f"{reverse('routing_list')}?don-vi={cast.tree.a1.key}").status_code == 404


def test_the_province_mends_topics_and_others_read_them(cast, signed_in):
    power, url = topic("POWER"), reverse("topic_edit", args=[topic("POWER").pk])
    assert signed_in(cast.commune).get(reverse("topic_list")).status_code == 200
    assert signed_in(cast.commune).get(url).status_code == 403
    browser = signed_in(cast.head)
    form = {"seen": f"{power.name}|{power.order}|", "name": "Điện", "order": 55, "valid_to": ""}
    assert browser.post(url, form | {"name": topic().name}).status_code == 422
    assert browser.post(url, form | {"valid_to": "01/01/1980"}).status_code == 422
    assert browser.post(url, form).status_code == 302
    assert browser.post(url, form).status_code == 409
    power.refresh_from_db()
    assert (power.name, power.order) == ("Điện", 55)
