"""Commands and questions about credits: what a person does by hand (DESIGN §3 rule 11)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from services.matching import measures, store
from services.matching.handlers import new_id
from services.matching.ledger import LedgerCredit, LedgerError
from services.matching.matcher import Book, OpenNotice, Share
from shared import clock
from shared.events import Credit
from shared.events.base import Id
from shared.events.payments import SuspenseParts
from shared.money import PositiveDong
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.commands import check_version, expected_version, idempotency_key, once
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem

MAX_PAGE = 200

T = TypeVar("T")

IfMatch = Annotated[int, Depends(expected_version)]
IdempotencyKey = Annotated[str, Depends(idempotency_key)]


class ShareByHand(BaseModel):
    """A part of the credit for one notice."""

    model_config = ConfigDict(extra="forbid")
    notice_id: Id
    amount: PositiveDong


class AllocateByHand(BaseModel):
    """What a person decided: shares, and what the rest of the credit is."""

    model_config = ConfigDict(extra="forbid")
    allocations: list[ShareByHand] = Field(max_length=100)
    suspense: SuspenseParts | None = None


class ReviewPage(BaseModel):
    """A page of the review queue."""

    credits: list[Credit]
    over_allocated: list[str]
    next: str | None


def router(database: Database) -> APIRouter:
    """The routes of credits."""
    routes = APIRouter(tags=["credits"])

    @routes.get("/credits/{credit_id}")
    async def read_credit(credit_id: str, caller: CallerHere) -> Credit:
        """One credit with its decision and evidence."""
        async with database.reading() as connection, connection.transaction():
            credit = await _load(connection, credit_id)
        caller.require_site(credit.site_id)
        return credit.event()

    @routes.get("/review")
    async def read_review(
        caller: CallerHere, site: str, after: str = "", limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50
    ) -> ReviewPage:
        """What a site's people have to look at, oldest first."""
        caller.require_site(site)
        async with database.reading() as connection, connection.transaction():
            credits, over_allocated = await store.review(connection, site, after, limit)
        last = credits[-1].credit_id if len(credits) == limit else None
        return ReviewPage(credits=credits, over_allocated=over_allocated, next=last)

    @routes.post("/credits/{credit_id}/allocations")
    async def allocate(
        credit_id: str, body: AllocateByHand, caller: CallerHere, version: IfMatch, key: IdempotencyKey
    ) -> dict[str, Any]:
        """Allocate by hand; the automaton never touches the credit again."""
        shares = _folded(body)

        async def act(connection: Connection) -> Credit:
            credit = await load_locked(connection, credit_id, caller, version, [share.notice_id for share in shares])
            book = Book(await store.load_notices(connection, notice_ids=[share.notice_id for share in shares]))
            for share in shares:
                _require_open(book.get(share.notice_id), share, credit)
            _or_refuse(lambda: credit.allocate_by_hand(shares, body.suspense, caller.person, clock.now(), new_id))
            book.pay(shares)
            return await store_changed(connection, credit, book)

        request = f"{credit_id}/{version}/{body.model_dump_json()}"
        return await command(database, f"{caller.person}/{key}", request, act)

    @routes.delete("/allocations/{allocation_id}")
    async def undo(
        allocation_id: str, caller: CallerHere, version: IfMatch, reason: Annotated[str, Query(min_length=1, max_length=200)]
    ) -> Credit:
        """Take one allocation back, with a reason; its money waits for a person."""
        async with database.transaction() as connection:
            credit_id = await store.credit_of_allocation(connection, allocation_id)
            if credit_id is None:
                raise Problem(404, "unknown_allocation", "there is no such allocation")
            credit = await load_locked(connection, credit_id, caller, version, [])
            undone = _or_refuse(lambda: credit.undo_by_hand(allocation_id, caller.person, clock.now(), reason))
            book = Book(await store.load_notices(connection, notice_ids=[undone.notice_id]))
            book.release(undone.notice_id, undone.amount)
            event = await store_changed(connection, credit, book)
        measures.count([event])
        return event

    return routes


async def command(
    database: Database, key: str, request: str, act: Callable[[Connection], Awaitable[Credit]]
) -> dict[str, Any]:
    """Run a command once for its key and answer with the whole credit."""
    async with database.transaction() as connection:

        async def run() -> dict[str, Any]:
            event = await act(connection)
            measures.count([event])
            return event.model_dump(mode="json")

        return await once(connection, key, request.encode(), run)


async def _load(connection: Connection, credit_id: str) -> LedgerCredit:
    credit = (await store.load_credits(connection, [credit_id])).get(credit_id)
    if credit is None:
        raise Problem(404, "unknown_credit", "there is no such credit")
    return credit


async def load_locked(
    connection: Connection, credit_id: str, caller: Caller, version: int, notice_ids: list[str]
) -> LedgerCredit:
    """The credit under the lock of its site, and of the sites of the notices that it shall pay."""
    sites = {notice.site_id for notice in await store.load_notices(connection, notice_ids=notice_ids)}
    await store.lock_sites(connection, [*sites, *await store.sites_of_credits(connection, [credit_id])])
    credit = await _load(connection, credit_id)
    for site in (*sites, credit.site_id):
        caller.require_site(site)
    check_version(version, credit.version, _what_happened(credit))
    return credit


async def store_changed(connection: Connection, credit: LedgerCredit, book: Book) -> Credit:
    [event] = await store.save(connection, [credit], book.changed())
    await enqueue(connection, [event])
    return event


def _folded(body: AllocateByHand) -> list[Share]:
    """The shares, each notice once."""
    amounts: dict[str, int] = {}
    for each in body.allocations:
        amounts[each.notice_id] = amounts.get(each.notice_id, 0) + each.amount
    return [Share(notice_id, amount) for notice_id, amount in amounts.items()]


def _require_open(notice: OpenNotice | None, share: Share, credit: LedgerCredit) -> None:
    if notice is None:
        raise Problem(404, "unknown_notice", "there is no such notice")
    if credit.site_id is not None and notice.site_id != credit.site_id:
        raise Problem(409, "other_site", "the notice is of another site than the credit")
    if share.amount > notice.open:
        raise Problem(409, "more_than_open", f"only {notice.open} đồng of this notice are open", open=notice.open)


def _or_refuse(change: Callable[[], T]) -> T:
    try:
        return change()
    except LedgerError as error:
        raise Problem(409, "not_possible", str(error)) from error


def _what_happened(credit: LedgerCredit) -> str:
    """Why the caller's version is old, in the words that a second clerk reads."""
    acts = [(each.decided_at, each.decided_by, "khớp") for each in credit.allocations]
    acts += [(each.undone_at, each.undone_by, "gỡ khớp") for each in credit.undone]
    if not acts:
        return "khoản này vừa thay đổi, hãy tải lại"
    at, by, act = max(acts)
    who = "hệ thống" if by == "auto" else by
    return f"đã được {who} {act} lúc {at.astimezone(clock.LOCAL):%H:%M}"
