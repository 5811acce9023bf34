"""Vietnamese typed for the fonts of before Unicode: TCVN3 (ABC, .VnTime) and VNI (VNI-Times), recognised and read.

Both put Vietnamese letters on the places of other letters: 'söa ®­êng' in a TCVN3 font shows as 'sửa đường'. TCVN3
has no capitals with tones; its fonts whose names end with H show all letters as capitals.
"""

import re
import unicodedata

_LETTERS = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ"
_TCVN3 = "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ"
_TCVN3_CAPITALS = dict(zip("ĂÂĐÊÔƠƯ", "¡¢§£¤¥¦", strict=True))
_VNI = re.findall(
    r"\S+",
    "aø aû aõ aù aï aê aè aú aü aé aë aâ aà aå aã aá aä ñ eø eû eõ eù eï eâ eà eå eã eá eä ì æ ó í ò "
    "oø oû oõ où oï oâ oà oå oã oá oä ô ôø ôû ôõ ôù ôï uø uû uõ uù uï ö öø öû öõ öù öï yø yû yõ yù î",
)

TCVN3, TCVN3_CAPITALS, VNI = "tcvn3", "tcvn3-capitals", "vni"
LABELS = {TCVN3: "TCVN3 (ABC)", TCVN3_CAPITALS: "TCVN3 (ABC), phông chữ hoa", VNI: "VNI"}
ENCODE = {
    TCVN3: dict(zip(_LETTERS, _TCVN3, strict=True)) | _TCVN3_CAPITALS,
    VNI: dict(zip(_LETTERS, _VNI, strict=True))
    | {letter.upper(): sign.upper() for letter, sign in zip(_LETTERS, _VNI, strict=True)},
}
_READ_TCVN3 = {sign: letter for letter, sign in ENCODE[TCVN3].items()}
_READ_VNI = {sign: letter for letter, sign in ENCODE[VNI].items()}
_READ_VNI |= {sign[0].upper() + sign[1:]: letter.upper() for letter, sign in zip(_LETTERS, _VNI, strict=True)}
_VNI_SIGN = re.compile("|".join(sorted(_READ_VNI, key=len, reverse=True)))

_UNICODE = re.compile(
    "[\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0\u0300-\u0323\u1ea0-\u1ef9]"
)
"""Letters that only Unicode text has: whatever stands beside them was typed in Unicode."""
_BETWEEN = re.compile(r"[\s!-@\[-`{-~–—…“”‘’•]+")
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_SYLLABLE = re.compile(
    r"(?P<onset>ngh?|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnprstvx])?"
    r"(?P<rhyme>(?:oa|oă|oe|[aăâeo])(?:ng|ch|nh|[cmnpt])?|(?:uâ|uê|uyê|iê|yê|uô|ươ|uơ|uy|[êiôơuưy])(?:ng|ch|nh|[cmnpt])?"
    r"|o?a[iouy]|oeo|[âu]y|uây|uya|âu|ia|iu|iêu|yêu|eo|êu|oi|ôi|ơi|ua|ui|uôi|uyu|ươi|ươu|ưa|ưi|ưu)"
)
_OPEN = {"oa", "oe", "uê", "uy", "uơ"}
_NO_RHYME = re.compile(r"(?:[ôơuưoăâe](?:ch|nh)|(?<!ư)ơ(?:ng|c)|i(?:ng|c)|êng|[ăâ]|oă|uâ|iê|yê|uyê|uô|ươ)$")


def decode(text, encoding):
    """The text in Unicode."""
    if encoding == VNI:
        return _VNI_SIGN.sub(lambda found: _READ_VNI[found[0]], unicodedata.normalize("NFC", text))
    found = "".join(_READ_TCVN3.get(sign, sign) for sign in text)
    return found.upper() if encoding == TCVN3_CAPITALS else found


def encode(text, encoding):
    """The same letters as the old fonts have them; in the capitals' font small letters stand for capitals."""
    text = unicodedata.normalize("NFC", text)
    table = ENCODE[VNI if encoding == VNI else TCVN3]
    return "".join(table.get(letter, letter) for letter in (text.lower() if encoding == TCVN3_CAPITALS else text))


def encoding_of_font(name):
    """The encoding that a font is made for; "" for a font of today."""
    name = name.lower()
    if name.startswith(".vn"):
        return TCVN3_CAPITALS if name.endswith("h") else TCVN3
    return VNI if name.startswith("vni-") else ""


def is_unicode(text):
    return bool(_UNICODE.search(text))


def detect(text, font=""):
    """The old encoding a text was typed in, "" for Unicode: by the font, else by the letters.

    Judged by words: most of those with marks must be Vietnamese syllables when read so, and not as they stand.
    """
    if text.isascii() or is_unicode(text):
        return ""
    if (named := encoding_of_font(font)) and (named == VNI or all(c.isascii() or c in _READ_TCVN3 for c in text)):
        return named
    marked = [word for word in _BETWEEN.split(text) if len(word) > 1 and not word.isascii()]
    as_it_stands = sum(is_syllable(word.replace("\u00ad", "")) for word in marked)
    best, encoding = max((sum(is_syllable(decode(word, each)) for word in marked), each) for each in (VNI, TCVN3))
    return encoding if best > as_it_stands and best * 3 >= len(marked) * 2 else ""


def is_syllable(word):
    """Is it built like a Vietnamese syllable, with one tone at most and that one in its place?"""
    parts = unicodedata.normalize("NFD", word.lower())
    if len(_TONES.findall(parts)) > 1:
        return False
    bare = unicodedata.normalize("NFC", _TONES.sub("", parts))
    found = _SYLLABLE.fullmatch(bare)
    if not found or _NO_RHYME.search(found["rhyme"]) or not _fits(found["onset"] or "", found["rhyme"]):
        return False
    glides = len(found["rhyme"]) > 1 and found["rhyme"] not in _OPEN and bare[-1] in "aeiouy"
    return not (glides and _TONES.search(unicodedata.normalize("NFD", word[-1].lower())))


def _fits(onset, rhyme):
    """'c', 'g', 'ng' stand before a, o, u; 'k', 'gh', 'ngh' before e, ê, i, y."""
    is_front = rhyme[0] in "eêiy"
    return not (onset in ("k", "gh", "ngh") and not is_front) and not (onset in ("c", "ng") and is_front)
