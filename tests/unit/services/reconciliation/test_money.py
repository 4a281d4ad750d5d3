"""Cash that deposits clear, notes, refunds on their way, money out that returns a credit, money of others, signed figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reconciliation.cash.model import NOTES, CountError, Open, clear, counted
from services.reconciliation.closes.model import digest_of, month_figures, month_of
from services.reconciliation.collected_for.model import Held, Share, may_remit, remits
from services.reconciliation.exports.tabulating import Part, by_day, by_fee, by_group
from services.reconciliation.facts.memos import memo_says
from services.reconciliation.money_back.model import (
    STEPS,
    ListedRefund,
    MoneyOut,
    Returnable,
    matches,
    may_step,
    same_account,
)

START = datetime(2026, 10, 5, 2, tzinfo=UTC)


# --- cash


def opens(prefix: str):
    made = st.tuples(st.integers(0, 50), st.integers(1, 10**6))
    return st.lists(made, max_size=12).map(
        lambda rows: [Open(f"{prefix}{n}", START + timedelta(hours=hour), amount) for n, (hour, amount) in enumerate(rows)]
    )


@given(opens("d"), opens("r"))
def test_links_never_exceed_either_side_and_never_clear_what_came_later(deposits, receipts):
    links = clear(deposits, receipts)
    by_id = {each.id: each for each in (*deposits, *receipts)}
    for side in ("deposit_id", "receipt_id"):
        for name in {getattr(link, side) for link in links}:
            assert sum(link.amount for link in links if getattr(link, side) == name) <= by_id[name].amount
    assert all(link.amount > 0 for link in links)
    assert all(by_id[link.receipt_id].at <= by_id[link.deposit_id].at for link in links)
    assert len({(link.deposit_id, link.receipt_id) for link in links}) == len(links)


@given(opens("r"))
def test_one_deposit_of_everything_clears_everything(receipts):
    total = sum(receipt.amount for receipt in receipts)
    links = clear([Open("d", START + timedelta(days=9), total)], receipts) if total else []
    assert sum(link.amount for link in links) == total


def test_the_oldest_receipts_are_cleared_first_and_a_receipt_in_parts():
    receipts = [Open("new", START + timedelta(hours=2), 50), Open("old", START, 80)]
    deposits = [Open("d1", START + timedelta(hours=3), 100), Open("d2", START + timedelta(hours=4), 30)]
    assert [(link.deposit_id, link.receipt_id, link.amount) for link in clear(deposits, receipts)] == [
        ("d1", "old", 80), ("d1", "new", 20), ("d2", "new", 30),
    ]  # fmt: skip


@given(st.dictionaries(st.sampled_from(NOTES), st.integers(0, 1_000)))
def test_notes_come_to_their_sum(denominations):
    assert counted(denominations) == sum(note * count for note, count in denominations.items())


@pytest.mark.parametrize("denominations", [{30_000: 1}, {500_000: -1}, {1_000: 10**9}, {0: 1}])
def test_notes_that_are_none_are_refused(denominations):
    with pytest.raises(CountError):
        counted(denominations)


# --- refunds


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=8), st.sampled_from(["transfer", "cash"]))
def test_no_way_leads_to_paid_past_the_head_nor_a_transfer_past_the_list(wishes, way):
    state, gone = "proposed", ["proposed"]
    for wish in wishes:
        if may_step(state, wish, way):
            state = wish
            gone.append(wish)
    if "paid" in gone:
        assert "approved" in gone
        assert ("listed" in gone) == (way == "transfer")
    if "told" in gone:
        assert gone[-2] == "paid"
    assert not {"refused", "withdrawn"} & set(gone[:-1]), "these end it"


def out(amount: int = 100, account: str | None = "0190", says: str | None = None) -> MoneyOut:
    return MoneyOut("o1", amount, START + timedelta(days=3), account, says)  # type: ignore[arg-type]


def credit(name: str = "c1", amount: int = 100, account: str | None = "0190", days: int = 1) -> Returnable:
    return Returnable(name, amount, START + timedelta(days=days), account)


def test_a_listed_refund_to_its_account_and_of_its_amount_is_certain_the_oldest_first():
    listed = [
        ListedRefund("r2", "c2", 100, "190"),
        ListedRefund("r1", "c1", 100, "0190"),
        ListedRefund("r0", "c0", 99, "0190"),
    ]
    found = matches(out(), listed, [credit()])
    assert [(each.refund_id, each.is_certain) for each in found] == [("r1", True), ("r2", False), (None, False)]
    assert not any(each.is_certain for each in matches(out(account="777"), listed, []))


def test_where_the_bank_tells_no_account_a_listed_refund_of_the_amount_is_asked_about():
    listed = [ListedRefund("r2", "c2", 100, "0190"), ListedRefund("r0", "c0", 99, "0190")]
    [found] = matches(out(account=None), listed, [])
    assert (found.refund_id, found.is_certain, found.evidence) == ("r2", False, ("in_payment_list", "amount_equal"))


def test_a_reversal_is_certain_only_where_one_credit_alone_fits_and_soon():
    assert [each.is_certain for each in matches(out(says="reversal"), [], [credit()])] == [True]
    assert [each.is_certain for each in matches(out(says="reversal"), [], [credit(), credit("c2")])] == [False, False]
    assert [each.is_certain for each in matches(out(says="reversal"), [], [credit(days=-60)])] == [False]
    assert [each.is_certain for each in matches(out(says="refund"), [], [credit()])] == [False]
    assert [each.is_certain for each in matches(out(), [], [credit()])] == [False]


def test_nothing_speaks_for_another_account_without_a_word_and_the_amount():
    assert matches(out(), [], [credit(account="777")]) == []
    assert matches(out(says="refund"), [], [credit(account="777", amount=150)]) == []
    [found] = matches(out(says="refund"), [], [credit(account=None)])
    assert (found.is_certain, found.evidence) == (False, ("amount_equal", "memo_refund"))
    assert matches(out(amount=101), [], [credit()]) == [], "never more than came"
    assert matches(out(), [], [credit(days=4)]) == [], "never before it came"


@given(st.text("0123456789", min_size=1, max_size=14))
def test_an_account_is_the_same_however_it_is_written(number):
    written = " ".join(number) + "."
    assert same_account(number, written) == bool(number.strip("0"))
    assert not same_account(number, None)
    assert not same_account(None, None)


@pytest.mark.parametrize(
    ("memo", "says"),
    [
        ("HOAN GIAO DICH LOI FT24106310287836", "reversal"),
        ("Đảo giao dịch 123", "reversal"),
        ("REVERSAL TXN 99", "reversal"),
        ("hoàn trả tiền ăn cho con", "refund"),
        ("tra lai tien nop thua lop 4A", "refund"),
        ("chuyen tien BHYT hoc sinh nam hoc 2026", "remittance"),
        ("nop tien an thang 11", None),
        ("Hoàng Văn Trả", None),
        ("", None),
    ],
)
def test_what_memos_of_money_out_say(memo, says):
    assert memo_says(memo) == says


# --- money of others


def held(kind: str, owes: int, account: str | None = "3741") -> Held:
    return Held(kind, "BHXH", account, owes)


def test_a_payment_hands_on_one_kind_or_all_of_its_body_and_nothing_in_between():
    both = [held("bhyt", 600), held("bhtt", 300), held("other", 900, "999")]
    assert remits(600, "03741", both) == (Share("bhyt", 600),)
    assert remits(900, "3741", both) == (Share("bhtt", 300), Share("bhyt", 600))
    assert remits(500, "3741", both) == ()
    assert remits(600, None, both) == ()
    assert remits(600, "3741", [held("a", 600), held("b", 600)]) == (), "two kinds of one sum: a person says"


def test_a_person_is_asked_where_the_account_or_the_memo_speaks_of_a_body():
    assert may_remit("3741", None, [held("bhyt", 5)])
    assert may_remit(None, "remittance", [held("bhyt", 5)])
    assert not may_remit("777", None, [held("bhyt", 5)])
    assert not may_remit("3741", "remittance", [held("bhyt", 0)])


# --- closes and tables


def test_a_month_is_the_sum_of_its_days_and_a_deposit_is_received_once():
    def day(number: int, account: str, **more: object) -> dict:
        return {
            "account": account, "date": f"2026-10-{number:02}", "opening": None, "closing": None, "credits": 0, "debits": 0,
            "allocated": 0, "suspense": 0, "cash": 0, "deposits": 0, "close_reason": None,
        } | more  # fmt: skip

    months = month_figures([
        day(2, "0123", credits=150, deposits=100, allocated=50, suspense=100, opening=20, closing=170),
        day(1, "0123", credits=20, allocated=20, opening=0, closing=20, close_reason="bank_fee"),
        day(1, "cash", cash=100, allocated=100, opening=0, closing=100), day(2, "cash", deposits=100, opening=100, closing=0),
    ])  # fmt: skip
    assert months["received"] == 20 + 150 - 100 + 100
    assert (months["accounts"]["0123"]["opening"], months["accounts"]["0123"]["closing"]) == (0, 170)
    assert months["accounts"]["0123"]["closed_with_reason"] == 1
    assert months["accounts"]["cash"]["closing"] == 0


def test_months_and_digests():
    assert month_of("2026-02") == (date(2026, 2, 1), date(2026, 2, 28))
    assert month_of("2026-12") == (date(2026, 12, 1), date(2026, 12, 31))
    for wrong in ("2026-13", "2026", "11/2026", "2026-1"):
        with pytest.raises(ValueError):
            month_of(wrong)
    assert digest_of({"a": 1, "b": "ngày"}) == digest_of({"b": "ngày", "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})


PARTS = st.lists(
    st.builds(
        Part, st.sampled_from(["2A", "10B", None]), st.sampled_from(["meals", "water"]), st.sampled_from(["Tiền ăn", None]),
        st.dates(date(2026, 10, 1), date(2026, 10, 5)), st.sampled_from(["bank", "cash", "portal", "opening"]),
        st.integers(1, 10**9), st.integers(1, 9),
    )
)  # fmt: skip


@given(PARTS)
def test_the_same_money_however_it_is_laid_out(parts):
    total = sum(part.amount for part in parts)
    for lay in (by_group, by_fee, by_day):
        assert sum(line.total for line in lay(parts)) == total
        assert all(sum(line.row()[2:6]) == line.row()[6] for line in lay(parts))
    labels = [line.label for line in by_group(parts)]
    assert labels == [each for each in ("2A", "10B", "(không có lớp)") if each in labels]
