"""The order of a Vietnamese class list: by class, then by given name, then by the names before it, in the Vietnamese alphabet."""

from __future__ import annotations

import re
import unicodedata

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANKS = {letter: rank for rank, letter in enumerate(_ALPHABET)}
_TONES = (
    "\N{COMBINING GRAVE ACCENT}\N{COMBINING HOOK ABOVE}\N{COMBINING TILDE}\N{COMBINING ACUTE ACCENT}\N{COMBINING DOT BELOW}"
)
"""From huyền to nặng; a letter without one goes first. A tone decides only between words that are otherwise alike."""

_PARTS = re.compile(r"[0-9]+|[^0-9]+")

WordKey = tuple[tuple[int, ...], tuple[int, ...]]


def _word_key(word: str) -> WordKey:
    letters: list[int] = []
    tones: list[int] = []
    for letter in unicodedata.normalize("NFC", word.lower()):
        bare = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in bare if mark in _TONES), "")
        base = unicodedata.normalize("NFC", bare.replace(tone, "") if tone else bare)
        letters.append(_RANKS.get(base, len(_ALPHABET) + ord(base[0])))
        tones.append(_TONES.index(tone) + 1 if tone else 0)
    return tuple(letters), tuple(tones)


def name_key(full_name: str) -> tuple[WordKey, ...]:
    """Sorts full names as class lists do: Trần Văn An before Lê Thị Bình, Nguyễn Văn Dũng before Nguyễn Văn Đức."""
    *others, given = full_name.split() or [""]
    return (_word_key(given), *map(_word_key, others))


def group_key(group: str | None) -> tuple[bool, tuple[tuple[int, str], ...]]:
    """Sorts classes by their numbers: lớp 4A, lớp 4B, lớp 10A; none at the end."""
    parts = _PARTS.findall((group or "").lower())
    return group is None, tuple((int(part), "") if part.isdigit() else (0, part.strip()) for part in parts)
