"""What villages gathered for the next meeting of their commune, and the reads of it."""

from feedback.access import may_put_in
from feedback.enums import BasketState
from feedback.models import BasketItem
from meetings.openings import plannable_units
from units.enums import Level
from units.models import Unit
from units.scoping import scope_of
from units.selectors import children_of, with_origins

ROW_FIELDS = ("kind", "channel", "visibility", "text", "raised_by_name")


def waiting_items(meeting):
    """The items that wait for the next meeting of this meeting's unit, oldest first; none once it was held."""
    if meeting.is_held:
        return BasketItem.objects.none()
    waiting = BasketItem.objects.waiting().filter(unit_id__in=with_origins([meeting.unit_id]))
    return waiting.select_related("village").order_by("village__name", "put_in_on", "pk")


def entry_rows(meeting, user):
    """The waiting items as rows of the entry page; a row that is removed there leaves its item waiting."""
    return [
        {name: getattr(item, name) for name in ROW_FIELDS}
        | {"topic": item.topic_id, "village": item.village_id or item.commune_id, "basket": item.pk}
        for item in waiting_items(meeting).visible_to(user)
    ]


def taken_into(meeting, item_ids):
    """{item id: opinion id} of those items that this meeting has taken over meanwhile."""
    item_ids = [pk for pk in item_ids if pk]
    if not item_ids:
        return {}
    taken = BasketItem.objects.filter(pk__in=item_ids, opinion__meeting=meeting)
    return dict(taken.values_list("pk", "opinion_id"))


def basket_units(user, today):
    """The units into whose basket the user may put: those whose meetings the user runs, a village's own commune."""
    villages = scope_of(user).village_ids(writing=True)
    above = Unit.objects.filter(descent__unit_id__in=villages, level=Level.COMMUNE) if villages else Unit.objects.none()
    own = plannable_units(user, today)
    return own + [unit for unit in above.on(today).distinct() if unit not in own]


def places_of(unit, user, today):
    """The villages (at a district: communes) of a unit for which the user may put something in, as of today."""
    return [child for child in children_of(unit, today) if may_put_in(user, unit, child.pk)]


def basket_groups(unit, user, today):
    """(groups, places without anything): what waits, by village in the order of the tree; the unit as a whole last."""
    waiting = BasketItem.objects.visible_to(user).waiting().filter(unit_id__in=with_origins([unit.pk]))
    found = {}
    for item in waiting.select_related("village", "unit", "topic", "commune").order_by("put_in_on", "pk"):
        found.setdefault(item.village_id or item.commune_id or unit.pk, []).append(item)
    places = places_of(unit, user, today)
    groups = [_group(place.pk, place.name_then, found.pop(place.pk), user) for place in places if place.pk in found]
    for pk, items in found.items():
        village = items[0].village or (items[0].commune if pk != unit.pk else None)
        groups.append(_group(pk, village.name if village else f"Chung cả {unit.name}", items, user))
    filled = {group["pk"] for group in groups}
    return groups, [place for place in places if place.pk not in filled]


def _group(pk, name, items, user):
    rows = [{"item": item, "may_change": may_put_in(user, item.unit, item.village_id)} for item in items]
    return {"pk": pk, "name": name, "rows": rows}


def finished_items(unit, user):
    """What was raised at a meeting or withdrawn, for the second tab."""
    gone = BasketItem.objects.visible_to(user).exclude(state=BasketState.WAITING)
    return gone.filter(unit_id__in=with_origins([unit.pk]))
