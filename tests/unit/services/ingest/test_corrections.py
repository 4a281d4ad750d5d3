"""Which line of a statement contradicts a transaction, and what the right one is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.ingest.corrections import contradicting_line, right_transaction
from shared.events import BankStatement
from shared.events.bank import StatementLine
from tests.unit.services.ingest.samples import ACCOUNT, NOW, a_transaction

TAKEN = datetime(2026, 11, 25, tzinfo=UTC)


def a_line(transaction_id: str, amount: int = 100_000, **more: object) -> StatementLine:
    values = {"line": 1, "direction": "in", "occurred_at": NOW, "bank_reference": "FT26330000000001"} | more
    return StatementLine(transaction_id=transaction_id, amount=amount, **values)


def a_statement(*lines: StatementLine) -> BankStatement:
    return BankStatement.model_validate({
        "statement_id": "s1", "version": 1, "account": ACCOUNT, "site_id": None, "from": date(2026, 11, 24),
        "to": date(2026, 11, 24), "opening": 0, "credits": 0, "debits": 0, "closing": 0, "lines": lines, "gaps": (),
        "source": "mt940", "received_at": TAKEN,
    })  # fmt: skip


def test_a_line_contradicts_the_transaction_that_it_names_by_just_the_difference_that_was_seen():
    wrong = a_transaction()
    line = a_line(wrong.transaction_id)
    assert contradicting_line(wrong, a_statement(a_line("other"), line), -50_000) == line


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({}, -49_999), ({}, 50_000), ({"amount": 150_000}, 0), ({"direction": "out"}, -50_000),
        ({"transaction_id": "other"}, -50_000), ({"transaction_id": None}, -50_000),
    ],
)  # fmt: skip
def test_nothing_else_is_corrected(change: dict[str, object], difference: int):
    wrong = a_transaction()
    line = a_line(wrong.transaction_id).model_copy(update=change)
    assert contradicting_line(wrong, a_statement(line), difference) is None


def test_what_was_merged_or_erased_is_corrected_no_more():
    for status in ("merged_into", "erased"):
        wrong = a_transaction()
        wrong.status = status
        assert contradicting_line(wrong, a_statement(a_line(wrong.transaction_id)), -50_000) is None


def test_the_right_one_is_another_transaction_with_all_that_was_told_but_the_amount():
    wrong = a_transaction(memo="KH7Q2", bank_reference=None)
    right, again = (right_transaction(wrong, a_statement(), a_line(wrong.transaction_id)) for _ in range(2))
    assert right == again
    assert right.transaction_id != wrong.transaction_id
    assert (right.amount, right.memo, right.occurred_at) == (100_000, "KH7Q2", wrong.occurred_at)
    assert (right.bank_reference, right.possible_duplicate_of) == ("FT26330000000001", wrong.transaction_id)
    assert right.sources == ["statement/statement"]
    assert wrong.sources == ["casso/webhook"], "nothing of the wrong one changes by it"
