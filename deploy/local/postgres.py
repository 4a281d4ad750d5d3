"""The embedded PostgreSQL: one cluster under the state folder, reachable with a password on loopback only."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
from collections.abc import Collection
from pathlib import Path

import psutil

from deploy.local.errors import LocalStackError
from deploy.local.postgres_binaries import account_to_run_as, binaries_for, run_as
from deploy.local.process import Running, spawn_program
from deploy.local.state import kept_text, log_file, random_token, remembered_port, write_atomically, writing

SUPERUSER = "khop_admin"
DATABASE = "khop"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # What was acknowledged is on the disk: written out, because money hangs on it.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # It shares a machine with everything else, and takes this only as data fills it: a province's year is read again and again.
    "shared_buffers": "256MB",
    "max_connections": "120",
    "max_wal_size": "512MB",
    "jit": "off",
    "io_method": "sync",  # no worker processes for reads ahead
    # A client that vanished gives its locks back within a minute.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    # The details and statements of errors carry rows, and rows carry names (DESIGN §6 rule 6).
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class EmbeddedPostgres:
    """PostgreSQL 18 under DIR/postgres, for one superuser whose random password lies in DIR/postgres.password."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes a checkpoint

    def __init__(self, state: Path, taken: Collection[int] = ()) -> None:
        """Take a state folder that `open_state` made, and ports to leave to others; nothing is started."""
        self._state = state
        self._taken = taken
        self._data = state / "postgres" / "data"
        self._account = account_to_run_as()
        self._binaries = Path()
        self._port = 0

    @property
    def dsn(self) -> str:
        """The superuser's address of database `khop`; known after `prepare`."""
        return f"postgresql://{SUPERUSER}:{self._password()}@127.0.0.1:{self._port}/{DATABASE}"

    @property
    def log(self) -> Path:
        """Where the server writes."""
        return self._state / "logs" / "postgres.log"

    def prepare(self) -> None:
        """Find the binaries, make the cluster and the database once, choose the port.

        Raises:
            LocalStackError: no binaries, a closed parent folder, a full disk, or initdb refused.
        """
        folder = self._data.parent
        with writing(folder):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o711 if self._account else 0o700)
        self._binaries = binaries_for(folder, self._account)
        if not self._data.exists():
            self._make_cluster()
        self._port = remembered_port(self._state, "postgres", self._taken)

    def spawn(self) -> Running:
        """Start the server in the foreground, as a child of this process."""
        self._remove_stale_pid_file()
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        return spawn_program(
            [self._binaries / "postgres", "-D", self._data, "-p", str(self._port), *options],
            log=log_file(self._state, self.name),
            stop_signal=self.stop_signal,
            environment={"PATH": os.defpath, "LC_ALL": "C"},
            account=self._account,
        )

    def answers(self) -> bool:
        """Say whether the server takes log-ins: it asks for a password instead of refusing (as while it recovers)."""
        body = (
            struct.pack("!i", 3 << 16) + f"user\0{SUPERUSER}\0database\0{DATABASE}\0\0".encode()
        )  # protocol 3.0, StartupMessage
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=2) as connection:
                connection.sendall(struct.pack("!i", len(body) + 4) + body)
                return connection.recv(1) == b"R"  # AuthenticationSASL; an error begins with E
        except OSError:
            return False

    def _password(self) -> str:
        return kept_text(self._state / "postgres.password", random_token)

    def _make_cluster(self) -> None:
        """Make the cluster and its database under another name and rename it, so that a crash never leaves half of one."""
        new = self._data.with_name("data.new")
        password_file = self._data.with_name("password.new")
        with writing(new):
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(mode=0o700)
            write_atomically(password_file, self._password())
            if self._account:
                os.chown(new, self._account.uid, self._account.gid)
                os.chown(password_file, self._account.uid, self._account.gid)
        # The builtin provider sorts and folds case alike on every machine; the wheel has no ICU.
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        self._run(
            "initdb",
            "-D",
            new,
            "-U",
            SUPERUSER,
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--no-instructions",
            *locale,
        )
        self._run("postgres", "--single", "-D", new, "postgres", text=f"create database {DATABASE};\n")
        password_file.unlink()
        new.replace(self._data)

    def _run(self, program: str, *arguments: str | Path, text: str = "") -> None:
        done = run_as(self._account, self._binaries / program, *arguments, text=text)
        if done.returncode != 0 or "ERROR:" in done.stderr:
            lines = [line for line in done.stderr.splitlines() if "rror" in line or "FATAL" in line] or [done.stderr[-200:]]
            advice = "; free some space, or choose another folder with --state" if "No space left" in lines[0] else ""
            raise LocalStackError(f"PostgreSQL's data could not be made in {self._data}: {lines[0].strip()}{advice}")

    def _remove_stale_pid_file(self) -> None:
        """Remove what a crash of the machine left, where its process id now belongs to somebody else.

        PostgreSQL would refuse to start. The folder's lock is ours, so only a postgres of this folder can be meant.
        """
        pid_file = self._data / "postmaster.pid"
        if not pid_file.exists():
            return
        try:
            holder = psutil.Process(int(pid_file.read_text().split()[0]))
            is_ours = str(self._data) in holder.cmdline()
        except (psutil.Error, ValueError, IndexError):
            is_ours = False
        if not is_ours:
            pid_file.unlink(missing_ok=True)
