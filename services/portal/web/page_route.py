"""Turns what goes wrong on a page into a page: one Vietnamese sentence with a way back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

import asyncpg
import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from services.portal import words
from services.portal.web.refusals import NotSignedIn, Refusal
from services.portal.web.rendering import SECURITY_HEADERS, page
from shared.runtime import metrics
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS

log = structlog.get_logger()


class PageRoute(APIRoute):
    """A route that answers people: its errors are pages too, never JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler with its errors turned into pages."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedIn as why:
                return _ask_who(request, why)
            except Exception as error:  # noqa: BLE001 - whatever it is, people get a page, and the log the error
                return broken(request, _refusal_of(error, request, self.path))

        return answer


def _refusal_of(error: Exception, request: Request, route: str) -> Refusal:
    """What a reader is told of an error."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, RequestValidationError | asyncpg.CharacterNotInRepertoireError):
        # The latter: a character 0 in an address, which no text of PostgreSQL holds.
        return Refusal(400, "invalid_request", words.ADDRESS_WRONG)
    if isinstance(error, HTTPException):
        # Starlette's own, for a form with too many fields or a body that is too large.
        return Refusal(422, f"http_{error.status_code}", words.FORM_WRONG)
    if isinstance(error, PASSING_ERRORS):
        log.warning("storage_unavailable", route=route, error=describe_error(error))
        return Refusal(503, "storage_unavailable", words.STORAGE_UNAVAILABLE, request.url.path)
    log.error("request_failed", route=route, error=describe_error(error), exc_info=error)
    return Refusal(500, "internal_error", words.UNEXPECTED)


def broken(request: Request, refusal: Refusal) -> Response:
    """The page of a refusal."""
    metrics.REFUSED.labels(refusal.kind).inc()
    return page(
        request,
        "broken.html",
        None,
        status=refusal.status,
        title=words.BROKEN_TITLES[refusal.status],
        sentence=refusal.sentence,
        back=refusal.back,
        refresh_s=5 if refusal.status == 503 and request.method == "GET" else None,
    )


def see_other(address: str) -> RedirectResponse:
    """After an act: look at what it made (so that loading the page again does not act again)."""
    return RedirectResponse(address, 303, {"Cache-Control": "no-store", **SECURITY_HEADERS})


def _ask_who(request: Request, why: NotSignedIn) -> Response:
    """A page goes to sign-in and comes back; a form is kept on the sign-in page; a page's own request is told 401."""
    if request.method in {"GET", "HEAD"}:
        if "fragment" in request.query_params or request.url.path.endswith("/events"):
            return Response(status_code=401, headers=SECURITY_HEADERS)
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        where = "/locked" if why.is_locked else "/sign-in"
        ended = "&ended=1" if why.was_signed_in else ""
        return see_other(where if path == "/" else f"{where}?next={quote(path, safe='/')}{ended}")
    return page(
        request,
        "people/sign_in.html",
        None,
        status=401,
        title=words.people.SIGN_IN,
        next=why.kept.path if why.kept else "/",
        kept=why.kept,
        problem=words.people.ENDED if why.was_signed_in or why.is_locked else "",
        login="",
        sample_people=why.sample_people,
        is_encrypted=True,
    )
