"""The public-service portal's report: what was paid there pays its dossier once, and waits for a dossier that has no notice yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.events.payments import SuspenseParts
from tests.integration.matching_ledger import Ledger, Person, a_fee, fresh_ledger, newer, paid
from tests.integration.payment_events import a_site

HEADINGS = "STT;Mã hồ sơ;Số tiền;Thời gian thanh toán;Mã giao dịch"
DOSSIER = "H02.31-251120-0007"


@pytest.fixture
async def ledger(postgres_dsn: str) -> AsyncIterator[Ledger]:
    async with fresh_ledger(postgres_dsn) as made:
        await made.take(a_site(), a_site("TH2"))
        yield made


@pytest.fixture
async def officer(ledger: Ledger) -> AsyncIterator[Person]:
    async with ledger.person("cb1", "officer") as person:
        yield person


async def report(person: Person, *rows: str, status: int = 200, query: str = "site=TH1") -> Any:
    content = "\n".join(["BÁO CÁO THU PHÍ, LỆ PHÍ", HEADINGS, *(f"{place};{row}" for place, row in enumerate(rows, 1))])
    answer = await person.http.post(f"/imports/portal-report?{query}", content=content.encode())
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_report_pays_its_dossiers_however_their_codes_are_written_and_once(ledger: Ledger, officer: Person) -> None:
    fee, other = a_fee(50_000, payer_code=DOSSIER), a_fee(50_000, payer_code="H02.31-251120-0008")
    await ledger.take(fee, other)
    row = "H02312511200007;50.000;24/11/2026 09:15:02;DVC-001"
    assert await report(officer, row) == {"accepted": 1, "unchanged": 0, "rejected": []}
    [told] = await ledger.sent()
    assert (told.channel, told.status, told.reason, told.document_number) == (
        "portal",
        "matched",
        "portal_report",
        "DVC-001",
    )
    assert (paid(told), told.occurred_at.isoformat()) == ({fee.notice_id: 50_000}, "2026-11-23T17:00:00+00:00")
    assert await report(officer, row) == {"accepted": 0, "unchanged": 1, "rejected": []}
    assert await report(officer, row, "H02.31-251120-0008;50.000;24/11/2026;DVC-002") == {
        "accepted": 1, "unchanged": 1, "rejected": [],
    }  # fmt: skip
    looked_at = await report(officer, "H02.31-251120-0009;1.000;24/11/2026;DVC-003", query="site=TH1&check=true")
    assert (looked_at["accepted"], len(await ledger.rows("select * from credits"))) == (1, 2)


async def test_short_codes_that_differ_in_their_dashes_alone_are_two(ledger: Ledger, officer: Person) -> None:
    fee, other = a_fee(50_000, payer_code="11-2"), a_fee(50_000, payer_code="1-12")
    await ledger.take(fee, other)
    await report(officer, "1-12;50.000;24/11/2026;DVC-011", "1-1-2;50.000;24/11/2026;DVC-012")
    told = {credit.document_number: credit for credit in await ledger.sent()}
    assert (paid(told["DVC-011"]), paid(told["DVC-012"])) == ({other.notice_id: 50_000}, {})


async def test_all_of_a_report_is_taken_or_none_of_it(ledger: Ledger, officer: Person) -> None:
    fee = a_fee(50_000, payer_code=DOSSIER)
    await ledger.take(fee)
    good = f"{DOSSIER};50.000;24/11/2026;DVC-001"
    for wrong, column in (
        (f"{DOSSIER};năm mươi;24/11/2026;DVC-002", "amount"),
        (f"{DOSSIER};50.000;24/11/2099;DVC-002", "day"),
        (f"{DOSSIER};50.000;;DVC-002", "day"),
        ("012345678901;50.000;24/11/2026;DVC-002", "dossier"),
        (f"{DOSSIER};50.000;24/11/2026;", "number"),
        (f"{DOSSIER};50.000;24/11/2026;DVC-001", "number"),
    ):
        problem = await report(officer, good, wrong, status=422)
        assert [(each["row"], each["column"]) for each in problem["rejected"]] == [(4, column)], wrong
        assert "012345678901" not in str(problem)
    assert await ledger.rows("select * from credits") == []
    await report(officer, good)
    changed = await report(officer, f"{DOSSIER};60.000;24/11/2026;DVC-001", status=422)
    assert changed["rejected"][0]["column"] == "number"


async def test_a_number_under_another_dossier_is_refused_until_a_person_has_moved_its_money(
    ledger: Ledger, officer: Person
) -> None:
    fee, other = a_fee(50_000, payer_code=DOSSIER), a_fee(50_000, payer_code="H02.31-251120-0008")
    await ledger.take(fee, other)
    await report(officer, "H02312511200007;50.000;24/11/2026;DVC-001", "H02312511200009;9.000;24/11/2026;DVC-002")
    right = ("H02312511200008;50.000;24/11/2026;DVC-001", "H02312511200009;9.000;24/11/2026;DVC-002")
    problem = await report(officer, *right, status=422)
    assert [(each["row"], each["column"]) for each in problem["rejected"]] == [(3, "dossier")]
    told = next(credit for credit in await ledger.sent() if credit.document_number == "DVC-001")
    async with ledger.person() as accountant:
        await accountant.undo(told)
        await accountant.allocate(await ledger.credit(told.credit_id), {other.notice_id: 50_000})
    assert await report(officer, *right) == {"accepted": 0, "unchanged": 2, "rejected": []}
    waiting = await report(officer, "H02312511200010;9.000;24/11/2026;DVC-002", status=422)
    assert [(each["row"], each["column"]) for each in waiting["rejected"]] == [(3, "dossier")]


async def test_a_dossier_with_several_fees_and_one_that_is_paid_already(ledger: Ledger, officer: Person) -> None:
    fee, charge = a_fee(50_000, payer_code=DOSSIER), a_fee(20_000, payer_code=DOSSIER)
    await ledger.take(fee, charge)
    await report(
        officer, f"{DOSSIER};20.000;24/11/2026;A-1", f"{DOSSIER};50.000;24/11/2026;A-2", f"{DOSSIER};50.000;24/11/2026;A-3"
    )
    told = {each.document_number: each for each in await ledger.sent()}
    assert [paid(told[number]) for number in ("A-1", "A-2", "A-3")] == [
        {charge.notice_id: 20_000}, {fee.notice_id: 50_000}, {},
    ]  # fmt: skip
    assert (told["A-3"].status, told["A-3"].reason) == ("suggested", "duplicate")
    both = [a_fee(amount, payer_code="H02.31-251120-0009") for amount in (50_000, 20_000)]
    await ledger.take(*both)
    await report(officer, "H02312511200009;71.000;24/11/2026;A-4")
    [one] = await ledger.sent()
    assert sorted(paid(one).values()) == [20_000, 50_000]
    assert one.suspense_parts == SuspenseParts(balance=1_000)


async def test_what_was_paid_for_a_dossier_without_a_notice_pays_it_when_it_is_issued(
    ledger: Ledger, officer: Person
) -> None:
    await report(officer, "H02312511200007;50.000;24/11/2026;DVC-001")
    [told] = await ledger.sent()
    assert (told.status, told.suspense_parts) == ("matched", SuspenseParts(balance=50_000))
    assert "H0231" not in told.model_dump_json()
    for typed in (DOSSIER, "h02 31-251120 0007"):
        [found] = await officer.get(f"/portal-payments?site=TH1&dossier={typed}")
        assert (found["payer_code"], found["amount"], found["balance"]) == ("H02312511200007", 50_000, 50_000)
    assert await officer.get("/portal-payments?site=TH1&dossier=H02.31-251120-0008") == []
    await officer.get("/portal-payments?site=TH2&dossier=x", 403)
    fee = a_fee(50_000, payer_code=DOSSIER)
    await ledger.take(a_fee(50_000, payer_code="H02.31-251120-0008"), a_fee(50_000, payer_code=DOSSIER, site_id="TH2"), fee)
    assert paid(await ledger.credit(told.credit_id)) == {fee.notice_id: 50_000}
    await ledger.take(newer(fee, payer_code=None, payer_name=None, guardian_name=None, guardian_phone=None))
    assert [tuple(row) for row in await ledger.rows("select payer_code from credits")] == [(None,)]
    assert await report(officer, "H02312511200007;50.000;24/11/2026;DVC-001") == {
        "accepted": 0, "unchanged": 1, "rejected": [],
    }  # fmt: skip


async def test_what_is_left_of_a_payment_stands_for_its_dossier_however_the_code_is_written(
    ledger: Ledger, officer: Person
) -> None:
    await report(officer, "H02312511200007;50.000;24/11/2026;DVC-001", "...;7.000;24/11/2026;DVC-002")
    await ledger.take(a_fee(40_000, payer_code=DOSSIER))
    for code, balance in (
        (DOSSIER, 10_000),
        ("H02312511200007", 10_000),
        ("H02.31-251120-0008", 0),
        ("...", 7_000),
        ("-", 0),
    ):
        assert await officer.get(f"/balances?site=TH1&payer={code}") == {"balance": balance, "to_return": 0}, code


async def test_a_payment_whose_dossier_is_issued_under_two_spellings_at_once_pays_both(
    ledger: Ledger, officer: Person
) -> None:
    await report(officer, "H02312511200007;100.000;24/11/2026;DVC-001")
    [told] = await ledger.sent()
    fees = [a_fee(40_000, payer_code=code) for code in (DOSSIER, "H0231-251120-0007", "H02.31.251120.0007")]
    await ledger.take(*fees)
    credit = await ledger.credit(told.credit_id)
    assert sorted(paid(credit).values()) == [20_000, 40_000, 40_000]
    assert credit.suspense == 0


async def test_who_works_at_the_site_hands_the_report_in(ledger: Ledger) -> None:
    row = f"{DOSSIER};50.000;24/11/2026;DVC-001"
    for role, status in (("accountant", 200), ("cashier", 200), ("teacher", 403), ("auditor", 403), ("head", 403)):
        async with ledger.person("x1", role) as person:
            await report(person, row, status=status)
    async with ledger.person("x2", "officer", "TH2") as stranger:
        await report(stranger, row, status=403)
