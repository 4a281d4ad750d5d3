"""The portal brought up to date: who was noted to pay nothing stands among the waits no more, and is found again."""

from __future__ import annotations

import shutil
from pathlib import Path

import asyncpg

import services.portal
from services.portal.counter import exemptions
from shared.runtime.migrations import migrate_all
from tests.integration.support import SECRET_KEY

MIGRATIONS = Path(services.portal.__file__).parent / "migrations"
BEFORE = "0013"
BOUNDED = {"portal": "portal_pages"}


async def test_what_was_noted_of_who_need_not_pay_is_kept(empty_dsn: str, tmp_path: Path) -> None:
    for file in MIGRATIONS.glob("*.sql"):
        if file.name < BEFORE:
            shutil.copy(file, tmp_path / file.name)
    await migrate_all(empty_dsn, SECRET_KEY, {"portal": tmp_path}, BOUNDED)
    connection = await asyncpg.connect(empty_dsn, server_settings={"search_path": "portal"})
    try:
        await connection.execute("""
            insert into waits (wait_id, site_id, counter, person_id, reference, bill_id, who, asked, paid_before, opened_at,
              ended_at, outcome)
            select id, 'MC', '1', 'cb1', '-', '-', who, 0, 0, now(), now(), outcome from (values
              ('w1', 'Vi Thị Miễn, H02.31-1', 'exempt'), ('w2', 'Lò Văn Không, H02.31-2', 'exempt'), ('w3', 'Bế An, HS1', 'left')
            ) as told (id, who, outcome);
            insert into wait_steps values ('w1', now(), 'cb1', 'exempt', 'QĐ 12'), ('w2', now(), 'cb1', 'exempt', '');
        """)
        await migrate_all(empty_dsn, SECRET_KEY, {"portal": MIGRATIONS}, BOUNDED)
        noted = await connection.fetch(
            "select payer_name, payer_code, code_key, state, reason from exemptions order by 1 desc"
        )
        assert [tuple(row) for row in noted] == [
            ("Vi Thị Miễn", "H02.31-1", "h02311", "exempt", "QĐ 12"),
            ("Lò Văn Không", "H02.31-2", "h02312", "free", ""),
        ]
        assert [row["wait_id"] for row in await connection.fetch("select wait_id from waits")] == ["w3"]
        for typed, names in (
            ("Vi Thị Miễn", ["Vi Thị Miễn"]), ("mien vi", ["Vi Thị Miễn"]), ("H02.31-2", ["Lò Văn Không"]),
            ("h02312", ["Lò Văn Không"]), ("Bế An", []),
        ):  # fmt: skip
            assert [each.payer_name.reveal() for each in await exemptions.found(connection, ["MC"], typed)] == names, typed
    finally:
        await connection.close()
