"""What holds on every page: WCAG 2.2 AA as axe-core sees it, nothing cut off at 360 px or at 200 %, keyboard, and its weight."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Response

from tests.e2e.browser import DESKTOP, PHONE
from tests.e2e.district import District
from tests.e2e.pages import Look, fill, looks

AXE = Axe()
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
ZOOMED = {"width": DESKTOP["width"] // 2, "height": DESKTOP["height"] // 2}
"""A desktop at 200 %."""


@pytest.fixture(scope="module")
async def filled(district: District) -> District:
    await fill(district)
    return district


@dataclass
class Seen:
    """What was wrong with the pages, by kind."""

    faults: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    heavy: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
async def seen(filled: District, chrome: Browser) -> Seen:
    """One visit of every page as its role, looked at in every way: a browser's time is most of what these tests cost."""
    found = Seen()
    for login, of_one in groupby(sorted(await looks(filled), key=attrgetter("login")), attrgetter("login")):
        context = await chrome.new_context(viewport=PHONE)
        if login:
            await context.request.post(f"{filled.portal}/sign-in/sample", form={"person": login}, max_redirects=0)
        page = await context.new_page()
        # Each page as on a first visit; a new browser context for each would cost most of the time.
        devtools = await context.new_cdp_session(page)
        await devtools.send("Network.enable")
        await devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        for look in of_one:
            await visit(page, filled.portal, look, found)
        await context.close()
    return found


async def visit(page: Page, portal: str, look: Look, found: Seen) -> None:
    """Open a page on a phone and look at it at every size."""
    came: list[Response] = []

    def note(response: Response) -> None:
        if response.request.resource_type in {"document", "stylesheet", "script"}:
            came.append(response)

    def complain(message: object) -> None:
        found.complaints.append(f"{look.name}: {getattr(message, 'text', message)}")

    for event, listener in (heard := {"response": note, "console": complain, "pageerror": complain}).items():
        page.on(event, listener)
    await page.set_viewport_size(PHONE)
    await page.goto(portal + look.path)
    await page.wait_for_timeout(150)
    sizes = {response.url: (await response.request.sizes())["responseBodySize"] for response in came}
    if len(sizes) > 3 or sum(sizes.values()) > 30 * 1024 or max(sizes.values()) > 14 * 1024:
        found.heavy.append(f"{look.name}: {sizes}")
    for event, listener in heard.items():
        page.remove_listener(event, listener)
    for size in (PHONE, ZOOMED):
        await page.set_viewport_size(size)
        width = await page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            found.wide.append(f"{look.name}: {width} > {size['width']}")
    for size in (PHONE, DESKTOP):
        await page.set_viewport_size(size)
        answer = await AXE.run(page, options=RULES)
        found.faults += [
            f"{look.name} {size['width']}: {fault['id']}: {node['html'][:120]}"
            for fault in answer.response["violations"]
            for node in fault["nodes"][:3]
        ]


@pytest.mark.timeout(600)
async def test_axe_finds_no_fault_on_any_page(seen: Seen):
    assert seen.faults == [], "\n".join(seen.faults)


@pytest.mark.timeout(600)
async def test_nothing_is_cut_off_at_any_width(seen: Seen):
    assert seen.wide == []


@pytest.mark.timeout(600)
async def test_no_page_complains_in_the_console(seen: Seen):
    expected = ("qr/", "404 (Not Found)", "502 (Bad Gateway)")
    assert [each for each in seen.complaints if not any(mark in each for mark in expected)] == []


@pytest.mark.timeout(600)
async def test_every_page_weighs_little(seen: Seen):
    assert seen.heavy == []
