"""Closing days by hand: a person acts only on a difference, and says why only then."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from services.reconciliation.days import book, store
from services.reconciliation.days.book import Moment, Pass
from services.reconciliation.discrepancies import store as discrepancy_store
from services.reconciliation.model import Close, DayKey, in_order, key_of
from shared import clock
from shared.events import ReconciliationDay
from shared.runtime.commands import check_version
from shared.runtime.postgres import Connection
from shared.runtime.problems import Problem

CloseReason = Literal[
    "bank_fee", "bank_corrects_later", "statement_unavailable", "small_difference", "counted_later", "other"
]

REBUILT = "select r.epoch = e.epoch from rebuilt r cross join replay_epoch e"


async def require_complete(connection: Connection) -> None:
    """Refuse to decide on half of the facts, while a replay reads them; raises Problem."""
    if not await connection.fetchval(REBUILT):
        raise Problem(
            503, "being_rebuilt", "the figures are being rebuilt; try again in a moment", headers={"Retry-After": "10"}
        )


async def close_days(
    connection: Connection,
    site_id: str,
    day: date,
    *,
    account: str | None,
    version: int | None,
    reason: CloseReason | None,
    person: str,
    at: datetime,
) -> list[ReconciliationDay]:
    """Close a site's rows of a date (or one account's), as a person; answers with them. Raises Problem.

    A balanced day needs no reason, known to be complete or not; one with a difference does, and the reason settles what
    stood open. What comes in later is found late. Nothing is closed while a movement has no decision: it has one in a moment.
    """
    await require_complete(connection)
    await store.lock(connection)
    as_of = clock.local_day(at)
    if day > as_of:
        raise Problem(400, "not_begun", "this day has not begun")
    rows = [row for row in await store.days_of_site(connection, site_id, day) if account in {None, row.account}]
    if not rows:
        raise Problem(404, "unknown_day", f"nothing is known of {site_id} on {day.isoformat()}")
    if version is not None:
        [row] = rows
        check_version(version, row.version, _what_happened(row))
    keys = [key_of(row) for row in rows if row.state != "closed"]
    if keys:
        await _require_order(connection, site_id, keys)
        moment = Moment(as_of, at, may_close=False)
        now = await book.derive_days(connection, keys, moment)
        await book.publish(connection, now, {})
        _require_closable(now, keys, reason)
        closes = {key: Close(at, person, reason) for key in keys}
        closed = await book.derive_days(connection, keys, moment, closes=closes)
        if closed.unbooked & set(keys):
            raise Problem(409, "day_changed", "something came in at this moment; try again")
        await book.publish(connection, closed, {})
        for each in closed.discrepancies:
            if each.settled_by == person:
                await discrepancy_store.add_act(connection, each, "settle", person, reason, None, at)
    return [row for row in await store.days_of_site(connection, site_id, day) if account in {None, row.account}]


async def _require_order(connection: Connection, site_id: str, keys: list[DayKey]) -> None:
    _, unclosed = await store.boxes(connection, [site_id])
    if set(keys) - in_order(keys, unclosed):
        first = min(key.date for key in unclosed).isoformat()
        raise Problem(409, "close_in_order", f"the cash box closes day after day: {first} is not closed yet", first=first)


def _require_closable(now: Pass, keys: list[DayKey], reason: CloseReason | None) -> None:
    stand = []
    for key in keys:
        figures = now.figures[key]
        if figures.undecided:
            raise Problem(
                409, "undecided", f"{figures.undecided} movements of this day have no decision yet; try again in a moment"
            )
        kinds: list[str] = sorted({finding.kind for finding in now.standing[key]})
        kinds += ["open_shift" if key.is_cash else "unread_lines"] if figures.waiting else []
        if kinds:
            stand.append({"account": key.account, "differences": kinds})
    if stand and reason is None:
        told = "; ".join(f"{each['account']}: {', '.join(each['differences'])}" for each in stand)
        raise Problem(409, "day_differs", f"this day has differences ({told}); give a reason to close it all the same",
                      differences=stand)  # fmt: skip


def _what_happened(row: ReconciliationDay) -> str:
    if row.closed_at is None:
        return "ngày này vừa thay đổi, hãy tải lại"
    who = "hệ thống" if row.closed_by == "auto" else row.closed_by
    return f"đã được {who} chốt lúc {row.closed_at.astimezone(clock.LOCAL):%H:%M %d/%m/%Y}"
