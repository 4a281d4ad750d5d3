"""What ingest learns from others: which site owns an account. Transactions that came first get their site now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog

from services.ingest import store
from services.ingest.model import SiteAccount, site_at
from services.ingest.statements import store as statement_store
from services.ingest.taking import published
from shared.accounts import AccountError, normal_account
from shared.clock import day_start
from shared.events import Site
from shared.runtime.consumer import Received
from shared.runtime.folding import newest
from shared.runtime.outbox import Outgoing, enqueue
from shared.runtime.postgres import Database

log = structlog.get_logger()
BATCH = 500


def on_sites(database: Database) -> Callable[[Sequence[Received[Site]]], Awaitable[None]]:
    """The handler of directory.sites.v1."""

    async def handle(batch: Sequence[Received[Site]]) -> None:
        sites = {received.value.site_id: received for received in newest(batch)}
        accounts = [each for received in sites.values() for each in accounts_of(received.value)]
        async with database.transaction() as connection:
            await store.upsert_sites(connection, [received.value for received in sites.values()], accounts)
        # After the commit above every new transaction sees the sites. What is left behind by a crash here comes again
        # with the batch, so the search does not ask whether a site changed.
        traces = {each.account: sites[each.site_id].traceparent for each in accounts}
        await give_sites(database, traces)
        await give_sites_to_statements(database, traces)

    return handle


def accounts_of(site: Site) -> list[SiteAccount]:
    """A site's accounts in their normal form; one that cannot be an account number is left out, and logged."""
    found = []
    for each in site.accounts:
        try:
            account = normal_account(each.account_number)
        except AccountError:
            log.warning("site_account_unusable", site=site.site_id)
            continue
        found.append(SiteAccount(account, site.site_id, each.valid_from, each.valid_to))
    return found


async def give_sites(database: Database, traces: dict[str, str | None]) -> None:
    """Publish the transactions on these accounts again, where their site is known by now, batch after batch."""
    after = ("", "")
    while traces:
        async with database.transaction() as connection:
            waiting = await store.without_site(connection, traces, after, BATCH)
            owners = await store.sites_of(connection, {each.account for each in waiting})
            found = [(each, site_at(owners, each.account, each.occurred_at)) for each in waiting]
            placed = [each for each, site_id in found if site_id is not None]
            for each, site_id in found:
                if site_id is not None:
                    each.site_id = site_id
                    each.version += 1
            await store.update_transactions(connection, placed)
            await enqueue(connection, [published(each, traces[each.account]) for each in placed])
        if len(waiting) < BATCH:
            return
        after = (waiting[-1].account, waiting[-1].transaction_id)


async def give_sites_to_statements(database: Database, traces: dict[str, str | None]) -> None:
    """As `give_sites`, for the statements of these accounts."""
    async with database.transaction() as connection:
        waiting = await statement_store.without_site(connection, traces)
        owners = await store.sites_of(connection, {each.account for each in waiting})
        placed = []
        for each in waiting:
            site_id = site_at(owners, each.account, day_start(each.to_date))
            if site_id is not None:
                placed.append(each.model_copy(update={"site_id": site_id, "version": each.version + 1}))
        await statement_store.update(connection, placed)
        await enqueue(connection, [Outgoing(each, traces[each.account]) for each in placed])
