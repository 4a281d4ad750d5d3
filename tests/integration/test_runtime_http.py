"""What every service's HTTP side does alike: limits, errors as problems, metrics without strangers' words."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from shared.runtime.http import BODY_BYTES_MAX, serving
from tests.integration.support import ADMIN, Running, Stack, eventually, running_service, status_of_a_slow_sender


@pytest.fixture(scope="module")
async def matching(stack: Stack) -> AsyncIterator[Running]:
    async with running_service("matching", stack) as running:
        yield running


@pytest.fixture
async def client(matching: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=matching.url, timeout=15) as made:
        yield made


async def test_a_body_beyond_the_limit_is_refused_whoever_sends_it(client: httpx.AsyncClient):
    too_much = b"x" * (BODY_BYTES_MAX + 1)

    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(BODY_BYTES_MAX // 65_536 + 1):
            yield b"x" * 65_536

    for content in (too_much, in_pieces()):
        answer = await client.post("/cash-receipts", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:khop:problem:body_too_large"


@pytest.mark.parametrize(
    ("path", "media_type", "status"),
    [
        ("/imports/portal-report", "text/csv", 401),
        ("/imports/portal-report", "multipart/form-data; boundary=x", 401),
        ("/nowhere", "application/json", 404),
        ("/healthz", "application/json", 405),
    ],
)
async def test_who_is_still_sending_hears_a_refusal(matching: Running, path: str, media_type: str, status: int):
    assert await status_of_a_slow_sender(matching.url, path, media_type) == status


async def test_an_error_is_a_problem_and_counted(client: httpx.AsyncClient):
    for path, status, kind in (("/nowhere", 404, "not_found"), ("/credits/x", 401, "unauthorized")):
        answer = await client.get(path)
        assert answer.status_code == status
        assert answer.json()["status"] == status
        assert answer.json()["type"] == f"urn:khop:problem:{kind}"
    assert (await client.delete("/healthz")).status_code == 405
    metrics = (await client.get("/metrics")).text
    assert 'khop_refused_total{kind="unauthorized"}' in metrics


async def test_a_stranger_makes_no_label(matching: Running, client: httpx.AsyncClient):
    with socket.create_connection(("127.0.0.1", int(matching.url.rpartition(":")[2])), timeout=5) as connection:
        connection.sendall(b"NGUYENVANAN /credits/secret-id HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        connection.recv(1024)

    async def counted() -> bool:
        return 'method="other"' in (await client.get("/metrics")).text

    await eventually(counted)
    metrics = (await client.get("/metrics")).text
    assert "NGUYENVANAN" not in metrics
    assert "secret-id" not in metrics


async def test_it_says_what_is_out_of_reach(stack: Stack, client: httpx.AsyncClient):
    assert (await client.get("/readyz")).json() == {"ready": True, "database": True, "broker": True, "consuming": True}
    assert (await client.get("/healthz")).json() == {"status": "up", "service": "matching"}
    assert "openapi" in (await client.get("/openapi.json")).json()


async def test_the_document_for_people_needs_nothing_from_elsewhere(client: httpx.AsyncClient):
    page = (await client.get("/docs")).text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 3
    for address in addresses:
        assert address.startswith("/docs/")
        assert (await client.get(address)).status_code == 200


async def test_head_is_get_without_the_body(client: httpx.AsyncClient):
    answer = await client.head("/healthz")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["/credits/%00", "/review?site=%00"])
async def test_what_the_database_does_not_take_is_the_callers_fault(client: httpx.AsyncClient, path: str):
    answer = await client.get(path, headers=ADMIN)
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:khop:problem:invalid_request"


async def test_only_administrators_republish(client: httpx.AsyncClient):
    assert (await client.post("/operations/republish")).status_code == 401
    assert (await client.post("/operations/republish", headers=ADMIN)).json() == {"payments.allocations.v1": 0}
    assert (await client.post("/operations/replay", headers=ADMIN)).status_code == 409


async def test_a_service_whose_port_another_has_ends_and_says_so():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen at 127.0.0.1:{port}: Address already in use"):
            await AsyncExitStack().enter_async_context(serving(None, "127.0.0.1", port))
