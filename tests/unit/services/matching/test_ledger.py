"""A credit keeps amount = Σ allocations + suspense whatever happens to it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.balances import Due, use
from services.matching.ledger import BALANCE_USED, LedgerCredit, LedgerError, release_excess
from services.matching.matcher import Decision, Share
from services.matching.matcher.values import Suggestion
from shared.events.payments import SuspenseParts

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
numbers = count()


def new_id() -> str:
    return f"a{next(numbers):06}"


def a_credit(amount: int = 200_000, credit_id: str = "c1", **more) -> LedgerCredit:
    fields = {
        "site_id": "S", "account": "1", "channel": "bank", "direction": "in", "occurred_at": NOW, "received_at": NOW,
        "provider": "sepay", "counter_bank": None, "partition_origin": "1", "version": 1,
    }  # fmt: skip
    return LedgerCredit(credit_id=credit_id, amount=amount, **{**fields, **more})


def a_match(*shares: Share) -> Decision:
    return Decision("matched", "reference", shares)


def test_what_a_match_leaves_is_the_payers_balance():
    credit = a_credit(200_000)
    credit.apply(a_match(Share("n1", 150_000)), NOW, new_id)
    assert credit.event().suspense_parts == SuspenseParts(balance=50_000)


def test_what_nobody_can_explain_is_unidentified():
    credit = a_credit(200_000)
    credit.apply(Decision("unmatched", "none"), NOW, new_id)
    assert credit.event().suspense_parts == SuspenseParts(unidentified=200_000)


def test_ignored_money_is_not_a_fee():
    credit = a_credit(200_000, direction="out")
    credit.apply(Decision("ignored", "not_income"), NOW, new_id)
    assert credit.event().suspense_parts == SuspenseParts(not_a_fee=200_000)


def test_an_allocated_credit_is_never_decided_again():
    credit = a_credit()
    credit.apply(a_match(Share("n1", 200_000)), NOW, new_id)
    with pytest.raises(LedgerError):
        credit.apply(a_match(Share("n2", 200_000)), NOW, new_id)


def test_a_person_may_split_and_say_what_the_rest_is():
    credit = a_credit(200_000)
    credit.apply(Decision("unmatched", "none"), NOW, new_id)
    rest = SuspenseParts(to_return=30_000, balance=20_000)
    credit.allocate_by_hand([Share("n1", 100_000), Share("n2", 50_000)], rest, "lan", NOW, new_id)
    event = credit.event()
    assert (event.status, event.reason, event.suspense_parts) == ("matched", "by_hand", rest)
    assert {each.decided_by for each in event.allocations} == {"lan"}
    assert not credit.waits_for_decision


@pytest.mark.parametrize(
    ("shares", "suspense"),
    [([Share("n1", 200_001)], None), ([Share("n1", 100_000)], SuspenseParts(balance=1)), ([], SuspenseParts())],
)
def test_what_does_not_add_up_changes_nothing(shares, suspense):
    credit = a_credit(200_000)
    credit.apply(Decision("unmatched", "none"), NOW, new_id)
    before = credit.event()
    with pytest.raises(LedgerError):
        credit.allocate_by_hand(shares, suspense, "lan", NOW, new_id)
    assert credit.event() == before


def test_what_was_suggested_is_suggested_again_when_a_persons_match_is_undone():
    credit = a_credit()
    credit.apply(Decision("suggested", "name", candidates=(Suggestion(("n1",), 0.6), Suggestion(("n2",), 0.4))), NOW, new_id)
    credit.allocate_by_hand([Share("n1", 200_000)], None, "kt1", NOW, new_id)
    assert (credit.event().status, credit.event().candidates) == ("matched", ())
    credit.undo_by_hand(credit.allocations[0].allocation_id, "kt1", NOW, "wrong_payer")
    event = credit.event()
    assert (event.status, [each.notice_ids for each in event.candidates]) == ("unmatched", [("n2",), ("n1",)])


def test_a_second_payment_that_is_to_go_back_keeps_what_it_was_meant_for():
    credit = a_credit()
    again = Suggestion(("n1",), 0.99)
    credit.apply(Decision("suggested", "duplicate", candidates=(again,)), NOW, new_id)
    assert credit.event().intended_notice_id is None
    credit.give_back(200_000, "out1", "kt1", NOW, "paid_twice", new_id)
    event = credit.event()
    assert (event.intended_notice_id, event.suspense_parts, event.candidates) == ("n1", SuspenseParts(returned=200_000), ())


def test_undoing_keeps_who_and_why_and_the_money():
    credit = a_credit(200_000)
    credit.apply(a_match(Share("n1", 150_000)), NOW, new_id)
    credit.undo_by_hand(credit.allocations[0].allocation_id, "lan", NOW, "nhầm học sinh")
    event = credit.event()
    assert (event.status, event.suspense_parts) == ("unmatched", SuspenseParts(unidentified=150_000, balance=50_000))
    assert [(each.undone_by, each.reason) for each in event.undone] == [("lan", "nhầm học sinh")]
    with pytest.raises(LedgerError):
        credit.undo_by_hand(event.undone[0].allocation_id, "lan", NOW, "lại")


def test_what_was_undone_is_published_in_the_order_in_which_it_was_decided():
    credit = a_credit(200_000)
    credit.apply(a_match(Share("n1", 120_000), Share("n2", 80_000)), NOW, new_id)
    decided = [each.allocation_id for each in credit.allocations]
    for allocation_id in reversed(decided):
        credit.undo_by_hand(allocation_id, "lan", NOW, "nhầm học sinh")
    assert [each.allocation_id for each in credit.event().undone] == decided


def test_a_lowered_notice_gives_back_the_newest_automatic_allocation_first():
    old, new = a_credit(100_000, "old"), a_credit(100_000, "new")
    old.apply(a_match(Share("n1", 100_000)), NOW.replace(hour=1), new_id)
    new.apply(a_match(Share("n1", 100_000)), NOW.replace(hour=2), new_id)
    left, changed = release_excess([old, new], "n1", 30_000, NOW, "lowered", new_id)
    assert (left, changed) == (0, {"new"})
    assert [each.amount for each in new.allocations] == [70_000]
    assert new.event().suspense_parts == SuspenseParts(balance=30_000)


def test_a_cancelled_notice_leaves_its_money_to_a_person():
    credit = a_credit(100_000)
    credit.apply(a_match(Share("n1", 100_000)), NOW, new_id)
    assert release_excess([credit], "n1", 100_000, NOW, "cancelled", new_id) == (0, {"c1"})
    event = credit.event()
    assert (event.status, event.reason, event.suspense_parts) == (
        "suggested",
        "cancelled",
        SuspenseParts(unidentified=100_000),
    )


def test_what_a_person_allocated_is_not_given_back():
    credit = a_credit(100_000)
    credit.apply(Decision("unmatched", "none"), NOW, new_id)
    credit.allocate_by_hand([Share("n1", 100_000)], None, "lan", NOW, new_id)
    before = credit.event()
    assert release_excess([credit], "n1", 40_000, NOW, "lowered", new_id) == (40_000, set())
    assert credit.event() == before


def test_a_transaction_that_was_another_again_pays_nothing():
    credit = a_credit(100_000)
    credit.apply(a_match(Share("n1", 100_000)), NOW, new_id)
    assert [each.notice_id for each in credit.set_aside(NOW, "merged")] == ["n1"]
    assert (credit.event().status, credit.event().suspense_parts) == ("ignored", SuspenseParts(not_a_fee=100_000))


def test_a_balance_pays_no_more_than_it_is():
    credit = a_credit(200_000)
    credit.apply(a_match(Share("n1", 150_000)), NOW, new_id)
    before = credit.event()
    with pytest.raises(LedgerError):
        credit.use_balance([Share("n2", 30_000), Share("n3", 20_001)], NOW, new_id)
    assert credit.event() == before


@given(
    balances=st.lists(st.integers(0, 50), max_size=4),
    owed=st.lists(st.integers(0, 50), max_size=4),
    lowered=st.integers(0, 50),
)
def test_balances_pay_in_their_order_all_that_they_can_and_what_is_released_is_balance_again(balances, owed, lowered):
    credits = [a_credit(10 + balance, f"c{place}") for place, balance in enumerate(balances)]
    for credit in credits:
        credit.apply(a_match(Share("n", 10)), NOW, new_id)
    changed = use(credits, [Due(f"n{place}", open_sum) for place, open_sum in enumerate(owed)], NOW, new_id)
    total = min(sum(balances), sum(owed))
    assert sum(credit.allocated - 10 for credit in credits) == total
    assert all(sum(credit.paid.get(f"n{place}", 0) for credit in credits) <= due for place, due in enumerate(owed))
    used = [credit.suspense.balance == 0 for credit in credits if credit.amount > 10]
    assert used == sorted(used, reverse=True)
    assert all(BALANCE_USED in credit.evidence for credit in changed)
    held = sum(credit.paid.get("n0", 0) for credit in credits)
    left, _ = release_excess(credits, "n0", min(held, lowered), NOW, "lowered", new_id)
    assert left == 0
    assert sum(credit.suspense.balance for credit in credits) == sum(balances) - total + min(held, lowered)
    for credit in credits:
        assert credit.event().status == "matched"
        assert credit.suspense.unidentified == 0
        assert (BALANCE_USED in credit.evidence) == (credit.allocated > 10)
