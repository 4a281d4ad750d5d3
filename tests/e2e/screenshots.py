"""Pictures of every page for docs/screenshots, of a sample district of its own: `python -m tests.e2e.screenshots [FOLDER]`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from PIL import Image

from tests.e2e.browser import DESKTOP, PHONE, chromium
from tests.e2e.district import running_district
from tests.e2e.pages import fill, looks

COLOURS = 64
FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"


async def take(folder: Path) -> None:
    """Write NAME-{phone,desktop}.png for each page, as the role that works on it."""
    folder.mkdir(parents=True, exist_ok=True)
    async with running_district() as district, chromium() as browser:
        await fill(district)
        for look in await looks(district):
            for width, viewport in (("phone", PHONE), ("desktop", DESKTOP)):
                # No script: the picture is of the page as the server sends it, at rest.
                context = await browser.new_context(viewport=viewport, java_script_enabled=False)
                page = await context.new_page()
                if look.login:
                    form = {"person": look.login}
                    await page.request.post(f"{district.portal}/sign-in/sample", form=form, max_redirects=0)
                await page.goto(district.portal + look.path)
                path = folder / f"{look.name}-{width}.png"
                await page.screenshot(path=path, full_page=True)
                shrink(path)
                sys.stdout.write(f"{path}\n")
                await context.close()


def shrink(path: Path) -> None:
    """Pages have few colours: with a palette a picture weighs a third."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def main() -> int:
    if len(sys.argv) > 2:
        sys.stderr.write(f"usage: {__doc__}\n")
        return 2
    asyncio.run(take(Path(sys.argv[1]) if len(sys.argv) == 2 else FOLDER))
    return 0


if __name__ == "__main__":
    sys.exit(main())
