"""The sums that a table tells of itself: balances above it, totals among or below its movements. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from services.ingest.statements.cells import CellError, read_amount
from services.ingest.statements.layouts import Field
from services.ingest.statements.model import Totals
from services.ingest.statements.records import Record, cell_of, number_of
from shared.runtime.tables import normal_heading

_OPENING = ("so du dau", "du dau ky", "so du ban dau", "opening balance", "beginning balance")
_CLOSING = ("so du cuoi", "du cuoi ky", "closing balance", "ending balance")
_TOTAL = ("tong cong", "tong phat sinh", "cong phat sinh", "tong so", "total", "tong")
_COUNT = ("tong so giao dich", "tong so but toan", "tong so mon", "tong so lenh", "total number", "total transactions")
_BARE = "cong"
_OF_A_PAGE = re.compile(r"(?:cong|tong|tong cong) (?:(?:chuyen|mang) )?(?:sang )?trang(?: .*)?|page total|total of page")
_ONE_SIDE = re.compile(
    r"(?:tong|cong|total)(?: (?:cong|so|tien|phat sinh|doanh so|ps|gia tri|ben|ghi|amount|of))*"
    r" (?:(?P<debits>no|ra|rut|debits?|withdrawals?)|(?:co|vao|gui|credits?|deposits?))(?: total .*| amount| vnd)?"
)
_LAST_NUMBER = re.compile(r"(?<![\d/.,-])[-(]?\d[\d.,\s]*\)?\s*(?:vnđ|vnd|đồng|đ)?\s*$", re.IGNORECASE)


def is_sum(words: str) -> bool:
    """Whether a row (in the form of `normal_heading`) speaks of sums."""
    return _is_about(words, _OPENING + _CLOSING + _TOTAL) or is_bare_sum(words) or _is_of_a_page(words)


def is_bare_sum(words: str) -> bool:
    """Whether it says no more than "Cộng": the sum of a page, or of all of them."""
    return _without_numbers(words) == _BARE


def _is_of_a_page(words: str) -> bool:
    return _OF_A_PAGE.fullmatch(_without_numbers(words)) is not None


def _without_numbers(words: str) -> str:
    return " ".join(re.sub(r"\d+", " ", words).split())


def _is_about(words: str, beginnings: Sequence[str]) -> bool:
    """Whether a row speaks of sums: its words begin so, perhaps after a number or a date."""
    bare = re.sub(r"^[\d\s]+", "", words)
    return bare.startswith(tuple(beginnings))


def sums_of(record: Record, columns: Mapping[Field, int], words: str) -> Totals:
    """The sums that a row among or below the movements tells."""
    if _is_of_a_page(words) or _is_about(words, _COUNT):
        return Totals()
    if _is_about(words, _TOTAL) or is_bare_sum(words):
        one_sided = _one_sided_in(record, columns)
        if one_sided != Totals():
            return one_sided
        inward, out = number_of(record, columns, "credit"), number_of(record, columns, "debit")
        return Totals(
            credits=None if inward is None else (abs(inward), record.number),
            debits=None if out is None else (abs(out), record.number),
        )
    sums = _numbers_in(record.cells)
    at = (sums[-1], record.number) if sums else None
    return Totals(opening=at) if _is_about(words, _OPENING) else Totals(closing=at)


def _one_sided_in(record: Record, columns: Mapping[Field, int]) -> Totals:
    """The totals whose words say on which side they are, such as "Tổng phát sinh có: 160.000", whatever column they stand in."""
    told = Totals()
    sides = [_ONE_SIDE.fullmatch(_without_numbers(normal_heading(cell.partition(":")[0]))) for cell in record.cells]
    for index, side in enumerate(sides):
        if side is None:
            continue
        field: Field = "debit" if side["debits"] is not None else "credit"
        own = _LAST_NUMBER.search(record.cells[index])
        # Beside the words, but not beyond the next ones.
        end = next((place for place in range(index + 1, len(sides)) if sides[place]), len(sides))
        numbers = _numbers_in([own[0]] if own else [cell_of(record, columns, field), *record.cells[index + 1 : end]])
        if numbers:
            total = abs(numbers[0]), record.number
            told = merged(told, Totals(debits=total) if field == "debit" else Totals(credits=total))
    return told


def sums_above(records: Sequence[Record]) -> Totals:
    """The balances and totals that stand above the table."""
    told = Totals()
    for record in records:
        told = merged(told, _one_sided_in(record, {}))
        for index, cell in enumerate(record.cells):
            words = normal_heading(cell)
            for name, beginnings in (("opening", _OPENING), ("closing", _CLOSING)):
                if not _is_about(words, beginnings):
                    continue
                # "Số dư đầu kỳ: 1.000.000" in one cell, or the number in the next one that holds any.
                sums = _numbers_in([cell.rpartition(":")[2], *record.cells[index + 1 :]])
                if sums:
                    told = merged(told, Totals(**{name: (sums[0], record.number)}))
    return told


def _numbers_in(cells: Sequence[str]) -> list[int]:
    found = []
    for cell in cells:
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
