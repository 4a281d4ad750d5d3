"""A whole Khớp with a part of the sample district, for browsers: `khop up`, fees issued, payers who pay by webhook."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, BrowserContext, Page

from deploy.demo import district
from deploy.demo.api import LIMITS, TIMEOUT, Installation
from deploy.demo.district import SampleSite
from deploy.demo.load import load_sample
from deploy.demo.providers import Report, body, connection_of, headers
from shared import clock
from tests.e2e.browser import DESKTOP
from tests.simulation.conftest import running_up

SCHOOL, SECOND_SCHOOL = "mau-bt-th-an-lac", "mau-mn-an-lac"
CLINIC, OFFICE = "mau-ttyt-son-dong", "mau-hcc-an-lac"
SITES = (SCHOOL, SECOND_SCHOOL, CLINIC, OFFICE)


@dataclass(frozen=True)
class Bill:
    """What a payer owes under one reference, as notices knows it."""

    reference: str
    payer_code: str
    payer_name: str
    group: str | None
    amount: int
    """All its lines, in đồng, the voluntary ones too."""


@dataclass
class District:
    """The running installation as tests use it."""

    portal: str
    installation: Installation
    client: httpx.AsyncClient
    numbers: Any = field(default_factory=lambda: itertools.count(int(time.time())))
    taken: set[str] = field(default_factory=set)
    """References that tests pay, so that no two tests pay one."""

    async def notices(self, site_id: str) -> list[dict[str, Any]]:
        """The open notices of a site."""
        return await self.installation.open_notices(site_id)

    async def bills(self, site_id: str, count: int) -> list[Bill]:
        """Bills of a site of which nothing is paid, and which no other test is given."""
        lines: dict[str, list[dict[str, Any]]] = {}
        for notice in await self.notices(site_id):
            lines.setdefault(notice["reference"], []).append(notice)
        found = []
        for reference, notices in lines.items():
            if reference not in self.taken and not any(notice["paid"] for notice in notices):
                first, amount = notices[0], sum(notice["amount"] for notice in notices)
                found.append(Bill(reference, first["payer_code"], first["payer_name"], first["group"], amount))
        self.taken |= {bill.reference for bill in found[:count]}
        return found[:count]

    async def pay(self, site_id: str, amount: int, memo: str, sender: str | None = None, *, ago_s: int = 5) -> None:
        """A bank transfer arrives, told by the site's provider with its signature."""
        site = site_of(site_id)
        connection = connection_of(site, self.installation.admin_token)
        number = next(self.numbers)
        moment = (datetime.now(clock.LOCAL) - timedelta(seconds=ago_s)).replace(microsecond=0)
        report = Report(
            number, site.account, amount, "in", moment, memo, sender, "0987654321" if sender else None, None,
            f"FT{number}", 10_000_000 + number % 1_000_000,
        )  # fmt: skip
        raw = body(connection, report)
        url = f"{self.installation.addresses['ingest']}{connection.path}"
        answer = await self.client.post(url, content=raw, headers=headers(connection, report, raw, int(time.time())))
        answer.raise_for_status()

    @asynccontextmanager
    async def as_person(self, browser: Browser, login: str, **options: Any) -> AsyncIterator[Page]:
        """A page of a sample person who has signed in by clicking."""
        context: BrowserContext = await browser.new_context(**{"viewport": DESKTOP, **options})
        try:
            yield await self.sign_in(await context.new_page(), login)
        finally:
            await context.close()

    async def sign_in(self, page: Page, login: str) -> Page:
        """Sign in as a sample person."""
        await page.goto(f"{self.portal}/sign-in")
        await page.locator(f'form:has(input[value="{login}"]) button').click()
        await page.wait_for_load_state()
        return page


def site_of(site_id: str) -> SampleSite:
    (site,) = (each for each in district.sites() if each.site_id == site_id)
    return site


@asynccontextmanager
async def running_district() -> AsyncIterator[District]:
    """Everything, with four sites' fees issued; it is gone at the end."""
    state = Path(tempfile.mkdtemp(prefix="khop-e2e-"))
    try:
        with running_up(state) as up:
            await load_sample(up.addresses, up.admin_token, sites=[site_of(each) for each in SITES])
            async with httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS) as client:
                installation = Installation(up.addresses, up.admin_token, client)
                yield District(up.addresses["portal"], installation, client)
    finally:
        await asyncio.to_thread(shutil.rmtree, state, ignore_errors=True)
