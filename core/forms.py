"""Forms whose refusals name the field and say how to fix it, instead of 'Trường này là bắt buộc'."""

from django import forms

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
    """Mixin: gives every field its own Vietnamese messages; a message the form wrote for a field itself wins."""

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


class GuidedForm(GuidedFields, forms.Form):
    """The base of every plain form."""


class GuidedFormSet(forms.BaseFormSet):
    """The base of every grid: its own refusals in Vietnamese."""

    default_error_messages = {
        "missing_management_form": OLD_FORM,
        "too_many_forms": "Mỗi lần ghi nhiều nhất %(num)d dòng. Bỏ bớt dòng rồi bấm Lưu.",
    }
