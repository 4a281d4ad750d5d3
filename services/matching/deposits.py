"""What the settlement of a treatment leaves of its deposits (hoàn ứng) is set apart on the money that paid them, to go back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from services.matching.ledger import AUTOMATON, LedgerCredit
from shared.events import Notice
from shared.events.payments import Allocation


def set_apart(
    credits: Iterable[LedgerCredit], notice: Notice, amount: int, at: datetime, new_id: Callable[[], str]
) -> tuple[int, set[str]]:
    """Take so much of what paid a settled deposit from it, the newest first; returns how much that was, and the credits changed.

    The automaton's allocations give way before a person's; those give way too, for it is a person who settled.
    """
    assert notice.settled is not None
    left, changed = amount, set()
    for credit, allocation in _newest_first(credits, notice.notice_id):
        if not left:
            break
        taken = min(left, allocation.amount)
        credit.set_apart(allocation.allocation_id, taken, notice.settled.by, at, new_id)
        changed.add(credit.credit_id)
        left -= taken
    return amount - left, changed


def _newest_first(credits: Iterable[LedgerCredit], notice_id: str) -> Sequence[tuple[LedgerCredit, Allocation]]:
    found = [(credit, each) for credit in credits for each in credit.allocations if each.notice_id == notice_id]
    return sorted(
        found,
        key=lambda pair: (pair[1].decided_by == AUTOMATON, pair[1].decided_at, pair[1].allocation_id),
        reverse=True,
    )
