"""How fast the portal's pages are with a year of 60 schools behind them, and what they weigh: `python -m bench.pages [--sites N]`.

The read model is filled by SQL on a real PostgreSQL of its own; from there on it is the portal's own app that answers, each request
through its session, its rights and row-level security. Server time is from the request to the last byte of the answer, compressed,
without a network; owners that a page asks over HTTP are away, so pages that only show what an owner says are not measured.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

import services.portal
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.process import started
from deploy.local.state import open_state
from services.portal.app import build
from services.portal.keeping.figures import count_days, count_installation
from services.portal.keeping.places import keep_sites, keep_units
from services.portal.people import store as people
from services.portal.people.bounded import ROLE
from services.portal.people.roles import Grant
from shared import clock
from shared.events import BankTransaction, Credit, ReconciliationDay, Site, Unit
from shared.events.directory import SiteAccount, SiteSettings, SiteUnit
from shared.events.payments import SuspenseParts
from shared.heap import keep_what_is_made
from shared.runtime.http import create_app
from shared.runtime.logs import configure_logs
from shared.runtime.migrations import migrate_all
from shared.runtime.postgres import Database, open_database
from shared.runtime.service import Runtime
from shared.runtime.settings import Settings
from shared.vietnamese import search_key

SECRET = "a-key-for-measuring-of-32-bytes-or-more"  # noqa: S105 - of a database that lives as long as this run
PUPILS_A_SITE = 300
SEVERAL = 5
"""Schools of an accountant who serves more than one."""
ROUNDS = 10
MINE = "S001"
"""The school whose people look."""
ASKED_EACH, WARMING = 60, 5
GOAL_MS, LIST_BYTES, FIRST_BYTES, REPEAT_BYTES, REQUESTS = 50, 14 * 1024, 30 * 1024, 8 * 1024, 3
SINCE = date(2020, 1, 1)
FAMILIES = "Nguyễn Trần Hoàng Vi Lò Nông Bế Đàm Lường Giáp".split()
MIDDLES = "Văn Thị Minh Thu Đức Ngọc Gia Bảo".split()
GIVEN = "An Bình Châu Dũng Giang Hà Khánh Lan Mai Nam Oanh Phúc Quân Sơn Thảo Uyên Vinh Yến Đạt Ánh".split()
NAMES = [" ".join(parts) for parts in itertools.product(FAMILIES, MIDDLES, GIVEN)]

# Ten monthly rounds back from today: each pupil has a bill of two fees. Nine of ten are paid, one of eight in cash; one in fifty waits
# for a person, one in a hundred paid too much.
FILL = """
create temporary table bills as
select 'S' || lpad(s::text, 3, '0') as site_id, s, p, m, s || '-' || p || '-' || m as bill_id,
  'HS' || lpad(p::text, 4, '0') as payer_code,
  name.written as payer_name, name.key as payer_key,
  (1 + p %% 5) || (array['A', 'B', 'C'])[1 + p %% 3] as payer_group, 'Tháng ' || m as round,
  (date %(today)s - 30 * (10 - m)) as issued_on,
  (date %(today)s - 30 * (10 - m)) + (hashint8(s * 1009 + p * 31 + m) & 15) as paid_on,
  'KH' || lpad(to_hex((s * 1000000 + p * 1000 + m)), 8, '0') as reference, (hashint8(s + p * 17 + m * 5) & 1023) as luck
from generate_series(1, %(sites)s) s, generate_series(1, %(pupils)s) p, generate_series(1, 10) m, names name
where name.place = (hashint8(s * 31 + p) & 65535) %% %(names)s + 1;
insert into notices (
  notice_id, version, site_id, payer_name, payer_group, purpose, period, fee_kind, amount, status, bill_id, reference, round,
  payer_code, guardian_name, guardian_phone, obligation, issued_on, due_on)
