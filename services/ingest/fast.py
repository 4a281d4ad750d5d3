"""The fast road: messages with one transaction that nobody has told of before, all of a group in one statement.

Most messages are such. The database checks under the accounts' locks that nothing is known of them, stores what is new and
names the rest, which goes the careful road (taking.py). Measured in docs/adr/0008-ingest-throughput.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic_core import to_json

from services.ingest import store
from services.ingest.deciding import Likes, own_keys
from services.ingest.identity import reference_key
from services.ingest.model import Message, SiteAccount, Transaction, new_transaction, site_at
from shared.events import BankTransaction
from shared.runtime.postgres import Connection
from shared.runtime.tracing import child_of

TAKE_NEW = """
select take_new(
  $1, $2::text[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::text[], $10::text[],
  $11::text[], $12::text[], $13::bigint[], $14::text[], $15::timestamptz[], $16::bigint[], $17::text[], $18, $19::text[]
)
"""
NO_EPOCH = -1


@dataclass(slots=True)
class Sites:
    """Who owns which account, as of an epoch that the database compares."""

    epoch: int = NO_EPOCH
    by_account: dict[str, list[SiteAccount]] = field(default_factory=dict)

    async def read(self, connection: Connection) -> None:
        """Read them again."""
        self.epoch, accounts = await store.all_sites(connection)
        grouped: defaultdict[str, list[SiteAccount]] = defaultdict(list)
        for each in accounts:
            grouped[each.account].append(each)
        self.by_account = dict(grouped)

    def of(self, transaction: Transaction) -> str | None:
        """The site of a transaction."""
        owners = self.by_account.get(transaction.account)
        return site_at(owners, transaction.account, transaction.occurred_at) if owners else None


@dataclass(slots=True)
class Group:
    """A group of messages, sorted into those that may go the fast road and the others, by their places in it."""

    fast: list[int] = field(default_factory=list)
    careful: list[int] = field(default_factory=list)
    names: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Of each fast message."""


def sort_out(messages: Sequence[Message]) -> Group:
    """Which messages tell of one transaction on an account of their own, and of nothing that this group tells of too."""
    group = Group()
    seen: set[str | Likes | tuple[Likes, int]] = set()
    sources: dict[Likes, str] = {}
    for place, message in enumerate(messages):
        reported = message.reported[0] if len(message.reported) == 1 else None
        if reported is None or reported.account not in message.accounts:
            group.careful.append(place)
            continue
        one, two = own_keys(message, reported)
        reference = reference_key(reported)
        like = (reported.account, reported.amount, reported.direction)
        # Two that may be alike are compared on the careful road: those of two sources, and those with one running balance.
        balance = None if reported.balance_after is None else (like, reported.balance_after)
        if (
            one in seen
            or two in seen
            or reference in seen
            or balance in seen
            or sources.setdefault(like, message.provider) != message.provider
        ):
            group.careful.append(place)
            continue
        seen.update((one, two))
        if reference is not None:
            seen.add(reference)
        if balance is not None:
            seen.add(balance)
        group.fast.append(place)
        group.names.append((one, two, reference))
    return group


async def take_new(
    connection: Connection, messages: Sequence[Message], group: Group, sites: Sites
) -> tuple[dict[int, str], list[int]]:
    """Store the fast messages of a group; returns the transaction id of each that was stored, and the places of the others."""
    fast = [messages[place] for place in group.fast]
    reports = [message.reported[0] for message in fast]
    made = [
        new_transaction(report, provider=message.provider, seen_by="webhook", received_at=message.received_at)
        for message, report in zip(fast, reports, strict=True)
    ]
    for each in made:
        each.site_id = sites.of(each)
    known: list[int] = await connection.fetchval(
        TAKE_NEW,
        sites.epoch,
        sorted({each.account for each in made}),
        [message.message_id for message in fast],
        [message.received_at for message in fast],
        [message.connection_id for message in fast],
        [message.provider for message in fast],
        [to_json(message.headers).decode() for message in fast],
        [message.body for message in fast],
        [name for names in group.names for name in names],
        [each.transaction_id for each in made],
        [each.account for each in made],
        [each.site_id for each in made],
        [each.amount for each in made],
        [each.direction for each in made],
        [each.occurred_at for each in made],
        [each.balance_after for each in made],
        [each.published().decode() for each in made],
        BankTransaction.topic,
        [child_of(message.traceparent) for message in fast],
    )
    others = {place - 1 for place in known}
    stored = {group.fast[index]: each.transaction_id for index, each in enumerate(made) if index not in others}
    return stored, [group.fast[index] for index in sorted(others)]
