"""Vietnamese text from before Unicode: TCVN3 (ABC, fonts .Vn…), VNI and Windows-1258, made readable where it is certain.

Lists are still kept in these fonts. In a CSV file such text is bytes that are no UTF-8; in a workbook the same bytes stand as
Latin letters ("NguyÔn V¨n" for "Nguyễn Văn"), for only the font knew better. Certain means: read this way nearly all words
with letters beyond ASCII are Vietnamese syllables, read any other way they are not.

Tables: TCVN 5712:1993 (VN3) and the VNI-Windows typing table, as in the Unikey and libiconv projects.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from shared.syllables import is_syllable

WORDS_MAX = 2_000
"""Different words that are enough to judge by."""
_WORDS_SURE, _WORDS_TELLING = 5, 2
"""Different words of two letters or more: enough to be certain, enough to ask."""
_SURE_SHARE = 0.9
_REFUTED_SHARE = 0.6
_BEYOND_LATIN_1 = 0x100

_WORD = re.compile(r"[^\s\d!-@\[-`{-~]+")
"""Letters as any of these encodings has them: all but ASCII's marks and digits."""

_TCVN3 = str.maketrans(
    dict(
        zip(
            "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ¡¢§£¤¥¦",
            "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂĐÊÔƠƯ",
            strict=True,
        )
    )
)

_VNI_MARKS: Final = {
    "a": dict(zip("øùûõïâàáåãäêèéúüë", "àáảãạâầấẩẫậăằắẳẵặ", strict=True)),
    "e": dict(zip("øùûõïâàáåãä", "èéẻẽẹêềếểễệ", strict=True)),
    "o": dict(zip("øùûõïâàáåãä", "òóỏõọôồốổỗộ", strict=True)),
    "ô": dict(zip("øùûõï", "ờớởỡợ", strict=True)),
    "u": dict(zip("øùûõï", "ùúủũụ", strict=True)),
    "ö": dict(zip("øùûõï", "ừứửữự", strict=True)),
    "y": dict(zip("øùûõ", "ỳýỷỹ", strict=True)),
}
_VNI_ALONE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI: Final = {letter + mark: made for letter, marks in _VNI_MARKS.items() for mark, made in marks.items()} | _VNI_ALONE
_VNI_PARTS = re.compile("|".join(sorted(_VNI, key=len, reverse=True)), re.IGNORECASE)


def from_tcvn3(text: str) -> str:
    """Text whose letters are TCVN3 codes read as Latin-1."""
    return text.translate(_TCVN3)


def from_vni(text: str) -> str:
    """Text whose letters are VNI codes read as Latin-1: a letter, then its marks as a letter of their own."""

    def made(match: re.Match[str]) -> str:
        part = match[0]
        letter = _VNI[part.lower()]
        return letter.upper() if part[0].isupper() else letter

    return _VNI_PARTS.sub(made, text)


def from_cp1258(text: str) -> str:
    """Text whose letters are Windows-1258 codes read as Latin-1."""
    try:
        return unicodedata.normalize("NFC", text.encode("latin-1").decode("cp1258"))
    except UnicodeError:
        return text


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text."""

    name: str
    convert: Callable[[str], str]


AS_IT_IS = Reading("UTF-8", lambda text: text)
OLD_FONTS = (Reading("TCVN3 (ABC)", from_tcvn3), Reading("VNI", from_vni))
OLD_BYTES = (*OLD_FONTS, Reading("Windows-1258", from_cp1258))


class EncodingUncertainError(Exception):
    """Text is not readable as it is, and no other reading is certain; `likely` is the one that fits what there is."""

    def __init__(self, likely: Reading | None, *, is_mixed: bool = False) -> None:
        super().__init__("" if likely is None else likely.name)
        self.likely = likely
        self.is_mixed = is_mixed
        """Whether a part of the text is readable as it is, so that no one reading can be right."""


def words_beyond_ascii(texts: Iterable[str], into: set[str]) -> None:
    """Add to `into` the different words of two letters or more with some beyond ASCII, up to WORDS_MAX."""
    for text in texts:
        if len(into) >= WORDS_MAX:
            return
        if not text.isascii():
            into.update(word for word in _WORD.findall(text) if len(word) > 1 and not word.isascii())


def reading_of_letters(words: Collection[str]) -> Reading:
    """How the letters of a Unicode text are meant: as they are, or as an old font's. Raises EncodingUncertainError."""
    # An old font's letters all lie in Latin-1; most of Vietnamese's own, such as ạ, ễ or đ, lie beyond it.
    could_be_old = [word for word in words if all(ord(letter) < _BEYOND_LATIN_1 for letter in word)]
    if len(could_be_old) < _WORDS_TELLING or _share(could_be_old, AS_IT_IS) >= _REFUTED_SHARE:
        return AS_IT_IS
    best, share = _best(could_be_old, OLD_FONTS)
    if share < _SURE_SHARE:
        return AS_IT_IS
    if len(could_be_old) < len(words):
        raise EncodingUncertainError(best, is_mixed=True)
    if len(words) < _WORDS_SURE:
        raise EncodingUncertainError(best)
    return best


def reading_of_bytes(words: Collection[str]) -> Reading:
    """How bytes that are no UTF-8 are meant, given as Latin-1. Raises EncodingUncertainError."""
    best, share = _best(words, OLD_BYTES)
    rival = max(_share(words, each) for each in OLD_BYTES if each is not best)
    if len(words) >= _WORDS_SURE and share >= _SURE_SHARE and rival < _REFUTED_SHARE:
        return best
    raise EncodingUncertainError(best if share >= _REFUTED_SHARE else None)


def _best(words: Collection[str], readings: Collection[Reading]) -> tuple[Reading, float]:
    return max(((each, _share(words, each)) for each in readings), key=lambda each: each[1])


def _share(words: Collection[str], reading: Reading) -> float:
    """Which share of the words are Vietnamese syllables, read this way."""
    return sum(is_syllable(reading.convert(word)) for word in words) / len(words) if words else 0.0
