"""Whose money refunds give back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.portal.office import Office
from services.portal.payment.loading import credits_by_id, notices_by_id
from services.portal.payment.views import notice_row, reader_of
from services.portal.people.roles import Session
from shared.events import Credit
from shared.runtime.postgres import Connection


async def whose(office: Office, session: Session, refunds: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The payers by refund, as the reader may see them: of the deposit of which something is left, else of what was paid with
    the money. Nobody stands here whose money pays nothing that is known.
    """
    if not refunds:
        return {}
    async with office.bounded.reading(session.reach) as connection:
        found = await credits_by_id(connection, {each["credit_id"] for each in refunds})
        credits = {credit.credit_id: credit for credit in found}
        about = {each["refund_id"]: _about(each, credits.get(each["credit_id"])) for each in refunds}
        return await _named(connection, session, about)


async def payers_of(connection: Connection, session: Session, credits: Iterable[Credit]) -> dict[str, str]:
    """The payers by credit, found and named as those of refunds."""
    return await _named(connection, session, {credit.credit_id: _paid_for(credit) for credit in credits})


async def _named(connection: Connection, session: Session, about: Mapping[str, Sequence[str]]) -> dict[str, str]:
    notices = await notices_by_id(connection, {notice_id for ids in about.values() for notice_id in ids})
    reader = reader_of(session.reach)
    named = {
        key: dict.fromkeys(notice_row(notices[each], reader).who for each in ids if each in notices)
        for key, ids in about.items()
    }
    return {key: "; ".join(names) for key, names in named.items() if names}


def _about(refund: Mapping[str, Any], credit: Credit | None) -> Sequence[str]:
    """The notices whose payer a refund is for: its deposit's, else those of its money."""
    if refund["notice_id"]:
        return [refund["notice_id"]]
    return _paid_for(credit) if credit else []


def _paid_for(credit: Credit) -> Sequence[str]:
    """The notices that money pays, was meant for, or paid once."""
    paid = [each.notice_id for each in credit.allocations]
    meant = [credit.intended_notice_id] if credit.intended_notice_id else []
    candidates = credit.candidates[0].notice_ids if credit.candidates else ()
    return paid or meant or candidates or [each.notice_id for each in credit.undone]
