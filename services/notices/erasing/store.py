"""SQL of an erasure: what is held of a payer, and what is forgotten of it beside the notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.notices.erasing.model import Held
from services.notices.terms import Terms
from shared.events import Notice
from shared.privacy import PayerCode

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

# By notices_payer; what is paid by payments_notice, a settlement's deposits by their primary key.
HELD = """
select entity::text as entity, terms,
  coalesce((select sum(amount) from payments where payments.notice_id = notices.notice_id), 0)::bigint as paid,
  exists (select from settled_deposits where deposit_notice_id = notices.notice_id) as is_settled
from notices where site_id = $1 and payer_code = $2 order by notice_id
"""
# By bills_payer.
BILLS = "select count(*) from bills where site_id = $1 and payer_code = $2"
# By drafts_site: lists that were dropped in and not yet issued, at most a week old. Names in any case, as lists write them.
IN_DRAFT = """
select exists (
  select from drafts, jsonb_array_elements(sheets) sheet, jsonb_array_elements(sheet -> 'rows') line,
    jsonb_array_elements_text(line) cell
  where site_id = $1 and made_at > $2 and issued_at is null and btrim(cell) = any($3::text[])
)
"""

FORGET_PAYER = "delete from payers where site_id = $1 and payer_code = $2"
# By bills_payer. What was told by a page that nobody can open any more goes with it.
FORGET_BILLS = """
with erased as (
  update bills set payer_code = null, link_token = null, erased_at = $3 where site_id = $1 and payer_code = $2
  returning bill_id
), unsaid as (
  delete from bill_signals using erased where bill_signals.bill_id = erased.bill_id
)
select count(*) from erased
"""
# Of whom nothing was asked: no money, so no books. By the primary key's first column.
FORGET_EXEMPTED = "delete from exempted where site_id = $1 and payer_code = $2"
# By settlements_site.
FORGET_SETTLEMENTS = "update settlements set payer_code = null where site_id = $1 and payer_code = $2"
# What versions before said where it tells of the payer: their own account, texts. By the primary key's first column.
FORGET_AMENDED = """
update notice_versions set amended = (
  select jsonb_agg(
    case when told ->> 'column' = any($2::text[]) then told || '{"before": null, "after": null}'::jsonb else told end order by place)
  from jsonb_array_elements(amended) with ordinality as amendments (told, place))
where notice_id = any($1::text[]) and amended is not null
"""
# An amendment is of one notice, and why it was made may tell of its payer.
FORGET_REASONS = """
update acts set reason = null
where what = 'amend' and reason is not null and act_id in (select act_id from notice_versions where notice_id = any($1::text[]))
"""
# By idempotency_of_payer: an answer that would be given again tells whom it was about.
FORGET_ANSWERS = """
delete from idempotency
where response ->> 'site_id' = $1 and response ->> 'payer_code' = $2 and response ? 'payer_code'
"""
TEXTS = ("virtual_account", "purpose")
"""Columns of an amendment that may name the payer; names and codes never stand in one."""


async def held(connection: Connection, site_id: str, payer_code: PayerCode) -> list[Held]:
    """The payer's notices."""
    return [_held(row) for row in await connection.fetch(HELD, site_id, payer_code.reveal())]


async def count_bills(connection: Connection, site_id: str, payer_code: PayerCode) -> int:
    """How many bills name this payer."""
    count: int = await connection.fetchval(BILLS, site_id, payer_code.reveal())
    return count


async def is_in_draft(connection: Connection, site_id: str, texts: Sequence[str], since: datetime) -> bool:
    """Whether a cell of a list that is not yet issued says one of these texts."""
    spelled = sorted({form for text in texts for form in (text, text.upper(), text.lower(), text.title())})
    found: bool = await connection.fetchval(IN_DRAFT, site_id, since, spelled)
    return found


async def forget(
    connection: Connection, site_id: str, payer_code: PayerCode, notice_ids: Sequence[str], at: datetime
) -> int:
    """Forget the payer wherever it stands beside the notices; returns how many bills named them."""
    code = payer_code.reveal()
    await connection.execute(FORGET_AMENDED, notice_ids, TEXTS)
    await connection.execute(FORGET_REASONS, notice_ids)
    await connection.execute(FORGET_ANSWERS, site_id, code)
    await connection.execute(FORGET_EXEMPTED, site_id, code)
    await connection.execute(FORGET_SETTLEMENTS, site_id, code)
    await connection.execute(FORGET_PAYER, site_id, code)
    bills: int = await connection.fetchval(FORGET_BILLS, site_id, code, at)
    return bills


def _held(row: Any) -> Held:
    terms = None if row["terms"] is None else Terms.from_json(row["terms"])
    return Held(Notice.model_validate_json(row["entity"]), terms, row["paid"], row["is_settled"])
