"""What people do to days, discrepancies, cash, refunds, money of others, documents and closes, over HTTP on PostgreSQL."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import openpyxl
import pytest

from services.reconciliation.exports.everything import TABLES
from services.reconciliation.money_back.telling import Telling
from shared.clock import local_day, now
from shared.events import Credit
from shared.events.fees import Settled
from shared.events.payments import SuspenseParts, UndoneAllocation
from tests.integration.payment_events import (
    ACCOUNT,
    a_credit,
    a_notice,
    a_site,
    a_statement,
    a_transaction,
    at,
    cash,
)
from tests.integration.reconciliation_book import Book, fresh_book

TODAY = local_day(now())
YESTERDAY = TODAY - timedelta(days=1)
PAYER = "1900123456789"


@pytest.fixture
async def book(postgres_dsn: str) -> AsyncIterator[Book]:
    async with fresh_book(postgres_dsn) as made:
        await made.take(a_site(), a_notice("n1"), today=TODAY - timedelta(days=40))
        await made.derive(TODAY)
        yield made


def paid(
    transaction_id: str, day: date, amount: int = 100_000, *, pays: dict[str, int] | None = None, **more: Any
) -> tuple[Any, Any]:
    transaction = a_transaction(
        transaction_id, day, amount, **({"counter_account": PAYER, "counter_name": "Trần Thị Lan"} | more)
    )
    return transaction, a_credit(transaction_id, day, amount, pays=pays)


def left(transaction_id: str, day: date, amount: int = 100_000, **more: Any) -> tuple[Any, Any]:
    """Money that left."""
    credit = a_credit(transaction_id, day, amount, direction="out", status="ignored", reason="not_income")
    values = {"direction": "out", "counter_account": PAYER, "occurred_at": at(day, 15)} | more
    return a_transaction(transaction_id, day, amount, **values), credit


# --- days and discrepancies


async def test_a_day_and_what_explains_it_are_read_and_closed_over_http(book: Book) -> None:
    on_it, not_on_it = paid("t1", YESTERDAY), paid("t2", YESTERDAY, 5_000)
    await book.take(*on_it, *not_on_it, a_statement("s1", YESTERDAY, YESTERDAY, [on_it[0]]))
    await book.derive(TODAY)
    async with book.client() as client:
        read = await client.get(f"/days/TH1/{ACCOUNT}/{YESTERDAY}")
        assert read["day"]["state"] == "discrepant"
        assert [each["kind"] for each in read["discrepancies"]] == ["missing_on_statement"]
        body = {"site_id": "TH1", "date": str(YESTERDAY), "account": ACCOUNT}
        refused = await client.post("/days/close", body, 409, version=read["day"]["version"])
        assert refused["differences"] == [{"account": ACCOUNT, "differences": ["missing_on_statement"]}]
        await client.post("/days/close", body, 428)
        key = "one-click"
        reason = body | {"reason": "bank_corrects_later"}
        closed = await client.post("/days/close", reason, version=read["day"]["version"], key=key)
        assert [day["state"] for day in closed["days"]] == ["closed"]
        assert await client.post("/days/close", reason, version=read["day"]["version"], key=key) == closed
        late = await client.post("/days/close", reason, 412, version=read["day"]["version"])
        assert late["detail"].startswith("đã được kt1 chốt lúc")
        accounts = await client.get("/accounts")
        assert accounts["items"][0]["known_by"] == "statement"
    async with book.client(role="teacher") as client:
        await client.get(f"/days/TH1/{ACCOUNT}/{YESTERDAY}", 403)
        await client.post("/days/close", body, 403, version=1)
    async with book.client(site="TH2") as client:
        await client.get(f"/days/TH1/{ACCOUNT}/{YESTERDAY}", 403)
        await client.get("/discrepancies", 403, site="TH1")
        assert (await client.get("/discrepancies"))["items"] == []


async def test_discrepancies_are_taken_handed_over_and_settled_with_a_reason_of_their_kind(book: Book) -> None:
    old = TODAY - timedelta(days=20)
    await book.take(*paid("small", old, 10_000), *paid("large", old, 60_000_000))
    await book.wake_on(TODAY)
    async with book.client() as client:
        page = await client.get("/discrepancies", kind="suspense_old", limit=1)
        [large] = page["items"]
        assert large["about"]["credit_ids"] == ["large"], "the larger is due sooner"
        [small] = (await client.get("/discrepancies", kind="suspense_old", after=page["next"]))["items"]
        path = f"/discrepancies/{small['discrepancy_id']}"
        taken = await client.send(
            "PUT", f"{path}/owner", {"owner": "kt2", "note": "hỏi phụ huynh"}, version=small["version"]
        )
        assert (taken["owner"], taken["version"]) == ("kt2", small["version"] + 1)
        assert len((await client.get("/discrepancies", owner="kt2"))["items"]) == 1
        await client.post(f"{path}/settle", {"reason": "because"}, 400, version=taken["version"])
        await client.post(f"{path}/settle", {"reason": "payer_asked"}, 412, version=small["version"])
        settled = await client.post(f"{path}/settle", {"reason": "payer_asked"}, version=taken["version"])
        assert (settled["state"], settled["settled_by"], settled["settled_reason"]) == ("settled", "kt1", "payer_asked")
        acts = (await client.get(path))["acts"]
        assert [(each["act"], each["note"]) for each in acts] == [("hand", "hỏi phụ huynh"), ("settle", None)]
        counts = await client.get("/discrepancy-counts")
        assert counts == [{"kind": "suspense_old", "count": 1, "dong": 60_000_000, "overdue": 0}]
    await book.wake_on(TODAY + timedelta(days=1), TODAY)
    assert [each.about.credit_ids for each in await book.discrepancies()] == [("large",)], "it stays settled"
    await book.take(a_credit("small", old, 10_000, version=2, pays={"n1": 4_000}))
    await book.derive(TODAY + timedelta(days=1))
    assert len(await book.discrepancies("suspense_old")) == 2, "found with another amount, it is open again"


async def test_a_difference_is_not_settled_by_the_statement_while_nobody_can_correct_it(book: Book) -> None:
    told, credit = paid("t1", YESTERDAY, pays={"n1": 100_000})
    on_statement = told.model_copy(update={"amount": 99_000})
    await book.take(told, credit, a_statement("s1", YESTERDAY, YESTERDAY, [on_statement]))
    await book.derive(TODAY)
    async with book.client() as client:
        [differs] = (await client.get("/discrepancies", kind="amount_differs"))["items"]
        path = f"/discrepancies/{differs['discrepancy_id']}/settle"
        right = {"reason": "statement_is_right"}
        refused = await client.post(path, right, 503, version=differs["version"], key="one-click")
        assert refused["type"] == "urn:khop:problem:ingest_unreachable"
        await client.post(path, right, 503, version=differs["version"], key="one-click")
        await client.post(path, right, 412, version=differs["version"] + 1)
        assert (await book.day(YESTERDAY)).state == "discrepant"
        assert [each.kind for each in await book.discrepancies()] == ["amount_differs"]
        await client.post(path, {"reason": "bank_fee"}, version=differs["version"])
        settled = await client.post(path, right, 409, version=differs["version"])
        assert settled["type"] == "urn:khop:problem:already_settled"
    await book.derive(TODAY)
    day = await book.day(YESTERDAY)
    assert (day.state, day.credits, day.bank_credits) == ("closed", 100_000, 99_000), "the remainder stays to be seen"


# --- cash


async def test_a_shift_is_counted_by_somebody_who_took_no_cash_and_a_difference_needs_a_reason(book: Book) -> None:
    async with book.client("tn1", "cashier") as cashier, book.client("tq1", "treasurer") as treasurer:
        shift = await cashier.post("/shifts", {"site_id": "TH1", "opening": 50_000})
        path = f"/shifts/{shift['shift_id']}"
        await cashier.post("/shifts", {"site_id": "TH1"}, 409)
        moment = now()
        await book.take(cash("c1", TODAY, 120_000, occurred_at=moment), cash("c2", TODAY, 80_000, occurred_at=moment))
        await book.derive(TODAY)
        assert (await book.day(TODAY, "cash")).state == "open"
        read = await cashier.get(path)
        assert (read["expected"], len(read["receipts"])) == (250_000, 2)
        notes = {"denominations": {"100000": 2, "20000": 2}, "left_in_till": 40_000}
        await cashier.post(f"{path}/close", notes, 409, version=1)
        refused = await treasurer.post(f"{path}/close", notes, 409, version=1)
        assert (refused["expected"], refused["counted"]) == (250_000, 240_000)
        await treasurer.post(f"{path}/close", notes | {"denominations": {"30000": 1}}, 400, version=1)
        closed = await treasurer.post(f"{path}/close", notes | {"reason": "change_error"}, version=1)
        assert (closed["handed_over"], closed["left_in_till"], closed["closed_by"]) == (200_000, 40_000, "tq1")
        assert (await treasurer.post(f"{path}/close", notes, 412, version=1))["detail"].startswith("đã được tq1 chốt lúc")
        journal = await treasurer.get("/shifts", open=False)
        assert [each["counted"] for each in journal["items"]] == [240_000]
    await book.derive(TODAY)
    [found] = await book.discrepancies("cash_difference")
    assert (found.amount, found.owner_role) == (-10_000, "head")
    await book.wake_on(TODAY + timedelta(days=1))
    assert (await book.day(TODAY, "cash")).state == "discrepant"


async def test_receipts_of_two_counters_are_told_apart_by_hand(book: Book) -> None:
    async with book.client("tn1", "cashier") as one, book.client("tn2", "cashier") as two:
        first = await one.post("/shifts", {"site_id": "TH1", "counter": "1"})
        second = await two.post("/shifts", {"site_id": "TH1", "counter": "2"})
        await book.take(cash("c1", TODAY, 120_000, occurred_at=now()))
        assert (await one.get(f"/shifts/{first['shift_id']}"))["expected"] == 0
        await two.post(f"/shifts/{second['shift_id']}/receipts", {"credit_id": "c1"})
        await one.post(f"/shifts/{first['shift_id']}/receipts", {"credit_id": "c1"}, 409)
        assert (await two.get(f"/shifts/{second['shift_id']}"))["expected"] == 120_000


async def test_the_database_refuses_a_shift_closed_by_its_cashier(book: Book) -> None:
    async with book.client("tn1", "cashier") as cashier:
        await cashier.post("/shifts", {"site_id": "TH1"})
    with pytest.raises(asyncpg.CheckViolationError):
        await book.rows(
            "update shifts set closed_by = 'tn1', closed_at = now(), closed_on = current_date, denominations = '{}', counted = 0,"
            " expected = 0, handed_over = 0, left_in_till = 0"
        )


async def test_deposits_clear_the_oldest_receipts_and_let_them_go_when_they_are_none(book: Book) -> None:
    old, box = TODAY - timedelta(days=3), [cash("c1", TODAY - timedelta(days=3), 70_000), cash("c2", YESTERDAY, 50_000)]
    deposit = a_credit("d1", TODAY, 100_000, status="ignored", reason="cash_deposit", suspense_parts={"not_a_fee": 100_000})
    await book.take(*box, a_transaction("d1", TODAY, 100_000), deposit)
    await book.derive(TODAY)
    async with book.client() as client:
        [listed] = (await client.get("/deposits"))["items"]
        assert (listed["amount"], listed["cleared"], listed["receipts"]) == (100_000, 100_000, 2)
        receipts = (await client.get("/deposits/d1"))["receipts"]
        assert [(each["credit_id"], each["cleared"]) for each in receipts] == [("c1", 70_000), ("c2", 30_000)]
        [hand] = (await client.get("/cash-in-hand"))["items"]
        assert (hand["in_hand"], hand["receipts"], hand["oldest"]) == (20_000, 1, str(YESTERDAY))
        await book.take(a_credit("d1", TODAY, 100_000, version=2))
        await book.derive(TODAY)
        assert (await client.get("/deposits"))["items"] == []
        assert await book.rows("select * from deposit_links") == []
        assert (await client.get("/cash-in-hand"))["items"][0]["oldest"] == str(old)


# --- money back


class Matching:
    """What matching answers to the one command that reconciliation sends it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any], str]] = []
        self.answers = [200]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == 200:
            self.told.append((request.url.path, json.loads(request.content), request.headers["Idempotency-Key"]))
        return httpx.Response(answer, json={})


