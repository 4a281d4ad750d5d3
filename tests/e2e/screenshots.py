"""Pictures of the portal for docs/screenshots: `python -m tests.e2e.screenshots BASE_URL SITE_ID [FOLDER]`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.e2e.browser import DESKTOP, PHONE, chromium

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"


async def take(base_url: str, site_id: str, folder: Path) -> list[Path]:
    """Write payments-{phone,desktop}.png and sites-{phone,desktop}.png; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"payments": f"{base_url}/sites/{site_id}/payments", "sites": f"{base_url}/"}
    written = []
    async with chromium() as browser:
        for width, viewport in (("phone", PHONE), ("desktop", DESKTOP)):
            # No script: the picture is of the page as the server sends it, at rest.
            scale = 2 if width == "phone" else 1
            context = await browser.new_context(viewport=viewport, device_scale_factor=scale, java_script_enabled=False)
            for name, address in pages.items():
                page = await context.new_page()
                answer = await page.goto(address)
                if answer is None or not answer.ok:
                    raise SystemExit(f"{address} answers {answer.status if answer else 'nothing'}")
                path = folder / f"{name}-{width}.png"
                await page.screenshot(path=path)
                written.append(path)
                await page.close()
            await context.close()
    return written


def main() -> int:
    if len(sys.argv) not in {3, 4}:
        sys.stderr.write(f"usage: {__doc__}\n")
        return 2
    folder = Path(sys.argv[3]) if len(sys.argv) == 4 else FOLDER
    for path in asyncio.run(take(sys.argv[1].rstrip("/"), sys.argv[2], folder)):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
