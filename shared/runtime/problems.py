"""Errors as RFC 9457 problem details (https://www.rfc-editor.org/rfc/rfc9457)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg
import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from shared.runtime import metrics
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS
from shared.runtime.tracing import route_of

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """A refusal with its HTTP status, told to the caller in one sentence and counted by kind."""

    def __init__(
        self, status: int, kind: str, detail: str, *, headers: dict[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        """A short name, the same for every refusal of its kind: the metric's label and the problem's type."""
        self.detail = detail
        self.headers = headers
        self.members = members
        """Further members of the problem document, such as the current version of an entity."""
        self._own_form: bytes | None = None

    def told_as(self, body: bytes) -> None:
        """Answer with this JSON instead of a problem document, for a caller that knows no other form."""
        self._own_form = body

    def response(self) -> Response:
        """The answer; also counts the refusal."""
        metrics.REFUSED.labels(self.kind).inc()
        if self._own_form is not None:
            return Response(self._own_form, self.status, headers=self.headers, media_type="application/json")
        document = {
            "type": f"urn:khop:problem:{self.kind}",
            "title": self.kind.replace("_", " "),
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }
        return JSONResponse(document, self.status, headers=self.headers, media_type=MEDIA_TYPE)


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of the app as a problem document."""

    @app.exception_handler(Problem)
    async def _problem(_request: Request, problem: Problem) -> Response:
        return problem.response()

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> Response:
        faults = [{"field": ".".join(map(str, fault["loc"])), "problem": fault["msg"]} for fault in error.errors()]
        detail = "; ".join(f"{fault['field']}: {fault['problem']}" for fault in faults[:3])
        return Problem(400, "invalid_request", detail, errors=faults).response()

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> Response:
        kind = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}.get(error.status_code, "refused")
        return Problem(error.status_code, kind, str(error.detail), headers=dict(error.headers or {})).response()

    async def _unavailable(request: Request, error: Exception) -> Response:
        log.warning("storage_unavailable", route=route_of(request.scope), error=describe_error(error))
        return Problem(
            503, "storage_unavailable", "the database cannot be reached now; nothing was changed, send it again",
            headers={"Retry-After": "2"},
        ).response()  # fmt: skip

    async def _not_storable(_request: Request, _error: Exception) -> Response:
        detail = "a value cannot be stored: it holds a character or a number that the database does not take"
        return Problem(400, "invalid_request", detail).response()

    for unstorable in (asyncpg.DataError, UnicodeEncodeError):  # the driver says the latter of half a surrogate pair
        app.add_exception_handler(unstorable, _not_storable)

    for passing in PASSING_ERRORS:
        app.add_exception_handler(passing, _unavailable)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        log.error("request_failed", route=route_of(request.scope), error=describe_error(error), exc_info=error)
        return Problem(500, "internal_error", "an unexpected error; it was logged with this trace").response()
