"""Months in a memo or in a fee's name, and what a hand or a bank's wrap did to the words for them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Final

from services.matching.matcher.text import SYLLABLES, is_slip
from services.matching.matcher.vocabulary import CHILD_WORDS, COUNTED_WORDS, FEE_LETTERS, MONTH_WORDS, PLAIN_WORDS, words_in

_LISTING = frozenset({",", "+", "&", "va"})
_DATE_SIGNS = frozenset({"/", "-", "."})
_CODE_SIGNS = frozenset({"", ".", "_", "/"})
_MONTH_PIECES: Final = MONTH_WORDS | {"tha", "than"}
"""With the beginnings of "thang" where a bank's wrap broke it."""
_SPELT: Final = {"gieng": 1, "chin": 9, "muoi": 10, "muoi mot": 11, "muoi hai": 12}
"""Months in words, as far as they mean nothing else: "thang tu" may be a name."""
_COUNTED: Final = COUNTED_WORDS - MONTH_WORDS | words_in("hk k khoa ki l lp")
"""A number behind one of these is no month, though a year follows: "lop 10 2026", "ky 1 2026"."""
_MONTH: Final = "thang"
_MONTH_ENDS: Final = ("thang", "thg", "th", "t")
"""What a word for months may be glued to the word before it as: "tien truat10"."""
_BEFORE_MONTHS: Final = FEE_LETTERS | words_in("bh bhyt dv hoc hphi hs phi tru trua vs xe")
"""Fees in short and words of them that are something else with a letter more: "hpt10", "gui xet10" is no "xét"."""


def part_months(runs: list[str], gaps: list[str]) -> None:
    """Write out the words for months that stand before a number and were glued to the word before, or have a slip: "ban trut11",
    "thag 9".
    """
    for place in range(len(runs) - 2, -1, -1):
        run, number = runs[place], runs[place + 1]
        if number[0] > "9" or run[0] <= "9" or len(run) < MONTH_LENGTH_MIN or not _is_month(number):
            continue
        if run in MONTH_WORDS or _is_glued(runs, gaps, place + 1):
            continue
        if run not in SYLLABLES and is_slip(run, _MONTH) and not gaps[place + 1].strip(" ."):
            runs[place] = _MONTH
        elif (end := _month_end(run)) and _stands_close(run[: -len(end)], gaps[place + 1]):
            runs[place : place + 1] = [run[: -len(end)], end]
            gaps.insert(place + 1, " ")


def _stands_close(before: str, gap: str) -> bool:
    """Whether a number belongs to the word for months that is glued to another: "tant 9" may be a name, "cont 9" none."""
    return not gap.strip("." if before not in CHILD_WORDS else " .")


def _month_end(run: str) -> str:
    """The word for months that is glued to the end of a run; empty where none is."""
    for end in _MONTH_ENDS:
        before = run.removesuffix(end)
        is_word = before in SYLLABLES and len(before) > 1 and run not in SYLLABLES
        if before != run and (is_word or before in _BEFORE_MONTHS):
            return end
    return ""


MONTH_LENGTH_MIN: Final = 3
"""A shorter run is no word with one for months behind."""


def months_in(runs: Sequence[str], gaps: Sequence[str], names: Container[int] = ()) -> frozenset[int]:
    """Months that are certainly months: "t11", "thang 11", "thang muoi mot", "11/2026", "thang 9, 10". `names`: places of people's
    names: "Thắng 2A".
    """
    found: set[int] = set()
    if _MONTH_PIECES.isdisjoint(runs) and not any(_is_year(run) for run in runs):
        return frozenset()
    for place in range(len(runs) - 1):
        run = runs[place]
        if run + runs[place + 1] == "thang" and gaps[place + 1].isspace() and place + 2 < len(runs):
            found |= _months_behind(runs, gaps, place + 2)  # a bank's wrap: "t hang 10"
        elif run in MONTH_WORDS and place not in names:
            if not (place and not gaps[place] and runs[place - 1][0] <= "9"):  # not inside a code: "1T9LA"
                found |= _months_behind(runs, gaps, place + 1)
        elif _is_month(run) and _is_year(runs[place + 1]) and _is_month_of_year(runs, gaps, place):
            found.add(int(run))
    return frozenset(found)


