"""Statements as tables, CSV or XLSX: what stands above the table, its rows, and what stands below. Pure but for memory.

A row is a movement where it has a day and an amount; what is neither a movement nor words about the account is refused with
its row and column, for a line that is skipped is money that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from string import ascii_uppercase

from services.ingest.statements.above import check_account, made_at, period_of
from services.ingest.statements.cells import CellError, local_moment, read_day, read_time
from services.ingest.statements.layouts import GENERAL, Field, Layout, is_complete, recognised
from services.ingest.statements.model import FAULTS_MAX, Fault, Line, Statement, StatementError, Totals, checked
from services.ingest.statements.records import (
    HEADER_ROWS_MAX,
    CellFaultError,
    Record,
    cell_of,
    number_of,
    records_of_text,
    records_of_workbook,
)
from services.ingest.statements.signs import directed
from services.ingest.statements.sums import is_bare_sum, is_sum, merged, sums_above, sums_of
from shared.runtime.tables import normal_heading
from shared.runtime.workbooks import is_workbook

TEXT_LENGTH_MAX = 10_000
COLUMNS_MIN = 3
"""A statement has a day, an amount, and something beside them."""

_SIGN = re.compile(r"[-+(\u2212]")

_BESIDE: frozenset[Field] = frozenset(
    {"time", "reference", "balance", "memo", "counter_name", "counter_account", "counter_bank"}
)
"""Fields without which a row is a movement all the same."""
_INWARD, _OUTWARD = (
    ("c", "cr", "co", "credit", "in", "+", "ghi co", "tien vao", "vao"),
    ("d", "dr", "no", "debit", "out", "-", "ghi no", "tien ra", "ra"),
)


@dataclass(frozen=True, slots=True)
class Read:
    """A statement, and the headings under which its columns stood: what an account's next file will look like."""

    statement: Statement
    headings: Mapping[Field, str]


def read_table(
    content: bytes, account: str, kept: Layout | None, *, opening: int | None = None, closing: int | None = None
) -> Read:
    """Read a statement of an account; `opening` and `closing` are what the sender says where the file does not.

    Raises StatementError.
    """
    kind = "xlsx" if is_workbook(content) else "csv"
    records = list(records_of_workbook(content) if kind == "xlsx" else records_of_text(content))
    if not any(any(cell.strip() for cell in record.cells) for record in records):
        raise StatementError(Fault(1, "file", "the file is empty"))
    header, layout, columns = _find_header(records, kept)
    headings: dict[Field, str] = {field: records[header].cells[place].strip() for field, place in columns.items()}
    if layout is kept:
        # What was learned and this file lacks may stand in the next one again.
        headings = {**{field: names[0] for field, names in kept.headings.items()}, **headings}
    above, below = records[:header], records[header + 1 :]
    check_account(above, account)
    rows = _read_rows(below, records[header], columns, is_csv=kind == "csv")
    told = rows.told
    around = sums_above(above)
    totals = Totals(
        opening=told.opening or around.opening or (None if opening is None else (opening, 1)),
        closing=told.closing or around.closing or (None if closing is None else (closing, 1)),
        credits=told.credits or around.credits,
        debits=told.debits or around.debits,
    )
    lines = rows.lines
    if rows.lack_signs:
        opened, closed = (each and each[0] for each in (totals.opening, totals.closing))
        lines = directed(lines, opened, closed, carried=rows.carried)
    period = period_of(above)
    made = made_at([*above, *rows.aside])
    ends = local_moment(period[1], period[2]) if period and period[2] else None
    statement = checked(
        account,
        f"{kind}/{layout.name}",
        period[:2] if period else None,
        lines,
        totals,
        last_row=records[-1].number,
        until=min((each for each in (made, ends) if each), default=None),
    )
    return Read(statement, headings)


