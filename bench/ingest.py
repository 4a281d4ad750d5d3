"""The figures of docs/adr/0008-ingest-throughput.md: `python -m bench.ingest [--rounds N] [--seconds S]`.

Durable, deduplicated webhooks a second beside what the same HTTP server does with a no-op handler, in turns in one run; the
latency at half that rate; and what is left of acknowledged messages when PostgreSQL is killed in the middle. The sender is
wrk (Debian's package), a C program: a Python one would be the bottleneck. Everything runs on this machine, over loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx

from deploy.local.kafka import EmbeddedKafka
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.process import started, wait_until_ready
from deploy.local.state import any_free_port, open_state
from services.prepare import prepare

HERE = Path(__file__).parent
SECRET_KEY, ADMIN_TOKEN, SECRET = "a-secret-key-for-benchmarks-of-32-bytes", "an-admin-token-for-benchmarks", "s3cret"
ACCOUNTS = 2_000
CONNECTIONS = 256
"""That many senders wait for their answers at once."""
CALM_CONNECTIONS = 64
REPEATED_EVERY = 50
"""Two of a hundred messages were sent before."""
FIRST_MOMENT = 1_793_000_000
KILLED_MESSAGES = 3_000


@dataclass(frozen=True)
class Measured:
    """What wrk says."""

    rate: float
    errors: int
    p50_ms: float
    p99_ms: float


class Requests:
    """Signed SePay requests, no two alike but for the repeated ones."""

    def __init__(self) -> None:
        self._number = 0

    def body(self, number: int) -> bytes:
        account = f"9{number % ACCOUNTS:09}"
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(FIRST_MOMENT + number // 20))
        return json.dumps({
            "id": number, "gateway": "Vietcombank", "transactionDate": moment, "accountNumber": account, "code": None,
            "content": f"MBVCB.{number:010}.KH7Q2A nop tien an thang 11.CT tu 0011002233 NGUYEN VAN A toi {account}",
            "transferType": "in", "transferAmount": 150_000 + number % 1_000, "accumulated": 19_077_000 + number,
            "subAccount": None, "referenceCode": f"FT26309{number:09}", "description": "",
        }).encode()  # fmt: skip

    def headers(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        signature = hmac.digest(SECRET.encode(), timestamp.encode() + b"." + body, "sha256").hex()
        return {
            "Content-Type": "application/json", "User-Agent": "SePay-Webhook/1.0", "X-SePay-Timestamp": timestamp,
            "X-SePay-Signature": f"sha256={signature}",
        }  # fmt: skip

    def write(self, path: Path, port: int, count: int) -> None:
        """The next requests, as requests.lua reads them."""
        with path.open("wb") as file:
            for _ in range(count):
                self._number += 1
                repeats = self._number % REPEATED_EVERY == 0
                body = self.body(self._number - 7 if repeats else self._number)
                lines = [f"{name}: {value}" for name, value in self.headers(body).items()]
                head = "\r\n".join(
                    [
                        "POST /webhooks/sepay/bench HTTP/1.1",
                        f"Host: 127.0.0.1:{port}",
                        *lines,
                        f"Content-Length: {len(body)}",
                    ]
                )
                request = f"{head}\r\n\r\n".encode() + body
                file.write(b"%8d" % len(request) + request)

    def next_number(self) -> int:
        self._number += 1
        return self._number


def wrk(port: int, requests: Path, *, connections: int, seconds: float, rate: float | None = None) -> Measured:
    """Send for some seconds, as fast as answers come or at a rate."""
    pause_ms = 0 if rate is None else connections / rate * 1_000
    command = [
        "wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "-s", str(HERE / "requests.lua"), f"http://127.0.0.1:{port}",
        "--", str(requests), f"{pause_ms:.0f}",
    ]  # fmt: skip
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    line = next(each for each in output.splitlines() if each.startswith("RESULT"))
    count, duration_us, errors, p50_us, p99_us = map(float, line.split()[1:])
    return Measured(count / duration_us * 1e6, int(errors), p50_us / 1e3, p99_us / 1e3)


@contextmanager
def running(command: Sequence[str], url: str, path: str, environment: dict[str, str], log: Path) -> Iterator[None]:
    """A Python program of ours that answers at a URL, for the length of a block."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env={**os.environ, **environment}, stdout=output, stderr=output
        )
    try:
        for _ in range(600):
            try:
                if httpx.get(url + path).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def measure(port: int, noop_port: int, folder: Path, rounds: int, seconds: int) -> None:
    """Rates in turns, then the latency at half of ours."""
    requests, file = Requests(), folder / "requests"
    pairs = []
    for number in range(rounds):
        requests.write(file, port, 12_000 * seconds)
        noop = wrk(noop_port, file, connections=CONNECTIONS, seconds=seconds)
        ours = wrk(port, file, connections=CONNECTIONS, seconds=seconds)
        pairs.append((noop.rate, ours.rate))
        print(
            f"round {number + 1}: no-op {noop.rate:,.0f}/s, durable {ours.rate:,.0f}/s = {ours.rate / noop.rate:.1%}; "
            f"errors {noop.errors} and {ours.errors}; durable p50 {ours.p50_ms:.0f} ms, p99 {ours.p99_ms:.0f} ms"
        )
        time.sleep(3)  # the outbox is emptied
    ratio = statistics.median(ours / noop for noop, ours in pairs)
    rate = statistics.median(ours for _, ours in pairs)
    print(f"ratio: {ratio:.1%} (median of {rounds}; {CONNECTIONS} connections)")
    requests.write(file, port, int(rate / 2 * (seconds + 3)))
    calm = wrk(port, file, connections=CALM_CONNECTIONS, seconds=seconds, rate=rate / 2)
    print(f"at half the rate: {calm.rate:,.0f}/s, p50 {calm.p50_ms:.1f} ms, p99 {calm.p99_ms:.1f} ms, errors {calm.errors}")


