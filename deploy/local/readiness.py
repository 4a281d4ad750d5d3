"""Whether the services answer: GET /healthz and /readyz, both 200."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

ANSWER_LIMIT_S = 2.0


async def is_ready(urls: Mapping[str, str]) -> bool:
    """Say whether every service is up and reaches what it needs."""
    answers = await asyncio.gather(*(_is_ok(f"{url}{path}") for url in urls.values() for path in ("/healthz", "/readyz")))
    return all(answers)


async def _is_ok(url: str) -> bool:
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(ANSWER_LIMIT_S):
            return await _status_line(url) in (b"HTTP/1.1 200", b"HTTP/1.0 200")
    return False


async def _status_line(url: str) -> bytes:
    """The first 12 bytes of the answer; an HTTP client would cost the supervisor 0.3 s and 30 MB."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        return await reader.read(12)
    finally:
        writer.close()
