"""An import of payers (a class list) from file to report: for sites that ask before they ever issued a notice."""

from __future__ import annotations

import asyncio
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from services.notices import store as notice_store
from services.notices.payers import store
from services.notices.payers.model import Payer
from services.notices.payers.rows import COLUMNS, PayerRow, parse_payers
from services.notices.sites import UNKNOWN_SITE, await_sites
from shared.runtime.tables import ImportReport, Rejected, TableError, read_table_file

if TYPE_CHECKING:
    from shared.runtime.postgres import Database


async def import_payers(
    database: Database, file: Path, site: str | None, identity_key: bytes, *, check: bool, partial: bool
) -> ImportReport:
    """Import payers: the whole file or, unless `partial`, nothing; who is not named in it stays as known."""
    try:
        table = await asyncio.to_thread(read_table_file, file, COLUMNS)
    except TableError as error:
        return ImportReport(0, 0, error.rejected)
    rows, rejected = await asyncio.to_thread(parse_payers, table, site, identity_key)
    known_sites = await await_sites(database, {row.payer.site_id for row in rows})
    rejected += [Rejected(row.row, "site_id", UNKNOWN_SITE) for row in rows if row.payer.site_id not in known_sites]
    sound: list[PayerRow] = [row for row in rows if row.payer.site_id in known_sites]
    async with database.transaction() as connection:
        await notice_store.lock_sites(connection, known_sites)
        known = await store.by_code(connection, {(row.payer.site_id, row.payer.payer_code) for row in sound})
        wanted = [_told(row.payer, known.get((row.payer.site_id, row.payer.payer_code)), table.columns) for row in sound]
        changed = [payer for payer in wanted if known.get((payer.site_id, payer.payer_code)) != payer]
        if rejected and not partial:
            return ImportReport(0, len(wanted) - len(changed), sorted(rejected, key=lambda each: (each.row, each.column)))
        if not check:
            await store.put(connection, changed)
    return ImportReport(len(changed), len(wanted) - len(changed), rejected)


def _told(told: Payer, known: Payer | None, given: AbstractSet[str]) -> Payer:
    """The payer as the file tells, and as known where it has no such column."""
    if known is None:
        return told
    kept = {
        name: getattr(known, name) for name in ("group", "guardian_name", "guardian_phone", "unit_code") if name not in given
    }
    return replace(told, **kept)
