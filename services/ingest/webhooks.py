"""POST /webhooks/{provider}/{connection}: find the connection → verify → parse → wait for the commit → answer.

A raw ASGI application in front of the service's other routes: validation and routing by a framework would cost more than
all the rest. What a sender may do wrong is answered in the provider's own form where it has one, else as a problem, counted
by kind and logged without its contents:
404 unknown connection, or another provider's; 410 disabled (Standard Webhooks: the sender stops); 413 over 64 KiB;
408 a body that does not arrive; 403 from outside the connection's networks; 401 not proven, or signed too long ago;
429 over the connection's rate (only what is proven counts, so that nobody else can use it up); 415 no JSON; 400 JSON that
cannot be read; 503 not durable, send it again. What is proven and cannot be read is kept in the vault before it is refused.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import APIRouter
from prometheus_client import Counter
from uuid_utils import uuid7

from services.ingest.committer import Committer, NotStoredError, QueueFullError
from services.ingest.connections import Connections, OpenConnection
from services.ingest.model import Message as BankMessage
from services.ingest.model import Reported, believable
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
from shared.runtime.http import time_request
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS
from shared.runtime.problems import Problem
from shared.runtime.tracing import HEADER, child_of, current_traceparent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from services.ingest.networks import Network

log = structlog.get_logger()

UNBELIEVED = Counter(
    "khop_ingest_unbelieved_times_total",
    "Messages whose time lay more than a day ahead: the time of arrival stands instead.",
    ["provider"],
)

PREFIX = "/webhooks/"
ROUTE = "/webhooks/{provider}/{connection}"
BODY_MAX_BYTES = 64 * 1024
DRAIN_MAX_BYTES = 8 * 1024 * 1024
"""Of a body that is too long so much is still read, and dropped: a sender hears the answer only after it has sent."""
BODY_TIMEOUT_S = 10.0
KEPT_HEADERS = ("content-type", "user-agent")

_OK = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}


class WebhookFront:
    """Takes webhooks itself and leaves every other request to the app behind it."""

    def __init__(
        self,
        app: ASGIApp,
        connections: Connections,
        committer: Committer,
        deadlines: BodyDeadlines,
        *,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self._app = app
        self._connections = connections
        self._committer = committer
        self._trusted_proxies = trusted_proxies
        self._deadlines = deadlines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        token = current_traceparent.set(child_of(headers.get(HEADER)))
        try:
            status = await self._answer(scope, headers, receive, send)
        finally:
            current_traceparent.reset(token)
            time_request(scope["method"], ROUTE, status, time.perf_counter() - started)

    async def _answer(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> int:
        """Answer one request; returns the status."""
        name, _, rest = scope["path"][len(PREFIX) :].partition("/")
        connection_id, slash, below = rest.partition("/")
        path = slash + below
        provider, connection = PROVIDERS.get(name), None
        try:
            try:
                connection = await self._find(scope["method"], provider, connection_id, path)
            except Problem:
                with suppress(Problem):  # read all the same, as shared.runtime.http.ReadToEnd does and says why
                    await read_body(headers, receive, self._deadlines)
                raise
            body = await read_body(headers, receive, self._deadlines)
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
            return problem.status
        await send(_OK)
        await send({"type": "http.response.body", "body": answer})
        return 200

    async def _find(self, method: str, provider: Provider | None, connection_id: str, path: str) -> OpenConnection:
        try:
            connection = self._connections.at_hand(provider, connection_id)
            if connection is None:
                connection = await self._connections.find(provider, connection_id)
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
        prove(connection, delivery, now_s)
        if connection.limit is not None and (wait_s := connection.limit.wait_s(time.monotonic())):
            raise Problem(
                429, "rate_exceeded", "this connection sends faster than agreed", headers={"Retry-After": str(wait_s)}
            )
        headers = delivery.headers
        received_at = datetime.fromtimestamp(now_s, UTC)
        message_id = uuid7()
        reported, problem = understand(connection.provider, delivery)
        believed = tuple(believable(each, received_at) for each in reported)
        if believed != reported:
            note_unbelieved(connection, str(message_id))
        message = BankMessage(
            message_id,
            received_at,
            connection.provider.name,
            connection.connection_id,
            connection.accounts,
            {name: headers[name] for name in (*KEPT_HEADERS, *connection.provider.kept_headers) if name in headers},
            delivery.body,
            believed,
            current_traceparent.get(),
            is_readable=problem is None,
        )
        try:
            transaction_ids = await self._committer.take(message)
        except QueueFullError as error:
            raise Problem(
                503, "queue_full", "too many messages wait to be stored; send it again", headers={"Retry-After": "1"}
            ) from error
        except NotStoredError as error:
            raise _unavailable() from error
        if problem is not None:
            raise problem
        return connection.provider.answer(transaction_ids or [str(message.message_id)])


def note_unbelieved(connection: OpenConnection, message_id: str) -> None:
    """Tell of a moment that was replaced by the time of arrival: what the provider wrote stands in the vault only."""
    UNBELIEVED.labels(connection.provider.name).inc()
    log.warning(
        "time_not_believed",
        provider=connection.provider.name,
        connection=connection.connection_id,
        message_id=message_id,
    )


def prove(connection: OpenConnection, delivery: Delivery, now_s: float) -> None:
    """Verify a delivery; raises Problem 401, and 415 or 400 where the scheme has to read what it proves and cannot."""
    try:
        signed_at_s = verify(connection.verifiers(now_s), delivery, now_s)
    except UnauthorizedError as error:
        if error.signed_at_s is not None:
            connection.clock_offset.set(now_s - error.signed_at_s)
        raise Problem(401, error.kind, str(error)) from error
    except MalformedError as error:
        raise unreadable(delivery, error) from error
    if signed_at_s is not None:
        connection.clock_offset.set(now_s - signed_at_s)


def understand(provider: Provider, delivery: Delivery) -> tuple[tuple[Reported, ...], Problem | None]:
    """What a proven delivery reports, or why it cannot be read."""
    try:
        return provider.parse(delivery), None
    except MalformedError as error:
        return (), unreadable(delivery, error)


def unreadable(delivery: Delivery, error: MalformedError) -> Problem:
    """415 for what is no JSON and does not say that it is, else 400."""
    if isinstance(error, NotJsonError):
        media_type = delivery.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            return Problem(415, "not_json", "webhooks are taken as application/json only")
    return Problem(400, "malformed", str(error))


def issue_token(connection: OpenConnection, delivery: Delivery, now_s: float) -> bytes:
    """The answer of a provider's token address; raises Problem 401."""
    assert connection.provider.tokens is not None
    try:
        return connection.provider.tokens.issue(connection.verifiers(now_s), delivery, now_s)
    except UnauthorizedError as error:
        raise Problem(401, error.kind, str(error)) from error


