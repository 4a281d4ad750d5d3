"""What the consumer knows of each site, kept in memory between batches and brought up to date by what changed.

Every change of a site's notices and payers happens under the site's lock and takes the next number of one sequence. So a
process that holds the lock needs only the rows above the last number that it saw, found by index, and decides on exactly what
is stored, whoever changed it. Whatever fails forgets the sites that it touched; they are read anew.
"""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Final

from services.matching import owed
from services.matching.matcher import Book, OpenNotice, Payer, SiteRules
from services.matching.matcher.book import MANY, several
from services.matching.matcher.keys import Key, keys_of
from services.matching.matcher.shapes import any_shape
from services.matching.matcher.vocabulary import NAME_WORDS
from services.matching.model import Owed
from services.matching.owed import Paid
from shared.runtime.postgres import Connection

NOTICES_MAX: Final = 1_000_000
"""Sites that were not asked for longest are forgotten above so many notices together; 1,000,000 take less than 2 GiB."""
ANYWHERE_MAX: Final = 2_000
"""Of payers at other sites so many are looked at for one batch."""


class NotReadError(Exception):
    """A stage asked for somebody at another site who was not looked up yet."""


class StaleBookError(Exception):
    """What a book said is paid of a notice is not what is stored."""


class Elsewhere:
    """What a batch needs to know of other sites, and of bills settled long ago."""

    def __init__(self) -> None:
        self.references: dict[str, list[Owed]] = {}
        self._payers: dict[tuple[str, str], list[Payer]] = {}
        self.asked: set[tuple[str, str]] = set()
        """Keys that a stage asked for and that are not looked up yet."""

    def find(self, kind: str, text: str) -> list[Payer]:
        """Payers under a key; notes the key where it was not looked up."""
        found = self._payers.get((kind, text))
        if found is None:
            self.asked.add((kind, text))
            return []
        return several(found) if found else []

    async def look_up(self, connection: Connection) -> None:
        """Look up every key that was asked for."""
        asked, self.asked = self.asked, set()
        for key in asked:
            self._payers[key] = []
        by_kind: dict[str, list[str]] = {"c": [], "a": []}
        for kind, text in sorted(asked):
            by_kind[kind].append(text)
        for payer, keys in await owed.payers_anywhere(connection, by_kind["c"], by_kind["a"], ANYWHERE_MAX):
            for key in keys:
                if key in asked:
                    self._payers[key].append(payer)


class SiteBook(Book):
    """One site's notices and payers, which change; what lies elsewhere is answered by `elsewhere`."""

    def __init__(self, site_id: str | None, words: set[str]) -> None:
        super().__init__()
        self.site_id = site_id
        self.elsewhere = Elsewhere()
        self.name_words = words
        self.codes = any_shape()
        self.change = 0
        """The newest change that is known."""
        self.erasures = 0
        self.is_spoilt = False
        """Under a key of a payer who changed stood too many to be told apart: the site must be read anew."""
        self._priorities: dict[str, int] = {}

    def of_reference(self, reference: str) -> Sequence[OpenNotice]:
        own = super().of_reference(reference)
        others = [each for each in self.elsewhere.references.get(reference, ()) if each.notice_id not in self._notices]
        return [*own, *others] if others else own

    def anywhere(self, kind: str, text: str) -> list[Payer]:
        return self.elsewhere.find(kind, text)

    def check(self) -> None:
        if self.elsewhere.asked:
            raise NotReadError

    def put_payer(self, payer: Payer) -> None:
        """Add a payer, or take over what changed of one."""
        known = self._payers.get((payer.site_id, payer.code))
        if known is not None:
            site = self._sites[payer.site_id]
            for key in keys_of(known):
                self.is_spoilt |= not _take_out(site.by_kind[key.kind], key, known)
            payer.notices = known.notices
        self.add_payer(payer)

    def put_notice(self, notice: Owed) -> None:
        """Add a notice, or take over what changed of one."""
        known = self._notices.get(notice.notice_id)
        if known is not None:
            self._unlist(known)
            self._bills[known.reference].remove(known)
            if known.virtual_account:
                self._virtual_accounts[known.virtual_account].remove(known)
            if (payer := self.payer_of(known)) is not None and known in payer.notices:
                payer.notices.remove(known)
        payer = self.payer_of(notice)
        if payer is not None and payer.notices and _order(payer.notices[-1]) > _order(notice):
            self._notices[notice.notice_id] = notice
            insort(payer.notices, notice, key=_order)
            insort(self._bills.setdefault(notice.reference, []), notice, key=_order)
            if notice.virtual_account:
                insort(self._virtual_accounts.setdefault(notice.virtual_account, []), notice, key=_order)
            self._list(notice)
        else:
            self.add(notice)
        if notice.priority is not None:
            self._priorities[notice.fee_kind] = notice.priority

    def rules(self, given: SiteRules) -> SiteRules:
        """The site's rules; where it set no order of settling, the fee kinds' own."""
        if given.settle_priority or not self._priorities:
            return given
        ordered = tuple(sorted(self._priorities, key=lambda kind: (self._priorities[kind], kind)))
        return SiteRules(ordered, given.oldest_first, given.match_threshold)

    @property
    def size(self) -> int:
        """How many notices are known."""
        return len(self._notices)