select bill_id || '-' || k, 1, site_id, payer_name, payer_group, case k when 1 then 'Tiền ăn bán trú' else 'Nước uống' end, round,
  case k when 1 then 'meals' else 'water' end, 100000 * k, 'open', bill_id, reference, round,
  payer_code, null, '0912345678', 'due', issued_on, issued_on + 27
from bills, generate_series(1, 2) k;
insert into payers (
  site_id, payer_code, issued_on, notice_id, payer_name, payer_group, guardian_name, guardian_phone, search_key)
select distinct on (site_id, payer_code) site_id, payer_code, issued_on, bill_id || '-1', payer_name, payer_group, null,
  '0912345678', payer_key || ' ' || lower(payer_group || ' ' || payer_code) || ' 0912345678'
from bills order by site_id, payer_code, issued_on desc;
create temporary table paid as
select *, (paid_on + time '09:00' + make_interval(secs => luck * 20)) at time zone 'Asia/Ho_Chi_Minh' as at,
  'c' || bill_id as credit_id, 'ACC' || site_id as account, case when luck %% 8 = 0 then 'cash' else 'bank' end as channel,
  case when luck %% 50 = 1 then 'review' else 'matched' end as state, case when luck %% 100 = 2 then 50000 else 0 end as excess
from bills where luck %% 10 <> 3 and paid_on <= date %(today)s;
insert into credits (
  credit_id, version, site_id, day, occurred_at, channel, direction, amount, suspense, state, reason, excess, is_excess, entity)
select credit_id, 1, site_id, paid_on, at, channel, 'in', 300000 + excess, suspense, state, reason, excess, excess > 0,
  %(credit)s::jsonb || jsonb_build_object(
    'credit_id', credit_id, 'site_id', site_id, 'account', case channel when 'bank' then account end, 'channel', channel,
    'occurred_at', at, 'received_at', at, 'amount', 300000 + excess, 'suspense', suspense, 'reason', reason,
    'status', case state when 'review' then 'suggested' else 'matched' end,
    'suspense_parts', %(parts)s::jsonb || jsonb_build_object('unidentified', suspense - excess, 'to_return', excess),
    'allocations', case state when 'review' then '[]'::jsonb else (
      select jsonb_agg(jsonb_build_object(
        'allocation_id', bill_id || '-' || k, 'notice_id', bill_id || '-' || k, 'amount', 100000 * k, 'paid_through', 'unknown',
        'decided_by', 'auto', 'decided_at', at)) from generate_series(1, 2) k) end,
    'candidates', case state when 'review' then jsonb_build_array(jsonb_build_object(
      'notice_ids', jsonb_build_array(bill_id || '-1', bill_id || '-2'), 'score', 0.8)) else '[]'::jsonb end)
from (
  select *, excess + case state when 'review' then 300000 else 0 end as suspense,
    case when state = 'review' then 'ambiguous' when channel = 'cash' then 'cash_receipt' else 'reference' end as reason
  from paid
) each;
insert into allocations (credit_id, allocation_id, notice_id, site_id, amount, occurred_at, decided_at, channel)
select credit_id, bill_id || '-' || k, bill_id || '-' || k, site_id, 100000 * k, at, at, channel
from paid, generate_series(1, 2) k where state = 'matched';
insert into transactions (transaction_id, version, counter_name, site_id, account, occurred_at, memo, search_key, entity)
select credit_id, 1, payer_name, site_id, account, at, memo, lower(memo),
  %(transaction)s::jsonb || jsonb_build_object(
    'transaction_id', credit_id, 'site_id', site_id, 'account', account, 'amount', 300000 + excess, 'occurred_at', at,
    'received_at', at, 'memo', memo, 'counter_name', payer_name)
from (
  select *, 'CUSTOMER ' || reference || ' ck nop tien thang ' || m || ' cho ' || payer_key as memo from paid where channel = 'bank'
) each;
insert into entities (topic, key, version, site_id, day, entity)
select 'reconciliation.days.v1', site_id || '/' || account || '/' || day, 1, site_id, day, %(day)s::jsonb || jsonb_build_object(
  'site_id', site_id, 'account', account, 'date', day, 'fresh_until', (day + time '18:00') at time zone 'UTC')