async def tell(book: Book, matching: Matching) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(matching), base_url="http://matching") as client:
        await Telling(book.database, book.settings).tell_some(client)


async def test_refunds_and_lists_are_read_from_either_end(book: Book) -> None:
    await book.take(*paid("t1", YESTERDAY))
    await book.derive(TODAY)
    async with book.client() as accountant, book.client("ht1", "head") as head:
        made = [
            (await accountant.post("/refunds", {"credit_id": "t1", "amount": amount, "why": "other"}))["refund_id"]
            for amount in (1_000, 2_000, 3_000)
        ]
        lists = []
        for refund_id in made[:2]:
            await head.post(f"/refunds/{refund_id}/approve", {}, version=1)
            lists.append((await accountant.post("/payment-lists", {"site_id": "TH1"}))["list_id"])
        for path, name, ids in (("/refunds", "refund_id", made), ("/payment-lists", "list_id", lists)):
            for newest, wanted in (("false", ids), ("true", ids[::-1])):
                found, after = [], ""
                while after is not None:
                    page = await accountant.get(path, limit=1, newest=newest, after=after)
                    found += [each[name] for each in page["items"]]
                    after = page["next"]
                assert found == wanted, (path, newest)


async def test_a_refund_goes_its_whole_way_to_the_account_that_paid(book: Book) -> None:
    await book.take(*paid("t1", YESTERDAY))
    await book.derive(TODAY)
    async with book.client() as accountant, book.client("ht1", "head") as head, book.client("kt9", "auditor") as auditor:
        body = {"credit_id": "t1", "amount": 60_000, "why": "paid_twice"}
        await accountant.post("/refunds", body | {"amount": 100_001}, 409)
        refund = await accountant.post("/refunds", body)
        await accountant.post("/refunds", body, 409)
        path = f"/refunds/{refund['refund_id']}"
        assert (refund["state"], refund["to_account"]) == ("proposed", "•••789")
        assert (await accountant.get(path))["to_account"] == PAYER
        assert (await auditor.get(path))["to_account"] == "•••789"
        await accountant.post(f"{path}/approve", {}, 403, version=1)
        approved = await head.post(f"{path}/approve", {"note": "đồng ý"}, version=1)
        assert (approved["state"], approved["decided_by"], approved["version"]) == ("approved", "ht1", 2)
        late = await head.post(f"{path}/refuse", {}, 412, version=1)
        assert late["detail"].startswith("đã được ht1 duyệt lúc")
        made = await accountant.post("/payment-lists", {"site_id": "TH1"})
        await accountant.post("/payment-lists", {"site_id": "TH1"}, 409)
        answer = await accountant.http.get(f"/exports/payment-lists/{made['list_id']}")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        assert PAYER in {cell.value for row in sheet.iter_rows() for cell in row}
        assert (await auditor.http.get(f"/exports/payment-lists/{made['list_id']}")).status_code == 403
    # Money of the same amount to another account is not it; to the account that paid, it is.
    await book.take(*left("other", TODAY, 60_000, counter_account="555"), *left("back", TODAY, 60_000))
    await book.derive(TODAY)
    async with book.client() as accountant:
        paid_refund = await accountant.get(path)
        assert (paid_refund["state"], paid_refund["paid_by_transaction"]) == ("paid", "back")
        [link] = (await accountant.get("/returns"))["items"]
        assert (link["decided_by"], link["why"], link["told_at"]) == ("auto", "refund", None)
        matching = Matching()
        matching.answers = [503, 200]
        await tell(book, matching)
        assert (await accountant.get("/returns"))["items"][0]["last_error"] == "503"
        await book.rows("update returns set try_after = now() - interval '1 second'")
        await tell(book, matching)
        [(url, told, key)] = matching.told
        left_at = at(TODAY, 15).isoformat()
        assert (url, told) == (
            "/credits/t1/returns",
            {"amount": 60_000, "why": "refund", "returned_by": "back", "document_number": None, "returned_at": left_at},
        )  # fmt: skip
        assert key == f"return/{link['return_id']}"
        told_refund = await accountant.get(path)
        assert (told_refund["state"], told_refund["to_account"]) == ("told", None)
        await tell(book, matching)
        assert len(matching.told) == 1


