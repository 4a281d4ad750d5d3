"""deploy/proxy/Caddyfile lets strangers reach what strangers need, and no other route of any service, now or later.

Every route of every service is asked for through a real Caddy; behind it stands a listener that says who was reached, and by which
path. Each route that can be reached is named in PUBLISHED: a new one under a published path fails here until somebody means it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Match, Mount, Route

from deploy.local.state import any_free_port
from services.topology import SERVICE_NAMES
from shared.runtime.http import create_app
from shared.runtime.operations import operations_router
from shared.runtime.service import Runtime
from shared.runtime.settings import Settings
from tests.integration.support import ADMIN_TOKEN, SECRET_KEY, eventually

CADDYFILE = Path(__file__).parents[2] / "deploy" / "proxy" / "Caddyfile"
PUBLISHED = {
    ("ingest", "POST", "/webhooks/{provider}/{connection}"),
    ("ingest", "POST", "/webhooks/vietqr/{connection}/api/token_generate"),
    ("ingest", "POST", "/webhooks/vietqr/{connection}/bank/api/transaction-sync"),
    ("notices", "GET", "/b/static/{name}"),
    ("notices", "GET", "/b/{token}"),
    ("notices", "GET", "/b/{token}/chosen"),
    ("notices", "GET", "/b/{token}/qr.png"),
    ("notices", "POST", "/b/{token}/helper"),
    ("portal", "GET", "/static/{name}"),
    ("portal", "GET", "/verify"),
}
"""What the Internet may reach: banks' messages, payers' bills, the check of confirmations. Nothing of it knows a session."""
BEHIND = {"KHOP_INGEST": "ingest", "KHOP_NOTICES": "notices", "KHOP_PORTAL": "portal"}
NOT_FOUND = "/{path}"
"""The portal's page for addresses that lead nowhere."""
WAYS_ROUND = (
    "{start}/..{path}", "{start}/%2e%2e{path}", "{start}%2f..{path}", "{start}/x/../..{path}", "//{tail}", "/.{path}", "{start};{path}",
)  # fmt: skip
"""How somebody would try to get from a published path to one that is not; {tail} is the path without its slash."""


@dataclass(frozen=True)
class Reached:
    """Whom a request reached, and by which path."""

    service: str
    path: str


def app_of(service: str) -> FastAPI:
    """A service's app with all its routes, connected to nothing."""
    settings = Settings(
        database_url="postgresql://nobody@127.0.0.1:9/none", kafka_bootstrap="127.0.0.1:9", secret_key=SECRET_KEY,
        admin_token=ADMIN_TOKEN,
    )  # fmt: skip
    nothing: Any = None
    parts = import_module(f"services.{service}.app").build(Runtime(service, settings, Nowhere()))
    routers = [*parts.routers, operations_router(nothing, parts.published, parts.derived_tables, print)]
    return create_app(service, settings, routers, readiness=nothing, observe=print)


class Nowhere:
    """A database that is never asked."""

    def __getattr__(self, name: str) -> Any:
        return None


APPS = {service: app_of(service) for service in SERVICE_NAMES}


def flat(service: str) -> Iterator[BaseRoute]:
    """A service's routes, those of its routers among them."""
    for route in APPS[service].routes:
        yield from route.original_router.routes if hasattr(route, "original_router") else [route]


def routes_of(service: str) -> Iterator[tuple[str, str]]:
    """Every method and path of a service."""
    for route in flat(service):
        if isinstance(route, Mount):
            yield "GET", f"{route.path}/{{file}}"
        elif isinstance(route, Route):
            for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
                yield method, re.sub(r":\w+}", "}", route.path)


ROUTES = [(service, method, path) for service in SERVICE_NAMES for method, path in routes_of(service)]


def concrete(path: str) -> str:
    return re.sub(r"{\w+}", "some-thing", path)


