"""Turns what goes wrong on a page into a page: one Vietnamese sentence with a way back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from services.portal import words
from services.portal.pages import page
from services.portal.refusals import Refusal
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
            except Refusal as refusal:
                return _broken(request, refusal)
            except RequestValidationError:
                return _broken(request, Refusal(400, "invalid_request", words.ADDRESS_WRONG))
            except PASSING_ERRORS as error:
                log.warning("storage_unavailable", route=self.path, error=describe_error(error))
                away = Refusal(503, "storage_unavailable", words.STORAGE_UNAVAILABLE, request.url.path)
                return _broken(request, away)

        return answer


def _broken(request: Request, refusal: Refusal) -> Response:
    metrics.REFUSED.labels(refusal.kind).inc()
    return page(
        request,
        "broken.html",
        status=refusal.status,
        title=words.BROKEN_TITLES[refusal.status],
        sentence=refusal.sentence,
        back=refusal.back,
        refresh_s=5 if refusal.status == 503 else None,
    )