async def test_nobody_approves_what_he_proposed_in_the_code_and_in_the_database(book: Book) -> None:
    await book.take(*paid("t1", YESTERDAY))
    async with book.client("ht1", "head") as head:
        refund = await head.post("/refunds", {"credit_id": "t1", "amount": 1_000, "why": "other"})
        refused = await head.post(f"/refunds/{refund['refund_id']}/approve", {}, 409, version=1)
        assert refused["type"].endswith("own_proposal")
    with pytest.raises(asyncpg.CheckViolationError):
        await book.rows("update refunds set state = 'approved', decided_by = 'ht1', decided_at = now()")


async def test_two_clerks_at_once_never_promise_more_than_is_free(book: Book) -> None:
    await book.take(*paid("t1", YESTERDAY))
    async with book.client() as client:

        async def propose() -> int:
            headers = {"Idempotency-Key": str(id(object()))}
            body = {"credit_id": "t1", "amount": 60_000, "why": "other"}
            return (await client.http.post("/refunds", json=body, headers=headers)).status_code

        assert sorted(await asyncio.gather(*[propose() for _ in range(4)])) == [200, 409, 409, 409]


async def test_what_was_paid_in_cash_goes_back_in_cash_against_signature(book: Book) -> None:
    await book.take(cash("c1", YESTERDAY, 90_000))
    await book.derive(TODAY)
    async with book.client() as accountant, book.client("ht1", "head") as head, book.client("tq1", "treasurer") as treasurer:
        body = {"credit_id": "c1", "amount": 40_000, "why": "paid_too_much"}
        await accountant.post("/refunds", body, 409)
        refund = await accountant.post("/refunds", body | {"way": "cash"})
        path = f"/refunds/{refund['refund_id']}"
        await treasurer.post(f"{path}/hand-over", {"document_number": "PC01"}, 409, version=1)
        await head.post(f"{path}/approve", {}, version=1)
        handed = await treasurer.post(f"{path}/hand-over", {"document_number": "PC01"}, version=2)
        assert (handed["state"], handed["handed_by"]) == ("paid", "tq1")
    await book.derive(TODAY)
    box = await book.day(TODAY, "cash")
    assert (box.debits, box.closing) == (40_000, 50_000)
    matching = Matching()
    await tell(book, matching)
    body = {"amount": 40_000, "why": "refund", "returned_by": None, "document_number": "PC01"}
    assert matching.told[0][1] == body | {"returned_at": handed["paid_at"].replace("Z", "+00:00")}


