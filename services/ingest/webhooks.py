"""POST /webhooks/{provider}/{connection}: find the connection → verify → parse → wait for the commit → answer.

A raw ASGI application in front of the service's other routes: validation and routing by a framework would cost more than
all the rest. What a sender may do wrong is answered as a problem, counted by kind and logged without its contents:
404 unknown connection, or another provider's; 410 disabled (Standard Webhooks: the sender stops); 413 over 64 KiB;
408 a body that does not arrive; 401 not proven, or signed too long ago; 429 over the connection's rate (only what is proven
counts, so that nobody else can use it up); 415 no JSON; 400 JSON that cannot be read; 503 not durable, send it again.
"""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import structlog
from uuid_utils.compat import uuid7

from services.ingest.committer import Committer, NotStoredError, QueueFullError
from services.ingest.connections import Connections, OpenConnection
from services.ingest.model import Message, Reported
from services.ingest.providers.base import Delivery, MalformedError, NotJsonError, UnauthorizedError, verify
from shared import clock
from shared.runtime.http import TraceAndTime
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS
from shared.runtime.problems import Problem
from shared.runtime.tracing import current_traceparent

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger()

PREFIX = "/webhooks/"
ROUTE = "/webhooks/{provider}/{connection}"
BODY_MAX_BYTES = 64 * 1024
DRAIN_MAX_BYTES = 1024 * 1024
"""Of a body that is too long so much is still read, and dropped: a sender hears the answer only after it has sent."""
BODY_TIMEOUT_S = 10.0
KEPT_HEADERS = ("content-type", "user-agent")
_JSON_TYPE = [(b"content-type", b"application/json")]


class WebhookFront:
    """Takes webhooks itself and leaves every other request to the app behind it."""

    def __init__(self, app: ASGIApp, connections: Connections, committer: Committer) -> None:
        self._app = app
        self._connections = connections
        self._committer = committer
        self._webhook = TraceAndTime(self._answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            scope["route"] = SimpleNamespace(path=ROUTE)
            await self._webhook(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = None
        try:
            connection = await self._find(scope)
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            body = await read_body(headers, receive)
            answer = await self._take(connection, Delivery(headers, body))
        except Problem as problem:
            log.warning(
                "webhook_refused",
                status=problem.status,
                kind=problem.kind,
                reason=problem.detail,
                # Only a connection that exists is named: the path of any other is a stranger's text.
                connection=connection.connection_id if connection else None,
            )
            await problem.response()(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": _JSON_TYPE})
            await send({"type": "http.response.body", "body": answer})

    async def _find(self, scope: Scope) -> OpenConnection:
        provider, separator, connection_id = scope["path"].removeprefix(PREFIX).partition("/")
        try:
            connection = await self._connections.find(provider, connection_id) if separator else None
        except PASSING_ERRORS as error:
            log.warning("connections_unreadable", error=describe_error(error))
            raise _unavailable() from error
        if connection is None:
            raise Problem(404, "unknown_connection", "there is no such connection of this provider")
        if scope["method"] != "POST":
            raise Problem(405, "method_not_allowed", "webhooks are sent by POST", headers={"Allow": "POST"})
        if connection.disabled:
            raise Problem(410, "connection_disabled", "this connection is disabled: stop sending")
        return connection

    async def _take(self, connection: OpenConnection, delivery: Delivery) -> bytes:
        received_at = clock.now()
        reported = understand(connection, delivery, received_at.timestamp())
        if connection.limit is not None and (wait_s := connection.limit.wait_s(time.monotonic())):
            raise Problem(
                429, "rate_exceeded", "this connection sends faster than agreed", headers={"Retry-After": str(wait_s)}
            )
        message = Message(
            message_id=uuid7(),
            received_at=received_at,
            provider=connection.provider.name,
            connection_id=connection.connection_id,
            accounts=connection.accounts,
            headers={
                name: delivery.headers[name]
                for name in (*KEPT_HEADERS, *connection.provider.kept_headers)
                if name in delivery.headers
            },
            body=delivery.body,
            reported=reported,
            traceparent=current_traceparent.get(),
        )
        try:
            return connection.provider.answer(await self._committer.take(message))
        except QueueFullError as error:
            raise Problem(
                503, "queue_full", "too many messages wait to be stored; send it again", headers={"Retry-After": "1"}
            ) from error
        except NotStoredError as error:
            raise _unavailable() from error


def understand(connection: OpenConnection, delivery: Delivery, now_s: float) -> tuple[Reported, ...]:
    """Verify, then parse; raises Problem 401, 415 or 400."""
    try:
        verify(connection.verifiers(clock.now()), delivery, now_s)
        return connection.provider.parse(delivery)
    except UnauthorizedError as error:
        raise Problem(401, error.kind, str(error)) from error
    except NotJsonError as error:
        media_type = delivery.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            raise Problem(415, "not_json", "webhooks are taken as application/json only") from error
        raise Problem(400, "malformed", str(error)) from error
    except MalformedError as error:
        raise Problem(400, "malformed", str(error)) from error


async def read_body(headers: dict[str, str], receive: Receive) -> bytes:
    """The whole body, measured while it is read; raises Problem 413 or 408."""
    declared = headers.get("content-length", "")
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            while True:
                event = await receive()
                if event["type"] == "http.disconnect":
                    raise Problem(400, "sender_left", "the sender closed the connection before the body was whole")
                part: bytes = event.get("body", b"")
                length += len(part)
                if length <= BODY_MAX_BYTES:
                    parts.append(part)
                if not event.get("more_body", False) or length > DRAIN_MAX_BYTES:
                    break
                if declared.isdecimal() and int(declared) > DRAIN_MAX_BYTES:
                    length = max(length, BODY_MAX_BYTES + 1)
                    break
    except TimeoutError as error:
        raise Problem(408, "body_too_slow", f"the body did not arrive within {BODY_TIMEOUT_S:.0f} s") from error
    if length > BODY_MAX_BYTES:
        raise Problem(413, "body_too_large", f"a message may hold {BODY_MAX_BYTES} bytes")
    return b"".join(parts)


def _unavailable() -> Problem:
    return Problem(
        503, "storage_unavailable", "the message is not known to be stored; send it again", headers={"Retry-After": "2"}
    )
