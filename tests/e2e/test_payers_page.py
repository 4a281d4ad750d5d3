"""The payer's page in a real browser: as a picture, without script, with a QR that decodes."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest
from PIL import Image

from shared import clock
from shared.events import ReconciliationDay
from tests.e2e.browser import DESKTOP, PHONE, chromium, require_chromium
from tests.integration.fee_support import a_credit, a_notice, a_site, send
from tests.integration.support import ADMIN, eventually, fresh_stack, publish, running_service
from tests.integration.test_payers_page import HEADER, a_bill, a_row

zxingcpp = pytest.importorskip("zxingcpp")

REAL, SAMPLE = "real-school", "sample-school"


@pytest.fixture(scope="module")
async def stack(postgres_dsn, kafka_bootstrap):
    require_chromium()
    async with fresh_stack(postgres_dsn, kafka_bootstrap) as made:
        yield made


@pytest.fixture(scope="module")
async def notices(stack):
    await publish(
        stack.bootstrap, [a_site(REAL, bank_bin="970418", phone="0204 3886 123"), a_site(SAMPLE, phone="0204 3886 124")]
    )
    day = ReconciliationDay(
        version=1, site_id=REAL, account="0011", date=clock.local_day(clock.now()), state="open", opening=None, credits=0,
        debits=0, closing=None, allocated=0, suspense=0, cash=0, deposits=0, fresh_until=clock.now(),
    )  # fmt: skip
    await publish(stack.bootstrap, [day])
    async with (
        running_service("notices", stack) as running,
        httpx.AsyncClient(base_url=running.url, headers=ADMIN, timeout=30) as client,
    ):
        await send(client, "site_id,fee_kind,name,nature\n,gift,Ủng hộ,voluntary\n", "fee-kinds")
        yield client


@pytest.fixture(scope="module")
async def links(notices, stack):
    """A link of each kind of bill, by name."""

    def rows(prefix: str, site: str) -> tuple[str, ...]:
        return (
            a_row(f"{prefix}-1", f"HS{prefix}1", site=site, amount="", terms="20,22000,2,96000,12/QĐ-UBND"),
            a_row(
                f"{prefix}-2", f"HS{prefix}1", site=site, amount="631800", purpose="Bảo hiểm y tế học sinh (thu hộ) 12 tháng"
            ),
            a_row(f"{prefix}-3", f"HS{prefix}1", site=site, amount="50000", kind="gift", purpose="Ủng hộ thư viện"),
        )

    made = {}
    for name, site in (("open", REAL), ("sample", SAMPLE), ("part", REAL), ("paid", REAL)):
        some = rows(name, site)
        assert (await send(notices, HEADER + "".join(some))).json()["accepted"] == 3
        made[name] = (await a_bill(notices, some[0]))["link"]
    await publish(stack.bootstrap, [a_credit("c1", "part-1", 300_000), a_credit("c2", "paid-1", 300_000)])
    await publish(stack.bootstrap, [a_credit("c3", "paid-2", 631_800), a_credit("c4", "paid-3", 50_000)])

    async def known():
        return (await a_notice(notices, "paid-3"))["paid"] == 50_000

    await eventually(known)
    return made


@pytest.fixture(scope="module")
async def browser(stack):
    async with chromium() as opened:
        yield opened


@pytest.mark.parametrize("name", ["open", "sample", "part", "paid"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_the_page_as_a_picture(browser, links, notices, tmp_path, name, width):
    scale = 2 if width is PHONE else 1
    context = await browser.new_context(viewport=width, device_scale_factor=scale, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(links[name])
    assert await page.evaluate("document.documentElement.scrollWidth") <= width["width"]
    folder = Path(os.environ.get("KHOP_KEEP_SCREENSHOTS", tmp_path))
    path = folder / f"bill-{name}-{'phone' if width is PHONE else 'desktop'}.png"
    await page.screenshot(path=path, full_page=True)
    await context.close()
    found = [each.text for each in zxingcpp.read_barcodes(Image.open(path))]
    bill = (await notices.get(f"/bills/{(await a_notice(notices, f'{name}-1'))['reference']}")).json()
    assert found == ([bill["payload"]] if bill["left"] else [])


async def test_saving_the_picture_is_one_tap_and_the_picture_decodes(browser, links, notices, tmp_path):
    context = await browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(links["open"])
    async with page.expect_download() as started:
        await page.get_by_text("Lưu ảnh QR").click()
    saved = tmp_path / (await started.value).suggested_filename
    await (await started.value).save_as(saved)
    bill = (await notices.get(f"/bills/{(await a_notice(notices, 'open-1'))['reference']}")).json()
    assert saved.name == f"{bill['reference']}.png"
    assert [each.text for each in zxingcpp.read_barcodes(Image.open(saved))] == [bill["payload"]]
    await context.close()


async def test_with_a_script_there_are_copy_buttons_and_no_complaint(browser, links):
    context = await browser.new_context(viewport=PHONE, permissions=["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
    await page.goto(links["open"])
    await page.get_by_role("button", name="Chép").first.click()
    assert await page.evaluate("navigator.clipboard.readText()") == "0011"
    assert complaints == []
    await context.close()


async def test_the_first_view_is_small_and_needs_one_request_but_for_the_script(browser, links):
    context = await browser.new_context(viewport=PHONE)
    page = await context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if not request.url.startswith("data:") else None)
    answer = await page.goto(links["open"])
    assert len(await answer.body()) < 15_000
    assert len(asked) == 2
    await context.close()