def _months_behind(runs: Sequence[str], gaps: Sequence[str], first: int) -> set[int]:
    """The months behind a word for them, the first of which stands at `first`."""
    if runs[first] in _SPELT and runs[first - 1] == "thang":
        return {_SPELT.get(" ".join(runs[first : first + 2]), _SPELT[runs[first]])}
    if not _is_month(runs[first]) or _is_glued(runs, gaps, first):
        return set()
    if runs[first : first + 2] == ["1", "0"] and gaps[first + 1].isspace():
        return {10}  # a bank's wrap: "t1 0"
    found = {int(runs[first])}
    at = first + 1
    while at < len(runs) and _goes_on(runs, gaps, at):
        if _is_month(runs[at]):
            found.add(int(runs[at]))
        at += 1
    return found


def _is_month_of_year(runs: Sequence[str], gaps: Sequence[str], place: int) -> bool:
    """Whether a number before a year's is a month: "11 /2026"; but not in "05.11.2026", nor in a code, "SD11.2019.198"."""
    sign = gaps[place + 1]
    before, is_glued = (runs[place - 1], not gaps[place]) if place else ("", False)
    lost_sign = sign == " " and before > "9" and before not in _COUNTED  # a bank took it: "tien nuoc 10 2026"
    if sign not in _DATE_SIGNS and sign.strip() != "/" and not lost_sign:
        return False
    if is_glued and before not in PLAIN_WORDS and before not in SYLLABLES:
        return False
    goes_on = place + 2 < len(runs) and runs[place + 2][0] <= "9" and gaps[place + 2] == sign
    return not goes_on and not (before and before[0] <= "9" and gaps[place] in _DATE_SIGNS)


def _is_glued(runs: Sequence[str], gaps: Sequence[str], at: int) -> bool:
    """Whether a number goes on as that of a class or a code does: "Thắng 2A", "TH8EOK", "TH12-0132", "TH12.0095", "TH.02.0173"."""
    if at + 1 == len(runs):
        return False
    gap, after = gaps[at + 1], runs[at + 1]
    if after[0] <= "9":
        is_of_code = not gaps[at] or gaps[at] == gap == "."
        is_numbered = gap == "-" or (after[0] == "0" and is_of_code and gap.strip() in _CODE_SIGNS)
        return is_numbered and len(after) in {3, 4, 5} and not _is_year(after)
    return not gap and (len(after) == 1 or (after not in SYLLABLES and after not in PLAIN_WORDS))


def _goes_on(runs: Sequence[str], gaps: Sequence[str], at: int) -> bool:
    """Whether months go on: "9, 10", "9 và 10", "9-10"; but "11, 2a" and "11, 1.3" go on with a class."""
    if runs[at] == "va":
        return (
            runs[at - 1] != "va" and at + 1 < len(runs) and _is_month(runs[at + 1]) and not _is_of_class(runs, gaps, at + 1)
        )
    if not _is_month(runs[at]):
        return False
    if _is_range(runs, gaps, at):
        return True
    is_listed = runs[at - 1] == "va" or gaps[at].strip() in _LISTING
    return is_listed and not _is_of_class(runs, gaps, at)


def _is_of_class(runs: Sequence[str], gaps: Sequence[str], at: int) -> bool:
    """Whether a number begins a class, or a date."""
    if at + 1 == len(runs):
        return False
    gap, after = gaps[at + 1], runs[at + 1]
    last = next((int(run) for run in reversed(runs[:at]) if run[0] <= "9"), 0)
    if gap and int(runs[at]) == last + 1:
        return False
    return (not gap or len(after) == 1) if after[0] > "9" else gap in _DATE_SIGNS and len(after) <= 2


def _is_range(runs: Sequence[str], gaps: Sequence[str], at: int) -> bool:
    """Whether a month follows the one before it: "t10-11"; "10-12" may be a day."""
    is_date = at + 1 < len(runs) and gaps[at + 1].strip() in _DATE_SIGNS and runs[at + 1][0] <= "9"
    return gaps[at].strip() == "-" and int(runs[at]) == int(runs[at - 1]) + 1 and not is_date


def _is_month(run: str) -> bool:
    return len(run) <= 2 and run[0] <= "9" and 1 <= int(run) <= 12


def _is_year(run: str) -> bool:
    return len(run) == 4 and run[:2] == "20" and "1" <= run[2] <= "3"
