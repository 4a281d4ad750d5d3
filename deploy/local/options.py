"""How the stack is called: what the command line says, and what others do while the stack is up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Addresses = dict[str, str]
"""What `up --json` prints: the URL of each service, `database`, `kafka` and `admin_token_file`."""

Prepare = Callable[[str, str], None]
"""Brings a database (superuser's address) and a broker (host:port) to what the services expect; may be called again."""


@dataclass(frozen=True)
class UpOptions:
    """The options of `khop up`; `database_url` and `kafka_bootstrap` name external servers, neither started nor stopped."""

    state: Path
    port: int = 8080
    host: str = "127.0.0.1"
    json: bool = False
    database_url: str | None = None
    kafka_bootstrap: str | None = None


@dataclass(frozen=True)
class Hooks:
    """What runs, in a thread, when the stack is ready: `when_ready` before that is announced, `meanwhile` from then on.

    What `when_ready` returns is announced beside the addresses.

    `meanwhile` announces the stack itself, and is told by the event that the stack is about to stop: for two seconds then
    it may end what it has begun. An error of either stops the stack and is raised by `run_up`.
    """

    when_ready: Callable[[Addresses], Mapping[str, object]] | None = None
    meanwhile: Callable[[Addresses, threading.Event], None] | None = None
