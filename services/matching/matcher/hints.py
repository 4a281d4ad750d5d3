"""What the memo says about which of a payer's notices is meant: months, and words of the fee."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from services.matching.matcher.codes import CODE_WORDS
from services.matching.matcher.months import months_in
from services.matching.matcher.reading import Reading
from services.matching.matcher.sums import Choice, wholes
from services.matching.matcher.text import SYLLABLES, fold, split
from services.matching.matcher.values import OpenNotice
from services.matching.matcher.vocabulary import BANK_WORDS, CHILD_WORDS, FEE_LETTERS, MONTH_WORDS, words_in
from services.matching.matcher.words import DIGITS, OPEN, PARTY, PHRASE, PLAIN, Words

_ISO_MONTH = re.compile(r"20\d\d-(\d\d)(?:-\d\d)?")
_EMPTY_WORDS: Final = words_in(
    "tien phi thu nop dong thang nam hoc ky ki cua va cho lop truong hs sinh so ho ngay dot lan tieu t th khoan cac kinh dich vu vien "
    "xin benh le"
)
"""Words of purposes that name no fee; "học phí" is none in a public school: it means "school money" there, as "viện phí"
is any money of a hospital, and every application is a "hồ sơ"."""

_PARENTS: Final = frozenset({"phu", "huynh", "phu huynh"})
"""Who pays, and no fund of theirs: "phu huynh Le Thi Ha"."""
_MEALS: Final = words_in("an com trua")
_SYNONYMS: Final = (
    _MEALS,
    frozenset({"nuoc", "nc"}),
    frozenset({"dong phuc", "quan ao", "ao quan"}),
    frozenset({"ve sinh", "vsinh"}),
    frozenset({"cham soc", "trong trua", "ngu trua", "vu ban", "ly ban"}),
    frozenset({"quy phu", "quy ph", "quy hoi", "quy cha", "quy cmhs", "hoi phu", "hoi cha"}),
    frozenset({"so lien", "so ll", "sll"}),
    frozenset({"tam ung", "dat coc"}),
)
"""Words and pairs of words that name one fee: the care at noon is a "dịch vụ bán trú", and no meal."""
_BOARDING: Final = frozenset({"ban tru"})
"""Where meals and care are two fees, this names both."""
_AT_NOON: Final = words_in("cham coi giu ly nghi ngu quan soc trong truc vu")
"""Before "trua" these speak of care, and of no meal."""
_FEE_LETTERS: Final = words_in("bh vs") | FEE_LETTERS - {"hp"}
"""Two letters that name a fee; "hp" is school money of any kind."""
_BY_THE_WAY: Final = words_in("ve xin")
"""Words that stand in a memo for another reason than a fee: where money goes to ("gửi về"), courtesy ("xin cảm ơn" is no "vắc xin")."""
_DEPARTMENT_WORDS: Final = frozenset({"k", "khoa"})
_DEPARTMENTS: Final = [["kham", "benh"], ["hoi", "suc"], ["cap", "cuu"], ["xet", "nghiem"], ["phuc", "hoi"]]
"""Departments of two words; any other is its first."""
_BEFORE_NAMES: Final = CHILD_WORDS | words_in("l lop lp")
"""What stands between "với" and another child."""
INITIALS_MIN: Final = 3
"""Fewer initials than this stand in any code."""
INITIALS_MAX: Final = 6
"""Of so many words at most: "xntthn" is "xác nhận tình trạng hôn nhân"."""
_BANKS_PHRASES: Final = frozenset({"com bank", "dien thoai", "dien tu", "hoa don", "truc tuyen", "viet com"})
"""Two words that are of no fee together, for banks write them too: "kenh dien tu" is no "sổ liên lạc điện tử"."""

SOON_MAX: Final = 3
"""So many months ahead somebody may pay."""
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
        runs, about = words.runs, words.about
        names = {place for mention in mentions or () for place in range(mention.start, mention.end)}
        strange = bytearray([about[place] in {DIGITS, PARTY} for place in range(len(runs))])
        for place in (*names, *words.schools, *_departments(runs)):
            strange[place] = True
        of_banks: list[int] = []
        pairs: list[str] = []
        for place in range(len(runs) - 1):
            if not (strange[place] or strange[place + 1]):
                pair = f"{runs[place]} {runs[place + 1]}"
                # Banks write some by themselves: "tai khoan", "dien tu".
                if (runs[place] in BANK_WORDS and runs[place + 1] in BANK_WORDS) or pair in _BANKS_PHRASES:
                    of_banks += (place, place + 1)
                else:
                    pairs.append(pair)
        for place in of_banks:
            strange[place] = True
        alone = [run for place, run in enumerate(runs) if not strange[place] and _may_name_fee(words, place, strange)]
        phrases = frozenset(pairs)
        months = months_in(runs, words.gaps, names)
        known = reading.found["hints"] = Hints(months, phrases.union(alone), phrases, mentions is not None)
    return known


def _departments(runs: Sequence[str]) -> list[int]:
    """Places of a hospital's departments: who lies in "k.kham benh" does not pay for "khám bệnh"."""
    found: list[int] = []
    for place, run in enumerate(runs[:-1]):
        if run in _DEPARTMENT_WORDS:
            found += range(place, place + (3 if runs[place + 1 : place + 3] in _DEPARTMENTS else 2))
    return found


