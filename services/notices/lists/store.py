"""Which bills a round has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notices.bills import store as bill_store
from services.notices.bills.model import BillView

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

BILLS_AT_ONCE = 500

# By notices_round, or notices_site where no round is named.
BILLS_OF_ROUND = """
select distinct bill_id from notices
where site_id = $1 and ($2::text is null or round = $2) and ($3::text is null or entity ->> 'group' = $3) and status = 'open'
order by bill_id limit $4
"""


async def bills_of_round(
    connection: Connection, site_id: str, round_: str | None, group: str | None, limit: int
) -> list[BillView]:
    """The bills of a site that have open notices of this round and class (of all where none is named)."""
    rows = await connection.fetch(BILLS_OF_ROUND, site_id, round_, group, limit)
    bill_ids = [row["bill_id"] for row in rows]
    found: list[BillView] = []
    for start in range(0, len(bill_ids), BILLS_AT_ONCE):
        found += await bill_store.by_id(connection, bill_ids[start : start + BILLS_AT_ONCE])
    return found
