"""Deciding credits inside one transaction, whose caller holds the lock of their sites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from services.matching import store
from services.matching.ledger import LedgerCredit
from services.matching.matcher import Book, Incoming, decide, pay_notice
from shared.events.payments import Reason
from shared.runtime.postgres import Connection

RECEIPT_REASONS: dict[str, Reason] = {"cash": "cash_receipt", "portal": "portal_report", "opening": "opening_balance"}


async def load_book(connection: Connection, credits: Sequence[LedgerCredit]) -> Book:
    """Every notice that these credits name or already pay, in one query."""
    return Book(
        await store.load_notices(
            connection,
            references={reference for credit in credits for reference in credit.memo_references},
            virtual_accounts={credit.virtual_account for credit in credits if credit.virtual_account},
            notice_ids={
                notice_id
                for credit in credits
                for notice_id in (*(each.notice_id for each in credit.allocations), credit.intended_notice_id)
                if notice_id
            },
        )
    )


async def decide_all(
    connection: Connection, credits: Sequence[LedgerCredit], book: Book, at: datetime, new_id: Callable[[], str]
) -> list[LedgerCredit]:
    """Decide credits one after the other, each seeing what the ones before it paid; returns those that changed."""
    rules = await store.load_rules(connection, [credit.site_id for credit in credits])
    changed = []
    for credit in credits:
        before = (credit.status, credit.reason, credit.evidence, credit.candidates)
        if credit.intended_notice_id is None:
            decision = decide(_incoming(credit), book, rules)
        else:
            notice = book.get(credit.intended_notice_id)
            if notice is None or notice.site_id != credit.site_id:
                continue
            decision = pay_notice(credit.amount, notice, RECEIPT_REASONS[credit.channel])
        credit.apply(decision, at, new_id)
        book.pay(decision.shares)
        if credit.version == 0 or before != (credit.status, credit.reason, credit.evidence, credit.candidates):
            changed.append(credit)
    return changed


def _incoming(credit: LedgerCredit) -> Incoming:
    return Incoming(
        credit.credit_id,
        credit.site_id,
        credit.amount,
        is_money_in=credit.direction == "in",
        memo=" ".join(credit.memo_references),
        virtual_account=credit.virtual_account,
    )