async def test_what_a_settled_treatment_leaves_is_proposed_once_by_whoever_settled(book: Book) -> None:
    def left_of(credit: Credit, amount: int, **more: Any) -> Credit:
        """The credit's next version: so much of its deposit was not used."""
        gone = UndoneAllocation(
            **credit.allocations[0].model_dump(), undone_by="auto", undone_at=credit.occurred_at, reason="settled",
            settled=Settled(by="tn1", to_return=amount),
        )  # fmt: skip
        parts = SuspenseParts(to_return=amount)
        values = {"version": 2, "allocations": (), "undone": (gone,), "suspense": amount, "suspense_parts": parts, **more}
        return credit.model_copy(update=values)

    transaction, by_bank = paid("t1", YESTERDAY, pays={"dep1": 100_000})
    in_cash = cash("c1", YESTERDAY, 90_000, pays={"dep2": 90_000})
    settled = [left_of(by_bank, 100_000), left_of(in_cash, 90_000)]
    await book.take(transaction, by_bank, in_cash, *settled)
    async with book.client() as accountant, book.client("tn1", "head") as settler, book.client("ht1", "head") as head:
        [transfer] = (await accountant.get("/refunds", notice="dep1"))["items"]
        [refund] = (await accountant.get("/refunds", notice=["dep2"]))["items"]
        told = [(each["why"], each["way"], each["amount"], each["proposed_by"]) for each in (transfer, refund)]
        assert told == [("deposit_left", "transfer", 100_000, "tn1"), ("deposit_left", "cash", 90_000, "tn1")]
        await settler.post(f"/refunds/{refund['refund_id']}/approve", {}, 409, version=1)
        await head.post(f"/refunds/{refund['refund_id']}/approve", {}, version=1)
        # Given up and proposed in cash instead; neither a replay nor a newer version proposes what was proposed once.
        await accountant.post(f"/refunds/{transfer['refund_id']}/withdraw", {}, version=1)
        body = {"credit_id": "t1", "amount": 100_000, "why": "deposit_left", "way": "cash"}
        await accountant.post("/refunds", body)
        await book.take(left_of(in_cash, 90_000, version=3))
        await book.replay([transaction, *settled], TODAY)
        listed = [(each["state"], each["way"]) for each in (await accountant.get("/refunds"))["items"]]
        assert sorted(listed) == [("approved", "cash"), ("proposed", "cash"), ("withdrawn", "transfer")]
        assert len((await accountant.get("/refunds", notice="dep1"))["items"]) == 2
    await book.take(cash("c2", YESTERDAY))
    async with book.client() as accountant:
        none = await accountant.post("/refunds", body | {"credit_id": "c2", "amount": 1}, 409)
        assert none["type"].endswith("no_deposit_left")


