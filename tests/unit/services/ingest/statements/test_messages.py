"""MT940 and CAMT.053, whole and broken."""

from __future__ import annotations

from typing import Any

import pytest

from services.ingest.statements.model import StatementError
from services.ingest.statements.reading import read_file
from tests.unit.services.ingest.statements.files import ACCOUNT, CAMT, MT940, moves, read


def test_mt940_is_read_whole():
    statement = read(MT940)
    assert moves(statement) == [("2026-11-05", 150_000), ("2026-11-05", -11_000), ("2026-11-06", 200_000)]
    assert (statement.opening, statement.closing, statement.source) == (1_000_000, 1_339_000, "mt940")
    assert [line.reference for line in statement.lines] == ["BANKREF123456", None, "FT26310000000001"]
    assert statement.lines[0].memo == "KH7Q2A nop tien an"
    assert all(line.day_only for line in statement.lines)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_several_mt940_statements_in_one_file_are_several(ends: str):
    second = MT940.replace("STMT1", "STMT2").replace("C261104VND1000000", "C261106VND1339000")
    second = second.replace(":61:261105", ":61:261107").replace(":61:261106", ":61:261108")
    second = second.replace("C261106VND1339000,\n-", "C261108VND1678000,\n-")
    statements = read_file((MT940 + second).replace("\n", ends).encode(), ACCOUNT).statements
    assert [(each.opening, each.closing) for each in statements] == [(1_000_000, 1_339_000), (1_339_000, 1_678_000)]


@pytest.mark.parametrize(
    ("dates", "closing_day", "day"),
    [
        ("2611031105", "261106", "2026-11-05"),
        ("2611101105", "261106", "2026-11-05"),
        ("2701021231", "261231", "2026-12-31"),
        ("2612310102", "270102", "2027-01-02"),
        ("261105", "261106", "2026-11-05"),
        ("261105    ", "261106", "2026-11-05"),
    ],
)
def test_a_movement_of_mt940_belongs_to_the_day_of_its_entry(dates: str, closing_day: str, day: str):
    one = f":20:S\n:25:{ACCOUNT}\n:28C:1/1\n:60F:C261104VND100,\n:61:{dates}C50,NTRFNONREF\n:62F:C{closing_day}VND150,\n-\n"
    assert moves(read(one)) == [(day, 50)]


EMPTY_DAY = """:20:STMT0
:25:0123456789
:28C:0/1
:60F:C261103VND1000000,
:62F:C261104VND1000000,
-
"""


def test_a_day_without_movements_is_a_statement_and_refuses_none_of_its_neighbours():
    empty, full = read_file((EMPTY_DAY + MT940).encode(), ACCOUNT).statements
    assert (empty.lines, empty.from_day.isoformat(), empty.opening, empty.closing) == (
        (),
        "2026-11-04",
        1_000_000,
        1_000_000,
    )
    assert (full.statement_id, moves(full)) == (read(MT940).statement_id, moves(read(MT940)))


def in_pages(text: str, *after: str) -> str:
    """MT940 cut into pages, each behind a movement with this memo."""
    running = {"nop tien an": "1150000,", "DICH VU": "1139000,"}
    for number, memo in enumerate(after, start=2):
        page = f"{memo}\n:62M:C261105VND{running[memo]}\n-\n:20:STMT1\n:25:{ACCOUNT}\n:28C:1/{number}\n:60M:C261105VND"
        text = text.replace(f"{memo}\n", f"{page}{running[memo]}\n")
    return text


@pytest.mark.parametrize("after", [("nop tien an",), ("nop tien an", "DICH VU")])
def test_the_pages_of_a_statement_are_one_statement(after: tuple[str, ...]):
    paged = read(in_pages(MT940, *after))
    assert moves(paged) == moves(read(MT940))
    assert (paged.statement_id, paged.opening, paged.closing) == (read(MT940).statement_id, 1_000_000, 1_339_000)


def test_reversals_go_the_other_way():
    text = MT940.replace("D11000,", "RC11000,")
    assert moves(read(text))[1] == ("2026-11-05", -11_000)
    text = MT940.replace("C200000,", "RD200000,")
    assert moves(read(text))[2] == ("2026-11-06", 200_000)


def test_camt_is_read_whole():
    statement = read(CAMT)
    assert [line.signed for line in statement.lines] == [150_000, -11_000, 120_000, 80_000]
    first, fee, part, _ = statement.lines
    assert (first.memo, first.counter_name, first.counter_account) == ("KH7Q2A nop tien an", "NGUYEN VAN AN", "8888")
    assert (first.reference, first.day_only, fee.memo, fee.day_only) == ("FT26309000000001", False, "Phi dich vu", True)
    assert part.reference == "FT26310000000001"
    assert (statement.opening, statement.closing, statement.source) == (1_000_000, 1_339_000, "camt.053")


