"""What a settled treatment leaves of its deposits goes back: matching sets the money apart, and a refund is proposed for it here.

Whoever settled the treatment proposes; so the head, who approves, is another person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import uuid_utils

from services.reconciliation.money_back import refunds
from shared.events import Credit
from shared.events.payments import UndoneAllocation
from shared.runtime.postgres import Connection

# By refunds' unique key.
PROPOSED = "select left_of from refunds where left_of = any($1::text[])"


async def propose_left(connection: Connection, credits: Iterable[Credit], at: datetime) -> None:
    """Propose to give back what was set apart on these credits and was not proposed before; their facts must be stored.

    To the account that paid, where it is known; in cash otherwise. A proposal that was refused or withdrawn is not made again.
    """
    left = [(credit, each) for credit in credits for each in credit.undone if each.settled is not None]
    if not left:
        return
    proposed = {row["left_of"] for row in await connection.fetch(PROPOSED, [each.allocation_id for _, each in left])}
    for credit, each in sorted(left, key=lambda pair: (pair[0].credit_id, pair[1].allocation_id)):
        if each.allocation_id not in proposed:
            await _propose(connection, credit, each, at)


async def _propose(connection: Connection, credit: Credit, left: UndoneAllocation, at: datetime) -> None:
    assert left.settled is not None
    known = await refunds.credit_for_refund(connection, credit.credit_id)
    if known is None or known["site_id"] is None:
        return
    # A person may have promised or returned some of it otherwise in the meantime.
    amount = min(left.settled.to_return, known["free"] - known["promised"], known["amount"] - known["taken"])
    if amount <= 0:
        return
    transfer = known["counter_account"] is not None
    await refunds.propose(
        connection, refund_id=str(uuid_utils.uuid7()), site_id=known["site_id"], credit_id=credit.credit_id,
        credit_amount=known["amount"], amount=amount, why="deposit_left", way="transfer" if transfer else "cash",
        to_account=known["counter_account"], to_bank=known["counter_bank"] if transfer else None,
        to_name=known["counter_name"] if transfer else None, proposed_by=left.settled.by, proposed_at=at,
        left_of=left.allocation_id, notice_id=left.notice_id,
    )  # fmt: skip
