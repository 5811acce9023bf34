"""The form of a new due rule."""

from django import forms

from core.fields import DayField, NameField
from core.forms import GuidedForm
from feedback.enums import Competence
from feedback.models import Topic
from feedback.services.due_rules import MOST_DAYS


class DueRuleForm(GuidedForm):
    province = forms.ModelChoiceField(label="Tỉnh, thành phố", queryset=None, empty_label=None)
    competence = forms.ChoiceField(label="Thẩm quyền giải quyết", choices=Competence.choices)
    topic = forms.ModelChoiceField(
        label="Lĩnh vực",
        queryset=None,
        required=False,
        empty_label="Mọi lĩnh vực",
        help_text="Thời hạn của riêng một lĩnh vực được dùng trước thời hạn chung.",
    )
    days = forms.IntegerField(label="Số ngày giải quyết", min_value=1, max_value=MOST_DAYS)
    valid_from = DayField(label="Áp dụng từ ngày", help_text="Thời hạn cũ hết hiệu lực từ ngày này.")
    document = NameField(label="Văn bản quy định", max_length=120, help_text="Số, ký hiệu, ví dụ 15-QĐ/TU.")

    def __init__(self, *args, provinces, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["province"].queryset = provinces
        self.fields["topic"].queryset = Topic.objects.choices_on(today)

    def arguments(self):
        data = dict(self.cleaned_data)
        topic = data.pop("topic")
        province = data.pop("province")
        return data | {"province_id": province.pk, "topic_id": topic.pk if topic else None}
