"""What is kept of what people did: who, in which role, what, about what. Never what was in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import asyncpg

from services.portal.people.roles import Session
from shared.runtime.postgres import Connection

Act = Literal[
    "sign_in", "sign_in_failed", "sign_out", "unlock", "password_set", "role_changed", "person_added", "person_changed",
    "invited", "admin_made", "revealed", "searched_person", "matched", "bulk_matched", "undone", "set_aside", "moved",
    "put_back", "noted", "issued", "cash_taken", "document_set", "waiting_step", "receipt_made", "exported", "data_request",
    "exempt_noted", "free_noted",
    "data_erased", "day_closed", "discrepancy_settled", "shift", "refund", "closed", "help_given", "imported", "reminded",
    "money_out", "fee_changed",
]  # fmt: skip

PAGE: Final = 50

ADD = """
insert into audit (at, person_id, role, act, site_id, subject, detail) values ($1, $2, $3, $4, $5, $6, $7)
"""
# By audit_by_time's id, which grows with time; with a person by audit_of_person.
PAGE_OF = """
select id, at, person_id, role, act, site_id, subject, detail from audit
where id < $1 and ($2 = '' or person_id = $2) and ($3 = '' or act = $3) and ($4 = '' or subject = $4)
order by id desc limit $5
"""


async def note(
    connection: Connection,
    session: Session,
    act: Act,
    now: datetime,
    *,
    site_id: str | None = None,
    subject: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Keep what somebody who is signed in did."""
    await connection.execute(
        ADD, now, session.person.person_id, session.reach.role, act, site_id, subject, dict(detail or {})
    )


async def note_of(
    connection: Connection, person_id: str | None, role: str, act: Act, now: datetime, detail: Mapping[str, Any]
) -> None:
    """Keep what somebody did who is not, or not yet, signed in."""
    await connection.execute(ADD, now, person_id, role, act, None, person_id, dict(detail))


async def page_of(connection: Connection, before: int, person: str, act: str, subject: str) -> list[asyncpg.Record]:
    """The newest acts before an id; one more than a page shows."""
    return await connection.fetch(PAGE_OF, before, person, act, subject, PAGE + 1)
