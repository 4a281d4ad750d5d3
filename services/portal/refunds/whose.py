"""Whose money refunds give back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.portal.office import Office
from services.portal.payment.loading import credits_by_id, notices_by_id
from services.portal.payment.views import notice_row, reader_of
from services.portal.people.roles import Session
from shared.events import Credit


async def whose(office: Office, session: Session, refunds: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The payers by refund, as the reader may see them: of the deposit of which something is left, else of what was paid with
    the money. Nobody stands here whose money pays nothing that is known.
    """
    if not refunds:
        return {}
    async with office.bounded.reading(session.reach) as connection:
        credits = {
            credit.credit_id: credit for credit in await credits_by_id(connection, {each["credit_id"] for each in refunds})
        }
        about = {each["refund_id"]: _about(each, credits.get(each["credit_id"])) for each in refunds}
        notices = await notices_by_id(connection, {notice_id for ids in about.values() for notice_id in ids})
    reader = reader_of(session.reach)
    named = {
        refund_id: dict.fromkeys(notice_row(notices[each], reader).who for each in ids if each in notices)
        for refund_id, ids in about.items()
    }
    return {refund_id: "; ".join(names) for refund_id, names in named.items() if names}


def _about(refund: Mapping[str, Any], credit: Credit | None) -> Sequence[str]:
    """The notices whose payer a refund is for: its deposit's, else those that its money pays, was meant for, or paid once."""
    if refund["notice_id"]:
        return [refund["notice_id"]]
    if credit is None:
        return []
    paid = [each.notice_id for each in credit.allocations]
    meant = [credit.intended_notice_id] if credit.intended_notice_id else []
    candidates = credit.candidates[0].notice_ids if credit.candidates else ()
    return paid or meant or candidates or [each.notice_id for each in credit.undone]
