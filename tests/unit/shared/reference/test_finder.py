"""Every promise of the reference in a memo: what a payer or a bank may do to it, and what must not be taken for one."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.memos import dressed, memo_with, memo_without
from shared.reference import begun_references, find_references, is_reference, normalize, random_reference

SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SEPARATORS = " -_./:,;+*#()"
ALIKE = {"0": "Oo", "1": "IiLl", "2": "Zz", "5": "Ss", "6": "Gg", "8": "Bb"}
MARKS = "\N{COMBINING ACUTE ACCENT}\N{COMBINING GRAVE ACCENT}\N{COMBINING HORN}\N{COMBINING DOT BELOW}"
REFERENCE = "KHC3J9M2X8N"

references = st.integers(0, 2**32).map(lambda seed: random_reference(random.Random(seed)))
chances = st.integers(0, 2**32).map(random.Random)


def found(memo: str) -> list[str]:
    return [each.reference for each in find_references(memo)]


@st.composite
def slipped(draw: st.DrawFn) -> tuple[str, str]:
    """A reference, and it with one wrong character, two neighbours swapped, or the last character cut off."""
    reference = draw(references)
    place = draw(st.integers(0, len(reference) - 1))
    kind = draw(st.sampled_from(["wrong", "swapped", "cut"]))
    if kind == "cut":
        return reference, reference[:-1]
    if kind == "wrong":
        return reference, reference[:place] + draw(st.sampled_from(SYMBOLS)) + reference[place + 1 :]
    place = min(place, len(reference) - 2)
    return reference, reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]


@given(slipped())
def test_one_slip_is_repaired_and_nothing_else_is_named(case: tuple[str, str]) -> None:
    reference, text = case
    assert found(text) == [reference]


@pytest.mark.parametrize(("typed", "meant"), [("KH7ANMRPVN", "KHD7ANMRPVN"), ("KH98CEQ6YD", "KHX98CEQ6YD")])
def test_a_lost_first_symbol_is_filled_in_before_a_digit(typed: str, meant: str) -> None:
    assert found(typed) == [meant]


@given(slipped(), chances)
def test_one_slip_is_repaired_in_any_memo(case: tuple[str, str], chance: random.Random) -> None:
    reference, text = case
    assert reference in found(memo_with(chance, text))


@given(references, chances)
def test_case_separators_and_look_alikes_do_not_matter(reference: str, chance: random.Random) -> None:
    [one] = find_references(dressed(chance, reference))
    assert (one.reference, one.exact, one.edits) == (reference, True, 0)


@given(references, st.lists(st.tuples(st.integers(1, 10), st.sampled_from(SEPARATORS)), max_size=20))
def test_separators_may_stand_anywhere_in_any_number(reference: str, cuts: list[tuple[int, str]]) -> None:
    text = reference
    for place, separator in sorted(cuts, reverse=True):
        text = text[:place] + separator + text[place:]
    assert [(one.reference, one.exact) for one in find_references(f"nop {text} tien")] == [(reference, True)]


@given(references, st.lists(st.tuples(st.integers(0, 10), st.sampled_from(MARKS)), max_size=5), st.booleans())
def test_diacritics_do_not_matter(reference: str, marks: list[tuple[int, str]], composed: bool) -> None:
    letters = list(reference.lower())
    for place, mark in marks:
        letters[place] += mark
    text = unicodedata.normalize("NFC" if composed else "NFD", "".join(letters))
    assert [(one.reference, one.exact) for one in find_references(f"Nộp tiền ăn {text} đợt 1")] == [(reference, True)]


@given(references, st.data())
def test_every_look_alike_is_read_as_its_digit(reference: str, data: st.DataObject) -> None:
    typed = "".join(data.draw(st.sampled_from(ALIKE.get(letter, "") + letter)) for letter in reference)
    assert find_references(typed)[0][:3] == (reference, True, 0)
    assert normalize(typed) == reference


@pytest.mark.parametrize(
    "typed",
    ["КНС3Ј9М2Х8N", "ＫＨＣ３Ｊ９Ｍ２Ｘ８Ｎ", "KH\u200bC3J9\u2060M2X8N", "KHĆ3J9M2X8Ñ", "ΚHC3J9M2X8Ν", "ĸнc3j9м2x8n"],
)
def test_letters_of_the_same_shape_are_the_same(typed: str) -> None:
    """Cyrillic, full-width, marked and Greek letters, and characters that nobody sees."""
    assert find_references(typed)[0][:3] == (REFERENCE, True, 0)


@pytest.mark.parametrize(
    "memo",
    [
        f"HS{REFERENCE}", f"{REFERENCE}.CT tu 0123", f"le van a{REFERENCE}", f"{REFERENCE}123456", f"MKH{REFERENCE}KH",
        f"MBVCB.3278907687.{REFERENCE}.CT tu 0001000000001 NGUYEN VAN A toi 0123499999 TRUONG TIEU HOC B",
        f"SEVQR {REFERENCE}", f"SEVQRTKPABC{REFERENCE}", f"IBFT {REFERENCE}; tai Napas",
        "CUSTOMER KHC3J9 M2X8N nop tien. TU: NGUYEN VAN A", "104103000001-khc3j9m2x8n-CHUYEN TIEN-OQCH0002sFyH-MOMO104103000001MOMO",
    ],
)  # fmt: skip
def test_text_glued_to_either_side_does_not_matter(memo: str) -> None:
    assert find_references(memo)[0][:3] == (REFERENCE, True, 0)


@given(references, st.text(SYMBOLS + SYMBOLS.lower(), max_size=30), st.text(SYMBOLS + SYMBOLS.lower(), max_size=30))
@example(REFERENCE, "KH", "KH")
@example(REFERENCE, "KHC3J9M2X8", "N")
def test_whatever_is_glued_an_intact_reference_comes_first(reference: str, before: str, after: str) -> None:
    assert find_references(before + reference + after)[0][:3] == (reference, True, 0)


@given(st.lists(references, min_size=2, max_size=8, unique=True), st.sampled_from(["", " ", " va ", "+", "/"]))
def test_several_are_all_found(several: list[str], between: str) -> None:
    assert [one.reference for one in find_references(between.join(several)) if one.exact] == several


@given(st.lists(slipped(), min_size=2, max_size=4))
def test_several_with_a_slip_each_are_all_found(cases: list[tuple[str, str]]) -> None:
    assert {reference for reference, _ in cases} <= set(found(" nop ".join(text for _, text in cases)))


def test_one_that_stands_there_twice_is_named_once() -> None:
    assert found(f"{REFERENCE} NGUYEN VAN A {REFERENCE}") == [REFERENCE]


def test_an_exact_one_goes_before_a_repaired_one() -> None:
    other = random_reference(random.Random(1))
    assert found(f"{other[:-1]}0 {REFERENCE}") == [REFERENCE, other]


@pytest.mark.parametrize(
    ("memo", "shown"),
    [
        (f"nop {REFERENCE} tien", REFERENCE),
        ("nộp tiền ăn khc3j-9m2 x8n đợt 1", "khc3j-9m2 x8n"),
        ("đóng HSKHC3J9M2X8NCT", "KHC3J9M2X8N"),
        ("KHC3J9M2X8 CT tu", "KHC3J9M2X8"),
    ],
)
def test_where_it_stands_can_be_shown(memo: str, shown: str) -> None:
    [one] = find_references(memo)
    assert (one.reference, memo[one.start : one.end]) == (REFERENCE, shown)


def test_real_memos_hold_none() -> None:
    """Bank codes, phones, dossiers, dates, names in capitals: at most one exact in 100,000, and one corrected in 100."""
    rng = random.Random(5)
    exact = corrected = 0
    for _ in range(100_000):
        each = find_references(memo_without(rng))
        exact += any(one.exact for one in each)
        corrected += any(not one.exact for one in each)
    assert exact < 1
    assert corrected < 1_000


@pytest.mark.parametrize(
    "memo",
    [
        "", " ", "KH", "KHKHKH", "FT23012345678901", "0912345678", "000.00.00.H02-230101-0001", "24/11/2026 14:02:37",
        "NGUYEN THI KHANH CHUYEN KHOAN", "KHUYEN KHICH KHONG KHI", "CT DEN:416713881564", "MBVCB.3278907687",
        "104103000001-CHUYEN TIEN-OQCH0002sFyH-MOMO104103000001MOMO", "学校" * 50, "\x00\ud800",
    ],
)  # fmt: skip
def test_what_banks_and_people_write_is_none(memo: str) -> None:
    assert find_references(memo) == []


@given(st.text(max_size=300))
def test_no_memo_makes_it_stumble(memo: str) -> None:
    for one in find_references(memo):
        assert is_reference(one.reference)
        assert 0 <= one.start < one.end <= len(memo)
        assert one.exact == (one.edits == 0)


def test_the_beginning_of_a_reference_is_found_where_it_stands_alone() -> None:
    assert begun_references("khc3j9m, KHT4; KHC3J9M") == ["KHC3J9M", "KHT4"]
    assert begun_references("KHOAN KHANH KH KHC KH0123 XKHC3J KHC3J9M2X8N4RT khach hang") == []