from (
  select site.id as site_id, account, (date %(today)s - d) as day
  from (select 'S' || lpad(s::text, 3, '0') as id from generate_series(1, %(sites)s) s) site,
    unnest(array['ACC' || site.id, 'cash']) account, generate_series(0, 364) d
) each;
insert into metrics (key, version, metric, scope, site_type, fee_kind, span, as_of, numerator, denominator)
select metric || scope || kind || ends, 1, metric, scope, kind, 'all', 'month', ends, 30, 40
from unnest(array[
    'cashless_share_payers', 'cashless_share_count', 'cashless_share_value', 'site_coverage', 'automatic_share']) metric,
  unnest(array['all', 'school', 'health', 'office']) kind,
  (select 'site:S' || lpad(s::text, 3, '0') as scope from generate_series(1, %(sites)s) s union all select 'province:24'
   union all select 'commune:C' || c from generate_series(1, 8) c) scopes,
  (select (date_trunc('month', date %(today)s) - make_interval(months => n - 1) - interval '1 day')::date as ends
   from generate_series(0, 12) n) months;
insert into audit (at, person_id, role, act, site_id, subject, detail)
select now() - make_interval(secs => n * 60), 'p' || n %% 90, 'accountant', 'matched',
  'S' || lpad((1 + n %% %(sites)s)::text, 3, '0'), 'c1-' || n, '{}' from generate_series(1, 200000) n;