def test_an_older_version_is_read_alike():
    text = CAMT.replace("camt.053.001.08", "camt.053.001.02")
    assert read(text) == read(CAMT)


def test_a_reversal_moves_as_its_own_indicator_says():
    """ISO 20022: where it is CRDT and the entry is a reversal, the original operation was a debit."""
    returned = CAMT.replace(
        "<CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK", "<CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd><Sts>BOOK"
    )
    returned = returned.replace("1339000.00", "1361000.00").replace("<Sum>350000", "<Sum>361000")
    assert [line.signed for line in read(returned).lines][1] == 11_000
    taken_back = CAMT.replace("<CdtDbtInd>DBIT</CdtDbtInd>", "<CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd>")
    assert [line.signed for line in read(taken_back).lines][1] == -11_000


def test_an_entry_whose_parts_do_not_add_up_is_one_line():
    statement = read(CAMT.replace('<Amt Ccy="VND">80000</Amt>', '<Amt Ccy="VND">80001</Amt>'))
    assert [line.signed for line in statement.lines] == [150_000, -11_000, 200_000]


def broken(name: str, content: str, row: int, column: str, problem: str) -> Any:
    return pytest.param(content, row, column, problem, id=name)


BROKEN = [
    broken("mt940 without its closing balance", MT940.partition(":62F:")[0], 10, ":62F:", "cut short"),
    broken("mt940 without its opening balance", MT940.replace(":60F:C261104VND1000000,\n", ""), 4, ":60F:", "cut short"),
    broken("mt940 with a line that is cut", MT940.replace("D11000,NCHGNONREF", "D11"), 7, ":61:", "cannot be read"),
    broken("mt940 with a broken total", MT940.replace("1339000", "1339001"), 11, "closing", "is not closing"),
    broken(
        "mt940 without its last page",
        in_pages(MT940, "nop tien an").partition(":20:STMT1\n:25:0123456789\n:28C:1/2")[0],
        7,
        ":62F:",
        "pages behind",
    ),
    broken(
        "mt940 without its first page",
        ":20:STMT1\n:25:0123456789\n:28C:1/2\n:60M:C261105VND1,\n:62F:C261105VND1,\n-\n",
        1,
        ":60M:",
        "pages before",
    ),
    broken(
        "mt940 without a page between",
        in_pages(MT940, "nop tien an").replace(":60M:C261105VND1150000", ":60M:C261105VND1"),
        9,
        ":60M:",
        "a page is missing",
    ),
    broken(
        "mt940 with an entry date that is none", MT940.replace("2611051105C", "2611051399C"), 5, "file", "cannot be read"
    ),
    broken("mt940 of another account", MT940.replace("0123456789", "777"), 1, ":25:", "another account"),
    broken("mt940 in dollars", MT940.replace("VND", "USD"), 5, ":60F:", "VND"),
    broken("mt940 with xu", MT940.replace("C150000,", "C150000,5"), 5, ":61:", "whole number"),
    broken("camt cut short", CAMT[:1500], 17, "file", "cut short"),
    broken("camt with a broken total", CAMT.replace("1339000.00", "1339001"), 4, "closing", "is not closing"),
    broken("camt with a broken sum", CAMT.replace("<Sum>350000", "<Sum>350001"), 4, "credits", "not the sum"),
    broken("camt of another account", CAMT.replace("0123456789", "777"), 1, "Acct", "another account"),
    broken("camt in dollars", CAMT.replace('"VND">1000000', '"USD">1000000'), 1, "OPBD", "VND"),
    broken("camt without a closing balance", CAMT.replace("CLBD", "ITBD"), 1, "CLBD", "missing"),
    broken("camt with NaN", CAMT.replace(">11000<", ">NaN<"), 2, "Ntry", "whole number"),
    broken("camt with xu", CAMT.replace(">11000<", ">11000.5<"), 2, "Ntry", "whole number"),
    broken("camt without a direction", CAMT.replace("<CdtDbtInd>DBIT</CdtDbtInd>", ""), 2, "CdtDbtInd", "CRDT or DBIT"),
    broken("camt without a day", CAMT.replace("<BookgDt><Dt>2026-11-05</Dt></BookgDt>", ""), 2, "BookgDt", "missing"),
    broken("another document", "<Document><Other/></Document>", 1, "file", "no statement"),
    broken("a bomb", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', 1, "file", "entities"),
]


@pytest.mark.parametrize(("content", "row", "column", "problem"), BROKEN)
def test_a_broken_message_is_refused_with_the_place(content: str, row: int, column: str, problem: str):
    with pytest.raises(StatementError) as refused:
        read(content)
    first = refused.value.faults[0]
    assert (first.row, first.column) == (row, column), first
    assert problem in first.problem
