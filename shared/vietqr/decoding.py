"""Reading any payload of the EMVCo envelope: transfers of NAPAS in full, other schemes' merchant codes by their raw fields.

Sound is what begins with tag 00, divides into fields exactly and ends with the right check. Whatever else is amiss (an inner length
that is wrong, an empty template) is a warning, because codes like that are printed and paid (../shared/facts/vietqr.md, traps).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.vietqr.fields import CRC_FIELD, CRC_LENGTH, FIRST_FIELD, VietQRError, crc, read_fields

NAPAS = "A000000727"
"""The scheme that field 38 names in a transfer QR."""

DONG = "704"
_METHODS: Mapping[str, Literal["static", "dynamic"]] = {"11": "static", "12": "dynamic"}
_AMOUNT = re.compile(r"(\d+)(?:\.0*)?", re.ASCII)
_AMOUNT_LENGTH = 13

_FieldsOf = Callable[[str], dict[str, str]]


@dataclass(frozen=True, slots=True)
class DecodedQR:
    """What a payload says; None for what it does not say."""

    method: Literal["static", "dynamic"] | None
    """static: used again and again; dynamic: made for one payment."""
    bin: str | None
    account: str | None
    """The account, card or merchant number, by `service`."""
    service: str | None
    """QRIBFTTA to an account, QRIBFTTC to a card, QRPUSH to a merchant, QRCASH a withdrawal at a machine."""
    amount: int | None
    """Whole đồng; None too where the currency is another."""
    currency: str | None
    country: str | None
    bill: str | None
    memo: str | None
    crc: str
    """As it stands there; some write it in lower case."""
    fields: dict[str, str]
    """Every field by its tag, unread."""
    warnings: list[str] = field(default_factory=list)
    """What is amiss in a payload that can be read all the same, a sentence each."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A payload divided into fields, under one idea of what its lengths count: characters or bytes."""

    fields: dict[str, str]
    napas: dict[str, str]
    receiver: dict[str, str]
    additional: dict[str, str]
    warnings: list[str]


def decode(payload: str) -> DecodedQR:
    """Read a payload; white space around it does not matter.

    Raises VietQRError where it is no payment code, was cut or changed (the check tells), or does not divide into fields.
    """
    text = payload.strip()
    if not text.startswith(FIRST_FIELD):
        raise VietQRError(f"not a payment QR: it does not begin with {FIRST_FIELD}")
    body, check = text[:-CRC_LENGTH], text[-CRC_LENGTH:]
    if not body.endswith(CRC_FIELD):
        raise VietQRError(f"it does not end with {CRC_FIELD} and four digits: the end was cut off or something was added")
    try:
        right = crc(body)
    except UnicodeEncodeError:
        raise VietQRError("it holds what is no text") from None
    if check.upper() != right:
        raise VietQRError(f"the check (CRC) is {check!a} where {right} would be right: something was changed on the way")
    reading = _read(text)
    fields, warnings = reading.fields, reading.warnings
    method = fields.get("01")
    if method is not None and method not in _METHODS:
        warnings.append("field 01 is neither 11 (static) nor 12 (dynamic)")
    return DecodedQR(
        method=_METHODS.get(method or ""),
        bin=reading.receiver.get("00"),
        account=reading.receiver.get("01"),
        service=reading.napas.get("02"),
        amount=_amount(fields, warnings),
        currency=fields.get("53"),
        country=fields.get("58"),
        bill=reading.additional.get("01"),
        memo=reading.additional.get("08"),
        crc=check,
        fields=fields,
        warnings=warnings,
    )


def _read(text: str) -> _Reading:
    """The better of two readings: lengths that count characters, or bytes of UTF-8. Encoders of both kinds exist."""
    if text.isascii():
        return _divide(text, read_fields)
    readings: list[_Reading] = []
    faults: list[VietQRError] = []
    for fields_of in (read_fields, _fields_by_bytes):
        try:
            readings.append(_divide(text, fields_of))
        except VietQRError as fault:
            faults.append(fault)
    if not readings:
        raise faults[0]
    return min(readings, key=lambda reading: len(reading.warnings))


def _fields_by_bytes(text: str) -> dict[str, str]:
    """Fields whose lengths count bytes: one Latin-1 character stands for each byte while the text is divided."""
    by_bytes = read_fields(text.encode().decode("latin-1"))
    try:
        return {tag: value.encode("latin-1").decode() for tag, value in by_bytes.items()}
    except UnicodeDecodeError:
        raise VietQRError("a field ends inside a letter") from None


def _divide(text: str, fields_of: _FieldsOf) -> _Reading:
    """The payload's fields and those of the templates that a transfer needs. Raises VietQRError for the outermost only."""
    fields = fields_of(text)
    if list(fields)[-1] != CRC_FIELD[:2]:
        raise VietQRError("a field runs over the check (CRC) at the end")
    warnings: list[str] = []
    account_information = _template("38", fields.get("38"), fields_of, warnings)
    napas = account_information if account_information.get("00") == NAPAS else {}
    receiver = _template("38.01", napas.get("01"), fields_of, warnings)
    if "02" in receiver:
        warnings.append("field 38.01 is too long: it holds field 38.02, the service")
    return _Reading(fields, napas, receiver, _template("62", fields.get("62"), fields_of, warnings), warnings)


def _template(tag: str, value: str | None, fields_of: _FieldsOf, warnings: list[str]) -> dict[str, str]:
    """The fields of a template; none, and a warning, where it does not divide into fields."""
    if value is None:
        return {}
    if not value:
        warnings.append(f"field {tag} is empty")
    try:
        return fields_of(value)
    except VietQRError as fault:
        warnings.append(f"field {tag} cannot be read: {fault}")
        return {}


def _amount(fields: Mapping[str, str], warnings: list[str]) -> int | None:
    """Field 54 in whole đồng: EMVCo allows a decimal point, the đồng has no part, so only zeros may follow it."""
    text = fields.get("54")
    if text is None:
        return None
    currency = fields.get("53", DONG)
    if currency != DONG:
        warnings.append(f"field 53: the currency is {currency!a}, not {DONG} (đồng)")
        return None
    whole = _AMOUNT.fullmatch(text)
    if whole is None or len(text) > _AMOUNT_LENGTH:
        raise VietQRError(f"field 54: the amount is not a whole number of đồng of at most {_AMOUNT_LENGTH} digits")
    return int(whole[1])