"""


@dataclass(frozen=True)
class Page:
    """A page as somebody opens it; `{n}` in its address is another number each time."""

    name: str
    login: str
    path: str
    is_list: bool = False


def pages() -> list[Page]:
    """What the people of a school, of an office and of a province open all day."""
    lan, many, round_name = "ke-toan", "nhieu-truong", "Th%C3%A1ng%2010"
    return [
        Page("Cần xử lý", lan, "/queue", is_list=True),
        Page("Cần xử lý, 5 trường", many, "/queue", is_list=True),
        Page("Cần xử lý, lớn nhất trước", many, "/queue?order=large", is_list=True),
        Page("Đã khớp", lan, "/matched?order=new", is_list=True),
        Page("Đã khớp, 5 trường", many, "/matched?order=new", is_list=True),
        Page("Nộp thừa", many, "/excess", is_list=True),
        Page("một khoản tiền", lan, "/payments/{paid}"),
        Page("chọn khoản thu", lan, "/payments/{review}/choose?q=an"),
        Page("tìm theo tên", lan, "/search?q=thao%20{n}"),
        Page("tìm theo tên, 5 trường", many, "/search?q=nguyen%20van"),
        Page("tìm theo số tiền", many, "/search?q=300.000"),
        Page("tìm không thấy, 5 trường", many, "/search?q=khong-co-ai-ten-nay"),
        Page("một người nộp", lan, f"/payers/{MINE}/HS{{n:04}}"),
        Page("Đối soát ngày", lan, "/days"),
        Page("Đối soát ngày, 5 trường", many, "/days"),
        Page("Cần xử lý, mọi trường", "kiem-toan", "/queue", is_list=True),
        Page("Đối soát ngày, mọi trường", "kiem-toan", "/days"),
        Page("Khoản thu: các đợt", lan, f"/fees?site={MINE}"),
        Page("Khoản thu: một đợt", lan, f"/fees/{MINE}/round?round={round_name}"),
        Page("Khoản thu: một lớp", lan, f"/fees/{MINE}/round?round={round_name}&group=3A"),
        Page("Lớp của tôi", "giao-vien", "/class"),
        Page("Báo cáo đã nộp, tháng", lan, f"/reports/paid?site={MINE}"),
        Page("Báo cáo phải thu", lan, f"/reports/collected?site={MINE}"),
        Page("Quầy thu: tìm", "thu-ngan", "/counter?q=lan%20{n}"),
        Page("Các đơn vị thu", "quan-tri", "/", is_list=True),
        Page("các khoản của một trường", "quan-tri", f"/sites/{MINE}/payments", is_list=True),
        Page("Báo cáo tháng", "tinh", "/month?by=site"),
        Page("Nơi cần đến", "to-truong", "/group"),
        Page("Nhật ký", "quan-tri", "/audit"),
        Page("Người dùng", "quan-tri", "/people"),
    ]


async def fill(database: Database, admin_dsn: str, sites: int, today: date) -> None:
    """A year of facts and the figures that the portal counts from them."""
    begun = time.perf_counter()
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    units = [Unit(
        version=1, unit_code=code, name=name, level=level, parent_code=parent, valid_from=SINCE, valid_to=None, succeeded_by=(),
        population=None, people_15_plus=None, households=None, group_members=None,
    ) for code, name, level, parent in [("24", "Tỉnh Bắc Ninh", "province", None), *(
        (f"C{number}", f"Xã số {number}", "commune", "24") for number in range(1, 9))]]  # fmt: skip
    schools = [Site(
        version=1, site_id=f"S{number:03}", name=f"Trường Tiểu học số {number}", type="school", ownership="public", sample=True,
        accounts=(SiteAccount(
            bank_bin="970436", account_number=f"ACCS{number:03}", account_name="X", valid_from=SINCE, valid_to=None),),
        units=(SiteUnit(unit_code=f"C{number % 8 + 1}", valid_from=SINCE, valid_to=None),), settings=SiteSettings(),
    ) for number in range(1, sites + 1)]  # fmt: skip
    credit = Credit(
        credit_id="x", version=1, site_id="x", account="x", channel="bank", direction="in", occurred_at=moment, received_at=moment,
        provider="sepay", counter_bank="BIDV", amount=1, suspense=1, suspense_parts=SuspenseParts(unidentified=1), status="unmatched",
        allocations=(),
        undone=(), intended_notice_id=None, reason="reference", evidence=("reference intact", "amount equal"), candidates=(),
        document_number=None, reverses=None, reversed_by=None, partition_origin="x",
    )  # fmt: skip
    transaction = BankTransaction(
        transaction_id="x", version=1, status="live", account="x", site_id="x", virtual_account=None, amount=1, direction="in",
        occurred_at=moment, received_at=moment, memo=None, counter_name=None, counter_account=None, counter_bank="BIDV",
        bank_reference="FT1", balance_after=None, provider="sepay", seen_by="webhook", sightings=(),
    )  # fmt: skip
    day = ReconciliationDay(
        version=1, site_id="x", account="x", date=today, state="balanced", opening=1_000_000, credits=900_000, debits=0,
        closing=1_900_000, allocated=900_000, suspense=0, cash=0, deposits=0, fresh_until=moment, bank_credits=900_000, bank_debits=0,
    )  # fmt: skip
    told: dict[str, Any] = {
        "sites": sites, "pupils": PUPILS_A_SITE, "today": _quoted(today.isoformat()), "names": len(NAMES),
        "credit": _quoted(_json(credit)),
        "parts": _quoted(_json(SuspenseParts())), "transaction": _quoted(_json(transaction)), "day": _quoted(_json(day)),
    }  # fmt: skip
    async with database.transaction() as connection:
        await keep_units(connection, units)
        await keep_sites(connection, schools)
        await connection.execute("create temporary table names (place bigint, written text, key text)")
        rows = [(place, name, search_key(name)) for place, name in enumerate(NAMES, start=1)]
        await connection.executemany("insert into names values ($1, $2, $3)", rows)
        await connection.execute(FILL % told, timeout=900)
        places = [tuple(row) for row in await connection.fetch("select distinct site_id, day from credits")]
        await count_days(connection, places)
        await count_installation(connection)
    # What autovacuum does within a minute; the portal's own role may not.
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute("vacuum analyze", timeout=600)
    await admin.close()
    counts = {}
    async with database.reading() as connection:
        for table in ("notices", "credits", "allocations", "transactions", "entities"):
            counts[table] = await connection.fetchval(f"select count(*) from {table}")
    said = ", ".join(f"{count:,} {table}" for table, count in counts.items())
    print(f"a year of {sites} schools in the read model: {said} ({time.perf_counter() - begun:.0f} s)")


async def add_people(database: Database, sites: int) -> None:
    """Somebody of each role that is measured."""
    several = [Grant("accountant", f"S{number:03}") for number in range(1, min(SEVERAL, sites) + 1)]
    wanted: dict[str, Sequence[Grant]] = {
        "ke-toan": [Grant("accountant", MINE)], "nhieu-truong": several, "giao-vien": [Grant("teacher", MINE, groups=("3A",))],
        "thu-ngan": [Grant("cashier", MINE)], "quan-tri": [Grant("admin")], "kiem-toan": [Grant("auditor")],
        "tinh": [Grant("viewer", unit_code="24")],
        "to-truong": [Grant("group_leader", unit_code="C1")],
    }  # fmt: skip
    async with database.transaction() as connection:
        for login, grants in wanted.items():
            await people.add(
                connection, f"mau-{login}", login, grants, made_by="bench", sample=True, person_id=f"mau-{login}"
            )


@asynccontextmanager
async def portal(dsn: str, sites: int) -> AsyncIterator[tuple[Database, Any]]:
    """The portal's app over a filled database."""
    migrations = Path(services.portal.__file__).parent / "migrations"
    await migrate_all(dsn, SECRET, {"portal": migrations}, {"portal": ROLE})
    bare = dsn.partition("://")[0] + "://" + dsn.rpartition("@")[2]
    settings = Settings(
        database_url=bare, kafka_bootstrap="unused", secret_key=SECRET, admin_token=SECRET, statement_timeout_ms=600_000,
        notices_url="http://127.0.0.1:9", reconciliation_url="http://127.0.0.1:9", matching_url="http://127.0.0.1:9",
    )  # fmt: skip

    async def ready() -> dict[str, bool]:
        return {}

    async with open_database(settings, "portal") as database, AsyncExitStack() as stack:
        await fill(database, dsn, sites, clock.local_day(clock.now()))
        await add_people(database, sites)
        parts = build(Runtime("portal", settings, database))
        for resource in parts.resources:
            await stack.enter_async_context(resource)
        app = create_app("portal", settings, parts.routers, readiness=ready, observe=database.observe)
        # As the service does when it has started.
        keep_what_is_made()
        yield database, parts.wrap(app)


