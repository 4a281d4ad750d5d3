"""Statements as tables, CSV or XLSX: what stands above the table, its rows, and what stands below. Pure but for memory.

A row is a movement where it has a day and an amount; what is neither a movement nor words about the account is refused with
its row and column, for a line that is skipped is money that is missing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from services.ingest.statements.cells import CellError, local_moment, read_amount, read_day, read_time
from services.ingest.statements.layouts import GENERAL, Field, Layout, is_complete, recognised
from services.ingest.statements.model import FAULTS_MAX, Fault, Line, Statement, StatementError, Totals, checked
from shared.accounts import AccountError, normal_account
from shared.runtime.tables import normal_heading
from shared.runtime.workbooks import WorkbookError, first_sheet, is_workbook

ROWS_MAX = 150_000
HEADER_ROWS_MAX = 80
"""The heading is looked for in this many first rows: exports begin with a bank's letterhead."""
TEXT_LENGTH_MAX = 10_000

_DELIMITERS = (",", ";", "\t", "|")
_OPENING = ("so du dau", "du dau ky", "so du ban dau", "opening balance", "beginning balance")
_CLOSING = ("so du cuoi", "du cuoi ky", "closing balance", "ending balance")
_TOTAL = ("tong cong", "tong phat sinh", "cong phat sinh", "tong so", "total", "tong")
_ACCOUNT = ("so tai khoan", "so tk", "tai khoan account no", "account number", "account no")
_OLD_ACCOUNT = ("cu", "old", "doi ung")
_PERIOD = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}", re.ASCII)
_PERIOD_WORDS = ("tu ngay", "tu from", "from", "ky sao ke", "thoi gian", "period", "tu")
_BESIDE: frozenset[Field] = frozenset(
    {"time", "reference", "balance", "memo", "counter_name", "counter_account", "counter_bank"}
)
"""Fields without which a row is a movement all the same."""
_INWARD, _OUTWARD = ("c", "cr", "co", "credit", "in", "+", "ghi co"), ("d", "dr", "no", "debit", "out", "-", "ghi no")


@dataclass(frozen=True, slots=True)
class Record:
    """A row of the file."""

    number: int
    cells: Sequence[str]


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
    records = list(_workbook(content) if kind == "xlsx" else _text(content))
    if not any(any(cell.strip() for cell in record.cells) for record in records):
        raise StatementError(Fault(1, "file", "the file is empty"))
    header, layout, columns = _find_header(records, kept)
    headings: dict[Field, str] = {field: records[header].cells[place].strip() for field, place in columns.items()}
    if layout is kept:
        # What was learned and this file lacks may stand in the next one again.
        headings = {**{field: names[0] for field, names in kept.headings.items()}, **headings}
    above, below = records[:header], records[header + 1 :]
    _check_account(above, account)
    lines, told = _read_rows(below, columns, len(records[header].cells), is_csv=kind == "csv")
    around = _totals_of(above)
    totals = Totals(
        opening=told.opening or around.opening or (None if opening is None else (opening, 1)),
        closing=told.closing or around.closing or (None if closing is None else (closing, 1)),
        credits=told.credits,
        debits=told.debits,
    )
    statement = checked(account, f"{kind}/{layout.name}", _period_of(above), lines, totals, last_row=records[-1].number)
    return Read(statement, headings)


def _workbook(content: bytes) -> Iterator[Record]:
    try:
        for number, cells in enumerate(first_sheet(content, rows_max=ROWS_MAX), start=1):
            yield Record(number, cells)
    except WorkbookError as error:
        raise StatementError(Fault(1, "file", str(error))) from error


