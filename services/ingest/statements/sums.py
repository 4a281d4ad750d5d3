"""The sums that a table tells of itself: balances above it, totals among or below its movements. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from services.ingest.statements.cells import CellError, read_amount
from services.ingest.statements.layouts import Field
from services.ingest.statements.model import Totals
from services.ingest.statements.records import Record, number_of
from shared.runtime.tables import normal_heading

_OPENING = ("so du dau", "du dau ky", "so du ban dau", "opening balance", "beginning balance")
_CLOSING = ("so du cuoi", "du cuoi ky", "closing balance", "ending balance")
_TOTAL = ("tong cong", "tong phat sinh", "cong phat sinh", "tong so", "total", "tong")


def is_sum(words: str) -> bool:
    """Whether a row (in the form of `normal_heading`) speaks of sums."""
    return _is_about(words, _OPENING + _CLOSING + _TOTAL)


def _is_about(words: str, beginnings: Sequence[str]) -> bool:
    """Whether a row speaks of sums: its words begin so, perhaps after a number or a date."""
    bare = re.sub(r"^[\d\s]+", "", words)
    return bare.startswith(tuple(beginnings))


def sums_of(record: Record, columns: Mapping[Field, int], words: str) -> Totals:
    """The sums that a row among or below the movements tells."""
    if _is_about(words, _TOTAL):
        inward, out = number_of(record, columns, "credit"), number_of(record, columns, "debit")
        return Totals(
            credits=None if inward is None else (abs(inward), record.number),
            debits=None if out is None else (abs(out), record.number),
        )
    sums = _numbers_in(record)
    at = (sums[-1], record.number) if sums else None
    return Totals(opening=at) if _is_about(words, _OPENING) else Totals(closing=at)


def balances_in(records: Sequence[Record]) -> Totals:
    """The balances that stand above the table."""
    told = Totals()
    for record in records:
        for index, cell in enumerate(record.cells):
            words = normal_heading(cell)
            for name, beginnings in (("opening", _OPENING), ("closing", _CLOSING)):
                if not _is_about(words, beginnings):
                    continue
                # "Số dư đầu kỳ: 1.000.000" in one cell, or the number in the next one that holds any.
                sums = _numbers_in(Record(record.number, [cell.rpartition(":")[2], *record.cells[index + 1 :]]))
                if sums:
                    told = merged(told, Totals(**{name: (sums[0], record.number)}))
    return told


def _numbers_in(record: Record) -> list[int]:
    found = []
    for cell in record.cells:
        bare = cell.strip()
        if not any(letter.isdigit() for letter in bare):
            continue
        try:
            amount = read_amount(bare.rpartition(":")[2])
        except CellError:
            continue
        if amount is not None:
            found.append(amount)
    return found


def merged(told: Totals, more: Totals) -> Totals:
    """What two rows tell: the first opening balance, the last of everything else."""
    return Totals(
        told.opening or more.opening,
        more.closing or told.closing,
        more.credits or told.credits,
        more.debits or told.debits,
    )
