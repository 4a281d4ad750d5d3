from __future__ import annotations

from datetime import date

import pytest

from services.adoption.tables import CONTEXT, TRANSFER_FEES, Kind
from shared.runtime.tables import TableError, read_table


def parsed(kind: Kind, *lines: str):
    return kind.parse(read_table("\n".join(lines).encode(), kind.columns))


def problems(kind: Kind, *lines: str) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, each.problem) for each in parsed(kind, *lines)[1]]


FEES = "bank,provider,valid_from,valid_to,amount_from,amount_to,fee,source,assumed"
TOLD = "unit_code,measure,as_of,value,source,assumed"


def test_a_fee_is_read_with_its_dates_its_bounds_and_its_source():
    [fee], rejected = parsed(TRANSFER_FEES, FEES, "Vietcom bank,sepay,2026-01-01,31/12/2026,1,500000,1100,Biểu phí,no")
    assert rejected == []
    assert (fee.bank, fee.provider, fee.valid_from, fee.valid_to) == (
        "VIETCOMBANK",
        "sepay",
        date(2026, 1, 1),
        date(2026, 12, 31),
    )
    assert (fee.amount_from, fee.amount_to, fee.fee, fee.source, fee.assumed) == (1, 500_000, 1_100, "Biểu phí", False)


def test_an_empty_bank_is_every_bank_and_a_fee_may_be_nothing():
    [fee], _ = parsed(TRANSFER_FEES, FEES, ",,2026-01-01,,,,0,Giả định,yes")
    assert (fee.bank, fee.provider, fee.fee, fee.amount_from, fee.amount_to, fee.assumed) == ("*", "*", 0, 0, None, True)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (",,2026-01-01,2025-01-01,,,0,nguồn,no", "valid_to"),
        (",,2026-01-01,,500,400,0,nguồn,no", "amount_to"),
        (",,2026-01-01,,,,,nguồn,no", "fee"),
        (",,2026-01-01,,,,-5,nguồn,no", "fee"),
        (",,2026-01-01,,,,0,,no", "source"),
        (",,ngày mai,,,,0,nguồn,no", "valid_from"),
        (",a b,2026-01-01,,,,0,nguồn,no", "provider"),
    ],
)
def test_a_bad_fee_is_refused_at_its_place(line, column):
    assert [(row, where) for row, where, _ in problems(TRANSFER_FEES, FEES, line)] == [(2, column)]


def test_the_same_fee_twice_is_refused():
    line = "BIDV,,2026-01-01,,,,0,nguồn,no"
    assert problems(TRANSFER_FEES, FEES, line, line) == [(3, "bank", "the same as in row 2")]


def test_a_measure_is_read_with_its_unit_its_day_and_its_source():
    rows, rejected = parsed(
        CONTEXT, TOLD, '24,smartphones_per_100,2022-12-31,"85,5",Báo cáo,no', "07615,network,2022-12-31,3G,Báo cáo,yes"
    )
    assert rejected == []
    assert [(each.unit_code, each.measure, each.value, each.assumed) for each in rows] == [
        ("24", "smartphones_per_100", "85.5", False), ("07615", "network", "3g", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("24,happiness,2022-12-31,5,nguồn,no", "measure"),
        ("24,network,2022-12-31,6g,nguồn,no", "value"),
        ("24,smartphones_per_100,2022-12-31,nhiều,nguồn,no", "value"),
        ("24,smartphones_per_100,2022-12-31,,nguồn,no", "value"),
        (",network,2022-12-31,3g,nguồn,no", "unit_code"),
    ],
)
def test_a_bad_measure_is_refused_at_its_place(line, column):
    assert [(row, where) for row, where, _ in problems(CONTEXT, TOLD, line)] == [(2, column)]


def test_a_table_without_sources_is_refused_whole():
    with pytest.raises(TableError):
        read_table(b"bank,valid_from,fee\nBIDV,2026-01-01,0\n", TRANSFER_FEES.columns)
