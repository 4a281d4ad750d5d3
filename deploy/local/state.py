"""The state folder: its lock, secrets, remembered ports and logs. Everything that `khop up` keeps lies in it."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom

from deploy.local.errors import LocalStackError

FREE_BYTES_MIN = 300 * 1024 * 1024  # a first start writes about 150 MB; less room than this only fails later and worse
LOG_BYTES_MAX = 10 * 1024 * 1024
# Below Linux's range for outgoing connections (32768 and up), so that no such connection takes a port between two starts.
PORTS = range(20_000, 32_000)


@contextmanager
def writing(path: Path, chosen_by: str = "--state") -> Iterator[None]:
    """Turn a full disk or a folder that cannot be written into one line that says what to do."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        advice = "free some space, or choose another folder" if full else "choose another folder"
        raise LocalStackError(f"cannot write to {path}: {error.strerror}; {advice} with {chosen_by}") from error


def open_state(state: Path) -> Path:
    """Create the folder where needed, close it to others, and return its absolute path.

    Run by root it stays passable (0711), because PostgreSQL runs as another user below it; what lies in it is closed itself.
    """
    state = state.absolute()
    with writing(state):
        ours = not state.exists() or not any(state.iterdir()) or (state / "lock").exists()
        state.mkdir(parents=True, exist_ok=True)
        if ours:  # never change the mode of somebody's own folder, as of /tmp
            state.chmod(0o711 if os.geteuid() == 0 else 0o700)
        (state / "logs").mkdir(mode=0o700, exist_ok=True)
        free = shutil.disk_usage(state).free
    if free < FREE_BYTES_MIN:
        raise LocalStackError(
            f"only {free >> 20} MB are free on the disk of {state}, {FREE_BYTES_MIN >> 20} are needed;"
            " free some space, or choose another folder with --state"
        )
    return state


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the folder for this process alone; the lock ends with the process, however that ends.

    The descriptor is not inheritable (Python's default), so no child keeps the lock of a supervisor that was killed.
    """
    with writing(state):
        descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
            raise LocalStackError(
                f"{state} is in use by process {holder}; stop it first, or choose another --state"
            ) from None
        with writing(state):
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def write_atomically(path: Path, text: str) -> None:
    """Replace a file (0600) as a whole, so that a reader or a crash never meets half of it."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


def kept_text(path: Path, make: Callable[[], str]) -> str:
    """The text kept in a 0600 file of the folder, made at the first call: secrets and ports."""
    with writing(path):
        kept = path.read_text(encoding="utf-8").strip() if path.exists() else ""
        if not kept:
            kept = make()
            write_atomically(path, kept + "\n")
    return kept


def random_token() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def port_is_free(host: str, port: int) -> bool:
    """Say whether a server could listen there now."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: connections that linger do not count
        try:
            probe.bind(address)
        except OSError:
            return False
    return True


def remembered_port(state: Path, name: str, taken: Collection[int] = ()) -> int:
    """The loopback port of an embedded program: the same at every start while it is free, else a new one.

    `taken` are ports that others of this stack will listen on, though they are free as yet.
    """
    path = state / f"{name}.port"
    port = int(kept_text(path, lambda: str(any_free_port(taken))))
    if port in taken or not port_is_free("127.0.0.1", port):
        port = any_free_port(taken)
        with writing(path):
            write_atomically(path, f"{port}\n")
    return port


def any_free_port(taken: Collection[int] = ()) -> int:
    """A loopback port that nobody listens on now, chosen by chance so that two who ask at once hardly get the same."""
    candidates = SystemRandom().sample(PORTS, 100)
    return next(port for port in candidates if port not in taken and port_is_free("127.0.0.1", port))


def log_file(state: Path, name: str) -> Path:
    """The log of one child, to be opened for appending."""
    return state / "logs" / f"{name}.log"


def shorten_logs(state: Path) -> None:
    """Move what a log holds to .log.1 where it grew too long; its writer, which appends, goes on in the same, empty file.

    A line written between copying and emptying is lost: the price of needing nothing from the writers.

    Raises:
        OSError: no copy can be written; the log is left as it is.
    """
    for path in (state / "logs").glob("*.log"):
        if path.stat().st_size > LOG_BYTES_MAX:
            shutil.copyfile(path, path.with_suffix(".log.1"))
            path.with_suffix(".log.1").chmod(0o600)
            os.truncate(path, 0)


def last_line(log: Path) -> str:
    """The last line of a log that is not empty, for an error message; empty where there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")
