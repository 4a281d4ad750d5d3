"""What people do with payments: each act once, on what they saw, within their role and sites, and never undone by the automaton."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.matching import acts
from shared import clock
from shared.events.payments import SuspenseParts
from tests.integration.matching_ledger import Ledger, Person, a_fee, a_payment, fresh_ledger, newer, paid
from tests.integration.payment_events import a_site


@pytest.fixture
async def ledger(postgres_dsn: str) -> AsyncIterator[Ledger]:
    async with fresh_ledger(postgres_dsn) as made:
        await made.take(a_site(), a_site("TH2"))
        yield made


@pytest.fixture
async def accountant(ledger: Ledger) -> AsyncIterator[Person]:
    async with ledger.person() as person:
        yield person


@pytest.fixture
async def cashier(ledger: Ledger) -> AsyncIterator[Person]:
    async with ledger.person("tq1", "treasurer") as person:
        yield person


@pytest.fixture
async def admin(ledger: Ledger) -> AsyncIterator[Person]:
    async with ledger.person("admin", "admin", None) as person:
        yield person


async def test_a_payment_is_split_over_several_notices_once_for_its_key(ledger: Ledger, accountant: Person) -> None:
    one, other, payment = a_fee(100_000), a_fee(40_000), a_payment("khong ro")
    await ledger.take(one, other, payment)
    credit = await ledger.credit(payment)
    shares = {one.notice_id: 100_000, other.notice_id: 40_000}
    answer = await accountant.allocate(credit, shares, key="k1")
    assert await accountant.allocate(credit, shares, key="k1") == answer
    await accountant.allocate(credit, {one.notice_id: 1}, 422, key="k1")
    now = await ledger.credit(payment)
    assert (paid(now), now.suspense_parts, now.reason) == (shares, SuspenseParts(balance=10_000), "by_hand")
    assert now.model_dump(mode="json") == answer


async def test_two_who_click_at_once_match_once(ledger: Ledger, accountant: Person) -> None:
    fee, payment = a_fee(), a_payment("khong ro")
    await ledger.take(fee, payment)
    credit = await ledger.credit(payment)
    path, body = (
        f"/credits/{credit.credit_id}/allocations",
        {"allocations": [{"notice_id": fee.notice_id, "amount": 75_000}]},
    )
    answers = await asyncio.gather(*(
        accountant.http.post(path, json=body, headers={"If-Match": "1", "Idempotency-Key": f"k{number}"}) for number in range(8)
    ))  # fmt: skip
    assert sorted(each.status_code for each in answers) == [200] + [412] * 7
    assert paid(await ledger.credit(payment)) == {fee.notice_id: 75_000}


async def test_a_stale_act_is_told_how_it_is_now(ledger: Ledger, accountant: Person) -> None:
    fee, payment = a_fee(), a_payment("khong ro")
    await ledger.take(fee, payment)
    seen = await ledger.credit(payment)
    await accountant.allocate(seen, {fee.notice_id: 150_000})
    problem = await accountant.allocate(seen, {fee.notice_id: 1}, 412)
    assert problem["detail"].startswith("đã được kt1 khớp lúc")
    assert problem["current"] == (await ledger.credit(payment)).model_dump(mode="json")
    await accountant.allocate(await ledger.credit(payment), {}, 412, version=99)


async def test_the_number_of_a_document_makes_nobodys_view_stale(
    ledger: Ledger, accountant: Person, cashier: Person
) -> None:
    fee = a_fee()
    await ledger.take(fee)
    seen = await cashier.receive(fee.notice_id, 100_000, "r1")
    path = f"/credits/{seen['credit_id']}/document-number"
    numbered = await cashier.send("PUT", path, {"document_number": "PT-1"}, version=seen["version"])
    assert await cashier.send("PUT", path, {"document_number": "PT-1"}, version=seen["version"]) == numbered
    await cashier.send("PUT", path, {"document_number": "PT-2"}, 412, version=seen["version"])
    credit = await ledger.credit(seen["credit_id"])
    assert (credit.document_number, credit.version) == ("PT-1", 2)
    undone = await accountant.send("DELETE", f"/allocations/{credit.allocations[0].allocation_id}?reason=nhầm", version=1)
    assert (undone["document_number"], undone["allocations"]) == ("PT-1", [])


async def test_undoing_twice_is_undoing_once(ledger: Ledger, accountant: Person) -> None:
    fee = a_fee()
    payment = a_payment(fee.reference)
    await ledger.take(fee, payment)
    matched = await ledger.credit(payment)
    answer = await accountant.undo(matched, "nhầm học sinh")
    assert await accountant.undo(matched, "nhầm học sinh") == answer
    await accountant.undo(matched, "khác", 412)
    credit = await ledger.credit(payment)
    assert (credit.version, credit.evidence, [each.reason for each in credit.undone]) == (
        2, ("decided by a person",), ["nhầm học sinh"],
    )  # fmt: skip
    # The automaton keeps away, whatever arrives.
    await ledger.take(newer(fee), newer(payment), a_fee(reference=fee.reference))
    assert await ledger.credit(payment) == credit


async def test_money_that_is_no_fee_is_set_aside(ledger: Ledger, accountant: Person) -> None:
    payments = [a_payment("khong ro") for _ in range(3)]
    await ledger.take(*payments)
    deposit, interest, refund = await ledger.credits([each.transaction_id for each in payments])
    await accountant.allocate(deposit, {}, suspense={"not_a_fee": 150_000}, reason="cash_deposit")
    await accountant.allocate(interest, {}, suspense={"not_a_fee": 150_000}, reason="not_income")
    await accountant.allocate(refund, {}, suspense={"to_return": 150_000})
    await accountant.allocate(refund, {}, 412, suspense={"returned": 150_000})
    stood = [(each.status, each.reason) for each in await ledger.credits([each.transaction_id for each in payments])]
    assert stood == [("ignored", "cash_deposit"), ("ignored", "not_income"), ("matched", "by_hand")]
    assert (await accountant.get("/review?site=TH1"))["credits"] == []


async def test_what_is_set_aside_or_returned_is_not_allocated_unseen(
    ledger: Ledger, accountant: Person, admin: Person
) -> None:
    fee, payment = a_fee(), a_payment("khong ro")
    await ledger.take(fee, payment)
    await admin.send("POST", f"/credits/{payment.transaction_id}/returns", {"amount": 100_000, "why": "nộp thừa"}, version=1)
    credit = await ledger.credit(payment)
    assert credit.suspense_parts == SuspenseParts(unidentified=50_000, returned=100_000)
    await accountant.allocate(credit, {fee.notice_id: 60_000}, 409)
    await accountant.allocate(credit, {fee.notice_id: 60_000}, 409, suspense={"returned": 90_000})
    await accountant.allocate(credit, {fee.notice_id: 50_000})
    assert (await ledger.credit(payment)).suspense_parts == SuspenseParts(returned=100_000)


async def test_money_that_went_back_pays_nothing_any_more(ledger: Ledger, admin: Person) -> None:
    fee = a_fee()
    payment, out = a_payment(fee.reference), a_payment("hoan", direction="out")
    await ledger.take(fee, payment, out)
    path = f"/credits/{payment.transaction_id}/returns"
    body = {"amount": 150_000, "why": "hủy học", "returned_by": out.transaction_id}
    answer = await admin.send("POST", path, body, version=1)
    assert await admin.send("POST", path, body, version=1) == answer, "another key, the same money: it is done once"
    await admin.send("POST", path, {"amount": 1, "why": "nữa"}, 409, version=2)
    credit, gone = await ledger.credits([payment.transaction_id, out.transaction_id])
    assert (paid(credit), credit.suspense_parts.returned, credit.reversed_by) == ({}, 150_000, out.transaction_id)
    assert gone.reverses == payment.transaction_id
    again = a_payment(fee.reference)
    await ledger.take(newer(fee), newer(payment), again)
    assert paid(await ledger.credit(payment)) == {}
    assert paid(await ledger.credit(again)) == {fee.notice_id: 150_000}, "the fee is open again"


async def test_a_payment_moves_to_the_site_whose_money_it_is(ledger: Ledger, accountant: Person) -> None:
    fee = a_fee(site_id="TH2")
    payment = a_payment(fee.reference)
    await ledger.take(fee, payment)
    seen = await ledger.credit(payment)
    await accountant.allocate(seen, {fee.notice_id: 150_000}, 403)
    path = f"/credits/{seen.credit_id}/site"
    await accountant.send("PUT", path, {"site_id": "TH9", "reason": "nhầm"}, 404, version=1)
    await accountant.send("PUT", path, {"site_id": "TH2", "reason": "chuyển nhầm tài khoản"}, version=1)
    assert (await accountant.get("/review?site=TH1"))["credits"] == []
    await accountant.get(f"/credits/{seen.credit_id}", 403)
    async with ledger.person("kt2", "accountant", "TH2") as colleague:
        [credit] = (await colleague.get("/review?site=TH2"))["credits"]
        assert credit["candidates"][0]["notice_ids"] == [fee.notice_id]
        accept = {"suggestions": [{"credit_id": seen.credit_id, "version": 2, "notice_ids": [fee.notice_id]}]}
        assert (await colleague.send("POST", "/suggestions/accept", accept))["refused"] == []
    assert paid(await ledger.credit(payment)) == {fee.notice_id: 150_000}
    # The bank's next word on it does not take it back.
    await ledger.take(newer(payment))
    assert (await ledger.credit(payment)).site_id == "TH2"


async def test_a_payment_of_no_site_gets_that_of_what_it_pays(ledger: Ledger, accountant: Person, admin: Person) -> None:
    fee, payment = a_fee(), a_payment("khong ro", site_id=None, account="999")
    await ledger.take(fee, payment)
    credit = await ledger.credit(payment)
    await accountant.allocate(credit, {fee.notice_id: 150_000}, 403)
    await admin.allocate(credit, {fee.notice_id: 150_000})
    now = await ledger.credit(payment)
    assert (now.site_id, paid(now)) == ("TH1", {fee.notice_id: 150_000})


async def test_many_suggestions_are_accepted_at_once_and_each_stands_for_itself(ledger: Ledger, accountant: Person) -> None:
    fees = [a_fee(amount=100_000 + number) for number in range(4)]
    payments = [a_payment("khong ro", fee.amount) for fee in fees]
    await ledger.take(*fees, *payments)
    credits = await ledger.credits([each.transaction_id for each in payments])
    assert [each.candidates[0].notice_ids for each in credits] == [(fee.notice_id,) for fee in fees]
    await accountant.allocate(credits[0], {fees[0].notice_id: 1})

    def suggestion(number: int, notice: int) -> dict[str, object]:
        return {
            "credit_id": credits[number].credit_id, "version": credits[number].version, "notice_ids": [fees[notice].notice_id],
        }  # fmt: skip

    body = {"suggestions": [suggestion(0, 0), suggestion(1, 1), suggestion(2, 3), suggestion(3, 3)]}
    answer = await accountant.send("POST", "/suggestions/accept", body, key="bulk")
    assert await accountant.send("POST", "/suggestions/accept", body, key="bulk") == answer
    assert [each["credit_id"] for each in answer["accepted"]] == [credits[1].credit_id, credits[3].credit_id]
    assert [(each["status"], each["problem"]) for each in answer["refused"]] == [
        (412, "version_changed"), (409, "not_suggested"),
    ]  # fmt: skip
    assert answer["refused"][0]["current"]["version"] == 2
    assert paid(await ledger.credit(payments[3])) == {fees[3].notice_id: 100_003}


async def test_suggestions_that_want_the_same_fee_pay_it_once(ledger: Ledger, accountant: Person) -> None:
    fee = a_fee()
    payments = [a_payment("khong ro"), a_payment("khong ro")]
    await ledger.take(fee, *payments)
    credits = await ledger.credits([each.transaction_id for each in payments])
    body = {"suggestions": [
        {"credit_id": each.credit_id, "version": each.version, "notice_ids": [fee.notice_id]} for each in credits
    ]}  # fmt: skip
    answer = await accountant.send("POST", "/suggestions/accept", body)
    assert (len(answer["accepted"]), [each["problem"] for each in answer["refused"]]) == (1, ["nothing_open"])


async def test_who_did_what_and_what_stood_before_is_kept(ledger: Ledger, accountant: Person) -> None:
    fee, payment = a_fee(), a_payment("khong ro")
    await ledger.take(fee, payment)
    seen = await ledger.credit(payment)
    await accountant.allocate(seen, {fee.notice_id: 150_000})
    matched = await ledger.credit(payment)
    await accountant.undo(matched, "nhầm lớp")
    told = await accountant.get(f"/credits/{seen.credit_id}/acts")
    assert [(each["act"], each["person"], each["role"], each["reason"], each["version"]) for each in told] == [
        ("allocated", "kt1", "accountant", None, 2), ("undone", "kt1", "accountant", "nhầm lớp", 3),
    ]  # fmt: skip
    assert [each["before"] for each in told] == [each.model_dump(mode="json") for each in (seen, matched)]


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("accountant", {"read", "review", "allocate", "document"}),
        ("cashier", {"read", "review", "receipt", "document"}),
        ("treasurer", {"read", "review", "receipt", "document"}),
        ("officer", {"read", "review", "receipt", "document"}),
        ("head", {"read", "review"}),
        ("auditor", {"read", "review"}),
        ("reconciliation", {"read", "review", "return"}),
        ("teacher", set()),
        ("viewer", set()),
        ("group_leader", set()),
        ("sample_admin", {"read", "review"}),
        ("admin", {"read", "review", "allocate", "receipt", "document", "return"}),
    ],
)
async def test_each_role_does_its_own_work(ledger: Ledger, role: str, allowed: set[str]) -> None:
    fee, payment = a_fee(), a_payment("khong ro")
    await ledger.take(fee, payment)
    credit = f"/credits/{payment.transaction_id}"
    receipt = {"site_id": "TH1", "notice_id": fee.notice_id, "amount": 1, "received_at": "2026-11-24T09:00:00+07:00"}
    headers = {"If-Match": "1", "Idempotency-Key": "k"}
    async with ledger.person("p", role) as person:
        answers = {
            "read": await person.http.get(credit),
            "review": await person.http.get("/review?site=TH1"),
            "receipt": await person.http.post("/cash-receipts", json=receipt, headers=headers),
            "document": await person.http.put(f"{credit}/document-number", json={"document_number": "1"}, headers=headers),
            "allocate": await person.http.post(f"{credit}/allocations", json={"allocations": []}, headers=headers),
            "return": await person.http.post(f"{credit}/returns", json={"amount": 1, "why": "x"}, headers=headers),
        }
    assert {name for name, answer in answers.items() if answer.status_code != 403} == allowed
    refused = [answer.json()["type"] for answer in answers.values() if answer.status_code == 403]
    assert set(refused) <= {"urn:khop:problem:not_your_role"}


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+07:00", "1999-12-31T23:59:59Z", "2099-01-01T00:00:00+07:00"])
@pytest.mark.parametrize("channel", ["cash", "portal"])
async def test_a_receipt_of_an_impossible_time_is_refused(ledger: Ledger, cashier: Person, at: str, channel: str) -> None:
    fee = a_fee()
    await ledger.take(fee)
    problem = await cashier.receive(fee.notice_id, 1, "r1", 422, received_at=at, channel=channel)
    assert problem["type"].endswith("impossible_time")
    assert problem["detail"].startswith("received_at:")


async def test_a_receipt_is_the_same_one_long_after_its_key_was_forgotten(ledger: Ledger, cashier: Person) -> None:
    fee = a_fee()
    await ledger.take(fee)
    answer = await cashier.receive(fee.notice_id, 150_000, "r1", paid_through="family")
    async with ledger.database.transaction() as connection:
        await acts.forget_keys(connection, clock.now() + 2 * acts.KEYS_KEPT_FOR)
    assert await ledger.rows("select * from idempotency") == []
    assert await cashier.receive(fee.notice_id, 150_000, "r1") == answer
    await cashier.receive(fee.notice_id, 140_000, "r1", 422)
    assert answer["allocations"][0]["paid_through"] == "family"
    assert len(await ledger.sent()) == 1


async def test_a_key_of_today_is_not_forgotten(ledger: Ledger, cashier: Person) -> None:
    fee = a_fee()
    await ledger.take(fee)
    await cashier.receive(fee.notice_id, 1, "r1")
    async with ledger.database.transaction() as connection:
        await acts.forget_keys(connection, clock.now())
    assert len(await ledger.rows("select * from idempotency")) == 1


async def test_the_queue_is_told_page_by_page_whatever_the_ids(ledger: Ledger, accountant: Person) -> None:
    """Ids whose order differs between byte order and a language's: all are told, each once."""
    payments = [
        a_payment("khong ro").model_copy(update={"transaction_id": each}) for each in ("a-1", "B-2", "a_3", "A-4", "b1", "Z")
    ]
    await ledger.take(*payments)
    told, after = [], ""
    while after is not None:
        page = await accountant.get(f"/review?site=TH1&limit=2&after={after}")
        told += [each["credit_id"] for each in page["credits"]]
        after = page["next"]
    assert told == sorted(each.transaction_id for each in payments)
