"""What holds on every page: WCAG 2.2 AA as axe-core sees it, nothing cut off at 360 px or at 200 %, keyboard, and its weight."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.e2e.browser import DESKTOP, PHONE
from tests.e2e.district import District
from tests.e2e.pages import fill, looks

AXE = Axe()
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
ZOOMED = {"width": DESKTOP["width"] // 2, "height": DESKTOP["height"] // 2}
"""A desktop at 200 %."""


@pytest.fixture(scope="module")
async def filled(district: District) -> District:
    await fill(district)
    return district


@pytest.mark.timeout(600)
async def test_axe_finds_no_fault_on_any_page(filled, chrome):
    faults = []
    for look in await looks(filled):
        for size in (PHONE, DESKTOP):
            context = await chrome.new_context(viewport=size)
            page = await context.new_page()
            if look.login:
                await page.request.post(f"{filled.portal}/sign-in/sample", form={"person": look.login}, max_redirects=0)
            await page.goto(filled.portal + look.path)
            found = await AXE.run(page, options=RULES)
            faults += [
                f"{look.name} {size['width']}: {fault['id']}: {node['html'][:120]}"
                for fault in found.response["violations"]
                for node in fault["nodes"][:3]
            ]
            await context.close()
    assert faults == [], "\n".join(faults)


@pytest.mark.timeout(300)
async def test_nothing_is_cut_off_at_any_width(filled, chrome):
    wide = []
    for look in await looks(filled):
        for size in (PHONE, ZOOMED):
            context = await chrome.new_context(viewport=size, java_script_enabled=True)
            page = await context.new_page()
            if look.login:
                await page.request.post(f"{filled.portal}/sign-in/sample", form={"person": look.login}, max_redirects=0)
            await page.goto(filled.portal + look.path)
            width = await page.evaluate("document.documentElement.scrollWidth")
            if width > size["width"]:
                wide.append(f"{look.name}: {width} > {size['width']}")
            await context.close()
    assert wide == []


@pytest.mark.timeout(300)
async def test_no_page_complains_in_the_console(filled, chrome):
    complaints = []
    for look in await looks(filled):
        context = await chrome.new_context(viewport=DESKTOP)
        page = await context.new_page()
        page.on("console", lambda message, name=look.name: complaints.append(f"{name}: {message.text}"))
        page.on("pageerror", lambda error, name=look.name: complaints.append(f"{name}: {error}"))
        if look.login:
            await page.request.post(f"{filled.portal}/sign-in/sample", form={"person": look.login}, max_redirects=0)
        await page.goto(filled.portal + look.path)
        await page.wait_for_timeout(100)
        await context.close()
    expected = ("qr/", "404 (Not Found)", "502 (Bad Gateway)")
    assert [each for each in complaints if not any(mark in each for mark in expected)] == []


@pytest.mark.timeout(300)
async def test_every_page_weighs_little(filled, chrome):
    heavy = []
    for look in await looks(filled):
        context = await chrome.new_context(viewport=PHONE)
        page = await context.new_page()
        if look.login:
            await page.request.post(f"{filled.portal}/sign-in/sample", form={"person": look.login}, max_redirects=0)
        sizes: dict[str, int] = {}

        async def note(response, sizes=sizes):
            if response.request.resource_type in {"document", "stylesheet", "script"}:
                sizes[response.url] = (await response.request.sizes())["responseBodySize"]

        page.on("response", note)
        await page.goto(filled.portal + look.path)
        await page.wait_for_timeout(150)
        if len(sizes) > 3 or sum(sizes.values()) > 30 * 1024 or max(sizes.values()) > 14 * 1024:
            heavy.append(f"{look.name}: {sizes}")
        await context.close()
    assert heavy == []
