"""Two tables that no event tells: what a transfer costs, and what stands beside the shares. Rows of a file, each with its source.

Pure but for the reading of cells: what is stored and what it changes is for table_store.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from services.adoption.model import bank_name
from shared.runtime.cells import CellError, Cells, read_rows, reject_repeated
from shared.runtime.tables import Column, Rejected, Table

ANY = "*"
SOME = "?"
SHARES_PER_100 = ("accounts_per_100_15_plus", "smartphones_per_100", "fibre_households_per_100")
NETWORK = "network"
MEASURES = (*SHARES_PER_100, NETWORK)
NETWORKS = ("2g", "3g", "4g", "5g")
_DECIMAL = re.compile(r"\d{1,4}(?:[.,]\d{1,3})?", re.ASCII)

R = TypeVar("R", bound="Priced | Told")


@dataclass(frozen=True, slots=True)
class Priced:
    """What a transfer costs its sender, from a day on."""

    bank: str
    """In the spelling of model.bank_name; "*": every bank; "?": some bank or application, the source does not say which: no transfer is
    priced by it, but one may lack just so much."""
    provider: str
    valid_from: date
    valid_to: date | None
    amount_from: int
    amount_to: int | None
    fee: int
    source: str
    assumed: bool

    @property
    def key(self) -> tuple[Any, ...]:
        return self.bank, self.provider, self.valid_from, self.amount_from, self.fee


@dataclass(frozen=True, slots=True)
class Told:
    """A measure of a unit on a day, as its source tells it."""

    unit_code: str
    measure: str
    as_of: date
    value: str
    source: str
    assumed: bool

    @property
    def key(self) -> tuple[Any, ...]:
        return self.unit_code, self.measure, self.as_of


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """A kind of table: its columns, and how a row is read."""

    name: str
    columns: Sequence[Column]
    read: Callable[[Cells], R]
    first_column: str

    def parse(self, table: Table) -> tuple[list[R], list[Rejected]]:
        """The file's rows; the same key twice is refused."""
        numbered, rejected = read_rows(table, lambda cells: (cells.row, self.read(cells)))
        kept, repeated = reject_repeated(numbered, lambda each: each[1].key, lambda each: each[0], self.first_column)
        return [row for _, row in kept], rejected + repeated


def columns_of(rows: Sequence[Priced | Told]) -> list[list[Any]]:
    """The rows' fields, column by column, as they are stored."""
    return [list(column) for column in zip(*map(astuple, rows), strict=True)]


def _priced(cells: Cells) -> Priced:
    valid_from, valid_to = cells.day("valid_from"), cells.optional_day("valid_to")
    if valid_to is not None and valid_to < valid_from:
        raise CellError("valid_to", "ends before it starts")
    amount_from, amount_to = cells.optional_count("amount_from") or 0, cells.optional_count("amount_to")
    if amount_to is not None and amount_to < amount_from:
        raise CellError("amount_to", "is less than amount_from")
    fee = cells.optional_count("fee")
    if fee is None:
        raise CellError("fee", "is empty")
    bank, provider = cells.optional_text("bank") or ANY, cells.optional_text("provider") or ANY
    return Priced(
        bank=bank if bank in {ANY, SOME} else bank_name(bank),
        provider=ANY if provider == ANY else cells.id("provider"),
        valid_from=valid_from,
        valid_to=valid_to,
        amount_from=amount_from,
        amount_to=amount_to,
        fee=fee,
        source=cells.text("source"),
        assumed=cells.choice("assumed", ("yes", "no"), default="no") == "yes",
    )


def _told(cells: Cells) -> Told:
    measure = cells.choice("measure", MEASURES)
    value = cells.text("value", 20).lower()
    if measure == NETWORK and value not in NETWORKS:
        raise CellError("value", f"must be one of {', '.join(NETWORKS)}")
    if measure in SHARES_PER_100:
        if not _DECIMAL.fullmatch(value):
            raise CellError("value", "not a number such as 70 or 70.5")
        value = value.replace(",", ".")
    return Told(
        unit_code=cells.id("unit_code"),
        measure=measure,
        as_of=cells.day("as_of"),
        value=value,
        source=cells.text("source"),
        assumed=cells.choice("assumed", ("yes", "no"), default="no") == "yes",
    )


_SOURCE = (Column("source", ("nguồn",), required=True), Column("assumed", ("giả định",)))
TRANSFER_FEES: Kind[Priced] = Kind(
    "transfer-fees",
    (
        Column("bank", ("ngân hàng",)), Column("provider", ("nhà cung cấp",)), Column("valid_from", ("từ ngày",), required=True),
        Column("valid_to", ("đến ngày",)), Column("amount_from", ("số tiền từ",)), Column("amount_to", ("số tiền đến",)),
        Column("fee", ("phí",), required=True), *_SOURCE,
    ),
    _priced,
    "bank",
)  # fmt: skip
CONTEXT: Kind[Told] = Kind(
    "context",
    (
        Column("unit_code", ("mã đơn vị",), required=True), Column("measure", ("chỉ tiêu",), required=True),
        Column("as_of", ("ngày",), required=True), Column("value", ("giá trị",), required=True), *_SOURCE,
    ),
    _told,
    "unit_code",
)  # fmt: skip
