"""The filters of the activity log."""

from django import forms

from core.fields import DayField
from core.forms import GuidedForm
from journal.words import THINGS

CHOICES = [("", "Tất cả"), *((thing, label) for thing, label in THINGS.items() if thing not in {"units", "meetings"})]


class ActivityFilter(GuidedForm):
    actor = forms.CharField(label="Tên đăng nhập", required=False, max_length=60)
    thing = forms.ChoiceField(label="Về", required=False, choices=CHOICES)
    day = DayField(label="Ngày", required=False)
    names = {"actor": "nguoi", "thing": "ve", "day": "ngay"}

    def add_prefix(self, field_name):
        return self.names.get(field_name, field_name)
