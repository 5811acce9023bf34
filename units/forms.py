"""Ways in: the day of the tree, villages and bodies."""

import uuid

from django import forms

from core.errors import Conflict, DomainError, NotAllowed
from core.forms import DayField, GuidedForm, NameField
from core.text import clean_name
from units.enums import BodyKind, UnitKind
from units.models import Unit

VILLAGE_KINDS = [
    (kind.value, kind.label)
    for kind in (
        UnitKind.THON,
        UnitKind.BAN,
        UnitKind.KHU_PHO,
        UnitKind.TO_DAN_PHO,
        UnitKind.AP,
        UnitKind.XOM,
        UnitKind.LANG,
        UnitKind.BUON,
        UnitKind.KHOM,
    )
]
BASIS_HINT = "Số, ngày văn bản, ví dụ: Nghị quyết 12/NQ-HĐND ngày 05/06/2026."


class ServiceForm(GuidedForm):
    """A form that ends in one service; the service's sentence appears at its field."""

    def run(self, service, **values):
        """What the service answers, or None with the reason among the form's errors."""
        if not self.is_valid():
            return None
        try:
            return service(**self.cleaned_data, **values)
        except (NotAllowed, Conflict):
            raise
        except DomainError as error:
            self.add_error(error.field if error.field in self.fields else None, error.message)
            return None


class NewForm(ServiceForm):
    """A form that makes something: sent twice, it makes it once."""

    request_id = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=uuid.uuid4)


class ChangeForm(ServiceForm):
    """A form that changes something: it knows which state it was opened on."""

    version = forms.IntegerField(widget=forms.HiddenInput(attrs={"autocomplete": "off"}), localize=False)


class PlaceField(forms.CharField):
    """A place below a unit, typed and found in a PlaceBook; its value is the id as text, "" when nothing was typed."""

    def __init__(self, *, book, source, **options):
        super().__init__(max_length=200, **options)
        self.book = book
        hint = "Gõ để tìm, ví dụ: khu 1 hà khánh"
        self.widget.attrs |= {"list": source, "data-suggest": source, "data-suggest-first": "", "placeholder": hint}

    @property
    def choices(self):
        """As of a select: what an id is called."""
        return list(self.book.labels.items())

    def prepare_value(self, value):
        return self.book.labels.get(str(value), value) if isinstance(value, int) else value

    def clean(self, value):
        typed = clean_name(super().clean(value) or "")
        if not typed:
            return ""
        try:
            return str(self.book.find(typed).pk)
        except DomainError as refusal:
            raise forms.ValidationError(refusal.message) from None


class TreeFilter(GuidedForm):
    ngay = DayField(label="Cây đơn vị ngày", required=False)
    q = forms.CharField(label="Tìm theo tên", required=False, max_length=80)

    def chosen(self, today):
        """(day, search text); what cannot be read counts as not given, its error stays beside the field."""
        self.is_valid()
        return self.cleaned_data.get("ngay") or today, self.cleaned_data.get("q", "")


class DayFilter(GuidedForm):
    ngay = DayField(label="Xem ngày", required=False)


class VillageForm(NewForm):
    kind = forms.ChoiceField(label="Loại", choices=VILLAGE_KINDS)
    name = NameField(label="Tên", max_length=100, help_text="Ví dụ: Thôn Đầu, Khu 5, Bản Khe Mọi.")
    valid_from = DayField(label="Có hiệu lực từ ngày")
    legal_basis = NameField(label="Căn cứ", max_length=200, help_text=BASIS_HINT)


class VillageRenameForm(ChangeForm):
    kind = forms.ChoiceField(label="Loại", choices=VILLAGE_KINDS)
    name = NameField(label="Tên mới", max_length=100, help_text="Tên cũ vẫn giữ cho những ngày trước đó.")
    on = DayField(label="Có hiệu lực từ ngày")
    legal_basis = NameField(label="Căn cứ", max_length=200, help_text=BASIS_HINT)


class VillageEndForm(ChangeForm):
    on = DayField(label="Kết thúc từ ngày", help_text="Ngày đầu tiên thôn, khu không còn hoạt động.")
    successor = forms.ModelChoiceField(
        label="Nhập vào",
        queryset=Unit.objects.none(),
        required=False,
        empty_label="Không nhập vào đâu",
        help_text="Thôn, khu được chọn tiếp nhận toàn bộ ý kiến, kiến nghị còn đang giải quyết.",
    )
    legal_basis = NameField(label="Căn cứ", max_length=200, help_text=BASIS_HINT)

    def __init__(self, *args, successors, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = successors


class BodyForm(NewForm):
    kind = forms.ChoiceField(label="Loại", choices=BodyKind.choices)
    name = NameField(label="Tên cơ quan", max_length=160)
    valid_from = DayField(label="Hoạt động từ ngày")
    legal_basis = NameField(label="Căn cứ", max_length=200, required=False, help_text=BASIS_HINT)


class BodyRenameForm(ChangeForm):
    name = NameField(label="Tên mới", max_length=160, help_text="Văn bản của những ngày trước vẫn mang tên cũ.")
    on = DayField(label="Có hiệu lực từ ngày")
    legal_basis = NameField(label="Căn cứ", max_length=200, required=False, help_text=BASIS_HINT)


class BodyEndForm(ChangeForm):
    on = DayField(label="Kết thúc từ ngày", help_text="Ngày đầu tiên cơ quan không còn hoạt động.")
