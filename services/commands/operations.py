"""khop republish, khop replay: make topics, or what is derived from them, anew (DESIGN §3 rule 3)."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from services.commands.errors import BAD_INPUT, CommandError
from services.commands.installation import StateOption, find_installation
from services.topology import SERVICES, service

ServiceName = Annotated[str, typer.Argument(metavar="SERVICE")]


def republish(name: ServiceName, state: StateOption = None) -> None:
    """Send every entity that a service owns again, from its tables, at its version."""
    _require(name, [each.name for each in SERVICES if each.publishes])
    typer.echo(json.dumps(find_installation(state).call(name, "POST", "/operations/republish").json()))


def replay(name: ServiceName, state: StateOption = None) -> None:
    """Empty what a derived service holds and read the topics from their start; acts of people stay."""
    _require(name, [each.name for each in SERVICES if service(each.name).replayable])
    typer.echo(json.dumps(find_installation(state).call(name, "POST", "/operations/replay").json()))


def _require(name: str, allowed: list[str]) -> None:
    if name not in allowed:
        raise CommandError(f"{name!r} is none of: {', '.join(allowed)}", BAD_INPUT)
