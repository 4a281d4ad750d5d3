"""docs/identity.md, rows 12 to 18: which transaction each line of a statement is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.model import Transaction
from services.ingest.statements.model import Line
from services.ingest.statements.pairing import Pair, pair
from shared.clock import day_start, local_day
from tests.unit.services.ingest.samples import NOW, a_transaction

DAY = day_start(local_day(NOW))
MEMO = "MBVCB.3278907687.KH7Q2A nop tien an"


def a_line(**changes: Any) -> Line:
    """A movement of which only the day is known, unless the test says otherwise."""
    return Line(**{
        "row": 1, "amount": 150_000, "direction": "in", "occurred_at": DAY, "day_only": "occurred_at" not in changes, **changes,
    })  # fmt: skip


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


def what(found: Pair) -> str:
    if found.transaction is not None:
        return "differs" if found.differs else "same"
    return "doubtful" if found.may_be is not None else "new"


def row(name: str, outcome: str, line: Line, *known: Transaction) -> Any:
    return pytest.param(outcome, line, known, id=name)


FT = "FT26328000000001"
ROWS = [
    row("12 one reference", "same", a_line(reference=f"{FT}\\BNK"), a_transaction(bank_reference=FT)),
    row("12 one reference, booked three days later", "same", a_line(reference=FT, occurred_at=later(days=3)),
        a_transaction(bank_reference=FT)),
    row("17 one reference, other telling memo", "doubtful", a_line(reference=FT, memo="KH9Z4B"),
        a_transaction(bank_reference=FT, memo="KH7Q2A")),
    row("13 one running balance", "same", a_line(balance_after=7, memo="x"), a_transaction(balance_after=7, memo="y")),
    row("13 one running balance on another day", "new", a_line(balance_after=7, memo="x"),
        a_transaction(balance_after=7, memo="y", occurred_at=later(days=1))),
    row("14 one telling memo on the day", "same", a_line(memo=MEMO), a_transaction(memo=MEMO)),
    row("14 one telling memo within two minutes", "same", a_line(memo=MEMO, occurred_at=later(seconds=100)),
        a_transaction(memo=MEMO)),
    row("15 the only one left with the memo, hours apart", "same", a_line(memo=MEMO, occurred_at=later(hours=2)),
        a_transaction(memo=MEMO)),
    row("15 the only one left of the amount, and its memo is written otherwise", "same", a_line(memo="hoc phi VI VAN LANG"),
        a_transaction(memo="CT vi van lang nop hoc phi")),
    row("15 the only one left of the amount, but of the memo nothing is the same", "doubtful", a_line(memo="hoc phi"),
        a_transaction(memo="nop tien")),
    row("15 the only one left of the amount, hours apart", "doubtful", a_line(memo="nop tien an", occurred_at=later(hours=6)),
        a_transaction(memo="nop tien an")),
    row("13 one running balance, and another's memo: a refund lay between them", "new", a_line(balance_after=7, memo="KH7AAAA11"),
        a_transaction(balance_after=7, memo="KH7BBBB22")),
    row("15 the only one left, but its memo is another's", "new", a_line(memo="KH9Z4B"), a_transaction(memo="KH7Q2A")),
    row("15 the only one left, but its balance is another's", "doubtful", a_line(memo="a", balance_after=5),
        a_transaction(memo="b", balance_after=6)),
    row("15 of another day", "new", a_line(memo="a"), a_transaction(memo="b", occurred_at=later(days=1))),
    row("16 one reference, another amount", "differs", a_line(reference=FT, amount=105_000), a_transaction(bank_reference=FT)),
    row("16 a fee under the reference of its transfer", "new", a_line(reference=FT, amount=1_100, direction="out"),
        a_transaction(bank_reference=FT)),
    row("17 two that it may be", "doubtful", a_line(memo="hoc phi"), a_transaction(memo="nop tien", provider_id="1"),
        a_transaction(memo="tien an", provider_id="2")),
    row("17 another reference of the bank", "new", a_line(reference="FT26328000000002"), a_transaction(bank_reference=FT)),
    row("nothing known", "new", a_line()),
]  # fmt: skip


@pytest.mark.parametrize(("outcome", "line", "known"), ROWS)
def test_a_row_of_the_table(outcome: str, line: Line, known: tuple[Transaction, ...]):
    (found,) = pair([line], known)
    assert what(found) == outcome


def test_two_equal_lines_and_two_equal_transactions_are_paired_one_to_one():
    known = [a_transaction(provider_id=number, memo=MEMO) for number in ("1", "2")]
    pairs = pair([a_line(memo=MEMO), a_line(memo=MEMO)], known)
    assert {each.transaction.transaction_id for each in pairs if each.transaction} == {t.transaction_id for t in known}


def test_of_two_equal_lines_one_is_the_transaction_and_the_other_is_new():
    pairs = pair([a_line(memo=MEMO), a_line(memo=MEMO)], [a_transaction(memo=MEMO)])
    assert [what(each) for each in pairs] == ["same", "new"]


def equal_payments(count: int, **changes: Any) -> list[Transaction]:
    return [
        a_transaction(provider_id=str(n), memo="nop tien an", occurred_at=later(minutes=n), **changes) for n in range(count)
    ]


@pytest.mark.parametrize("count", [2, 3, 200])
def test_15_as_many_equal_lines_as_equal_transactions_are_these_in_order_of_time(count: int):
    known = equal_payments(count)
    lines = [a_line(memo="CT tu 001 nop tien an", reference=f"FT26328{n:09}", balance_after=n) for n in range(count)]
    assert [each.transaction for each in pair(lines, reversed(known))] == known
    timed = [a_line(memo="nop tien an", occurred_at=later(minutes=n, seconds=30)) for n in reversed(range(count))]
    assert [each.transaction for each in pair(timed, known)] == known[::-1]
    assert [what(each) for each in pair([a_line() for _ in known], known)] == ["same"] * count, "a missing memo says nothing"


@pytest.mark.parametrize(("lines", "known"), [(3, 2), (2, 3)])
def test_17_where_the_counts_differ_equal_payments_stay_doubtful(lines: int, known: int):
    found = [what(each) for each in pair([a_line(memo="nop tien an")] * lines, equal_payments(known))]
    assert found == ["doubtful"] * min(lines, known) + ["new"] * (lines - min(lines, known))


def test_17_equally_many_whose_memos_say_something_else_stay_doubtful():
    assert [what(each) for each in pair([a_line(memo="hoc phi")] * 2, equal_payments(2))] == ["doubtful"] * 2


def test_17_what_a_reference_or_a_balance_contradicts_is_not_counted():
    known = [*equal_payments(2), a_transaction(provider_id="9", memo="nop tien an", bank_reference=FT)]
    lines = [a_line(memo="nop tien an", reference=f"FT2632900000000{n}") for n in range(2)]
    assert [each.transaction for each in pair(lines, known)] == known[:2]


def test_18_the_movements_of_the_hours_before_are_others():
    known = equal_payments(2)
    pairs = pair([a_line(memo="nop tien an")] * 2, known, of_other_hours=[each.transaction_id for each in known])
    assert [what(each) for each in pairs] == ["new", "new"]


def test_certain_pairs_come_before_likely_ones():
    by_memo = a_transaction(provider_id="1", memo=MEMO)
    by_reference = a_transaction(provider_id="2", memo=MEMO, bank_reference=FT)
    pairs = pair([a_line(memo=MEMO), a_line(memo=MEMO, reference=FT)], [by_memo, by_reference])
    assert [each.transaction for each in pairs] == [by_memo, by_reference]


MEMOS = st.sampled_from([None, "nop tien", MEMO, "KH9Z4B"])
LINES = st.lists(
    st.builds(a_line, amount=st.integers(1, 2), memo=MEMOS, balance_after=st.sampled_from([None, 5])), max_size=8
)


@given(LINES, st.lists(st.tuples(st.integers(1, 2), MEMOS), max_size=8))
def test_no_transaction_is_two_lines_and_no_line_is_lost(lines: list[Line], known: list[tuple[int, str | None]]):
    transactions = [
        a_transaction(provider_id=str(number), amount=amount, memo=memo) for number, (amount, memo) in enumerate(known)
    ]
    pairs = pair(lines, transactions)
    assert [each.line for each in pairs] == lines
    used = [each.transaction.transaction_id for each in pairs if each.transaction]
    used += [each.may_be.transaction_id for each in pairs if each.may_be]
    assert len(used) == len(set(used))
    for each in pairs:
        if each.transaction is not None and not each.differs:
            assert each.transaction.amount == each.line.amount


def test_a_day_of_many_equal_fees_is_paired_in_little_time():
    count = 3_000
    known = [
        a_transaction(provider_id=str(n), memo=f"KH{n:05}A nop tien", occurred_at=later(seconds=n)) for n in range(count)
    ]
    lines = [a_line(memo=f"CT tu 001 KH{n:05}A nop tien toi 002") for n in range(300)]
    pairs = pair([*lines, *(a_line(memo=f"KH{n:05}A nop tien") for n in range(300, count))], known)
    assert all(each.transaction is known[number] for number, each in enumerate(pairs))
