"""Look-up keys: small texts under which a payer is found, the same whether the memo or the notice is asked.

`khop evaluate` holds them in dictionaries, the service in an indexed table; both give the same payers to the same stages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from string import ascii_lowercase
from typing import TYPE_CHECKING, Final, NamedTuple

from services.matching.matcher.text import fold, split, words_of
from services.matching.matcher.vocabulary import DEPARTMENTS

if TYPE_CHECKING:
    from services.matching.matcher.values import Payer


# Kinds of keys; each is the first letter of a key's stored form. Plain texts, since an enumeration's hash costs more than the look-up.
NAME: Final = "n"
"""The full name without spaces."""
GIVEN_AND_CLASS: Final = "g"
"""The given name and the first form of the class."""
GIVEN_AND_INITIAL: Final = "f"
"""The given name and the family name's first letter."""
ALL_BUT_GIVEN: Final = "m"
"""Family and middle names without spaces."""
CLASS: Final = "k"
CODE: Final = "c"
"""The payer code without separators; looked up at other sites too."""
PHONE: Final = "p"
NAME_AND_CLASS: Final = "a"
"""Full name and class (or the name alone of a payer without one): looked up at other sites only."""
GUARDIAN: Final = "u"
"""The guardian's full name without spaces."""
KINDS: Final = (NAME, GIVEN_AND_CLASS, GIVEN_AND_INITIAL, ALL_BUT_GIVEN, CLASS, CODE, PHONE, NAME_AND_CLASS, GUARDIAN)
ANYWHERE: Final = frozenset({CODE, NAME_AND_CLASS})
"""Kinds that are looked up at every site."""


class Key(NamedTuple):
    """A kind and its text."""

    kind: str
    text: str


CODE_LENGTH_MIN: Final = 4
CODE_LENGTH_MAX: Final = 28
_CLASS_START = re.compile(r"^(?:lop|mau giao|mg|nhom lop|nhom)\b[ .:]*")
_DEPARTMENT = re.compile(r"(?:khoa|phong kham)\b[^0-9]*")
_DEPARTMENTS: Final = frozenset(each.removeprefix("khoa ").removeprefix("k ") for each in DEPARTMENTS)
_BY_AGE = re.compile(r"([2-5])(?:tuoi|t)([a-k]\d?|\d)")
_NURSERY = re.compile(r"(?:nhatre|nt)([a-k]\d?|\d{1,2})")
_BEFORE_NUMBERS = frozenset({"k", "khoi", "khoa", "tre"})
_ZEROS = re.compile(r"^([a-z]+)0+(?=[0-9]{3})")


def keys_of(payer: Payer) -> list[Key]:
    """Every key of a payer."""
    keys = [Key(CLASS, group) for group in payer.groups]
    if (code := code_key(payer.code)) is not None:
        keys.append(Key(CODE, code))
    if payer.phone and (phone := phone_key(payer.phone)) is not None:
        keys.append(Key(PHONE, phone))
    if payer.guardian and (guardian := "".join(words_of(payer.guardian))):
        keys.append(Key(GUARDIAN, guardian))
    words = payer.words
    if not words:
        return keys
    name = "".join(words)
    keys.append(Key(NAME, name))
    keys += [Key(NAME_AND_CLASS, name_and_class(name, group)) for group in payer.groups or ("",)]
    keys += [Key(GIVEN_AND_CLASS, given_and_class(words[-1], group)) for group in payer.groups[:1]]
    if len(words) > 1:
        keys.append(Key(GIVEN_AND_INITIAL, given_and_initial(words[-1], words[0][0])))
    if len(words) > 2:
        keys.append(Key(ALL_BUT_GIVEN, "".join(words[:-1])))
    return keys


def given_and_class(given: str, group: str) -> str:
    """The text of such a key."""
    return f"{given}|{group}"


def given_and_initial(given: str, initial: str) -> str:
    """The text of such a key."""
    return f"{given}|{initial}"


def name_and_class(name: str, group: str) -> str:
    """The text of such a key."""
    return f"{name}|{group}"


def class_keys(group: str) -> tuple[str, ...]:
    """A class in the forms in which spellings are compared, its own first: "Lớp 3A" is "3a", "3/1" stays, "Mẫu giáo 5 tuổi A" is
    "5tuoia", "5ta" or "5a", "NT A" also "nhatrea", "K12 ĐCN" also "12dcn". A department of a health site is no
    class ("Khoa Nhi", "Nhi"): hundreds lie there.
    """
    bare = _CLASS_START.sub("", " ".join(fold(group).split()))
    runs, _ = split(bare)
    if not runs or bare in _DEPARTMENTS or _DEPARTMENT.fullmatch(bare):
        return ()
    whole = join(runs)
    if (by_age := _BY_AGE.fullmatch(whole)) is not None:
        age, name = by_age.groups()
        return f"{age}tuoi{name}", f"{age}t{name}", join((age, name))
    if (nursery := _NURSERY.fullmatch(whole)) is not None:
        return f"nhatre{nursery[1]}", f"nt{nursery[1]}"
    if runs[0] in _BEFORE_NUMBERS and len(runs) > 2 and runs[1][0] <= "9":
        return whole, join(runs[1:])
    if len(runs) < 3 or not any(len(run) > 1 and run.isalpha() for run in runs):
        return (whole,)
    return whole, "".join(run[0] if run.isalpha() else run for run in runs)


def turned(name: Sequence[str]) -> tuple[str, ...]:
    """The keys of the whole names that these words are in another order: the given name first, or the family name last."""
    return tuple(dict.fromkeys(["".join([*name[1:], name[0]]), "".join([name[-1], *name[:-1]])]))


@lru_cache(maxsize=16_384)  # every pupil of a class asks
def first_word(group: str) -> str:
    """The first run of letters of a folded class or of its form, "lon" of "lon1", "hoa" of "hoa hong 2"; empty where it begins with a
    number, or is one run.
    """
    runs, _ = split(group)
    return runs[0] if len(runs) > 1 and runs[0][0] > "9" else ""


def join(runs: Sequence[str]) -> str:
    """Runs as one text; two numbers stay apart, since "3/1" is not "31"."""
    made = runs[0]
    for run in runs[1:]:
        made += f"/{run}" if made[-1] <= "9" and run[0] <= "9" else run
    return made


def code_key(code: str) -> str | None:
    """A payer code without separators, and without the zeros behind its letters; None where it cannot be told from other text."""
    runs, _ = split(fold(code))
    squeezed = "".join(runs)
    if not CODE_LENGTH_MIN <= len(squeezed) <= CODE_LENGTH_MAX or not any(run[0] <= "9" for run in runs):
        return None
    return without_zeros(squeezed)


def without_zeros(squeezed: str) -> str:
    """Zeros behind a code's first letters are immaterial, since people drop them, as long as three digits are left."""
    numbers = squeezed.lstrip(ascii_lowercase)
    return _ZEROS.sub(r"\1", squeezed) if numbers[:1] == "0" and numbers != squeezed else squeezed


def phone_key(phone: str) -> str | None:
    """The nine digits behind 0 or 84; None where it is no Vietnamese number."""
    digits = "".join(split(phone)[0]) if phone.isascii() else ""
    if digits.startswith("84") and len(digits) == 11:
        digits = digits[2:]
    digits = digits.removeprefix("0")
    return digits if len(digits) == 9 and digits.isdigit() else None
