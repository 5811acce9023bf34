"""Text as it is stored and found: letters that only look Vietnamese, what nobody sees, words of address."""

import pytest

from core.text import clean_name, clean_person_name, clean_text, fold


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ðề nghị, ðã sửa", "Đề nghị, đã sửa"),
        ("hư h\u00adỏng\u200b nặng\ufeff", "hư hỏng nặng"),
        ("một\r\nhai\u2060", "một\nhai"),
        ("x\u202ey", "xy"),
    ],
)
def test_what_is_stored_is_what_is_seen_and_is_found_by_its_words(typed, stored):
    assert clean_text(typed) == stored
    assert fold(typed) == fold(stored) == fold(clean_name(typed))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Đ/c Đỗ Văn Thử", "Đỗ Văn Thử"),
        ("đ/c. Đỗ Văn Thử", "Đỗ Văn Thử"),
        ("Ð/cĐỗ Văn Thử", "Đỗ Văn Thử"),
        ("Đ.c Đỗ Văn Thử", "Đỗ Văn Thử"),
        ("ĐC: Đỗ Văn Thử", "Đỗ Văn Thử"),
        ("Đồng chí  Đỗ Văn Thử", "Đỗ Văn Thử"),
        ("Ông Đỗ Văn Thử", "Đỗ Văn Thử"),
        ("BÀ: Đỗ Thị Thử", "Đỗ Thị Thử"),
        ("Ông (bà) Đỗ Thị Thử", "Đỗ Thị Thử"),
        ("Đ/c Bà Đỗ Thị Thử", "Đỗ Thị Thử"),
        ("Ông Văn Tiến Thử", "Văn Tiến Thử"),
        ("Ông Văn Thử", "Ông Văn Thử"),
        ("Ông Thị Hoa", "Ông Thị Hoa"),
        ("Ông", "Ông"),
        ("Đặng Đồng Chí", "Đặng Đồng Chí"),
        ("Đoàn Văn Cường", "Đoàn Văn Cường"),
        ("Bành Văn Ba", "Bành Văn Ba"),
    ],
)
def test_the_word_of_address_is_no_part_of_a_name(typed, name):
    assert clean_person_name(typed) == name
