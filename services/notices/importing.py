"""An import from bytes to report: read, wait for sites, decide, store and publish in one transaction."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import structlog

from services.notices import store, views
from services.notices.fee_kinds import ALL_SITES, FeeKindRow, FeeList, decide_fee_kinds, parse_fee_kinds
from services.notices.fee_kinds import COLUMNS as FEE_KIND_COLUMNS
from services.notices.model import Bill, Known, Plan, derived_bill_id, plan_import, with_references
from services.notices.notice_rows import NoticeRow, columns_for, parse_notices
from shared import clock
from shared.reference import random_reference
from shared.runtime.outbox import enqueue
from shared.runtime.problems import Problem
from shared.runtime.tables import ImportReport, Rejected, Table, TableError, read_table

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

log = structlog.get_logger()

SITE_WAIT_S = 5.0
"""How long a notice waits for its site: topics race (DESIGN §3 rule 7)."""
SITE_POLL_S = 0.1
DRAWS_MAX = 20
"""Draws of references before giving up; at a hundred million issued one in two still succeeds."""
UNKNOWN_SITE = "the site is unknown; import it to the directory first"


async def import_notices(
    database: Database, content: bytes, site: str | None, *, check: bool, partial: bool
) -> ImportReport:
    """Import notices: the whole file or, unless `partial`, nothing; `check` stores nothing and reports what would happen."""
    started = time.perf_counter()
    try:
        # In a thread: a large file must not keep the process from consuming and answering.
        table, rows, rejected = await asyncio.to_thread(_read_notices, content, site)
    except TableError as error:
        return ImportReport(0, 0, error.rejected)
    known_sites = await _await_sites(database, {row.site_id for row in rows})
    rejected += [Rejected(row.row, "site_id", UNKNOWN_SITE) for row in rows if row.site_id not in known_sites]
    rows = [row for row in rows if row.site_id in known_sites]
    async with database.transaction() as connection:
        await store.lock_sites(connection, known_sites)
        fees = FeeList(await store.fee_kinds_of(connection, {ALL_SITES, *known_sites}))
        known = await _known(connection, rows)
        today = clock.local_day(clock.now())
        plan = await asyncio.to_thread(plan_import, rows, table.columns, known, fees, today)
        rejected = sorted([*rejected, *plan.rejected], key=lambda each: (each.row, each.column))
        if rejected and not partial:
            return ImportReport(0, plan.unchanged, rejected)
        if not check:
            await _store(connection, plan)
    log.info("notices_imported", changed=len(plan.changed), unchanged=plan.unchanged, rejected=len(rejected),
             check=check, seconds=round(time.perf_counter() - started, 2))  # fmt: skip
    return ImportReport(len(plan.changed), plan.unchanged, rejected)


async def import_fee_kinds(
    database: Database, content: bytes, site: str | None, *, check: bool, partial: bool
) -> ImportReport:
    """Import fee kinds, as `import_notices` does notices."""
    try:
        table = await asyncio.to_thread(read_table, content, FEE_KIND_COLUMNS)
    except TableError as error:
        return ImportReport(0, 0, error.rejected)
    rows, rejected = parse_fee_kinds(table, site)
    known_sites = await _await_sites(database, {row.kind.site_id for row in rows} - {ALL_SITES}) | {ALL_SITES}
    rejected += [Rejected(row.row, "site_id", UNKNOWN_SITE) for row in rows if row.kind.site_id not in known_sites]
    sound: list[FeeKindRow] = [row for row in rows if row.kind.site_id in known_sites]
    async with database.transaction() as connection:
        await store.lock_fee_kinds(connection)
        changed, unchanged, refused = decide_fee_kinds(sound, await store.fee_kinds_of(connection, known_sites))
        rejected = sorted([*rejected, *refused], key=lambda each: (each.row, each.column))
        if rejected and not partial:
            return ImportReport(0, unchanged, rejected)
        if not check:
            await store.put_fee_kinds(connection, changed)
    return ImportReport(len(changed), unchanged, rejected)


def _read_notices(content: bytes, site: str | None) -> tuple[Table, list[NoticeRow], list[Rejected]]:
    table = read_table(content, columns_for(site))
    return table, *parse_notices(table, site)


async def _await_sites(database: Database, wanted: Iterable[str]) -> set[str]:
    """Those of these sites that are known, or become known within the wait."""
    wanted = set(wanted)
    deadline = time.monotonic() + SITE_WAIT_S
    while True:
        async with database.reading() as connection:
            known = await views.known_sites(connection, wanted)
        if known == wanted or time.monotonic() >= deadline:
            return known
        await asyncio.sleep(SITE_POLL_S)


async def _known(connection: Connection, rows: Sequence[NoticeRow]) -> Known:
    notices = await store.notices_by_id(connection, [row.notice_id for row in rows])
    derived = await asyncio.to_thread(lambda: {derived_bill_id(row) for row in rows})
    return Known(
        notices,
        await store.bills_by_id(connection, derived | {notice.bill_id for notice in notices.values()}),
        await store.bills_by_reference(connection, {row.reference for row in rows if row.reference is not None}),
    )


async def _store(connection: Connection, plan: Plan) -> None:
    references = await _issue(connection, list(plan.new_bills.values()))
    for batch in store.batches(plan.changed):
        notices = with_references(batch, references)
        if await store.put_notices(connection, notices) != len(notices):
            raise Problem(409, "changed_meanwhile", "another import took one of these notice ids; send the file again")
        await enqueue(connection, notices)


async def _issue(connection: Connection, bills: Sequence[Bill]) -> dict[str, str]:
    """Store new bills; those without a reference get one that no other bill has or had. Returns bill id → reference."""
    told = [bill for bill in bills if bill.reference is not None]
    references = await store.add_bills(connection, told)
    if len(references) != len(told):
        raise Problem(409, "changed_meanwhile", "another import took one of these references; send the file again")
    chance = random.SystemRandom()
    left = [bill for bill in bills if bill.reference is None]
    for _ in range(DRAWS_MAX):
        if not left:
            return references
        drawn = await asyncio.to_thread(lambda: [_drawn(bill, chance) for bill in left])  # noqa: B023 - awaited here
        references |= await store.add_bills(connection, drawn)
        left = [bill for bill in left if bill.bill_id not in references]
    if left:
        raise Problem(503, "no_reference_free", "no free reference was found; send the file again")
    return references


def _drawn(bill: Bill, chance: random.Random) -> Bill:
    return Bill(bill.bill_id, bill.site_id, bill.payer_code, random_reference(chance))
