"""The HTTP side of a service: its FastAPI app with health, readiness and metrics, served by granian in this process."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from swagger_ui_bundle import swagger_ui_path

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
DRAIN_BYTES_MAX = 512 * 1024 * 1024
"""A sender hears of a refusal once it has sent its body; one of a larger body may find the connection closed."""
DRAIN_S = 60.0
"""So long a refusal waits for the rest of a body."""
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
    app = FastAPI(title=f"Khớp {service}", version="1", openapi_url="/openapi.json", docs_url=None, redoc_url=None)
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

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        """The OpenAPI document for people; its script comes from here, for networks are weak and may be closed."""
        return get_swagger_ui_html(
            openapi_url="/openapi.json", title=app.title, swagger_js_url="/docs/swagger-ui-bundle.js",
            swagger_css_url="/docs/swagger-ui.css", swagger_favicon_url="/docs/favicon-32x32.png",
        )  # fmt: skip

    app.mount("/docs", StaticFiles(directory=swagger_ui_path))
    for router in (probes, *routers):
        app.include_router(router)
    app.add_middleware(LimitBody)
    app.add_middleware(AnswerHead)
    app.add_middleware(ReadToEnd)
    app.add_middleware(TraceAndTime)
    return app


class AnswerHead:
    """Answers HEAD as GET without the body (RFC 9110 §9.3.2), which FastAPI's routes do not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


class LimitBody:
    """Refuses a body that is larger than any command's, as soon as that is known."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"] == "POST" and scope["path"].startswith(UPLOADS)):
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


class ReadToEnd:
    """Answers once the body is here, of which a refusal may have read nothing: the server closes the connection on what it
    has not read, and a sender that is still writing then finds it broken instead of the answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        declared = headers.get(b"content-length", b"0")
        # Whoever expects 100 (Continue) has sent nothing yet, and sends nothing after a refusal (RFC 9110 §10.1.1).
        is_sent = (declared != b"0" or b"transfer-encoding" in headers) and b"expect" not in headers
        if not is_sent or (declared.isdigit() and int(declared) > DRAIN_BYTES_MAX):
            await self._app(scope, receive, send)
            return
        length, is_whole = 0, False

        async def noted() -> Message:
            nonlocal length, is_whole
            message = await receive()
            length += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            return message

        async def after_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                with suppress(TimeoutError):
                    async with asyncio.timeout(DRAIN_S):
                        while not is_whole and length <= DRAIN_BYTES_MAX:
                            await noted()
            await send(message)

        await self._app(scope, noted, after_body)


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
            time_request(scope["method"], route_of(scope), status, time.perf_counter() - started)


@lru_cache(maxsize=1_024)  # the look-up by labels costs more than the observation
def _seconds_of(method: str, route: str, status: int) -> Histogram:
    # A stranger must not make labels.
    return metrics.HTTP_SECONDS.labels(method if method in METHODS else "other", route, str(status))


def time_request(method: str, route: str, status: int, seconds: float) -> None:
    """Measure one answered request; `route` is its template, never its path, which holds ids."""
    _seconds_of(method, route, status).observe(seconds)


@asynccontextmanager
async def serving(app: Any, host: str, port: int) -> AsyncIterator[asyncio.Task[None]]:
    """Serve an ASGI app in this process's event loop while the block runs; gives what would end if it could not go on.

    Raises:
        OSError: it cannot listen there.
    """
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
    listens = asyncio.get_running_loop().create_future()
    server.on_startup(lambda: listens.set_result(None))  # called once the port is had
    task = asyncio.create_task(server.serve(), name="http")
    await asyncio.wait({task, listens}, return_when=asyncio.FIRST_COMPLETED)
    if not listens.done():
        reason = str(task.exception()).partition("\n")[0]  # a trace of machine code follows
        raise OSError(f"cannot listen at {host}:{port}: {reason}")
    try:
        yield task
    finally:
        server.stop()
        await asyncio.wait({task}, timeout=STOP_WAIT_S)
