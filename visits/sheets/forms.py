"""Words on a yearly sheet."""

from django import forms

from core.fields import WordsField
from core.forms import GuidedForm


class SheetWordsForm(GuidedForm):
    """`label` says whose words they are."""

    text = WordsField(label="Nội dung", rows=6, limit=10_000)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, label, **options):
        super().__init__(*args, **options)
        self.fields["text"].label = label
