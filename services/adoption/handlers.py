"""Kafka handlers: keep the newest version of each fact; the refresh does the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from services.adoption import store
from shared.events import BankTransaction, Campaign, Credit, Event, Notice, Site, Unit
from shared.runtime.consumer import Handler, Received
from shared.runtime.folding import newest
from shared.runtime.postgres import Connection, Database

E = TypeVar("E", bound=Event)
Put = Callable[[Connection, Sequence[Received[E]]], Awaitable[None]]


def handlers(database: Database, payer_key: bytes, wake: Callable[[], None]) -> Mapping[type[Event], Handler]:
    """What this service consumes. `wake` is called after what was stored is committed."""

    def keeping(put: Put[E]) -> Handler:
        async def handle(batch: Sequence[Received[E]]) -> None:
            async with database.transaction() as connection:
                await put(connection, newest(batch))
            wake()

        return handle

    async def put_notices(connection: Connection, batch: Sequence[Received[Notice]]) -> None:
        await store.put_notices(connection, batch, payer_key)

    return {
        Unit: keeping(store.put_units),
        Site: keeping(store.put_sites),
        Campaign: keeping(store.put_campaigns),
        Notice: keeping(put_notices),
        BankTransaction: keeping(store.put_transactions),
        Credit: keeping(store.put_credits),
    }