def _text(content: bytes) -> Iterator[Record]:
    text = _decoded(content)
    delimiter = max(_DELIMITERS, key=lambda each: _columns_under(text, each))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number > ROWS_MAX:
                raise StatementError(Fault(number, "file", f"the file has more than {ROWS_MAX} rows; send it in parts"))
            yield Record(number, cells)
    except csv.Error as error:
        problem = "the quotation marks of this row do not pair up; the file may be cut short"
        raise StatementError(Fault(number + 1, "file", problem)) from error


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        problem = "neither XLSX, MT940, CAMT.053 nor text in UTF-8; save it as .xlsx or as “CSV UTF-8”"
        raise StatementError(Fault(row, "file", problem)) from error
    if "\0" in text:
        raise StatementError(Fault(1, "file", "the file holds zero bytes: it is no text"))
    return text


def _columns_under(text: str, delimiter: str) -> int:
    """How many columns of a statement are recognised where this separates the cells."""
    sample = csv.reader(io.StringIO(text[: 64 * 1024], newline=""), delimiter=delimiter)
    try:
        records = list(islice(sample, HEADER_ROWS_MAX))
    except csv.Error:
        return 0
    return max((len(GENERAL.columns(cells)) for cells in records if len(cells) > 2), default=0)


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


def _check_account(above: Sequence[Record], account: str) -> None:
    """Refuse the statement of another account, where the file names one."""
    for record in above:
        text = " ".join(record.cells)
        normal = normal_heading(text)
        if not any(word in normal for word in _ACCOUNT) or any(f" {word}" in normal for word in _OLD_ACCOUNT):
            continue
        named = set()
        for token in re.split(r"[\s,;:|(){}\[\]<>/]+", text):
            try:
                bare = normal_account(token)
            except AccountError:
                continue
            if sum(letter.isdigit() for letter in bare) >= 6:
                named.add(bare)
        joined = re.sub(r"[\s.\-]", "", text)
        if named and account not in named and account not in joined.upper():
            raise StatementError(Fault(record.number, "account", "this is the statement of another account"))


def _read_rows(
    records: Sequence[Record], columns: Mapping[Field, int], width: int, *, is_csv: bool
) -> tuple[list[Line], Totals]:
    lines: list[Line] = []
    faults: list[Fault] = []
    told = Totals()
    for record in records:
        if not any(cell.strip() for cell in record.cells):
            continue
        words = normal_heading(" ".join(record.cells))
        try:
            # A movement is one whatever its memo says: "Tổng công ty …" begins like a row of totals.
            if not _moves(record, columns) and _is_about(words, _OPENING + _CLOSING + _TOTAL):
                told = _merged(told, _sums_of(record, columns, words))
                continue
            line = _line_of(record, columns, width, is_csv=is_csv)
        except _CellFaultError as fault:
            faults.append(Fault(record.number, fault.column, fault.problem))
            continue
        if line is not None:
            lines.append(line)
    if faults:
        raise StatementError(*faults[:FAULTS_MAX])
    return lines, told


def _moves(record: Record, columns: Mapping[Field, int]) -> bool:
    try:
        read_day(_cell(record, columns, "date"))
    except CellError:
        return False
    amount = _amount_of(record, columns)
    return amount is not None and amount[0] != 0


class _CellFaultError(Exception):
    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column
        self.problem = problem


def _line_of(record: Record, columns: Mapping[Field, int], width: int, *, is_csv: bool) -> Line | None:
    """The movement of a row; None for a row that moves nothing: words only, or a day with an amount of 0.

    Banks write such rows of 0 to carry a balance or a remark. A row without any amount is refused: it may be cut short.
    """
    day_text = _cell(record, columns, "date")
    amount = _amount_of(record, columns)
    try:
        day, rest = read_day(day_text)
    except CellError as error:
        if amount is None or not amount[0]:
            return None
        raise _CellFaultError("date", str(error) if day_text else "is empty, though the row has an amount") from error
    if is_csv and len(record.cells) != width:
        problem = "the row is cut short" if len(record.cells) < width else "the row has more cells than there are headings"
        raise _CellFaultError("file", f"{problem}: {len(record.cells)} of {width} cells")
    if amount is None:
        raise _CellFaultError("amount", "the row has a day and no amount; the file may be cut short")
    signed, fixed = amount
    if not signed:
        return None
    clock, rest = read_time(rest)
    if clock is None and "time" in columns:
        clock, _ = read_time(_cell(record, columns, "time"))
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
        balance_after=_number(record, columns, "balance"),
    )


