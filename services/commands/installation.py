"""Finding the running services and calling them: through a state folder, or through the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from services.commands.errors import BAD_INPUT, FAILED, CommandError, exit_code_of
from services.topology import SERVICE_NAMES
from shared.runtime.settings import Settings

StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state", envvar="KHOP_STATE", help="The folder of `khop up`; without it KHOP_… variables name the services."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout, and nothing else there.")]

TIMEOUT_S = 600.0
"""A file of 100,000 notices is one request."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the services answer, and the right to manage them."""

    addresses: dict[str, str]
    admin_token: str
    kafka: str

    def call(self, service: str, method: str, path: str, **options: Any) -> httpx.Response:
        """One management call; raises CommandError with the service's own words where it refuses.

        A 422 is returned, not raised: it carries a report that the caller prints.
        """
        with self._answer(service, method, path, options) as response:
            response.read()
        return response

    @contextmanager
    def stream(self, service: str, method: str, path: str, **options: Any) -> Iterator[Iterator[str]]:
        """As `call`, with the answer's lines as they come."""
        with self._answer(service, method, path, options) as response:
            yield response.iter_lines()

    @contextmanager
    def _answer(self, service: str, method: str, path: str, options: dict[str, Any]) -> Iterator[httpx.Response]:
        url = self.addresses[service].rstrip("/") + path
        headers = {"Authorization": f"Bearer {self.admin_token}", **options.pop("headers", {})}
        try:
            with httpx.stream(method, url, headers=headers, timeout=TIMEOUT_S, **options) as response:
                if response.status_code >= 400 and response.status_code != 422:
                    response.read()
                    raise CommandError(f"{service}: {_detail(response)}", exit_code_of(response.status_code))
                yield response
        except httpx.HTTPError as error:
            raise CommandError(f"{service} does not answer at {url}: {error}; is `khop up` running?", FAILED) from error


def find_installation(state: Path | None) -> Installation:
    """The installation of a state folder, or the one that the environment names; raises CommandError."""
    if state is not None:
        return _from_state(state)
    if "KHOP_ADMIN_TOKEN" not in os.environ:
        raise CommandError(
            "say which installation: --state DIR, or KHOP_STATE, or KHOP_ADMIN_TOKEN and KHOP_…_URL", BAD_INPUT
        )
    settings = Settings()
    return Installation(
        {name: getattr(settings, f"{name}_url") for name in SERVICE_NAMES},
        settings.admin_token.get_secret_value(),
        settings.kafka_bootstrap,
    )


def _from_state(state: Path) -> Installation:
    try:
        addresses = json.loads((state / "status.json").read_text(encoding="utf-8"))["addresses"]
        token = (state / "admin.token").read_text(encoding="utf-8").strip()
        return Installation({name: addresses[name] for name in SERVICE_NAMES}, token, addresses["kafka"])
    except (OSError, ValueError, KeyError) as error:
        raise CommandError(f"{state} is not the folder of a running `khop up`", BAD_INPUT) from error


def _detail(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"answered {response.status_code}"
