"""Forms of papers: what a paper is signed with, the filter of the register, a style."""

from dataclasses import replace

from django import forms

from core.forms import DayField, GuidedFields, GuidedForm, NameField, PersonNameField, WordsField
from core.paper import text_lines
from meetings.enums import PaperKind
from meetings.models import PaperStyle
from papers.frame import CHAIRED, Signing
from papers.lettering import MOST_ADDRESSEES, MOST_ROWS
from papers.register import SIZES

MOST_LINES = 40
BOUNDS = {"pt": (9, 20), "mm": (10, 45)}


class SigningForm(GuidedForm):
    """The typed part of a paper; a kind asks only for what it prints."""

    signed_on = DayField(label="Ngày ký")
    authority = NameField(
        label="Ký thay mặt", required=False, max_length=120, help_text="Ví dụ: T/M BAN THƯỜNG VỤ; KT. CHỦ TỊCH."
    )
    signer_title = NameField(label="Chức vụ người ký", max_length=120)
    signer_name = PersonNameField(label="Họ và tên người ký", max_length=120)
    invited = WordsField(label="Kính mời", rows=4, limit=4000, help_text="Mỗi dòng một thành phần.")
    reply_by = DayField(label="Gửi ý kiến trước ngày", required=False)
    recipients = WordsField(label="Nơi nhận", required=False, rows=4, limit=2000, help_text="Mỗi dòng một nơi.")

    def __init__(self, *args, kind, **options):
        super().__init__(*args, **options)
        if kind != PaperKind.INVITATION:
            del self.fields["invited"], self.fields["reply_by"]
        if kind in CHAIRED:
            del self.fields["authority"]

    @classmethod
    def from_signing(cls, signing, kind):
        """The form that shows what is proposed."""
        initial = vars(signing) | {name: "\n".join(getattr(signing, name)) for name in ("invited", "recipients")}
        return cls(kind=kind, initial=initial)

    def signing(self):
        data = self.cleaned_data
        lists = {name: tuple(text_lines(data.get(name) or "")[:MOST_LINES]) for name in ("invited", "recipients")}
        rest = {name: data.get(name) or "" for name in ("signer_name", "signer_title", "authority")}
        return Signing(signed_on=data["signed_on"], reply_by=data.get("reply_by"), **rest, **lists)


class RegisterFields(forms.Form):
    def __init__(self, data, *, years):
        super().__init__(data)
        self.fields["nam"] = forms.ChoiceField(
            label="Năm", required=False, choices=[("", "Mọi năm"), *((str(year), str(year)) for year in years)]
        )
        self.fields["loai"] = forms.ChoiceField(
            label="Loại văn bản", required=False, choices=[("", "Mọi loại"), *PaperKind.choices]
        )


class PaperRegisterFilter(GuidedFields, RegisterFields):
    """Year and kind of the register."""

    def apply(self, papers):
        exact = {"year": self.cleaned_data.get("nam"), "kind": self.cleaned_data.get("loai")}
        return papers.filter(**{name: value for name, value in exact.items() if value})


class PaperStyleFields(forms.Form):
    province = forms.ModelChoiceField(label="Tỉnh, thành phố", queryset=None, empty_label=None)
    regime = forms.ChoiceField(label="Loại văn bản", choices=PaperStyle._meta.get_field("regime").choices)
    document = NameField(label="Văn bản quy định", max_length=120, help_text="Ví dụ: 36-HD/VPTW.")
    valid_from = DayField(label="Áp dụng từ ngày", help_text="Văn bản ký trước ngày này giữ thể thức cũ.")

    def __init__(self, *args, provinces, **options):
        super().__init__(*args, **options)
        self.fields["province"].queryset = provinces
        for name in SIZES:
            self.fields[name] = _size_field(name, PaperStyle._meta.get_field(name).verbose_name)


class PaperStyleForm(GuidedFields, PaperStyleFields):
    """A dated row of sizes and margins, begun with the values in force."""

    def style(self):
        return PaperStyle(**self.cleaned_data)


def _size_field(name, words):
    label = f"{words[:1].upper()}{words[1:]}"
    if name == "line_spacing":
        return forms.DecimalField(label=label, min_value=1, max_value=2, decimal_places=2, max_digits=3)
    low, high = BOUNDS[name[-2:]]
    return forms.IntegerField(label=label, min_value=low, max_value=high)


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
