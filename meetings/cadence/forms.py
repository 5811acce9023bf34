"""Forms of excusing, cadence rules, clusters and working days."""

from django import forms

from core.forms import DayField, GuidedForm, LeanSelect, NameField, RowsField
from core.text import clean_name, clean_text
from meetings.enums import PeriodKind
from meetings.models import CadenceRule
from units.enums import Level
from units.models import Unit
from units.reads import ancestor_at

MOST_DAYS = 27
DOCUMENT = "Văn bản cho miễn"
DOCUMENT_HINT = "Số, ký hiệu và ngày, ví dụ 45-CV/HU ngày 08/09/2026."
REASON_HINT = "Ví dụ: ứng phó bão số 3; bầu cử; đơn vị mới thành lập."


class Reason(forms.CharField):
    """Free text that is kept clean."""

    def __init__(self, **kwargs):
        super().__init__(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def clean(self, value):
        return clean_text(super().clean(value))


class AskForm(GuidedForm):
    reason = Reason(label="Lý do xin miễn", help_text=REASON_HINT)


class DecideForm(GuidedForm):
    note = Reason(label="Ý kiến của cấp trên", required=False)
    document = NameField(label=DOCUMENT, max_length=120, required=False)
    decision = forms.ChoiceField(label="Quyết định", choices=[("grant", "Đồng ý miễn"), ("refuse", "Không đồng ý")])


class GrantForm(GuidedForm):
    reason = Reason(label="Lý do miễn", help_text=REASON_HINT)
    document = NameField(label=DOCUMENT, max_length=120, help_text=DOCUMENT_HINT)


class GrantManyForm(GuidedForm):
    """Units to excuse at once; only those offered may be chosen."""

    occurrences = forms.MultipleChoiceField(label="Đơn vị được miễn", widget=forms.CheckboxSelectMultiple)
    reason = Reason(label="Lý do", help_text=REASON_HINT)
    document = NameField(label=DOCUMENT, max_length=120, help_text=DOCUMENT_HINT)

    def __init__(self, *args, candidates=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["occurrences"].choices = [(str(row.pk), row.unit.name) for row in candidates]


class CadenceRuleForm(GuidedForm):
    """A plain form: that the same rule came twice is the service's to answer."""

    province = forms.ModelChoiceField(label="Tỉnh, thành phố", queryset=None, empty_label=None)
    level = forms.ChoiceField(label="Cấp họp", choices=[(Level.COMMUNE, "Cấp xã"), (Level.DISTRICT, "Cấp huyện")])
    unit = forms.ChoiceField(
        label="Chỉ áp dụng cho một đơn vị",
        required=False,
        widget=LeanSelect,
        help_text="Khi văn bản quy định riêng cho đơn vị đó; để trống: mọi đơn vị của cấp.",
    )
    period_kind = forms.ChoiceField(label="Chu kỳ", choices=PeriodKind.choices)
    valid_from = forms.DateField(
        label="Áp dụng từ ngày", help_text="Ngày đầu của một kỳ (tháng, quý). Chế độ cũ hết hiệu lực từ ngày này."
    )
    early_days = forms.IntegerField(label="Được họp sớm (ngày)", min_value=0, max_value=MOST_DAYS, initial=5)
    grace_days = forms.IntegerField(label="Được họp muộn (ngày)", min_value=0, max_value=MOST_DAYS, initial=5)
    rolls_forward = forms.BooleanField(label="Hạn rơi vào ngày nghỉ thì lùi sang ngày làm việc sau", required=False)
    log_days = forms.IntegerField(
        label="Hạn nhập vào hệ thống (ngày làm việc sau ngày họp)", min_value=0, max_value=MOST_DAYS, initial=3
    )
    conclusion_days = forms.IntegerField(
        label="Hạn ra thông báo kết luận (ngày làm việc sau ngày họp)", min_value=0, max_value=MOST_DAYS, initial=5
    )
    document = forms.CharField(
        label="Văn bản quy định", max_length=120, help_text="Số, ký hiệu văn bản, ví dụ 1926-CV/TU."
    )
    document_on = forms.DateField(label="Ngày văn bản", required=False, help_text="Dạng ngày/tháng/năm.")

    def __init__(self, *args, provinces, units, **kwargs):
        """`units`: {id: Unit with `placed_name`} of which one may get a rule of its own."""
        super().__init__(*args, **kwargs)
        self.fields["province"].queryset = provinces
        self.units = units
        self.fields["unit"].choices = [("", "Mọi đơn vị của cấp"), *((str(pk), name) for pk, name in units.items())]

    def clean_document(self):
        return clean_name(self.cleaned_data["document"])

    def clean(self):
        """A rule of one unit is of that unit's level and province."""
        data = super().clean()
        unit = data["unit"] = Unit.objects.filter(pk=data["unit"]).first() if data.get("unit") else None
        if unit is None or not (data.get("province") and data.get("valid_from")):
            return data
        if unit.level != data.get("level"):
            self.add_error("unit", "Đơn vị này không thuộc cấp họp đã chọn. Chọn lại cấp hoặc đơn vị.")
        elif ancestor_at(unit, Level.PROVINCE, data["valid_from"]) != data["province"]:
            self.add_error("unit", "Đơn vị này không thuộc tỉnh, thành phố đã chọn vào ngày bắt đầu.")
        return data

    def rule(self):
        """The rule as written, not saved."""
        return CadenceRule(**self.cleaned_data)


class EndRuleForm(GuidedForm):
    valid_to = DayField(label="Kết thúc từ ngày")


class ClusterForm(GuidedForm):
    """A group of units below one unit; the members offered are those of the unit."""

    name = forms.CharField(label="Tên cụm", max_length=120, help_text="Ví dụ: Cụm 1 – các xã ven biển.")
    valid_from = forms.DateField(label="Từ ngày", help_text="Dạng ngày/tháng/năm.")
    members = RowsField(label="Đơn vị thành viên", queryset=None, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, members, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = members


class SpecialDayForm(GuidedForm):
    """A day of one's own province that differs from the public calendar."""

    day = DayField(label="Ngày")
    state = forms.ChoiceField(
        label="Là", choices=[("off", "Ngày nghỉ"), ("worked", "Ngày làm việc (làm bù vào ngày nghỉ)")]
    )
    name = NameField(label="Tên ngày", max_length=120, help_text="Ví dụ: Nghỉ tránh bão số 3; Làm bù ngày 02/05.")
    document = NameField(label="Văn bản quy định", max_length=120, required=False)

    def facts(self):
        data = self.cleaned_data
        return {"is_working": data["state"] == "worked", "name": data["name"], "document": data["document"]}
