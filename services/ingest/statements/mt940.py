"""MT940 (SWIFT customer statement message), read by the library mt-940 movement by movement.

The library passes over what it does not know; here every :61: must come out of it, and each statement must have its closing
balance. Amounts must be whole đồng.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import mt940

from services.ingest.statements.cells import local_moment
from services.ingest.statements.model import Fault, Line, Statement, StatementError, Totals, checked
from shared.accounts import AccountError, normal_account

_START = re.compile(r"^:20:", re.MULTILINE)
_CLOSING = re.compile(r"^:62[FM]:", re.MULTILINE)
_MOVEMENT = re.compile(r"^:61:", re.MULTILINE)
_BLOCK_END = re.compile(r"\r?\n-\}?[^\r\n]*")
_NO_REFERENCE = ("", "NONREF", "NOREF")


def looks_like(text: str) -> bool:
    """Whether a text is MT940."""
    return bool(_START.search(text)) and (":60F:" in text or ":60M:" in text or ":61:" in text)


def read(text: str, account: str) -> list[Statement]:
    """The statements of a file; raises StatementError."""
    starts = [match.start() for match in _START.finditer(text)]
    return [
        _read_one(text[start:end], account, row=text.count("\n", 0, start) + 1)
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
    ]


def _read_one(text: str, account: str, row: int) -> Statement:
    text = _BLOCK_END.sub("\n", text)
    starts = [match.start() for match in _MOVEMENT.finditer(text)]
    closing_tag = _CLOSING.search(text)
    end = closing_tag.start() if closing_tag else len(text)

    def row_at(place: int) -> int:
        return row + text.count("\n", 0, place)

    last_row = row_at(closing_tag.start()) if closing_tag else row_at(len(text.rstrip()))
    head = text[: starts[0] if starts else end]
    around = _parsed(head + text[end:], row)
    _check_account(around.data, account, row)
    opening = _balance(around.data, ("final_opening_balance", "intermediate_opening_balance"), ":60F:", row_at(len(head)))
    closing = _balance(around.data, ("final_closing_balance", "intermediate_closing_balance"), ":62F:", last_row)
    # One by one: among others the library lets a movement that it cannot read vanish into its neighbour.
    lines = [_line(head, text[start:stop], row_at(start)) for start, stop in zip(starts, [*starts[1:], end], strict=True)]
    # The opening balance bears the day before the period; the period begins with the first movement or the closing day.
    days = [line.day for line in lines] + [closing[1]]
    totals = Totals(opening=(opening[0], row), closing=(closing[0], last_row))
    return checked(account, "mt940", (min(days), max(days)), lines, totals, last_row=last_row)


def _parsed(text: str, row: int) -> Any:
    try:
        return mt940.parse(text)
    except Exception as error:
        # Whatever it stumbles over, its message may quote the file.
        raise StatementError(Fault(row, "file", f"the MT940 statement cannot be read ({type(error).__name__})")) from error


def _check_account(data: dict[str, Any], account: str, row: int) -> None:
    named = str(data.get("account_identification") or "")
    try:
        bare = normal_account(named.rpartition("/")[2])
    except AccountError as error:
        raise StatementError(Fault(row, ":25:", "the account is missing")) from error
    # "0123456789VND": some banks add the currency.
    if account not in {bare, bare.removesuffix("VND")}:
        raise StatementError(Fault(row, ":25:", "this is the statement of another account"))


def _balance(data: dict[str, Any], names: tuple[str, ...], tag: str, row: int) -> tuple[int, date]:
    for name in names:
        balance = data.get(name)
        if balance is not None:
            return _dong(balance.amount, tag, row), date(balance.date.year, balance.date.month, balance.date.day)
    raise StatementError(Fault(row, tag, "the balance is missing: the file may be cut short"))


def _line(head: str, text: str, row: int) -> Line:
    movements = [each.data for each in _parsed(head + text, row) if "amount" in each.data]
    if len(movements) != 1 or not movements[0].get("id"):
        raise StatementError(Fault(row, ":61:", "the movement cannot be read; it may be cut short"))
    data = movements[0]
    amount = abs(_dong(data["amount"], ":61:", row))
    if not amount:
        raise StatementError(Fault(row, ":61:", "an amount of 0"))
    moved = data["date"]
    references = [str(data.get(name) or "").strip() for name in ("bank_reference", "customer_reference")]
    return Line(
        row=row,
        amount=amount,
        # RC takes a credit back, RD gives a debit back.
        direction="in" if data["status"] in {"C", "RD"} else "out",
        occurred_at=local_moment(date(moved.year, moved.month, moved.day), None),
        day_only=True,
        reference=next((each for each in references if each.upper() not in _NO_REFERENCE), None),
        memo=_memo(data),
    )


def _memo(data: dict[str, Any]) -> str | None:
    text = str(data.get("transaction_details") or data.get("extra_details") or "")
    return " ".join(text.split()) or None


def _dong(amount: Any, tag: str, row: int) -> int:
    value: Decimal = amount.amount
    if amount.currency != "VND":
        raise StatementError(Fault(row, tag, "only accounts in VND are taken"))
    if value != value.to_integral_value():
        raise StatementError(Fault(row, tag, "is no whole number of đồng"))
    return int(value)