def _find_header(records: Sequence[Record], kept: Layout | None) -> tuple[int, Layout, dict[Field, int]]:
    """The row of headings, the layout that fits, and where its columns are; raises StatementError.

    What was learned says which columns move money. A file may tell more than the one from which it was learned, or call it
    something else: what stands beside the amount and is recognised is read as well.
    """
    first = records[:HEADER_ROWS_MAX]
    if kept is not None:
        for index, record in enumerate(first):
            columns = kept.columns(record.cells)
            if kept.headings.keys() - _BESIDE <= columns.keys():
                return index, kept, _with_others(columns, _layout_of(first[: index + 1]).columns(record.cells))
    best = max(range(len(first)), key=lambda index: _header_score(GENERAL, first[index]))
    layout = _layout_of(first[: best + 1])
    columns = layout.columns(first[best].cells)
    if not is_complete(columns):
        found = ", ".join(sorted(columns)) or "none"
        raise StatementError(
            Fault(first[best].number, "file",
                  "no row of headings was understood: a day and either debit and credit or an amount are needed "
                  f"(found: {found}); say once which heading is which: PUT /statements/{{account}}/layout")
        )  # fmt: skip
    return best, layout, columns


def _layout_of(until_header: Sequence[Record]) -> Layout:
    bank = recognised(" ".join(normal_heading(cell) for record in until_header for cell in record.cells))
    return bank.layout if bank is not None else GENERAL


def _with_others(columns: Mapping[Field, int], recognised_columns: Mapping[Field, int]) -> dict[Field, int]:
    """Columns and, of those that stand beside the amount, what was recognised in cells that none of them takes."""
    taken = set(columns.values())
    others = {
        field: place for field, place in recognised_columns.items()
        if field in _BESIDE and field not in columns and place not in taken
    }  # fmt: skip
    return {**columns, **others}


def _header_score(layout: Layout, record: Record) -> tuple[bool, int]:
    columns = layout.columns(record.cells)
    # A row of data is no heading, whatever its texts say.
    has_numbers = any(any(letter.isdigit() for letter in cell) for cell in record.cells)
    return is_complete(columns) and not has_numbers, len(columns)


@dataclass(slots=True)
class _Rows:
    """What the rows below the headings are."""

    lines: list[Line] = field(default_factory=list)
    told: Totals = field(default_factory=Totals)
    """The sums that are told among the movements."""
    aside: list[Record] = field(default_factory=list)
    """What is no movement."""
    lack_signs: bool = False
    """Whether nothing of the amounts themselves says which way they went."""
    carried: tuple[int | None, int | None] = (None, None)
    """The balances that rows of 0 above the first and below the last movement carry."""


def _read_rows(records: Sequence[Record], header: Record, columns: Mapping[Field, int], *, is_csv: bool) -> _Rows:
    rows = _Rows(lack_signs=not ({"debit", "credit"} <= columns.keys() or "direction" in columns))
    faults: list[Fault] = []
    bare_sums: list[tuple[int, Totals]] = []
    headings: dict[Field, str] = {each: normal_heading(cell_of(header, columns, each)) for each in columns}
    is_beneath_headings = True
    for record in records:
        if not any(cell.strip() for cell in record.cells):
            continue
        was_beneath_headings, is_beneath_headings = is_beneath_headings, _repeats(record, headings, columns)
        if is_beneath_headings or (was_beneath_headings and _numbers_columns(record)):
            continue
        words = normal_heading(" ".join(record.cells))
        try:
            # A movement is one whatever its memo says: "Tổng công ty …" begins like a row of totals.
            if not _moves(record, columns) and is_sum(words):
                rows.aside.append(record)
                sums = sums_of(record, columns, words)
                if is_bare_sum(words):
                    bare_sums.append((len(rows.lines), sums))
                else:
                    rows.told = merged(rows.told, sums)
                continue
            line = _line_of(record, columns, len(header.cells), is_csv=is_csv)
        except CellFaultError as fault:
            faults.append(Fault(record.number, fault.column, fault.problem))
            continue
        if line is None:
            rows.aside.append(record)
            _carry(rows, record, columns)
            continue
        rows.lines.append(line)
        rows.carried = rows.carried[0], None
        rows.lack_signs = rows.lack_signs and not _SIGN.search(cell_of(record, columns, "amount"))
    if faults:
        raise StatementError(*faults[:FAULTS_MAX])
    # Several of them, or one in the middle, are sums of pages.
    if len(bare_sums) == 1 and bare_sums[0][0] == len(rows.lines):
        rows.told = merged(bare_sums[0][1], rows.told)
    rows.lack_signs = rows.lack_signs and bool(rows.lines)
    return rows


