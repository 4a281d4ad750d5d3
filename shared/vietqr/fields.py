"""The envelope of a payload: fields of a two-digit tag, a two-digit length and a value, and a check over all of it.

Format: ../shared/facts/vietqr.md (EMVCo merchant-presented mode; templates hold fields of the same form).
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping

FIRST_FIELD = "000201"
"""Tag 00, payload format 01: what every payload begins with."""

CRC_FIELD = "6304"
"""Tag and length of the check, the last field of every payload."""

CRC_LENGTH = 4
MAX_LENGTH = 99


class VietQRError(ValueError):
    """A payload that cannot be read, or a value that cannot be written into one; its text is one line that names the field."""


def read_fields(text: str) -> dict[str, str]:
    """The fields of a payload or template by tag, in their order; lengths count the characters of this text.

    Raises VietQRError where the text does not divide into fields exactly, or a tag stands there twice (two amounts would
    be two different payments).
    """
    fields: dict[str, str] = {}
    place = 0
    while place < len(text):
        tag, length = text[place : place + 2], text[place + 2 : place + 4]
        if not (len(length) == 2 and (tag + length).isascii() and (tag + length).isdigit()):
            raise VietQRError(f"no tag and length, four digits, at character {place + 1}")
        end = place + 4 + int(length)
        if end > len(text):
            raise VietQRError(f"field {tag} is longer than what is left")
        if tag in fields:
            raise VietQRError(f"field {tag} stands there twice")
        fields[tag] = text[place + 4 : end]
        place = end
    return fields


def write_fields(fields: Mapping[str, str]) -> str:
    """The text of fields, in the mapping's order. Raises VietQRError for a value above 99 characters or not ASCII.

    ASCII only: encoders that count characters and encoders that count bytes both exist, and of ASCII both say the same.
    """
    for tag, value in fields.items():
        if len(value) > MAX_LENGTH:
            raise VietQRError(f"field {tag}: {len(value)} characters, at most {MAX_LENGTH}")
        if not value.isascii():
            raise VietQRError(f"field {tag}: must be ASCII")
    return "".join(f"{tag}{len(value):02}{value}" for tag, value in fields.items())


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE over the text's UTF-8 bytes as four upper-case hexadecimal digits."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def sealed(fields: Mapping[str, str]) -> str:
    """The payload of these fields: their text, closed by the check."""
    body = write_fields(fields) + CRC_FIELD
    return body + crc(body)
