"""The SQL of messages, identities, transactions and sites (connections have connection_store.py)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic_core import from_json, to_json

from services.ingest.deciding import Decision, Standing, is_routed, keys_of, own_keys
from services.ingest.identity import content_digest
from services.ingest.model import Message, SiteAccount, Transaction
from shared.events import Site
from shared.events.bank import BankTransaction
from shared.runtime.postgres import Connection

# A site's new account must not slip between the reading of sites and the commit of a transaction: look_up takes this lock
# shared, the handler of sites holds it alone for the moment in which it stores them.
CLOSE_SITES = "select pg_advisory_xact_lock(hashtext('ingest/sites'))"

# Locks and look-ups of a group in one statement; the function in 0002_ingest_identity.sql says by which indexes.
LOOK_UP = """
select identity_key, entity, day_only from look_up(
  $1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[], $7::text[], $8::bigint[]
)
"""

# The account's lock keeps others from the same names, but for those of a connection: a violation is tried again.
INSERT_KEYS = (
    "insert into transaction_identities (identity_key, transaction_id) select * from unnest($1::text[], $2::text[])"
)

# By the primary key's first column.
SITES_OF = "select account, site_id, valid_from, valid_to from site_accounts where account = any($1::text[])"

INSERT_TRANSACTIONS = """
insert into transactions (
  transaction_id, version, account, site_id, amount, direction, occurred_at, balance_after, sources, day_only,
  possible_duplicate_of, entity
)
select transaction_id, version, account, site_id, amount, direction, occurred_at, balance_after,
  string_to_array(sources, ' '), day_only, possible_duplicate_of, entity
from unnest(
  $1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[], $8::bigint[], $9::text[],
  $10::boolean[], $11::text[], $12::text[]
) as row (
  transaction_id, version, account, site_id, amount, direction, occurred_at, balance_after, sources, day_only,
  possible_duplicate_of, entity
)
"""

INSERT_VAULT = """
insert into vault (message_id, received_at, connection_id, provider, headers, body, outcome, transaction_ids)
select message_id, received_at, connection_id, provider, headers, body, outcome, string_to_array(ids, ' ')
from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::text[])
  as row (message_id, received_at, connection_id, provider, headers, body, outcome, ids)
"""

# The first arrival stands: the same message sent again is listed once, another one under the same id beside it.
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

# By unrouted_account, once an account of a connection: some thousands at most.
LEFT_BEHIND = """
select connection_id, array_agg(account order by account) as accounts
from connections cross join unnest(accounts) as account
where exists (
  select from unrouted where unrouted.connection_id = connections.connection_id and unrouted.account = account.account
)
group by connection_id
"""

# By unrouted_by_arrival; counted no further than somebody would read.
UNROUTED_WAITING = """
select (select count(*) from (select from unrouted limit $1) as waiting) as messages,
  (select received_at from unrouted order by received_at limit 1) as oldest
"""

NOTE_ROUTED = """
update vault set outcome = row.outcome, transaction_ids = array(
  select id from unnest(vault.transaction_ids || string_to_array(row.ids, ' ')) id group by id order by id
)
from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) as row (message_id, received_at, outcome, ids)
where vault.message_id = row.message_id and vault.received_at = row.received_at
"""

DELETE_UNROUTED = "delete from unrouted where connection_id = $1 and identity_key = any($2::text[])"

UPSERT_SITES = """
insert into sites (site_id, version) select * from unnest($1::text[], $2::bigint[])
on conflict (site_id) do update set version = excluded.version where excluded.version > sites.version
returning site_id
"""

NEXT_SITE_EPOCH = "update site_epoch set epoch = epoch + 1"

# Some ten thousand rows at most.
ALL_SITES = "select account, site_id, valid_from, valid_to from site_accounts"
SITE_EPOCH = "select epoch from site_epoch"

DELETE_SITE_ACCOUNTS = "delete from site_accounts where site_id = any($1::text[])"

INSERT_SITE_ACCOUNTS = """
insert into site_accounts (account, site_id, valid_from, valid_to)
select * from unnest($1::text[], $2::text[], $3::date[], $4::date[])
on conflict do nothing
"""

# By transactions_without_site; locked, so that two replicas do not make one version twice.
WITHOUT_SITE = """
select entity, day_only from transactions
where site_id is null and account = any($1::text[]) and (account, transaction_id) > ($2, $3)
order by account, transaction_id limit $4 for update
"""

# By the primary key.
UPDATE_TRANSACTIONS = """
update transactions set version = row.version, site_id = row.site_id, occurred_at = row.occurred_at,
  balance_after = row.balance_after, sources = string_to_array(row.sources, ' '), day_only = row.day_only,
  possible_duplicate_of = row.possible_duplicate_of, merged_into = row.merged_into, entity = row.entity
