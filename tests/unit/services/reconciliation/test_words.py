"""Amounts in words, checked by a reader that knows the language's rules and nothing of the writer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reconciliation.exports.words import in_words, read_number

DIGITS = {word: value for value, word in enumerate(("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"))}


def understood(text: str) -> int:
    """The number that the words mean, word by word, as a Vietnamese reader adds it up."""
    total = billions = group = 0
    pending: int | None = None
    for word in text.split():
        if word in DIGITS:
            pending = DIGITS[word]
        elif word in {"mốt", "lăm"}:
            assert group % 10 == 0, "only behind tens"
            pending = {"mốt": 1, "lăm": 5}[word]
        elif word == "trăm":
            assert pending is not None
            group, pending = group + pending * 100, None
        elif word == "mươi":
            assert pending is not None
            assert pending > 1
            group, pending = group + pending * 10, None
        elif word == "mười":
            group, pending = group + 10, None
        elif word == "linh":
            assert group % 100 == 0
        elif word in {"nghìn", "triệu"}:
            total += (group + (pending or 0)) * {"nghìn": 1_000, "triệu": 1_000_000}[word]
            group, pending = 0, None
        else:
            assert word == "tỷ"
            billions = total + group + (pending or 0)
            total, group, pending = 0, 0, None
    return billions * 10**9 + total + group + (pending or 0)


@given(st.integers(0, 10**18 - 1))
def test_words_mean_the_number(number):
    assert understood(read_number(number)) == number


@given(st.integers(0, 10**6))
def test_small_numbers_too(number):
    assert understood(read_number(number)) == number


@given(st.integers(1, 10**18 - 1), st.integers(1, 10**18 - 1))
def test_different_numbers_read_differently(one, other):
    assert (read_number(one) == read_number(other)) == (one == other)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (1, "Một đồng"),
        (15, "Mười lăm đồng"),
        (21, "Hai mươi mốt đồng"),
        (105, "Một trăm linh năm đồng"),
        (1_005, "Một nghìn không trăm linh năm đồng"),
        (1_021, "Một nghìn không trăm hai mươi mốt đồng"),
        (10_500, "Mười nghìn năm trăm đồng"),
        (150_000, "Một trăm năm mươi nghìn đồng"),
        (1_250_000, "Một triệu hai trăm năm mươi nghìn đồng"),
        (1_000_005, "Một triệu không trăm linh năm đồng"),
        (15_055_000, "Mười lăm triệu không trăm năm mươi lăm nghìn đồng"),
        (1_005_000_000, "Một tỷ không trăm linh năm triệu đồng"),
        (1_234_567_000_003, "Một nghìn hai trăm ba mươi bốn tỷ năm trăm sáu mươi bảy triệu không trăm linh ba đồng"),
        (-71_000, "Âm bảy mươi mốt nghìn đồng"),
    ],
)  # fmt: skip
def test_as_documents_write_them(amount, words):
    assert in_words(amount) == words


def test_what_cannot_be_written_is_refused():
    with pytest.raises(ValueError, match="too large"):
        in_words(10**18)