def _may_name_fee(words: Words, place: int, strange: bytearray) -> bool:
    """Whether a run may name a fee without its neighbours: "nuoc"; "an" in a phrase only, for people are called so, as "tu", "the"
    and "tai" are, which banks write, and "ban" of "ban tru", which is no "ban dai dien". No part of a run does that was taken
    apart: neither "com" of "vietcombank" nor "st" of "J6ST0X".
    """
    runs, gaps = words.runs, words.gaps
    run, kind = runs[place], words.about[place]
    if (
        run in BANK_WORDS
        or run in _BY_THE_WAY
        or (place and not gaps[place])
        or (place + 1 < len(runs) and not gaps[place + 1])
    ):
        return False
    if run in _FEE_LETTERS:
        if place and place + 1 == len(runs) and ";" in gaps[place]:
            return False  # "…; ta" is a cut "tai Napas"
        is_name = run in words.names and place + 1 < len(runs) and words.could_be_named(place + 1)  # "Tạ Thị Loan"
        return kind <= PLAIN and not is_name and not (run == "vs" and _stands_between(runs, place, strange))
    if run == "trua" and place and runs[place - 1] in _AT_NOON:
        return False
    if run in words.names:
        return kind == PHRASE and run in _MEALS
    return kind != OPEN or not _has_unknown_neighbour(words, place, strange)


def _stands_between(runs: Sequence[str], place: int, strange: bytearray) -> bool:
    """Whether a run stands between names, classes and numbers: "An 3A vs em Binh 5B" says "với" and names no "vệ sinh"."""
    after = place + 1
    while after < len(runs) and (runs[after] in _BEFORE_NAMES):
        after += 1
    return place > 0 and after < len(runs) and bool(strange[place - 1] and strange[after])


def _has_unknown_neighbour(words: Words, place: int, strange: bytearray) -> bool:
    """Whether a word that nothing explains stands beside a run: "lac" is part of a place's name in "GDTX AN LAC", no contact book."""
    return any(
        0 <= at < len(words.runs) and not strange[at] and words.about[at] == OPEN and words.gaps[max(at, place)] == " "
        for at in (place - 1, place + 1)
    )


@lru_cache(maxsize=65_536)
def purpose_of(purpose: str, period: str) -> Purpose:
    """A notice's month, from its purpose or its period, and what names its fee."""
    runs, gaps = split(fold(purpose))
    months = months_in(runs, gaps) or months_in(*split(fold(period))) or _iso_month(period)
    letters = [run for run in runs if run[0] > "9"]
    words = {run for run in letters if len(run) > 1 and run not in _EMPTY_WORDS}
    groups = [
        letters[start:end]
        for start in range(len(letters))
        for end in range(start + 2, min(start + INITIALS_MAX, len(letters)) + 1)
    ]
    pairs = [group for group in groups if len(group) == 2 and MONTH_WORDS.isdisjoint(group)]
    words |= {" ".join(pair) for pair in pairs if not _EMPTY_WORDS.issuperset(pair)}
    words -= _PARENTS
    words |= {word for same in _SYNONYMS if not same.isdisjoint(words) for word in same}
    if not _MEALS.isdisjoint(words):
        words |= _BOARDING
    if "bhyt" in words or {"hiem", "te"} <= words:
        words |= {"bhyt", "hiem"}
    words |= {initials for group in groups if _may_be_initials(initials := "".join([word[0] for word in group]))}
    return Purpose(min(months) if len(months) == 1 else None, frozenset(words))


def _may_be_initials(letters: str) -> bool:
    """Whether these letters name a fee: "bhyt"; no two letters that stand in any code, no "mhs", which is "mã học sinh", and no "thu"
    for "tin học ứng dụng".
    """
    return letters in _FEE_LETTERS or (
        len(letters) >= INITIALS_MIN and letters not in SYLLABLES and letters not in CODE_WORDS
    )


