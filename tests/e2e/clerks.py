"""People of the running district by HTTP, for what needs no browser: forms sent as their pages send them."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.e2e.district import District
from tests.integration.portal_people import form_token
from tests.integration.support import eventually


class Clerk:
    """Somebody of the sample who is signed in; redirects are followed as a browser does."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def page(self, path: str) -> str:
        """What a page says; any answer but a page fails."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {words_of(answer.text)[:400]}"
        return html.unescape(answer.text)

    async def file(self, path: str) -> httpx.Response:
        """A file that is downloaded."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {words_of(answer.text)[:400]}"
        return answer

    async def send(
        self, path: str, fields: Mapping[str, Any], *, seen: str = "/me", files: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Send a form as the page `seen` would, with its hidden token; the answer is where it leads."""
        token = form_token((await self.client.get(seen)).text)
        return await self.client.post(path, data={**fields, "form": token}, files=files)

    async def does(self, path: str, fields: Mapping[str, Any], **more: Any) -> str:
        """Send a form that must be taken; returns the page to which it leads."""
        answer = await self.send(path, fields, **more)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {words_of(answer.text)[:400]}"
        return html.unescape(answer.text)

    async def sees(self, path: str, text: str, within_s: float = 20) -> str:
        """Wait until a page says something; returns the page."""

        async def said() -> str | None:
            page = await self.page(path)
            return page if text in page else None

        found: str = await eventually(said, within_s=within_s)
        return found


@asynccontextmanager
async def at_work(district: District, login: str) -> AsyncIterator[Clerk]:
    """A person of the sample, signed in."""
    async with httpx.AsyncClient(base_url=district.portal, timeout=60, follow_redirects=True) as client:
        answer = await client.post("/sign-in/sample", data={"person": login})
        assert answer.status_code == 200, answer.text
        yield Clerk(client)


def words_of(page: str) -> str:
    """What a reader sees of a page's main part."""
    main = page.split("<main", 1)[-1]
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", main)).split())
