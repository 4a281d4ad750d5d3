"""Running one service as the only work of a process."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module

from shared.runtime.settings import Settings


def serve(name: str) -> int:
    """Run a service with its settings from the environment; returns the exit status."""
    from shared.runtime.service import main  # noqa: PLC0415 - a third of the time that any other command takes to start

    return main(name, Settings(), import_module(f"services.{name}.app").build)


def serve_in_child(name: str, environment: Mapping[str, str]) -> None:
    """Run a service in a process that the supervisor forked."""
    os.environ.update(environment)
    sys.exit(serve(name))
