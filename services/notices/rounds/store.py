"""What rounds are made of: payers by class, a round's notices, bills that are still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic_core import to_json

from services.notices.payers.model import Payer
from services.notices.payers.store import payer_of
from services.notices.rounds.rule import Exempt
from services.notices.terms import Terms
from shared.events import Notice

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

# By payers_group.
ACTIVE_PAYERS = """
select site_id, payer_code, name, group_name, guardian_name, guardian_phone, unit_code, is_active from payers
where site_id = $1 and is_active order by group_name, payer_code
"""
# By notices_round.
NOTICES_OF_ROUND = """
select entity::text as entity, terms from notices where site_id = $1 and round = $2 and status = 'open' order by notice_id
"""
# By notices_payer and payments_notice: what is owed and not paid in full, the oldest due first.
OPEN_BILLS = """
select distinct on (payer_code, account_number) payer_code, account_number, reference
from (
  select notices.payer_code, bills.account_number, bills.reference, notices.notice_id,
    (notices.entity ->> 'due_on')::date as due_on,
    notices.amount - coalesce((select sum(amount) from payments where payments.notice_id = notices.notice_id), 0) as owed
  from notices join bills using (bill_id)
  where notices.site_id = $1 and notices.payer_code = any($2::text[]) and notices.status = 'open'
    and notices.obligation = 'due' and notices.round is distinct from $3
) open
where owed > 0
order by payer_code, account_number, due_on, notice_id
"""

# One statement: 1A becomes 2A and 2A becomes 3A at the same moment.
MOVE_UP = """
update payers set group_name = coalesce(move.after, payers.group_name), is_active = move.after is not null, changed_at = now()
from unnest($2::text[], $3::text[]) as move (before, after)
where site_id = $1 and group_name = move.before and is_active
  and (move.after is null or move.after <> move.before)
"""

PUT_EXEMPT = """
insert into exempted (site_id, round, fee_kind, payer_code, terms, act_id)
select $1, $2, fee_kind, payer_code, terms::jsonb, $3
from unnest($4::text[], $5::text[], $6::text[]) as new (payer_code, fee_kind, terms)
on conflict (site_id, round, fee_kind, payer_code) do update set terms = excluded.terms, act_id = excluded.act_id
"""
# By the primary key's first columns.
EXEMPT = """
select payer_code, fee_kind, name, group_name, terms from exempted left join payers using (site_id, payer_code)
where site_id = $1 and round = $2 order by payer_code, fee_kind
"""


async def active_payers(connection: Connection, site_id: str) -> list[Payer]:
    """Those whom notices for a class or a school mean."""
    return [payer_of(row) for row in await connection.fetch(ACTIVE_PAYERS, site_id)]


async def notices_of_round(connection: Connection, site_id: str, round_: str) -> list[tuple[Notice, Terms | None]]:
    """A round's notices that stand, with their terms."""
    rows = await connection.fetch(NOTICES_OF_ROUND, site_id, round_)
    return [
        (
            Notice.model_validate_json(row["entity"]),
            None if row["terms"] is None else Terms.from_json(row["terms"]),
        )
        for row in rows
    ]


async def open_bills(
    connection: Connection, site_id: str, payer_codes: Sequence[str], apart_from: str
) -> dict[tuple[str, str | None], str]:
    """The oldest bill on which something is still owed, (payer code, account) → reference; not of the round itself."""
    rows = await connection.fetch(OPEN_BILLS, site_id, payer_codes, apart_from)
    return {(row["payer_code"], row["account_number"]): row["reference"] for row in rows}


async def move_up(connection: Connection, site_id: str, moves: Mapping[str, str | None]) -> int:
    """Give classes their new names; returns how many payers moved or left."""
    done: str = await connection.execute(MOVE_UP, site_id, list(moves), list(moves.values()))
    return int(done.rpartition(" ")[2])


async def put_exempt(connection: Connection, site_id: str, round_: str, act_id: str, exempt: Sequence[Exempt]) -> None:
    """Keep of whom nothing was asked, so that the list of a round names everybody."""
    ordered = sorted(exempt, key=lambda each: (each.fee_kind, each.payer_code))
    await connection.execute(
        PUT_EXEMPT,
        site_id,
        round_,
        act_id,
        [each.payer_code for each in ordered],
        [each.fee_kind for each in ordered],
        [to_json(each.terms.to_json()).decode() for each in ordered],
    )


async def exempt_of_round(connection: Connection, site_id: str, round_: str) -> list[dict[str, object]]:
    """Of whom nothing was asked in a round, with the terms that say so."""
    return [dict(row) for row in await connection.fetch(EXEMPT, site_id, round_)]
