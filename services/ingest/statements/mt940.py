"""MT940 (SWIFT customer statement message), read by the library mt-940 movement by movement.

The library passes over what it does not know; here every :61: must come out of it, and each statement must have its closing
balance. Amounts must be whole đồng.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
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


@dataclass(frozen=True, slots=True)
class _Page:
    """One message. SWIFT limits its length, so a day of many movements is several: 60F … 62M, 60M … 62M, 60M … 62F."""

    row: int
    last_row: int
    opening: int
    closing: int
    closing_day: date
    is_first: bool
    is_last: bool
    lines: tuple[Line, ...]


def read(text: str, account: str) -> list[Statement]:
    """The statements of a file, each with all its pages; raises StatementError."""
    starts = [match.start() for match in _START.finditer(text)]
    statements: list[Statement] = []
    pages: list[_Page] = []
    for start, end in pairwise([*starts, len(text)]):
        page = _read_page(text[start:end], account, row=text.count("\n", 0, start) + 1)
        _check_goes_on(pages[-1] if pages else None, page)
        pages.append(page)
        if page.is_last:
            statements.append(_joined(pages, account))
            pages = []
    if pages:
        problem = "the pages behind :62M: are missing; send all pages of a statement in one file"
        raise StatementError(Fault(pages[-1].last_row, ":62F:", problem))
    return statements


def _check_goes_on(before: _Page | None, page: _Page) -> None:
    if before is None and not page.is_first:
        problem = "the pages before :60M: are missing; send all pages of a statement in one file"
        raise StatementError(Fault(page.row, ":60M:", problem))
    if before is not None and before.closing != page.opening:
        raise StatementError(Fault(page.row, ":60M:", "does not go on where the page before ends; a page is missing"))


def _joined(pages: Sequence[_Page], account: str) -> Statement:
    first, last = pages[0], pages[-1]
    lines = [line for page in pages for line in page.lines]
    # The opening balance bears the day before the period; the period begins with the first movement or the closing day.
    days = [line.day for line in lines] + [last.closing_day]
    totals = Totals(opening=(first.opening, first.row), closing=(last.closing, last.last_row))
    return checked(account, "mt940", (min(days), max(days)), lines, totals, last_row=last.last_row)


def _read_page(text: str, account: str, row: int) -> _Page:
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
    opening, _, is_first = _balance(around.data, "opening", ":60F:", row_at(len(head)))
    closing, closing_day, is_last = _balance(around.data, "closing", ":62F:", last_row)
    # One by one: among others the library lets a movement that it cannot read vanish into its neighbour.
    lines = tuple(_line(head, text[start:stop], row_at(start)) for start, stop in pairwise([*starts, end]))
    return _Page(row, last_row, opening, closing, closing_day, is_first, is_last, lines)


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


def _balance(data: dict[str, Any], end: str, tag: str, row: int) -> tuple[int, date, bool]:
    """The balance at one end of a page, its day, and whether it is the statement's own and not a page's."""
    for kind in ("final", "intermediate"):
        balance = data.get(f"{kind}_{end}_balance")
        if balance is not None:
            day = date(balance.date.year, balance.date.month, balance.date.day)
            return _dong(balance.amount, tag, row), day, kind == "final"
    raise StatementError(Fault(row, tag, "the balance is missing: the file may be cut short"))


def _line(head: str, text: str, row: int) -> Line:
    movements = [each.data for each in _parsed(head + text, row) if "amount" in each.data]
    if len(movements) != 1 or not movements[0].get("id"):
        raise StatementError(Fault(row, ":61:", "the movement cannot be read; it may be cut short"))
    data = movements[0]
    amount = abs(_dong(data["amount"], ":61:", row))
    if not amount:
        raise StatementError(Fault(row, ":61:", "an amount of 0"))
    references = [str(data.get(name) or "").strip() for name in ("bank_reference", "customer_reference")]
    return Line(
        row=row,
        amount=amount,
        # RC takes a credit back, RD gives a debit back.
        direction="in" if data["status"] in {"C", "RD"} else "out",
        occurred_at=local_moment(_booking_day(data), None),
        day_only=True,
        reference=next((each for each in references if each.upper() not in _NO_REFERENCE), None),
        memo=_memo(data),
    )


def _booking_day(data: dict[str, Any]) -> date:
    """The entry date, for by it the balances are drawn; the value date, from which interest counts, where there is none."""
    valued = date(data["date"].year, data["date"].month, data["date"].day)
    entered = data.get("entry_date")
    if entered is None:
        return valued
    # It is written without a year: the one nearest to the value date, also over New Year.
    days = []
    for year in (valued.year - 1, valued.year, valued.year + 1):
        with suppress(ValueError):
            days.append(date(year, entered.month, entered.day))
    return min(days, key=lambda each: abs(each - valued))


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