async def kill_in_the_middle(url: str, dsn: str, postgres: EmbeddedPostgres, folder: Path) -> None:
    """Send while PostgreSQL is killed with SIGKILL and started again; every acknowledged message must be there."""
    requests = Requests()
    acknowledged: set[str] = set()
    answers: dict[int, int] = {}
    slots = asyncio.Semaphore(100)

    async def deliver(client: httpx.AsyncClient, number: int) -> None:
        body = requests.body(10**9 + number)
        async with slots:
            for _ in range(600):
                answer = await client.post(f"{url}/webhooks/sepay/bench", content=body, headers=requests.headers(body))
                answers[answer.status_code] = answers.get(answer.status_code, 0) + 1
                if answer.status_code == 200:
                    acknowledged.add(f"sepay/9{(10**9 + number) % ACCOUNTS:09}/{10**9 + number}")
                    return
                await asyncio.sleep(0.1)

    def kill_and_restart() -> None:
        pid = int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
        wait_until_ready(postgres, postgres.spawn())

    async with httpx.AsyncClient(timeout=30) as client:
        sending = asyncio.gather(*(deliver(client, number) for number in range(KILLED_MESSAGES)))
        while len(acknowledged) < KILLED_MESSAGES // 3:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(kill_and_restart)
        await sending
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(
        "select identity_key, transaction_id from ingest.transaction_identities join ingest.transactions using (transaction_id) "
        "where identity_key = any($1::text[])", list(acknowledged),
    )  # fmt: skip
    await connection.close()
    lost = acknowledged - {row["identity_key"] for row in rows}
    transactions = len({row["transaction_id"] for row in rows})
    told = ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))
    print(f"PostgreSQL killed and restarted: answers {told}; {len(acknowledged)} acknowledged, {len(lost)} lost, "
          f"{transactions} transactions")  # fmt: skip
    assert not lost
    assert transactions == len(acknowledged)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.stderr.write("bench.ingest sends with wrk, which is not installed (Debian: apt-get install wrk)\n")
        return 2
    state = open_state(Path(tempfile.mkdtemp(prefix="khop-bench-")))
    postgres, kafka = EmbeddedPostgres(state), EmbeddedKafka(state)
    port, noop_port = any_free_port(), any_free_port()
    url = f"http://127.0.0.1:{port}"
    try:
        with started(postgres), started(kafka):
            asyncio.run(prepare(postgres.dsn, kafka.bootstrap, SECRET_KEY, partitions=4, replicas=1))
            parts = urlsplit(postgres.dsn)
            environment = {
                "KHOP_DATABASE_URL": urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])),
                "KHOP_KAFKA_BOOTSTRAP": kafka.bootstrap,
                "KHOP_SECRET_KEY": SECRET_KEY,
                "KHOP_ADMIN_TOKEN": ADMIN_TOKEN,
                "KHOP_PORT": str(port),
            }
            log = state / "logs" / "bench.log"
            with (
                running(["bench.noop", str(noop_port)], f"http://127.0.0.1:{noop_port}", "/", {}, log),
                running(["services", "serve", "ingest"], url, "/readyz", environment, log),
            ):
                settings = {"provider": "sepay", "secret": SECRET, "accounts": [f"9{n:09}" for n in range(ACCOUNTS)]}
                headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
                httpx.put(f"{url}/connections/bench", json=settings, headers=headers).raise_for_status()
                measure(port, noop_port, state, options.rounds, options.seconds)
                asyncio.run(kill_in_the_middle(url, postgres.dsn, postgres, state))
    finally:
        shutil.rmtree(state, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