class Books:
    """The sites that this process knows. For one user at a time: the consumer, which handles batch after batch."""

    def __init__(self) -> None:
        self._sites: OrderedDict[str, SiteBook] = OrderedDict()
        self._words: set[str] = set(NAME_WORDS)
        self._words_stored = 0
        self._lent: dict[str, SiteBook] = {}

    @asynccontextmanager
    async def lending(self) -> AsyncIterator[None]:
        """Around a transaction: where it fails, the sites that it read are forgotten, for they may say what was not stored."""
        self._lent = {}
        try:
            yield
        except BaseException:
            for site_id in self._lent:
                self._sites.pop(site_id, None)
            raise
        finally:
            self._lent = {}
            self._make_room()

    async def read(self, connection: Connection, site_ids: Iterable[str | None], today: date) -> dict[str | None, SiteBook]:
        """These sites as they are stored now; their locks must be held. Money of no site gets an empty book."""
        wanted = sorted({site_id for site_id in site_ids if site_id is not None})
        self._words_stored = await owed.add_new_words(connection, self._words, self._words_stored)
        erasures = await owed.erasures(connection, wanted)
        for site_id in wanted:
            book = self._sites.pop(site_id, None)
            if book is None or book.erasures != erasures.get(site_id, 0):
                book = SiteBook(site_id, self._words)
                book.erasures = erasures.get(site_id, 0)
            self._sites[site_id] = self._lent[site_id] = book
        await self._catch_up(connection, wanted, today)
        spoilt = [site_id for site_id in wanted if self._sites[site_id].is_spoilt]
        if spoilt:
            for site_id in spoilt:
                book = SiteBook(site_id, self._words)
                book.erasures = erasures.get(site_id, 0)
                self._sites[site_id] = self._lent[site_id] = book
            await self._catch_up(connection, spoilt, today)
        books: dict[str | None, SiteBook] = {site_id: self._sites[site_id] for site_id in wanted}
        books[None] = SiteBook(None, self._words)
        elsewhere = Elsewhere()
        for book in books.values():
            book.elsewhere = elsewhere
        return books

    async def _catch_up(self, connection: Connection, site_ids: Sequence[str], today: date) -> None:
        since = {site_id: self._sites[site_id].change for site_id in site_ids}
        for payer, change in await owed.changed_payers(connection, since):
            book = self._sites[payer.site_id]
            book.put_payer(payer)
            book.change = max(book.change, change)
        notices = await owed.changed_notices(connection, since, today)
        for notice in sorted(notices, key=_order):
            book = self._sites[notice.site_id]
            book.put_notice(notice)
            book.change = max(book.change, notice.change)

    def _make_room(self) -> None:
        count = sum(book.size for book in self._sites.values())
        while count > NOTICES_MAX and len(self._sites) > 1:
            _, book = self._sites.popitem(last=False)
            count -= book.size


def compare(books: Mapping[str | None, SiteBook], paid: Iterable[Paid]) -> None:
    """Compare what was stored as paid with what the books say; from then on they know these changes. Raises StaleBookError."""
    for each in paid:
        book = books.get(each.site_id)
        notice = book.get(each.notice_id) if book is not None else None
        if book is None or notice is None:
            continue
        if notice.allocated != each.allocated:
            raise StaleBookError("a notice is paid otherwise than its book says")
        book.change = max(book.change, each.change)


def _order(notice: OpenNotice) -> tuple[date, str]:
    return notice.due_on, notice.notice_id


def _take_out(table: dict[str, Payer | list[Payer]], key: Key, payer: Payer) -> bool:
    """Take a payer from under a key; returns whether that could be done: of too many only some are listed."""
    entry = table.get(key.text)
    if entry is payer:
        del table[key.text]
    elif isinstance(entry, list):
        if len(entry) > MANY:
            return False
        if payer in entry:
            entry.remove(payer)
    return True
