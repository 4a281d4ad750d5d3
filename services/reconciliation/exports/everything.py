"""All that a site owns here, table by table, as it stands: what nobody else can hand out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from shared.runtime.postgres import Connection

PAGE_MAX: Final = 5_000

TABLES: Final[Mapping[str, str]] = {
    # By the unique key (site_id, day, account).
    "days": """
      select key, day, account, state, (entity ->> 'opening')::bigint as opening, (entity ->> 'credits')::bigint as credits,
        (entity ->> 'debits')::bigint as debits, (entity ->> 'closing')::bigint as closing,
        (entity ->> 'bank_credits')::bigint as bank_credits, (entity ->> 'bank_debits')::bigint as bank_debits,
        (entity ->> 'allocated')::bigint as allocated, (entity ->> 'suspense')::bigint as suspense,
        (entity ->> 'cash')::bigint as cash, (entity ->> 'deposits')::bigint as deposits,
        entity ->> 'closed_at' as closed_at, entity ->> 'closed_by' as closed_by, entity ->> 'close_reason' as close_reason
      from days where site_id = $1
    """,
    # By discrepancies_of_site.
    "discrepancies": """
      select discrepancy_id as key, entity ->> 'kind' as kind, (entity ->> 'amount')::bigint as amount, account, day,
        found_on, due_on, state, entity ->> 'owner' as owner, entity ->> 'settled_by' as settled_by,
        entity ->> 'settled_at' as settled_at, entity ->> 'settled_reason' as settled_reason
      from discrepancies where site_id = $1
    """,
    # By shifts_of_site.
    "shifts": """
      select shift_id as key, counter, array_to_string(cashiers, ', ') as cashiers, opened_at, opening, closed_by, closed_at,
        denominations::text as denominations, counted, expected, handed_over, left_in_till, reason
      from shifts where site_id = $1
    """,
    # By refunds_of_site.
    "refunds": """
      select refund_id as key, credit_id, notice_id, amount, why, way, state, to_account, to_bank, to_name, proposed_by,
        proposed_at, decided_by, decided_at, decision_note, list_id, paid_by_transaction, handed_by, document_number, paid_on
      from refunds where site_id = $1
    """,
    # By remittances_of_site.
    "remittances": """
      select transaction_id || '~' || fee_kind as key, transaction_id, fee_kind, body, amount, day, decided_by, decided_at
      from remittances where site_id = $1
    """,
    # By the primary key.
    "documents": """
      select notice_id || '~' || series || '~' || number as key, notice_id, kind, series, number, issued_on, amount, link,
        imported_by, imported_at
      from documents where site_id = $1
    """,
    # By closes_of_site.
    "closes": """
      select close_id as key, kind, subject, first_day, last_day, signed_by, signed_at, figures::text as figures
      from closes where site_id = $1
    """,
}

# The rows after a key: a site's rows of a table are few enough to be ordered anew for each page of 5,000.
PAGE = "select * from ({}) rows where key > $2 order by key limit $3"


class Rows(BaseModel):
    """Some rows of a table, and after which key the next ones come (null: there are no more)."""

    heads: list[str]
    rows: list[list[Any]]
    next: str | None


async def rows_of(connection: Connection, table: str, site_id: str, after: str, limit: int) -> Rows:
    """The next rows of a site's table in the order of their keys."""
    statement = await connection.prepare(PAGE.format(TABLES[table]))
    found = await statement.fetch(site_id, after, limit + 1)
    rows = [list(row) for row in found[:limit]]
    return Rows(
        heads=[attribute.name for attribute in statement.get_attributes()], rows=rows,
        next=rows[-1][0] if len(found) > limit else None,
    )  # fmt: skip
