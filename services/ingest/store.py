"""The SQL of messages, identities, transactions and sites (connections have connection_store.py)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.ingest.model import Decision, Known, Message, SiteAccount, identity_keys
from shared.events import Site
from shared.events.bank import BankTransaction
from shared.runtime.postgres import Connection

# A site's new account must not slip between the reading of sites and the commit of a transaction: readers share this
# lock, the handler of sites holds it alone for the moment in which it stores them.
SHARE_SITES = "select pg_advisory_xact_lock_shared(hashtext('ingest/sites'))"
CLOSE_SITES = "select pg_advisory_xact_lock(hashtext('ingest/sites'))"

# By the primary key. Waits for a concurrent commit of the same key, which is what makes a message once-only.
CLAIM = """
insert into transaction_identities (identity_key, transaction_id)
select * from unnest($1::text[], $2::text[])
on conflict do nothing returning identity_key
"""

# By the primary keys of both tables.
KNOWN = """
select identity_key, transaction_id, account, amount, direction
from transaction_identities join transactions using (transaction_id)
where identity_key = any($1::text[])
"""

# By the primary key; a key that turned out to belong to a contradiction.
RELEASE = "delete from transaction_identities where identity_key = any($1::text[])"

# By the primary key's first column.
SITES_OF = "select account, site_id, valid_from, valid_to from site_accounts where account = any($1::text[])"

INSERT_TRANSACTIONS = """
insert into transactions (transaction_id, version, account, site_id, amount, direction, entity)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::jsonb[])
"""

INSERT_VAULT = """
insert into vault (message_id, received_at, connection_id, provider, headers, body, outcome, transaction_ids)
select message_id, received_at, connection_id, provider, headers, body, outcome, string_to_array(ids, ' ')
from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::jsonb[], $6::bytea[], $7::text[], $8::text[])
  as row (message_id, received_at, connection_id, provider, headers, body, outcome, ids)
