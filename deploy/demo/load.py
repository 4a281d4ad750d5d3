"""Load the sample district into a running installation: the files of its directory, its connections, its notices.

Calls follow each other with no pause: that topics race is the system's affair (DESIGN §3 rule 7). Loading twice
changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

import httpx

from deploy.demo import district, fees, lists
from deploy.demo.api import LIMITS, TIMEOUT, DemoError, Installation
from deploy.demo.district import SampleSite
from deploy.demo.fees import Round
from deploy.demo.providers import connection_of

_AT_ONCE = 4
"""Calls in flight: enough to keep the services busy, few enough to leave the first payments room."""


@dataclass(slots=True)
class LoadReport:
    """How many rows were new or changed, and how many were known already."""

    accepted: int = 0
    unchanged: int = 0


class Loader:
    """Loads the district step by step, so that paying can begin before all of it is there."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._round = Round()
        self.report = LoadReport()

    async def load_directory(self) -> None:
        """Units, sites, campaigns, fee kinds, the tables beside the figures, and who works with Khớp. Raises DemoError."""
        for owner, kind in (
            ("directory", "units"),
            ("directory", "sites"),
            ("directory", "campaigns"),
            ("notices", "fee-kinds"),
            ("adoption", "transfer-fees"),
            ("adoption", "context"),
        ):
            self._count(await self._installation.import_file(owner, kind, district.content(kind)))
        await self._installation.put_staff(district.staff())

    async def load_connections(self, sites: Sequence[SampleSite]) -> None:
        """The providers' connections of these sites. Raises DemoError."""
        for site in sites:
            connection = connection_of(site, self._installation.admin_token)
            await self._installation.put_connection(connection.connection_id, connection.settings())

    async def load_notices(self, sites: Sequence[SampleSite]) -> AsyncIterator[SampleSite]:
        """The notices of the present round of these sites; yields each site whose notices are there. Raises DemoError."""
        for start in range(0, len(sites), _AT_ONCE):
            some = sites[start : start + _AT_ONCE]
            await asyncio.gather(*(self._load_site(site) for site in some))
            for site in some:
                yield site

    async def next_round(self, sites: Sequence[SampleSite]) -> None:
        """Issue the next month's notices, for when the present ones are paid. Raises DemoError."""
        self._round = Round(self._round.number + 1)
        async for _ in self.load_notices(sites):
            pass

    async def _load_site(self, site: SampleSite) -> None:
        notices = fees.notices_of(site, self._round)
        if site.type != "school":
            self._count(await self._installation.post_notices(lists.items_of(notices)))
            return
        for each in lists.lists_of(site, self._round, notices):
            self._count(await self._installation.issue_list(site.site_id, each.content, each.settings))

    def _count(self, answer: dict[str, int]) -> None:
        self.report.accepted += answer["accepted"]
        self.report.unchanged += answer["unchanged"]


async def load_sample(
    addresses: Mapping[str, str], admin_token: str, *, sites: Sequence[SampleSite] | None = None
) -> LoadReport:
    """Load the whole sample district, or the notices and connections of some sites only (the directory is always whole).

    `addresses` are those of `khop up --json`. Raises DemoError where something is refused.
    """
    chosen = district.sites() if sites is None else sites
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS) as client:
        loader = Loader(Installation(addresses, admin_token, client))
        await loader.load_directory()
        await loader.load_connections(chosen)
        async for _ in loader.load_notices(chosen):
            pass
        return loader.report


__all__ = ["DemoError", "LoadReport", "Loader", "load_sample"]
