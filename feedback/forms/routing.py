"""Forms of the routing rules and of the list of topics."""

from django import forms

from core.fields import DayField, NameField
from core.forms import GuidedFields, GuidedForm
from feedback.routing import ANY, COLUMNS
from feedback.services.routing import bodies_to_route, rules_of, state_of, topic_state
from units.naming import body_choices


class RoutingFields(forms.Form):
    """One select for every competence of a topic."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500)

    def __init__(self, data=None, *, unit, topic, today):
        known = rules_of(unit, topic)
        super().__init__(data, initial={"seen": state_of(known)})
        bodies = bodies_to_route(unit, today).select_related("unit").order_by("unit__level", "name")
        bodies = bodies.filter(unit=unit) if unit.level == "province" else bodies
        choices = body_choices(bodies, today)
        for code, label in COLUMNS:
            self.fields[f"body_{code}"] = forms.ModelChoiceField(
                label=label if code == ANY else f"Riêng thẩm quyền {label[:1].lower()}{label[1:]}",
                queryset=bodies,
                required=False,
                initial=known.get(code),
                widget=forms.Select(attrs={"data-picker": ""}),
            )
            empty = "Chưa quy định" if code == ANY else "Như mọi thẩm quyền"
            self.fields[f"body_{code}"].choices = [("", empty), *choices]

    def bodies(self):
        return {code: self.cleaned_data[f"body_{code}"] for code, _ in COLUMNS}


class RoutingForm(GuidedFields, RoutingFields):
    pass


class TopicForm(GuidedForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300)
    name = NameField(label="Tên lĩnh vực", max_length=120)
    order = forms.IntegerField(label="Thứ tự", min_value=0, max_value=9999)
    valid_to = DayField(
        label="Thôi dùng từ ngày",
        required=False,
        help_text="Từ ngày này, biểu mẫu không còn lĩnh vực; ý kiến cũ vẫn giữ.",
    )

    @classmethod
    def of(cls, topic, data=None):
        initial = {"name": topic.name, "order": topic.order, "valid_to": topic.valid_to, "seen": topic_state(topic)}
        return cls(data, initial=initial)
