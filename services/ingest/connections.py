"""The connections as a webhook needs them: in memory, with verifiers made and limits counted.

Each process reads them again every 2 s, at once after a change of its own, and when an unknown one is asked for.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from prometheus_client import Gauge

from services.ingest import connection_store
from services.ingest.connection_store import StoredSecret
from services.ingest.networks import Network
from services.ingest.providers import PROVIDERS
from services.ingest.providers.base import Provider, SecretError, Verifier
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS, Database
from shared.runtime.secrets import Seal, SealBrokenError

log = structlog.get_logger()

REFRESH_S = 2.0
MISS_REFRESH_S = 0.2
"""An unknown connection may just have been made by another replica; guessing names must not load the database, though."""


CLOCK_OFFSET = Gauge(
    "khop_ingest_clock_offset_seconds",
    "How far the time of the newest signed message lay behind ours (below 0: ahead); refused over the tolerance.",
    ["provider"],
)


class RateLimit:
    """A token bucket of one second's worth; each process counts for itself."""

    def __init__(self, rate_per_s: float) -> None:
        self.rate_per_s = rate_per_s
        self._capacity = max(1.0, rate_per_s)
        self._tokens = self._capacity
        self._counted_at_s = 0.0

    def wait_s(self, now_s: float) -> int:
        """0 where a message may pass (and is counted), else the whole seconds after which to try again."""
        self._tokens = min(self._capacity, self._tokens + (now_s - self._counted_at_s) * self.rate_per_s)
        self._counted_at_s = now_s
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return max(1, math.ceil((1 - self._tokens) / self.rate_per_s))


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """A connection ready for messages."""

    connection_id: str
    provider: Provider
    accounts: frozenset[str]
    disabled: bool
    secrets: tuple[tuple[float, Verifier], ...] = field(repr=False)
    """Verifiers, the current secret's first, each with the end of its validity in unix seconds."""
    limit: RateLimit | None
    networks: tuple[Network, ...]
    """From where messages may come; empty: from anywhere."""
    clock_offset: Gauge
    """Of the provider, to be set by each signed message."""

    def verifiers(self, now_s: float) -> list[Verifier]:
        """Those of the secrets that are valid now."""
        return [check for valid_until_s, check in self.secrets if now_s < valid_until_s]


class Connections:
    """All connections, kept at hand."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal
        self._open: dict[tuple[str, str], OpenConnection] = {}
        self._verifiers: dict[tuple[int, str], Verifier] = {}
        self._loaded_at_s = -math.inf
        self._loading = asyncio.Lock()

    def at_hand(self, provider: Provider | None, connection_id: str) -> OpenConnection | None:
        """The connection under this address, as far as it was read already."""
        return None if provider is None else self._open.get((provider.name, connection_id))

    async def find(self, provider: Provider | None, connection_id: str) -> OpenConnection | None:
        """The connection under this address; None where there is none. Raises what the database raises on a miss."""
        found = self.at_hand(provider, connection_id)
        if found is None and provider is not None:
            async with self._loading:
                if time.monotonic() - self._loaded_at_s > MISS_REFRESH_S:
                    await self._load()
            found = self.at_hand(provider, connection_id)
        return found

    async def refresh(self) -> None:
        """Read the connections again now."""
        async with self._loading:
            await self._load()

    async def run(self) -> None:
        """Read the connections again, for ever."""
        while True:
            try:
                await self.refresh()
            except PASSING_ERRORS as error:
                log.warning("connections_not_refreshed", error=describe_error(error))
            await asyncio.sleep(REFRESH_S)

    async def _load(self) -> None:
        async with self._database.reading() as connection:
            stored, secrets = await connection_store.all_connections(connection)
        by_connection: dict[str, list[StoredSecret]] = defaultdict(list)
        for secret in secrets:
            by_connection[secret.connection_id].append(secret)
        verifiers, before = self._verifiers, self._open
        self._verifiers, self._open = {}, {}
        for each in stored:
            provider = PROVIDERS.get(each.provider)
            if provider is None or each.scheme not in provider.schemes:
                log.error("connection_of_unknown_kind", connection=each.connection_id)
                continue
            own: list[tuple[float, Verifier]] = []
            for secret in by_connection[each.connection_id]:
                # A sealed row never changes, so it is opened once; its connection's scheme may change.
                known_as = (secret.secret_id, each.scheme)
                check = verifiers.get(known_as) or self._make_verifier(provider.schemes[each.scheme], secret)
                if check is not None:
                    self._verifiers[known_as] = check
                    own.append((secret.valid_until.timestamp() if secret.valid_until else math.inf, check))
            address = (each.provider, each.connection_id)
            limit = _limit(each.rate_per_s, before.get(address))
            self._open[address] = OpenConnection(
                each.connection_id,
                provider,
                frozenset(each.accounts),
                each.disabled,
                tuple(own),
                limit,
                tuple(each.networks),
                CLOCK_OFFSET.labels(provider.name),
            )
        self._loaded_at_s = time.monotonic()

    def _make_verifier(self, scheme: Callable[[str], Verifier], secret: StoredSecret) -> Verifier | None:
        try:
            return scheme(self._seal.open(secret.sealed).decode())
        except (SealBrokenError, SecretError) as error:
            log.error("secret_unusable", connection=secret.connection_id, error=type(error).__name__)  # noqa: TRY400
            return None


def _limit(rate_per_s: float | None, before: OpenConnection | None) -> RateLimit | None:
    if rate_per_s is None:
        return None
    if before is not None and before.limit is not None and before.limit.rate_per_s == rate_per_s:
        return before.limit
    return RateLimit(rate_per_s)
