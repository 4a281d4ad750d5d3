"""An import of fee kinds from file to report."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from services.notices import views
from services.notices.fees import store
from services.notices.fees.model import ALL_SITES, FeeKindRow, decide_fee_kinds
from services.notices.fees.rows import COLUMNS, parse_fee_kinds
from services.notices.sites import UNKNOWN_SITE, await_sites
from shared.runtime.tables import ImportReport, Rejected, TableError, read_table_file

if TYPE_CHECKING:
    from shared.runtime.postgres import Database


async def import_fee_kinds(database: Database, file: Path, site: str | None, *, check: bool, partial: bool) -> ImportReport:
    """Import fee kinds: the whole file or, unless `partial`, nothing; `check` stores nothing."""
    try:
        # In a thread: a large file must not keep the process from consuming and answering.
        table = await asyncio.to_thread(read_table_file, file, COLUMNS)
    except TableError as error:
        return ImportReport(0, 0, error.rejected)
    rows, rejected = parse_fee_kinds(table, site)
    named = {row.kind.site_id for row in rows} - {ALL_SITES}
    known_sites = await await_sites(database, named) | {ALL_SITES}
    rejected += [Rejected(row.row, "site_id", UNKNOWN_SITE) for row in rows if row.kind.site_id not in known_sites]
    sound: list[FeeKindRow] = [row for row in rows if row.kind.site_id in known_sites]
    async with database.transaction() as connection:
        await store.lock(connection)
        sites = await views.sites(connection, known_sites)
        changed, unchanged, refused = decide_fee_kinds(sound, await store.of_sites(connection, known_sites), sites)
        rejected = sorted([*rejected, *refused], key=lambda each: (each.row, each.column))
        if rejected and not partial:
            return ImportReport(0, unchanged, rejected)
        if not check:
            await store.put(connection, changed)
    return ImportReport(len(changed), unchanged, rejected)
