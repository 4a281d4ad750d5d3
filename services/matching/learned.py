"""What transfers say, and which account pays for whom: kept per site, faded by the matcher, taken back with a correction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from services.matching.ledger import LedgerCredit
from services.matching.matcher.habits import PAYMENTS_MAX
from shared.runtime.postgres import Connection


class Texts(NamedTuple):
    """What the bank's message said of a credit."""

    memo: str
    counter_name: str
    counter_account: str


TEXTS = "select credit_id, memo, counter_name, counter_account from texts where credit_id = any($1::text[])"
FORGET_TEXTS = "delete from texts where credit_id = any($1::text[])"
PUT_TEXTS = """
insert into texts (credit_id, memo, counter_name, counter_account)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
on conflict (credit_id) do update set
  memo = excluded.memo, counter_name = excluded.counter_name, counter_account = excluded.counter_account
"""

# What is learned follows from the live allocations, whoever changed them: taught, unlearned and taught otherwise alike.
UNLEARN = "delete from habits where credit_id = any($1::text[])"
LEARN = """
insert into habits (credit_id, sender_key, site_id, day, payer_codes, paid_through)
select c.credit_id, sender.key, c.site_id, (c.occurred_at at time zone 'Asia/Ho_Chi_Minh')::date, paid.payer_codes,
  case when paid.words = 1 then paid.word else 'unknown' end
from (
  select a.credit_id, array_agg(distinct n.payer_code order by n.payer_code) as payer_codes,
    count(distinct a.paid_through) filter (where a.decided_by <> 'auto' and a.paid_through <> 'unknown') as words,
    min(a.paid_through) filter (where a.decided_by <> 'auto' and a.paid_through <> 'unknown') as word
  from allocations a join notices n using (notice_id)
  where a.credit_id = any($1::text[]) and a.undone_by is null and n.payer_code is not null
  group by a.credit_id
) as paid
join credits c using (credit_id)
cross join lateral (values (c.sender_key), (c.memo_key)) as sender (key)
where sender.key is not null and c.site_id is not null
on conflict do nothing
"""
# The last payments of each sender, oldest first. By habits_sender.
HABITS = """
select senders.site_id, senders.sender_key, last.day, last.payer_codes, last.paid_through
from unnest($1::text[], $2::bytea[]) as senders (site_id, sender_key) cross join lateral (
  select day, payer_codes, paid_through, credit_id from habits h
  where h.site_id = senders.site_id and h.sender_key = senders.sender_key order by day desc limit $3
) as last
order by last.day, last.credit_id collate "C"
"""


async def load_texts(connection: Connection, credit_ids: Iterable[str]) -> dict[str, Texts]:
    """What the bank's messages said, as far as it is kept."""
    rows = await connection.fetch(TEXTS, list(credit_ids))
    return {
        row["credit_id"]: Texts(row["memo"] or "", row["counter_name"] or "", row["counter_account"] or "") for row in rows
    }


async def put_texts(connection: Connection, texts: Mapping[str, Texts | None]) -> None:
    """Keep what messages say; None: it was erased. Their credits must be stored."""
    if gone := sorted(credit_id for credit_id, text in texts.items() if text is None):
        await connection.execute(FORGET_TEXTS, gone)
        await connection.execute(UNLEARN, gone)
    kept = [(credit_id, *text) for credit_id, text in sorted(texts.items()) if text]
    if kept:
        await connection.execute(PUT_TEXTS, *[list(column) for column in zip(*kept, strict=True)])


async def load_habits(connection: Connection, senders: Collection[tuple[str, bytes]]) -> list[Any]:
    """What is known of these senders (site, key), the oldest payment first: site_id, sender_key, day, payer_codes, paid_through."""
    if not senders:
        return []
    sites, keys = zip(*sorted(senders), strict=True)
    return await connection.fetch(HABITS, list(sites), list(keys), PAYMENTS_MAX)


async def learn(connection: Connection, credits: Sequence[LedgerCredit]) -> None:
    """Keep what these credits teach, and nothing that they taught before."""
    if again := [credit.credit_id for credit in credits if credit.undone or credit.version > 1]:
        await connection.execute(UNLEARN, again)
    if taught := [credit.credit_id for credit in credits if credit.allocations and (credit.sender_key or credit.memo_key)]:
        await connection.execute(LEARN, taught)
