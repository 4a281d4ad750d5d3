"""The table of settlements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

_COLUMNS = (
    "settlement_id, site_id, payer_code, total, insurance, deposit, to_pay, to_return, notice_id, deposit_notice_ids, act_id"
)
ADD = f"insert into settlements ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
ADD_DEPOSITS = "insert into settled_deposits (deposit_notice_id, settlement_id) select id, $2 from unnest($1::text[]) id"
# By the primary keys.
ONE = f"select {_COLUMNS}, acted_at as settled_at from settlements join acts using (act_id) where settlement_id = $1"
SETTLED_BEFORE = """
select deposit_notice_id, settlement_id from settled_deposits where deposit_notice_id = any($1::text[])
order by deposit_notice_id
"""
# By settlements_site; those that give money back first.
OF_SITE = f"""
select {_COLUMNS}, acted_at as settled_at from settlements join acts using (act_id)
where site_id = $1 and (not $2 or to_return > 0) order by acted_at desc, settlement_id limit $3
"""
# By the primary key and payments_notice.
PAID = """
select notice_id, coalesce((select sum(amount) from payments where payments.notice_id = notices.notice_id), 0)::bigint as paid
from notices where notice_id = any($1::text[])
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """A settlement as it is stored."""

    settlement_id: str
    site_id: str
    payer_code: str | None
    """None: the patient was erased."""
    total: int
    insurance: int
    deposit: int
    to_pay: int
    to_return: int
    notice_id: str | None
    """The notice of what is still to be paid."""
    deposit_notice_ids: list[str]
    act_id: str
    settled_at: datetime


async def add(connection: Connection, settled: Settled) -> None:
    """Store a settlement; its id is unique over all sites, and each of its deposits is in no other."""
    await connection.execute(
        ADD, settled.settlement_id, settled.site_id, settled.payer_code, settled.total, settled.insurance, settled.deposit,
        settled.to_pay, settled.to_return, settled.notice_id, settled.deposit_notice_ids, settled.act_id,
    )  # fmt: skip
    await connection.execute(ADD_DEPOSITS, settled.deposit_notice_ids, settled.settlement_id)


async def one(connection: Connection, settlement_id: str) -> Settled | None:
    """The settlement with this id."""
    row = await connection.fetchrow(ONE, settlement_id)
    return None if row is None else Settled(**{**row, "act_id": str(row["act_id"])})


async def settled_before(connection: Connection, notice_ids: list[str]) -> dict[str, str]:
    """Those of these deposits that a settlement has counted, and which one."""
    rows = await connection.fetch(SETTLED_BEFORE, notice_ids)
    return {row["deposit_notice_id"]: row["settlement_id"] for row in rows}


async def of_site(connection: Connection, site_id: str, *, to_return_only: bool, limit: int) -> list[dict[str, Any]]:
    """The newest settlements of a site."""
    rows = await connection.fetch(OF_SITE, site_id, to_return_only, limit)
    return [{**row, "act_id": str(row["act_id"])} for row in rows]


async def paid(connection: Connection, notice_ids: list[str]) -> dict[str, int]:
    """What is paid of notices, in đồng."""
    return {row["notice_id"]: row["paid"] for row in await connection.fetch(PAID, notice_ids)}
