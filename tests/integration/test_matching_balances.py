"""A payer's balance pays what the payer must pay next; an opening balance does so from the first day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.matching import acts
from shared import clock
from shared.events import Notice
from shared.events.directory import SiteSettings
from shared.events.payments import SuspenseParts
from tests.integration.matching_ledger import DAY, Ledger, Person, a_fee, a_payment, fresh_ledger, newer, paid
from tests.integration.payment_events import a_site


@pytest.fixture
async def ledger(postgres_dsn: str) -> AsyncIterator[Ledger]:
    async with fresh_ledger(postgres_dsn) as made:
        await made.take(a_site(), a_site("TH2"))
        yield made


@pytest.fixture
async def treasurer(ledger: Ledger) -> AsyncIterator[Person]:
    async with ledger.person("tq1", "treasurer") as person:
        yield person


async def receive_over(ledger: Ledger, notice: Notice, amount: int, key: str = "r1") -> str:
    """A cash receipt of more than the notice; returns its id."""
    async with ledger.person("tq1", "treasurer") as treasurer:
        answer = await treasurer.receive(notice.notice_id, amount, key, paid_through="family")
    return str(answer["credit_id"])


async def test_a_balance_pays_the_payers_next_notice_and_never_twice(ledger: Ledger) -> None:
    first = a_fee(10_000, payer_code="HS0001")
    await ledger.take(first)
    credit_id = await receive_over(ledger, first, 17_000)
    next_one, of_another = a_fee(12_000, payer_code="HS0001"), a_fee(12_000, payer_code="HS0002")
    await ledger.take(next_one, of_another)
    credit = await ledger.credit(credit_id)
    assert paid(credit) == {first.notice_id: 10_000, next_one.notice_id: 7_000}
    assert (credit.status, credit.reason, credit.suspense) == ("matched", "cash_receipt", 0)
    assert credit.evidence[-1] == "balance of the payer applied"
    assert (credit.allocations[1].decided_by, credit.allocations[1].paid_through) == ("auto", "family")

    ledger.restart()
    await ledger.take(next_one, newer(next_one, link_opened_at=datetime(2026, 11, 25, tzinfo=UTC)), newer(first))
    assert await ledger.credit(credit_id) == credit
    payment = a_payment(next_one.reference, 5_000)
    await ledger.take(payment)
    assert (await ledger.credit(payment)).evidence[-1] == "amount equal to the open sum"


async def test_the_oldest_balance_pays_the_oldest_due_of_what_must_be_paid(ledger: Ledger) -> None:
    fees = [a_fee(10_000, payer_code="HS0001") for _ in range(2)]
    await ledger.take(*fees)
    late = a_payment(fees[0].reference, 15_000)
    early = a_payment(fees[1].reference, 13_000, day=date(2026, 11, 20))
    await ledger.take(late, early)
    december = a_fee(4_000, payer_code="HS0001", due_on=date(2026, 12, 31))
    november = a_fee(2_000, payer_code="HS0001", due_on=date(2026, 11, 30))
    gift = a_fee(1_000, payer_code="HS0001", obligation="voluntary", due_on=date(2026, 11, 1))
    deposit = a_fee(1_000, payer_code="HS0001", obligation="deposit", due_on=date(2026, 11, 1))
    await ledger.take(gift, deposit)
    await ledger.take(december, november)
    assert paid(await ledger.credit(early)) == {
        fees[1].notice_id: 10_000, november.notice_id: 2_000, december.notice_id: 1_000,
    }  # fmt: skip
    assert paid(await ledger.credit(late)) == {fees[0].notice_id: 10_000, december.notice_id: 3_000}
    assert (await ledger.credit(late)).suspense_parts.balance == 2_000


async def test_what_was_paid_from_a_balance_goes_back_to_it(ledger: Ledger) -> None:
    first = a_fee(10_000, payer_code="HS0001")
    await ledger.take(first)
    credit_id = await receive_over(ledger, first, 17_000)
    before = await ledger.credit(credit_id)
    next_one = a_fee(6_000, payer_code="HS0001")
    await ledger.take(next_one)
    lowered = newer(next_one, amount=4_000)
    await ledger.take(lowered)
    credit = await ledger.credit(credit_id)
    assert paid(credit) == {first.notice_id: 10_000, next_one.notice_id: 4_000}
    assert credit.suspense_parts == SuspenseParts(balance=3_000)
    # Cancelled and issued anew: the new one gets what the old one had.
    anew = a_fee(5_000, payer_code="HS0001")
    await ledger.take(newer(lowered, status="cancelled", cancelled_on=DAY), anew)
    credit = await ledger.credit(credit_id)
    assert paid(credit) == {first.notice_id: 10_000, anew.notice_id: 5_000}
    await ledger.take(newer(anew, status="cancelled", cancelled_on=DAY))
    credit = await ledger.credit(credit_id)
    assert (paid(credit), credit.suspense_parts) == ({first.notice_id: 10_000}, SuspenseParts(balance=7_000))
    assert (credit.status, credit.reason, credit.evidence) == (before.status, before.reason, before.evidence)


async def test_a_persons_balance_is_used_and_the_persons_decision_stands(ledger: Ledger) -> None:
    first, payment = a_fee(10_000, payer_code="HS0001"), a_payment("khong ro", 17_000)
    await ledger.take(first, payment)
    async with ledger.person() as accountant:
        await accountant.allocate(await ledger.credit(payment), {first.notice_id: 10_000})
    by_hand = await ledger.credit(payment)
    next_one = a_fee(12_000, payer_code="HS0001")
    await ledger.take(next_one)
    credit = await ledger.credit(payment)
    assert (credit.allocations[0], credit.reason) == (by_hand.allocations[0], "by_hand")
    assert paid(credit) == {first.notice_id: 10_000, next_one.notice_id: 7_000}
    assert credit.evidence == ("decided by a person", "balance of the payer applied")
    await ledger.take(
        newer(next_one, status="cancelled", cancelled_on=DAY), newer(first, status="cancelled", cancelled_on=DAY)
    )
    credit = await ledger.credit(payment)
    assert (credit.allocations, credit.suspense_parts) == (by_hand.allocations, by_hand.suspense_parts)


async def test_a_balance_is_left_alone_where_it_is_not_the_payers_to_use(ledger: Ledger) -> None:
    await ledger.take(a_site("TH3", settings=SiteSettings(use_balances=False)))
    returned, mine, other = (a_fee(10_000, payer_code=code) for code in ("HS0001", "HS0002", "HS0003"))
    elsewhere = a_fee(10_000, payer_code="HS0001", site_id="TH3")
    await ledger.take(returned, mine, other, elsewhere)
    refund_due, of_two = a_payment("khong ro", 17_000), a_payment("khong ro", 30_000)
    at_th3 = a_payment(elsewhere.reference, 17_000, site_id="TH3", account="0711000999")
    await ledger.take(refund_due, of_two, at_th3)
    async with ledger.person() as accountant:
        parts = {"balance": 2_000, "to_return": 5_000}
        await accountant.allocate(await ledger.credit(refund_due), {returned.notice_id: 10_000}, suspense=parts)
        await accountant.allocate(await ledger.credit(of_two), {mine.notice_id: 10_000, other.notice_id: 10_000})
    payments = [each.transaction_id for each in (refund_due, of_two, at_th3)]
    before = await ledger.credits(payments)
    assert [each.suspense_parts.balance for each in before] == [2_000, 10_000, 7_000]
    await ledger.take(*(a_fee(12_000, payer_code=code) for code in ("HS0001", "HS0002", "HS0003")))
    await ledger.take(a_fee(12_000, payer_code="HS0001", site_id="TH3"))
    assert await ledger.credits(payments) == before


async def test_a_balance_follows_its_notice_to_the_right_payer(ledger: Ledger) -> None:
    fee = a_fee(10_000, payer_code="HS0001")
    payment = a_payment(fee.reference, 17_000)
    await ledger.take(fee, payment)
    await ledger.take(newer(fee, payer_code="HS0002"))
    wrong, right = a_fee(12_000, payer_code="HS0001"), a_fee(12_000, payer_code="HS0002")
    await ledger.take(wrong, right)
    assert paid(await ledger.credit(payment)) == {fee.notice_id: 10_000, right.notice_id: 7_000}


async def test_a_payment_that_waited_for_a_notice_goes_before_the_balance(ledger: Ledger) -> None:
    fee, next_one = a_fee(10_000, payer_code="HS0001"), a_fee(12_000, payer_code="HS0001")
    over, early = a_payment(fee.reference, 17_000), a_payment(next_one.reference, 12_000)
    await ledger.take(fee, over, early)
    await ledger.take(next_one)
    assert paid(await ledger.credit(early)) == {next_one.notice_id: 12_000}
    assert (await ledger.credit(over)).suspense_parts.balance == 7_000


async def an_opening(person: Person, amount: int, key: str = "o1", status: int = 200, **more: object) -> Any:
    body = {
        "site_id": "TH1", "payer_code": "HS0001", "amount": amount, "received_at": "2026-09-01T00:00:00+07:00",
        "channel": "opening", **more,
    }  # fmt: skip
    return await person.send("POST", "/cash-receipts", {k: v for k, v in body.items() if v is not None}, status, key=key)


async def test_an_opening_balance_pays_what_is_owed_and_what_comes(ledger: Ledger, treasurer: Person) -> None:
    owed, of_another = a_fee(4_000, payer_code="HS0001"), a_fee(4_000, payer_code="HS0002")
    await ledger.take(owed, of_another)
    answer = await an_opening(treasurer, 10_000, document_number="SD-01")
    assert (answer["channel"], answer["status"], answer["reason"]) == ("opening", "matched", "opening_balance")
    assert await an_opening(treasurer, 10_000, document_number="SD-01") == answer
    assert "HS0001" not in str(answer)
    [told] = await ledger.sent()
    assert (paid(told), told.suspense_parts) == ({owed.notice_id: 4_000}, SuspenseParts(balance=6_000))
    next_one = a_fee(5_000, payer_code="HS0001")
    await ledger.take(next_one)
    credit = await ledger.credit(told.credit_id)
    assert paid(credit) == {owed.notice_id: 4_000, next_one.notice_id: 5_000}
    await ledger.take(*(newer(each, status="cancelled", cancelled_on=DAY) for each in (owed, next_one)))
    anew = a_fee(20_000, payer_code="HS0001")
    await ledger.take(anew)
    assert paid(await ledger.credit(told.credit_id)) == {anew.notice_id: 10_000}


async def test_an_opening_balance_waits_for_a_payer_who_owes_nothing_yet(ledger: Ledger, treasurer: Person) -> None:
    credit_id = (await an_opening(treasurer, 10_000))["credit_id"]
    assert (await ledger.credit(credit_id)).suspense_parts == SuspenseParts(balance=10_000)
    assert await treasurer.get("/balances?site=TH1&payer=HS0001") == {"balance": 10_000, "to_return": 0}
    await treasurer.get("/balances?site=TH2&payer=HS0001", 403)
    other_site, fee = a_fee(5_000, payer_code="HS0001", site_id="TH2"), a_fee(5_000, payer_code="HS0001")
    await ledger.take(other_site, fee)
    assert paid(await ledger.credit(credit_id)) == {fee.notice_id: 5_000}
    assert await treasurer.get("/balances?site=TH1&payer=HS0001") == {"balance": 5_000, "to_return": 0}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"payer_code": None}, "payer_code: "),
        ({"payer_code": "012345678901"}, "payer_code: "),
        ({"notice_id": "n1"}, "notice_id: "),
        ({"paid_through": "family"}, "paid_through: "),
        ({"channel": "cash", "notice_id": "n1"}, "payer_code: "),
        ({"channel": "cash", "payer_code": None}, "notice_id: "),
        ({"amount": -1}, "body.amount: "),
        ({"channel": "bank"}, "body.channel: "),
    ],
)
async def test_what_is_no_opening_balance_is_refused_by_its_place(
    ledger: Ledger, treasurer: Person, change: dict[str, Any], place: str
) -> None:
    problem = await an_opening(treasurer, **({"amount": 10_000} | change), status=400)
    assert problem["detail"].startswith(place)
    assert "012345678901" not in str(problem)
    assert await ledger.rows("select * from credits") == []


async def test_only_who_takes_money_opens_a_balance(ledger: Ledger) -> None:
    for role in ("accountant", "teacher", "auditor"):
        async with ledger.person("kt1", role) as person:
            await an_opening(person, 10_000, status=403)
    async with ledger.person("tq2", "treasurer", "TH2") as stranger:
        await an_opening(stranger, 10_000, status=403)


async def test_an_opening_balance_is_forgotten_with_its_payer_and_stays_the_same_receipt(
    ledger: Ledger, treasurer: Person
) -> None:
    fee = a_fee(4_000, payer_code="HS0001")
    await ledger.take(fee)
    credit_id = (await an_opening(treasurer, 10_000))["credit_id"]
    before = await ledger.credit(credit_id)
    await ledger.take(newer(fee, payer_code=None, payer_name=None, guardian_name=None, guardian_phone=None))
    assert [tuple(row) for row in await ledger.rows("select payer_code from credits")] == [(None,)]
    async with ledger.database.transaction() as connection:
        await acts.forget_keys(connection, clock.now() + 2 * acts.KEYS_KEPT_FOR)
    assert (await an_opening(treasurer, 10_000))["version"] == before.version
    await an_opening(treasurer, 9_000, status=422)
    await ledger.take(a_fee(5_000, payer_code="HS0001"))
    assert await ledger.credit(credit_id) == before


async def test_a_balance_moved_to_another_site_is_no_payers_there(ledger: Ledger, treasurer: Person) -> None:
    credit_id = (await an_opening(treasurer, 10_000))["credit_id"]
    async with ledger.person("kt1", "accountant", "TH1", "TH2") as accountant:
        body = {"site_id": "TH2", "reason": "nhầm trường"}
        await accountant.send("PUT", f"/credits/{credit_id}/site", body, version=1)
    await ledger.take(a_fee(5_000, payer_code="HS0001", site_id="TH2"))
    credit = await ledger.credit(credit_id)
    assert (credit.status, paid(credit), credit.suspense_parts) == ("unmatched", {}, SuspenseParts(unidentified=10_000))
