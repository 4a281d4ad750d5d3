"""Sites, rows and payments for tests of the notices service, each in one line."""

from __future__ import annotations

from datetime import UTC, date, datetime

import httpx

from shared.events import Credit, Site
from shared.events.directory import SiteAccount, SiteSettings, SiteUnit
from shared.events.payments import Allocation, SuspenseParts

HEADER = (
    "notice_id,site_id,payer_code,payer_name,group,purpose,period,amount,issued_on,due_on,status,reference,fee_kind,round\n"
)
SCHOOL = "th-an-chau"
MOMENT = datetime(2026, 11, 5, 2, tzinfo=UTC)


def a_site(
    site_id: str = SCHOOL, version: int = 1, *, type_: str = "school", bank_bin: str = "999999", phone: str | None = None,
    memo_prefix: str = "",
) -> Site:  # fmt: skip
    account = SiteAccount(
        bank_bin=bank_bin, account_number="0011", memo_prefix=memo_prefix, account_name="TRUONG TH AN CHAU",
        valid_from=date(2020, 1, 1),
        valid_to=None,
    )  # fmt: skip
    return Site(
        version=version, site_id=site_id, name="Trường Tiểu học An Châu", type=type_, ownership="public",
        accounts=(account,), settings=SiteSettings(), sample=bank_bin == "999999", phone=phone,
        units=(SiteUnit(unit_code="07615", valid_from=date(2025, 7, 1), valid_to=None),),
    )  # fmt: skip


def a_line(
    notice_id: str, payer: str = "HS001", *, amount: str = "150000", period: str = "T11", site: str = SCHOOL,
    status: str = "", reference: str = "", fee_kind: str = "", round_: str = "",
) -> str:  # fmt: skip
    return (
        f'{notice_id},{site},{payer},Nguyễn Văn An,1A,Tiền ăn bán trú,{period},"{amount}",2026-11-01,30/11/2026,'
        f"{status},{reference},{fee_kind},{round_}\n"
    )


def a_credit(credit_id: str, notice_id: str, amount: int, version: int = 1, allocated: int | None = None) -> Credit:
    allocated = amount if allocated is None else allocated
    allocation = Allocation(
        allocation_id=f"{credit_id}-1", notice_id=notice_id, amount=allocated or 1, paid_through="unknown",
        decided_by="auto", decided_at=MOMENT,
    )  # fmt: skip
    return Credit(
        version=version, credit_id=credit_id, site_id=SCHOOL, account="0011", channel="bank", direction="in",
        occurred_at=MOMENT, received_at=MOMENT, provider="sepay", counter_bank=None, amount=amount,
        suspense=amount - allocated,
        suspense_parts=SuspenseParts(unidentified=amount - allocated), status="matched",
        allocations=(allocation,) if allocated else (), undone=(), intended_notice_id=None, reason="reference", evidence=(),
        candidates=(), document_number=None, reverses=None, reversed_by=None, partition_origin="0011",
    )  # fmt: skip


async def send(client: httpx.AsyncClient, text: str | bytes, kind: str = "notices", **options: str) -> httpx.Response:
    return await client.post(f"/imports/{kind}", content=text if isinstance(text, bytes) else text.encode(), params=options)


async def a_notice(client: httpx.AsyncClient, notice_id: str) -> dict[str, object]:
    answer = await client.get(f"/notices/{notice_id}")
    assert answer.status_code == 200
    return answer.json()
