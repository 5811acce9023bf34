"""The form of a figure that was said."""

from django import forms

from core.fields import NameField, WordsField
from reports.claims.services import ClaimDraft
from reports.enums import Comparison
from reports.measures import CLAIMABLE
from reports.reach import BOUNDARIES, THEN
from units.forms import ChangeForm, NewForm

MEASURES = [(word, f"{measure.label} ({measure.unit})") for word, measure in CLAIMABLE.items()]


class ClaimForm(NewForm):
    words = WordsField(
        label="Câu có số liệu",
        rows=2,
        limit=500,
        help_text="Ví dụ: Năm 2016 đã tổ chức 1.716 hội nghị giao ban cấp xã.",
    )
    source = NameField(
        label="Nêu ở đâu", max_length=250, required=False, help_text="Bài phát biểu, báo cáo, bài báo và ngày."
    )
    unit = forms.ChoiceField(label="Đơn vị")
    period = forms.CharField(
        label="Kỳ", max_length=10, help_text="Năm 2016, quý 2016-Q1, tháng 2016-03, nhiều năm 2014..2020."
    )
    measure = forms.ChoiceField(label="Số đo", choices=[("", "Chọn số đo"), *MEASURES])
    over = forms.ChoiceField(
        label="Trên tổng",
        required=False,
        choices=[("", "Không, đây là số đếm"), *MEASURES],
        help_text="Chỉ chọn khi câu nêu tỷ lệ phần trăm.",
    )
    less = forms.ChoiceField(label="Trừ đi ở mẫu số", required=False, choices=[("", "Không trừ"), *MEASURES])
    comparison = forms.ChoiceField(label="Cách nói", choices=Comparison.choices, initial=Comparison.EXACTLY)
    stated = forms.DecimalField(
        label="Con số nêu", max_digits=14, decimal_places=2, localize=True, help_text="Ví dụ: 12.200 hoặc 98,5."
    )
    boundaries = forms.ChoiceField(
        label="Cách tính theo đơn vị",
        choices=[(key, words[:1].upper() + words[1:]) for key, words in BOUNDARIES.items()],
        initial=THEN,
    )

    def __init__(self, data=None, *, units, initial=None):
        super().__init__(data, initial=initial)
        self.units = {unit.key: unit for unit in units}
        self.fields["unit"].choices = [("", "Chọn đơn vị"), *((key, unit.name) for key, unit in self.units.items())]

    def draft(self):
        """What the service takes."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "request_id"}
        return ClaimDraft(**values | {"unit": self.units[values["unit"]]})


class WithdrawForm(ChangeForm):
    """Only the state it was opened on."""