def documented() -> APIRouter:
    """The webhooks' place in the OpenAPI document; WebhookFront answers before these routes are reached."""
    routes = APIRouter(tags=["webhooks"])
    body = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}
    answers: dict[int | str, dict[str, Any]] = {
        401: {"description": "Not proven, or signed too long ago."},
        404: {"description": "Unknown connection."},
        413: {"description": f"Over {BODY_MAX_BYTES} bytes."},
        429: {"description": "Over the connection's rate; Retry-After."},
        503: {"description": "Not durable: send it again; Retry-After."},
    }

    async def never(provider: str, connection: str) -> None:
        raise AssertionError((provider, connection))

    for path, summary in (
        (ROUTE, "A bank message, as its provider sends it."),
        ("/webhooks/vietqr/{connection}/api/token_generate", "VietQR.vn fetches a token, by Basic authentication."),
        ("/webhooks/vietqr/{connection}/bank/api/transaction-sync", "A bank message of VietQR.vn, under that token."),
    ):
        routes.add_api_route(
            path, never if path == ROUTE else partial(never, "vietqr"), methods=["POST"], summary=summary,
            operation_id=path, openapi_extra=body, responses=answers, response_model=None,
        )  # fmt: skip
    return routes


class BodyDeadlines:
    """Ends requests whose body does not arrive. One look a second over all of them: a timer for each costs more than HMAC."""

    def __init__(self) -> None:
        self._reading: dict[asyncio.Task[object], float] = {}
        self._overdue: set[asyncio.Task[object]] = set()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the running task while it reads; raises Problem 408 in it when it took too long."""
        task = asyncio.current_task()
        assert task is not None
        self._reading[task] = time.monotonic() + BODY_TIMEOUT_S
        try:
            yield
        except asyncio.CancelledError:
            if task not in self._overdue:
                raise
            task.uncancel()
            raise Problem(408, "body_too_slow", f"the body did not arrive within {BODY_TIMEOUT_S:.0f} s") from None
        finally:
            self._reading.pop(task, None)
            self._overdue.discard(task)

    async def run(self) -> None:
        """Look once a second, for ever."""
        while True:
            await asyncio.sleep(1)
            now_s = time.monotonic()
            for task in [task for task, deadline_s in self._reading.items() if deadline_s < now_s]:
                self._overdue.add(task)
                task.cancel()


async def read_body(headers: Mapping[str, str], receive: Receive, deadlines: BodyDeadlines) -> bytes:
    """The whole body, measured while it is read; raises Problem 413 or 408."""
    with deadlines.watched():
        event = await receive()
        body: bytes = event.get("body", b"")
        # The first part is mostly the whole; to ask for an empty second one would cost as much again.
        is_whole = not event.get("more_body", False) or str(len(body)) == headers.get("content-length")
        if event["type"] != "http.request" or not is_whole:
            body = await _read_rest(headers, event, receive)
    if len(body) > BODY_MAX_BYTES:
        raise _too_large()
    return body


async def _read_rest(headers: Mapping[str, str], event: Message, receive: Receive) -> bytes:
    """A body that comes in parts, of which at most so much is kept as a message may hold."""
    declared = headers.get("content-length", "")
    parts: list[bytes] = []
    length = 0
    while True:
        if event["type"] == "http.disconnect":
            raise Problem(400, "sender_left", "the sender closed the connection before the body was whole")
        part: bytes = event.get("body", b"")
        length += len(part)
        if length <= BODY_MAX_BYTES:
            parts.append(part)
        if length > DRAIN_MAX_BYTES or (declared.isdecimal() and int(declared) > DRAIN_MAX_BYTES):
            raise _too_large()
        if not event.get("more_body", False):
            break
        event = await receive()
    if length > BODY_MAX_BYTES:
        raise _too_large()
    return b"".join(parts)


def _too_large() -> Problem:
    return Problem(413, "body_too_large", f"a message may hold {BODY_MAX_BYTES} bytes")


def _unavailable() -> Problem:
    return Problem(
        503, "storage_unavailable", "the message is not known to be stored; send it again", headers={"Retry-After": "2"}
    )
