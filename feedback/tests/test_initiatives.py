"""Initiatives and good practices: stages, places, commendation; who may say so, who sees it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.errors import Conflict, DomainError, NotAllowed
from feedback.initiatives.services import commend, follow_initiative, propose_commendation, spread_initiative
from feedback.models import Initiative, Spread
from feedback.tests.builders import HELD_ON, TODAY, make_opinion
from units.models import Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def idea(cast):
    village = cast.tree.villages[0]
    return make_opinion(
        cast.tree.a1, "Ủ rác hữu cơ làm phân", kind="initiative", village=village, raised_by_name="Bà Tư"
    )


def now(version=0, **extra):
    return {"version": version, "today": TODAY} | extra


def adopt(cast, idea):
    return follow_initiative(idea.pk, "adopted", actor=cast.commune, adopted_on=TODAY, effect="Giảm 30% rác", **now())


def test_from_the_idea_to_the_commendation(cast, idea):
    assert follow_initiative(idea.pk, "studied", actor=cast.commune, **now()).version == 1
    follow_initiative(idea.pk, "adopted", actor=cast.commune, adopted_on=TODAY, effect="Giảm 30% rác", **now(1))
    spread_initiative(idea.pk, cast.tree.villages[1], TODAY, actor=cast.commune, note="Cả thôn", **now(2))
    spread_initiative(idea.pk, cast.tree.a2, TODAY, actor=cast.leader, **now(3))
    propose_commendation(idea.pk, actor=cast.commune, **now(4))
    commend(idea.pk, "Giấy khen, QĐ 12/QĐ-UBND", TODAY, actor=cast.leader, **now(5))
    found = Initiative.objects.get()
    assert (found.stage, found.commended_on, found.spreads.count()) == ("adopted", TODAY, 2)
    verbs = list(idea.moves.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["follow_up", "follow_up", "spread", "spread", "commend", "commend"]
    idea.refresh_from_db()
    assert (idea.status, idea.is_open) == ("recorded", True)


def test_a_first_spread_means_it_is_adopted(cast, idea):
    spread_initiative(idea.pk, cast.tree.villages[2], TODAY, actor=cast.commune, **now())
    assert Initiative.objects.get().stage == "adopted"
    with pytest.raises(DomainError) as refusal:
        follow_initiative(idea.pk, "declined", actor=cast.commune, effect="Không hợp", **now(1))
    assert refusal.value.field == "stage"


@pytest.mark.parametrize(
    ("stage", "values", "field"),
    [
        ("adopted", {}, "adopted_on"),
        ("adopted", {"adopted_on": TODAY + timedelta(days=1)}, "adopted_on"),
        ("adopted", {"adopted_on": HELD_ON - timedelta(days=1)}, "adopted_on"),
        ("declined", {}, "effect"),
        ("studied", {"effect": "theo văn bản tối mật"}, "effect"),
    ],
)
def test_what_cannot_be_is_refused(cast, idea, stage, values, field):
    with pytest.raises(DomainError) as refusal:
        follow_initiative(idea.pk, stage, actor=cast.commune, **values, **now())
    assert refusal.value.field == field
    assert not Initiative.objects.exists()


def test_places_are_named_once_and_never_the_origin(cast, idea):
    village = cast.tree.villages[1]
    spread_initiative(idea.pk, village, TODAY, actor=cast.commune, **now())
    for unit in (village, cast.tree.villages[0]):
        with pytest.raises(DomainError) as refusal:
            spread_initiative(idea.pk, unit, TODAY, actor=cast.commune, **now(1))
        assert refusal.value.field == "unit"


def test_only_what_is_in_use_is_proposed_and_only_once(cast, idea):
    with pytest.raises(DomainError):
        propose_commendation(idea.pk, actor=cast.commune, **now())
    adopt(cast, idea)
    with pytest.raises(DomainError):
        commend(idea.pk, "Giấy khen", TODAY, actor=cast.leader, **now(1))
    propose_commendation(idea.pk, actor=cast.commune, **now(1))
    with pytest.raises(DomainError):
        propose_commendation(idea.pk, actor=cast.commune, **now(2))


def test_the_second_of_two_people_is_told(cast, idea):
    adopt(cast, idea)
    with pytest.raises(Conflict):
        follow_initiative(idea.pk, "studied", actor=cast.commune_leader, **now())


@pytest.mark.parametrize("who", ["other_commune", "other_leader", "agency", "cadre", "admin", "village", "outsider"])
def test_strangers_change_nothing(cast, idea, signed_in, who):
    adopt(cast, idea)
    actor, browser = getattr(cast, who), signed_in(getattr(cast, who))
    for service, words in (
        (follow_initiative, ("studied",)),
        (spread_initiative, (cast.tree.villages[1], TODAY)),
        (propose_commendation, ()),
        (commend, ("Giấy khen", TODAY)),
    ):
        with pytest.raises(NotAllowed):
            service(idea.pk, *words, actor=actor, **now(1))
    for path in (reverse("initiative_list"), reverse("initiative_detail", args=[idea.pk])):
        assert "Ủ rác" not in browser.get(path).content.decode()
    assert (Initiative.objects.get().version, Spread.objects.count()) == (1, 0)


def test_a_commune_does_not_report_for_places_it_does_not_keep(cast, idea):
    with pytest.raises(NotAllowed):
        spread_initiative(idea.pk, Unit.objects.get(code="91001"), TODAY, actor=cast.commune, **now())


def test_a_petition_is_not_followed(cast, signed_in):
    plain = make_opinion(cast.tree.a1, "Đường hỏng")
    assert signed_in(cast.commune).get(reverse("initiative_detail", args=[plain.pk])).status_code == 404
    with pytest.raises(NotAllowed):
        follow_initiative(plain.pk, "studied", actor=cast.commune, **now())


def test_the_pages(cast, idea, signed_in):
    browser, url = signed_in(cast.commune), reverse("initiative_detail", args=[idea.pk])
    assert 'data-total="1"' in browser.get(reverse("initiative_list"), {"giai-doan": "chua"}).content.decode()
    wrong = browser.post(url, {"stage": "adopted", "version": 0})
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.content.decode()
    data = {"stage": "adopted", "version": 0, "adopted_on": HELD_ON.strftime("%d/%m/%Y"), "effect": "Sạch ngõ"}
    assert browser.post(url, data, follow=True).status_code == 200
    spread = {"unit": cast.tree.villages[1].pk, "adopted_on": HELD_ON.strftime("%d/%m/%Y"), "version": 1}
    body = browser.post(reverse("initiative_spread", args=[idea.pk]), spread, follow=True).content.decode()
    assert "Thôn 2" in body
    assert browser.post(reverse("initiative_propose", args=[idea.pk]), {"version": 1}).status_code == 409
    browser.post(reverse("initiative_propose", args=[idea.pk]), {"version": 2})
    printed = browser.get(reverse("initiative_commend_list")).content.decode()
    assert 'data-total="1"' in printed
    assert "Bà Tư" in printed
    assert browser.get(reverse("initiative_list"), {"giai-doan": "adopted", "khen": "de-nghi"}).context["total"] == 1
    assert browser.get(reverse("initiative_list"), {"giai-doan": "xyz"}).status_code == 400
    assert "Sạch ngõ" in browser.get(idea.get_absolute_url()).content.decode()


def test_whoever_hides_is_not_named_for_commendation(cast, idea, signed_in):
    type(idea).objects.update(hides_speaker=True)
    adopt(cast, idea)
    propose_commendation(idea.pk, actor=cast.commune, **now(1))
    assert "Bà Tư" not in signed_in(cast.leader).get(reverse("initiative_commend_list")).content.decode()


def test_the_list_costs_the_same_for_three_as_for_one(cast, idea, signed_in, django_assert_max_num_queries):
    browser = signed_in(cast.leader)

    def read():
        with django_assert_max_num_queries(16) as seen:
            assert browser.get(reverse("initiative_list")).status_code == 200
        return len(seen)

    read()
    few = read()
    for number in range(2):
        other = make_opinion(cast.tree.a2, f"Cách làm {number}", kind="good_practice")
        follow_initiative(other.pk, "studied", actor=cast.other_commune, **now())
    assert read() == few
