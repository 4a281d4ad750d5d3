"""How fast adoption takes facts in, and how long a refresh takes for a province: `python -m bench.adoption [--sites N]`.

Everything is measured on a real PostgreSQL of its own with the service's own code, the consumer's decoding included and the
network of Kafka not. The year is made by SQL in the shape in which the service keeps facts; from there on the service derives.
Ratios compare what was measured in one run: absolute times are those of this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import services.adoption
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.process import started
from deploy.local.state import open_state
from services.adoption import days, publishing, refresh, rows, windows
from services.adoption.handlers import handlers
from services.adoption.model import payer_key
from services.adoption.places import replace_places
from shared.events import BankTransaction, Credit, Event, Notice
from shared.events.bank import Sighting
from shared.events.payments import Allocation, SuspenseParts
from shared.privacy import PayerCode
from shared.runtime.consumer import Received
from shared.runtime.migrations import migrate_all
from shared.runtime.postgres import Database, open_database
from shared.runtime.settings import Settings

SECRET = "a-key-for-measuring-of-32-bytes-or-more"  # noqa: S105 - of a database that lives as long as this run
TODAY = date(2026, 6, 10)
FIRST = date(2025, 9, 1)
PAYERS_A_SITE = 40
BATCH = 500
"""What the consumer takes at once (KHOP_BATCH_RECORDS_MAX)."""

# A year of 10 monthly rounds: two notices a bill, three of four bills paid by bank, the others in cash at the counter.
FILL = """
insert into units (unit_code, valid_from, version, name, level, parent_code, succeeded_by)
select 'C' || n, date '2020-01-01', 1, 'Xã ' || n, 'commune', '24', '{}'::text[] from generate_series(1, 99) n
union all select '24', date '2020-01-01', 1, 'Tỉnh', 'province', null, '{}'::text[];
insert into sites (site_id, version, name, type, units)
select 'S' || n, 1, 'Trường ' || n, 'school',
  jsonb_build_array(jsonb_build_object('unit_code', 'C' || (n %% 99 + 1), 'valid_from', '2020-01-01', 'valid_to', null))
from generate_series(1, %(sites)s) n;
create temporary table bills as
select 'S' || s as site_id, 'payer' || s || '-' || p as payer, 'B' || s || '-' || p || '-' || m as bill_id,
  (date '2025-09-01' + make_interval(months => m))::date as issued_on,
  (date '2025-09-04' + make_interval(months => m, days => (hashint8(s * 1009 + p * 31 + m) & 15)))::date as paid_on,
  (hashint8(s * 7 + p * 13 + m * 3) & 3) > 0 as by_bank, (hashint8(s + p * 17 + m * 5) & 7) > 0 as paid
from generate_series(1, %(sites)s) s, generate_series(1, %(payers)s) p, generate_series(0, 9) m;
insert into notices (
  notice_id, version, site_id, fee_kind, payer, bill_id, amount, issued_on, due_on, is_due, is_open, unit_code
)
select bill_id || '-' || k, 1, site_id, case k when 1 then 'meals' else 'water' end, payer, bill_id, 100000 * k, issued_on,
  issued_on + 27, true, true, 'C1'
from bills, generate_series(1, 2) k;
insert into credits (
  credit_id, version, site_id, channel, day, is_income, occurred_at, received_at, provider, bank, amount, is_waiting
)
select bill_id, 1, site_id, case when by_bank then 'bank' else 'cash' end, paid_on, true, paid_on + time '09:00',
  paid_on + time '09:00:02', 'sepay', 'BIDV', 300000, false
