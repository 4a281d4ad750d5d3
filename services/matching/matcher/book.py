"""What is known about who owes what: notices and payers under their look-up keys, and which account paid for whom.

Filled from files by `khop evaluate`, and for one batch from PostgreSQL by the service; the stages ask the same questions of both.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from mypy_extensions import mypyc_attr

from services.matching.matcher.habits import Habits, Payment
from services.matching.matcher.keys import ANYWHERE, CLASS, CODE, KINDS, NAME, Key, first_word, keys_of
from services.matching.matcher.shapes import Shapes
from services.matching.matcher.text import fold, split
from services.matching.matcher.values import OpenNotice, Payer, Share
from services.matching.matcher.vocabulary import NAME_WORDS

EQUAL_SUMS_MAX: Final = 48
"""More notices with one sum open than this are "too many" too."""
MANY: Final = 200
"""Under one key more payers than this are "too many": no stage looks at them, so common names and sums cost no more. Far above
what sits in a class.
"""

Entry = Payer | list[Payer]
"""Under a key mostly one payer stands; a list only where there are more saves half the memory."""


class SiteTable:
    """The payers of one site by their keys."""

    __slots__ = ("by_kind", "class_length_max", "class_starts", "codes", "name_starts")

    def __init__(self) -> None:
        self.by_kind: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS}
        self.name_starts: set[str] = set()
        """What full names begin with: one word, two, …, without spaces."""
        self.class_starts: set[str] = set()
        """Words that classes with a number begin with: "la", "k", "lon"."""
        self.class_length_max = 0
        self.codes = Shapes()

    def find(self, kind: str, text: str) -> list[Payer]:
        """Payers under a key; empty where there are none, or too many to look at."""
        return several(self.by_kind[kind].get(text))

    def class_of(self, text: str) -> str | None:
        """The class that is written so, in its first form: its own spelling before another's short form; None where it is none, or
        several could be meant.
        """
        entry = self.by_kind[CLASS].get(text)
        if entry is None:
            return None
        payers = [entry] if isinstance(entry, Payer) else entry
        if any(payer.groups[0] == text for payer in payers):
            return text
        own = {payer.groups[0] for payer in payers}
        return own.pop() if len(own) == 1 else None

    def pupils(self, group: str) -> list[Payer]:
        """Who sits in a class, given in its first form."""
        return [payer for payer in self.find(CLASS, group) if payer.groups[0] == group]

    def add(self, key: Key, payer: Payer) -> None:
        """Put a payer under a key."""
        _put(self.by_kind[key.kind], key.text, payer)
        if key.kind == CLASS:
            self.class_length_max = max(self.class_length_max, len(key.text))
            for written in (key.text, fold(payer.group)):
                if start := first_word(written):
                    self.class_starts.add(start)
        if key.kind == CODE:
            self.codes.add(key.text)
        elif key.kind == NAME:
            start = ""
            for run in split(fold(payer.name))[0][:-1]:  # as a memo is cut: H'Hen is two runs
                start += run
                self.name_starts.add(start)


_EMPTY: Final = SiteTable()


def name_words(payer: Payer) -> set[str]:
    """What a payer is named with; of K'Brong also "brong", for a memo may be cut there."""
    if "'" not in payer.name and "’" not in payer.name:
        return set(payer.words)
    return {*payer.words, *(run for run in split(fold(payer.name))[0] if len(run) > 1)}


