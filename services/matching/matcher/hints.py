"""What the memo says about which of a payer's notices is meant: months, and words of the fee."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from services.matching.matcher.reading import Reading
from services.matching.matcher.sums import Choice, wholes
from services.matching.matcher.text import SYLLABLES, fold, split
from services.matching.matcher.values import OpenNotice
from services.matching.matcher.vocabulary import BANK_WORDS, FEE_LETTERS, MONTH_WORDS, PLAIN_WORDS, words_in
from services.matching.matcher.words import DIGITS, OPEN, PARTY, PHRASE, PLAIN, Words

_LISTING = frozenset({",", "+", "&", "va"})
_DATE_SIGNS = frozenset({"/", "-", "."})
_MONTH_PIECES: Final = MONTH_WORDS | {"tha", "than"}
"""With the beginnings of "thang" where a bank's wrap broke it."""
_SPELT: Final = {"gieng": 1, "chin": 9, "muoi": 10, "muoi mot": 11, "muoi hai": 12}
"""Months in words, as far as they mean nothing else: "thang tu" may be a name."""
_YEAR = re.compile(r"20\d\d")
_ISO_MONTH = re.compile(r"20\d\d-(\d\d)(?:-\d\d)?")
_EMPTY_WORDS: Final = words_in(
    "tien phi thu nop dong thang nam hoc ky ki cua va cho lop truong hs sinh so ngay dot lan tieu t th khoan cac kinh dich vu xin"
)
"""Words of purposes that name no fee; "học phí" is none in a public school: it means "school money" there."""

_MEALS: Final = words_in("an com trua")
_SYNONYMS: Final = (_MEALS, words_in("bhyt hiem"))
_FEE_LETTERS: Final = words_in("bh vs") | FEE_LETTERS - {"hp"}
"""Two letters that name a fee; "hp" is school money of any kind."""
INITIALS_MIN: Final = 3
"""Fewer initials than this stand in any code."""
_BANKS_PHRASES: Final = frozenset({"com bank", "dien thoai", "dien tu", "hoa don", "truc tuyen", "viet com"})
"""Two words that are of no fee together, for banks write them too: "kenh dien tu" is no "sổ liên lạc điện tử"."""

CLOSE: Final = 8
"""A sum that differs from what is owed by no more than one such part of it is close to it."""


class Hints(NamedTuple):
    """The memo's own words."""

    months: frozenset[int]
    words: frozenset[str]
    """What may name a fee: phrases, and words that do so alone ("nuoc"). None of names of people and schools: "An" is no meal."""
    phrases: frozenset[str]
    """Neighbouring runs in pairs ("xe dap"), without those that banks write by themselves."""
    without_names: bool = False


class Purpose(NamedTuple):
    """What a notice is called, as it can be found in a memo."""

    month: int | None
    words: frozenset[str]
    """What may name it: its words, its neighbouring words in pairs ("xe dap"), and their initials ("bhyt")."""


def hints_of(reading: Reading) -> Hints:
    """Months and words of a memo."""
    mentions = reading.found.get("mentions")
    known: Hints | None = reading.found.get("hints")
    if known is None or (mentions is not None and not known.without_names):
        words = reading.words
        names = {place for mention in mentions or () for place in range(mention.start, mention.end)}
        strange = (
            names | words.schools | {place for place in range(len(words.runs)) if words.about[place] in {DIGITS, PARTY}}
        )
        pairs = [place for place in range(len(words.runs) - 1) if place not in strange and place + 1 not in strange]
        of_banks = {place for place in pairs if _is_banks(words.runs[place], words.runs[place + 1])}
        phrases = frozenset([" ".join(words.runs[place : place + 2]) for place in pairs if place not in of_banks])
        strange |= of_banks | {place + 1 for place in of_banks}
        alone = [
            run for place, run in enumerate(words.runs) if place not in strange and _may_name_fee(words, place, strange)
        ]
        months = _months(words.runs, words.gaps, names)
        known = reading.found["hints"] = Hints(months, phrases.union(alone), phrases, mentions is not None)
    return known


def _is_banks(left: str, right: str) -> bool:
    """Whether banks write these two words by themselves: "tai khoan", "dien tu"."""
    return (left in BANK_WORDS and right in BANK_WORDS) or f"{left} {right}" in _BANKS_PHRASES


