"""The last stage: nothing decides, so what a person should look at first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.matching.matcher import guardians, marks
from services.matching.matcher.beside import begun_bills
from services.matching.matcher.book import Book
from services.matching.matcher.classes import class_mentions
from services.matching.matcher.evidence import Fact
from services.matching.matcher.habits import FAMILY_MAX
from services.matching.matcher.hints import fits_months, hints_of, names_any
from services.matching.matcher.names import Grade, agreement
from services.matching.matcher.owing import fits, issued
from services.matching.matcher.paying import MAX_CANDIDATES, best_of
from services.matching.matcher.reading import Reading
from services.matching.matcher.sums import Choice
from services.matching.matcher.text import is_slip
from services.matching.matcher.values import Decision, OpenNotice, Payer, SiteRules, Suggestion
from services.matching.matcher.words import DIGITS, OPEN, PLAIN, Words
from shared.events.payments import Reason

CUT_LENGTH_MIN: Final = 7
"""KH and five symbols: one school in a thousand has two references that begin so."""
SAME_SUM_MAX: Final = 3
"""More notices than this with one sum open are no suggestion."""
CODE_END_MIN: Final = 4
RESEMBLING_MIN: Final = 0.7
"""So much of a name's letters must stand in the memo to be offered."""
WEAK: Final = 0.3
ONLY_SUM: Final = 0.1


def suggest(reading: Reading, book: Book, _rules: SiteRules) -> Decision | None:
    """Bills of repaired and cut references, whoever is named however weakly, whom the account pays for, a class's notices, the children
    of the guardian who sends, and the same sum.
    """
    site_id = reading.incoming.site_id
    if site_id is None:
        return None
    proposals: dict[tuple[str, ...], float] = {}
    facts = [*_cut(reading, book, proposals), *_slipped(reading, book, site_id, proposals)]
    has_reference = bool(facts)
    named = marks.everybody(reading, book)
    children = guardians.named(reading, book, site_id)
    if not named and not children:
        named = _resembling(reading, book, site_id)
    for fact, choice in (*guardians.by_phone(reading, book, site_id), *children):
        facts.append(fact)
        _add(proposals, choice, WEAK)
    known = _known(reading, book, facts, is_named=bool(named))
    early, late = _in_turn(reading, named, known)
    _add_best(reading, proposals, early, WEAK)
    if not named:
        for choice in (tuple(_whole_class(reading, book)), *_of_class(reading, book)):
            _add(proposals, choice, WEAK)
    for fact, choice in guardians.senders(reading, book, site_id, is_named=bool(named)):
        facts.append(fact)
        _add(proposals, choice, WEAK)
    if not proposals:
        facts.append(Fact("amount_fits_only", holds=False))
    same = book.of_sum(site_id, reading.incoming.amount)
    for notice in same if len(same) <= SAME_SUM_MAX else ():
        _add(proposals, [notice], ONLY_SUM)
    _add_best(reading, proposals, late, ONLY_SUM)
    if not proposals:
        return None
    candidates = tuple(Suggestion(ids, score) for ids, score in list(proposals.items())[:MAX_CANDIDATES])
    reason: Reason = "reference_corrected" if has_reference else "name" if named else "none"
    return Decision("suggested", reason, facts=tuple(dict.fromkeys(facts)), candidates=candidates)


def _in_turn(reading: Reading, named: list[Payer], known: list[Payer]) -> tuple[list[Payer], list[Payer]]:
    """Who is named or known, those who owe just this sum first; and whom an account of many paid for, which do not owe it: they come
    behind those who do.
    """
    late = [payer for payer in known if payer not in named and not fits(reading, payer)] if len(known) > FAMILY_MAX else []
    early = [payer for payer in (*named, *known) if payer not in late]
    return sorted(early, key=lambda each: not fits(reading, each)), late


def _add_best(reading: Reading, proposals: dict[tuple[str, ...], float], payers: Sequence[Payer], score: float) -> None:
    for payer in payers:
        _add(proposals, best_of(reading, payer), score)


def _known(reading: Reading, book: Book, facts: list[Fact], *, is_named: bool) -> list[Payer]:
    """For whom the account paid before, or this very memo stood; adds what is to be said of that."""
    known = marks.known_payers(reading, book) or marks.perhaps_known_payers(reading, book)
    if not is_named and (by_memo := marks.known_by_memo(reading, book)):
        facts.append(marks.MEMO_KNOWN)
        known = list(dict.fromkeys([*by_memo, *known]))
    if len(known) > FAMILY_MAX:
        facts.append(Fact("account_of_many", holds=False))
    return known


def cut_bills(reading: Reading, book: Book) -> dict[str, Choice]:
    """The one bill of the site whose reference begins as something in the memo does, "CT DEN KHJ7WUT6", where that is long enough."""
    begun = begun_bills(reading, book)
    return {start: bills[0] for start, bills in begun.items() if len(start) >= CUT_LENGTH_MIN and len(bills) == 1}


def _shorter_of_this_sum(reading: Reading, book: Book) -> dict[str, Choice]:
    """Of what is cut off shorter the one bill that begins so and is of just this sum: "KHV33V"."""
    found = {}
    for start, bills in begun_bills(reading, book).items():
        fitting = [bill for bill in bills if sum(notice.open for notice in bill) == reading.incoming.amount]
        if len(fitting) == 1:
            found[start] = fitting[0]
    return found


def _cut(reading: Reading, book: Book, proposals: dict[tuple[str, ...], float]) -> list[Fact]:
    """Propose the bills whose references were cut off, those of just the sum first; returns what is to be said of that."""
    found = cut_bills(reading, book) or _shorter_of_this_sum(reading, book)
    for bill in sorted(found.values(), key=lambda each: sum(notice.open for notice in each) != reading.incoming.amount):
        _add(proposals, bill, WEAK)
    return [Fact("reference_begun", holds=False, about=start) for start in found]


