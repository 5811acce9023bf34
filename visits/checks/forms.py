"""Forms of the check pairs by lot."""

from django import forms

from core.fields import NameField, WordsField
from core.forms import GuidedForm
from core.periods import Period

QUARTERS = 4
PICKER = {"data-picker": ""}
NUMBER = {"inputmode": "numeric"}


class ChosenUnit(forms.ModelChoiceField):
    def label_from_instance(self, unit):
        return unit.name


class DrawForm(GuidedForm):
    """Whose cadres, which ended quarter, how many visits each, and perhaps a seed agreed on beforehand."""

    unit = ChosenUnit(label="Đơn vị có cán bộ", queryset=None, widget=forms.Select(attrs=PICKER))
    period = forms.ChoiceField(label="Quý", help_text="Quý đã hết, để lượt đi nào của quý cũng có thể được kiểm tra.")
    sample_size = forms.IntegerField(
        label="Số lượt đi kiểm tra mỗi người", min_value=1, max_value=5, initial=2, widget=forms.TextInput(attrs=NUMBER)
    )
    seed = NameField(
        label="Số gieo đã thống nhất trước",
        max_length=40,
        required=False,
        help_text="Ví dụ: sáu số của kỳ xổ số sẽ quay. Để trống thì máy chọn ngẫu nhiên; số gieo luôn được ghi lại.",
    )
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, units, today, **options):
        super().__init__(*args, **options)
        self.fields["unit"].queryset = units
        self.fields["unit"].empty_label = None if len(units) == 1 else "Chọn…"
        quarter, choices = Period.of_day(today, "quarter"), []
        for _ in range(QUARTERS):
            quarter = quarter.previous()
            choices.append((quarter.code, quarter.label))
        self.fields["period"].choices = choices


class ReportForm(GuidedForm):
    result = WordsField(
        label="Kết quả kiểm tra",
        rows=5,
        limit=10_000,
        help_text="Đã hỏi ai, ở đâu; các lượt đi có đúng như đã ghi không; điều cần trao đổi. Không chấm điểm.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
