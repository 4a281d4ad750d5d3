"""What the automaton makes of notices and money, on the database that the service uses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from shared.events.fees import Settled
from tests.integration.matching_ledger import DAY, Ledger, a_fee, a_payment, fresh_ledger, newer, paid
from tests.integration.payment_events import a_site


@pytest.fixture
async def ledger(postgres_dsn: str) -> AsyncIterator[Ledger]:
    async with fresh_ledger(postgres_dsn) as made:
        await made.take(a_site(), a_site("TH2"))
        yield made


async def test_words_pay_as_references_do(ledger: Ledger) -> None:
    an = a_fee(payer_code="HS0001", payer_name="Nguyễn Thị Hoài An", group="3A", purpose="Tiền ăn tháng 11")
    binh = a_fee(120_000, payer_code="HS0002", payer_name="Trần Quốc Bình", group="3A", purpose="Tiền ăn tháng 11")
    await ledger.take(an, binh)
    by_name, by_code = a_payment("nguyen thi hoai an 3a nop tien an"), a_payment("HS0002 tien an", 120_000)
    await ledger.take(by_name, by_code)
    assert [
        (each.reason, paid(each)) for each in await ledger.credits([by_name.transaction_id, by_code.transaction_id])
    ] == [
        ("name", {an.notice_id: 150_000}),
        ("payer_code", {binh.notice_id: 120_000}),
    ]


async def test_a_new_process_decides_as_the_old_one_would(ledger: Ledger) -> None:
    fees = [
        a_fee(payer_code="HS0001", payer_name="Nguyễn Thị Hoài An", group="3A", purpose=f"Tiền ăn {m}") for m in (10, 11)
    ]
    await ledger.take(*fees, a_payment("nguyen thi hoai an 3a", 300_000))
    again = a_payment("nguyen thi hoai an 3a", 300_000)
    ledger.restart()
    await ledger.take(again)
    credit = await ledger.credit(again)
    assert (credit.status, credit.reason) == ("suggested", "duplicate")


async def test_what_changes_while_a_process_lives_is_seen_by_it(ledger: Ledger) -> None:
    fee = a_fee(payer_code="HS0001", payer_name="Nguyễn Thị Hoài An", group="3A")
    await ledger.take(fee, a_payment("khong ro"))
    await ledger.take(newer(fee, payer_name="Nguyễn Thị Hoài Ân Thư", group="3B", amount=90_000))
    old, new = a_payment("nguyen thi hoai an 3a"), a_payment("nguyen thi hoai an thu 3b", 90_000)
    await ledger.take(old, new)
    assert paid(await ledger.credit(old)) == {}
    assert paid(await ledger.credit(new)) == {fee.notice_id: 90_000}


async def test_a_virtual_account_that_payers_share_pays_for_none(ledger: Ledger) -> None:
    shared = {"virtual_account": "VA9"}
    one, other = a_fee(payer_code="HS0001", **shared), a_fee(payer_code="HS0002", **shared)
    own = a_fee(virtual_account="VA1")
    await ledger.take(one, other, own)
    to_shared, to_own = a_payment(None, virtual_account="VA9"), a_payment(None, virtual_account="VA1")
    await ledger.take(to_shared, to_own)
    assert paid(await ledger.credit(to_shared)) == {}
    assert paid(await ledger.credit(to_own)) == {own.notice_id: 150_000}


async def test_the_fee_of_another_site_is_named_and_not_paid(ledger: Ledger) -> None:
    by_reference = a_fee(site_id="TH2", payer_code="TC000001", payer_name="Lò Thị Mai Hoa", group="5B")
    await ledger.take(by_reference)
    payments = [a_payment(by_reference.reference), a_payment("TC000001 hoc phi"), a_payment("lo thi mai hoa lop 5b")]
    await ledger.take(*payments)
    for payment in payments:
        credit = await ledger.credit(payment)
        assert (credit.status, credit.reason, credit.site_id) == ("suggested", "wrong_account", "TH1")
        assert [each.notice_ids for each in credit.candidates] == [(by_reference.notice_id,)]


async def test_an_account_that_paid_before_pays_again_until_a_person_corrects_it(ledger: Ledger) -> None:
    october = a_fee(payer_code="HS0001", payer_name="Nguyễn Thị Hoài An", group="3A", purpose="Tiền ăn tháng 10")
    await ledger.take(october)
    first = a_payment(october.reference, counter_account="19031234567", day=date(2026, 10, 20))
    await ledger.take(first)
    assert await ledger.rows("select payer_codes from habits") == [(["HS0001"],)]
    november = a_fee(payer_code="HS0001", payer_name="Nguyễn Thị Hoài An", group="3A", purpose="Tiền ăn tháng 11")
    silent = a_payment("chuyen tien", counter_account="19031234567")
    ledger.restart()
    await ledger.take(november, silent)
    credit = await ledger.credit(silent)
    assert (credit.reason, paid(credit)) == ("learned_payer", {november.notice_id: 150_000})
    async with ledger.person() as accountant:
        await accountant.undo(await ledger.credit(first))
        await accountant.undo(credit)
    assert await ledger.rows("select * from habits") == []
    again = a_payment("chuyen tien", counter_account="19031234567")
    await ledger.take(again)
    assert (await ledger.credit(again)).reason != "learned_payer"


async def test_a_wallets_payer_is_known_by_account_and_name(ledger: Ledger) -> None:
    wallet = {"counter_account": "99MM24011001"}
    october = a_fee(payer_code="HS0001", payer_name="Nguyễn Thị Hoài An", group="3A", purpose="Tiền ăn tháng 10")
    first = a_payment(f"{october.reference}-MOMO20047", counter_name="LO THI SEN", day=date(2026, 10, 20), **wallet)
    await ledger.take(october, first)
    november = a_fee(payer_code="HS0001", payer_name="Nguyễn Thị Hoài An", group="3A", purpose="Tiền ăn tháng 11")
    another = a_payment("chuyen tien qua MoMo", counter_name="VI VAN TAM", **wallet)
    same = a_payment("chuyen tien qua MoMo", counter_name="LO THI SEN", **wallet)
    ledger.restart()
    await ledger.take(november, another, same)
    assert (await ledger.credit(another)).reason != "learned_payer"
    credit = await ledger.credit(same)
    assert (credit.reason, paid(credit)) == ("learned_payer", {november.notice_id: 150_000})


async def test_habits_stay_at_their_site(ledger: Ledger) -> None:
    here, there = a_fee(payer_code="HS0001"), a_fee(payer_code="HS0001", site_id="TH2")
    await ledger.take(here, a_payment(here.reference, counter_account="19031234567"), there)
    elsewhere = a_payment("chuyen tien", counter_account="19031234567", site_id="TH2", account="0711000999")
    await ledger.take(elsewhere)
    assert (await ledger.credit(elsewhere)).reason != "learned_payer"


async def test_a_payment_before_its_notice_is_decided_when_it_comes(ledger: Ledger) -> None:
    named, unnamed = a_payment("nguyen thi hoai an lop 3a"), a_payment("khong ro", 1)
    await ledger.take(named, unnamed)
    assert (await ledger.credit(named)).status == "unmatched"
    fee = a_fee(payer_code="HS0001", payer_name="Nguyễn Thị Hoài An", group="3A")
    await ledger.take(fee)
    assert paid(await ledger.credit(named)) == {fee.notice_id: 150_000}
    assert (await ledger.credit(unnamed)).version == 1


async def test_money_decided_by_a_reference_that_moved_is_decided_again(ledger: Ledger) -> None:
    wrong, right = a_fee(payer_code="HS0001"), a_fee(payer_code="HS0002", amount=90_000)
    payment, other = a_payment(wrong.reference), a_payment(right.reference, 90_000)
    await ledger.take(wrong, right, payment, other)
    before = await ledger.credit(other)
    # The clerk had given the reference to the wrong pupil: it is another notice's from now on.
    moved = newer(wrong, reference=a_fee().reference)
    mine = a_fee(reference=wrong.reference, payer_code="HS0003")
    await ledger.take(moved, mine)
    credit = await ledger.credit(payment)
    assert paid(credit) == {mine.notice_id: 150_000}
    assert [each.undone_by for each in credit.undone] == ["auto"]
    assert await ledger.credit(other) == before


async def test_a_person_stands_where_a_reference_moves(ledger: Ledger) -> None:
    fee, payment = a_fee(), a_payment("khong ro")
    await ledger.take(fee, payment)
    async with ledger.person() as accountant:
        await accountant.allocate(await ledger.credit(payment), {fee.notice_id: 150_000})
    before = await ledger.credit(payment)
    await ledger.take(newer(fee, reference=a_fee().reference))
    assert await ledger.credit(payment) == before


async def test_a_lowered_notice_gives_back_and_says_so(ledger: Ledger) -> None:
    fee = a_fee()
    payment = a_payment(fee.reference)
    await ledger.take(fee, payment)
    lowered = newer(fee, amount=120_000)
    await ledger.take(lowered)
    credit = await ledger.credit(payment)
    assert (paid(credit), credit.suspense_parts.balance) == ({fee.notice_id: 120_000}, 30_000)
    assert credit.evidence == (
        f"reference {fee.reference} intact", "amount above the open sum", "the notice was lowered after payment",
    )  # fmt: skip
    await ledger.take(newer(lowered, status="cancelled", cancelled_on=DAY))
    credit = await ledger.credit(payment)
    assert (credit.status, credit.reason, paid(credit), credit.suspense) == ("suggested", "cancelled", {}, 150_000)


async def test_evidence_of_equal_sums_goes_with_the_sum_whatever_decided(ledger: Ledger) -> None:
    bill = [a_fee(payer_code="HS0001")]
    bill.append(a_fee(100_000, bill[0].reference, payer_code="HS0001"))
    by_code, by_cash = a_fee(90_000, payer_code="HS0002"), a_fee(payer_code="HS0003")
    payments = [a_payment(bill[0].reference, 250_000), a_payment("HS0002 tien an", 90_000)]
    await ledger.take(*bill, by_code, by_cash, *payments)
    async with ledger.person("tq1", "treasurer") as treasurer:
        receipt = await treasurer.receive(by_cash.notice_id, 150_000, "r1")
    ids = [*(each.transaction_id for each in payments), receipt["credit_id"]]
    assert all(any(said.startswith("amount equal") for said in each.evidence) for each in await ledger.credits(ids))
    lowered = [bill[1], by_code, by_cash]
    for amount in (60_000, 50_000):
        lowered = [newer(each, amount=amount) for each in lowered]
        await ledger.take(*lowered)
        for credit in await ledger.credits(ids):
            assert [said for said in credit.evidence if said.startswith("amount ")] == ["amount above the open sum"]
            assert credit.evidence.count("the notice was lowered after payment") == 1


async def test_what_a_person_allocated_stays_on_a_cancelled_notice_which_says_so(ledger: Ledger) -> None:
    fee, payment = a_fee(), a_payment("khong ro")
    await ledger.take(fee, payment)
    async with ledger.person() as accountant:
        await accountant.allocate(await ledger.credit(payment), {fee.notice_id: 150_000})
        await ledger.take(newer(fee, status="cancelled", cancelled_on=DAY))
        assert (await accountant.get("/review?site=TH1"))["over_allocated"] == [fee.notice_id]
        assert paid(await ledger.credit(payment)) == {fee.notice_id: 150_000}
        await accountant.undo(await ledger.credit(payment))
        assert (await accountant.get("/review?site=TH1"))["over_allocated"] == []


async def test_what_the_automaton_decided_of_a_transaction_told_twice_is_decided_once(ledger: Ledger) -> None:
    fee = a_fee()
    first, second = a_payment(fee.reference), a_payment(fee.reference)
    await ledger.take(fee, first, second)
    assert (await ledger.credit(second)).reason == "duplicate"
    await ledger.take(newer(first, status="merged_into", merged_into=second.transaction_id))
    gone, true = await ledger.credits([first.transaction_id, second.transaction_id])
    assert (gone.status, gone.suspense_parts.not_a_fee, paid(gone)) == ("ignored", 150_000, {})
    assert (true.status, paid(true)) == ("matched", {fee.notice_id: 150_000})


async def test_what_a_person_decided_follows_the_transaction_that_it_was(ledger: Ledger) -> None:
    meant, named = a_fee(), a_fee()
    first, second = a_payment("khong ro"), a_payment(named.reference)
    await ledger.take(meant, named, first, second)
    async with ledger.person() as accountant:
        await accountant.allocate(await ledger.credit(first), {meant.notice_id: 150_000})
    await ledger.take(newer(first, status="merged_into", merged_into=second.transaction_id))
    gone, true = await ledger.credits([first.transaction_id, second.transaction_id])
    assert (gone.status, paid(gone)) == ("ignored", {})
    assert (paid(true), [each.decided_by for each in true.allocations]) == ({meant.notice_id: 150_000}, ["kt1"])
    await ledger.take(newer(named), newer(first, status="merged_into", merged_into=second.transaction_id))
    assert await ledger.credit(second) == true


@pytest.mark.parametrize("at_once", [1, 500])
async def test_a_corrected_amount_is_decided_once_however_its_versions_are_split(ledger: Ledger, at_once: int) -> None:
    fee = a_fee()
    wrong = a_payment(fee.reference)
    await ledger.take(fee, wrong)
    assert paid(await ledger.credit(wrong)) == {fee.notice_id: 150_000}
    marked = a_payment(fee.reference, 100_000, possible_duplicate_of=wrong.transaction_id)
    if at_once == 1:
        await ledger.take(marked)
        assert paid(await ledger.credit(marked)) == {}, "nothing is paid beside the wrong one"
    right = newer(marked, possible_duplicate_of=None)
    await ledger.take(marked, newer(wrong, status="merged_into", merged_into=marked.transaction_id), right, at_once=at_once)
    gone, true = await ledger.credits([wrong.transaction_id, right.transaction_id])
    assert (gone.status, paid(gone)) == ("ignored", {})
    assert (true.status, paid(true)) == ("matched", {fee.notice_id: 100_000})


async def test_who_said_that_they_pay_for_somebody_is_a_helper(ledger: Ledger) -> None:
    before = datetime(2026, 11, 20, tzinfo=UTC)
    helped, own = a_fee(helper_declared_at=before), a_fee()
    late = a_fee(helper_declared_at=datetime(2026, 11, 25, tzinfo=UTC))
    payments = [a_payment(each.reference) for each in (helped, own, late)]
    await ledger.take(helped, own, late, *payments)
    credits = await ledger.credits([each.transaction_id for each in payments])
    assert [each.allocations[0].paid_through for each in credits] == ["helper", "unknown", "unknown"]


async def test_a_persons_word_on_an_account_holds_for_its_payers_next_time(ledger: Ledger) -> None:
    first, next_one = a_fee(payer_code="HS0001"), a_fee(payer_code="HS0001")
    other = a_fee(payer_code="HS0002")
    by_hand = a_payment("khong ro", 100, counter_account="19031234567")
    await ledger.take(first, by_hand)
    async with ledger.person() as accountant:
        await accountant.allocate(await ledger.credit(by_hand), {first.notice_id: 100}, paid_through="family")
    known = a_payment(next_one.reference, counter_account="19031234567")
    stranger = a_payment(other.reference, counter_account="19031234567")
    await ledger.take(next_one, other, known, stranger)
    credits = await ledger.credits([known.transaction_id, stranger.transaction_id])
    assert [each.allocations[0].paid_through for each in credits] == ["family", "unknown"]


async def test_an_erased_transaction_leaves_no_words_behind(ledger: Ledger) -> None:
    fee = a_fee()
    payment = a_payment(f"{fee.reference} mẹ Cún", counter_account="19031234567", counter_name="LE THI HOA")
    await ledger.take(fee, payment)
    before = await ledger.credit(payment)
    assert len(await ledger.rows("select * from texts")) == 1
    await ledger.take(newer(payment, status="erased", memo=None, counter_name=None, counter_account=None))
    assert await ledger.rows("select * from texts") == []
    assert await ledger.rows("select * from habits") == []
    assert await ledger.credit(payment) == before


async def test_an_erased_payer_is_forgotten(ledger: Ledger) -> None:
    fee = a_fee(payer_code="HS0001", payer_name="Nguyễn Thị Hoài An", group="3A", guardian_phone="0912345678")
    await ledger.take(fee, a_payment("khong ro"))
    await ledger.take(newer(fee, payer_code=None, payer_name=None, guardian_name=None, guardian_phone=None))
    assert await ledger.rows("select * from payers") == []
    payment = a_payment("nguyen thi hoai an 3a")
    await ledger.take(payment)
    assert paid(await ledger.credit(payment)) == {}


async def test_money_out_that_gave_a_credit_back_says_so_whichever_is_heard_of_first(ledger: Ledger) -> None:
    payment, out = a_payment("khong ro"), a_payment("hoan tien", direction="out")
    await ledger.take(payment)
    async with ledger.person("auto", "reconciliation") as service:
        body = {"amount": 150_000, "why": "nộp nhầm", "returned_by": out.transaction_id}
        path = f"/credits/{payment.transaction_id}/returns"
        answer = await service.send("POST", path, body, version=1, key="return/1")
        assert await service.send("POST", path, body, version=1, key="return/1") == answer
    await ledger.take(out)
    assert (await ledger.credit(out)).reverses == payment.transaction_id
    credit = await ledger.credit(payment)
    assert (credit.reversed_by, credit.suspense_parts.returned) == (out.transaction_id, 150_000)


async def test_what_a_settlement_leaves_of_a_deposit_is_set_apart_to_go_back_once(ledger: Ledger) -> None:
    deposit = a_fee(500_000, obligation="deposit", fee_kind="advance")
    first, by_hand = a_payment(deposit.reference, 300_000), a_payment("khong ro", 200_000)
    await ledger.take(deposit, first, by_hand)
    async with ledger.person() as accountant:
        await accountant.allocate(await ledger.credit(by_hand), {deposit.notice_id: 200_000})
    settled = newer(deposit, amount=150_000, settled={"by": "tn1", "to_return": 350_000})
    await ledger.take(settled, settled)
    one, other = await ledger.credits([first.transaction_id, by_hand.transaction_id])
    assert (paid(one), one.suspense_parts.to_return, one.status) == ({}, 300_000, "matched")
    assert (paid(other), other.suspense_parts.to_return) == ({deposit.notice_id: 150_000}, 50_000)
    told = [(each.amount, each.undone_by, each.settled) for each in (*one.undone, *other.undone)]
    assert told == [
        (300_000, "auto", Settled(by="tn1", to_return=300_000)), (200_000, "tn1", Settled(by="tn1", to_return=50_000)),
    ]  # fmt: skip

    # It is nobody's to match again, and goes on its way once: what the fee is lowered by later is not a part of it.
    await ledger.take(newer(settled, amount=100_000), a_fee(300_000, reference=deposit.reference))
    assert [each.suspense_parts for each in await ledger.credits([first.transaction_id, by_hand.transaction_id])] == [
        one.suspense_parts,
        other.suspense_parts,
    ]
    async with ledger.person("auto", "reconciliation") as service:
        body = {"amount": 300_000, "why": "refund", "returned_at": "2026-11-24T10:00:00+07:00"}
        await service.send("POST", f"/credits/{one.credit_id}/returns", body, version=one.version)
    back = await ledger.credit(first)
    assert (back.suspense_parts.returned, back.suspense_parts.to_return) == (300_000, 0)
    assert back.returned_at == datetime(2026, 11, 24, 3, tzinfo=UTC)


async def test_a_question_is_not_answered_by_what_others_paid_since(ledger: Ledger) -> None:
    one, other = (a_fee(payer_code=code, payer_name="Lò Thị Mai Hoa", group="5B") for code in ("HS0001", "HS0002"))
    unclear = a_payment("lo thi mai hoa 5b")
    await ledger.take(one, other, unclear)
    before = await ledger.credit(unclear)
    assert (before.status, before.reason) == ("suggested", "ambiguous")
    await ledger.take(a_payment(one.reference))
    await ledger.take(newer(other, link_opened_at=datetime(2026, 11, 25, tzinfo=UTC)), a_fee(payer_code="HS0003"))
    assert await ledger.credit(unclear) == before


async def test_money_that_may_have_been_told_of_twice_waits_for_a_person(ledger: Ledger) -> None:
    fee = a_fee()
    first = a_payment(f"{fee.reference} nop tien", 50_000)
    again = a_payment(f"{fee.reference} nop tien", 50_000, possible_duplicate_of=first.transaction_id)
    await ledger.take(fee, first, again)
    assert paid(await ledger.credit(first)) == {fee.notice_id: 50_000}
    credit = await ledger.credit(again)
    assert (credit.status, credit.reason, paid(credit)) == ("suggested", "duplicate", {})
    assert credit.suspense == 50_000
    assert credit.candidates[0].notice_ids == (fee.notice_id,)

    await ledger.take(newer(again, possible_duplicate_of=None))
    assert paid(await ledger.credit(again)) == {fee.notice_id: 50_000}


async def test_the_payers_bank_is_told_once_a_statement_knows_it(ledger: Ledger) -> None:
    payment = a_payment("khong ro")
    await ledger.take(a_fee(), payment)
    await ledger.sent()
    await ledger.take(newer(payment, counter_bank="ACB"))
    assert [(each.version, each.counter_bank) for each in await ledger.sent()] == [(2, "ACB")]
