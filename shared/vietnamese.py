"""Vietnamese text as banks and search boxes need it: without diacritics."""

from __future__ import annotations

import unicodedata

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Huyền, hỏi, ngã, sắc, nặng: the order of dictionaries, after no tone at all."""
_LETTERS = str.maketrans("đĐ", "dD")


def strip_diacritics(text: str) -> str:
    """Write "Nguyễn Đức" as "Nguyen Duc": NFD without combining marks, đ → d (rule of ../shared/facts/vietqr.md)."""
    decomposed = unicodedata.normalize("NFD", text.translate(_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Orders texts as a Vietnamese dictionary does: Đ after D and before E, Ô after O; tones only where letters are equal."""
    letters: list[str] = []
    tones: list[int] = []
    for sign in unicodedata.normalize("NFD", text.lower()):
        if sign in _TONES and letters:
            tones[-1] = _TONES.index(sign) + 1
        elif unicodedata.combining(sign) and letters:
            letters[-1] = unicodedata.normalize("NFC", letters[-1] + sign)
        else:
            letters.append(sign)
            tones.append(0)
    return tuple(map(_rank, letters)), tuple(tones)


def _rank(letter: str) -> int:
    """Where a letter stands: blanks, digits and signs first, then the alphabet, then what Vietnamese does not write."""
    place = _ALPHABET.find(letter)
    return 128 + place if place >= 0 else ord(letter[0]) if ord(letter[0]) < 128 else 256 + ord(letter[0])


def search_key(text: str) -> str:
    """A form in which two spellings of one name are equal: no diacritics, lower case, single spaces."""
    return " ".join(strip_diacritics(text).lower().split())
