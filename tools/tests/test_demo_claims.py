"""The demo's pinned figures: some hold, one was overtaken, one never held; no account needed to be there."""

from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from meetings import tallies
from meetings.tests.builders import make_meeting
from reports.models import Claim
from tools.demo.matters import pin_figures


def test_figures_are_pinned_and_one_was_overtaken(cast):
    today = timezone.localdate().replace(month=6, day=15)
    for day in (today - timedelta(days=40), today - timedelta(days=3)):
        make_meeting(cast.tree.a1, day)
    tallies.rebuild()
    world = SimpleNamespace(province=cast.tree.province, today=today)
    opened = [
        SimpleNamespace(role=role, unit=unit, user_id=user.pk)
        for role, unit, user in (("province", cast.tree.province, cast.head), ("leader", cast.tree.a, cast.leader))
    ]
    assert pin_figures(world, "four-level", 1, SimpleNamespace(opened=opened)) == 5
    (overtaken,) = Claim.objects.filter(pinned_on=today.replace(day=1))
    assert (overtaken.pinned_part, overtaken.checked_part, overtaken.is_supported) == (1, 2, False)
    assert set(Claim.objects.values_list("is_sample", flat=True)) == {True}
    assert Claim.objects.get(level="district").pinned_by_id == cast.leader.pk
    assert pin_figures(world, "four-level", 1, SimpleNamespace(opened=[])) == 4
