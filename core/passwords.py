"""Passwords that anyone could guess from the product or the work are refused."""

import re

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError

from core.text import fold

_WORDS = ("giaoban", "hoinghi", "danvan", "tinhuy", "huyenuy", "danguy", "matkhau", "quangninh", "vietnam", "password")


class ProductWordValidator:
    """What is left beside the product's own words, digits and signs must be at least four letters."""

    def validate(self, password, user=None):
        rest = re.sub(r"[^a-z]", "", fold(password))
        for word in _WORDS:
            without = rest.replace(word, "")
            if without != rest and len(without) < 4:
                raise ValidationError(self.get_help_text(), code="password_product_word")

    def get_help_text(self):
        return "Mật khẩu không được chỉ gồm tên phần mềm, tên cơ quan hoặc từ thông dụng kèm vài chữ số."


class LengthValidator(MinimumLengthValidator):
    """Django's own words for this one have no Vietnamese."""

    def get_error_message(self):
        return f"Mật khẩu ngắn quá. Đặt mật khẩu có ít nhất {self.min_length} ký tự."

    def get_help_text(self):
        return f"Mật khẩu phải có ít nhất {self.min_length} ký tự."
