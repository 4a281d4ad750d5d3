"""The SVG of a code as a browser draws it, at a phone's size, read by another's decoder."""

from __future__ import annotations

import pytest

from services.notices.drawing.qr import qr_svg
from tests.e2e.browser import PHONE, chromium, require_chromium
from tests.unit.services.notices.drawing.pictures import a_payee, a_sample_payee, codes_in, picture


@pytest.mark.parametrize("payee", [a_payee(), a_sample_payee()])
async def test_a_browser_draws_the_code(payee) -> None:
    require_chromium()
    payload = payee.payload("KHC3J9M2X8N", 450_000)
    async with chromium() as browser:
        page = await browser.new_page(viewport=PHONE)
        await page.set_content(f"<body style='background:#ddd'>{qr_svg(payload, sample=payee.sample)}</body>")
        assert codes_in(picture(await page.screenshot())) == [payload]
