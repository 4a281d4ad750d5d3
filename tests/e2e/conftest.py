"""One district and one browser for all journeys: starting them takes longer than most of the journeys, and they end with the last."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import chromium, require_chromium
from tests.e2e.district import District, running_district


@pytest.fixture(scope="package")
async def district() -> AsyncIterator[District]:
    require_chromium()
    async with running_district() as running:
        yield running


@pytest.fixture(scope="package")
async def chrome() -> AsyncIterator[Browser]:
    require_chromium()
    async with chromium() as opened:
        yield opened
