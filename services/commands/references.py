"""khop reference: make and find payment codes."""

from __future__ import annotations

import io
import json
import random
import sys
from typing import Annotated

import typer

from shared.reference import find_references, random_reference

reference = typer.Typer(no_args_is_help=True, help=__doc__)


@reference.command("new")
def new(
    count: Annotated[int, typer.Option(min=1, max=10_000_000)],
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same references.")] = None,
) -> None:
    """Print distinct references, one a line."""
    source: random.Random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - asked for
    made: set[str] = set()
    while len(made) < count:
        candidate = random_reference(source)
        if candidate not in made:
            made.add(candidate)
            sys.stdout.write(candidate + "\n")


@reference.command("find")
def find() -> None:
    """Read memos on stdin, one a line; print the references found in each as a JSON array, best first."""
    # A bank's export may hold what is no UTF-8, and a carriage return inside a memo; neither may lose or split a line.
    for line in io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n"):
        found = [
            {"reference": each.reference, "exact": each.exact, "edits": each.edits}
            for each in find_references(line.rstrip("\r\n"))
        ]
        sys.stdout.write(json.dumps(found) + "\n")
