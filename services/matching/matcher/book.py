"""The notices that a batch of credits could pay, with what earlier credits of the batch have paid already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.matching.matcher.values import OpenNotice, Share


class Book:
    """Open items by id, reference and virtual account; changed only by `pay` and `release`."""

    def __init__(self, notices: Iterable[OpenNotice]) -> None:
        self._notices: dict[str, OpenNotice] = {}
        self._by_reference: dict[str, list[str]] = defaultdict(list)
        self._by_virtual_account: dict[str, list[str]] = defaultdict(list)
        self._changed: set[str] = set()
        # By id, so that the same notices always give the same decision, in whatever order they were read.
        for notice in sorted(notices, key=lambda each: each.notice_id):
            self._notices[notice.notice_id] = notice
            self._by_reference[notice.reference].append(notice.notice_id)
            if notice.virtual_account:
                self._by_virtual_account[notice.virtual_account].append(notice.notice_id)

    def get(self, notice_id: str) -> OpenNotice | None:
        """The notice, if it is known here."""
        return self._notices.get(notice_id)

    def of_reference(self, reference: str) -> Sequence[OpenNotice]:
        """A bill's notices, of whatever site and state."""
        return [self._notices[each] for each in self._by_reference.get(reference, ())]

    def of_virtual_account(self, virtual_account: str) -> Sequence[OpenNotice]:
        """The notices that a virtual account was given to, of whatever site and state."""
        return [self._notices[each] for each in self._by_virtual_account.get(virtual_account, ())]

    def pay(self, shares: Iterable[Share]) -> None:
        """Note what a decision pays."""
        for share in shares:
            self._add(share.notice_id, share.amount)

    def release(self, notice_id: str, amount: int) -> None:
        """Note that an allocation no longer holds."""
        self._add(notice_id, -amount)

    def changed(self) -> list[OpenNotice]:
        """Notices whose paid amount differs from what was read, by id."""
        return [self._notices[each] for each in sorted(self._changed)]

    def _add(self, notice_id: str, amount: int) -> None:
        notice = self._notices[notice_id]
        self._notices[notice_id] = replace(notice, allocated=notice.allocated + amount)
        self._changed.add(notice_id)