def _iso_month(period: str) -> frozenset[int]:
    match = _ISO_MONTH.fullmatch(period.strip())
    return frozenset({int(match[1])}) if match and 1 <= int(match[1]) <= 12 else frozenset()


def month_of(notice: OpenNotice) -> int | None:
    """The month that a notice is for: as its purpose or period says, else the one in which it was issued."""
    month = purpose_of(notice.purpose, notice.period).month
    return notice.issued_on.month if month is None and notice.issued_on is not None else month


def names_later_month(hints: Hints, choice: Choice) -> bool:
    """Whether the memo names one month, and it comes soon after that of every notice: it is paid before it is asked for, perhaps."""
    if len(hints.months) != 1:
        return False
    [named] = hints.months
    months = [purpose_of(notice.purpose, notice.period).month for notice in choice]
    return all(month is not None and 0 < (named - month) % 12 <= SOON_MAX for month in months)


def _is_of_no_month(hints: Hints, notice: OpenNotice) -> bool:
    """Whether neither purpose nor period says a month, and the one in which it was issued is none that the memo names."""
    return purpose_of(notice.purpose, notice.period).month is None and month_of(notice) not in hints.months


def fits_months(hints: Hints, notices: Sequence[OpenNotice]) -> bool:
    """Whether the notices are of the months that the memo names, all of them; true where it names none. In "an t10, bhyt" the month is
    the meals': an insurance for the year is of no month, where it is named beside them.
    """
    if not hints.months:
        return True
    of_months = [notice for notice in notices if not (_is_of_no_month(hints, notice) and names_any(hints, [notice]))]
    months = {month for notice in of_months or notices if (month := month_of(notice)) is not None}
    return months <= hints.months and (not months or hints.months <= months or len(hints.months) == 1)


def names_any(hints: Hints, notices: Sequence[OpenNotice]) -> bool:
    """Whether a word of the memo may name one of these fees."""
    return any(not hints.words.isdisjoint(_words_of(each)) for each in notices)


def named_instead(hints: Hints, choice: Choice, others: Sequence[OpenNotice]) -> list[OpenNotice]:
    """Of other open notices those that the memo names, where it names nothing of the choice: by the month, or by words of the fee."""
    if hints.months and not fits_months(hints, choice):
        kinds = {notice.fee_kind for notice in choice}
        return [each for each in others if each.fee_kind in kinds and month_of(each) in hints.months]
    told = hints.words & frozenset[str]().union(*[_words_of(each) for each in choice])
    if not told <= _BOARDING:
        return []
    # "bán trú" alone may mean meals or care: the sum tells; "chăm sóc bán trú" means the care.
    return [each for each in others if told < hints.words & _words_of(each)]


def _words_of(notice: OpenNotice) -> frozenset[str]:
    return purpose_of(notice.purpose, notice.period).words


def passes_over(hints: Hints, choice: Choice, others: Sequence[OpenNotice]) -> list[OpenNotice]:
    """Of other open notices those that words of the memo name which name nothing of the choice: "ban tru, quy phu huynh" is not paid by
    the meals and their service.
    """
    telling = hints.words.difference(*[_words_of(notice) for notice in choice])
    return [each for each in others if not telling.isdisjoint(_words_of(each))]


def names_each(hints: Hints, choice: Choice, owed: Sequence[OpenNotice]) -> bool:
    """Whether words that tell these fees from each other name every notice of a choice; true where the memo holds no such words."""
    words = [_words_of(notice) for notice in owed]
    telling = hints.words - frozenset.intersection(*words)
    if all(telling.isdisjoint(each) for each in words):
        return True
    return all(names_any(hints, [notice]) for notice in choice)


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
    words = {notice.notice_id: _words_of(notice) for choice in left for notice in choice}
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
    words = {notice.notice_id: _words_of(notice) for notice in owed}
    telling = hints.words - frozenset.intersection(*words.values())

    def rank(choice: Choice) -> tuple[bool, int, int, bool, int]:
        total = sum([notice.open for notice in choice])
        named = len(telling.intersection(*[words[notice.notice_id] for notice in choice]))
        is_close = abs(total - amount) * CLOSE <= total
        return not fits_months(hints, choice), -(is_close + bool(named)), -named, total < amount, abs(total - amount)

    return sorted([*((notice,) for notice in owed), *wholes(owed)], key=rank)
