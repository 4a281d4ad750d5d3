"""Payers pay what their slip says, mostly; what they do is known beforehand by the seed."""

from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.chance import seeded
from deploy.demo.payers import BEHAVIOURS, Bill, OpenNotice, decide, free_text, mistype
from deploy.demo.truth import REFERENCED, Kind
from shared.reference import find_references, is_reference, random_reference


def a_bill(seed: int, amounts: tuple[int, ...] = (440_000, 12_000)) -> Bill:
    notices = tuple(OpenNotice(f"n{place}", amount, "boarding_meals") for place, amount in enumerate(amounts))
    return Bill(random_reference(seeded(seed)), "mau-th-an-ba", "MAU260000019", "Nông Thị Hoa", "3A", notices)


bills = st.builds(a_bill, st.integers(), st.lists(st.integers(1, 2_000_000), min_size=1, max_size=4).map(tuple))


@given(bills, st.integers())
def test_the_same_seed_makes_the_same_decision(bill: Bill, seed: int) -> None:
    assert decide(bill, seeded(seed)) == decide(bill, seeded(seed))


@given(bills, st.integers())
def test_every_act_moves_a_whole_positive_amount_that_fits_its_kind(bill: Bill, seed: int) -> None:
    intents = decide(bill, seeded(seed))
    total = sum(intent.amount for intent in intents)
    kinds = {intent.kind for intent in intents}
    assert all(isinstance(intent.amount, int) and intent.amount > 0 for intent in intents)
    if Kind.OVER in kinds:
        assert bill.amount < total <= bill.amount + 50_000
    elif Kind.DUPLICATE in kinds:
        assert total == 2 * bill.amount
    elif kinds & {Kind.PARTIAL, Kind.SHORT}:
        assert total <= bill.amount
    else:
        assert total == bill.amount


@given(bills, st.integers())
def test_a_memo_carries_the_reference_just_where_its_kind_says_so(bill: Bill, seed: int) -> None:
    for intent in decide(bill, seeded(seed)):
        exact = [found.reference for found in find_references(intent.memo or "") if found.exact]
        assert exact == ([bill.reference] if intent.kind in {*REFERENCED, Kind.SHORT} else []), intent


@given(bills, st.integers())
def test_cash_is_receipted_notice_by_notice(bill: Bill, seed: int) -> None:
    intents = decide(bill, seeded(seed))
    if intents[0].kind is Kind.CASH:
        assert [(each.notice_id, each.amount) for each in intents] == [
            (notice.notice_id, notice.amount) for notice in bill.notices
        ]


@given(st.integers())
def test_a_mistyped_reference_is_no_reference(seed: int) -> None:
    rng = seeded(seed)
    assert not is_reference(mistype(random_reference(rng), rng))


@given(bills, st.integers())
def test_free_text_holds_no_reference(bill: Bill, seed: int) -> None:
    assert not find_references(free_text(bill, seeded(seed)) or "")


def test_about_a_quarter_of_the_credits_are_cash() -> None:
    rng = seeded("shares")
    kinds = [intent.kind for number in range(4_000) for intent in decide(a_bill(number, (1, 2, 3)), rng)]
    assert 0.15 < kinds.count(Kind.CASH) / len(kinds) < 0.35
    assert sum(weight for _, weight in BEHAVIOURS) == 100
