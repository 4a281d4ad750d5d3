"""Having a transaction corrected: the statement is right, and ingest, which owns the transaction, puts its amount right.

Asked first, settled afterwards: where this process ends in between, the difference is gone and settles by itself, or the person
asks again; ingest answers both times with the one correction.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import httpx
import structlog

from services.reconciliation.model import AUTOMATON
from shared.events import Discrepancy
from shared.runtime.auth import Caller, sign_token
from shared.runtime.logs import describe_error
from shared.runtime.postgres import Connection
from shared.runtime.problems import Problem
from shared.runtime.settings import Settings
from shared.runtime.tracing import HEADER, current_traceparent

log = structlog.get_logger()

SERVICE: Final = "reconciliation"
TIMEOUT: Final = httpx.Timeout(5, connect=2)
"""Shorter than the portal waits for us."""

# Money that was promised or given back of it stands on the wrong amount. By returns' keys, refunds_of_credit and the key of
# remittances.
MONEY_WENT_ON = """
select exists (select from returns where credit_id = $1)
  or exists (select from returns where out_transaction_id = $1)
  or exists (select from refunds where credit_id = $1 and state not in ('refused', 'withdrawn'))
  or exists (select from remittances where transaction_id = $1)
"""


async def require_still_here(connection: Connection, found: Discrepancy) -> None:
    """Refuse where money of the transaction went back or on, or is promised; raises Problem."""
    if await connection.fetchval(MONEY_WENT_ON, found.about.transaction_ids[0]):
        raise Problem(
            409, "money_went_on", "a refund of this money was proposed or paid, or it is linked to money that moved"
        )


def is_ended_by_itself(found: Discrepancy) -> bool:
    """Whether its cause went away before anybody settled it, as it does when a correction arrives before its answer."""
    return found.state == "settled" and found.settled_by == AUTOMATON


class Corrector:
    """Asks ingest for corrections, in a person's name."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.ingest_url
        self._secret_key = settings.secret_key.get_secret_value()

    async def correct(self, found: Discrepancy, person: str, note: str | None) -> None:
        """Have the statement's amount stand in the place of the wrong one; once, however often asked. Raises Problem."""
        about = found.about
        if about.statement_id is None or not about.transaction_ids:
            raise Problem(409, "nothing_to_correct", "no statement says another amount")
        headers = {"Authorization": f"Bearer {self._token(found, person)}"}
        if trace := current_traceparent.get():
            headers[HEADER] = trace
        body = {"statement_id": about.statement_id, "difference": found.amount, "note": note}
        try:
            async with httpx.AsyncClient(base_url=self._url, timeout=TIMEOUT) as client:
                path = f"/transactions/{quote(about.transaction_ids[0], safe='')}/correction"
                answer = await client.post(path, json=body, headers=headers)
        except httpx.HTTPError as error:
            log.warning("ingest_unreachable", error=describe_error(error))
            raise Problem(
                503, "ingest_unreachable", "ingest does not answer; whether it corrected is not known: ask again",
                headers={"Retry-After": "5"},
            ) from None  # fmt: skip
        if not answer.is_success:
            raise refusal_of(answer)

    def _token(self, found: Discrepancy, person: str) -> str:
        sites = frozenset({found.site_id} if found.site_id else ())
        return sign_token(self._secret_key, Caller(person, SERVICE, sites))


def refusal_of(answer: httpx.Response) -> Problem:
    """What a refused correction means for the person who asked."""
    if answer.status_code >= 500:
        log.warning("ingest_failed", status=answer.status_code)
        status = 503 if answer.status_code == 503 else 502
        return Problem(status, "ingest_failed", "ingest could not correct this now; nothing was settled: ask again")
    kind = _kind(answer)
    if kind == "nothing_to_correct":
        return Problem(409, kind, "the statement and the transaction agree by now, or differ by another sum: look again")
    log.warning("not_corrected", status=answer.status_code, kind=kind)
    return Problem(409, "not_corrected", f"ingest refused to correct this transaction ({kind})")


def _kind(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["type"]).rpartition(":")[2]
    except (ValueError, KeyError, TypeError):
        return str(answer.status_code)
