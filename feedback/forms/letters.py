"""The form of a letter: who issues it, to whom, and what it is signed with."""

from django import forms

from core.fields import WordsField
from core.paper import text_lines
from feedback.forms.papers import SigningForm
from feedback.papers.lettering import HOSTS, MOST_ADDRESSEES


class LetterForm(SigningForm):
    host = forms.ChoiceField(label="Cơ quan ban hành", choices=HOSTS)
    host_was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=10)
    addressees = WordsField(label="Kính gửi", rows=3, limit=4000, help_text="Mỗi dòng một nơi.")

    def __init__(self, *args, kind, **options):
        super().__init__(*args, kind=kind.kind, **options)
        if kind.title:
            del self.fields["addressees"]
        self.order_fields(["host", "addressees", "signed_on"])

    @classmethod
    def proposed(cls, kind, signing, host, addressees):
        lists = {"recipients": "\n".join(signing.recipients), "addressees": "\n".join(addressees)}
        return cls(kind=kind, initial=vars(signing) | lists | {"host": host, "host_was": host})

    def sent_to(self):
        return tuple(text_lines(self.cleaned_data.get("addressees") or "")[:MOST_ADDRESSEES])