def route_reached(reached: Reached, method: str) -> str | None:
    """Which route of a service takes this path."""
    scope = {
        "type": "http",
        "method": method,
        "path": unquote(reached.path.partition("?")[0]),
        "headers": [],
        "root_path": "",
    }
    for route in flat(reached.service):
        if route.matches(scope)[0] is Match.FULL:
            return re.sub(r":\w+}", "}", getattr(route, "path", ""))
    return None


async def listen(stack: AsyncExitStack, service: str) -> int:
    """A listener that answers with its name and the path that it was asked for."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = f"{service}\n{head.split()[1].decode()}".encode()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await stack.enter_async_context(await asyncio.start_server(answer, "127.0.0.1", 0))
    return server.sockets[0].getsockname()[1]


@pytest.fixture(scope="module")
async def caddy() -> AsyncIterator[tuple[str, str]]:
    """The addresses of the public and of the inner site."""
    program = shutil.which("caddy")
    if program is None:
        reason = "caddy is missing: apt-get install caddy"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    async with AsyncExitStack() as stack:
        upstreams = {name: f"127.0.0.1:{await listen(stack, service)}" for name, service in BEHIND.items()}
        public, inside = (f"http://127.0.0.1:{any_free_port()}" for _ in range(2))
        environment = {
            **os.environ, **upstreams, "KHOP_DOMAIN": public, "KHOP_INSIDE": inside, "CADDY_ADMIN": f"127.0.0.1:{any_free_port()}",
        }  # fmt: skip
        process = subprocess.Popen(
            [program, "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"],
            env=environment,
            stderr=subprocess.DEVNULL,
        )
        try:
            async with httpx.AsyncClient() as client:

                async def up() -> bool:
                    try:
                        return (await client.get(f"{public}/")).status_code == 404
                    except httpx.TransportError:
                        return False

                await eventually(up)
            yield public, inside
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 10)


async def reached_by(address: str, method: str, path: str) -> Reached | None:
    """Whom a request reaches, its path sent as it stands (HTTP clients clean it); None where Caddy refuses it."""
    where = httpx.URL(address)
    reader, writer = await asyncio.open_connection(where.host, where.port)
    head = f"{method} {path} HTTP/1.1\r\nHost: {where.netloc.decode()}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    writer.write(head.encode())
    try:
        answer = (await reader.read()).decode()
    finally:
        writer.close()
    status, body = int(answer.split()[1]), answer.partition("\r\n\r\n")[2]
    if status != 200:
        assert status in {400, 404}, (path, status)
        return None
    return Reached(*body.split("\n"))


async def test_exactly_what_strangers_need_is_published(caddy):
    public, _ = caddy
    found = set()
    for _service, method, path in ROUTES:
        reached = await reached_by(public, method, concrete(path))
        route = route_reached(reached, method) if reached else None
        if reached and route:
            found.add((reached.service, method, route))
    assert found == PUBLISHED


async def test_no_way_leads_round_the_published_paths(caddy):
    public, _ = caddy
    for _service, method, path in ROUTES:
        for start, way in itertools.product(("/webhooks/a", "/b/a", "/static/a"), WAYS_ROUND):
            tried = way.format(start=start, path=concrete(path), tail=concrete(path).lstrip("/"))
            reached = await reached_by(public, method, tried)
            route = route_reached(reached, method) if reached else None
            if reached and route not in {None, NOT_FOUND}:
                assert (reached.service, method, route) in PUBLISHED, (tried, reached, route)


async def test_staff_pages_are_reached_from_inside(caddy):
    _, inside = caddy
    for path in ("/queue", "/sign-in", "/people", "/events"):
        assert await reached_by(inside, "GET", path) == Reached("portal", path)


def test_staff_pages_are_guarded_against_the_outside():
    """Only what comes from private networks passes; loopback is one, so this cannot be tried from here."""
    inner = CADDYFILE.read_text(encoding="utf-8").split("{$KHOP_INSIDE} {")[1]
    guard, proxy = inner.index("@outside not remote_ip private_ranges\n\trespond @outside 403"), inner.index("reverse_proxy")
    assert guard < proxy
