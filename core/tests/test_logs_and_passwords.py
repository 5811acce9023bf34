"""Logs without content; passwords nobody guesses from the product."""

import logging
import sys

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from core.logs import LineFormatter


def test_a_log_line_is_one_line_and_holds_no_text_of_an_exception():
    try:
        raise ValueError("0912 345 678")
    except ValueError:
        info = sys.exc_info()
    line = logging.LogRecord("a", logging.ERROR, __file__, 1, "x\nFAKE line\r", (), info)
    text = LineFormatter().format(line)
    assert "\n" not in text
    assert "\r" not in text
    assert "0912" not in text
    assert "ValueError" in text


@pytest.mark.parametrize(
    "password", ["giaoban2026", "GiaoBan@2026!", "danvan123456", "1234567890", "password123", "ngan", "hội nghị 2026"]
)
def test_weak_passwords(password):
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize(
    "password", ["lúa chín vàng đồng", "giaoban thuyền về bến", "x7Kd92mPq1", "a" * 20 + "bcd" * 15]
)
def test_good_passwords(password):
    validate_password(password)