"""

# The first arrival stands: the same message sent again is listed once.
INSERT_UNROUTED = """
insert into unrouted (connection_id, identity_key, account, message_id, received_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[])
on conflict do nothing
"""

# By unrouted_by_arrival; the order of the page's cursor.
UNROUTED_PAGE = """
select connection_id, account, message_id, received_at, identity_key, provider
from unrouted join vault using (message_id, received_at, connection_id)
where (received_at, message_id, identity_key) > ($1, $2, $3)
order by received_at, message_id, identity_key limit $4
"""

# By the primary key's first column; locked, so that two changes of a connection do not route one message at once.
ROUTABLE = """
select u.identity_key, u.account, v.message_id, v.received_at, v.provider, v.headers, v.body
from unrouted u join vault v using (message_id, received_at)
where u.connection_id = $1 and u.account = any($2::text[]) and u.identity_key > $3
order by u.identity_key limit $4 for update of u
"""

NOTE_ROUTED = """
update vault set outcome = row.outcome, transaction_ids = string_to_array(row.ids, ' ')
from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) as row (message_id, received_at, outcome, ids)
where vault.message_id = row.message_id and vault.received_at = row.received_at
"""

DELETE_UNROUTED = "delete from unrouted where connection_id = $1 and identity_key = any($2::text[])"

UPSERT_SITES = """
insert into sites (site_id, version) select * from unnest($1::text[], $2::bigint[])
on conflict (site_id) do update set version = excluded.version where excluded.version > sites.version
returning site_id
"""

DELETE_SITE_ACCOUNTS = "delete from site_accounts where site_id = any($1::text[])"

INSERT_SITE_ACCOUNTS = """
insert into site_accounts (account, site_id, valid_from, valid_to)
select * from unnest($1::text[], $2::text[], $3::date[], $4::date[])
on conflict do nothing
"""

# By transactions_without_site; locked, so that two replicas do not make one version twice.
WITHOUT_SITE = """
select account, entity::text from transactions
where site_id is null and account = any($1::text[]) and (account, transaction_id) > ($2, $3)
order by account, transaction_id limit $4 for update
"""

# By the primary key.
UPDATE_TRANSACTIONS = """
update transactions set version = row.version, site_id = row.site_id, entity = row.entity
from unnest($1::text[], $2::bigint[], $3::text[], $4::jsonb[]) as row (transaction_id, version, site_id, entity)
where transactions.transaction_id = row.transaction_id
"""

# By the primary key, in its order.
PUBLISHED_PAGE = """
select entity::text from transactions where transaction_id > $1 order by transaction_id limit $2 for share
"""

ENSURE_PARTITION = "select ensure_vault_partition($1)"


@dataclass(frozen=True, slots=True)
class UnroutedMessage:
    """A stored message about an account outside its connection."""

    identity_key: str
    account: str
    message_id: uuid.UUID
    received_at: datetime
    provider: str
    headers: Mapping[str, str]
    body: bytes


async def share_sites(connection: Connection) -> None:
    """Keep sites as they are until this transaction ends."""
    await connection.execute(SHARE_SITES)


async def claim(connection: Connection, claims: Mapping[str, str]) -> set[str]:
    """Take the identity keys that nobody has; returns those taken. Waits for others who are taking the same."""
    keys = sorted(claims)
    rows = await connection.fetch(CLAIM, keys, [claims[key] for key in keys])
    return {row["identity_key"] for row in rows}


async def known(connection: Connection, keys: Collection[str]) -> dict[str, Known]:
    """The stored transactions behind identity keys."""
    if not keys:
        return {}
    rows = await connection.fetch(KNOWN, list(keys))
    return {
        row["identity_key"]: Known(row["transaction_id"], row["account"], row["amount"], row["direction"]) for row in rows
    }


async def release(connection: Connection, keys: Collection[str]) -> None:
    """Give back keys that were claimed for what turned out to be a contradiction."""
    if keys:
        await connection.execute(RELEASE, sorted(keys))


async def sites_of(connection: Connection, accounts: Collection[str]) -> list[SiteAccount]:
    """Who owns or owned these accounts."""
    rows = await connection.fetch(SITES_OF, list(accounts)) if accounts else []
    return [SiteAccount(row["account"], row["site_id"], row["valid_from"], row["valid_to"]) for row in rows]


async def insert_transactions(connection: Connection, transactions: Sequence[BankTransaction]) -> None:
    """Store new transactions."""
    if not transactions:
        return
    rows = sorted(transactions, key=lambda each: each.transaction_id)
    await connection.execute(
        INSERT_TRANSACTIONS,
        [row.transaction_id for row in rows],
        [row.version for row in rows],
        [row.account for row in rows],
        [row.site_id for row in rows],
        [row.amount for row in rows],
        [row.direction for row in rows],
        rows,  # the jsonb codec writes them as they are published
    )


async def insert_messages(connection: Connection, messages: Sequence[Message], decision: Decision) -> None:
    """Keep raw messages, each with what became of it, and list those that nobody may route yet."""
    await connection.execute(
        INSERT_VAULT,
        [message.message_id for message in messages],
        [message.received_at for message in messages],
        [message.connection_id for message in messages],
        [message.provider for message in messages],
        [message.headers for message in messages],
        [message.body for message in messages],
        decision.outcomes,
        [" ".join(ids) for ids in decision.transaction_ids],
    )
    if decision.unrouted:
        rows = sorted({(message.connection_id, identity_keys(message, each)[0]): (message, each)
                       for message, each in reversed(decision.unrouted)}.items(), key=lambda row: row[0])  # fmt: skip
        await connection.execute(
            INSERT_UNROUTED,
            [connection_id for (connection_id, _), _ in rows],
            [key for (_, key), _ in rows],
            [reported.account for _, (_, reported) in rows],
            [message.message_id for _, (message, _) in rows],
            [message.received_at for _, (message, _) in rows],
        )


async def unrouted_page(connection: Connection, after: tuple[datetime, uuid.UUID, str], limit: int) -> list[dict[str, Any]]:
    """The unrouted messages after a place in their order of arrival, without their contents."""
    return [dict(row) for row in await connection.fetch(UNROUTED_PAGE, *after, limit)]


async def routable(
    connection: Connection, connection_id: str, accounts: Collection[str], after: str, limit: int
) -> list[UnroutedMessage]:
    """Unrouted messages of a connection about accounts that it names by now, in the order of their keys."""
    rows = await connection.fetch(ROUTABLE, connection_id, sorted(accounts), after, limit)
    return [UnroutedMessage(**row) for row in rows]


async def note_routed(
    connection: Connection, connection_id: str, keys: Sequence[str], messages: Sequence[Message], decision: Decision
) -> None:
    """Take messages off the list of the unrouted and note in the vault what became of them."""
    await connection.execute(
        NOTE_ROUTED,
        [message.message_id for message in messages],
        [message.received_at for message in messages],
        decision.outcomes,
        [" ".join(ids) for ids in decision.transaction_ids],
    )
    await connection.execute(DELETE_UNROUTED, connection_id, sorted(keys))


async def upsert_sites(connection: Connection, sites: Iterable[Site], accounts: Sequence[SiteAccount]) -> None:
    """Keep the newest version of sites and, of those that changed, the accounts."""
    newest = sorted((site.site_id, site.version) for site in sites)
    await connection.execute(CLOSE_SITES)
    rows = await connection.fetch(UPSERT_SITES, [site_id for site_id, _ in newest], [version for _, version in newest])
    changed = {row["site_id"] for row in rows}
    if not changed:
        return
    await connection.execute(DELETE_SITE_ACCOUNTS, sorted(changed))
    stored = [each for each in accounts if each.site_id in changed]
    await connection.execute(
        INSERT_SITE_ACCOUNTS,
        [each.account for each in stored],
        [each.site_id for each in stored],
        [each.valid_from for each in stored],
        [each.valid_to for each in stored],
    )


async def without_site(
    connection: Connection, accounts: Collection[str], after: tuple[str, str], limit: int
) -> list[BankTransaction]:
    """Transactions on these accounts whose site is unknown, after (account, transaction_id)."""
    rows = await connection.fetch(WITHOUT_SITE, sorted(accounts), *after, limit)
    return [BankTransaction.model_validate_json(row["entity"]) for row in rows]


async def update_transactions(connection: Connection, transactions: Sequence[BankTransaction]) -> None:
    """Store the next versions of transactions."""
    rows = sorted(transactions, key=lambda each: each.transaction_id)
    await connection.execute(
        UPDATE_TRANSACTIONS,
        [row.transaction_id for row in rows],
        [row.version for row in rows],
        [row.site_id for row in rows],
        rows,
    )


async def published_transactions(connection: Connection, after: str, limit: int) -> list[BankTransaction]:
    """The transactions after a key, as published."""
    rows = await connection.fetch(PUBLISHED_PAGE, after, limit)
    return [BankTransaction.model_validate_json(row["entity"]) for row in rows]


async def ensure_partition(connection: Connection, month: date) -> None:
    """Make the vault's partition of a month, where it is missing."""
    await connection.execute(ENSURE_PARTITION, month)