def _amount_of(record: Record, columns: Mapping[Field, int]) -> tuple[int, bool] | None:
    """What moved, and whether a positive number means money in; None where the row has no amount, not even 0."""
    if "debit" in columns and "credit" in columns:
        return _in_two_columns(_number(record, columns, "debit"), _number(record, columns, "credit"))
    amount = _number(record, columns, "amount")
    if not amount:
        return None if amount is None else (0, True)
    kind = normal_heading(_cell(record, columns, "direction")) or _cell(record, columns, "direction").strip()
    if not kind:
        return amount, True
    if kind in _INWARD:
        return abs(amount), True
    if kind in _OUTWARD:
        return abs(amount), False
    raise _CellFaultError("direction", "is neither credit nor debit (C or D)")


def _in_two_columns(out: int | None, inward: int | None) -> tuple[int, bool] | None:
    if out and inward:
        raise _CellFaultError("credit", "the row has both a debit and a credit")
    if inward:
        return inward, True
    # Some banks write what went out with a minus, in the column that says so already.
    return None if out is None and inward is None else (abs(out or 0), False)


def _number(record: Record, columns: Mapping[Field, int], field: Field) -> int | None:
    try:
        return read_amount(_cell(record, columns, field))
    except CellError as error:
        raise _CellFaultError(field, str(error)) from error


def _cell(record: Record, columns: Mapping[Field, int], field: Field) -> str:
    place = columns.get(field)
    return record.cells[place].strip() if place is not None and place < len(record.cells) else ""


def _text_of(record: Record, columns: Mapping[Field, int], field: Field) -> str | None:
    text = " ".join(_cell(record, columns, field).split())
    if len(text) > TEXT_LENGTH_MAX:
        raise _CellFaultError(field, f"has more than {TEXT_LENGTH_MAX} characters")
    return text or None


def _is_about(words: str, beginnings: Sequence[str]) -> bool:
    """Whether a row speaks of sums: its words begin so, perhaps after a number or a date."""
    bare = re.sub(r"^[\d\s]+", "", words)
    return bare.startswith(tuple(beginnings))


def _sums_of(record: Record, columns: Mapping[Field, int], words: str) -> Totals:
    """The sums that a row among or below the movements tells."""
    if _is_about(words, _TOTAL):
        inward, out = _number(record, columns, "credit"), _number(record, columns, "debit")
        return Totals(
            credits=None if inward is None else (abs(inward), record.number),
            debits=None if out is None else (abs(out), record.number),
        )
    sums = _numbers_in(record)
    at = (sums[-1], record.number) if sums else None
    return Totals(opening=at) if _is_about(words, _OPENING) else Totals(closing=at)


def _totals_of(records: Sequence[Record]) -> Totals:
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
                    told = _merged(told, Totals(**{name: (sums[0], record.number)}))
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


def _merged(told: Totals, more: Totals) -> Totals:
    return Totals(
        told.opening or more.opening,
        more.closing or told.closing,
        more.credits or told.credits,
        more.debits or told.debits,
    )


def _period_of(above: Sequence[Record]) -> tuple[date, date] | None:
    """The period that stands above the table: two days in a row that begins with words for it."""
    for record in above:
        text = " ".join(record.cells)
        if not any(word in normal_heading(text) for word in _PERIOD_WORDS):
            continue
        days = []
        for found in _PERIOD.findall(text):
            try:
                days.append(read_day(found)[0])
            except CellError:
                continue
        if len(days) == 2:
            return days[0], days[1]
    return None