def _may_name_fee(words: Words, place: int, strange: Container[int]) -> bool:
    """Whether a run may name a fee without its neighbours: "nuoc"; "an" in a phrase only, for people are called so, as "tu", "the"
    and "tai" are, which banks write, and "ban" of "ban tru", which is no "ban dai dien". No part of a run does that was taken
    apart: neither "com" of "vietcombank" nor "st" of "J6ST0X".
    """
    runs, gaps = words.runs, words.gaps
    run, kind = runs[place], words.about[place]
    if run in BANK_WORDS or (place and not gaps[place]) or (place + 1 < len(runs) and not gaps[place + 1]):
        return False
    if run in _FEE_LETTERS:
        is_name = run in words.names and place + 1 < len(runs) and words.could_be_named(place + 1)  # "Tạ Thị Loan"
        return kind <= PLAIN and not is_name
    if run in words.names:
        return kind == PHRASE and run in _MEALS
    return kind != OPEN or not _has_unknown_neighbour(words, place, strange)


def _has_unknown_neighbour(words: Words, place: int, strange: Container[int]) -> bool:
    """Whether a word that nothing explains stands beside a run: "lac" is part of a place's name in "GDTX AN LAC", no contact book."""
    return any(
        0 <= at < len(words.runs) and at not in strange and words.about[at] == OPEN and words.gaps[max(at, place)] == " "
        for at in (place - 1, place + 1)
    )


def _months(runs: Sequence[str], gaps: Sequence[str], names: Container[int] = ()) -> frozenset[int]:
    """Months that are certainly months: "t11", "thang 11", "thang muoi mot", "11/2026", "thang 9, 10". `names`: places of people's
    names: "Thắng 2A".
    """
    found: set[int] = set()
    if _MONTH_PIECES.isdisjoint(runs) and not any(_YEAR.fullmatch(run) for run in runs):
        return frozenset()
    for place in range(len(runs) - 1):
        run = runs[place]
        if run + runs[place + 1] == "thang" and gaps[place + 1].isspace() and place + 2 < len(runs):
            found |= _months_behind(runs, gaps, place + 2)  # a bank's wrap: "t hang 10"
        elif run in MONTH_WORDS and place not in names:
            if not (place and not gaps[place] and runs[place - 1][0] <= "9"):  # not inside a code: "1T9LA"
                found |= _months_behind(runs, gaps, place + 1)
        elif _is_month(run) and _YEAR.fullmatch(runs[place + 1]) and _is_month_of_year(runs, gaps, place):
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
    if sign not in _DATE_SIGNS and sign.strip() != "/":
        return False
    before, is_glued = (runs[place - 1], not gaps[place]) if place else ("", False)
    if is_glued and before not in PLAIN_WORDS and before not in SYLLABLES:
        return False
    goes_on = place + 2 < len(runs) and runs[place + 2][0] <= "9" and gaps[place + 2] == sign
    return not goes_on and not (before and before[0] <= "9" and gaps[place] in _DATE_SIGNS)


def _is_glued(runs: Sequence[str], gaps: Sequence[str], at: int) -> bool:
    """Whether a number goes on as that of a class or a code does: "Thắng 2A", "TH8EOK", "TH12-0132"."""
    if at + 1 == len(runs):
        return False
    gap, after = gaps[at + 1], runs[at + 1]
    if after[0] <= "9":
        return gap == "-" and len(after) in {3, 4, 5} and not _YEAR.fullmatch(after)
    return not gap and (len(after) == 1 or after not in SYLLABLES)


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


@lru_cache(maxsize=65_536)
def purpose_of(purpose: str, period: str) -> Purpose:
    """A notice's month, from its purpose or its period, and what names its fee."""
    runs, gaps = split(fold(purpose))
    months = _months(runs, gaps) or _months(*split(fold(period))) or _iso_month(period)
    letters = [run for run in runs if run[0] > "9"]
    words = {run for run in letters if len(run) > 1 and run not in _EMPTY_WORDS}
    words |= {word for same in _SYNONYMS if not same.isdisjoint(words) for word in same}
    groups = [
        letters[start:end] for start in range(len(letters)) for end in range(start + 2, min(start + 5, len(letters)) + 1)
    ]
    words |= {" ".join(group) for group in groups if len(group) == 2 and not _EMPTY_WORDS.issuperset(group)}
    words |= {initials for group in groups if _may_be_initials(initials := "".join([word[0] for word in group]))}
    return Purpose(min(months) if len(months) == 1 else None, frozenset(words))


