"""Every page of every role, for what must hold on all of them: accessibility, width, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from shared.vietnamese import search_key
from tests.e2e.district import CLINIC, OFFICE, SCHOOL, District
from tests.integration.support import eventually


@dataclass(frozen=True)
class Look:
    """A page as somebody sees it."""

    name: str
    login: str
    """Empty: nobody is signed in."""
    path: str


async def fill(district: District) -> None:
    """Let something wait, something be matched, something be paid without a fee, and somebody stand at the counter."""
    notices = await district.notices(SCHOOL)
    bills: dict[str, list[dict[str, Any]]] = {}
    for notice in notices:
        bills.setdefault(notice["bill_id"], []).append(notice)
    whole = [(lines[0]["reference"], sum(line["amount"] for line in lines)) for lines in bills.values()]
    await district.pay(SCHOOL, 50_000, f"CUSTOMER {whole[0][0]} nop tien. TU: LE THI <HOA>", "LE THI HOA")
    await district.pay(SCHOOL, 1_000, "chuyen tien an cho con", "VI VAN LANG")
    await district.pay(SCHOOL, whole[3][1], "nop tien hoc thang 11", "NONG VAN HAI")
    for reference, amount in whole[1:3]:
        await district.pay(SCHOOL, amount, reference)
    clinic = (await district.notices(CLINIC))[0]

    async def there() -> bool | None:
        found = await looks(district)
        return all("//" not in look.path and not look.path.endswith("/payments/") for look in found) or None

    await eventually(there, within_s=40)
    async with new_client(district) as client:
        await client.post("/sign-in/sample", data={"person": "mau-thu-ngan"})
        page = (await client.get(f"/counter?site={CLINIC}")).text
        token = page.split('name="form" value="')[1].split('"')[0]
        fields = {"form": token, "site": CLINIC, "counter": "1", "reference": clinic["reference"]}
        await client.post("/counter/show", data=fields)


async def looks(district: District) -> Sequence[Look]:
    """The pages, with places of the running district in their addresses."""
    queue = await first_id(district, "mau-ke-toan", "/queue", 'tr id="')
    matched = await first_id(district, "mau-ke-toan", "/matched", 'tr id="')
    payer = (await district.notices(SCHOOL))[0]
    own = next(each for each in await district.notices(SCHOOL) if each["group"] == "3B" and not each["paid"])
    today = await first_id(district, "mau-ke-toan", "/days", 'href="/days/', skip=("?",))
    lan = "mau-ke-toan"
    return [
        Look("sign-in", "", "/sign-in"),
        Look("verify", "", "/verify"),
        Look("queue", lan, "/queue"),
        Look("matched", lan, "/matched"),
        Look("excess", lan, "/excess"),
        Look("confirm", lan, "/queue/confirm"),
        Look("payment", lan, f"/payments/{queue}"),
        Look("payment-matched", lan, f"/payments/{matched}"),
        Look("choose", lan, f"/payments/{queue}/choose?q=van"),
        Look("search", lan, f"/search?q={search_key(payer['payer_name'].split()[-1])}"),
        Look("payer", lan, f"/payers/{SCHOOL}/{payer['payer_code']}"),
        Look("fee-change", lan, f"/fee-changes?notice={payer['notice_id']}"),
        Look("days", lan, "/days"),
        *([Look("day", lan, f"/days/{today}")] if today else []),
        Look("closes", lan, "/closes"),
        Look("statement", lan, "/statements/upload"),
        Look("fees", lan, f"/fees?site={SCHOOL}"),
        Look("round", lan, f"/fees/{SCHOOL}/round?round=Th%C3%A1ng%2011%2F2026"),
        Look("class", lan, f"/fees/{SCHOOL}/round?round=Th%C3%A1ng%2011%2F2026&group={payer['group']}"),
        Look("reports", lan, "/reports"),
        Look("report-paid", lan, f"/reports/paid?site={SCHOOL}"),
        Look("report-day-book", lan, f"/reports/day_book?site={SCHOOL}"),
        Look("documents", lan, "/imports/documents"),
        Look("receipt", lan, f"/receipts/{matched}"),
        Look("me", lan, "/me"),
        Look("own-class", "mau-giao-vien", "/class"),
        Look("counter", "mau-thu-ngan", f"/counter?site={CLINIC}"),
        Look("counter-found", "mau-thu-ngan", f"/counter?site={CLINIC}&q=BN"),
        Look("without-documents", "mau-thu-ngan", f"/counter/documents?site={CLINIC}"),
        Look("treatments", "mau-thu-ngan", "/treatments?q=BN61000"),
        Look("display", "mau-thu-ngan", f"/display?site={CLINIC}"),
        Look("counter-office", "mau-mot-cua", f"/counter?site={OFFICE}&q=HSO"),
        Look("portal-report", "mau-mot-cua", "/imports/portal-report"),
        Look("month", "mau-xa", "/month"),
        Look("month-province", "mau-tinh", "/month?by=site"),
        Look("group", "mau-to-truong", "/group"),
        Look("sheet", "mau-to-truong", "/group/sheet"),
        Look("overview", "mau-quan-tri", "/"),
        Look("payments", "mau-kiem-toan", f"/sites/{SCHOOL}/payments"),
        Look("people", "mau-quan-tri", "/people"),
        Look("person", "mau-quan-tri", "/people/mau-ke-toan"),
        Look("person-new", "mau-quan-tri", "/people/new"),
        Look("shifts", "mau-thu-quy-y-te", "/shifts"),
        Look("refunds", lan, "/refunds"),
        Look("money-out", lan, "/money-out"),
        Look("approvals", "mau-hieu-truong", "/approvals"),
        Look("issue", lan, f"/issue?site={SCHOOL}"),
        Look("reminder", "mau-giao-vien", f"/reminders/{own['reference']}"),
        Look("audit", "mau-kiem-toan", "/audit"),
        Look("requests", "mau-quan-tri", "/requests"),
        Look("broken", lan, "/payments/nothing"),
    ]


async def first_id(district: District, login: str, path: str, before: str, skip: Sequence[str] = ()) -> str:
    """What follows the first `before` on a page, up to the next quotation mark; empty where there is none."""
    async with new_client(district) as client:
        await client.post("/sign-in/sample", data={"person": login})
        pieces = (await client.get(path)).text.split(before)[1:]
    found = [piece.split('"')[0] for piece in pieces]
    return next((each for each in found if each and not any(mark in each for mark in skip)), "")


def new_client(district: District) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=district.portal, timeout=20)
