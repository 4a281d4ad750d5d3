"""The matching service with its topics and its database: `python -m bench.matching_service [--sites N] [--transactions N]`.

Transactions published as fast as they come, a second, from the first one on their topic to the last decision on payments.allocations;
which process had how much of the two cores then; and the latency of a webhook, from sending it to its decision on the topic, at 200 a
second through ingest and matching. Everything runs on this machine, over loopback; senders and readers are on the same cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlsplit, urlunsplit

import httpx
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.ingest import ADMIN_TOKEN, SECRET, SECRET_KEY, Requests, running
from deploy.local.kafka import EmbeddedKafka
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.process import started
from deploy.local.state import any_free_port, open_state
from services.prepare import prepare
from shared.events import BankTransaction, Credit, Event, Notice, Site
from shared.events.bank import Sighting
from shared.events.directory import SiteAccount, SiteSettings, SiteUnit
from shared.reference import random_reference
from shared.runtime.outbox import partition_of

PARTITIONS = 4
PAYERS_PER_SITE = 400
NOTICES_PER_PAYER = 2
DAY = date(2026, 11, 24)
AMOUNTS = (85_000, 120_000, 150_000, 385_000)
CALM_RATE = 200
LIMIT_S = 180
_FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Lý", "Nông", "Vi")
_MIDDLES = ("Thị Hoài", "Văn", "Quốc", "Thị Mai", "Minh", "Đức", "Thu", "Gia", "Bảo", "Khánh")
_GIVENS = (
    "An",
    "Bình",
    "Cường",
    "Dung",
    "Giang",
    "Hà",
    "Hùng",
    "Khoa",
    "Linh",
    "Long",
    "Mai",
    "Nam",
    "Oanh",
    "Phúc",
    "Quân",
    "Tâm",
    "Vy",
)


@dataclass(frozen=True)
class World:
    """Sites, what is owed there, and what arrives."""

    sites: list[Site]
    notices: list[Notice]

    def transactions(self, start: int, count: int, label: str, *, mixed: bool) -> Iterator[BankTransaction]:
        """Payments of notices from the `start`-th on, by reference; of a mixed lot only 70 of a hundred so, the others in words."""
        chance = Random(9)
        owed = list(self.notices)
        chance.shuffle(owed)
        moment = datetime(2026, 11, 24, 2, tzinfo=UTC)
        for number in range(start, start + count):
            notice = owed[number % len(owed)]
            kind = chance.random() if mixed else 0.0
            yield BankTransaction(
                transaction_id=f"{label}-{number:07}", version=1, status="live", account=_account(notice.site_id),
                site_id=notice.site_id, virtual_account=None, amount=notice.amount, direction="in", occurred_at=moment,
                received_at=moment, memo=_memo(notice, kind), counter_name=None if kind < 0.5 else "TRAN VAN PHU",
                counter_account=f"1903{chance.randrange(10**6):06}", counter_bank="970407", bank_reference=None,
                balance_after=None, provider="sepay", seen_by="webhook",
                sightings=(Sighting(provider="sepay", seen_by="webhook", received_at=moment),),
            )  # fmt: skip


def _memo(notice: Notice, kind: float) -> str:
    """What the transfer of a notice says; `kind` between 0 and 1 chooses how."""
    assert notice.payer_name is not None
    assert notice.payer_code is not None
    name = notice.payer_name.reveal()
    if kind < 0.7:
        return f"MBVCB.3781234567.{notice.reference} nop tien an.CT tu 0011002233 TRAN VAN PHU toi 0711"
    if kind < 0.8:
        return f"{notice.payer_code.reveal()} {name} nop tien"
    return f"{name} lop {notice.group} nop tien an thang 11" if kind < 0.95 else "chuyen tien"


def _account(site_id: str) -> str:
    return f"9{int(site_id[1:]):09}"


def make_world(sites: int) -> World:
    """Schools with their pupils and what these owe."""
    chance = Random(6)
    made, notices = [], []
    for number in range(sites):
        site_id = f"S{number:04}"
        made.append(Site(
            site_id=site_id, version=1, name=site_id, type="school", ownership="public",
            accounts=(SiteAccount(bank_bin="970436", account_number=_account(site_id), account_name=site_id,
                                  valid_from=date(2020, 1, 1), valid_to=None),),
            units=(SiteUnit(unit_code="07615", valid_from=date(2020, 1, 1), valid_to=None),), settings=SiteSettings(),
        ))  # fmt: skip
        for pupil in range(PAYERS_PER_SITE):
            name = f"{chance.choice(_FAMILIES)} {chance.choice(_MIDDLES)} {chance.choice(_GIVENS)}"
            notices += [_a_notice(site_id, number, pupil, name, month, chance) for month in range(NOTICES_PER_PAYER)]
    return World(made, notices)


def _a_notice(site_id: str, site: int, pupil: int, name: str, month: int, chance: Random) -> Notice:
    return Notice.model_validate({
        "notice_id": f"{site_id}-{pupil:04}-{month}", "version": 1, "site_id": site_id, "bill_id": f"{site_id}-{pupil}-{month}",
        "round": None, "payer_code": f"HS{site:04}{pupil:04}", "payer_name": name,
        "group": f"{1 + pupil % 5}{'ABCD'[pupil // 5 % 4]}", "guardian_name": None, "guardian_phone": None,
        "fee_kind": "meals", "purpose": f"Tiền ăn tháng {10 + month}", "period": f"2026-{10 + month}",
        "amount": chance.choice(AMOUNTS), "issued_on": DAY - timedelta(days=60 - 30 * month),
        "due_on": DAY + timedelta(days=30 * month), "obligation": "due", "status": "open", "cancelled_on": None,
        "reference": random_reference(chance), "virtual_account": None, "unit_code": None, "link_opened_at": None,
        "helper_declared_at": None,
    })  # fmt: skip


@dataclass(frozen=True)
class Stack:
    """What runs: addresses, and the processes whose time is measured."""

    bootstrap: str
    ingest: str
    matching: str
    pids: dict[str, int]


@contextmanager
def stack(state: Path, accounts: Sequence[str]) -> Iterator[Stack]:
    """PostgreSQL, Kafka, ingest and matching, with a connection for the accounts."""
    postgres, kafka = EmbeddedPostgres(state), EmbeddedKafka(state)
    with ExitStack() as running_now:
        running_now.enter_context(started(postgres))
        running_now.enter_context(started(kafka))
        asyncio.run(prepare(postgres.dsn, kafka.bootstrap, SECRET_KEY, partitions=PARTITIONS, replicas=1))
        parts = urlsplit(postgres.dsn)
        urls = {}
        for name in ("matching", "ingest"):
            port = any_free_port()
            environment = {
                "KHOP_DATABASE_URL": urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])),
                "KHOP_KAFKA_BOOTSTRAP": kafka.bootstrap, "KHOP_SECRET_KEY": SECRET_KEY, "KHOP_ADMIN_TOKEN": ADMIN_TOKEN,
                "KHOP_PORT": str(port),
            }  # fmt: skip
            urls[name] = f"http://127.0.0.1:{port}"
            log = state / "logs" / f"bench-{name}.log"
            running_now.enter_context(running(["services", "serve", name], urls[name], "/readyz", environment, log))
        settings = {"provider": "sepay", "secret": SECRET, "accounts": list(accounts)}
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        httpx.put(f"{urls['ingest']}/connections/bench", json=settings, headers=headers).raise_for_status()
        yield Stack(kafka.bootstrap, urls["ingest"], urls["matching"], _pids())


def _pids() -> dict[str, int]:
    """Our children by what they are."""
    found = {"sender": os.getpid()}
    for child in psutil.Process().children():
        command = " ".join(child.cmdline())
        for name in ("postgres", "kafka.Kafka", "serve matching", "serve ingest"):
            if name in command:
                found[name.removeprefix("serve ").removesuffix(".Kafka")] = child.pid
    return found


def cpu_seconds(pids: dict[str, int]) -> dict[str, float]:
    """The processor time of each program until now, its own children included."""
    spent = {}
    for name, pid in pids.items():
        process = psutil.Process(pid)
        family = [process] if name == "sender" else [process, *process.children(recursive=True)]
        spent[name] = sum(sum(each.cpu_times()[:4]) for each in family if each.is_running())
    return spent


async def publish(producer: AIOKafkaProducer, events: Iterable[Event]) -> None:
    """Put events on their topics, as fast as the broker takes them."""
    for number, event in enumerate(events):
        await producer.send(
            event.topic, key=event.key.encode(), value=event.model_dump_json().encode(),
            partition=partition_of(event.partition_key, PARTITIONS),
        )  # fmt: skip
        if number % 500 == 0:
            await asyncio.sleep(0)
    await producer.flush()


@dataclass
class Decisions:
    """A reader of payments.allocations from its present end on."""

    consumer: AIOKafkaConsumer

    @classmethod
    async def from_now(cls, bootstrap: str) -> Decisions:
        """Stand at the end of the topic."""
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, fetch_max_wait_ms=20)
        await consumer.start()
        partitions = [TopicPartition(Credit.topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        for partition in partitions:
            await consumer.position(partition)
        return cls(consumer)

    async def keys(self, count: int) -> dict[str, float]:
        """The next so many credits, each with when it was read; the second and later versions of one count once."""
        found: dict[str, float] = {}
        deadline = time.perf_counter() + LIMIT_S
        while len(found) < count:
            if time.perf_counter() > deadline:
                raise TimeoutError(f"only {len(found)} of {count} were decided in {LIMIT_S} s")
            for records in (await self.consumer.getmany(timeout_ms=500)).values():
                now = time.perf_counter()
                for record in records:
                    found.setdefault((record.key or b"").decode(), now)
        return found


async def until_known(matching: str) -> None:
    """Wait until matching has taken all notices that were published."""
    async with httpx.AsyncClient() as client:
        calm = 0
        while calm < 3:
            text = (await client.get(f"{matching}/metrics")).text
            lags = [
                float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith("khop_consumer_lag_records{")
            ]
            calm = calm + 1 if lags and not sum(lags) else 0
            await asyncio.sleep(1.1)


async def sustained(made: Stack, events: Sequence[BankTransaction], label: str) -> None:
    """So many transactions at once; how many are decided a second, and on whose time."""
    decisions = await Decisions.from_now(made.bootstrap)
    producer = AIOKafkaProducer(bootstrap_servers=made.bootstrap, acks="all", enable_idempotence=True, linger_ms=5)
    await producer.start()
    before, start = cpu_seconds(made.pids), time.perf_counter()
    _, found = await asyncio.gather(publish(producer, events), decisions.keys(len(events)))
    seconds = max(found.values()) - start
    after = cpu_seconds(made.pids)
    await producer.stop()
    await decisions.consumer.stop()
    shares = {name: (after[name] - before[name]) / seconds for name in made.pids}
    told = ", ".join(f"{name} {share:.2f}" for name, share in sorted(shares.items(), key=lambda each: -each[1]))
    print(f"{label}: {len(events) / seconds:,.0f} decided a second ({len(events):,} in {seconds:.1f} s); cores: {told}")


async def calm(made: Stack, world: World, seconds: int, first: int, label: str) -> None:
    """Webhooks at a calm rate: from sending one to reading its decision."""
    decisions = await Decisions.from_now(made.bootstrap)
    requests = Requests()
    chance = Random(5)
    count = CALM_RATE * seconds
    sent: dict[int, float] = {}
    bodies = []
    for number in range(count):
        notice = chance.choice(world.notices)
        body = json.loads(requests.body(first + number))
        body |= {
            "accountNumber": _account(notice.site_id), "content": f"{notice.reference} nop tien", "transferAmount": notice.amount,
            "transactionDate": time.strftime("%Y-%m-%d %H:%M:%S"),
        }  # fmt: skip
        bodies.append(json.dumps(body).encode())
    answered: list[str] = []

    async def deliver(client: httpx.AsyncClient, number: int) -> None:
        sent[number] = time.perf_counter()
        answer = await client.post("/webhooks/sepay/bench", content=bodies[number], headers=requests.headers(bodies[number]))
        answered.append(str(answer.status_code))

    reading = asyncio.create_task(decisions.keys(count))
    async with httpx.AsyncClient(base_url=made.ingest, timeout=30) as client:
        start = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                await asyncio.sleep(max(0.0, start + number / CALM_RATE - time.perf_counter()))
                group.create_task(deliver(client, number))
    found = sorted((await reading).values())
    await decisions.consumer.stop()
    # Decisions come in the order of sending but for neighbours, so the n-th of one belongs to the n-th of the other.
    times = sorted(done - begun for done, begun in zip(found, sorted(sent.values()), strict=True))
    p50, p99 = times[len(times) // 2] * 1e3, times[int(len(times) * 0.99)] * 1e3
    wrong = sum(each != "200" for each in answered)
    print(
        f"webhook to decision at {CALM_RATE}/s, {label}: p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {times[-1] * 1e3:.0f} ms "
        f"({count:,} webhooks, {wrong} not answered 200)"
    )


async def measure(made: Stack, world: World, count: int, seconds: int) -> None:
    """All figures, one after the other on one stack."""
    producer = AIOKafkaProducer(bootstrap_servers=made.bootstrap, acks="all", enable_idempotence=True, linger_ms=5)
    await producer.start()
    start = time.perf_counter()
    await publish(producer, [*world.sites, *world.notices])
    await producer.stop()
    await until_known(made.matching)
    print(f"{len(world.sites)} sites, {len(world.notices):,} open notices known after {time.perf_counter() - start:.0f} s")
    await calm(made, world, 5, 1, "while books are read for the first time")
    await calm(made, world, seconds, 1_000_000, "warm")
    await sustained(made, list(world.transactions(0, count, "reference", mixed=False)), "references")
    await sustained(made, list(world.transactions(count, count // 2, "mixed", mixed=True)), "mixed")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=60)
    parser.add_argument("--transactions", type=int, default=30_000)
    parser.add_argument("--seconds", type=int, default=15, help="how long webhooks are sent at the calm rate")
    options = parser.parse_args()
    world = make_world(options.sites)
    state = open_state(Path(tempfile.mkdtemp(prefix="khop-bench-")))
    try:
        with stack(state, [_account(site.site_id) for site in world.sites]) as made:
            asyncio.run(measure(made, world, options.transactions, options.seconds))
    finally:
        shutil.rmtree(state, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