async def cpu_s(database: Database) -> float:
    """What this process and PostgreSQL's have computed until now, in seconds: unlike the time, it is the same on a busy machine."""
    async with database.reading() as connection:
        rows = await connection.fetch("select pid from pg_stat_activity where usename = any($1::text[])", ["portal", ROLE])
    return time.process_time() + sum(_ticks(row["pid"]) for row in rows) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@dataclass
class Taken:
    """What opening a page took."""

    ms: list[float]
    cpu_ms: float
    body_bytes: int
    assets: dict[str, int]
    again_bytes: int
    status: int


async def open_page(client: httpx.AsyncClient, database: Database, page: Page, ids: Mapping[str, Sequence[str]]) -> Taken:
    """Open a page again and again, as a browser that knows Brotli does."""
    ms, body, status, tag, computed_s = [], 0, 0, "", 0.0
    for number in range(1, ASKED_EACH + 1):
        if number == WARMING + 1:
            computed_s = await cpu_s(database)
        review, paid = (ids[state][number % len(ids[state])] for state in ("review", "matched"))
        path = page.path.format(n=number * 4 % PUPILS_A_SITE + 1, review=review, paid=paid)
        begun = time.perf_counter()
        async with client.stream("GET", path, headers={"Accept-Encoding": "br"}) as answer:
            raw = b"".join([piece async for piece in answer.aiter_raw()])
        ms.append((time.perf_counter() - begun) * 1_000)
        body, status, tag = max(body, len(raw)), max(status, answer.status_code), answer.headers.get("etag", "")
    cpu_ms = (await cpu_s(database) - computed_s) * 1_000 / (ASKED_EACH - WARMING)
    text = (await client.get(path)).text
    assets = {}
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
        async with client.stream("GET", address, headers={"Accept-Encoding": "br"}) as answer:
            assets[address] = len(b"".join([piece async for piece in answer.aiter_raw()]))
    again = await client.get(path, headers={"If-None-Match": tag, "Accept-Encoding": "br"})
    return Taken(ms[WARMING:], cpu_ms, body, assets, 0 if again.status_code == 304 else body, status)


