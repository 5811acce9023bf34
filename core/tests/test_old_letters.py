"""TCVN3 and VNI text: every Vietnamese letter there and back, recognised by letters or font, never by mistake."""

import pytest

from core.text import TCVN3, TCVN3_CAPITALS, VNI, decode, detect, encode
from intake.books import BookCell, BookRow, Sheet
from intake.tables import TableForm, find_tables

SMALL = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
SENTENCES = [
    "Đề nghị UBND phường sửa đường khu 1 vì hư hỏng nặng",
    "Hội trường UBND phường",
    "Đã sửa xong",
    "Nguyễn Thị Hoà",
    "Nguyễn",
    "Bà con phản ánh giếng nước bị ô nhiễm, khuya vẫn xả thải; yêu cầu quyết liệt.",
    "Xã Tuần Châu, thị trấn Trới",
]


@pytest.mark.parametrize(
    ("letters", "encoding"), [(SMALL, TCVN3), (SMALL, VNI), (SMALL.upper(), VNI), (SMALL.upper(), TCVN3_CAPITALS)]
)
def test_every_letter_comes_back(letters, encoding):
    for letter in letters:
        assert decode(encode(letter, encoding), encoding) == letter
    assert decode(encode(letters, encoding), encoding) == letters
    assert {decode(encode(letter, TCVN3), TCVN3) for letter in "ĂÂĐÊÔƠƯ"} == set("ĂÂĐÊÔƠƯ")


@pytest.mark.parametrize("encoding", [TCVN3, VNI])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_old_text_is_recognised_by_its_letters_and_unicode_is_left_alone(sentence, encoding):
    old = encode(sentence, encoding)
    assert detect(old) == encoding
    assert decode(old, encoding) == sentence
    assert detect(sentence) == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("§Ò nghÞ söa ®\u00adêng", "Đề nghị sửa đường"),
        ("Héi tr\u00adêng UBND ph\u00adêng", "Hội trường UBND phường"),
        ("Ñeà nghò söûa ñöôøng", "Đề nghị sửa đường"),
        ("ÑEÀ NGHÒ SÖÛA ÑÖÔØNG", "ĐỀ NGHỊ SỬA ĐƯỜNG"),
    ],
)
def test_texts_as_they_were_typed_then(text, told):
    assert decode(text, detect(text)) == told


@pytest.mark.parametrize(
    "text",
    ["Cà phê", "Xã Hà An", "xã", "có", "Nestlé", "50 µg/m³", "giá ½ · 30 °C ± 5 × 2", "«Hòa»", "Khu 5",
     "giao\u00ad ban", "Müller GmbH", "Ðã giải quyết", "hoà bình, thuỷ lợi", "Ông Hùng và bà Hoà ở xã", "naïve café"],
)  # fmt: skip
def test_what_is_no_old_text_is_left_alone(text):
    assert detect(text) == ""


def test_a_font_says_what_the_letters_leave_open():
    assert detect("cã", ".VnTime") == TCVN3
    assert decode("cã", TCVN3) == "có"
    assert decode("uû ban nh©n d©n", detect("uû ban nh©n d©n", ".VnTimeH")) == "UỶ BAN NHÂN DÂN"
    assert detect("Hội nghị", ".VnTime") == detect("cã", "Times New Roman") == detect("co", ".VnTime") == ""


def test_a_word_that_reads_well_both_ways_follows_its_column_but_not_its_title():
    form = TableForm("So", {"key": "Ghi chú", "other": "Tên"}, ("key",))
    lines = ["Ghi chú", *(encode(words, TCVN3) for words in ("Đề nghị sửa", "Hội trường", "Đường hỏng", "có"))]
    rows = [
        BookRow(number, (BookCell("text", words), BookCell("text", "Tên"))) for number, words in enumerate(lines, 1)
    ]
    tables = find_tables({"So": Sheet(rows)}, (form,), (form,))
    assert [row.cell(0).text for row in tables.rows(form)] == ["Đề nghị sửa", "Hội trường", "Đường hỏng", "có"]
    assert tables.questions[0].text.startswith("4 ô gõ theo bảng mã TCVN3")
