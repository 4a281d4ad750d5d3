"""Everything that a site owns, table by table, as it stands: from the read model, and from reconciliation what it alone knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.portal import words
from services.portal.asking import told
from services.portal.office import Office
from services.portal.people.roles import Session
from services.portal.web.refusals import Refusal
from services.portal.web.saying import count_words

ROWS_MAX: Final = 200_000
"""Several years of a large school; a file that is cut would be taken for the whole."""

# Each by its site's index.
HERE: Final[Mapping[str, str]] = {
    "notices": """
      select notice_id, bill_id, reference, round, payer_code, payer_name, payer_group, fee_kind, purpose, period, amount,
        obligation, issued_on, due_on, status from notices where site_id = $1 order by notice_id limit $2
    """,
    "payments": """
      select c.credit_id, c.occurred_at, c.channel, c.direction, c.amount, c.suspense, c.state, c.reason, c.document_number,
        t.counter_name, t.memo, t.account, t.entity ->> 'bank_reference' as bank_reference
      from credits c left join transactions t on t.transaction_id = c.credit_id
      where c.site_id = $1 order by c.occurred_at, c.credit_id limit $2
    """,
    "allocations": """
      select allocation_id, credit_id, notice_id, amount, occurred_at, channel from allocations
      where site_id = $1 order by occurred_at, credit_id, allocation_id limit $2
    """,
    "fee_changes": """
      select change_id, notice_id, kind, amount_before, amount, reason, decision, state, proposed_by, proposed_at, decided_by,
        decided_at from fee_changes where site_id = $1 order by change_id limit $2
    """,
}
"""All others are reconciliation's."""


async def everything(
    office: Office, session: Session, table: str, site_id: str
) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:  # fmt: skip
    """The heads and all rows of a site's table; raises Refusal where they are too many for one file."""
    heads, rows = await (_here if table in HERE else _from_owner)(office, session, table, site_id)
    if len(rows) > ROWS_MAX:
        sentence = words.reports.ALL_TOO_MUCH.format(most=count_words(ROWS_MAX))
        raise Refusal(409, "too_many_rows", sentence, "/reports")
    return heads, rows


async def _here(
    office: Office, session: Session, table: str, site_id: str
) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:  # fmt: skip
    async with office.bounded.reading(session.reach) as connection:
        statement = await connection.prepare(HERE[table])
        rows = await statement.fetch(site_id, ROWS_MAX + 1)
        return [attribute.name for attribute in statement.get_attributes()], [tuple(row) for row in rows]


async def _from_owner(
    office: Office, session: Session, table: str, site_id: str
) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:  # fmt: skip
    heads: list[str] = []
    rows: list[Sequence[Any]] = []
    after: str | None = ""
    while after is not None and len(rows) <= ROWS_MAX:
        asked = {"site": site_id, "after": after}
        page = await told(
            office, session, "reconciliation", f"/exports/all/{table}", params=asked, long=True, back="/reports"
        )
        heads, after = page["heads"], page["next"]
        rows += page["rows"]
    return heads, rows
