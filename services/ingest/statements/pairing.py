"""Which transaction each line of a statement is (docs/identity.md, rows 12 to 18). Pure.

A statement is the bank's own book: it lists each movement once, so lines and transactions are laid against each other one to
one, the certain pairs first. What is left over is new; what may be something that stands is marked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.ingest.identity import (
    ALIKE_WITHIN,
    REFERENCE_HOLDS_FOR,
    SAME_WITHIN,
    Likeness,
    compare_memos,
    have_words_in_common,
    is_telling,
    normal_reference,
    references_differ,
)
from services.ingest.model import Transaction
from services.ingest.statements.model import Line
from shared.clock import local_day


@dataclass(frozen=True, slots=True)
class Pair:
    """A line and what it is."""

    line: Line
    transaction: Transaction | None = None
    """The transaction that it is; None: a new one."""
    differs: bool = False
    """Whether the bank's reference says that it is this transaction, but the amounts are not equal."""
    may_be: Transaction | None = None
    """The transaction that a new one may be."""


Test = Callable[[Line, Transaction], bool]
Name = Callable[[Line | Transaction], Hashable]
"""Something that a line and a transaction must have in common; None: it has none, and is not compared by it."""


def pair(lines: Sequence[Line], known: Iterable[Transaction], of_other_hours: Collection[str] = ()) -> list[Pair]:
    """Lay a statement's lines against the transactions of the account around its period.

    `of_other_hours`: ids of transactions that stand on a statement which this one goes on from, or which goes on from it, in
    the middle of a day. However alike, they are other movements.
    """
    apart = frozenset(of_other_hours)
    table = _Table(lines, (each for each in known if each.transaction_id not in apart))
    table.lay(_reference, _under_one_reference)
    table.lay(_balance_and_day, _with_one_balance)
    table.lay(_memo_and_day, _with_one_memo)
    table.lay(_day, _with_one_memo)
    table.lay_equally_many(_with_the_same_memo)
    table.lay_equally_many(_with_no_other_memo)
    table.lay_equally_many(_with_a_memo_that_may_be, at_most=1)
    table.lay_other_amounts()
    table.mark(_alike)
    return [table.pairs.get(index) or Pair(line) for index, line in enumerate(lines)]


class _Table:
    """Lines and transactions that are not paired yet."""

    def __init__(self, lines: Sequence[Line], known: Iterable[Transaction]) -> None:
        self.pairs: dict[int, Pair] = {}
        self._lines = lines
        self._open = {
            each.transaction_id: each
            for each in sorted(known, key=lambda transaction: (transaction.occurred_at, transaction.transaction_id))
        }

    def lay(self, name: Name, test: Test) -> None:
        """Pair what has a name in common and passes a test, each line with the nearest in time."""
        for index, line, fitting in self._fitting(name, test):
            still_open = [each for each in fitting if each.transaction_id in self._open]
            if still_open:
                self._take(index, min(still_open, key=lambda each: _apart(line, each)))

    def lay_equally_many(self, test: Test, *, at_most: int | None = None) -> None:
        """Pair lines with the transactions of their day, in order of time, where as many of each pass for one another.

        A whole day's list holds every movement of the day: the only line that can be a transaction is it, and three lines
        that can be three transactions, and nothing else, are these three.
        """
        alike: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        fitting_of: dict[tuple[str, ...], list[Transaction]] = {}
        claims: Counter[str] = Counter()
        for index, _, fitting in self._fitting(_day, test):
            ids = tuple(each.transaction_id for each in fitting)
            alike[ids].append(index)
            fitting_of[ids] = fitting
            claims.update(ids)
        for ids, indexes in alike.items():
            count = len(ids)
            if (
                count != len(indexes)
                or (at_most is not None and count > at_most)
                or any(claims[each] != count for each in ids)
            ):
                continue
            indexes.sort(key=lambda index: self._lines[index].occurred_at)
            found = list(zip(indexes, fitting_of[ids], strict=True))
            # A list that was made at noon holds nothing of the afternoon: hours apart, equal payments are two.
            if all(_is_near(self._lines[index], transaction) for index, transaction in found):
                for index, transaction in found:
                    self._take(index, transaction)

    def lay_other_amounts(self) -> None:
        """Tie a line to the one transaction under its reference whose amount the statement contradicts."""
        by_reference: defaultdict[tuple[str, str], list[Transaction]] = defaultdict(list)
        for each in self._open.values():
            reference = normal_reference(each.bank_reference)
            if reference is not None:
                by_reference[reference, each.direction].append(each)
        for index, line in self._rest():
            reference = normal_reference(line.reference)
            found = by_reference.get((reference, line.direction), []) if reference else []
            if len(found) == 1 and found[0].amount != line.amount and _apart(line, found[0]) <= REFERENCE_HOLDS_FOR:
                self._take(index, found[0], differs=True)
                found.clear()

    def mark(self, test: Test) -> None:
        """Note for the lines that are left which transaction they may be, each transaction once."""
        for index, line, fitting in self._fitting(_day, test):
            still_open = [each for each in fitting if each.transaction_id in self._open]
            if still_open:
                nearest = min(still_open, key=lambda each: _apart(line, each))
                del self._open[nearest.transaction_id]
                self.pairs[index] = Pair(line, may_be=nearest)

    def _fitting(self, name: Name, test: Test) -> Iterator[tuple[int, Line, list[Transaction]]]:
        """Each line that is left, with the transactions of its amount, direction and name that pass the test."""
        named: defaultdict[Hashable, list[Transaction]] = defaultdict(list)
        for each in self._open.values():
            own = name(each)
            if own is not None:
                named[each.amount, each.direction, own].append(each)
        for index, line in list(self._rest()):
            found = named.get((line.amount, line.direction, name(line)), ())
            yield index, line, [each for each in found if test(line, each)]

    def _rest(self) -> Iterator[tuple[int, Line]]:
        return ((index, line) for index, line in enumerate(self._lines) if index not in self.pairs)

    def _take(self, index: int, transaction: Transaction, *, differs: bool = False) -> None:
        del self._open[transaction.transaction_id]
        self.pairs[index] = Pair(self._lines[index], transaction, differs)


