"""Topics race and nobody minds (DESIGN §3 rule 7): with no pause between the steps all ends as with pauses."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from random import Random
from typing import Any

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from deploy.demo.api import LIMITS, TIMEOUT, Installation
from deploy.demo.providers import sepay_signature
from services.ingest.model import transaction_id_of
from shared.clock import local_day, now
from shared.events import AdoptionMetric, BankTransaction, Credit, ReconciliationDay
from shared.reference import random_reference
from tests.simulation.conftest import Up

SECRET = "a secret of the bank"
PAUSE_S = 3.0
SETTLE_S = 30.0
SITES, PAYERS = 3, 12

UNITS = "unit_code,name,level,parent_code,valid_from\n"
SITE_HEADINGS = "site_id,name,type,unit_code,bank_bin,account_number,account_name\n"
NOTICE_HEADINGS = "notice_id,site_id,payer_code,payer_name,group,purpose,period,amount,issued_on,due_on,reference\n"


class District:
    """A small district under a prefix; two of them differ in their names only."""

    def __init__(self, prefix: str, seed: int) -> None:
        self.prefix = prefix
        rng = Random(seed)
        self.references = {(site, payer): random_reference(rng) for site in range(SITES) for payer in range(PAYERS)}

    def site(self, number: int) -> str:
        return f"{self.prefix}-S{number}"

    def account(self, number: int) -> str:
        return f"MAU{self.prefix}{number:06d}"

    def units(self) -> str:
        province, commune = f"{self.prefix}-P", f"{self.prefix}-C"
        return UNITS + f"{province},Tỉnh mẫu,province,,2020-01-01\n{commune},Xã mẫu,commune,{province},2020-01-01\n"

    def sites(self) -> str:
        return SITE_HEADINGS + "".join(
            f"{self.site(n)},Trường mẫu {n},school,{self.prefix}-C,999999,{self.account(n)},TRUONG MAU\n"
            for n in range(SITES)
        )

    def notices(self) -> str:
        return NOTICE_HEADINGS + "".join(
            f"{self.notice(site, payer)},{self.site(site)},HS{payer:03d},Nguyễn Văn An,4A,Tiền ăn,2026-11,"
            f"{self.amount(payer)},2026-11-01,2026-11-30,{reference}\n"
            for (site, payer), reference in self.references.items()
        )

    def notice(self, site: int, payer: int) -> str:
        return f"{self.prefix}-N{site}-{payer}"

    def amount(self, payer: int) -> int:
        return 100_000 + 1_000 * payer

    def webhooks(self) -> Iterator[tuple[int, int, bytes]]:
        """(site, provider's id, body): all that the payers pay."""
        for each in self.payers():
            yield from each

    def payers(self) -> Iterator[list[tuple[int, int, bytes]]]:
        """What each payer pays, in order: some in part, some too much, some twice, some without a reference."""
        for number, ((site, payer), reference) in enumerate(self.references.items()):
            amount = self.amount(payer) + {3: -50_000, 5: 20_000}.get(payer, 0)
            memo = "nop tien an cho con" if payer == 7 else f"{reference} nop tien an"
            numbers = [1_000 + 2 * number, 1_001 + 2 * number][: 2 if payer == 9 else 1]
            yield [(site, each, self.movement(site, each, amount, memo)) for each in numbers]

    def movement(self, site: int, number: int, amount: int, memo: str) -> bytes:
        # Days so young that none closes in between: what comes after a day closed belongs to the day on which it is found.
        day = local_day(now()) - timedelta(days=1 + number // 10 % 3)
        return json.dumps({
            "id": number, "gateway": "NganHangMau", "transactionDate": f"{day} 09:{number % 10:02d}:00",
            "accountNumber": self.account(site), "content": memo, "transferType": "in", "transferAmount": amount,
            "accumulated": 0, "referenceCode": f"FT{self.prefix}{number}", "description": memo,
        }).encode()  # fmt: skip


async def pay(installation: Installation, district: District, **headers: str) -> None:
    """Send the webhooks of all payers at once, as a bank does after a breakdown; those of one payer in order."""

    async def send(site: int, number: int, body: bytes) -> None:
        timestamp = int(time.time())
        answer = await installation.client.post(
            f"{installation.addresses['ingest']}/webhooks/sepay/{district.prefix}",
            content=body,
            headers={
                "Content-Type": "application/json", "X-SePay-Timestamp": str(timestamp),
                "X-SePay-Signature": sepay_signature(SECRET, timestamp, body), **headers,
            },
        )  # fmt: skip
        assert answer.status_code == 200, (number, answer.text)

    async def send_in_order(movements: list[tuple[int, int, bytes]]) -> None:
        for each in movements:
            await send(*each)

    await asyncio.gather(*(send_in_order(each) for each in district.payers()))


async def run(installation: Installation, district: District, pause_s: float, **headers: str) -> None:
    steps = [
        lambda: installation.import_file("directory", "units", district.units().encode()),
        lambda: installation.import_file("directory", "sites", district.sites().encode()),
        lambda: installation.import_file("notices", "notices", district.notices().encode()),
        lambda: installation.put_connection(
            district.prefix,
            {"provider": "sepay", "accounts": [district.account(n) for n in range(SITES)], "secret": SECRET},
        ),
        lambda: pay(installation, district, **headers),
    ]
    for step in steps:
        await step()
        await asyncio.sleep(pause_s)


@pytest.fixture(scope="module")
async def installation(stack: Up) -> AsyncIterator[Installation]:
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS) as client:
        yield Installation(stack.addresses, stack.admin_token, client)


async def outcome(stack: Up, installation: Installation, district: District) -> dict[str, Any]:
    """Everything that came of a district, without its prefix: decisions, payments shown, shares, days, figures."""
    ids = {
        transaction_id_of("sepay", district.account(site), str(number)): number for site, number, _ in district.webhooks()
    }
    connection = await asyncpg.connect(stack.addresses["database"])
    try:
        credits = await connection.fetch(
            """
            select c.credit_id, c.site_id, c.status, c.reason, c.amount, c.allocated, c.unidentified, c.balance,
              array(select a.notice_id || '=' || a.amount from matching.allocations a
                    where a.credit_id = c.credit_id and a.undone_by is null order by 1) as pays
            from matching.credits c where c.credit_id = any($1::text[])
            """,
            list(ids),
        )
        days = await connection.fetch(
            """
            select d.site_id, d.account, d.day, d.state, entity ->> 'credits' as credits, entity ->> 'allocated' as allocated,
              entity ->> 'suspense' as suspense
            from reconciliation.days d where d.site_id like $1 order by 1, 2, 3
            """,
            f"{district.prefix}-%",
        )
        figures = await connection.fetch(
            """
            select site_id, received_count, received_dong, matched_count, allocated_dong, review_count, suspense_dong
            from portal.site_figures where site_id like $1 order by 1
            """,
            f"{district.prefix}-%",
        )
    finally:
        await connection.close()
    shares = await installation.client.get(
        f"{installation.addresses['adoption']}/shares",
        params={"by": "commune", "from": f"{local_day(now()) - timedelta(days=5)}", "to": f"{local_day(now())}"},
        headers=installation.authorization,
    )
    paid = {
        notice["notice_id"]: notice["paid"]
        for site in range(SITES)
        for notice in await installation.open_notices(district.site(site))
    }
    found = {
        "credits": sorted([ids[row["credit_id"]], *list(row.values())[1:]] for row in credits),
        "paid": paid,
        "days": [list(row.values()) for row in days],
        "figures": [list(row.values()) for row in figures],
        "shares": [each for each in shares.json() if each["scope"] == f"{district.prefix}-C"],
    }
    return json.loads(json.dumps(found, default=str).replace(district.prefix, ""))


async def test_without_pauses_all_ends_as_with_pauses(stack: Up, installation: Installation) -> None:
    slowly, at_once = District("CHAM", 1), District("NHANH", 2)
    await run(installation, slowly, PAUSE_S)
    await run(installation, at_once, 0)

    deadline = time.monotonic() + SETTLE_S
    while (hasty := await outcome(stack, installation, at_once)) != (calm := await outcome(stack, installation, slowly)):
        assert time.monotonic() < deadline, {key: (calm[key], hasty[key]) for key in calm if calm[key] != hasty[key]}
        await asyncio.sleep(0.5)

    decided = len(calm["credits"])
    assert decided == SITES * (PAYERS + 1)  # one payer of each site pays twice
    assert sum(row[2] == "matched" for row in calm["credits"]) == decided - 2 * SITES
    assert sum(paid == 0 for paid in calm["paid"].values()) == SITES  # those whose memo said nothing
    assert calm["shares"][0]["all_count"] == decided - 2 * SITES


async def test_a_trace_goes_from_the_webhook_through_every_event(stack: Up, installation: Installation) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    awaited = {event.topic for event in (BankTransaction, Credit, ReconciliationDay, AdoptionMetric)}
    consumer = AIOKafkaConsumer(*awaited, bootstrap_servers=stack.addresses["kafka"], auto_offset_reset="latest")
    async with consumer:
        await consumer.seek_to_end()
        await run(installation, District("VET", 3), 0, traceparent=f"00-{trace_id}-00f067aa0ba902b7-01")
        async with asyncio.timeout(SETTLE_S):
            while awaited:
                record = await consumer.getone()
                traceparent = dict(record.headers).get("traceparent", b"").decode()
                if traceparent.split("-")[1:2] == [trace_id]:
                    awaited.discard(record.topic)
