"""Vietnamese text as banks and search boxes need it: without diacritics."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans("đĐ", "dD")


def strip_diacritics(text: str) -> str:
    """Write "Nguyễn Đức" as "Nguyen Duc": NFD without combining marks, đ → d (rule of ../shared/facts/vietqr.md)."""
    decomposed = unicodedata.normalize("NFD", text.translate(_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def search_key(text: str) -> str:
    """A form in which two spellings of one name are equal: no diacritics, lower case, single spaces."""
    return " ".join(strip_diacritics(text).lower().split())