def _reference(each: Line | Transaction) -> Hashable:
    return normal_reference(each.reference if isinstance(each, Line) else each.bank_reference)


def _day(each: Line | Transaction) -> Hashable:
    return local_day(each.occurred_at)


def _balance_and_day(each: Line | Transaction) -> Hashable:
    return None if each.balance_after is None else (each.balance_after, _day(each))


def _memo_and_day(each: Line | Transaction) -> Hashable:
    return (each.memo, _day(each)) if each.memo else None


def _under_one_reference(line: Line, each: Transaction) -> bool:
    return _apart(line, each) <= REFERENCE_HOLDS_FOR and _memos(line, each) is not Likeness.DIFFERENT


def _with_one_balance(line: Line, each: Transaction) -> bool:
    # Not of itself: after a refund the account holds what it held before.
    return _memos(line, each) is not Likeness.DIFFERENT


def _with_one_memo(line: Line, each: Transaction) -> bool:
    if _memos(line, each) is not Likeness.SAME or not _may_be(line, each):
        return False
    if line.day_only or each.day_only:
        return is_telling(line.memo, each.account)
    return _apart(line, each) <= (SAME_WITHIN if is_telling(line.memo, each.account) else timedelta())


def _with_the_same_memo(line: Line, each: Transaction) -> bool:
    return _may_be(line, each) and _memos(line, each) is Likeness.SAME


def _with_no_other_memo(line: Line, each: Transaction) -> bool:
    return _may_be(line, each) and (not line.memo or not each.memo or _memos(line, each) is Likeness.SAME)


def _with_a_memo_that_may_be(line: Line, each: Transaction) -> bool:
    return (
        _may_be(line, each) and _memos(line, each) is not Likeness.DIFFERENT and have_words_in_common(line.memo, each.memo)
    )


def _alike(line: Line, each: Transaction) -> bool:
    reference = _reference(line)
    if reference is not None and reference == _reference(each):
        return True
    return not references_differ(line.reference, each.bank_reference) and _memos(line, each) is not Likeness.DIFFERENT


def _may_be(line: Line, each: Transaction) -> bool:
    """Whether neither the references nor the running balances contradict."""
    balances = line.balance_after, each.balance_after
    return not references_differ(line.reference, each.bank_reference) and (None in balances or balances[0] == balances[1])


def _is_near(line: Line, each: Transaction) -> bool:
    if line.day_only or each.day_only or _apart(line, each) <= ALIKE_WITHIN:
        return True
    return is_telling(line.memo, each.account) and _memos(line, each) is Likeness.SAME


def _memos(line: Line, each: Transaction) -> Likeness:
    return compare_memos(line.memo, each.memo)


def _apart(line: Line, each: Transaction) -> timedelta:
    if line.day_only or each.day_only:
        return abs(line.day - local_day(each.occurred_at))
    return abs(line.occurred_at - each.occurred_at)
