"""Reads the values of providers' JSON strictly: what is not certain is refused, never guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from pydantic_core import from_json

from services.ingest.providers.base import MalformedError, NotJsonError
from shared.accounts import AccountError, normal_account
from shared.clock import LOCAL
from shared.events.bank import Direction
from shared.money import MAX_DONG

BALANCE_MAX_DONG = 10**15
ID_LENGTH_MAX = 128
TEXT_LENGTH_MAX = 200
YEARS = range(2000, 2200)

_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)
_NAMES = re.compile(rb'"[ \t\r\n]*:')
"""Matches the end of every name, and by chance within a text: never less often than there are names."""


def read_object(body: bytes) -> dict[str, Any]:
    """A JSON object (RFC 8259: UTF-8, no NaN); a name given twice is refused, for readers differ on which one counts."""
    try:
        # Four times as fast as the decoder below, but silent about a name that stands twice: so the names are counted.
        value = from_json(body, allow_inf_nan=False)
    except ValueError:
        value = None
    if type(value) is dict and len(_NAMES.findall(body)) == _count_names(value):
        return value
    return _read_carefully(body)


def _read_carefully(body: bytes) -> dict[str, Any]:
    """As `read_object`, and says what is wrong."""
    try:
        value = _DECODER.decode(body.decode())
    except UnicodeDecodeError as error:
        raise MalformedError("the body is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise NotJsonError(f"the body is not JSON (line {error.lineno}, column {error.colno})") from error
    except (RecursionError, ValueError) as error:
        raise MalformedError("the body nests too deeply or holds a number of absurd length") from error
    if not isinstance(value, dict):
        raise MalformedError("the body must be a JSON object")
    return value


def member(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A required object within an object."""
    value = fields.get(name)
    if not isinstance(value, dict):
        _refuse(name, "must be an object")
    return value


def dong(fields: Mapping[str, Any], name: str) -> int:
    """A required amount: a whole number above 0, written as a JSON integer (1e3, 12.0, "12,5" are refused)."""
    value = fields.get(name)
    if type(value) is not int or not 0 < value <= MAX_DONG:
        _refuse(name, f"must be a whole number of đồng between 1 and {MAX_DONG}")
    return value


def dong_or_digits(fields: Mapping[str, Any], name: str) -> int:
    """As `dong`, and also a text of digits: "100000"."""
    value = fields.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 14:
        return dong({name: int(value)}, name)
    return dong(fields, name)


def signed_dong(fields: Mapping[str, Any], name: str) -> tuple[int, Direction]:
    """A required amount whose sign tells the direction: below 0 the money went out."""
    value = fields.get(name)
    if type(value) is not int or not 0 < abs(value) <= MAX_DONG:
        _refuse(name, f"must be a whole number of đồng other than 0, at most {MAX_DONG} either way")
    return abs(value), "in" if value > 0 else "out"


def balance(fields: Mapping[str, Any], name: str) -> int | None:
    """An optional running balance in đồng, which may be negative; None too where it cannot be read: the payment stands without it."""
    value = fields.get(name)
    if (isinstance(value, str) and _WHOLE.fullmatch(value)) or (isinstance(value, float) and value.is_integer()):
        value = int(value)
    return value if type(value) is int and abs(value) <= BALANCE_MAX_DONG else None


def identifier(fields: Mapping[str, Any], name: str) -> str:
    """A provider's own id: a positive integer, or printable text without spaces."""
    value = fields.get(name)
    if type(value) is int and 0 < value < 10**30:
        return str(value)
    if isinstance(value, str) and is_identifier(value):
        return value
    return _refuse(name, f"must be a positive whole number or 1 to {ID_LENGTH_MAX} visible ASCII characters")


def optional_identifier(fields: Mapping[str, Any], name: str) -> str | None:
    """As `identifier`, whatever spaces it is written with; None where it is missing, null or empty."""
    value = fields.get(name)
    value = "".join(value.split()) if isinstance(value, str) else value
    return None if value in (None, "") else identifier({name: value}, name)


def is_identifier(text: str) -> bool:
    """Whether a text can be an id: visible ASCII characters, not too many."""
    return 0 < len(text) <= ID_LENGTH_MAX and all("!" <= letter <= "~" for letter in text)


def account(fields: Mapping[str, Any], name: str) -> str:
    """A required account number, in its normal form; a JSON number is one too, which a leading 0 then makes an unknown account."""
    value = fields.get(name)
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        _refuse(name, "must be a text")
    try:
        return normal_account(value)
    except AccountError as error:
        raise MalformedError(f"{name}: {error}") from None


def virtual_account(fields: Mapping[str, Any], name: str) -> str | None:
    """An optional virtual account in its normal form; one of another form is kept as it came, never a reason to refuse."""
    value = text(fields, name)
    if value is None:
        return None
    try:
        return normal_account(value)
    except AccountError:
        return value.strip()[:TEXT_LENGTH_MAX] or None


def text(fields: Mapping[str, Any], name: str) -> str | None:
    """An optional text as it was written, None where empty. NUL, which PostgreSQL cannot store, becomes a space."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        _refuse(name, "must be a text or null")
    if value.isascii():
        return value.replace("\x00", " ")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise MalformedError(f"{name}: holds half a surrogate pair") from None
    return value.replace("\x00", " ")


def direction(fields: Mapping[str, Any], name: str, *, inward: str = "in", outward: str = "out") -> Direction:
    """A required direction, in the sender's two words."""
    value = fields.get(name)
    if value == inward:
        return "in"
    if value == outward:
        return "out"
    return _refuse(name, f'must be "{inward}" or "{outward}"')


def moment(fields: Mapping[str, Any], name: str) -> datetime:
    """A required ISO 8601 time with its offset, in UTC."""
    parsed = _parse_time(fields, name, "an ISO 8601 time with offset")
    if parsed.tzinfo is None:
        _refuse(name, "must carry its offset, such as +07:00")
    return within_years(parsed, name)


def local_moment(fields: Mapping[str, Any], name: str) -> datetime:
    """A required time of Viet Nam without offset, "2026-11-05 14:02:37", in UTC."""
    parsed = _parse_time(fields, name, 'a time such as "2026-11-05 14:02:37"')
    if parsed.tzinfo is not None:
        _refuse(name, "must be local time, without offset")
    return within_years(parsed.replace(tzinfo=LOCAL), name)


def _parse_time(fields: Mapping[str, Any], name: str, wanted: str) -> datetime:
    value = fields.get(name)
    # A date alone would be read as midnight, which nobody said.
    if not isinstance(value, str) or not 16 <= len(value) <= 40:
        _refuse(name, f"must be {wanted}")
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        _refuse(name, f"must be {wanted}")


def within_years(value: datetime, name: str) -> datetime:
    """A time in UTC, refused where its year is absurd."""
    if value.year not in YEARS:
        _refuse(name, f"must lie between the years {YEARS.start} and {YEARS.stop - 1}")
    return value.astimezone(UTC)


def _count_names(value: Any) -> int:
    if type(value) is dict:
        return len(value) + sum(_count_names(each) for each in value.values() if type(each) in _NESTING)
    return sum(_count_names(each) for each in value if type(each) in _NESTING)


_NESTING = (dict, list)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise MalformedError("a name stands twice in one object")
    return fields


def _refuse_constant(_name: str) -> NoReturn:
    raise MalformedError("NaN and Infinity are not JSON")


def _refuse(name: str, problem: str) -> NoReturn:
    raise MalformedError(f"{name}: {problem}")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)