def _may_be_initials(letters: str) -> bool:
    """Whether these letters name a fee: "bhyt"; no two letters that stand in any code, and no "thu" for "tin học ứng dụng"."""
    return letters in _FEE_LETTERS or (len(letters) >= INITIALS_MIN and letters not in SYLLABLES)


def _iso_month(period: str) -> frozenset[int]:
    match = _ISO_MONTH.fullmatch(period.strip())
    return frozenset({int(match[1])}) if match and 1 <= int(match[1]) <= 12 else frozenset()


def month_of(notice: OpenNotice) -> int | None:
    """The month that a notice is for: as its purpose or period says, else the one in which it was issued."""
    month = purpose_of(notice.purpose, notice.period).month
    return notice.issued_on.month if month is None and notice.issued_on is not None else month


def fits_months(hints: Hints, notices: Sequence[OpenNotice]) -> bool:
    """Whether the notices are of the months that the memo names, all of them; true where it names none."""
    if not hints.months:
        return True
    months = {month for notice in notices if (month := month_of(notice)) is not None}
    return months <= hints.months and (not months or hints.months <= months or len(hints.months) == 1)


def names_any(hints: Hints, notices: Sequence[OpenNotice]) -> bool:
    """Whether a word of the memo may name one of these fees."""
    return any(not hints.words.isdisjoint(purpose_of(each.purpose, each.period).words) for each in notices)


def named_instead(hints: Hints, choice: Choice, others: Sequence[OpenNotice]) -> list[OpenNotice]:
    """Of other open notices those that the memo names, where it names nothing of the choice: by the month, or by words of the fee."""
    if hints.months and not fits_months(hints, choice):
        kinds = {notice.fee_kind for notice in choice}
        return [each for each in others if each.fee_kind in kinds and month_of(each) in hints.months]
    if names_any(hints, choice):
        return []
    return [each for each in others if names_any(hints, [each])]


def named_among(hints: Hints, choices: Sequence[Choice], wholes: Container[Choice] = ()) -> list[Choice]:
    """Those of some choices of notices that the memo's months and words mean; all where it does not say.

    Words mean a choice where they name every notice of it, or one of a whole bill or month (`wholes`): who writes "nuoc" pays
    water, or all that was asked for together, but not water with the bicycle of another bill.
    """
    if len(choices) < 2:
        return list(choices)
    left = [each for each in choices if fits_months(hints, each)] if hints.months else list(choices)
    left = left or list(choices)
    if len(left) < 2:
        return left
    words = {notice.notice_id: purpose_of(notice.purpose, notice.period).words for choice in left for notice in choice}
    telling = hints.words - frozenset.intersection(*words.values())
    if not telling:
        return left
    named = []
    for choice in left:
        told = [telling & words[notice.notice_id] for notice in choice]
        if all(told) or (choice in wholes and any(told)):
            named.append((choice, frozenset[str]().union(*told)))
    # "cham soc ban tru" names the meals too, by fewer of its words.
    return [choice for choice, told in named if not any(told < other for _, other in named)] or left


def nearest(hints: Hints, amount: int, owed: Sequence[OpenNotice]) -> list[Choice]:
    """Single notices, bills, months and everything of what is owed, those first that memo and sum come nearest to: of the month that
    is named, of a sum that a transfer fee or a rounding makes the amount, of the fee of which most is said. "cham soc ban tru" with
    123,000 is the care of 120,000, though the meals are "ban tru" too.
    """
    words = {notice.notice_id: purpose_of(notice.purpose, notice.period).words for notice in owed}
    telling = hints.words - frozenset.intersection(*words.values())

    def rank(choice: Choice) -> tuple[bool, int, int, bool, int]:
        total = sum([notice.open for notice in choice])
        named = len(telling.intersection(*[words[notice.notice_id] for notice in choice]))
        is_close = abs(total - amount) * CLOSE <= total
        return not fits_months(hints, choice), -(is_close + bool(named)), -named, total < amount, abs(total - amount)

    return sorted([*((notice,) for notice in owed), *wholes(owed)], key=rank)
