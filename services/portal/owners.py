"""Commands to the services that own things, in a person's name (DESIGN §3 rule 11)."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Literal, Self
from urllib.parse import quote

import httpx
import structlog

from services.portal.people.roles import Session
from shared.runtime.auth import Caller, sign_token
from shared.runtime.logs import describe_error
from shared.runtime.settings import Settings
from shared.runtime.tracing import HEADER, current_traceparent

log = structlog.get_logger()

Owner = Literal["directory", "notices", "ingest", "matching", "reconciliation", "adoption"]
TIMEOUT: Final = httpx.Timeout(10, connect=3)
LONG: Final = httpx.Timeout(60, connect=3)
"""For files: a school's slips, a year's export."""
LIMITS: Final = httpx.Limits(max_connections=64, max_keepalive_connections=16)


class OwnerAwayError(Exception):
    """The owner cannot be reached, or cannot answer now; whether the command was carried out is not known."""


class OwnerProblem(Exception):  # noqa: N818 - RFC 9457's own word
    """The owner refuses (RFC 9457)."""

    def __init__(self, status: int, kind: str, detail: str, members: Mapping[str, Any]) -> None:
        super().__init__(kind)
        self.status, self.kind, self.detail, self.members = status, kind, detail, members


class Owners:
    """An HTTP client for each owner, open while the service runs."""

    def __init__(self, settings: Settings) -> None:
        self._secret_key = settings.secret_key.get_secret_value()
        self._urls: Mapping[Owner, str] = {
            "directory": settings.directory_url,
            "notices": settings.notices_url,
            "ingest": settings.ingest_url,
            "matching": settings.matching_url,
            "reconciliation": settings.reconciliation_url,
            "adoption": settings.adoption_url,
        }
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._client = httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def ask(
        self,
        session: Session,
        owner: Owner,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | list[str]] | None = None,
        body: object = None,
        content: bytes | None = None,
        version: int | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        long: bool = False,
    ) -> httpx.Response:
        """Send one request in a person's name; a repeated `key` is carried out once. Raises OwnerProblem, OwnerAwayError."""
        assert self._client is not None
        told = {"Authorization": f"Bearer {self._token(session)}", **(headers or {})}
        if trace := current_traceparent.get():
            told[HEADER] = trace
        if version is not None:
            told["If-Match"] = f'"{version}"'
        if key is not None:
            # A form may have been changed to carry anything; a header holds ASCII.
            told["Idempotency-Key"] = quote(key, safe="/")
        try:
            answer = await self._client.request(
                method, f"{self._urls[owner]}{path}", params=params, headers=told, timeout=LONG if long else TIMEOUT,
                **({"content": content} if content is not None else {} if body is None else {"json": body}),
            )  # fmt: skip
        except httpx.HTTPError as error:
            log.warning("owner_away", owner=owner, error=describe_error(error))
            raise OwnerAwayError from error
        if answer.is_success:
            return answer
        raise _problem(owner, answer)

    def _token(self, session: Session) -> str:
        """A token for a few minutes. Who looks after the sample is no administrator of anything else."""
        role = "sample_admin" if session.reach.role == "admin" and session.person.sample else session.reach.role
        return sign_token(self._secret_key, Caller(session.person.person_id, role, session.reach.sites))


def _problem(owner: Owner, answer: httpx.Response) -> Exception:
    if answer.status_code >= 500:
        log.warning("owner_failed", owner=owner, status=answer.status_code)
        return OwnerAwayError()
    try:
        told = answer.json()
        kind = str(told["type"]).rsplit(":", 1)[-1]
        return OwnerProblem(answer.status_code, kind, str(told.get("detail", "")), told)
    except (ValueError, KeyError, TypeError):
        # A report with rejected rows is an answer too (422), without RFC 9457's members.
        members = told if isinstance(told := _json(answer), dict) else {}
        return OwnerProblem(answer.status_code, "refused", "", members)


def _json(answer: httpx.Response) -> object:
    try:
        return answer.json()
    except ValueError:
        return None


def part(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")
