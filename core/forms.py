"""Forms whose refusals name the field and say how to fix it, instead of 'Trường này là bắt buộc'."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div
from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join

from core.text import clean_name, clean_person_name, clean_text

LARGEST_ID = 2**63 - 1


class DayField(forms.DateField):
    """A date typed day/month/year, on any browser."""

    def __init__(self, **options):
        label = (options.get("label") or "ngày").lower()
        hint = f"Nhập {label} dạng ngày/tháng/năm, ví dụ 25/11/2026."
        options.setdefault("error_messages", {"invalid": hint, "required": hint})
        attrs = {"inputmode": "numeric", "placeholder": "ngày/tháng/năm", "autocomplete": "off", "maxlength": "10"}
        options.setdefault("widget", forms.DateInput(format="%d/%m/%Y", attrs=attrs))
        super().__init__(**options)

    def clean(self, value):
        day = super().clean(value)
        if day and not 1945 <= day.year <= 2100:
            raise forms.ValidationError("Năm phải từ 1945 đến 2100. Kiểm tra lại năm đã nhập.")
        return day


class ClockField(forms.TimeField):
    """A time of day on the 24-hour clock."""

    def __init__(self, **options):
        options.setdefault("error_messages", {"invalid": "Nhập giờ dạng giờ:phút, ví dụ 07:30."})
        attrs = {"inputmode": "numeric", "placeholder": "07:30", "autocomplete": "off", "maxlength": "5"}
        options.setdefault("widget", forms.TimeInput(format="%H:%M", attrs=attrs))
        super().__init__(**options)


class NameField(forms.CharField):
    """One line: names and titles, cleaned of invisible characters."""

    def clean(self, value):
        return super().clean(clean_name(value or ""))


class PersonNameField(NameField):
    """Somebody's name, without the word of address before it."""

    def clean(self, value):
        return super().clean(clean_person_name(value or ""))


class WordsField(forms.CharField):
    """Several lines of free text."""

    def __init__(self, *, rows=4, limit=20_000, **options):
        options.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(max_length=limit, **options)

    def clean(self, value):
        return super().clean(clean_text(value or ""))


def _fits_a_column(pk):
    """What is no number at all is for the field to refuse."""
    try:
        return -LARGEST_ID <= int(pk) <= LARGEST_ID
    except (TypeError, ValueError):
        return True


class RowsField(forms.ModelMultipleChoiceField):
    """Tick boxes of rows. Django asks the database for any number, and no database takes one beyond its columns."""

    def clean(self, value):
        for pk in value or ():
            if not _fits_a_column(pk):
                raise forms.ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": pk}
                )
        return super().clean(value)


CHOSEN, OTHER = '<option value="{}" selected>{}</option>', '<option value="{}">{}</option>'


