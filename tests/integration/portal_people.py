"""People of a portal under test: sample people who sign in with one click, and clients that carry their session."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.integration.support import ADMIN


def a_person(login: str, role: str, *, name: str | None = None, **grant: Any) -> dict[str, Any]:
    """A sample person with one grant, as the portal takes them."""
    return {"login": f"mau-{login}", "name": name or f"Người {login}", "grants": [{"role": role, **grant}]}


async def put_people(base_url: str, people: Sequence[dict[str, Any]]) -> None:
    async with httpx.AsyncClient(base_url=base_url, headers=ADMIN) as client:
        (await client.put("/people/sample", json=people)).raise_for_status()


@asynccontextmanager
async def signed_in(base_url: str, login: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of a sample person, without following redirects."""
    async with httpx.AsyncClient(base_url=base_url, timeout=10) as client:
        answer = await client.post("/sign-in/sample", data={"person": f"mau-{login}"})
        assert answer.status_code == 303, answer.text
        yield client


def form_token(page: str) -> str:
    """The hidden field by which a form proves that this session was given it."""
    (token, *_) = re.findall(r'name="form" value="([^"]+)"', page)
    return token


async def send(client: httpx.AsyncClient, path: str, fields: dict[str, Any], *, seen: str = "/me") -> httpx.Response:
    """Send a form as the page `seen` would."""
    token = form_token((await client.get(seen)).text)
    return await client.post(path, data={**fields, "form": token})
