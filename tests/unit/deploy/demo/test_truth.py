"""The truth adds up."""

from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.truth import Kind, Movement, Truth


def a_movement(kind: Kind, amount: int, reference: str | None = "KH1", *, acknowledged: bool = True) -> Movement:
    return Movement("1", kind, "mau-x", "MAU1", amount, reference, acknowledged=acknowledged)


def a_truth(*movements: Movement, **bills: int) -> Truth:
    return Truth(list(movements), bills)


def test_money_out_is_in_no_total_and_interest_is_received_but_pays_nothing() -> None:
    totals = a_truth(a_movement(Kind.MONEY_OUT, 700, None), a_movement(Kind.INTEREST, 30, None)).totals()
    assert (totals.received, totals.received_dong, totals.out_dong, totals.allocated_at_most_dong) == (1, 30, 700, 0)


def test_a_bill_paid_twice_is_allocated_once() -> None:
    truth = a_truth(a_movement(Kind.EXACT, 100), a_movement(Kind.DUPLICATE, 100), KH1=100)
    totals = truth.totals()
    assert (totals.received_dong, totals.allocated_at_least_dong, totals.allocated_at_most_dong) == (200, 100, 100)


def test_a_mistyped_reference_may_or_may_not_be_recognised() -> None:
    totals = a_truth(a_movement(Kind.MISTYPED, 100), KH1=100).totals()
    assert (totals.allocated_at_least_dong, totals.allocated_at_most_dong) == (0, 100)


def test_only_what_was_confirmed_can_be_asked_for() -> None:
    truth = a_truth(a_movement(Kind.EXACT, 100, acknowledged=False), a_movement(Kind.CASH, 50), KH1=500)
    assert truth.totals().sent == 2
    assert truth.totals(acknowledged_only=True).received_dong == 50


@given(st.lists(st.tuples(st.sampled_from(Kind), st.integers(1, 10**7), st.sampled_from(("a", "b", "c")))))
def test_least_is_never_above_most_and_most_never_above_received(paid: list[tuple[Kind, int, str]]) -> None:
    totals = a_truth(*(a_movement(*each) for each in paid), a=100, b=5_000_000, c=10**9).totals()
    assert totals.allocated_at_least_dong <= totals.allocated_at_most_dong <= totals.received_dong
    assert totals.received_dong == totals.in_dong + totals.cash_dong
