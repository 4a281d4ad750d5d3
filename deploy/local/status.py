"""DIR/status.json: what runs under a state folder. The supervisor writes it, `khop ps` and the next `khop up` read it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.local.errors import LocalStackError
from deploy.local.state import write_atomically
from deploy.local.stopping import ProcessMark, stop_in_order


@dataclass(frozen=True)
class Status:
    """What `khop ps` shows: `pids` in order of starting (None: down), `restarts` by name, `addresses` as in `up --json`."""

    pids: dict[str, int | None]
    restarts: dict[str, int]
    ready: bool
    addresses: dict[str, str]
    supervisor: int | None
    cluster_id: str | None


def write_status(
    state: Path,
    *,
    children: Mapping[str, ProcessMark | None],
    restarts: Mapping[str, int],
    ready: bool,
    addresses: Mapping[str, str],
    cluster_id: str | None,
) -> None:
    """Write the present state of things, as a whole."""
    supervisor = ProcessMark.of(os.getpid())
    assert supervisor is not None
    document = {
        "supervisor": asdict(supervisor),
        "children": {name: asdict(mark) if mark else None for name, mark in children.items()},
        "restarts": dict(restarts),
        "ready": ready,
        "addresses": dict(addresses),
        "cluster_id": cluster_id,
    }
    write_atomically(state / "status.json", json.dumps(document, indent=1) + "\n")


def read_status(state: Path) -> Status:
    """What runs under the folder now; a process that has ended without anybody noticing counts as down.

    Raises:
        LocalStackError: no `khop up` ever ran on the folder.
    """
    document = _document(state)
    if document is None:
        raise LocalStackError(f"{state} is not the state folder of a khop up")
    supervisor = ProcessMark(**document["supervisor"]).process()
    pids = {name: mark.pid if mark and mark.process() else None for name, mark in _marks(document).items()}
    return Status(
        pids=pids,
        restarts=document["restarts"],
        ready=document["ready"] and supervisor is not None and None not in pids.values(),
        addresses=document["addresses"],
        supervisor=supervisor.pid if supervisor else None,
        cluster_id=document["cluster_id"],
    )


def stop_leftovers(state: Path) -> list[str]:
    """Stop the children of a killed supervisor, in order; returns their names. Call it with the folder's lock held."""
    left = {name: mark for name, mark in _marks(_document(state) or {"children": {}}).items() if mark and mark.process()}
    stop_in_order(left)
    return list(left)


def _document(state: Path) -> dict[str, Any] | None:
    path = state / "status.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _marks(document: dict[str, Any]) -> dict[str, ProcessMark | None]:
    return {name: ProcessMark(**mark) if mark else None for name, mark in document["children"].items()}
