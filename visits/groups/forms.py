"""Forms of the register of groups."""

from django import forms

from core.fields import DayField, NameField, RowsField
from core.forms import GuidedForm
from visits.enums import USUAL_GROUPS, GroupKind

NUMBER = {"inputmode": "numeric"}
PICKER = {"data-picker": ""}
EXAMPLE = "Ví dụ: Chi bộ Thôn 1, Chi hội phụ nữ khu 3."


def _members():
    return forms.IntegerField(
        label="Số thành viên", min_value=0, max_value=100_000, required=False, widget=forms.TextInput(attrs=NUMBER)
    )


class ChosenUnit(forms.ModelChoiceField):
    def label_from_instance(self, unit):
        return unit.name


class ChosenVillages(RowsField):
    def label_from_instance(self, unit):
        return unit.name


class GroupForm(GuidedForm):
    """One group of a village or commune."""

    unit = ChosenUnit(label="Ở đâu", queryset=None, widget=forms.Select(attrs=PICKER))
    kind = forms.ChoiceField(label="Loại tổ chức", choices=[("", "Chọn…"), *GroupKind.choices])
    name = NameField(label="Tên tổ chức", max_length=160, help_text=EXAMPLE)
    member_count = _members()
    valid_from = DayField(label="Hoạt động từ ngày")
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, units, **options):
        super().__init__(*args, **options)
        self.fields["unit"].queryset = units


class UsualGroupsForm(GuidedForm):
    """The groups a village usually has, for many villages at once; what is there already is left alone."""

    units = ChosenVillages(label="Thôn, khu", queryset=None, widget=forms.CheckboxSelectMultiple)
    kinds = forms.MultipleChoiceField(
        label="Loại tổ chức",
        choices=[(kind.value, kind.label) for kind in USUAL_GROUPS],
        widget=forms.CheckboxSelectMultiple,
    )
    valid_from = DayField(label="Hoạt động từ ngày")
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, units, **options):
        super().__init__(*args, **options)
        self.fields["units"].queryset = units


class CorrectionForm(GuidedForm):
    name = NameField(label="Tên tổ chức", max_length=160, help_text=EXAMPLE)
    member_count = _members()
    version = forms.IntegerField(widget=forms.HiddenInput)


class GroupEndForm(GuidedForm):
    last_on = DayField(label="Ngày cuối hoạt động")
    reason = NameField(label="Lý do kết thúc", max_length=300, help_text="Ví dụ: sáp nhập hai thôn, giải thể.")
    version = forms.IntegerField(widget=forms.HiddenInput)
