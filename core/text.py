"""Vietnamese text: cleaning what is typed, folding for search, sorting names as people do."""

import re
import unicodedata

_TONE = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_ALPHABET = {letter: i for i, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", 1)}
_BASE = {"a\u0306": "ă", "a\u0302": "â", "e\u0302": "ê", "o\u0302": "ô", "o\u031b": "ơ", "u\u031b": "ư"}
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
UNCLEAN = f"[{_UNSEEN}ÐðƉɖ]"
"""For a database: text that holds what `clean_text` takes out or turns into Đ."""
_SAME_SHAPE = str.maketrans("ÐðƉɖ", "ĐđĐđ")
"""Icelandic and African letters that old keyboards and converters write for the Vietnamese one."""
_ADDRESS = re.compile(
    r"(?:(?:đ\s*/\s*c[\s.:]*|(?:đồng chí|đ\.\s*c|đc|ông|bà)(?:[\s.:]+|$))(?:\((?:ông|bà)\)\s*)?)+", re.IGNORECASE
)
_NOT_AFTER_ADDRESS = ("thị", "ích")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_KEY_TABLE = {c: n for n, c in enumerate("0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", 1)}


def clean_text(value):
    """Free text as it is stored: NFC, Đ as Đ, nothing invisible, Unix line ends, no blanks at the ends."""
    value = _visible(unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")))
    return _CONTROL.sub("", value).strip()


def _visible(value):
    """Without soft hyphens, zero-width characters and marks of direction; letters that only look like Đ become Đ."""
    return _INVISIBLE.sub("", value).translate(_SAME_SHAPE)


def clean_name(value):
    """A name or code as it is stored: one line, single blanks, nothing invisible."""
    return re.sub(r"\s+", " ", clean_text(value).replace("\u00a0", " ")).strip()


def clean_person_name(value):
    """A person's name without the word of address before it: 'Đ/c Đỗ Văn Thử' -> 'Đỗ Văn Thử'.

    'Ông' and 'Bà' stay where they are the family name ('Ông Thị Hoa'), and where nothing would be left.
    """
    name = clean_name(value)
    address = _ADDRESS.match(name)
    rest = name[address.end() :] if address else ""
    first, *others = rest.lower().split() or [""]
    is_family_name = first in _NOT_AFTER_ADDRESS or (first == "văn" and len(others) == 1)
    return name if not rest or is_family_name else rest


def fold(value):
    """The search key: 'Đức  Chính' -> 'duc chinh'. The same on every database engine."""
    value = unicodedata.normalize("NFD", _visible(value).replace("Đ", "D").replace("đ", "d"))
    value = "".join(c for c in value if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", value).strip().lower()


def _letter(char):
    """Split a character into (base letter of the Vietnamese alphabet, tone)."""
    tone, rest = 0, ""
    for part in unicodedata.normalize("NFD", char.lower()):
        if part in _TONE:
            tone = _TONE[part]
        else:
            rest += part
    return _BASE.get(rest, rest), tone


def collation_key(value):
    """A string that sorts like a Vietnamese dictionary under plain byte order (letters first, then tones)."""
    letters, tones = [], []
    for char in unicodedata.normalize("NFC", value.strip()):
        base, tone = _letter(char)
        letters.append(f"{_KEY_TABLE.get(base, 0):02d}")
        tones.append(str(tone))
    return "".join(letters) + "-" + "".join(tones)


def place_sort_key(name):
    """As `collation_key`, with numbers as numbers: 'Khu 2' before 'Khu 10', Đ after D."""
    return collation_key(re.sub(r"\d+", lambda found: found[0].zfill(5), name))


def person_sort_key(name):
    """Sort people by given name, then by the rest: 'Nguyễn Văn An' before 'Trần Thị Bình'."""
    words = name.split()
    if not words:
        return ""
    return f"{collation_key(words[-1])} {collation_key(' '.join(words[:-1]))}"


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
