"""Forms of the basket: what is put in, one line an item, and mending one item."""

import re

from django import forms

from core.fields import PersonNameField, WordsField
from feedback.enums import OpinionKind, Visibility
from feedback.models import Topic
from feedback.services.basket import MOST_LINES, ItemDraft
from units.forms import ChangeForm, NewForm

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
