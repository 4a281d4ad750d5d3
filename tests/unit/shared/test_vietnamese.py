"""The order of a Vietnamese dictionary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vietnamese import sort_key


@pytest.mark.parametrize(
    "ordered",
    [
        ["Dũng", "Đạt", "Đức", "Em"],
        ["An", "Ánh", "Ăn", "Ân", "Bình"],
        ["ma", "mà", "mả", "mã", "má", "mạ"],
        ["Oanh", "Ôn", "Ơn", "Phúc"],
        ["Thu", "Thư", "Uyên", "Ưng", "Vân"],
        ["Lớp 2", "Lớp A", "Lớp Đ"],
    ],
)
def test_letters_come_in_the_order_of_the_alphabet_and_tones_after_them(ordered):
    assert sorted(set(ordered), key=sort_key) == ordered


@given(st.text(max_size=20))
def test_any_text_has_its_place(text):
    letters, tones = sort_key(text)
    assert len(letters) == len(tones)