async def test_what_the_bank_calls_a_reversal_is_linked_by_itself_where_one_credit_alone_fits(book: Book) -> None:
    await book.take(*paid("t1", YESTERDAY, pays={"n1": 100_000}), *left("r1", TODAY, memo="HOAN GIAO DICH LOI FT123"))
    await book.derive(TODAY)
    async with book.client() as client:
        [link] = (await client.get("/returns"))["items"]
    assert (link["credit_id"], link["why"], link["decided_by"]) == ("t1", "reversal", "auto")
    assert set(link["evidence"]) == {"same_account", "amount_equal", "memo_reversal"}


async def test_what_is_not_certain_is_proposed_and_a_person_says(book: Book) -> None:
    earlier = TODAY - timedelta(days=2)
    await book.take(*paid("t1", YESTERDAY), *paid("t2", earlier), *left("r1", TODAY, memo="HOAN TRA TIEN AN CHO CON"))
    await book.take(*left("rent", TODAY, 5_000_000, counter_account="777", memo="THANH TOAN TIEN DIEN"))
    await book.derive(TODAY)
    async with book.client() as client:
        [proposal] = (await client.get("/returns/proposals"))["items"]
        assert [match["credit_id"] for match in proposal["matches"]] == ["t1", "t2"], "the newer first"
        await client.post("/returns/refuse", {"out_transaction_id": "r1", "credit_id": "t1"})
        [proposal] = (await client.get("/returns/proposals"))["items"]
        assert [match["credit_id"] for match in proposal["matches"]] == ["t2"]
        body = {"out_transaction_id": "r1", "credit_id": "t2", "why": "refund"}
        await client.post("/returns", body | {"credit_id": "nothing"}, 409)
        await client.post("/returns", body)
        await client.post("/returns", body, 404)
        assert (await client.get("/returns/proposals"))["items"] == []
        assert [each["decided_by"] for each in (await client.get("/returns"))["items"]] == ["kt1"]


# --- money of others


