"""What `khop up` runs: PostgreSQL, Kafka, what must stand in them, and the services; kept up until it is told to stop."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from deploy.local.children import Child, describe_end
from deploy.local.errors import LocalStackError
from deploy.local.kafka import EmbeddedKafka
from deploy.local.messages import progress, say, show
from deploy.local.options import Addresses, Hooks, Prepare, UpOptions
from deploy.local.ports import ServicePorts, refuse_taken_ports
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.process import Running, wait_until_ready
from deploy.local.readiness import is_ready
from deploy.local.services import ServiceSet, spawn_service, warm_up
from deploy.local.state import kept_text, locked, open_state, random_token, shorten_logs
from deploy.local.status import stop_leftovers, write_status
from deploy.local.stopping import DRAIN_LIMIT_S, stop_in_order, stop_processes
from deploy.local.threads import in_thread

READY_POLL_S = 0.2
READY_CHECK_S = 2.0
PREPARE_AGAIN_S = 1.0
LOG_CHECK_S = 60.0
MEANWHILE_ENDS_S = 2.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def run_up(options: UpOptions, services: ServiceSet, prepare: Prepare, hooks: Hooks | None = None) -> None:
    """Run the whole stack until SIGTERM, SIGHUP or Ctrl-C; everything that it started has ended when it returns.

    `prepare` is called before the services start, and again when the broker comes back empty.

    Raises:
        LocalStackError: the stack cannot start; the message says what to do.
    """
    state = open_state(options.state)
    with locked(state):
        left = stop_leftovers(state)
        if left:
            say(f"stopped what an earlier khop up left running: {', '.join(left)}")
        ports = ServicePorts(options.host, options.port, services.names)
        refuse_taken_ports(ports)
        asyncio.run(_Supervisor(options, state, services, prepare, hooks or Hooks(), ports).run())


@dataclass
class _Supervisor:
    options: UpOptions
    state: Path
    services: ServiceSet
    prepare: Prepare
    hooks: Hooks
    ports: ServicePorts
    children: dict[str, Child] = field(default_factory=dict)  # in order of starting
    addresses: Addresses = field(default_factory=dict)
    ready: bool = False
    cluster_id: str | None = None  # of the embedded broker that was prepared
    leaving: threading.Event = field(default_factory=threading.Event)
    meanwhile: asyncio.Future[None] | None = None
    status_is_written: bool = True

    async def run(self) -> None:
        """Start and keep everything; stop everything in order, whatever ends it."""
        told_to_stop = asyncio.Event()
        for number in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
        work = asyncio.create_task(self._start_and_keep())
        waiting = asyncio.create_task(told_to_stop.wait())
        try:
            await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
            self.leaving.set()
            if self.meanwhile:
                await asyncio.wait({self.meanwhile}, timeout=MEANWHILE_ENDS_S)
            work.cancel()
            await asyncio.wait({work})
        finally:
            progress("stopping")
            marks = {name: child.mark for name, child in self.children.items()}
            await in_thread(lambda: stop_in_order(marks))
            for child in self.children.values():
                child.forget()
            self._note(ready=False)
        if not work.cancelled() and (error := work.exception()):
            raise error

    async def _start_and_keep(self) -> None:
        warm_up(self.services)
        progress("starting PostgreSQL and Kafka")
        taken = self.ports.by_name.values()
        postgres = None if self.options.database_url else EmbeddedPostgres(self.state, taken)
        kafka = None if self.options.kafka_bootstrap else EmbeddedKafka(self.state, taken)
        await _together(*(self._start_program(program) for program in (postgres, kafka) if program))
        database = postgres.dsn if postgres else str(self.options.database_url)
        bootstrap = kafka.bootstrap if kafka else str(self.options.kafka_bootstrap)
        stores = {"database": database, "kafka": bootstrap, "admin_token_file": str(self.state / "admin.token")}
        self.addresses = self.ports.urls() | stores

        progress("preparing the database and the topics")
        environment = self._environment()  # makes the secrets, which preparing needs
        await self._prepare()
        self.cluster_id = kafka.cluster_id if kafka else None

        progress("starting the services")
        for name in self.services.names:
            await self._start_service(name, environment | {"KHOP_PORT": str(self.ports.by_name[name])})
        renewals = {kafka.name: partial(self._renew_topics, kafka)} if kafka else {}
        keepers = [self._keep(child, renewals.get(name)) for name, child in self.children.items()]
        await _together(*keepers, self._watch_readiness(), self._tend_logs(), self._announce())

    async def _start_program(self, program: EmbeddedPostgres | EmbeddedKafka) -> None:
        async def start() -> Running:
            if isinstance(program, EmbeddedKafka):  # its data can be made again; PostgreSQL's never behind one's back
                await in_thread(program.prepare)
            return program.spawn()

        child = self.children[program.name] = Child(program.name, start, program.stop_signal)
        await in_thread(program.prepare)
        await child.begin()
        self._note()
        running = child.running
        assert running is not None
        await in_thread(lambda: wait_until_ready(program, running))

    async def _start_service(self, name: str, environment: dict[str, str]) -> None:
        async def start() -> Running:
            # In the event loop's own thread: multiprocessing's bookkeeping is not made for several.
            return spawn_service(self.services, name, environment, self.state)

        child = self.children[name] = Child(name, start, signal.SIGTERM)
        await self._begin(child)

    def _environment(self) -> dict[str, str]:
        new_key = partial(secrets.token_bytes, 32)
        return {
            "KHOP_STATE": str(self.state),
            "KHOP_DATABASE_URL": without_credentials(self.addresses["database"]),
            "KHOP_KAFKA_BOOTSTRAP": self.addresses["kafka"],
            "KHOP_HOST": self.options.host,
            "KHOP_ADMIN_TOKEN": kept_text(self.state / "admin.token", random_token),
            "KHOP_SECRET_KEY": kept_text(self.state / "secret.key", lambda: base64.urlsafe_b64encode(new_key()).decode()),
        } | {f"KHOP_{name.upper()}_URL": url for name, url in self.ports.urls().items()}

    async def _prepare(self) -> None:
        try:
            await in_thread(lambda: self.prepare(self.addresses["database"], self.addresses["kafka"]))
        except LocalStackError:
            raise
        except Exception as error:
            raise LocalStackError(f"the database or the topics cannot be prepared: {error!r}") from error

    async def _keep(self, child: Child, after_restart: Callable[[], Awaitable[None]] | None) -> None:
        """Start a child again whenever it ends, for ever."""
        while True:
            code = await child.ended()
            self._note(ready=False)
            await _stop([child])  # it may live on without a forkserver that would report it
            delay_s = 0.0
            if not child.restart_is_wanted:
                delay_s = child.backoff.next_delay_s(time.monotonic() - child.started_s)
                when = f"in {delay_s:g} s" if delay_s else "at once"
                log = self.state / "logs" / f"{child.name}.log"
                say(f"{child.name} ended ({describe_end(code)}); starting it again {when}; see {log}")
            child.restart_is_wanted = False
            child.restarts += 1
            child.forget()
            self._note()
            await asyncio.sleep(delay_s)
            await self._begin(child)
            if after_restart:
                await after_restart()

    async def _begin(self, child: Child) -> None:
        """Start a child, trying again for as long as that takes."""
        while True:
            try:
                await child.begin()
            except (LocalStackError, OSError, EOFError) as error:
                delay_s = child.backoff.next_delay_s(0)
                say(f"{child.name} cannot start ({error!r}); next try in {delay_s:g} s")
                await asyncio.sleep(delay_s)
            else:
                self._note()
                return

    async def _renew_topics(self, kafka: EmbeddedKafka) -> None:
        """Where the broker came back empty: make its topics and start the services anew, whose positions mean nothing."""
        running = self.children[kafka.name].running
        assert running is not None
        while kafka.cluster_id != self.cluster_id and running.poll() is None:
            try:
                await in_thread(lambda: wait_until_ready(kafka, running))
                await self._prepare()
            except LocalStackError as error:
                say(f"the new cluster {kafka.cluster_id}: {error}; next try in {PREPARE_AGAIN_S:g} s")
                await asyncio.sleep(PREPARE_AGAIN_S)
                continue
            self.cluster_id = kafka.cluster_id
            say(f"kafka came back empty, as cluster {self.cluster_id}: made its topics, starting the services anew")
            services = [self.children[name] for name in self.services.names]
            for child in services:
                child.restart_is_wanted = child.running is not None
            await _stop(services)

    async def _watch_readiness(self) -> None:
        while True:
            answers = await is_ready(self.ports.urls())
            ready = answers and all(child.running for child in self.children.values())
            if ready != self.ready:
                self._note(ready=ready)
            await asyncio.sleep(READY_CHECK_S if ready else READY_POLL_S)

    async def _tend_logs(self) -> None:
        while True:
            with suppress(OSError):  # a full disk, which the status tells of: the logs stay as they are
                await in_thread(partial(shorten_logs, self.state))
            await asyncio.sleep(LOG_CHECK_S)

    async def _announce(self) -> None:
        while not self.ready:
            await asyncio.sleep(READY_POLL_S)
        more = await in_thread(partial(self.hooks.when_ready, self.addresses)) if self.hooks.when_ready else {}
        if self.hooks.meanwhile:
            self.meanwhile = asyncio.ensure_future(in_thread(partial(self.hooks.meanwhile, self.addresses, self.leaving)))
            await self.meanwhile
        elif self.options.json:
            pids = {name: child.mark.pid if child.mark else None for name, child in self.children.items()}
            show(json.dumps({"ready": True, **self.addresses, **more, "pids": pids}))
        else:
            told = {name: value for name, value in {**self.addresses, **more}.items() if value is not None}
            shown = (name for name in told if name != "database")  # its address holds the password
            show("\n".join(f"{name:17} {told[name]}" for name in shown))

    def _note(self, *, ready: bool | None = None) -> None:
        """Write status.json; a full disk must not end the supervision, so it is said once and passed over."""
        self.ready = self.ready if ready is None else ready
        try:
            write_status(
                self.state,
                children={name: child.mark for name, child in self.children.items()},
                restarts={name: child.restarts for name, child in self.children.items()},
                ready=self.ready,
                addresses=self.addresses,
                cluster_id=self.cluster_id,
            )
        except OSError as error:
            if self.status_is_written:
                say(f"cannot write {self.state / 'status.json'} ({error.strerror}); khop ps shows an old state until it can")
            self.status_is_written = False
        else:
            self.status_is_written = True


def without_credentials(address: str) -> str:
    """A database's address for a service, which signs in as its own role and never learns the administrator's password."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


async def _stop(children: Sequence[Child]) -> None:
    marks = [child.mark for child in children if child.mark]
    await in_thread(lambda: stop_processes(marks, children[0].stop_signal, DRAIN_LIMIT_S))


async def _together(*work: Awaitable[None]) -> None:
    """Run all; the first error ends the others and is raised as it is."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
