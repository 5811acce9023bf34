"""The form of a letter: who issues it, to whom, and what it is signed with."""

from dataclasses import replace

from django import forms

from core.fields import WordsField
from core.paper import text_lines
from feedback.forms.papers import SigningForm
from feedback.papers.lettering import MOST_ADDRESSEES, MOST_ROWS
from meetings.enums import PaperKind


class LetterForm(SigningForm):
    host = forms.ChoiceField(label="Cơ quan ban hành")
    host_was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=10)
    advice = WordsField(
        label="Tham mưu, đề xuất", rows=8, limit=20_000, help_text="Mỗi dòng một đề xuất, theo thứ tự các vấn đề."
    )
    addressees = WordsField(label="Kính gửi", rows=3, limit=4000, help_text="Mỗi dòng một nơi.")

    def __init__(self, *args, kind, **options):
        super().__init__(*args, kind=kind.kind, **options)
        self.fields["host"].choices = kind.hosts
        if kind.title:
            del self.fields["addressees"]
        if kind.kind != PaperKind.ADVICE:
            del self.fields["advice"]
        elif "authority" in self.fields:
            del self.fields["authority"]
        self.order_fields(["host", "addressees", "advice", "signed_on"])

    @classmethod
    def proposed(cls, kind, signing, host, addressees):
        lists = {"recipients": "\n".join(signing.recipients), "addressees": "\n".join(addressees)}
        lists["advice"] = "\n".join(signing.advice)
        return cls(kind=kind, initial=vars(signing) | lists | {"host": host, "host_was": host})

    def signing(self):
        return replace(super().signing(), advice=tuple(text_lines(self.cleaned_data.get("advice") or "")[:MOST_ROWS]))

    def sent_to(self):
        return tuple(text_lines(self.cleaned_data.get("addressees") or "")[:MOST_ADDRESSEES])
