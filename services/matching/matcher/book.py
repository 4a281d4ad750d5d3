"""The notices that a batch of credits may pay, and what is still open of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from services.matching.matcher.values import KnownNotice, Share, SiteRules

NO_RULES = SiteRules()


class Book:
    """Notices by what names them; deciding reads it, and what is decided is entered before the next credit."""

    def __init__(self, notices: Iterable[KnownNotice], rules: Mapping[str, SiteRules] | None = None) -> None:
        self._notices = {notice.notice_id: notice for notice in notices}
        self._rules = dict(rules or {})
        self._allocated = {notice.notice_id: notice.allocated for notice in self._notices.values()}
        self._by_reference: dict[str, list[KnownNotice]] = defaultdict(list)
        self._by_virtual_account: dict[tuple[str, str], list[KnownNotice]] = defaultdict(list)
        # In the order of their ids: a decision must not depend on the order in which rows were read.
        for notice in sorted(self._notices.values(), key=lambda each: each.notice_id):
            self._by_reference[notice.reference].append(notice)
            if notice.virtual_account:
                self._by_virtual_account[notice.site_id, notice.virtual_account].append(notice)

    def notice(self, notice_id: str) -> KnownNotice | None:
        """The notice of this id, where it is known."""
        return self._notices.get(notice_id)

    def of_reference(self, reference: str) -> Sequence[KnownNotice]:
        """A bill's notices, at whatever site."""
        return self._by_reference.get(reference, ())

    def of_virtual_account(self, site_id: str, virtual_account: str) -> Sequence[KnownNotice]:
        """A site's notices that bear this virtual account."""
        return self._by_virtual_account.get((site_id, virtual_account), ())

    def rules(self, site_id: str | None) -> SiteRules:
        """What the site decided; nothing, where it is not known."""
        return self._rules.get(site_id, NO_RULES) if site_id else NO_RULES

    def open_amount(self, notice: KnownNotice) -> int:
        """What is still to pay, in đồng; never negative, not even for what is over-allocated."""
        return max(0, notice.due - self._allocated[notice.notice_id])

    def enter(self, shares: Iterable[Share]) -> None:
        """Note what was allocated."""
        for share in shares:
            self._allocated[share.notice_id] += share.amount

    def release(self, shares: Iterable[Share]) -> None:
        """Note what was undone; notices that this book does not hold are no matter."""
        for share in shares:
            if share.notice_id in self._allocated:
                self._allocated[share.notice_id] -= share.amount
