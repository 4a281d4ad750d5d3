"""What somebody typed to look for, as patterns. Pure."""

from __future__ import annotations

from typing import Final

from shared.vietnamese import search_key

WORDS_MAX: Final = 8


def patterns(text: str) -> list[str]:
    """A LIKE pattern for each word, without diacritics; what holds no word is found nowhere."""
    return [f"%{_literal(word)}%" for word in search_key(text).split()[:WORDS_MAX]] or [""]


def _literal(word: str) -> str:
    """A word in which no character is a wildcard."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
