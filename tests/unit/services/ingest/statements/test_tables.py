"""Tables of five banks and of banks that nobody built in; every way in which a file may be broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.ingest.model import new_transaction
from services.ingest.statements.layouts import learned
from services.ingest.statements.model import StatementError, check_past
from services.ingest.statements.reading import read_file
from shared.events import BankTransaction
from tests.unit.services.ingest.samples import NOW
from tests.unit.services.ingest.statements.files import (
    ACCOUNT,
    AGRIBANK,
    BANKS,
    BIDV,
    CAMT,
    MB,
    MT940,
    VIETCOMBANK,
    VIETINBANK,
    a_table,
    as_csv,
    as_xlsx,
    moves,
    read,
)

MOVES = [("2026-11-05", 150_000), ("2026-11-05", -11_000), ("2026-11-06", 200_000)]


@pytest.mark.parametrize("kind", ["csv", "csv;", "xlsx"])
@pytest.mark.parametrize("bank", BANKS)
def test_a_bank_s_table_is_read_whole(bank: str, kind: str):
    rows = BANKS[bank]
    content = as_xlsx(rows) if kind == "xlsx" else as_csv(rows, ";" if kind == "csv;" else ",")
    statement = read(content)
    assert statement.source == f"{kind.strip(';')}/{bank}"
    assert moves(statement) == MOVES
    assert (statement.opening, statement.credits, statement.debits, statement.closing) == (
        1_000_000, 350_000, 11_000, 1_339_000,
    )  # fmt: skip
    assert (statement.from_day, statement.to_day) == (date(2026, 11, 5), date(2026, 11, 6))
    assert "KH7Q2A nop tien an" in str(statement.lines[0].memo)


def test_the_same_statement_in_another_format_is_the_same_statement():
    ids = {read(as_csv(VIETCOMBANK)).statement_id, read(as_xlsx(VIETCOMBANK)).statement_id, read(as_csv(MB)).statement_id}
    assert len(ids) == 1


def test_what_stands_beside_the_amount_is_kept():
    line = read(as_csv(VIETINBANK)).lines[0]
    assert (line.counter_account, line.counter_name, line.reference) == ("8888", "NGUYEN VAN AN", "S123456789")
    assert (line.occurred_at, line.day_only) == (datetime(2026, 11, 5, 1, 15, 1, tzinfo=UTC), False)
    assert read(as_csv(AGRIBANK)).lines[0].day_only
    assert read(as_csv(BIDV)).lines[0].balance_after == 1_150_000


@pytest.mark.parametrize("heading", ["Ngày TNX/ Date\nSố CT/ Doc No", "NGÀY TNX / SỐ CT", "Ngày TNX/Date Số CT/Doc No"])
def test_a_day_and_a_number_in_one_cell_are_taken_apart(heading: str):
    headings = ["STT", heading, "Ghi nợ/ Debit", "Ghi có/ Credit", "Số dư/ Balance", "Nội dung chi tiết"]
    row = ["1", "05/11/2026\n5243.65937", "", "150,000", "150,000", "KH7Q2A"]
    for above in ([["Vietcombank"]], []):
        (line,) = read(as_xlsx([*above, headings, row])).lines
        assert (line.reference, line.day_only) == ("5243.65937", True)


def test_a_row_of_zero_moves_nothing_and_a_row_without_an_amount_is_cut_short():
    zero = ["05/11/2026", "", "0", "0", "100", "Số dư được chuyển sang"]
    rows = [zero, ["06/11/2026", "1", "", "10", "110", "x"], [*zero[:2], "0", "", "110", ""]]
    assert moves(read(a_table(*rows))) == [("2026-11-06", 10)]
    signed = a_table(["05/11/2026", "0", "95"], ["05/11/2026", "10", "105"], headings=["Date", "Amount", "Balance"])
    assert moves(read(signed)) == [("2026-11-05", 10)]
    with pytest.raises(StatementError, match="no amount"):
        read(a_table(*rows, ["06/11/2026", "2", "", "", "110", "x"]))


def test_typed_cells_of_a_workbook_are_read_like_written_ones():
    rows = [*AGRIBANK[:2], [datetime(2026, 11, 5, 14, 2, 37), "1", "KH7Q2A", 0, 150_000, 150_000.0]]  # noqa: DTZ001
    (line,) = read(as_xlsx(rows)).lines
    assert (line.amount, line.occurred_at) == (150_000, datetime(2026, 11, 5, 7, 2, 37, tzinfo=UTC))


def test_one_column_of_signed_amounts_or_with_a_letter_is_a_statement_too():
    signed = read(a_table(["05/11/2026", "-5", "95"], ["05/11/2026", "10", "105"], headings=["Date", "Amount", "Balance"]))
    assert [line.signed for line in signed.lines] == [-5, 10]
    lettered = read(
        a_table(["05/11/2026", "5", "D", "95"], ["05/11/2026", "10", "C", "105"],
                headings=["Date", "Amount", "D/C", "Balance"])
    )  # fmt: skip
    assert [line.signed for line in lettered.lines] == [-5, 10]


def test_a_table_without_balances_needs_them_to_be_given():
    content = a_table(["05/11/2026", "", "150,000", "x"], headings=["Ngày", "Ghi nợ", "Ghi có", "Nội dung"])
    with pytest.raises(StatementError, match="balance are missing"):
        read(content)
    assert read(content, opening=5, closing=150_005).closing == 150_005
    with pytest.raises(StatementError, match="is not closing"):
        read(content, opening=5, closing=150_006)


def test_a_period_without_movements_is_a_statement():
    rows = [*VIETCOMBANK[:6], ["Số dư cuối kỳ", "", "", "", "1,000,000"]]
    statement = read(as_csv(rows))
    assert (statement.lines, statement.opening, statement.closing) == ((), 1_000_000, 1_000_000)


def test_a_memo_that_begins_like_a_row_of_totals_is_a_movement():
    content = a_table(["05/11/2026", "", "", "10", "110", "Tổng công ty ABC"], ["", "", "", "10", "", "Tổng cộng"])
    assert moves(read(content)) == [("2026-11-05", 10)]


def test_a_month_that_goes_on_is_told_until_the_day_on_which_the_statement_was_taken():
    statement = read(as_csv(VIETCOMBANK))
    noon_of_the_6th = datetime(2026, 11, 6, 5, tzinfo=UTC)
    assert statement.last_day_at(noon_of_the_6th + timedelta(days=9)) == date(2026, 11, 6)
    longer = replace(statement, to_day=date(2026, 11, 30))
    assert longer.last_day_at(noon_of_the_6th + timedelta(days=9)) == date(2026, 11, 15)
    assert longer.last_day_at(noon_of_the_6th - timedelta(days=1)) == date(2026, 11, 6), "the bank's clock may be ahead"
    check_past(longer, noon_of_the_6th)
    with pytest.raises(StatementError, match="period lies in the future"):
        check_past(replace(longer, from_day=date(2026, 11, 9), lines=()), noon_of_the_6th)


@pytest.mark.parametrize("content", [as_csv(AGRIBANK), as_csv(MB), MT940.encode(), CAMT.encode()])
def test_what_a_line_makes_is_published_as_the_contract_writes_it(content: bytes):
    for line in read(content).lines:
        made = new_transaction(line.reported(ACCOUNT, "1"), provider="statement", seen_by="statement", received_at=NOW)
        assert BankTransaction.model_validate_json(made.published()).model_dump_json().encode() == made.published()


TEACH = as_csv([["Tag", "Raus", "Rein", "Saldo"], ["05/11/2026", "", "10", "110"]])


def test_a_layout_that_was_learned_once_reads_what_nobody_built_in():
    with pytest.raises(StatementError, match="which heading is which"):
        read(TEACH)
    kept = learned({"date": "Tag", "debit": "Raus", "credit": "Rein", "balance": "Saldo"})
    statement = read(TEACH, kept=kept)
    assert (statement.source, moves(statement)) == ("csv/learned", [("2026-11-05", 10)])


def test_the_headings_of_a_file_are_told_so_that_they_can_be_kept():
    headings = read_file(as_csv(MB), ACCOUNT).headings
    assert headings is not None
    assert headings["date"] == "Ngày giao dịch\nTransaction Date"
    statement = read(as_csv(MB), kept=learned(headings))
    assert (statement.source, moves(statement)) == ("csv/learned", MOVES)


def test_an_older_layout_that_no_longer_fits_gives_way():
    kept = learned({"date": "Tag", "debit": "Raus", "credit": "Rein"})
    assert read(as_csv(MB), kept=kept).source == "csv/mb"


POOR = ["Ngày giao dịch", "Ghi nợ", "Ghi có", "Nội dung"]
RICH = ["Ngày giao dịch", "Số tham chiếu", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"]
RICH_ROW = ["05/11/2026", "FT26309000000001", "", "10", "110", "KH7Q2A"]


def test_what_a_poorer_file_did_not_show_is_read_from_a_richer_one():
    shown = read_file(a_table(["04/11/2026", "", "10", "x"], headings=POOR), ACCOUNT, opening=90, closing=100).headings
    assert shown is not None
    file = read_file(a_table(RICH_ROW, headings=RICH), ACCOUNT, learned(shown))
    (line,) = file.statements[0].lines
    assert (line.reference, line.balance_after, line.memo) == ("FT26309000000001", 110, "KH7Q2A")
    assert file.headings is not None
    assert file.headings.keys() == shown.keys() | {"reference", "balance"}


def test_what_a_richer_file_showed_is_not_forgotten_over_a_poorer_one():
    taught = {"date": "Tag", "debit": "Raus", "credit": "Rein", "balance": "Saldo", "memo": "Zweck"}
    without_memo = read_file(TEACH, ACCOUNT, learned(taught))
    assert (without_memo.statements[0].source, without_memo.headings) == ("csv/learned", taught)


def test_a_column_that_was_taught_as_one_thing_is_not_read_as_another_too():
    taught = {"date": "Tag", "debit": "Raus", "credit": "Rein", "balance": "Saldo", "memo": "Mã giao dịch"}
    content = a_table(["05/11/2026", "", "10", "110", "KH7Q2A"], headings=["Tag", "Raus", "Rein", "Saldo", "Mã giao dịch"])
    (line,) = read(content, kept=learned(taught)).lines
    assert (line.memo, line.reference) == ("KH7Q2A", None)


def broken(name: str, content: bytes, row: int, column: str, problem: str) -> Any:
    return pytest.param(content, row, column, problem, id=name)


def without(rows: list[list[Any]], index: int, *cells: Any) -> list[list[Any]]:
    """The rows with one replaced, or dropped."""
    return [*rows[:index], *([list(cells)] if cells else []), *rows[index + 1 :]]


WHOLE = as_csv(VIETCOMBANK)
BROKEN = [
    broken("empty", b"", 1, "file", "is empty"),
    broken("spaces", b"  \r\n ", 1, "file", "is empty"),
    broken("not a table", b"Xin chao\r\n", 1, "file", "no row of headings"),
    broken("another account", WHOLE.replace(b"0123456789", b"9876543210"), 3, "account", "another account"),
    broken("a total that is not the sum", as_csv(without(VIETCOMBANK, 9, "Tổng số", "", "11,000", "350,001")), 10, "credits",
           "not the sum of the rows"),
    broken("a closing balance that does not follow", as_csv(without(VIETCOMBANK, 10, "Số dư cuối kỳ", "", "", "", "1,339,001")),
           11, "closing", "is not closing"),
    broken("a row is missing", as_csv(without(VIETCOMBANK, 7)), 8, "balance", "does not follow from the row before"),
    broken("the last rows are missing", as_csv(VIETCOMBANK[:8] + VIETCOMBANK[10:]), 9, "closing", "may be cut short"),
    broken("the last line is cut in the middle", as_csv(AGRIBANK)[:-25], 5, "file", "cut short"),
    broken("a quotation mark is cut off", as_csv(VIETCOMBANK[:9])[:-8], 9, "file", "quotation marks"),
    broken("an amount is no number", as_csv(without(VIETCOMBANK, 6, "05/11/2026", "1", "", "15o,000", "1,150,000", "x")), 7,
           "credit", "no whole number"),
    broken("an amount with xu", as_csv(without(VIETCOMBANK, 6, "05/11/2026", "1", "", "150,000.50", "1,150,000", "x")), 7,
           "credit", "no whole number"),
    broken("both sides", as_csv(without(VIETCOMBANK, 6, "05/11/2026", "1", "5", "150,005", "1,150,000", "x")), 7, "credit",
           "both a debit and a credit"),
    broken("a day that does not exist", as_csv(without(VIETCOMBANK, 6, "31/02/2026", "1", "", "150,000", "1,150,000", "x")), 7,
           "date", "does not exist"),
    broken("no day", as_csv(without(VIETCOMBANK, 6, "", "1", "", "150,000", "1,150,000", "x")), 7, "date", "is empty"),
    broken("a day outside the period", as_csv(without(VIETCOMBANK, 6, "05/10/2026", "1", "", "150,000", "1,150,000", "x")), 7,
           "date", "outside"),
    broken("a comma too many", WHOLE.replace(b'"KH9Z4B hoc phi, ky 1"', b"KH9Z4B hoc phi, ky 1"), 9, "file", "more cells"),
    broken("no amount", as_csv(without(VIETCOMBANK, 6, "05/11/2026", "1", "", "", "1,150,000", "x")), 7, "amount", "no amount"),
    broken("invalid UTF-8", WHOLE + b"\xff", 13, "file", "UTF-8"),
    broken("zero bytes", WHOLE + b"\0", 1, "file", "zero bytes"),
    broken("an XLSX that is none", b"PK\x03\x04 nothing of the kind", 1, "file", "no readable XLSX"),
    broken("an XLSX cut short", as_xlsx(VIETCOMBANK)[:-700], 1, "file", "no readable XLSX"),
    broken("an old workbook", bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 100, 1, "file", ".xls"),
    broken("a memo of 10,001 letters", as_csv(without(VIETCOMBANK, 6, "05/11/2026", "1", "", "150,000", "1,150,000", "x" * 10_001)),
           7, "memo", "10000 characters"),
    broken("a year of nonsense", as_csv(without(AGRIBANK, 2, "05/11/1026", "1", "x", "0", "150.000", "1.150.000")), 3, "date",
           "year"),
    broken("more than any payment", a_table(["05/11/2026", "1", "", "99999999999999", "99999999999999", "x"]), 2, "amount",
           "between 1 and"),
    broken("two years", as_csv([*AGRIBANK, ["06/11/2028", "4", "x", "0", "1", "1.339.001"]]), 1, "file", "period"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "row", "column", "problem"), BROKEN)
def test_a_broken_file_is_refused_with_the_place(content: bytes, row: int, column: str, problem: str):
    with pytest.raises(StatementError) as refused:
        read(content)
    first = refused.value.faults[0]
    assert (first.row, first.column) == (row, column), first
    assert problem in first.problem


def test_a_fault_quotes_nothing_of_a_row():
    rows = without(VIETCOMBANK, 6, "05/11/2026", "1", "", "Nguyen Van An", "1,150,000", "0912345678")
    with pytest.raises(StatementError) as refused:
        read(as_csv(rows))
    assert "Nguyen" not in str(refused.value.faults)
    assert "0912" not in str(refused.value.faults)