async def test_money_collected_for_others_is_kept_apart_and_its_payment_recognised(book: Book) -> None:
    insurance = {"fee_kind": "bhyt", "nature": "collected_for", "amount": 600_000, "purpose": "Bảo hiểm y tế học sinh"}
    await book.take(a_notice("h1", **insurance), a_notice("h2", **insurance))
    await book.take(
        *paid("t1", YESTERDAY, 600_000, pays={"h1": 600_000}), *paid("t2", YESTERDAY, 300_000, pays={"h2": 300_000})
    )
    await book.derive(TODAY)
    async with book.client() as client:
        [row] = await client.get("/collected-for")
        assert (row["fee_kind"], row["collected"], row["to_remit"], row["body"]) == ("bhyt", 900_000, 900_000, "")
        [table] = (await client.get("/exports/collected-for/rows", site="TH1"))["tables"]
        assert [each[1] for each in table["rows"]] == ["Bảo hiểm y tế học sinh"], "no code where people read"
        body = {"site_id": "TH1", "body": "BHXH cơ sở Sơn Động", "account": "3741.0.1234567", "bank": "KBNN"}
        declared = await client.send("PUT", "/collected-for/bodies/bhyt", body, version=0)
        assert declared["version"] == 1
        await client.send("PUT", "/collected-for/bodies/bhyt", body, 412, version=0)
        # All that is held, to the body's account: certain.
        await book.take(*left("o1", TODAY, 900_000, counter_account="374101234567"))
        await book.derive(TODAY)
        [row] = await client.get("/collected-for")
        assert (row["collected"], row["remitted"], row["to_remit"]) == (900_000, 900_000, 0)
        [remitted] = (await client.get("/collected-for/remittances"))["items"]
        assert (remitted["transaction_id"], remitted["decided_by"], remitted["body"]) == (
            "o1",
            "auto",
            "BHXH cơ sở Sơn Động",
        )
        # A part of it is a person's to say.
        await client.send("DELETE", "/collected-for/remittances/o1")
        await book.take(*left("o2", TODAY, 500_000, counter_account=None, memo="CHUYEN TIEN BHYT HOC SINH"))
        await book.derive(TODAY)
        proposals = (await client.get("/collected-for/proposals"))["items"]
        assert {each["transaction_id"] for each in proposals} == {"o1", "o2"}
        share = {"fee_kind": "bhyt", "amount": 500_000}
        await client.post(
            "/collected-for/remittances", {"transaction_id": "o2", "shares": [share | {"amount": 500_001}]}, 409
        )
        await client.post("/collected-for/remittances", {"transaction_id": "o2", "shares": [share]})
        assert (await client.get("/collected-for"))[0]["to_remit"] == 400_000
        # An allocation that is undone is collected no more.
        await book.take(a_credit("t2", YESTERDAY, 300_000, version=2))
        assert (await client.get("/collected-for"))[0]["to_remit"] == 100_000


# --- documents


async def test_documents_fill_the_list_of_what_is_paid_and_has_none(book: Book) -> None:
    await book.take(
        a_notice("p1", "HS001", issued_on=TODAY, group="4A"), a_notice("p2", "HS002", issued_on=TODAY),
        a_notice("p3", "HS003", issued_on=TODAY), a_notice("open", "HS004", issued_on=TODAY),
    )  # fmt: skip
    for number in (1, 2, 3):
        await book.take(*paid(f"t{number}", YESTERDAY, pays={f"p{number}": 100_000}))
    async with book.client() as client:
        missing = await client.get("/documents/missing", site="TH1")
        assert [each["notice_id"] for each in missing["items"]] == ["p1", "p2", "p3"]
        assert missing["items"][0]["payer_name"] == "Nguyễn Văn An"
        file = (
            "Số biên lai,Ký hiệu,Ngày lập,Số tiền,Mã khoản thu,Mã học sinh,Đường dẫn tra cứu\n"
            "0001,BL26,24/11/2026,100.000,p1,,https://tracuu.example/1\n"
            "0002,BL26,24/11/2026,100.000,,HS002,\n"
            "0003,BL26,24/11/2026,90.000,p3,,\n"
        )
        answer = await client.http.post("/imports/documents?site=TH1", content=file.encode())
        assert answer.status_code == 422
        assert answer.json()["rejected"] == [
            {"row": 4, "column": "amount", "problem": "differs from what was paid of the notices that it names"}
        ]
        assert len((await client.get("/documents/missing", site="TH1"))["items"]) == 3, "a rejected row changes nothing"
        checked = await client.http.post("/imports/documents?site=TH1&partial=true&check=true", content=file.encode())
        assert (checked.json()["accepted"], len((await client.get("/documents/missing", site="TH1"))["items"])) == (2, 3)
        taken = (await client.http.post("/imports/documents?site=TH1&partial=true", content=file.encode())).json()
        assert (taken["accepted"], taken["unchanged"], len(taken["rejected"])) == (2, 0, 1)
        again = (await client.http.post("/imports/documents?site=TH1&partial=true", content=file.encode())).json()
        assert (again["accepted"], again["unchanged"]) == (0, 2)
        assert [each["notice_id"] for each in (await client.get("/documents/missing", site="TH1"))["items"]] == ["p3"]
        [document] = (await client.get("/documents", site="TH1", notice_id="p1"))["items"]
        assert (document["number"], document["series"], document["kind"]) == ("0001", "BL26", "receipt")
    async with book.client(role="auditor") as auditor:
        assert (await auditor.get("/documents/missing", site="TH1"))["items"][0]["payer_name"] == "N. V. An"


