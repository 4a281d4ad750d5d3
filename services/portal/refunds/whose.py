"""Whose deposits refunds give back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.portal.office import Office
from services.portal.payment.loading import notices_by_id
from services.portal.payment.views import notice_row, reader_of
from services.portal.people.roles import Session


async def whose(office: Office, session: Session, refunds: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The payers of the deposits (by their notices) of which these refunds give back what is left, as the reader may see them."""
    wanted = {each["notice_id"] for each in refunds if each["notice_id"]}
    if not wanted:
        return {}
    async with office.bounded.reading(session.reach) as connection:
        notices = await notices_by_id(connection, wanted)
    reader = reader_of(session.reach)
    return {notice_id: notice_row(notice, reader).who for notice_id, notice in notices.items()}
