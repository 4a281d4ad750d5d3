"""POST /webhooks/{provider}/{connection}: find the connection → verify → parse → wait for the commit → answer.

A raw ASGI application in front of the service's other routes: validation and routing by a framework would cost more than
all the rest. What a sender may do wrong is answered in the provider's own form where it has one, else as a problem, counted
by kind and logged without its contents:
404 unknown connection, or another provider's; 410 disabled (Standard Webhooks: the sender stops); 413 over 64 KiB;
408 a body that does not arrive; 403 from outside the connection's networks; 401 not proven, or signed too long ago;
429 over the connection's rate (only what is proven counts, so that nobody else can use it up); 415 no JSON; 400 JSON that
cannot be read; 503 not durable, send it again.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

import structlog
from uuid_utils import uuid7

from services.ingest.committer import Committer, NotStoredError, QueueFullError
from services.ingest.connections import Connections, OpenConnection
from services.ingest.model import Message, Reported
from services.ingest.networks import sender_address
from services.ingest.providers import PROVIDERS
from services.ingest.providers.base import (
    Delivery,
    MalformedError,
    NotJsonError,
    Provider,
    UnauthorizedError,
    verify,
)
from shared.runtime.http import TraceAndTime
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS
from shared.runtime.problems import Problem
from shared.runtime.tracing import current_traceparent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from services.ingest.networks import Network

log = structlog.get_logger()

PREFIX = "/webhooks/"
ROUTE = SimpleNamespace(path="/webhooks/{provider}/{connection}")
BODY_MAX_BYTES = 64 * 1024
DRAIN_MAX_BYTES = 1024 * 1024
"""Of a body that is too long so much is still read, and dropped: a sender hears the answer only after it has sent."""
BODY_TIMEOUT_S = 10.0
KEPT_HEADERS = ("content-type", "user-agent")

_OK = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}


class WebhookFront:
    """Takes webhooks itself and leaves every other request to the app behind it."""

    def __init__(
        self, app: ASGIApp, connections: Connections, committer: Committer, *, trusted_proxies: Sequence[Network] = ()
    ) -> None:
        self._app = app
        self._connections = connections
        self._committer = committer
        self._trusted_proxies = trusted_proxies
        self._webhook = TraceAndTime(self._answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            scope["route"] = ROUTE
            await self._webhook(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        name, _, rest = scope["path"].removeprefix(PREFIX).partition("/")
        connection_id, slash, below = rest.partition("/")
        path = slash + below
        provider, connection = PROVIDERS.get(name), None
        try:
            connection = await self._find(scope["method"], provider, connection_id, path)
            headers = {each.decode("latin-1").lower(): value.decode("latin-1") for each, value in scope["headers"]}
            body = await read_body(headers, receive)
            self._check_network(connection, scope, headers)
            delivery = Delivery(headers, body)
            if path == connection.provider.path:
                answer = await self._take(connection, delivery)
            else:
                answer = issue_token(connection, delivery, time.time())
        except Problem as problem:
            log.warning(
                "webhook_refused",
                status=problem.status,
                kind=problem.kind,
                reason=problem.detail,
                # Only a connection that exists is named: the path of any other is a stranger's text.
                connection=connection.connection_id if connection else None,
            )
            if provider is not None and provider.refuse is not None:
                problem.told_as(provider.refuse(path, problem.status, problem.detail))
            await problem.response()(scope, receive, send)
        else:
            await send(_OK)
            await send({"type": "http.response.body", "body": answer})

    async def _find(self, method: str, provider: Provider | None, connection_id: str, path: str) -> OpenConnection:
        try:
            connection = self._connections.at_hand(provider, connection_id) or await self._connections.find(
                provider, connection_id
            )
        except PASSING_ERRORS as error:
            log.warning("connections_unreadable", error=describe_error(error))
            raise _unavailable() from error
        if connection is None or not connection.provider.answers_at(path):
            raise Problem(404, "unknown_connection", "there is no such connection of this provider")
        if method != "POST":
            raise Problem(405, "method_not_allowed", "webhooks are sent by POST", headers={"Allow": "POST"})
        if connection.disabled:
            raise Problem(410, "connection_disabled", "this connection is disabled: stop sending")
        return connection

    def _check_network(self, connection: OpenConnection, scope: Scope, headers: dict[str, str]) -> None:
        if connection.networks:
            address = sender_address(scope.get("client"), headers.get("x-forwarded-for", ""), self._trusted_proxies)
            if address is None or not any(address in each for each in connection.networks):
                raise Problem(403, "foreign_network", "this address does not belong to the connection's networks")

    async def _take(self, connection: OpenConnection, delivery: Delivery) -> bytes:
        now_s = time.time()
        reported = understand(connection, delivery, now_s)
        if connection.limit is not None and (wait_s := connection.limit.wait_s(time.monotonic())):
            raise Problem(
                429, "rate_exceeded", "this connection sends faster than agreed", headers={"Retry-After": str(wait_s)}
            )
        headers = delivery.headers
        message = Message(
            uuid7(),
            datetime.fromtimestamp(now_s, UTC),
            connection.provider.name,
            connection.connection_id,
            connection.accounts,
            {name: headers[name] for name in (*KEPT_HEADERS, *connection.provider.kept_headers) if name in headers},
            delivery.body,
            reported,
            current_traceparent.get(),
        )
        try:
            transaction_ids = await self._committer.take(message)
        except QueueFullError as error:
            raise Problem(
                503, "queue_full", "too many messages wait to be stored; send it again", headers={"Retry-After": "1"}
            ) from error
        except NotStoredError as error:
            raise _unavailable() from error
        return connection.provider.answer(transaction_ids or [str(message.message_id)])


def understand(connection: OpenConnection, delivery: Delivery, now_s: float) -> tuple[Reported, ...]:
    """Verify, then parse; raises Problem 401, 415 or 400."""
    provider = connection.provider
    try:
        signed_at_s = verify(connection.verifiers(now_s), delivery, now_s)
        if signed_at_s is not None:
            connection.clock_offset.set(now_s - signed_at_s)
        return provider.parse(delivery)
    except UnauthorizedError as error:
        if error.signed_at_s is not None:
            connection.clock_offset.set(now_s - error.signed_at_s)
        raise Problem(401, error.kind, str(error)) from error
    except NotJsonError as error:
        media_type = delivery.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            raise Problem(415, "not_json", "webhooks are taken as application/json only") from error
        raise Problem(400, "malformed", str(error)) from error
    except MalformedError as error:
        raise Problem(400, "malformed", str(error)) from error


def issue_token(connection: OpenConnection, delivery: Delivery, now_s: float) -> bytes:
    """The answer of a provider's token address; raises Problem 401."""
    assert connection.provider.tokens is not None
    try:
        return connection.provider.tokens.issue(connection.verifiers(now_s), delivery, now_s)
    except UnauthorizedError as error:
        raise Problem(401, error.kind, str(error)) from error


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
