"""The code: what its distance promises, for every single slip of every place."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference import DATA_COUNT, is_reference, new_reference, normalize, random_reference
from shared.reference.code import (
    _SINGLES,
    _SWAPS,
    ALPHABET,
    FORBIDDEN,
    PREFIX,
    WORD_LENGTH,
    fill,
    is_word,
    repair,
)

references = st.integers(0, 2**32).map(lambda seed: random_reference(random.Random(seed)))
words = references.map(lambda reference: reference.removeprefix(PREFIX).encode())


def test_singles_and_swaps_are_told_apart() -> None:
    assert len(_SINGLES) == WORD_LENGTH * (len(ALPHABET) - 1)
    assert len(_SWAPS) == (WORD_LENGTH - 1) * (len(ALPHABET) - 1)
    assert not _SINGLES.keys() & _SWAPS.keys()


@given(words, words)
def test_any_two_words_differ_in_four_places(one: bytes, other: bytes) -> None:
    assert one == other or sum(a != b for a, b in zip(one, other, strict=True)) >= 4


@given(words)
def test_every_single_slip_is_repaired(word: bytes) -> None:
    assert repair(word) == (word, -1)
    for place in range(WORD_LENGTH):
        for symbol in ALPHABET.encode():
            if symbol != word[place]:
                assert repair(word[:place] + bytes([symbol]) + word[place + 1 :]) == (word, place)


@given(words)
def test_every_swap_is_repaired(word: bytes) -> None:
    for place in range(WORD_LENGTH - 1):
        swapped = word[:place] + word[place + 1 : place + 2] + word[place : place + 1] + word[place + 2 :]
        assert repair(swapped) == (word, place if swapped != word else -1)


@given(words)
def test_every_lost_symbol_is_filled_in(word: bytes) -> None:
    for place in range(WORD_LENGTH):
        assert fill(word[:place] + word[place + 1 :], place) == word


@given(references)
def test_a_reference_is_short_upper_case_and_like_no_other_text(reference: str) -> None:
    assert len(reference) == 11
    assert is_reference(reference)
    assert normalize(reference) == reference
    symbols = reference.removeprefix(PREFIX)
    assert not re.search("[OILZSGB]", symbols), "look-alikes"
    assert re.search("[3479]", symbols), "no text of letters alone is one"
    assert symbols[0] not in "AEUY0123456789", "a syllable begins with KH and a vowel, a customer's code with KH and a digit"
    assert not [mark for mark in FORBIDDEN if mark in symbols]


@given(st.integers(0, DATA_COUNT - 1))
def test_a_number_has_one_reference_or_none(data: int) -> None:
    try:
        reference = new_reference(data)
    except ValueError as error:
        assert "is not issued" in str(error)  # noqa: PT017 - most numbers have one
    else:
        assert is_word(reference.removeprefix(PREFIX).encode())


@pytest.mark.parametrize("data", [-1, DATA_COUNT])
def test_numbers_outside_are_refused(data: int) -> None:
    with pytest.raises(ValueError, match="from 0 to"):
        new_reference(data)


def test_references_are_drawn_evenly() -> None:
    rng = random.Random(5)
    drawn = [random_reference(rng) for _ in range(20_000)]
    assert len(set(drawn)) == len(drawn)
    firsts = [sum(reference[2] == symbol for reference in drawn) for symbol in "CDFJMNPQRTVWX"]
    assert max(firsts) < 1.3 * min(firsts)
