"""No form answers in English, in raw names, or with a crash: every kind of field by its refusals."""

import pytest
from django import forms

from core.forms import OLD_FORM, GuidedForm, GuidedFormSet, RowsField
from units.models import Unit

KINDS = {
    "a code": (forms.UUIDField, {}, "abc", "Mục không đúng dạng. Chép lại nguyên mã rồi gửi lại."),
    "whole": (forms.IntegerField, {}, "năm", "Nhập mục bằng chữ số, ví dụ 31."),
    "digits": (forms.DecimalField, {"max_digits": 4}, "12345", "Mục dài quá: nhập nhiều nhất 4 chữ số."),
    "before the comma": (
        forms.DecimalField, {"max_digits": 4, "decimal_places": 2}, "123.1",
        "Mục lớn quá: nhập nhiều nhất 2 chữ số trước dấu phẩy.",
    ),
    "after the comma": (
        forms.DecimalField, {"max_digits": 9, "decimal_places": 2}, "1.234",
        "Mục lẻ quá: nhập nhiều nhất 2 chữ số sau dấu phẩy.",
    ),
    "no number": (forms.DecimalField, {}, "NaN", "Nhập mục bằng chữ số, ví dụ 31."),
    "date": (forms.DateField, {}, "mai", "Nhập mục dạng ngày/tháng/năm, ví dụ 25/11/2026."),
    "moment": (forms.DateTimeField, {}, "mai", "Nhập mục dạng giờ:phút ngày/tháng/năm, ví dụ 07:30 25/11/2026."),
    "clock": (forms.TimeField, {}, "trưa", "Nhập mục dạng giờ:phút, ví dụ 07:30."),
    "mail": (forms.EmailField, {}, "a", "Nhập mục dạng ten@co-quan.vn."),
    "choice": (forms.ChoiceField, {"choices": []}, "b", "Mục vừa chọn không có trong danh sách; mời chọn lại."),
    "length": (forms.CharField, {"max_length": 2}, "abc", "Mục dài quá: viết trong 2 ký tự (đang có 3)."),
    "empty": (forms.CharField, {}, "", "Nhập mục."),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "options", "typed", "sentence"), KINDS.values(), ids=KINDS)
def test_a_field_says_how_to_mend_it_and_a_hidden_one_that_the_page_is_old(kind, options, typed, sentence):
    class Shown(GuidedForm):
        item = kind(label="Mục", **options)

    class Hidden(GuidedForm):
        item = kind(widget=forms.HiddenInput, **options)

    assert Shown({"item": typed}).errors["item"] == [sentence]
    assert Hidden({"item": typed}).errors["item"] == [OLD_FORM]


@pytest.mark.parametrize("word", ["9223372036854775808", "-9223372036854775809", "9" * 5000, "x", "", "7_0", "٩"])
@pytest.mark.parametrize("kind", [forms.ModelChoiceField, RowsField])
def test_an_id_that_no_column_holds_is_an_unknown_one(db, kind, word):
    class Picked(GuidedForm):
        row = kind(label="Đơn vị", queryset=Unit.objects.all())

    again = "Đơn vị vừa chọn không có trong danh sách; mời chọn lại."
    data = {"row": [word] if kind is RowsField else word}
    assert Picked(data).errors["row"] == ["Chọn đơn vị." if word == "" and kind is not RowsField else again]


def test_rows_that_are_there_are_picked(cast):
    class Picked(GuidedForm):
        rows = RowsField(queryset=Unit.objects.all())

    form = Picked({"rows": [str(cast.tree.a1.pk), str(cast.tree.a2.pk)]})
    assert form.is_valid()
    assert set(form.cleaned_data["rows"]) == {cast.tree.a1, cast.tree.a2}


def test_a_grid_posted_without_its_counts_or_with_too_many_rows():
    class Row(GuidedForm):
        item = forms.CharField()

    grid = forms.formset_factory(Row, GuidedFormSet, max_num=1, validate_max=True)
    assert grid({"x": "1"}).non_form_errors() == [OLD_FORM]
    counts = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-item": "a", "form-1-item": "b"}
    assert grid(counts).non_form_errors() == ["Mỗi lần ghi nhiều nhất 1 dòng. Bỏ bớt dòng rồi bấm Lưu."]
