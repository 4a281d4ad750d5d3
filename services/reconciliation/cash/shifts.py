"""Counter shifts as they are kept: opened by a cashier, counted and closed by somebody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.reconciliation.cash.model import Till
from shared.runtime.postgres import Connection

COLUMNS = (
    "shift_id, version, site_id, counter, cashiers, opened_at, opening, closed_by, closed_at, closed_on, denominations, counted,"
    " expected, handed_over, left_in_till, reason"
)

OPEN = f"""
insert into shifts (shift_id, version, site_id, counter, cashiers, opened_at, opening)
values ($1, 1, $2, $3, $4, $5, $6) returning {COLUMNS}
"""

# By the primary key.
LOAD = f"select {COLUMNS} from shifts where shift_id = $1"
LOCK = f"{LOAD} for update"

CLOSE = f"""
update shifts set version = version + 1, closed_by = $2, closed_at = $3, closed_on = $4, denominations = $5, counted = $6,
  expected = $7, handed_over = $8, left_in_till = $9, reason = $10
where shift_id = $1 returning {COLUMNS}
"""

# A shift's receipts: those that were put into it, and those taken while it was the only one open at its site; and what its
# cashiers handed out. By shift_receipts_of_shift, credits_cash_of_day, shifts_of_site and refunds_in_cash.
RECEIPTS = """
select c.credit_id, c.occurred_at, c.amount, c.document_number, put.put_by
from shifts s
join credits c on c.channel = 'cash' and c.direction = 'in' and c.site_id = s.site_id
  and c.day >= (s.opened_at at time zone interval '7 hours')::date
  and c.day <= (coalesce(s.closed_at, $2) at time zone interval '7 hours')::date
left join shift_receipts put on put.credit_id = c.credit_id
where s.shift_id = $1 and (
  put.shift_id = s.shift_id
  or (put.shift_id is null and c.occurred_at >= s.opened_at and c.occurred_at < coalesce(s.closed_at, $2)
    and not exists (
      select from shifts other
      where other.site_id = s.site_id and other.shift_id <> s.shift_id and other.opened_at <= c.occurred_at
        and (other.closed_at is null or other.closed_at > c.occurred_at))))
order by c.occurred_at, c.credit_id
"""

PAID_OUT = """
select coalesce(sum(r.amount), 0)::bigint from shifts s
join refunds r on r.site_id = s.site_id and r.way = 'cash' and r.state in ('paid', 'told')
  and r.paid_on >= (s.opened_at at time zone interval '7 hours')::date
  and r.paid_at >= s.opened_at and r.paid_at < coalesce(s.closed_at, $2) and r.handed_by = any(s.cashiers)
where s.shift_id = $1
"""

PUT_RECEIPT = """
insert into shift_receipts (credit_id, shift_id, put_by, put_at)
select c.credit_id, $2, $3, $4 from credits c
where c.credit_id = $1 and c.channel = 'cash' and c.direction = 'in' and c.site_id = $5
on conflict (credit_id) do nothing returning credit_id
"""

SHIFT_OF_RECEIPT = "select shift_id from shift_receipts where credit_id = $1"

# The hand-over journal, and what is open. By shifts_of_site.
BETWEEN = f"""
select {COLUMNS} from shifts
where ($1::text[] is null or site_id = any($1::text[])) and opened_at >= $2 and opened_at < $3
  and (opened_at, shift_id) > ($4, $5) and ($6::boolean is null or (closed_by is null) = $6)
order by opened_at, shift_id limit $7
"""


async def open_shift(
    connection: Connection, shift_id: str, site_id: str, counter: str, cashiers: list[str], at: datetime, opening: int
) -> dict[str, Any]:
    """Begin a shift; raises UniqueViolationError where one is open at this counter."""
    return dict(await connection.fetchrow(OPEN, shift_id, site_id, counter, cashiers, at, opening) or {})


async def load(connection: Connection, shift_id: str, *, lock: bool = False) -> dict[str, Any] | None:
    """A shift as it is kept."""
    row = await connection.fetchrow(LOCK if lock else LOAD, shift_id)
    return None if row is None else dict(row)


async def receipts(connection: Connection, shift_id: str, now: datetime) -> list[dict[str, Any]]:
    """The receipts of a shift, until its end or now."""
    return [dict(row) for row in await connection.fetch(RECEIPTS, shift_id, now)]


async def till(connection: Connection, shift: dict[str, Any], now: datetime) -> Till:
    """What the till of a shift must hold."""
    taken = await receipts(connection, shift["shift_id"], now)
    paid_out = await connection.fetchval(PAID_OUT, shift["shift_id"], now)
    return Till(shift["opening"], sum(each["amount"] for each in taken), paid_out)


async def put_receipt(connection: Connection, credit_id: str, shift: dict[str, Any], person: str, at: datetime) -> bool:
    """Put a receipt of the shift's site into it; returns whether it is in it now."""
    if await connection.fetchval(PUT_RECEIPT, credit_id, shift["shift_id"], person, at, shift["site_id"]):
        return True
    return bool(await connection.fetchval(SHIFT_OF_RECEIPT, credit_id) == shift["shift_id"])


async def close_shift(connection: Connection, shift_id: str, **closed: Any) -> dict[str, Any]:
    """End a shift; the database refuses a closer who took cash in it, and a difference without a reason."""
    names = (
        "closed_by", "closed_at", "closed_on", "denominations", "counted", "expected", "handed_over", "left_in_till", "reason",
    )  # fmt: skip
    return dict(await connection.fetchrow(CLOSE, shift_id, *[closed[name] for name in names]) or {})


async def between(
    connection: Connection,
    sites: list[str] | None,
    since: datetime,
    until: datetime,
    after: tuple[datetime, str],
    limit: int,
    *,
    is_open: bool | None,
) -> list[dict[str, Any]]:
    """Shifts in the order in which they were opened."""
    return [dict(row) for row in await connection.fetch(BETWEEN, sites, since, until, *after, is_open, limit)]
