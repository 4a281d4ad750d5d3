"""Documents as they are kept, and the paid notices that have none yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from services.reconciliation.documents.importing import DocumentRow, Settled
from shared.runtime.postgres import Connection

LOCK = "select pg_advisory_xact_lock(hashtextextended('documents/' || $1, 0))"

# Paid notices that rows of a list may be for. By the primary key, notices_of_reference, notices_of_payer, allocations_of_notice.
CANDIDATES = """
select n.notice_id, n.reference, n.payer_code, paid.amount as paid,
  array(
    select d.series || '/' || d.number from documents d where d.site_id = n.site_id and d.notice_id = n.notice_id
  ) as documents
from (
  select notice_id from notices where site_id = $1 and notice_id = any($2::text[])
  union select notice_id from notices where site_id = $1 and reference = any($3::text[])
  union select notice_id from notices where site_id = $1 and payer_code = any($4::text[])
) named
join notices n using (notice_id)
cross join lateral (
  select coalesce(sum(a.amount), 0)::bigint as amount from allocations a where a.notice_id = n.notice_id
) paid
where paid.amount > 0
"""

# By the primary key.
PUT = """
insert into documents as d (
  site_id, notice_id, series, number, kind, issued_on, amount, link, imported_by, imported_at)
select $1, i.notice_id, i.series, i.number, i.kind, i.issued_on, i.amount, i.link, $2, $3
from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::date[], $9::bigint[], $10::text[])
  as i(notice_id, series, number, kind, issued_on, amount, link)
on conflict (site_id, notice_id, series, number) do update set
  kind = excluded.kind, issued_on = excluded.issued_on, amount = excluded.amount, link = excluded.link,
  imported_by = excluded.imported_by, imported_at = excluded.imported_at
where (d.kind, d.issued_on, d.amount, d.link) is distinct from
  (excluded.kind, excluded.issued_on, excluded.amount, excluded.link)
returning notice_id, series, number
"""

# "Đã thu, chưa xuất chứng từ": paid in full, in no list of documents, and some of it not against a receipt's own number. By
# notices_issued, allocations_of_notice and the primary keys.
MISSING = """
select n.notice_id, n.site_id, n.payer_code, n.payer_name, n.group_name, n.fee_kind, n.purpose, n.period, n.round, n.amount,
  n.issued_on, paid.amount as paid, paid.last_on as paid_on
from notices n
cross join lateral (
  select coalesce(sum(a.amount), 0)::bigint as amount, max(c.day) as last_on,
    bool_and(c.document_number is not null) as is_receipted
  from allocations a join credits c on c.credit_id = a.credit_id where a.notice_id = n.notice_id
) paid
where n.site_id = $1 and n.issued_on >= $2 and n.issued_on <= $3 and (n.issued_on, n.notice_id) > ($4, $5)
  and not n.is_cancelled and paid.amount >= n.amount and not paid.is_receipted
  and not exists (select from documents d where d.site_id = n.site_id and d.notice_id = n.notice_id)
order by n.issued_on, n.notice_id limit $6
"""

# By the primary key.
LISTED = """
select site_id, notice_id, series, number, kind, issued_on, amount, link, imported_by, imported_at from documents
where site_id = $1 and (notice_id, series, number) > ($2, $3, $4) and ($5::text is null or notice_id = $5)
order by notice_id, series, number limit $6
"""


async def candidates(connection: Connection, site_id: str, rows: Sequence[DocumentRow]) -> list[Settled]:
    """The paid notices that these rows may be for; no other import of the site's documents runs beside this one."""
    await connection.execute(LOCK, site_id)
    found = await connection.fetch(
        CANDIDATES, site_id, [row.notice_id for row in rows if row.notice_id],
        [row.reference for row in rows if row.reference and not row.notice_id],
        [row.payer_code for row in rows if row.payer_code and not row.reference and not row.notice_id],
    )  # fmt: skip
    return [Settled(**{**dict(row), "documents": tuple(row["documents"])}) for row in found]


async def put(
    connection: Connection, site_id: str, rows: Sequence[DocumentRow], person: str, at: datetime
) -> set[tuple[str, str]]:
    """Keep documents; returns (series, number) of those that were new or changed."""
    each = {
        (notice_id, row.series, row.number): (
            notice_id,
            row.series,
            row.number,
            row.kind,
            row.issued_on,
            row.amount,
            row.link,
        )
        for row in rows
        for notice_id in row.notices
    }
    columns = [[values[index] for values in each.values()] for index in range(7)]
    changed = await connection.fetch(PUT, site_id, person, at, *columns)
    return {(row["series"], row["number"]) for row in changed}


async def missing(
    connection: Connection, site_id: str, first: date, last: date, after: tuple[date, str], limit: int
) -> list[dict[str, Any]]:
    """Notices issued within the dates that are paid and have no document yet."""
    return [dict(row) for row in await connection.fetch(MISSING, site_id, first, last, *after, limit)]


async def listed(
    connection: Connection, site_id: str, notice_id: str | None, after: tuple[str, str, str], limit: int
) -> list[dict[str, Any]]:
    """A site's documents, or one notice's."""
    return [dict(row) for row in await connection.fetch(LISTED, site_id, *after, notice_id, limit)]
