"""Vietnamese text: cleaning what is typed, folding for search, sorting names as people do."""

import re
import unicodedata

_TONE = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_ALPHABET = {letter: i for i, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", 1)}
_BASE = {"a\u0306": "ă", "a\u0302": "â", "e\u0302": "ê", "o\u0302": "ô", "o\u031b": "ơ", "u\u031b": "ư"}
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
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
