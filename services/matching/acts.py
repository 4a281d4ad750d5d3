"""Acts of people: each once for its key, under the locks of its sites, on the version that the person saw, with what stood before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal, TypeVar

import structlog
from fastapi import Depends

from services.matching import measures, owed, store
from services.matching.ledger import LedgerCredit, LedgerError
from services.matching.model import Owed
from shared import clock
from shared.events import Credit
from shared.runtime.auth import Caller
from shared.runtime.commands import expected_version, idempotency_key, once
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem

log = structlog.get_logger()
T = TypeVar("T")

IfMatch = Annotated[int, Depends(expected_version)]
IdempotencyKey = Annotated[str, Depends(idempotency_key)]
Act = Literal["allocated", "set_aside", "undone", "moved", "returned", "received", "document_set", "accepted"]

KEYS_KEPT_FOR: Final = timedelta(days=30)
"""So long a command that is sent again gets the first answer."""
KEYS_FORGOTTEN_AT_ONCE: Final = 5_000

ADD = """
insert into acts (credit_id, act, person, role, at, reason, version, before)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::bigint[], $8::jsonb[])
"""

# By acts_credit.
OF_CREDIT = "select act, person, role, at, reason, version, before from acts where credit_id = $1 order by act_id"

# By idempotency_created_at.
FORGET_KEYS = """
delete from idempotency where key in (
  select key from idempotency where created_at < $1 order by created_at limit $2 for update skip locked)
"""


@dataclass(frozen=True, slots=True)
class Before:
    """A credit as a person found it."""

    credit_id: str
    version: int
    told: Credit | None
    """None: the act itself made the credit."""


async def run(
    database: Database, caller: Caller, key: str, request: str, act: Callable[[Connection], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    """Run a command in one transaction, once for this person's key; the same key again gets the first answer."""
    async with database.transaction() as connection:
        return await once(connection, f"{caller.person}/{key}", request.encode(), lambda: act(connection))


async def load_locked(
    connection: Connection, credit_ids: Sequence[str], caller: Caller, notice_ids: Iterable[str] = ()
) -> tuple[dict[str, LedgerCredit], dict[str, Owed]]:
    """Credits, and notices that they shall pay, under the locks of all their sites. Raises Problem.

    Credits that do not exist are left out; a site that is not the caller's is refused.
    """
    ids = list(notice_ids)
    sites = {*await owed.sites_of_notices(connection, ids), *await store.sites_of_credits(connection, credit_ids)}
    await store.lock_sites(connection, sites)
    credits = await store.load_credits(connection, credit_ids)
    paying = [each.notice_id for credit in credits.values() for each in credit.allocations]
    notices = {notice.notice_id: notice for notice in await owed.named(connection, sorted({*ids, *paying}))}
    for credit in credits.values():
        caller.require_site(credit.site_id)
        if credit.site_id not in sites:
            # It was moved between the two queries; whoever moved it has told so.
            raise stale(credit)
    for notice_id in ids:
        if notice_id in notices:
            caller.require_site(notices[notice_id].site_id)
    return credits, notices


async def load_one(
    connection: Connection, credit_id: str, caller: Caller, notice_ids: Iterable[str] = ()
) -> tuple[LedgerCredit, dict[str, Owed]]:
    """As `load_locked`, of one credit, which must exist. Raises Problem."""
    credits, notices = await load_locked(connection, [credit_id], caller, notice_ids)
    if credit_id not in credits:
        raise Problem(404, "unknown_credit", "there is no such credit")
    return credits[credit_id], notices


def check_seen(credit: LedgerCredit, version: int) -> None:
    """Refuse an act on a decision that changed since the person looked; raises Problem 412 with the credit as it is now.

    What changed without touching the decision, such as the number of a document, leaves the person's view of it true.
    """
    if not credit.decided_version <= version <= credit.version:
        raise stale(credit)


def stale(credit: LedgerCredit) -> Problem:
    """Somebody was faster."""
    told = credit.event().model_dump(mode="json")
    return Problem(412, "version_changed", _what_happened(credit), current_version=credit.version, current=told)


def before(credit: LedgerCredit) -> Before:
    """What stands, to be kept with the act that changes it."""
    return Before(credit.credit_id, credit.version, credit.event() if credit.version else None)


async def store_acts(
    connection: Connection,
    caller: Caller,
    at: datetime,
    changed: Sequence[tuple[LedgerCredit, Before, Act, str | None]],
    *,
    beside: Iterable[LedgerCredit] = (),
) -> list[Credit]:
    """Store what people changed (credit, what stood before, the act, its reason), who did it, and what to publish."""
    saved = await store.save(connection, [*(credit for credit, _, _, _ in changed), *beside])
    rows = [
        (credit.credit_id, act, caller.person, caller.role, at, reason, credit.version, _told(found.told))
        for credit, found, act, reason in changed
    ]
    await connection.execute(ADD, *[list(column) for column in zip(*rows, strict=True)])
    await enqueue(connection, saved.events)
    measures.count(saved.events)
    return saved.events


async def acts_of(connection: Connection, credit_id: str) -> list[Mapping[str, Any]]:
    """Who did what to a credit, when, and what stood before; the oldest first."""
    return [dict(row) for row in await connection.fetch(OF_CREDIT, credit_id)]


async def forget_keys(connection: Connection, now: datetime) -> None:
    """Forget keys of commands that nobody sends again."""
    await connection.execute(FORGET_KEYS, now - KEYS_KEPT_FOR, KEYS_FORGOTTEN_AT_ONCE)


def or_refuse(change: Callable[[], T]) -> T:
    """What the ledger refuses, as a problem."""
    try:
        return change()
    except LedgerError as error:
        raise Problem(409, "not_possible", str(error)) from error


def _told(credit: Credit | None) -> Any:
    return None if credit is None else credit.model_dump(mode="json")


def _what_happened(credit: LedgerCredit) -> str:
    """Why the caller's version is old, in the words that a second clerk reads."""
    happened = [(each.decided_at, each.decided_by, "khớp") for each in credit.allocations]
    happened += [(each.undone_at, each.undone_by, "gỡ khớp") for each in credit.undone]
    if not happened:
        return "khoản này vừa thay đổi, hãy tải lại"
    at, by, act = max(happened)
    who = "hệ thống" if by == "auto" else by
    return f"đã được {who} {act} lúc {at.astimezone(clock.LOCAL):%H:%M}"