@mypyc_attr(allow_interpreted_subclasses=True)
class Book:
    """Open items and payers; changed only by its methods. What it answers does not depend on the order in which it was filled."""

    def __init__(
        self, notices: Iterable[OpenNotice] = (), payers: Iterable[Payer] = (), habits: Habits | None = None
    ) -> None:
        self.habits = Habits() if habits is None else habits
        self.name_words: set[str] = set(NAME_WORDS)
        """Every word that a payer here is named with, and those that Vietnamese people are."""
        self.codes = Shapes()
        """Of payer codes, at whatever site."""
        self._notices: dict[str, OpenNotice] = {}
        self._bills: dict[str, list[OpenNotice]] = {}
        self._references: list[str] = []
        """Those of `_bills` in their order, as far as somebody asked for it."""
        self._virtual_accounts: dict[str, list[OpenNotice]] = {}
        self._payers: dict[tuple[str, str], Payer] = {}
        self._sites: dict[str, SiteTable] = {}
        self._anywhere: dict[str, dict[str, Entry]] = {kind: {} for kind in ANYWHERE}
        self._by_sum: dict[tuple[str, int], dict[str, OpenNotice]] = {}
        self._changed: set[str] = set()
        for payer in sorted(payers, key=lambda each: (each.site_id, each.code)):
            self.add_payer(payer)
        # By due day and id, so that the same notices always give the same decision, in whatever order they were read.
        for notice in sorted(notices, key=lambda each: (each.due_on, each.notice_id)):
            self.add(notice)

    def add_payer(self, payer: Payer) -> None:
        """Make a payer known under all keys; each payer once."""
        self._payers[payer.site_id, payer.code] = payer
        self.name_words.update(name_words(payer))
        site = self._sites.get(payer.site_id)
        if site is None:
            site = self._sites[payer.site_id] = SiteTable()
        for key in keys_of(payer):
            site.add(key, payer)
            if key.kind == CODE:
                self.codes.add(key.text)
            if key.kind in ANYWHERE:
                _put(self._anywhere[key.kind], key.text, payer)

    def add(self, notice: OpenNotice) -> None:
        """Make a notice known; a payer's notices come in the order of their due days."""
        self._notices[notice.notice_id] = notice
        self._bills.setdefault(notice.reference, []).append(notice)
        if notice.virtual_account:
            self._virtual_accounts.setdefault(notice.virtual_account, []).append(notice)
        if (payer := self.payer_of(notice)) is not None:
            payer.notices.append(notice)
        self._list(notice)

    def get(self, notice_id: str) -> OpenNotice | None:
        """The notice, if it is known here."""
        return self._notices.get(notice_id)

    def notices(self) -> Iterator[OpenNotice]:
        """All that are known."""
        yield from self._notices.values()

    def of_reference(self, reference: str) -> Sequence[OpenNotice]:
        """A bill's notices, of whatever site and state."""
        return self._bills.get(reference, ())

    def of_beginning(self, site_id: str, start: str) -> list[list[OpenNotice]]:
        """The bills of a site whose references begin so, paid ones too."""
        if len(self._references) != len(self._bills):  # bills are never taken out
            self._references = sorted(self._bills)
        found = []
        for place in range(bisect_left(self._references, start), len(self._references)):
            if not self._references[place].startswith(start):
                break
            if bill := [notice for notice in self._bills[self._references[place]] if notice.site_id == site_id]:
                found.append(bill)
        return found

    def of_virtual_account(self, virtual_account: str) -> Sequence[OpenNotice]:
        """The notices that a virtual account was given to, of whatever site and state."""
        return self._virtual_accounts.get(virtual_account, ())

    def payer_of(self, notice: OpenNotice) -> Payer | None:
        """Who owes a notice; None where that was erased."""
        return None if notice.payer_code is None else self._payers.get((notice.site_id, notice.payer_code))

    def payer(self, site_id: str, code: str) -> Payer | None:
        """The payer of this code, exactly as the site writes it."""
        return self._payers.get((site_id, code))

    def at(self, site_id: str | None) -> SiteTable:
        """Everybody of a site, by key."""
        return self._sites.get(site_id, _EMPTY) if site_id is not None else _EMPTY

    def anywhere(self, kind: str, text: str) -> list[Payer]:
        """Payers of all sites under a key that is looked up at other sites too; empty where they are too many."""
        return several(self._anywhere[kind].get(text))

    def of_sum(self, site_id: str, amount: int) -> list[OpenNotice]:
        """The site's notices that have just this sum open, by their ids; empty where they are too many to look at."""
        found = self._by_sum.get((site_id, amount))
        return [found[each] for each in sorted(found)] if found and len(found) <= EQUAL_SUMS_MAX else []

    def pay(self, shares: Iterable[Share]) -> None:
        """Note what a decision pays."""
        for share in shares:
            self._change(self._notices[share.notice_id], share.amount)

    def release(self, notice_id: str, amount: int) -> None:
        """Note that an allocation no longer holds."""
        self._change(self._notices[notice_id], -amount)

    def cancel(self, notice_id: str) -> None:
        """From now on nothing is due for a notice."""
        notice = self._notices[notice_id]
        self._unlist(notice)
        notice.is_cancelled = True

    def learn(self, site_id: str, senders: Iterable[str], shares: Iterable[Share], day: date) -> None:
        """Note for whom these senders paid."""
        codes: dict[str, None] = {}
        for share in shares:
            if (payer := self.payer_of(self._notices[share.notice_id])) is not None:
                codes[payer.code] = None
        payment = Payment(day, tuple(codes))
        for sender in senders:
            self.habits.learn(site_id, sender, payment)

    def check(self) -> None:
        """Nothing: this book holds everything. One that is read as it is needed raises where it could not answer."""

    def changed(self) -> list[OpenNotice]:
        """Notices whose paid amount differs from what was read, by id."""
        return [self._notices[each] for each in sorted(self._changed)]

    def _change(self, notice: OpenNotice, amount: int) -> None:
        self._unlist(notice)
        notice.allocated += amount
        self._changed.add(notice.notice_id)
        self._list(notice)

    def _list(self, notice: OpenNotice) -> None:
        if notice.open:
            self._by_sum.setdefault((notice.site_id, notice.open), {})[notice.notice_id] = notice

    def _unlist(self, notice: OpenNotice) -> None:
        if notice.open:
            del self._by_sum[notice.site_id, notice.open][notice.notice_id]


def several(found: Entry | None) -> list[Payer]:
    """The payers of an entry; empty where there is none, or too many to look at."""
    if found is None:
        return []
    if isinstance(found, Payer):
        return [found]
    return found if len(found) <= MANY else []


def _put(table: dict[str, Entry], key: str, payer: Payer) -> None:
    known = table.get(key)
    if known is None:
        table[key] = payer
    elif isinstance(known, Payer):
        if known is not payer:
            table[key] = [known, payer]
    elif len(known) <= MANY and known[-1] is not payer:
        known.append(payer)
