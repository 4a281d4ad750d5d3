"""The `khop` command: what an operator, an importer and the supervisor call (INTERFACES §1)."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from services.topology import SERVICE_NAMES
from shared.runtime.service import main as run_process
from shared.runtime.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@app.command()
def serve(name: Annotated[str, typer.Argument(help="One of: " + ", ".join(SERVICE_NAMES))]) -> None:
    """Run one service in this process, with its settings from the environment."""
    if name not in SERVICE_NAMES:
        raise typer.BadParameter(f"no service is called {name!r}; there are {', '.join(SERVICE_NAMES)}")
    raise typer.Exit(run_process(name, Settings(), import_module(f"services.{name}.app").build))


def serve_in_child(name: str, environment: Mapping[str, str]) -> None:
    """Run one service in a process that the supervisor forked."""
    os.environ.update(environment)
    sys.exit(run_process(name, Settings(), import_module(f"services.{name}.app").build))


def main() -> None:
    """The entry point of the `khop` command."""
    app()


if __name__ == "__main__":
    main()
