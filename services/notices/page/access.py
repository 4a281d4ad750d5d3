"""Who may see a bill's public page, and what everybody else is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from services.notices import words
from services.notices.bills import store
from services.notices.bills.model import BillView
from services.notices.page.limits import Limiter
from services.notices.page.rendering import render
from shared import clock
from shared.runtime import metrics
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS

if TYPE_CHECKING:
    from shared.runtime.postgres import Database

log = structlog.get_logger()

VIEWS_BURST, VIEWS_PER_S = 30, 0.5
"""Of one link: thirty at once, then one every two seconds."""
UNKNOWN_BURST, UNKNOWN_PER_S = 60, 5.0
"""Of links that lead nowhere, all together."""
TOKEN_LENGTH_MAX = 64
_ALL = "all"
_ROBOTS = ("bot", "crawl", "spider", "preview", "facebookexternalhit", "whatsapp", "curl", "python", "wget")
"""Who fetches a link that somebody sends, to show a preview: that is no opening."""


class Refusal(Exception):  # noqa: N818 - a refusal is no fault of the program
    """A page that is not shown, and why."""

    def __init__(self, status: int, kind: str, title: str, sentence: str) -> None:
        super().__init__(kind)
        self.status, self.kind, self.title, self.sentence = status, kind, title, sentence


def unknown_link() -> Refusal:
    """A link that leads nowhere, or no longer."""
    return Refusal(404, "unknown_link", words.UNKNOWN_TITLE, words.UNKNOWN)


class PublicRoute(APIRoute):
    """A route whose errors are pages for a payer, and tell no log the link."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler with its errors turned into pages."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except Refusal as refusal:
                return _told(request, refusal)
            except RequestValidationError:
                return _told(request, unknown_link())
            except PASSING_ERRORS as error:
                log.warning("storage_unavailable", route=self.path, error=describe_error(error))
                return _told(request, Refusal(503, "storage_unavailable", words.BUSY_TITLE, words.AWAY))

        return answer


class PublicBills:
    """Finds the bill of a link, as often as is reasonable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._views = Limiter(burst=VIEWS_BURST, per_s=VIEWS_PER_S, clock=time.monotonic)
        self._unknown = Limiter(burst=UNKNOWN_BURST, per_s=UNKNOWN_PER_S, clock=time.monotonic)

    async def find(self, token: str) -> BillView:
        """The bill of this link; raises Refusal."""
        if not self._views.allows(token):
            raise Refusal(429, "too_many_views", words.BUSY_TITLE, words.BUSY)
        found = None
        if len(token) <= TOKEN_LENGTH_MAX:
            async with self._database.reading() as connection:
                found = await store.by_token(connection, token)
        if found is None:
            if not self._unknown.allows(_ALL):
                raise Refusal(429, "too_many_unknown_links", words.BUSY_TITLE, words.BUSY)
            raise unknown_link()
        if clock.local_day(clock.now()) > found.closes_on():
            raise Refusal(410, "link_closed", words.CLOSED_TITLE, words.CLOSED)
        return found


def is_opening(request: Request) -> bool:
    """Whether a person opened the page, as far as one can tell: no preview, no prefetch."""
    agent = request.headers.get("User-Agent", "").lower()
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return bool(agent) and "prefetch" not in purpose and not any(robot in agent for robot in _ROBOTS)


def _told(request: Request, refusal: Refusal) -> Response:
    metrics.REFUSED.labels(refusal.kind).inc()
    response = render(request, "message.html", status=refusal.status, title=refusal.title, sentence=refusal.sentence)
    if refusal.status in {429, 503}:
        response.headers["Retry-After"] = "60"
    return response