def _slipped(reading: Reading, book: Book, site_id: str, proposals: dict[tuple[str, ...], float]) -> list[Fact]:
    """Propose the bills here that references with a slip could be; returns what is to be said of that."""
    facts = []
    for found in reading.references:
        notices = [notice for notice in book.of_reference(found.reference) if notice.site_id == site_id and not found.exact]
        if notices:
            facts.append(Fact("reference_unknown_sum", holds=False, about=found.reference))
            _add(proposals, [notice for notice in notices if notice.open] or notices, WEAK)
    return facts


def _resembling(reading: Reading, book: Book, site_id: str) -> list[Payer]:
    """Whose names the memo's letters resemble most, of the classes that it names or of those who owe just this sum; of these first
    whose code's end stands there, or a part of whose name.
    """
    words = reading.words
    letters = "".join(run for place, run in enumerate(words.runs) if words.about[place] < DIGITS)
    site = book.at(site_id)
    pupils = [payer for group in class_mentions(reading, site) for payer in site.pupils(group.key)]
    said = frozenset(words.runs)
    almost = {payer for payer in pupils if _is_almost_called(words, said, payer)}
    given = {name for name in {payer.words[-1] for payer in pupils if payer.words} if _is_called(words, name)}
    called = [payer for payer in pupils if payer in almost or (payer.words and payer.words[-1] in given)]
    if called:
        return sorted(called, key=lambda payer: (payer not in almost, not fits(reading, payer), payer.code))[:SAME_SUM_MAX]
    owing = [
        payer for notice in book.of_sum(site_id, reading.incoming.amount) if (payer := book.payer_of(notice)) is not None
    ]
    if by_end := [payer for payer in owing if _ends_code(words, payer)]:
        return by_end[:SAME_SUM_MAX]
    if in_part := [payer for payer in owing if _is_named_in_part(words, payer)]:
        return in_part[:SAME_SUM_MAX]
    if sum(words.runs[place] in words.names for place in words.leftover()) < 2:
        return []
    if not pupils:
        pupils = owing
    likeness = {}
    for payer in pupils:
        if payer.words and payer.words[-1] in letters:
            likeness[payer] = sum(len(word) for word in payer.words if word in letters) / sum(map(len, payer.words))
    alike = [payer for payer, share in likeness.items() if share >= RESEMBLING_MIN]
    return sorted(alike, key=lambda payer: (-likeness[payer], payer.code))[:SAME_SUM_MAX]


def _ends_code(words: Words, payer: Payer) -> bool:
    """Whether the memo gives the end of a payer's code, four digits or more: "HS 0009 ngay 31/10"."""
    return any(len(run) >= CODE_END_MIN and run[0] <= "9" and payer.code.endswith(run) for run in words.runs)


def _is_named_in_part(words: Words, payer: Payer) -> bool:
    """Whether more than the given name stands there: "P T Hue", "Lam Bich"."""
    return any(
        words.about[place] <= PLAIN
        and run == payer.words[-1]
        and (agrees := agreement(words, payer.words, place)) is not None
        and agrees.grade > Grade.GIVEN
        for place, run in enumerate(words.runs)
        if payer.words
    )


def _is_called(words: Words, given: str) -> bool:
    """Whether the given name stands there as a word of its own, with one slip perhaps, outside phrases and names of parties."""
    return any(
        words.about[place] <= PLAIN and (run == given or (words.about[place] == OPEN and is_slip(run, given)))
        for place, run in enumerate(words.runs)
    )


def _is_almost_called(words: Words, said: frozenset[str], payer: Payer) -> bool:
    """Whether the whole name stands there but for one word, whatever stands in its place; `said` are the words that are there."""
    name = payer.words
    if len(name) <= 2 or sum([word not in said for word in name]) > 1:
        return False
    return any(
        sum(run != word for run, word in zip(words.runs[start:], name, strict=False)) == 1
        for start in range(len(words.runs) - len(name) + 1)
    )


def _whole_class(reading: Reading, book: Book) -> list[OpenNotice]:
    """All open notices of a named class, or those of one fee, where they make the sum: a teacher's lump sum."""
    site = book.at(reading.incoming.site_id)
    for group in class_mentions(reading, site):
        kinds: dict[str, list[OpenNotice]] = {}
        for payer in site.pupils(group.key):
            for notice in payer.notices:
                if notice.open:
                    kinds.setdefault(notice.fee_kind, []).append(notice)
        everything = [notice for notices in kinds.values() for notice in notices]
        for notices in (everything, *kinds.values()):
            if len(notices) > 1 and sum(notice.open for notice in notices) == reading.incoming.amount:
                return notices
    return []


def _of_class(reading: Reading, book: Book) -> list[Choice]:
    """What pupils of a named class owe in just this sum, of the fee that the memo names: "tien nuoc lop 4C"."""
    site, hints = book.at(reading.incoming.site_id), hints_of(reading)
    owed: list[Choice] = [
        (notice,)
        for group in class_mentions(reading, site)
        for payer in site.pupils(group.key)
        for notice in issued(reading, payer)
        if notice.open == reading.incoming.amount and fits_months(hints, [notice])
    ]
    named = [choice for choice in owed if names_any(hints, choice)] or owed
    return named if len(named) <= SAME_SUM_MAX else []


def _add(proposals: dict[tuple[str, ...], float], notices: Sequence[OpenNotice], score: float) -> None:
    if notices:
        proposals.setdefault(tuple(notice.notice_id for notice in notices), score)