from unnest(
  $1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $5::bigint[], $6::text[], $7::boolean[], $8::text[], $9::text[],
  $10::text[]
) as row (
  transaction_id, version, site_id, occurred_at, balance_after, sources, day_only, possible_duplicate_of, merged_into,
  entity
)
where transactions.transaction_id = row.transaction_id
"""

# By the primary key, in its order.
PUBLISHED_PAGE = "select entity from transactions where transaction_id > $1 order by transaction_id limit $2 for share"

# By the primary key.
TRANSACTIONS = "select entity, day_only from transactions where transaction_id = any($1::text[])"
ACCOUNTS_OF = "select distinct account from transactions where transaction_id = any($1::text[]) order by account"

# By transactions_doubtful.
DOUBTFUL_PAGE = """
select entity, day_only from transactions
where possible_duplicate_of is not null and transaction_id > $2 and ($1::text[] is null or site_id = any($1::text[]))
order by transaction_id limit $3
"""

# By transactions_doubtful, of which there are few.
DOUBTFUL_OF = "select entity, day_only from transactions where possible_duplicate_of = $1 for update"

LOCK_ACCOUNTS = """
select pg_advisory_xact_lock(hashtextextended('ingest/account/' || account, 0))
from unnest($1::text[]) as account order by account
"""

# By transactions_merged: what was merged into the first is known as the second from now on.
FOLLOW_MERGE = "update transactions set merged_into = $2 where merged_into = $1"

NOTE_DECISION = """
insert into duplicate_decisions (transaction_id, other_id, decision, decided_by, decided_at, reason)
values ($1, $2, $3, $4, $5, $6)
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


async def look_up(connection: Connection, messages: Sequence[Message]) -> Standing:
    """Lock the accounts of a group until the transaction ends, and find what is known of it."""
    routed = [
        (each, f"{message.provider}/webhook", each.occurred_at or message.received_at)
        for message in messages
        for each in message.reported
        if is_routed(message, each)
    ]
    if not routed:
        return Standing()
    rows = await connection.fetch(
        LOOK_UP,
        sorted({each.account for each, _, _ in routed}),
        keys_of(messages),
        [each.account for each, _, _ in routed],
        [each.amount for each, _, _ in routed],
        [each.direction for each, _, _ in routed],
        [moment for _, _, moment in routed],
        [source for _, source, _ in routed],
        [each.balance_after for each, _, _ in routed],
    )
    # A transaction that is found in two ways is one object, so that a change by one way is seen by the other.
    found: dict[str, Transaction] = {}
    by_key: dict[str, Transaction] = {}
    alike: dict[str, Transaction] = {}
    for row in rows:
        read = Transaction.of_entity(row["entity"], day_only=row["day_only"])
        transaction = found.setdefault(read.transaction_id, read)
        if row["identity_key"] is None:
            alike[transaction.transaction_id] = transaction
        else:
            by_key[row["identity_key"]] = transaction
    return Standing(by_key, alike.values())


async def insert_keys(connection: Connection, keys: Mapping[str, str]) -> None:
    """Store the names of transactions."""
    if keys:
        ordered = sorted(keys)
        await connection.execute(INSERT_KEYS, ordered, [keys[each] for each in ordered])


async def sites_of(connection: Connection, accounts: Collection[str]) -> list[SiteAccount]:
    """Who owns or owned these accounts."""
    rows = await connection.fetch(SITES_OF, list(accounts)) if accounts else []
    return [SiteAccount(row["account"], row["site_id"], row["valid_from"], row["valid_to"]) for row in rows]


