"""Issuing from a request: all of it in one transaction, once for its Idempotency-Key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from services.notices import store
from services.notices.bills import store as bill_store
from services.notices.bills.model import BillView
from services.notices.commands.items import NAMED_BY, amended, entries_of
from services.notices.issuing import ROWS_AT_ONCE, Issuer
from services.notices.model import ERASED, Change
from services.notices.notice_rows import NoticeParser, NoticeRow
from services.notices.reports import NoticeReport
from services.notices.store import Act, new_act
from shared import clock
from shared.runtime.auth import Caller
from shared.runtime.commands import check_version, once
from shared.runtime.problems import Problem
from shared.runtime.tables import Rejected

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

CHANGED_SINCE = "khoản thu đã được sửa từ khi bạn mở; xin xem lại rồi sửa tiếp"


async def issue_items(
    connection: Connection, items: Sequence[Mapping[str, Any]], caller: Caller, act: Act, parser: NoticeParser
) -> tuple[NoticeReport, list[Change]]:
    """Issue the items of a request in the transaction of its connection. Raises Problem for a site that is not the caller's."""
    report = NoticeReport()
    changes: list[Change] = []
    issuer = Issuer(connection, act)
    seen: dict[str, int] = {}
    for group in entries_of(items):
        rows, rejected = parser.parse(group.entries)
        report.add_rejected(rejected)
        for row in rows:
            caller.require_site(row.site_id)
        kept, repeated = _first_of_each(rows, seen)
        report.add_rejected(repeated)
        for start in range(0, len(kept), ROWS_AT_ONCE):
            plan = await issuer.issue(kept[start : start + ROWS_AT_ONCE], group.given)
            report.add(plan)
            changes += plan.changes
    return report, changes


def _first_of_each(rows: Sequence[NoticeRow], seen: dict[str, int]) -> tuple[list[NoticeRow], list[Rejected]]:
    kept, rejected = [], []
    for row in rows:
        first = seen.setdefault(row.notice_id, row.row)
        if first == row.row:
            kept.append(row)
        else:
            rejected.append(Rejected(row.row, "notice_id", f"the same as in row {first}"))
    return kept, rejected


async def amend(
    connection: Connection,
    notice_id: str,
    version: int,
    changes: Mapping[str, Any],
    caller: Caller,
    act: Act,
    parser: NoticeParser,
) -> Change | None:
    """Bring a notice to its next version; None where nothing differs. Raises Problem."""
    named = sorted(set(changes) & NAMED_BY)
    if named:
        raise Problem(400, "not_amendable", f"{', '.join(named)}: says which notice it is and cannot be changed")
    standing, _ = await store.notices_by_id(connection, [notice_id])
    if notice_id not in standing:
        raise Problem(404, "not_found", "no notice has this id")
    caller.require_site(standing[notice_id].site_id)
    # Read again under the site's lock: an import may be changing it.
    await store.lock_sites(connection, [standing[notice_id].site_id])
    standing, _ = await store.notices_by_id(connection, [notice_id])
    now = standing[notice_id]
    if now.payer_code is None:
        raise Problem(409, "erased", ERASED)
    check_version(version, now.version, CHANGED_SINCE)
    report, made = await issue_items(connection, [amended(now, changes)], caller, act, parser)
    if report.rejected:
        first = report.rejected[0]
        raise Problem(422, "refused", f"{first.column}: {first.problem}", column=first.column)
    return made[0] if made else None


async def run_once(
    database: Database,
    caller: Caller,
    key: str,
    request: object,
    act: Callable[[Connection], Awaitable[dict[str, Any]]],
) -> dict[str, Any]:
    """Run a command in a transaction, once for its key and its caller."""
    async with database.transaction() as connection:
        return await once(connection, f"{caller.person}/{key}", to_json(request), lambda: act(connection))


async def bill_of_change(connection: Connection, change: Change) -> BillView | None:
    """The bill on which a notice stands now."""
    return next(iter(await bill_store.by_id(connection, [change.notice.bill_id])), None)


def act_of(caller: Caller, what: str, reason: str | None = None) -> Act:
    """The act of a caller, now."""
    return new_act(caller.person, what, clock.now(), reason)
