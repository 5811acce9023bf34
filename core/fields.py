"""Form fields that read what Vietnamese officials type and say how to fix what they cannot read."""

from django import forms

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
