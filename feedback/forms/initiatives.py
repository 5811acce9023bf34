"""Forms of an initiative: its stage, another place that uses it, the commendation."""

from django import forms

from core.fields import DayField, NameField, WordsField
from feedback.enums import InitiativeStage
from units.forms import ChangeForm
from units.models import Unit


class StageForm(ChangeForm):
    stage = forms.ChoiceField(label="Giai đoạn", choices=InitiativeStage.choices)
    adopted_on = DayField(label="Ngày áp dụng", required=False, help_text="Chỉ ghi khi đã áp dụng.")
    effect = WordsField(label="Hiệu quả, hoặc lý do không áp dụng", required=False, rows=3, limit=5_000)

    def __init__(self, data=None, *, initiative):
        names = ("stage", "adopted_on", "effect", "version")
        super().__init__(data, initial={name: getattr(initiative, name) for name in names}, auto_id="stage-%s")


class SpreadForm(ChangeForm):
    unit = forms.ChoiceField(label="Nơi áp dụng", widget=forms.Select(attrs={"data-picker": ""}))
    adopted_on = DayField(label="Ngày áp dụng")
    note = WordsField(label="Cách áp dụng, kết quả", required=False, rows=2, limit=500)

    def __init__(self, data=None, *, initiative, places):
        super().__init__(data, initial={"version": initiative.version}, auto_id="spread-%s")
        self.fields["unit"].choices = places

    def clean_unit(self):
        return Unit.objects.get(pk=self.cleaned_data["unit"])


class CommendForm(ChangeForm):
    commendation = NameField(
        label="Hình thức khen, số quyết định", max_length=250, help_text="Ví dụ: Giấy khen, Quyết định 125/QĐ-UBND."
    )
    commended_on = DayField(label="Ngày khen")

    def __init__(self, data=None, *, initiative):
        super().__init__(data, initial={"version": initiative.version}, auto_id="commend-%s")
