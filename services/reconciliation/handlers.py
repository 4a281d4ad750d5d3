"""Kafka handlers: keep the newest version of each fact; the derivation does the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from services.reconciliation.facts import credits, registry, statements, transactions
from services.reconciliation.money_back.deposits import propose_left
from shared import clock
from shared.events import BankStatement, BankTransaction, Credit, Event, Notice, Site
from shared.runtime.consumer import Handler, Received
from shared.runtime.folding import newest, newest_values
from shared.runtime.postgres import Database


def handlers(database: Database, wake: Callable[[], None]) -> Mapping[type[Event], Handler]:
    """What this service consumes. `wake` is called after what was stored is committed."""

    async def on_sites(batch: Sequence[Received[Site]]) -> None:
        async with database.transaction() as connection:
            await registry.put_sites(connection, newest_values(batch), clock.local_day(clock.now()))
        wake()

    async def on_notices(batch: Sequence[Received[Notice]]) -> None:
        async with database.transaction() as connection:
            await registry.put_notices(connection, newest_values(batch))

    async def on_transactions(batch: Sequence[Received[BankTransaction]]) -> None:
        async with database.transaction() as connection:
            await transactions.put_transactions(connection, newest(batch))
        wake()

    async def on_statements(batch: Sequence[Received[BankStatement]]) -> None:
        async with database.transaction() as connection:
            await statements.put_statements(connection, newest(batch))
        wake()

    async def on_credits(batch: Sequence[Received[Credit]]) -> None:
        async with database.transaction() as connection:
            changed = await credits.put_credits(connection, newest(batch))
            await propose_left(connection, changed, clock.now())
        wake()

    return {
        Site: on_sites,
        Notice: on_notices,
        BankTransaction: on_transactions,
        BankStatement: on_statements,
        Credit: on_credits,
    }