from bills where paid and paid_on <= date '%(last)s';
insert into allocations (credit_id, allocation_id, notice_id, amount, paid_through, decided_by, decided_at)
select bill_id, bill_id || '-' || k, bill_id || '-' || k, 100000 * k, 'unknown', 'auto', paid_on + time '09:00:03'
from bills, generate_series(1, 2) k where paid and paid_on <= date '%(last)s';
insert into transactions (
  transaction_id, version, site_id, day, provider, status, account, bank, occurred_at, sightings
)
select bill_id, 1, site_id, paid_on, 'sepay', 'live', site_id, 'BIDV', paid_on + time '09:00',
  jsonb_build_array(jsonb_build_array('sepay', 'webhook', paid_on + time '09:00:02'))
from bills where paid and by_bank and paid_on <= date '%(last)s';
insert into calendar (carried_to) values (date '%(last)s');
analyze;
"""


@dataclass
class Clock:
    """Adds up the time of each step."""

    seconds: dict[str, float] = field(default_factory=dict)

    def watch(self, module: Any, name: str, label: str) -> None:
        """Measure a function of a module from now on."""
        measured: Callable[..., Awaitable[Any]] = getattr(module, name)

        async def timed(*arguments: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return await measured(*arguments, **named)
            finally:
                self.seconds[label] = self.seconds.get(label, 0) + time.perf_counter() - begun

        setattr(module, name, timed)


def a_payment(number: int, day: date) -> list[Event]:
    """The facts of one bill paid by bank: two notices, a transaction, a credit."""
    at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=number % 80_000)
    site_id = f"S{number % 997 + 1}"
    notices: list[Event] = [
        Notice(
            notice_id=f"in-{number}-{kind}", version=1, site_id=site_id, bill_id=f"in-{number}", round="T6",
            payer_code=PayerCode(f"HS{number % 40}"), payer_name=None, group="3A", guardian_name=None, guardian_phone=None,
            fee_kind=kind, purpose=None, period=None, amount=100_000, issued_on=day, due_on=day + timedelta(days=20),
            obligation="due", status="open", cancelled_on=None, reference=f"KH{number}", virtual_account=None, unit_code="C1",
            link_opened_at=None, helper_declared_at=None,
        )
        for kind in ("meals", "water")
    ]  # fmt: skip
    transaction = BankTransaction(
        transaction_id=f"in-{number}", version=1, status="live", account=site_id, site_id=site_id, virtual_account=None,
        amount=200_000, direction="in", occurred_at=at, received_at=at, memo=None, counter_name=None, counter_account=None,
        counter_bank="BIDV", bank_reference=f"FT{number}", balance_after=None, provider="sepay", seen_by="webhook",
        sightings=(Sighting(provider="sepay", seen_by="webhook", received_at=at),),
    )  # fmt: skip
    credit = Credit(
        credit_id=f"in-{number}", version=1, site_id=site_id, account=site_id, channel="bank", direction="in", occurred_at=at,
        received_at=at, provider="sepay", counter_bank="BIDV", amount=200_000, suspense=0, suspense_parts=SuspenseParts(),
        status="matched", undone=(), intended_notice_id=None, reason="reference", evidence=("reference intact",), candidates=(),
        document_number=None, reverses=None, reversed_by=None, partition_origin=site_id,
        allocations=tuple(
            Allocation(
                allocation_id=f"{each.key}", notice_id=each.key, amount=100_000, paid_through="unknown", decided_by="auto",
                decided_at=at,
            )
            for each in notices
        ),
    )  # fmt: skip
    return [*notices, transaction, credit]


async def measure_intake(database: Database, payments: int) -> None:
    """Facts a second from their JSON to their commit, topic by topic in the consumer's batches."""
    consumed = handlers(database, payer_key(SECRET), lambda: None)
    for order in ("topic by topic, as a replay and an import bring them", "shuffled, as a busy day brings them"):
        facts = [fact for number in range(payments) for fact in a_payment(number, TODAY)]
        if order.startswith("topic"):
            facts.sort(key=lambda fact: fact.topic)
        else:
            random.Random(1).shuffle(facts)
        records = [(type(fact), fact.model_dump_json().encode()) for fact in facts]
        begun = time.perf_counter()
        for event, raw in records:
            event.model_validate_json(raw)
        decoding_s = time.perf_counter() - begun
        async with database.transaction() as connection:
            await connection.execute("truncate notices, transactions, credits, allocations, changes")
        begun = time.perf_counter()
        for start in range(0, len(records), BATCH):
            batch = records[start : start + BATCH]
            for event, handler in consumed.items():
                decoded = [Received(event.model_validate_json(raw), None) for kind, raw in batch if kind is event]
                if decoded:
                    await handler(decoded)
        whole_s = time.perf_counter() - begun
        print(
            f"facts in, {order}: {len(records) / whole_s:,.0f} a second ({len(records):,} in {whole_s:.1f} s; goal 20,000)"
        )
        print(
            f"  decoding is {decoding_s / whole_s:.0%} of it ({len(records) / decoding_s:,.0f} a second alone), the rest PostgreSQL"
        )