async def test_what_was_taken_against_a_receipts_own_number_lacks_no_document(book: Book) -> None:
    names = ("numbered", "unnumbered", "partly", "later")
    await book.take(*[a_notice(name, issued_on=TODAY) for name in names])
    await book.take(
        cash("c1", YESTERDAY, pays={"numbered": 100_000}, document_number="PT001"),
        cash("c2", YESTERDAY, pays={"unnumbered": 100_000}),
        cash("c3", YESTERDAY, 40_000, pays={"partly": 40_000}, document_number="PT002"),
        *paid("t1", YESTERDAY, 60_000, pays={"partly": 60_000}),
        cash("c4", YESTERDAY, pays={"later": 100_000}),
    )
    async with book.client() as client:

        async def missing() -> list[str]:
            return [each["notice_id"] for each in (await client.get("/documents/missing", site="TH1"))["items"]]

        assert await missing() == ["later", "partly", "unnumbered"]
        await book.take(cash("c4", YESTERDAY, pays={"later": 100_000}, document_number="PT003", version=2))
        assert await missing() == ["partly", "unnumbered"]
        answer = await client.http.get("/exports/documents-missing?site=TH1")
        cells = {cell.value for row in openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows() for cell in row}
        assert {"HS-partly", "HS-unnumbered"} <= cells
        assert not {"HS-numbered", "HS-later"} & cells


# --- closes


async def test_a_round_is_signed_once_when_no_day_under_it_is_open(book: Book) -> None:
    given = [a_notice(name, round="Đợt 1", obligation="voluntary", amount=50_000) for name in ("r3", "r4")]
    await book.take(a_notice("r1", round="Đợt 1"), a_notice("r2", round="Đợt 1"), *given)
    transaction, credit = paid("t1", YESTERDAY, pays={"r1": 100_000})
    box = cash("c1", YESTERDAY, 80_000, pays={"r2": 30_000, "r3": 50_000})
    await book.take(transaction, credit, box)
    await book.derive(TODAY)
    async with book.client() as client:
        parameters = {"site": "TH1", "kind": "round", "subject": "Đợt 1"}
        preview = await client.get("/closes/preview", **parameters)
        assert preview["hindrances"]["days"] == [{"account": ACCOUNT, "date": str(YESTERDAY), "state": "balanced"}]
        body = {"site_id": "TH1", "kind": "round", "subject": "Đợt 1", "digest": preview["digest"]}
        refused = await client.post("/closes", body, 409)
        assert str(YESTERDAY) in refused["detail"]
        await client.post("/days/close", {"site_id": "TH1", "date": str(YESTERDAY)})
        await client.post("/closes", body | {"digest": "0" * 64}, 409)
        signed = await client.post("/closes", body)
        figures = {"notices": 2, "issued": 200_000, "collected": 130_000, "given": 50_000, "by_bank": 100_000, "in_cash": 80_000,
                   "settled": 1, "outstanding": 70_000, "by_portal": 0, "from_balance": 0}  # fmt: skip
        assert (signed["figures"], signed["signed_by"], signed["digest"]) == (figures, "kt1", preview["digest"])
        assert (await client.post("/closes", body, 412))["detail"].startswith("đã được kt1 chốt lúc")
        assert (await client.get("/closes/preview", **parameters))["signed"]["close_id"] == signed["close_id"]
        await client.get("/closes/preview", 404, site="TH1", kind="round", subject="Đợt 9")
    async with book.client(role="cashier") as cashier:
        await cashier.post("/closes", body, 403)


async def test_a_month_is_signed_when_every_day_of_it_is_closed(postgres_dsn: str) -> None:
    last = TODAY.replace(day=1) - timedelta(days=1)
    first = last.replace(day=1)
    async with fresh_book(postgres_dsn) as book:
        await book.take(a_site(), a_notice("n1"), today=first)
        await book.derive(first)
        transaction, credit = paid("t1", first, pays={"n1": 100_000})
        await book.take(transaction, credit, cash("c1", first, 20_000, pays={"n1": 20_000}))
        await book.wake_on(TODAY)
        async with book.client() as client:
            preview = await client.get("/closes/preview", site="TH1", kind="month", subject=f"{first:%Y-%m}")
            assert len(preview["hindrances"]["days"]) == min(50, (last - first).days + 1)
            await book.take(a_statement("s1", first, last, [transaction]))
            await book.derive(TODAY)
            preview = await client.get("/closes/preview", site="TH1", kind="month", subject=f"{first:%Y-%m}")
            assert preview["hindrances"] == {"days": [], "discrepancies": []}
            body = {"site_id": "TH1", "kind": "month", "subject": f"{first:%Y-%m}", "digest": preview["digest"]}
            signed = await client.post("/closes", body)
            assert signed["figures"]["received"] == 120_000
            assert signed["figures"]["accounts"]["cash"]["closing"] == 20_000
            await client.get("/closes/preview", 409, site="TH1", kind="month", subject=f"{TODAY:%Y-%m}")
            await client.get("/closes/preview", 400, site="TH1", kind="month", subject="2026-13")


