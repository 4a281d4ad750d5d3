"""Who owes at a site. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

from shared.privacy import PayerCode, PersonName, Phone
from shared.vietnamese import search_key

_TWELVE_DIGITS: Final = re.compile(r"\d{12}", re.ASCII)
_CITIZEN_ID: Final = re.compile(r"(?<!\d)0(?:0[1-9]|[1-8]\d|9[0-6])[0-3]\d{8}(?!\d)", re.ASCII)
"""A province (001 to 096), the century and sex (0 to 3 until the year 2099), the year of birth, six digits (Decree
137/2015/NĐ-CP, Article 13)."""
_LOST_ZERO: Final = re.compile(r"\d{11}", re.ASCII)
_AS_NUMBER: Final = re.compile(r"(\d{11,12})[.,]0+", re.ASCII)
_MARKS: Final = re.compile(r"[\s.,:/_#'-]+")
_SYMBOLS: Final = "0123456789BCDFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class Payer:
    """Someone who owes at a site, as the site last told of them."""

    site_id: str
    payer_code: PayerCode
    name: PersonName | None
    group: str | None
    """A pupil's class; None for patients and applicants."""
    guardian_name: PersonName | None = None
    guardian_phone: Phone | None = None
    unit_code: str | None = None
    is_active: bool = True
    """Whether notices for a class or a school still mean this payer."""


def class_key(group: str | None) -> str:
    """By what two spellings of a class are one: "Lớp 4 A", "4a"."""
    return search_key(group or "").removeprefix("lop ").replace(" ", "")


def citizen_id(code: str) -> str | None:
    """The citizen's identity number that a payer's code is or holds, in its twelve digits; None where it holds none.

    Such a number is also a pupil's id in the education database (../shared/facts/policy.md). A spreadsheet takes it for a
    number and drops its first zero, or writes ".0" behind; people write "CCCD" before it and dots into it.
    """
    bare = code.strip()
    if number := _AS_NUMBER.fullmatch(bare):
        bare = number[1]
    if _TWELVE_DIGITS.fullmatch(bare):
        return bare
    if _LOST_ZERO.fullmatch(bare):
        bare = f"0{bare}"
    found = _CITIZEN_ID.search(bare) or _CITIZEN_ID.search(_MARKS.sub("", bare))
    return found[0] if found else None


def site_code(key: bytes, site_id: str, code: str) -> PayerCode:
    """The code by which a site knows a payer: as it is given, unless that is a citizen's identity number."""
    number = citizen_id(code)
    return PayerCode(code) if number is None else own_code(key, site_id, number)


def named_code(key: bytes, site_id: str, group: str, name: str) -> PayerCode:
    """The site's own code for somebody whom a list knows by class and name only; always the same for both."""
    return own_code(key, site_id, f"{group}/{name}")


def own_code(key: bytes, site_id: str, citizen_id: str) -> PayerCode:
    """The site's own code for somebody whom a list knows by a citizen's identity number only.

    Always the same for the same person at the same site, so that the next list finds the payer, and nothing about the
    number can be learnt from it without the key. Ten symbols: among 100,000 payers two share a code with a chance of 1 in
    100,000.
    """
    digest = int.from_bytes(hmac.digest(key, f"{site_id}/{citizen_id}".encode(), hashlib.sha256)[:8])
    symbols = []
    for _ in range(_CODE_LENGTH):
        digest, symbol = divmod(digest, len(_SYMBOLS))
        symbols.append(_SYMBOLS[symbol])
    return PayerCode("NN" + "".join(symbols))
