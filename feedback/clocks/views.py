"""The form of a new due rule."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.forms import DayField, GuidedForm, NameField
from core.routing import form_page, page
from feedback.clocks.reads import FIXED, days_in_force, rule_rows
from feedback.clocks.services import MOST_DAYS, add_due_rule
from feedback.enums import Competence
from feedback.models import Topic
from meetings.access import RULE_KEEPERS, RULE_READERS, may_keep_rules
from meetings.cadence.views import own_provinces


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


@page(roles=RULE_READERS)
def due_rule_list(request):
    today = timezone.localdate()
    provinces = list(own_provinces(request.user, today))
    context = {
        "in_force": days_in_force(provinces[0] if provinces else None, today),
        "fixed": FIXED,
        "rows": rule_rows(provinces, today),
        "may_add": any(may_keep_rules(request.user, province) for province in provinces),
    }
    return TemplateResponse(request, "feedback/due_rule_list.html", context)


@form_page(roles=RULE_KEEPERS)
def due_rule_add(request):
    """A new dated rule; the one before it ends."""
    today = timezone.localdate()
    provinces = own_provinces(request.user, today)
    form = DueRuleForm(request.POST or None, provinces=provinces, today=today, initial={"province": provinces.first()})
    if form.is_valid():
        try:
            add_due_rule(actor=request.user, **form.arguments())
        except NotAllowed:
            raise
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, "Đã lưu thời hạn mới. Ý kiến đã tiếp nhận trước đó giữ hạn cũ.")
            return redirect("due_rule_list")
    return TemplateResponse(request, "feedback/due_rule_add.html", {"form": form}, status=422 if form.is_bound else 200)