async def measure(dsn: str, sites: int, only: str) -> None:
    """All pages, and where one is over a goal."""
    async with portal(dsn, sites) as (database, app):
        async with database.reading() as connection:
            sql = "select credit_id from credits where site_id = $1 and state = $2 limit 20"
            ids = {state: [row[0] for row in await connection.fetch(sql, MINE, state)] for state in ("review", "matched")}
        print(
            f"\n{'page':34}{'p50 ms':>8}{'p95 ms':>8}{'cpu ms':>8}{'page':>9}{'with CSS':>10}{'first':>9}{'asked':>7}{'repeat':>9}"
        )
        for page in pages():
            if only not in page.name:
                continue
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://portal", timeout=120) as client:
                answer = await client.post("/sign-in/sample", data={"person": f"mau-{page.login}"})
                assert answer.status_code == 303, answer.text
                taken = await open_page(client, database, page, ids)
            p50, p95 = statistics.median(taken.ms), statistics.quantiles(taken.ms, n=20)[-1]
            css = sum(size for name, size in taken.assets.items() if name.endswith(".css"))
            first = taken.body_bytes + sum(taken.assets.values())
            # A repeat visit asks for the page alone: what it brings along is kept for ever. An unchanged one is answered 304.
            over = [
                name
                for name, is_over in (
                    ("p95", p95 > GOAL_MS), ("weight", page.is_list and taken.body_bytes + css > LIST_BYTES),
                    ("first", first > FIRST_BYTES), ("requests", len(taken.assets) + 1 > REQUESTS),
                    ("repeat", page.is_list and taken.body_bytes > REPEAT_BYTES), ("status", taken.status != 200),
                )
                if is_over
            ]  # fmt: skip
            weights = f"{taken.body_bytes:9,}{taken.body_bytes + css:10,}{first:9,}{len(taken.assets) + 1:7}"
            weights += f"{taken.body_bytes:7,}/{taken.again_bytes}"
            print(
                f"{page.name:34}{p50:8.1f}{p95:8.1f}{taken.cpu_ms:8.1f}{weights}{'  over: ' + ', '.join(over) if over else ''}"
            )
    print(
        f"goals: p95 < {GOAL_MS} ms; a list of 25 rows with its CSS ≤ {LIST_BYTES:,} bytes; first visit ≤ {FIRST_BYTES:,} in"
        f" ≤ {REQUESTS} requests; repeat ≤ {REPEAT_BYTES:,} (changed/unchanged). Bytes are of bodies, Brotli."
    )


def _json(event: Any) -> str:
    return json.dumps(event.model_dump(mode="json"), ensure_ascii=False)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def main() -> None:
    """Measure on a PostgreSQL of this run's own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=60)
    parser.add_argument("--only", default="", help="pages whose name contains this")
    options = parser.parse_args()
    configure_logs("bench", "error")
    folder = Path(tempfile.mkdtemp(prefix="khop-bench-"))
    try:
        postgres = EmbeddedPostgres(open_state(folder))
        with started(postgres):
            asyncio.run(measure(postgres.dsn, options.sites, options.only))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