async def measure_refreshes(database: Database, sites: int) -> None:
    """Refreshes of a province with a year of facts behind it."""
    clock = Clock()
    clock.watch(rows, "derive", "facts → rows")
    clock.watch(days, "derive", "rows → days")
    clock.watch(windows, "derive_some", "days → windows")
    clock.watch(refresh, "publish", "windows → figures, outbox")
    await _refresh(database, clock, TODAY - timedelta(days=1), "")
    await _pay(database, [f"S{number}" for number in range(1, sites + 1)], TODAY - timedelta(days=1), "warm")
    await _refresh(database, clock, TODAY - timedelta(days=1), "")
    await _refresh(database, clock, TODAY, f"a new date: all windows of {sites:,} sites")
    await _pay(database, [f"S{number}" for number in range(1, sites + 1)], TODAY, "all")
    await _refresh(
        database, clock, TODAY, f"a payment at every site: day, 7 days, 30 days and month of {sites:,} sites (goal 2 s)"
    )
    await _pay(database, ["S1"], TODAY, "one")
    await _refresh(database, clock, TODAY, "one payment")
    await _pay(database, [f"S{number}" for number in range(1, 11)], TODAY - timedelta(days=30), "late")
    await _refresh(database, clock, TODAY, "payments of ten sites that come a month late: 39 windows each")


async def _pay(database: Database, sites: Sequence[str], day: date, name: str) -> None:
    """One fact at each site, as the handlers store it: a bill of this round is paid by bank."""
    async with database.transaction() as connection:
        await connection.execute("truncate outbox")
        await connection.execute(
            """
            with unpaid as (
              select distinct on (n.site_id) n.site_id, n.notice_id, n.amount from notices n
              left join allocations a using (notice_id)
              where n.site_id = any($1::text[]) and a.notice_id is null and n.issued_on <= $2 order by n.site_id, n.issued_on desc
            ), paid as (
              insert into credits (
                credit_id, version, site_id, channel, day, is_income, occurred_at, received_at, provider, bank, amount, is_waiting
              )
              select $3 || site_id, 1, site_id, 'bank', $2, true, $2 + time '09:00', $2 + time '09:00', 'sepay', 'BIDV', amount,
                false
              from unpaid
            ), applied as (
              insert into allocations (
                credit_id, allocation_id, notice_id, amount, paid_through, decided_by, decided_at
              )
              select $3 || site_id, $3 || site_id, notice_id, amount, 'unknown', 'auto', $2 + time '09:00' from unpaid
            )
            insert into changes (what, entity_id) select 'credit', $3 || site_id from unpaid
            """,
            list(sites), day, name,
        )  # fmt: skip