async def all_sites(connection: Connection) -> tuple[int, list[SiteAccount]]:
    """The epoch of the sites, and who owns which account in it."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        epoch: int = await connection.fetchval(SITE_EPOCH)
        return epoch, [SiteAccount(**row) for row in await connection.fetch(ALL_SITES)]


async def insert_transactions(connection: Connection, transactions: Sequence[Transaction]) -> None:
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
        [row.occurred_at for row in rows],
        [row.balance_after for row in rows],
        [" ".join(row.sources) for row in rows],
        [row.day_only for row in rows],
        [row.possible_duplicate_of for row in rows],
        [row.published().decode() for row in rows],
    )


async def insert_messages(connection: Connection, messages: Sequence[Message], decision: Decision) -> None:
    """Keep raw messages, each with what became of it, and list those that nobody may route yet.

    Of one that tells of erased transactions alone it is kept that it came, not what it said.
    """
    is_erased = [bool(ids) and decision.erased.issuperset(ids) for ids in decision.transaction_ids]
    await connection.execute(
        INSERT_VAULT,
        [message.message_id for message in messages],
        [message.received_at for message in messages],
        [message.connection_id for message in messages],
        [message.provider for message in messages],
        ["{}" if erased else to_json(message.headers).decode() for message, erased in zip(messages, is_erased, strict=True)],
        [b"" if erased else message.body for message, erased in zip(messages, is_erased, strict=True)],
        decision.outcomes,
        [" ".join(ids) for ids in decision.transaction_ids],
    )
    if decision.unrouted:
        rows = sorted({(message.connection_id, f"{own_keys(message, each)[0]}/{content_digest(each)}"): (message, each)
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
    return [UnroutedMessage(**{**row, "headers": from_json(row["headers"])}) for row in rows]


async def left_behind(connection: Connection) -> dict[str, list[str]]:
    """The accounts that a connection names and about which some of its messages are unrouted still, by connection."""
    return {row["connection_id"]: row["accounts"] for row in await connection.fetch(LEFT_BEHIND)}


async def unrouted_waiting(connection: Connection, count_max: int) -> tuple[int, datetime | None]:
    """How many messages are unrouted, counted up to a maximum, and when the oldest of them came."""
    row = await connection.fetchrow(UNROUTED_WAITING, count_max)
    assert row is not None
    return row["messages"], row["oldest"]


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
    await connection.execute(NEXT_SITE_EPOCH)
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
) -> list[Transaction]:
    """Transactions on these accounts whose site is unknown, after (account, transaction_id)."""
    rows = await connection.fetch(WITHOUT_SITE, sorted(accounts), *after, limit)
    return [Transaction.of_entity(row["entity"], day_only=row["day_only"]) for row in rows]


async def update_transactions(connection: Connection, transactions: Collection[Transaction]) -> None:
    """Store the next versions of transactions."""
    if not transactions:
        return
    rows = sorted(transactions, key=lambda each: each.transaction_id)
    await connection.execute(
        UPDATE_TRANSACTIONS,
        [row.transaction_id for row in rows],
        [row.version for row in rows],
        [row.site_id for row in rows],
        [row.occurred_at for row in rows],
        [row.balance_after for row in rows],
        [" ".join(row.sources) for row in rows],
        [row.day_only for row in rows],
        [row.possible_duplicate_of for row in rows],
        [row.merged_into for row in rows],
        [row.published().decode() for row in rows],
    )


async def published_transactions(connection: Connection, after: str, limit: int) -> list[BankTransaction]:
    """The transactions after a key, as published."""
    rows = await connection.fetch(PUBLISHED_PAGE, after, limit)
    return [BankTransaction.model_validate_json(row["entity"]) for row in rows]


async def ensure_partition(connection: Connection, month: date) -> None:
    """Make the vault's partition of a month, where it is missing."""
    await connection.execute(ENSURE_PARTITION, month)


async def transactions(connection: Connection, transaction_ids: Collection[str]) -> dict[str, Transaction]:
    """These transactions, by id."""
    rows = await connection.fetch(TRANSACTIONS, list(transaction_ids)) if transaction_ids else []
    found = (Transaction.of_entity(row["entity"], day_only=row["day_only"]) for row in rows)
    return {each.transaction_id: each for each in found}


async def doubtful_page(connection: Connection, sites: list[str] | None, after: str, limit: int) -> list[Transaction]:
    """Transactions marked as possible duplicates, after an id; of these sites, or of all."""
    rows = await connection.fetch(DOUBTFUL_PAGE, sites, after, limit)
    return [Transaction.of_entity(row["entity"], day_only=row["day_only"]) for row in rows]


async def doubtful_of(connection: Connection, transaction_id: str) -> list[Transaction]:
    """The transactions that are marked as perhaps being this one."""
    rows = await connection.fetch(DOUBTFUL_OF, transaction_id)
    return [Transaction.of_entity(row["entity"], day_only=row["day_only"]) for row in rows]


async def accounts_of(connection: Connection, transaction_ids: Collection[str]) -> list[str]:
    """The accounts on which these transactions moved."""
    return [row["account"] for row in await connection.fetch(ACCOUNTS_OF, list(transaction_ids))]


async def lock_accounts(connection: Connection, accounts: Sequence[str]) -> None:
    """Keep messages and statements off these accounts until the transaction ends."""
    await connection.fetch(LOCK_ACCOUNTS, list(accounts))


async def follow_merge(connection: Connection, merged: str, into: str) -> None:
    """Let what was merged into the first be known as the second."""
    await connection.execute(FOLLOW_MERGE, merged, into)


async def note_decision(
    connection: Connection, one: str, other: str, decision: str, person: str, decided_at: datetime, reason: str | None
) -> None:
    """Keep what a person decided of two transactions."""
    await connection.execute(NOTE_DECISION, one, other, decision, person, decided_at, reason)
