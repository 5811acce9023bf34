"""What villages gathered for the next meeting of their commune, and the reads of it."""

import re

from django import forms

from core.forms import PersonNameField, WordsField
from feedback.access import may_put_in
from feedback.enums import BasketState, OpinionKind, Visibility
from feedback.models import BasketItem, Topic
from meetings.cadence.reads import plannable_units
from proceedings.preparation.services import MOST_LINES, ItemDraft
from units.enums import Level
from units.forms import ChangeForm, NewForm
from units.models import Unit
from units.reads import children_of, with_origins
from units.scoping import scope_of

ROW_FIELDS = ("kind", "channel", "visibility", "text", "raised_by_name")


def waiting_items(meeting):
    """The items that wait for the next meeting of this meeting's unit, oldest first; none once it was held."""
    if meeting.is_held:
        return BasketItem.objects.none()
    waiting = BasketItem.objects.waiting().filter(unit_id__in=with_origins([meeting.unit_id]))
    return waiting.select_related("village").order_by("village__sort_key", "put_in_on", "pk")


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


BULLET = re.compile(r"^\s*(?:[-–•*+]|\d{1,3}[.)/])\s+")


class BasketForm(NewForm):
    """A village and its lines. Whoever speaks for one village only is not asked which."""

    village = forms.ChoiceField(label="Thôn, khu")
    text = WordsField(
        label="Nội dung, mỗi dòng một ý kiến",
        rows=5,
        limit=30_000,
        help_text=f"Gõ hoặc dán; mỗi dòng thành một ý kiến, nhiều nhất {MOST_LINES} dòng.",
    )
    raised_by_name = PersonNameField(label="Người nêu", required=False, max_length=120)
    visibility = forms.ChoiceField(label="Phạm vi xem", choices=Visibility.choices, required=False)

    def __init__(self, data=None, *, unit, places, is_staff, chosen=""):
        super().__init__(data, initial={"village": chosen or next((str(place.pk) for place in places), "")})
        self.places = {str(place.pk): place for place in places}
        choices = [(pk, place.name_then) for pk, place in self.places.items()]
        if is_staff:
            choices = [*choices, ("", f"Chung cả {unit.name}")]
            self.fields["village"].required = False
        else:
            del self.fields["visibility"]
        self.fields["village"].choices = choices
        if not is_staff and len(choices) == 1:
            self.fields["village"].widget = forms.HiddenInput()

    def clean_text(self):
        lines = [BULLET.sub("", line).strip() for line in self.cleaned_data["text"].split("\n")]
        lines = [line for line in lines if line]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(f"Có {len(lines)} dòng; mỗi lần gửi nhiều nhất {MOST_LINES} ý kiến.")
        return lines

    def run(self, service, **values):
        """The service takes the drafts; fields of the form are those of every draft."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        same = {"raised_by_name": data["raised_by_name"], "visibility": data.get("visibility") or Visibility.NORMAL}
        drafts = [ItemDraft(line, **same) for line in data["text"]]
        village = self.places.get(data["village"])
        self.cleaned_data = {"village": village, "drafts": drafts, "request_id": data["request_id"]}
        return super().run(service, **values)


class BasketItemForm(ChangeForm):
    text = WordsField(label="Nội dung", rows=4, limit=10_000)
    kind = forms.ChoiceField(label="Loại", choices=OpinionKind.choices)
    topic = forms.ChoiceField(label="Lĩnh vực", required=False)
    raised_by_name = PersonNameField(label="Người nêu", required=False, max_length=120)
    visibility = forms.ChoiceField(label="Phạm vi xem", choices=Visibility.choices)

    def __init__(self, data=None, *, item, is_staff, today):
        names = ("text", "kind", "raised_by_name", "visibility", "version")
        super().__init__(data, initial={name: getattr(item, name) for name in names} | {"topic": item.topic_id or ""})
        self.item = item
        topics = Topic.objects.choices_on(today) | Topic.objects.filter(pk=item.topic_id)
        self.fields["topic"].choices = [("", "Chưa rõ"), *topics.distinct().values_list("pk", "name")]
        if not is_staff:
            del self.fields["visibility"]

    def draft(self):
        data = self.cleaned_data
        same = data["raised_by_name"] == self.item.raised_by_name
        return ItemDraft(
            text=data["text"],
            kind=data["kind"],
            topic_id=int(data["topic"]) if data["topic"] else None,
            visibility=data.get("visibility") or self.item.visibility,
            raised_by_name=data["raised_by_name"],
            raised_by_id=self.item.raised_by_id if same else None,
        )
