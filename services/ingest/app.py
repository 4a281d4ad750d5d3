"""The composition root of ingest: the only place that wires."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import structlog

from services.ingest import store
from services.ingest.api import router
from services.ingest.committer import Committer
from services.ingest.connections import Connections
from services.ingest.corrections import router as corrections_router
from services.ingest.duplicates import router as duplicates_router
from services.ingest.erasing import router as erasing_router
from services.ingest.handlers import on_sites
from services.ingest.networks import read_networks
from services.ingest.routing import route_left_behind
from services.ingest.statements import store as statement_store
from services.ingest.statements.api import router as statements_router
from services.ingest.webhooks import BodyDeadlines, WebhookFront, documented
from shared import clock
from shared.events import BankStatement, BankTransaction, Site
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS, Database
from shared.runtime.secrets import Seal
from shared.runtime.service import Parts, Runtime

log = structlog.get_logger()
PARTITIONS_EVERY_S = 24 * 3600.0
PARTITIONS_RETRY_S = 60.0
MONTHS_AHEAD = 2


def build(runtime: Runtime) -> Parts:
    """What ingest is made of."""
    seal = Seal(runtime.settings.secret_key.get_secret_value())
    connections = Connections(runtime.database, seal)
    committer = Committer(runtime.database)
    deadlines = BodyDeadlines()
    trusted_proxies = read_networks(runtime.settings.trusted_proxies.split())
    return Parts(
        routers=[
            router(runtime.database, connections, seal),
            statements_router(runtime.database),
            erasing_router(runtime.database, runtime.settings.retention_years),
            duplicates_router(runtime.database),
            corrections_router(runtime.database),
            documented(),
        ],
        handlers={Site: on_sites(runtime.database)},
        loops=[
            committer.run,
            connections.run,
            deadlines.run,
            lambda: make_partitions(runtime.database),
            lambda: route_left_behind(runtime.database),
        ],
        published={
            BankTransaction: store.published_transactions,
            BankStatement: statement_store.published_statements,
        },
        wrap=lambda app: WebhookFront(app, connections, committer, deadlines, trusted_proxies=trusted_proxies),
    )


async def make_partitions(database: Database) -> None:
    """Make the vault's partitions ahead, for ever; a month without one falls into the default partition."""
    while True:
        try:
            async with database.transaction() as connection:
                for month in coming_months(clock.now().date()):
                    await store.ensure_partition(connection, month)
        except PASSING_ERRORS as error:
            log.warning("vault_partitions_not_made", error=describe_error(error))
            await asyncio.sleep(PARTITIONS_RETRY_S)
        else:
            await asyncio.sleep(PARTITIONS_EVERY_S)


def coming_months(today: date) -> list[date]:
    """The first days of this month and of those that follow."""
    months = [today.replace(day=1)]
    for _ in range(MONTHS_AHEAD):
        months.append((months[-1] + timedelta(days=32)).replace(day=1))
    return months
