"""Banks write a memo in many ways, but an intact reference is found in every one of them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo import banks
from deploy.demo.banks import SHAPES, Shape, Transfer
from deploy.demo.chance import seeded
from deploy.demo.people import a_name
from shared.clock import LOCAL
from shared.reference import find_references, random_reference

MOMENT = datetime(2026, 11, 5, 14, 2, 37, tzinfo=LOCAL)


def a_transfer(memo: str | None, seed: int = 1) -> Transfer:
    return Transfer(memo, a_name(seeded(seed)), "0001000000001", "MAU260000001", "MAU TRUONG MAM NON AN CHAU", MOMENT)


@pytest.mark.parametrize("shape", SHAPES)
@given(seed=st.integers(0, 10**6))
def test_an_intact_reference_is_found_exactly_in_every_shape(shape: Shape, seed: int) -> None:
    rng = seeded(seed)
    reference = random_reference(rng)
    memo = rng.choice((reference, reference.lower(), f"{reference} NOP TIEN AN"))
    written = shape(memo, a_transfer(memo, seed), rng)
    exact = [found.reference for found in find_references(written) if found.exact]
    assert exact == [reference], written


@given(st.integers(0, 10**6))
def test_a_transfer_without_a_memo_holds_no_reference(seed: int) -> None:
    written = banks.write(a_transfer(None, seed), seeded(seed))
    assert not any(found.exact for found in find_references(written.content))
    assert written.content


@given(st.text(min_size=1, max_size=40), st.integers())
def test_what_a_bank_writes_has_no_vietnamese_diacritics_of_the_payer(memo: str, seed: int) -> None:
    written = banks.write(a_transfer("Nộp tiền ăn cho Đức " + memo.encode("ascii", "ignore").decode(), seed), seeded(seed))
    assert written.content.isascii()
    assert written.counter_name.isascii()


@given(st.integers(1, 10**13), st.integers(1, 10**13))
def test_two_transfers_never_share_a_bank_reference(one: int, other: int) -> None:
    rng = seeded(one, other)
    equal = banks.bank_reference(one, MOMENT, rng) == banks.bank_reference(other, MOMENT, rng)
    assert not equal or one == other
