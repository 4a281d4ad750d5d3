"""The payments page in a real browser, fed by real topics."""

from __future__ import annotations

import os
import time

import httpx
import pytest
from playwright.async_api import expect

from services.portal import words
from tests.e2e.browser import DESKTOP, PHONE, chromium, require_chromium
from tests.integration.support import ADMIN, eventually, fresh_stack, publish, running_service
from tests.unit.services.portal.builders import SITE, a_credit, a_notice, a_site, a_transaction, a_unit

PAGE = f"/sites/{SITE}/payments"
PEOPLE = ("Nguyễn Thị Ánh Tuyết", "Trần Văn Đức", "Hoàng Thị Sinh", "Vi Văn Lãng", "La Thị Mơ")
WORST_NAME = "Trường Phổ thông dân tộc bán trú Tiểu học và Trung học cơ sở Sơn Động số 2"


def a_days_events():
    """What a school sees: matched, part, over, cash, suggested, unmatched, money out."""
    yield a_unit()
    yield a_site(name=WORST_NAME)
    yield a_site("TH-BO-HA", "Trường Mầm non Bồ Hạ")
    for index in range(30):
        purpose = ("Tiền ăn bán trú", "Nước uống", "Bảo hiểm y tế học sinh")[index % 3]
        amount = (660_000, 15_000, 1_263_600)[index % 3]
        yield a_notice(f"n{index}", payer_name=PEOPLE[index % 5], group=f"{index % 5 + 1}A", purpose=purpose, amount=amount)
        paid = amount if index % 7 else amount - 5_000
        channel = {"channel": "cash", "reason": "cash_receipt"} if index % 6 == 1 else {}
        yield a_credit(f"c{index:02}", pays={f"n{index}": paid}, minutes=index * 3, **channel)
    yield a_credit("c-over", pays={"n2": 1_263_600}, amount=1_300_000, part="balance", minutes=95)
    yield a_credit("c-some", amount=660_000, status="suggested", reason="ambiguous", minutes=96)
    yield a_credit("c-none", amount=500_000, minutes=97)
    yield a_transaction("c-none", counter_name="HOANG VAN THAI")
    yield a_transaction("c-some", counter_name="LA THI BINH")
    yield a_credit("c-out", direction="out", status="ignored", reason="not_income", part="not_a_fee", minutes=98)


@pytest.fixture(scope="module")
async def stack(postgres_dsn, kafka_bootstrap):
    require_chromium()
    async with fresh_stack(postgres_dsn, kafka_bootstrap) as made:
        yield made


@pytest.fixture(scope="module")
async def portal(stack):
    async with running_service("portal", stack) as running, httpx.AsyncClient(base_url=running.url, headers=ADMIN) as client:
        await publish(stack.bootstrap, a_days_events())

        async def arrived():
            page = await client.get(PAGE)
            return "c-out" in page.text and "HOANG" not in page.text and "Sơn Động số 2" in page.text

        await eventually(arrived)
        yield running.url


@pytest.fixture(scope="module")
async def browser(stack):
    async with chromium() as opened:
        yield opened


@pytest.fixture
async def desktop(browser):
    context = await browser.new_context(extra_http_headers=ADMIN, viewport=DESKTOP)
    yield await context.new_page()
    await context.close()


async def test_the_page_updates_by_itself_when_money_arrives(portal, desktop, stack):
    complaints = []
    desktop.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
    desktop.on("pageerror", lambda error: complaints.append(str(error)))
    await desktop.goto(portal + PAGE)
    before = await desktop.locator("#figures").inner_text()
    # The first revision comes over the stream: from here on the page is told of changes.
    await desktop.wait_for_timeout(300)
    started = time.monotonic()
    await publish(stack.bootstrap, [a_notice("n-live"), a_credit("c-live", pays={"n-live": 150_000}, minutes=200)])
    await expect(desktop.locator("tbody tr").first).to_have_id("c-live", timeout=5_000)
    assert time.monotonic() - started < 3
    await expect(desktop.locator("#figures")).not_to_have_text(before)
    assert complaints == []


async def test_rows_do_not_move_under_the_pointer(portal, desktop, stack):
    await desktop.goto(portal + PAGE)
    await desktop.locator("tbody tr").nth(2).hover()
    first = await desktop.locator("tbody tr").first.get_attribute("id")
    await desktop.wait_for_timeout(300)
    await publish(stack.bootstrap, [a_credit("c-held", amount=20_000, minutes=210)])
    await expect(desktop.locator("#held")).to_be_visible(timeout=5_000)
    assert await desktop.locator("tbody tr").first.get_attribute("id") == first
    await desktop.get_by_role("button", name=words.HELD_BUTTON).click()
    await expect(desktop.locator("tbody tr").first).to_have_id("c-held")
    await expect(desktop.locator("#held")).to_be_hidden()


async def test_the_overview_updates_by_itself_too(portal, desktop, stack):
    await desktop.goto(portal)
    await desktop.wait_for_timeout(300)
    before = await desktop.locator("#figures").inner_text()
    await publish(stack.bootstrap, [a_credit("c-other", amount=30_000, site_id="TH-BO-HA", partition_origin="TH-BO-HA")])
    await expect(desktop.locator("#figures")).not_to_have_text(before, timeout=5_000)


async def test_without_javascript_everything_can_be_read_and_reached(portal, browser, stack):
    context = await browser.new_context(extra_http_headers=ADMIN, viewport=PHONE, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(portal)
    await page.get_by_label(words.SEARCH).fill("son dong so 2")
    await page.get_by_role("button", name=words.SEARCH_BUTTON).click()
    await page.get_by_role("link", name=WORST_NAME).click()
    await page.get_by_role("link", name=words.STATES["review"]).click()
    await expect(page.locator("tr#c-none")).to_contain_text("500.000 đ")
    await page.get_by_role("link", name="Tất cả", exact=True).click()
    await page.get_by_role("link", name=words.OLDER).click()
    await expect(page.locator("tr#c00")).to_be_visible()
    await context.close()


@pytest.mark.skipif(os.environ.get("KHOP_SLOW_TESTS") == "0", reason="waits out the 10 s of the refresh")
async def test_without_javascript_the_page_loads_itself_again(portal, browser, stack):
    context = await browser.new_context(extra_http_headers=ADMIN, viewport=PHONE, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(portal + PAGE)
    await publish(stack.bootstrap, [a_credit("c-refreshed", amount=40_000, minutes=300)])
    await expect(page.locator("tbody tr").first).to_have_id("c-refreshed", timeout=15_000)
    await context.close()


@pytest.mark.parametrize("address", ["/", PAGE, f"{PAGE}?state=review", f"{PAGE}?before=x"])
@pytest.mark.parametrize("width", [360, 640, 1280])
async def test_nothing_is_cut_off_at_any_width(portal, browser, address, width):
    context = await browser.new_context(extra_http_headers=ADMIN, viewport={"width": width, "height": 800})
    page = await context.new_page()
    await page.goto(portal + address)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await context.close()


async def test_a_first_visit_is_three_requests(portal, browser):
    context = await browser.new_context(extra_http_headers=ADMIN, viewport=PHONE)
    page = await context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(portal + PAGE)
    await page.wait_for_timeout(300)
    assert len([url for url in asked if not url.endswith("/events") and not url.startswith("data:")]) == 3, asked
    await context.close()