async def _refresh(database: Database, clock: Clock, today: date, label: str) -> None:
    clock.seconds.clear()
    begun, more, figures, passes = time.perf_counter(), True, 0, 0
    while more:
        async with database.transaction() as connection:
            outcome = await refresh.refresh(connection, today)
        more, figures, passes = outcome.more, figures + outcome.published, passes + 1
    whole_s = time.perf_counter() - begun
    if label:
        print(f"{label}: {whole_s:.2f} s, {figures:,} figures published, {passes} passes")
        for step, seconds in clock.seconds.items():
            print(f"  {step:28} {seconds:6.2f} s  {seconds / whole_s:4.0%}")


async def fill(database: Database, sites: int) -> None:
    """A year of facts, and what is derived from them up to the windows of today."""
    begun = time.perf_counter()
    async with database.reading() as connection:
        await connection.execute(
            FILL % {"sites": sites, "payers": PAYERS_A_SITE, "last": TODAY - timedelta(days=1)}, timeout=600
        )
        counts = [
            await connection.fetchval(f"select count(*) from {table}") for table in ("notices", "credits", "allocations")
        ]
    print(f"a year of {sites:,} sites: {counts[0]:,} notices, {counts[1]:,} credits, {counts[2]:,} allocations")
    async with database.transaction() as connection:
        await replace_places(connection, [])
        await connection.execute("truncate touched_ranges, changes")
    for start in range(0, sites, 20):
        chosen = [f"S{number + 1}" for number in range(start, min(start + 20, sites))]
        async with database.transaction() as connection:
            ids = await connection.fetch("select credit_id from credits where site_id = any($1::text[])", chosen)
            credits = [row["credit_id"] for row in ids]
            notices = await connection.fetch("select notice_id from notices where site_id = any($1::text[])", chosen)
            movements = await connection.fetch(
                "select transaction_id from transactions where site_id = any($1::text[])", chosen
            )
            await rows.derive(
                connection, credits, [row[0] for row in notices], [row[0] for row in movements], TODAY - timedelta(days=1)
            )
            touched = await connection.fetch("delete from touched_days returning site_id, day")
            pairs = [(row["site_id"], row["day"]) for row in touched if row["day"] < TODAY]
            for first in range(0, len(pairs), 1_000):
                await days.derive(connection, pairs[first : first + 1_000], TODAY - timedelta(days=1))
    # Of the windows only those that a person looks at now: the others would be as many as a year has days.
    async with database.transaction() as connection:
        recent = {
            windows.Window(f"S{number + 1}", each)
            for number in range(sites)
            for each in publishing.current_ranges(TODAY - timedelta(days=1))
        }
        await windows.touch(connection, recent)
    async with database.reading() as connection:
        await connection.execute("analyze", timeout=600)
    print(f"  stored and derived in {time.perf_counter() - begun:.0f} s")


@asynccontextmanager
async def adoption_database(dsn: str) -> AsyncIterator[Database]:
    """Adoption's schema, used by its own role."""
    await migrate_all(dsn, SECRET, {"adoption": Path(services.adoption.__file__).parent / "migrations"})
    bare = dsn.partition("://")[0] + "://" + dsn.rpartition("@")[2]
    settings = Settings(
        database_url=bare, kafka_bootstrap="unused", secret_key=SECRET, admin_token=SECRET, statement_timeout_ms=120_000
    )
    async with open_database(settings, "adoption") as database:
        yield database


async def measure(dsn: str, sites: int, payments: int) -> None:
    """All of it."""
    async with adoption_database(dsn) as database:
        await measure_intake(database, payments)
        async with database.transaction() as connection:
            await connection.execute("truncate notices, transactions, credits, allocations, changes")
        await fill(database, sites)
        await measure_refreshes(database, sites)


def main() -> None:
    """Measure on a PostgreSQL of this run's own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=1_000)
    parser.add_argument("--payments", type=int, default=25_000, help="whose facts are taken in, four each")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="khop-bench-"))
    try:
        postgres = EmbeddedPostgres(open_state(folder))
        with started(postgres):
            asyncio.run(measure(postgres.dsn, options.sites, options.payments))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
