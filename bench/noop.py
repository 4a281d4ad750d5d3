"""The yardstick of bench/ingest.py: the HTTP server of a service with a handler that reads the body and answers 200."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

import uvloop

from shared.runtime.http import serving

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

ANSWER = b'{"success": true}'


async def noop(_scope: Scope, receive: Receive, send: Send) -> None:
    """Do nothing, as fast as this server can."""
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": ANSWER})


async def serve(port: int) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serving(noop, "127.0.0.1", port):
        await stop.wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
