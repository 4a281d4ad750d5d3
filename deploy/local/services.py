"""The services as children of a forkserver: importing one takes 2.5 s of CPU, forking one that is imported 0.1 s.

What happens when somebody is killed with -9:
- a service: the forkserver reports its end, the supervisor starts it again.
- the supervisor: each service notices (a pipe that only the supervisor held is closed), drains as on SIGTERM and ends.
- the forkserver: its services live on but report to nobody; multiprocessing calls them ended (255), the supervisor stops
  what is left of them and starts them again, from a new forkserver.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import connection, forkserver, parent_process
from pathlib import Path

from setproctitle import setproctitle

from deploy.local.process import Running
from deploy.local.state import log_file
from deploy.local.stopping import DRAIN_LIMIT_S

Serve = Callable[[str, dict[str, str]], None]


@dataclass(frozen=True)
class ServiceSet:
    """Which services there are and how one runs.

    `serve(name, environment)` is a function of a module, called in the child; it returns after SIGTERM, when it has drained.
    `preload` names the modules that the forkserver imports once for all of them.
    """

    names: Sequence[str]
    serve: Serve
    preload: Sequence[str]


def warm_up(services: ServiceSet) -> None:
    """Start the forkserver, which imports while the databases start."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(services.preload))
    forkserver.ensure_running()


def spawn_service(services: ServiceSet, name: str, environment: dict[str, str], state: Path) -> Running:
    """Fork one service.

    Raises:
        OSError: the forkserver ended at this very moment (EOFError likewise); the next try starts a new one.
    """
    arguments = (services.serve, name, environment, str(log_file(state, name)))
    process = multiprocessing.get_context("forkserver").Process(target=_run, name=f"khop {name}", args=arguments)
    process.start()
    pid = process.pid
    assert pid is not None
    return Running(pid, lambda: process.exitcode)


def _run(serve: Serve, name: str, environment: dict[str, str], log: str) -> None:
    setproctitle(f"khop {name}")  # else all look alike in `ps`
    os.setsid()  # Ctrl-C reaches only the supervisor, which stops things in order
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stdout.fileno())
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)
    threading.Thread(target=_end_with_the_supervisor, name="supervisor watch", daemon=True).start()
    serve(name, environment)


def _end_with_the_supervisor() -> None:
    supervisor = parent_process()
    assert supervisor is not None
    connection.wait([supervisor.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(DRAIN_LIMIT_S)
    os._exit(1)
