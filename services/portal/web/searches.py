"""What somebody typed to look for, as patterns. Pure."""

from __future__ import annotations

from typing import Final

from shared.vietnamese import search_key

WORDS_MAX: Final = 8


def patterns(text: str) -> list[str]:
    """A LIKE pattern for each word, without diacritics; what holds no word is found nowhere."""
    return [f"%{_literal(word)}%" for word in search_key(text).split()[:WORDS_MAX]] or [""]


def bare(code: str) -> str:
    """A code without its dots, dashes and blanks."""
    return "".join(letter for letter in search_key(code) if letter.isalnum())


def squeezed(text: str) -> str:
    """The bare code; empty where what was typed is no code."""
    letters = bare(text)
    return letters if len(letters) >= 6 and any(letter.isdigit() for letter in letters) else ""


def _literal(word: str) -> str:
    """A word in which no character is a wildcard."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
