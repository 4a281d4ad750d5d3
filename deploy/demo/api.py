"""The few calls that the sample district makes as an administrator; nothing but HTTP."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

_TRIES = 8
_TRY_AGAIN_S = 0.5
_PAGE = 500
TIMEOUT = httpx.Timeout(30, pool=None)
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=64)


class DemoError(Exception):
    """The installation refuses the sample district, or does not answer; the text says which call and why."""


class Installation:
    """A running installation and its administrator's token."""

    def __init__(self, addresses: Mapping[str, str], admin_token: str, client: httpx.AsyncClient) -> None:
        self.addresses = addresses
        self.admin_token = admin_token
        self.client = client
        self.authorization = {"Authorization": f"Bearer {admin_token}"}

    async def import_file(self, owner: str, kind: str, content: bytes, site_id: str | None = None) -> dict[str, Any]:
        """Import a file whole; raises DemoError where a row is rejected."""
        response = await self._call(
            "POST",
            f"{self.addresses[owner]}/imports/{kind}",
            params={"site": site_id} if site_id else None,
            content=content,
            headers={"Content-Type": "text/csv; charset=utf-8", "X-Filename": f"{kind}.csv"},
            allowed=frozenset({422}),
        )
        report: dict[str, Any] = response.json()
        rejected = report.get("rejected")
        if response.status_code == 422:
            first = rejected[0] if rejected else report
            raise DemoError(f"the sample's {kind} were rejected: {first}")
        return report

    async def post_notices(self, items: Sequence[Mapping[str, object]]) -> dict[str, Any]:
        """Issue notices as another system does, with its own ids; raises DemoError where one is rejected."""
        response = await self._call(
            "POST", f"{self.addresses['notices']}/notices", json={"notices": items}, allowed=frozenset({422})
        )
        report: dict[str, Any] = response.json()
        if response.status_code == 422:
            raise DemoError(f"the sample's notices were rejected: {report.get('rejected') or report}")
        return report

    async def issue_list(self, site_id: str, content: bytes, settings: Mapping[str, str]) -> dict[str, Any]:
        """Drop an accountant's list in, look at what was understood, and issue it; raises DemoError where something is not."""
        response = await self._call(
            "POST",
            f"{self.addresses['notices']}/imports/drafts",
            params={"site": site_id, **settings},
            content=content,
            headers={"Content-Type": "text/csv", "Idempotency-Key": str(uuid.uuid4())},
        )
        draft: dict[str, Any] = response.json()
        if draft["problems"]:
            raise DemoError(f"a list of {site_id} was not understood: {draft['problems'][0]}")
        issued = await self._call(
            "POST",
            f"{self.addresses['notices']}/drafts/{draft['draft_id']}/issue",
            headers={"If-Match": str(draft["version"])},
        )
        answer: dict[str, Any] = issued.json()
        return answer

    async def put_connection(self, connection_id: str, settings: Mapping[str, object]) -> None:
        """Create a provider's connection, or leave it as it is."""
        await self._call("PUT", f"{self.addresses['ingest']}/connections/{connection_id}", json=settings)

    async def put_staff(self, people: Sequence[Mapping[str, object]]) -> None:
        """Add the sample's people to the portal, or leave them as they are."""
        await self._call("PUT", f"{self.addresses['portal']}/people/sample", json=people)

    async def open_notices(self, site_id: str) -> list[dict[str, Any]]:
        """Every open notice of a site, with what is paid of it."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            params = {"site": site_id, "status": "open", "limit": str(_PAGE), **({"after": after} if after else {})}
            response = await self._call("GET", f"{self.addresses['notices']}/notices", params=params)
            page = response.json()
            found += page["notices"]
            after = page["next"]
            if not after:
                return found

    async def post(self, service: str, path: str, document: object, headers: Mapping[str, str]) -> dict[str, Any]:
        """Send a command to a service; raises DemoError."""
        response = await self._call("POST", f"{self.addresses[service]}{path}", json=document, headers=headers)
        answer: dict[str, Any] = response.json()
        return answer

    async def credit(self, credit_id: str) -> dict[str, Any] | None:
        """A credit of the ledger; None while it is not there."""
        url = f"{self.addresses['matching']}/credits/{credit_id}"
        response = await self._call("GET", url, allowed=frozenset({404}))
        found: dict[str, Any] = response.json()
        return None if response.status_code == 404 else found

    async def allocate(self, credit_id: str, version: int, body: object, key: str) -> dict[str, Any] | None:
        """Apply a credit by hand; None where somebody was faster or the fee is not open: look again."""
        response = await self._call(
            "POST", f"{self.addresses['matching']}/credits/{credit_id}/allocations", json=body,
            headers={"If-Match": str(version), "Idempotency-Key": key}, allowed=frozenset({409, 412}),
        )  # fmt: skip
        answer: dict[str, Any] = response.json()
        return answer if response.is_success else None

    async def undo(self, allocation_id: str, version: int, reason: str) -> dict[str, Any]:
        """Take an allocation back; raises DemoError."""
        response = await self._call(
            "DELETE", f"{self.addresses['matching']}/allocations/{allocation_id}", params={"reason": reason},
            headers={"If-Match": str(version)},
        )  # fmt: skip
        answer: dict[str, Any] = response.json()
        return answer

    async def takes_statements(self, account: str) -> bool:
        """Whether statements can be imported; an empty one is refused, but by a route that is there."""
        url = f"{self.addresses['ingest']}/statements/{account}"
        response = await self._call("POST", url, content=b"", allowed=frozenset({400, 404, 405, 413, 415, 422}))
        return response.status_code not in {404, 405}

    async def import_statement(self, account: str, statement: tuple[bytes, int, int]) -> dict[str, str]:
        """Import a statement with its opening and closing balance; returns transaction ids by bank reference. Raises DemoError."""
        content, opening, closing = statement
        response = await self._call(
            "POST", f"{self.addresses['ingest']}/statements/{account}", content=content,
            params={"opening": str(opening), "closing": str(closing)}, headers={"Content-Type": "text/csv; charset=utf-8"},
        )  # fmt: skip
        statements = response.json()["statements"]
        return {line["bank_reference"]: line["transaction_id"] for statement in statements for line in statement["lines"]}

    async def summary(self) -> dict[str, Any]:
        """The portal's totals; raises httpx.HTTPError where it does not answer (the caller shows the last ones)."""
        response = await self.client.get(f"{self.addresses['portal']}/summary", headers=self.authorization)
        response.raise_for_status()
        totals: dict[str, Any] = response.json()
        return totals

    async def _call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        allowed: frozenset[int] = frozenset(),
    ) -> httpx.Response:
        """Call, again while the service is restarting; raises DemoError where it refuses or stays away."""
        trouble = ""
        for attempt in range(_TRIES):
            if attempt:
                await asyncio.sleep(_TRY_AGAIN_S * attempt)
            try:
                response = await self.client.request(
                    method, url, params=params, content=content, json=json, headers={**self.authorization, **(headers or {})}
                )
            except httpx.TransportError as error:
                trouble = type(error).__name__
                continue
            if response.is_success or response.status_code in allowed:
                return response
            trouble = f"{response.status_code} {response.text[:300]}"
            if response.status_code not in {429, 502, 503, 504}:
                break
        raise DemoError(f"{method} {url}: {trouble}")
