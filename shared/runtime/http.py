"""The HTTP side of a service: its FastAPI app with health, readiness and metrics, served by granian in this process."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from shared.runtime import metrics
from shared.runtime.problems import install_problem_handlers
from shared.runtime.tracing import HEADER, child_of, current_traceparent, route_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from shared.runtime.settings import Settings

BACKLOG = 1024
BODY_BYTES_MAX = 1024 * 1024
"""Of a command's body; it is read before the caller's token can be checked."""
UPLOADS = ("/imports/", "/statements/")
"""Routes that take files: they check the caller first, then read, and have limits of their own."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
STOP_WAIT_S = 5.0


def create_app(
    service: str,
    settings: Settings,
    routers: Sequence[APIRouter],
    *,
    readiness: Callable[[], Awaitable[dict[str, bool]]],
    observe: Callable[[], None],
) -> FastAPI:
    """The app of a service. `readiness` names what must be reachable and whether it is."""
    app = FastAPI(title=f"Khớp {service}", version="1", openapi_url="/openapi.json", docs_url="/docs", redoc_url=None)
    app.state.settings = settings
    install_problem_handlers(app)
    probes = APIRouter(tags=["probes"])

    @probes.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "up", "service": service}

    @probes.get("/readyz")
    async def readyz() -> JSONResponse:
        parts = await readiness()
        return JSONResponse({"ready": all(parts.values()), **parts}, 200 if all(parts.values()) else 503)

    @probes.get("/metrics")
    async def read_metrics() -> Response:
        observe()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    for router in (probes, *routers):
        app.include_router(router)
    app.add_middleware(LimitBody)
    app.add_middleware(TraceAndTime)
    return app


class LimitBody:
    """Refuses a body that is larger than any command's, as soon as that is known."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UPLOADS):
            await self._app(scope, receive, send)
            return
        length = 0

        async def counted() -> Message:
            nonlocal length
            message = await receive()
            length += len(message.get("body", b""))
            if length > BODY_BYTES_MAX:
                # An HTTPException: FastAPI hides any other one that it meets while it reads a body.
                raise HTTPException(413, f"a request may hold {BODY_BYTES_MAX} bytes")
            return message

        await self._app(scope, counted, send)


class TraceAndTime:
    """Gives each request its trace and measures it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        incoming = next((value.decode("latin-1") for name, value in scope["headers"] if name == HEADER.encode()), None)
        token = current_traceparent.set(child_of(incoming))
        started = time.perf_counter()
        status = 500

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            current_traceparent.reset(token)
            method = scope["method"] if scope["method"] in METHODS else "other"  # a stranger must not make labels
            metrics.HTTP_SECONDS.labels(method, route_of(scope), str(status)).observe(time.perf_counter() - started)


@asynccontextmanager
async def serving(app: Any, host: str, port: int) -> AsyncIterator[None]:
    """Serve an ASGI app in this process's event loop while the block runs."""
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,  # no lifespan: the composition root opens and closes resources itself
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        http1_settings=HTTP1Settings(keep_alive=True, max_buffer_size=131_072),
        log_enabled=False,
    )
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.stop()
        await asyncio.wait({task}, timeout=STOP_WAIT_S)
