"""An installation that learned through wallets by the account alone forgets that, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import asyncpg

from shared.runtime.migrations import migrate_all
from tests.integration.matching_ledger import MIGRATIONS
from tests.integration.support import SECRET_KEY

LAST_BEFORE = "0007_matching_dossiers.sql"
PAYMENTS = {
    "memo": ("200472-MOMO200472MOMO tien an", None), "bank": ("tien an", "971025"), "name": ("gui qua Zalo Pay", "MB"),
    "none": ("tien an con Mai", "MB"),
}  # fmt: skip
PUT_CREDIT = """
insert into credits (
  credit_id, version, channel, direction, occurred_at, received_at, counter_bank, amount, unidentified, status, reason, evidence,
  candidates, partition_origin
) values ($1, 1, 'bank', 'in', now(), now(), $2, 1000, 1000, 'unmatched', 'none', '[]', '[]', 'x')
"""


async def test_what_was_learned_through_wallets_is_forgotten(empty_dsn: str, tmp_path: Path) -> None:
    for file in sorted(MIGRATIONS.glob("*.sql")):
        if file.name <= LAST_BEFORE:
            shutil.copy(file, tmp_path / file.name)
    await migrate_all(empty_dsn, SECRET_KEY, {"matching": tmp_path})
    connection = await asyncpg.connect(empty_dsn, server_settings={"search_path": "matching"})
    try:
        for credit_id, (memo, bank) in PAYMENTS.items():
            await connection.execute(PUT_CREDIT, credit_id, bank)
            await connection.execute("insert into texts (credit_id, memo) values ($1, $2)", credit_id, memo)
            await connection.execute(
                "insert into habits values ($1, $2, 'TH1', '2026-11-02', $3, 'unknown')", credit_id, b"key", ["HS0001"]
            )
        await migrate_all(empty_dsn, SECRET_KEY, {"matching": MIGRATIONS})
        assert [row["credit_id"] for row in await connection.fetch("select credit_id from habits")] == ["none"]
    finally:
        await connection.close()