def _carry(rows: _Rows, record: Record, columns: Mapping[Field, int]) -> None:
    with suppress(CellFaultError):
        balance = number_of(record, columns, "balance")
        if balance is not None:
            rows.carried = (rows.carried[0], balance) if rows.lines else (balance, rows.carried[1])


def _repeats(record: Record, headings: Mapping[Field, str], columns: Mapping[Field, int]) -> bool:
    """Whether a row is the headings once more, as on a further page."""
    return all(normal_heading(cell_of(record, columns, each)) == heading for each, heading in headings.items())


def _numbers_columns(record: Record) -> bool:
    """Whether a row numbers the columns: (1) (2) (3), perhaps behind letters."""
    cells = [cell.strip().strip("()[]") for cell in record.cells if cell.strip()]
    letters = [cell for cell in cells if len(cell) == 1 and cell.isalpha()]
    count = len(cells) - len(letters)
    return len(cells) >= COLUMNS_MIN and cells == [*ascii_uppercase[: len(letters)], *map(str, range(1, count + 1))]


def _moves(record: Record, columns: Mapping[Field, int]) -> bool:
    try:
        read_day(cell_of(record, columns, "date"))
    except CellError:
        return False
    amount = _amount_of(record, columns)
    return amount is not None and amount[0] != 0


def _line_of(record: Record, columns: Mapping[Field, int], width: int, *, is_csv: bool) -> Line | None:
    """The movement of a row; None for a row that moves nothing: words only, or a day with an amount of 0.

    Banks write such rows of 0 to carry a balance or a remark. A row without any amount is refused: it may be cut short.
    """
    day_text = cell_of(record, columns, "date")
    amount = _amount_of(record, columns)
    try:
        day, rest = read_day(day_text)
    except CellError as error:
        if amount is None or not amount[0]:
            return None
        raise CellFaultError("date", str(error) if day_text else "is empty, though the row has an amount") from error
    if is_csv and len(record.cells) != width:
        problem = "the row is cut short" if len(record.cells) < width else "the row has more cells than there are headings"
        raise CellFaultError("file", f"{problem}: {len(record.cells)} of {width} cells")
    if amount is None:
        raise CellFaultError("amount", "the row has a day and no amount; the file may be cut short")
    signed, fixed = amount
    if not signed:
        return None
    clock, rest = read_time(rest)
    if clock is None and "time" in columns:
        clock, _ = read_time(cell_of(record, columns, "time"))
    return Line(
        row=record.number,
        amount=abs(signed),
        direction="in" if (signed > 0) == fixed else "out",
        occurred_at=local_moment(day, clock),
        day_only=clock is None,
        reference=_text_of(record, columns, "reference") or rest or None,
        memo=_text_of(record, columns, "memo"),
        counter_name=_text_of(record, columns, "counter_name"),
        counter_account=_text_of(record, columns, "counter_account"),
        counter_bank=_text_of(record, columns, "counter_bank"),
        balance_after=number_of(record, columns, "balance"),
    )


def _amount_of(record: Record, columns: Mapping[Field, int]) -> tuple[int, bool] | None:
    """What moved, and whether a positive number means money in; None where the row has no amount, not even 0."""
    if "debit" in columns and "credit" in columns:
        return _in_two_columns(number_of(record, columns, "debit"), number_of(record, columns, "credit"))
    amount = number_of(record, columns, "amount")
    if not amount:
        return None if amount is None else (0, True)
    kind = normal_heading(cell_of(record, columns, "direction")) or cell_of(record, columns, "direction").strip()
    if not kind:
        return amount, True
    if kind in _INWARD:
        return abs(amount), True
    if kind in _OUTWARD:
        return abs(amount), False
    raise CellFaultError("direction", "is neither credit nor debit (C or D)")


def _in_two_columns(out: int | None, inward: int | None) -> tuple[int, bool] | None:
    if out and inward:
        raise CellFaultError("credit", "the row has both a debit and a credit")
    if inward:
        return inward, True
    # Some banks write what went out with a minus, in the column that says so already.
    return None if out is None and inward is None else (abs(out or 0), False)


def _text_of(record: Record, columns: Mapping[Field, int], field: Field) -> str | None:
    text = " ".join(cell_of(record, columns, field).split())
    if len(text) > TEXT_LENGTH_MAX:
        raise CellFaultError(field, f"has more than {TEXT_LENGTH_MAX} characters")
    return text or None
