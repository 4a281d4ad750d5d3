"""Telling matching which credits went back: it owns the link that releases what they paid. At least once, until it has it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from prometheus_client import Counter, Gauge

from services.reconciliation.model import AUTOMATON
from shared import clock
from shared.runtime.auth import Caller, sign_token
from shared.runtime.postgres import PASSING_ERRORS, Connection, Database
from shared.runtime.settings import Settings

log = structlog.get_logger()

UNTOLD = Gauge("khop_returns_untold", "Returned credits that matching has not taken yet.")
FAILED = Counter("khop_returns_tell_failures_total", "Refusals and failures of telling matching, by answer.", ["answer"])
PERIOD_S = 1.0
AT_ONCE = 20
TIMEOUT_S = 10.0
TAKEN_FOR = timedelta(minutes=5)
"""Longer than telling all of them can take."""
PAUSE_LONGEST = timedelta(minutes=10)
SERVICE = "reconciliation"

# Takes some for a while, and skips what another replica has taken. By returns_untold.
CLAIM = """
update returns r set try_after = $2
from credits c
where c.credit_id = r.credit_id and r.return_id in (
  select return_id from returns where told_at is null and try_after <= $1 order by try_after limit $3 for update skip locked)
returning r.return_id, r.site_id, r.credit_id, r.out_transaction_id, r.amount, r.why, r.decided_by, r.tried, c.version,
  c.reversed_by, (select f.document_number from refunds f where f.refund_id = r.refund_id) as document_number,
  coalesce(
    (select t.occurred_at from transactions t where t.transaction_id = r.out_transaction_id),
    (select f.paid_at from refunds f where f.refund_id = r.refund_id)) as returned_at
"""

# What was told needs no account number any more. By the primary keys.
TOLD = """
with told as (update returns set told_at = $2, last_error = null where return_id = $1 returning refund_id)
update refunds f set version = version + 1, state = 'told', told_at = $2, to_account = null, to_bank = null, to_name = null
from told where f.refund_id = told.refund_id and f.state = 'paid'
"""

TRY_LATER = "update returns set tried = tried + 1, try_after = $2, last_error = $3 where return_id = $1"

# By returns_untold.
COUNT_UNTOLD = "select count(*) from returns where told_at is null"


class Telling:
    """The loop that tells."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    async def run(self) -> None:
        """Tell for ever; what fails is told again later, with growing pauses."""
        async with httpx.AsyncClient(base_url=self._settings.matching_url, timeout=TIMEOUT_S) as client:
            while True:
                try:
                    await self.tell_some(client)
                except PASSING_ERRORS as error:
                    log.warning("telling_interrupted", error=type(error).__name__)
                await asyncio.sleep(PERIOD_S)

    async def tell_some(self, client: httpx.AsyncClient) -> None:
        """Tell what waits; each link's outcome is kept whatever becomes of the others."""
        now = clock.now()
        async with self._database.transaction() as connection:
            rows = await connection.fetch(CLAIM, now, now + TAKEN_FOR, AT_ONCE)
        for row in rows:
            answer = await _tell(client, self._token(row), row)
            async with self._database.transaction() as connection:
                await _note(connection, row, answer, clock.now())
        async with self._database.reading() as connection:
            UNTOLD.set(await connection.fetchval(COUNT_UNTOLD))

    def _token(self, row: Any) -> str:
        person = SERVICE if row["decided_by"] == AUTOMATON else row["decided_by"]
        return sign_token(self._settings.secret_key.get_secret_value(), Caller(person, SERVICE, frozenset({row["site_id"]})))


async def _tell(client: httpx.AsyncClient, token: str, row: Any) -> str | None:
    """One command to matching; None where it has taken it (now or before), or what it answered instead.

    The key is the link's, whatever the credit's version: told twice, it is done once.
    """
    if row["out_transaction_id"] is not None and row["reversed_by"] == row["out_transaction_id"]:
        return None
    body = {
        "amount": row["amount"],
        "why": row["why"],
        "returned_by": row["out_transaction_id"],
        "document_number": row["document_number"],
        "returned_at": row["returned_at"].isoformat() if row["returned_at"] else None,
    }
    headers = {
        "Authorization": f"Bearer {token}",
        "If-Match": str(row["version"]),
        "Idempotency-Key": f"return/{row['return_id']}",
    }
    try:
        response = await client.post(f"/credits/{row['credit_id']}/returns", json=body, headers=headers)
    except httpx.HTTPError as error:
        return type(error).__name__
    # 422: the key was used, for the same command on the version before; so it was done.
    return None if response.is_success or response.status_code == 422 else str(response.status_code)


async def _note(connection: Connection, row: Any, answer: str | None, at: datetime) -> None:
    if answer is None:
        await connection.execute(TOLD, row["return_id"], at)
        log.info("return_told", return_id=row["return_id"])
        return
    FAILED.labels(answer).inc()
    pause = min(timedelta(seconds=2 ** min(row["tried"], 12)), PAUSE_LONGEST)
    log.warning("return_not_told", return_id=row["return_id"], answer=answer, tried=row["tried"] + 1)
    await connection.execute(TRY_LATER, row["return_id"], at + pause, answer)


def tell(database: Database, settings: Settings) -> Callable[[], Awaitable[None]]:
    """The loop of a service's process."""
    return Telling(database, settings).run
