"""A payer's balance pays the payer's next fees when they are issued, so that nothing is asked for twice.

Whose balance it is follows from what the credit pays; an opening balance says it. The oldest credit pays first, the oldest
due notice is paid first; what a payer need not pay (voluntary fees, deposits) is never paid by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.matching import store
from services.matching.ledger import LedgerCredit
from services.matching.matcher import Share
from shared.events import Credit
from shared.privacy import PayerCode
from shared.runtime.postgres import Connection

PayerAt = tuple[str, str]
"""A site, and a payer's code there."""


class Due(NamedTuple):
    """What is open of an obligatory notice, in đồng."""

    notice_id: str
    open: int


# Balances of these payers, the oldest first: never what a person decided to return or set aside, nor where a question is open.
# A site that is not known yet has not said that it wants this. By credits_payer; of what the public-service portal reported by
# credits_dossier, for a portal writes a dossier's code in its own way.
BALANCES = """
select owing.site_id, owing.payer_code, found.credit_id
from unnest($1::text[], $2::text[]) as owing (site_id, payer_code)
join sites s on s.site_id = owing.site_id and coalesce((s.settings->>'use_balances')::boolean, true)
cross join lateral (
  select credit_id, occurred_at from credits c
  where c.site_id = owing.site_id and c.payer_code = owing.payer_code and balance > 0 and status = 'matched'
    and unidentified = 0 and to_return = 0 and not_a_fee = 0 and possible_duplicate_of is null
  union
  select credit_id, occurred_at from credits c
  where c.site_id = owing.site_id and dossier_key(c.payer_code) = dossier_key(owing.payer_code) and channel = 'portal'
    and c.payer_code is not null and balance > 0 and status = 'matched'
    and unidentified = 0 and to_return = 0 and not_a_fee = 0 and possible_duplicate_of is null
  offset 0 -- each payer by the index: with statistics of an empty table the planner would join the whole of it
) as found
order by found.occurred_at, found.credit_id collate "C"
"""

# What stands for a payer and is not given back or used yet: also what no notice leads to. By credits_payer, and by credits_dossier
# where BALANCES finds it so.
HELD_FOR = """
select coalesce(sum(balance), 0)::bigint as balance, coalesce(sum(to_return), 0)::bigint as to_return
from (
  select credit_id, balance, to_return from credits where site_id = $1 and payer_code = $2
  union
  select credit_id, balance, to_return from credits
  where site_id = $1 and dossier_key(payer_code) = dossier_key($2) and channel = 'portal' and payer_code is not null
) as held
"""

# What these payers still have to pay where their site uses balances, the oldest due first. By notices_payer.
DUE = """
select owing.site_id, owing.payer_code, found.notice_id, found.open
from unnest($1::text[], $2::text[]) as owing (site_id, payer_code)
join sites s on s.site_id = owing.site_id and coalesce((s.settings->>'use_balances')::boolean, true)
cross join lateral (
  select notice_id, due_on, amount - allocated as open from notices n
  where n.site_id = owing.site_id and n.payer_code = owing.payer_code and obligation = 'due' and not is_cancelled
    and allocated < amount
) as found
order by found.due_on, found.notice_id collate "C"
"""


async def held_for(connection: Connection, site_id: str, payer_code: PayerCode) -> dict[str, int]:
    """A payer's balance and what is to be returned to them, in đồng."""
    row = (await connection.fetch(HELD_FOR, site_id, payer_code.reveal()))[0]
    return {"balance": row["balance"], "to_return": row["to_return"]}


async def apply_balances(
    connection: Connection, payers: Collection[PayerAt], at: datetime, new_id: Callable[[], str]
) -> list[Credit]:
    """Pay what these payers owe from their balances; their sites must be locked. Returns what to publish."""
    if not payers:
        return []
    rows = await connection.fetch(BALANCES, *_columns(payers))
    if not rows:
        return []
    owed = await due(connection, {(row["site_id"], row["payer_code"]) for row in rows})
    if not owed:
        return []
    credits = await store.load_credits(connection, [row["credit_id"] for row in rows])
    balances: dict[PayerAt, list[LedgerCredit]] = {}
    for row in rows:
        balances.setdefault((row["site_id"], row["payer_code"]), []).append(credits[row["credit_id"]])
    # Each once: what the portal reported of a dossier pays payers whose codes differ in dots and dashes alone.
    changed = {
        credit.credit_id: credit for payer, notices in owed.items() for credit in use(balances[payer], notices, at, new_id)
    }
    saved = await store.save(connection, changed.values())
    return saved.events


async def due(connection: Connection, payers: Collection[PayerAt]) -> Mapping[PayerAt, Sequence[Due]]:
    """What balances of these payers may pay, the oldest due first."""
    found: dict[PayerAt, list[Due]] = {}
    for row in await connection.fetch(DUE, *_columns(payers)):
        found.setdefault((row["site_id"], row["payer_code"]), []).append(Due(row["notice_id"], row["open"]))
    return found


def use(
    credits: Iterable[LedgerCredit], notices: Iterable[Due], at: datetime, new_id: Callable[[], str]
) -> list[LedgerCredit]:
    """Pay one payer's notices from the balances of these credits, both in their order; returns the credits that changed."""
    changed = []
    owed = [each for each in notices if each.open > 0]
    for credit in credits:
        shares, left = [], credit.suspense.balance
        while left and owed:
            first = owed[0]
            paid = min(left, first.open)
            shares.append(Share(first.notice_id, paid))
            left -= paid
            owed[:1] = [] if paid == first.open else [Due(first.notice_id, first.open - paid)]
        if shares:
            credit.use_balance(shares, at, new_id)
            changed.append(credit)
    return changed


def _columns(payers: Collection[PayerAt]) -> tuple[list[str], list[str]]:
    ordered = sorted(payers)
    return [site_id for site_id, _ in ordered], [code for _, code in ordered]