class LeanSelect(forms.Select):
    """A flat select for filters with many options; no groups, no disabled options."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = {str(each) for each in self.format_value(value)}
        written = ((format_html(CHOSEN if str(key) in chosen else OTHER, key, label),) for key, label in self.choices)
        final = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", flatatt(final), format_html_join("", "{}", written))


EXAMPLE_DAY = "25/11/2026"
OLD_FORM = "Biểu mẫu này đã cũ hoặc bị thiếu. Tải lại trang rồi làm lại."
"""Nobody can mend what no page shows: hidden fields and the counting fields of a grid."""
CHOICES = (forms.ChoiceField, forms.ModelChoiceField)
NUMBERS = (forms.IntegerField, forms.DecimalField, forms.FloatField)


def in_sentence(label):
    """'Ngày họp' -> 'ngày họp'; an abbreviation ('CCCD') stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def messages_for(field, label):
    """Messages of a field by error code. `%(limit_value)s` is filled in by Django's validators."""
    name = in_sentence(label)
    messages = {
        "required": f"Nhập {name}.",
        "max_length": f"{label} dài quá: viết trong %(limit_value)d ký tự (đang có %(show_value)d).",
        "min_length": f"{label} ngắn quá: viết ít nhất %(limit_value)d ký tự (đang có %(show_value)d).",
        "max_value": f"{label} lớn quá: nhập nhiều nhất là %(limit_value)s.",
        "min_value": f"{label} nhỏ quá: nhập ít nhất là %(limit_value)s.",
        "null_characters_not_allowed": f"{label} có ký tự không đọc được; xóa ký tự lạ rồi gửi lại.",
    }
    if isinstance(field, forms.DateTimeField):
        messages["invalid"] = f"Nhập {name} dạng giờ:phút ngày/tháng/năm, ví dụ 07:30 {EXAMPLE_DAY}."
    elif isinstance(field, forms.DateField):
        messages["invalid"] = f"Nhập {name} dạng ngày/tháng/năm, ví dụ {EXAMPLE_DAY}."
    elif isinstance(field, forms.TimeField):
        messages["invalid"] = f"Nhập {name} dạng giờ:phút, ví dụ 07:30."
    elif isinstance(field, NUMBERS):
        messages |= _of_numbers(label)
    elif isinstance(field, forms.EmailField):
        messages["invalid"] = f"Nhập {name} dạng ten@co-quan.vn."
    elif isinstance(field, forms.UUIDField):
        messages["invalid"] = f"{label} không đúng dạng. Chép lại nguyên mã rồi gửi lại."
    if isinstance(field, CHOICES):
        again = f"{label} vừa chọn không có trong danh sách; mời chọn lại."
        messages |= dict.fromkeys(("invalid_choice", "invalid_list", "invalid_pk_value"), again)
        messages["required"] = f"Chọn {name}."
    elif isinstance(field, forms.FileField):
        messages |= dict.fromkeys(("required", "missing"), f"Chọn tệp cho mục “{label}”.")
        messages["empty"] = "Tệp vừa chọn không có nội dung; mời chọn tệp khác."
    elif isinstance(field, forms.BooleanField):
        messages["required"] = f"Đánh dấu ô “{label}” để tiếp tục."
    return messages


def _of_numbers(label):
    return {
        "invalid": f"Nhập {in_sentence(label)} bằng chữ số, ví dụ 31.",
        "max_digits": f"{label} dài quá: nhập nhiều nhất %(max)s chữ số.",
        "max_whole_digits": f"{label} lớn quá: nhập nhiều nhất %(max)s chữ số trước dấu phẩy.",
        "max_decimal_places": f"{label} lẻ quá: nhập nhiều nhất %(max)s chữ số sau dấu phẩy.",
    }


def _defaults_of(field):
    defaults = {}
    for each in reversed(type(field).__mro__):
        defaults |= getattr(each, "default_error_messages", {})
    return defaults


class GuidedFields:
    """Mixin: gives every field its own Vietnamese messages; a message the form wrote for a field itself wins.

    `{% crispy form %}` prints its fields, in their order or in the layout declared here. The page brings the form
    element, its button and the summary of errors; a field is the house's template (`templates/bootstrap5/field.html`).
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            defaults = _defaults_of(field)
            messages = messages_for(field, str(field.label or name))
            if field.widget.is_hidden:
                messages = dict.fromkeys({"invalid", *messages, *defaults}, OLD_FORM)
            for code, text in messages.items():
                if field.error_messages.get(code) == defaults.get(code):
                    field.error_messages[code] = text

    def layout(self):
        """A crispy `Layout` with rows of fields that stand side by side on a wide screen; None: one below the other."""
        return None

    @property
    def helper(self):
        helper = FormHelper()
        helper.form_tag, helper.disable_csrf, helper.form_show_errors = False, True, False
        helper.layout = self.layout()
        helper.render_unmentioned_fields = helper.render_hidden_fields = helper.layout is not None
        return helper


class GuidedForm(GuidedFields, forms.Form):
    """The base of every plain form."""


def side_by_side(*names):
    """Fields that share a line on a wide screen, for `layout()`."""
    return Div(*names, css_class="form-row")


class GuidedFormSet(forms.BaseFormSet):
    """The base of every grid: its own refusals in Vietnamese."""

    default_error_messages = {
        "missing_management_form": OLD_FORM,
        "too_many_forms": "Mỗi lần ghi nhiều nhất %(num)d dòng. Bỏ bớt dòng rồi bấm Lưu.",
    }