# --- exports


async def test_reports_are_workbooks_with_totals_in_words_and_places_to_sign(book: Book) -> None:
    await book.take(a_notice("e1", group="4A", purpose="=HYPERLINK(1)"), a_notice("e2", group="10B"))
    await book.take(*paid("t1", YESTERDAY, pays={"e1": 100_000}), cash("c1", YESTERDAY, 55_000, pays={"e2": 55_000}))
    await book.derive(TODAY)
    async with book.client() as client:
        for report in ("collected", "days", "cash", "collected-for", "documents-missing"):
            answer = await client.http.get(f"/exports/{report}?site=TH1")
            assert answer.status_code == 200, answer.text
            workbook = openpyxl.load_workbook(io.BytesIO(answer.content))
            for sheet in workbook:
                texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
                assert "Trường TH1" in texts
                assert any(text.startswith("Bằng chữ: ") for text in texts), sheet.title
                assert any("Thủ trưởng đơn vị" in text for text in texts)
            if report == "collected":
                groups = [row[0].value for row in workbook["Theo lớp"].iter_rows(min_row=7)]
                assert groups[:3] == ["4A", "10B", "Cộng"]
                assert "Bằng chữ: Một trăm năm mươi lăm nghìn đồng." in groups
                [fee] = [row for row in workbook["Theo khoản thu"].iter_rows(min_row=7) if row[0].value == "meals"]
                assert (fee[1].value, fee[1].data_type, fee[7].value) == ("=HYPERLINK(1)", "s", 155_000)
        told = await client.get("/exports/collected/rows", site="TH1")
        by_group, by_fee, by_day = told["tables"]
        assert [row[0] for row in by_group["rows"]] == ["4A", "10B"]
        assert by_group["totals"] == [None, 2, 100_000, 55_000, 0, 0, 155_000]
        assert by_group["in_words"] == "Bằng chữ: Một trăm năm mươi lăm nghìn đồng."
        assert by_fee["rows"][0][1] == "=HYPERLINK(1)"
        assert (by_day["columns"][0], by_day["rows"][0][0]) == ({"name": "Ngày", "kind": "day"}, str(YESTERDAY))
        assert "Thủ trưởng đơn vị" in told["signatures"]
        assert (await client.http.get("/exports/collected?site=TH2")).status_code == 403
        assert (await client.http.get("/exports/collected/rows?site=TH2")).status_code == 403
        assert (await client.http.get("/exports/nothing?site=TH1")).status_code == 400


async def test_all_that_a_site_owns_is_told_page_by_page_to_who_keeps_its_books(book: Book) -> None:
    await book.take(*paid("t1", YESTERDAY), *paid("t2", YESTERDAY), cash("c1", YESTERDAY))
    await book.derive(TODAY)
    async with book.client(role="auditor") as auditor:
        assert (await auditor.http.get("/exports/all/refunds?site=TH1")).status_code == 403
    async with book.client() as client:
        for table in TABLES:
            whole = await client.get(f"/exports/all/{table}", site="TH1")
            assert whole["heads"][0] == "key"
            assert whole["next"] is None
            read: list[Any] = []
            after: str | None = ""
            while after is not None:
                page = await client.get(f"/exports/all/{table}", site="TH1", after=after, limit=1)
                read, after = [*read, *page["rows"]], page["next"]
            assert read == whole["rows"]
            assert len(read) > 1 or table != "days"
        assert (await client.http.get("/exports/all/shifts?site=TH2")).status_code == 403


async def test_a_report_does_not_depend_on_when_the_server_opens_it(book: Book) -> None:
    await book.take(*paid("t1", YESTERDAY, pays={"n1": 100_000}))
    await book.derive(TODAY)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        return asked.pop() if asked else await asyncio.Event().wait()  # nobody hangs up

    async with book.client() as client:
        scope = {
            "type": "http", "method": "GET", "path": "/exports/days", "query_string": b"site=TH1", "http_version": "1.1",
            "headers": [(b"authorization", client.http.headers["authorization"].encode())],
            "extensions": {"http.response.pathsend": {}}, "scheme": "http", "server": ("reconciliation", 80), "client": None,
            "asgi": {"version": "3.0", "spec_version": "2.4"},
        }  # fmt: skip
        await client.app(scope, receive, send)
    # Granian opens a file that it was told of by path when the application has ended.
    told = [message["path"] for message in sent if message["type"] == "http.response.pathsend"]
    content = b"".join([Path(path).read_bytes() for path in told] or [message.get("body", b"") for message in sent])
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    [size] = [value for name, value in sent[0]["headers"] if name.lower() == b"content-length"]
    assert int(size) == len(content)
