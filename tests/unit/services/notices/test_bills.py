"""What a bill asks: its lines, its account, its QR."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notices.lists import reminders
from services.notices.page.view import page_of
from shared.vietqr import decode
from tests.unit.services.notices.bill_builders import NOW, TODAY, a_bill, a_line, a_site, an_account


@pytest.mark.parametrize(
    ("lines", "state", "left"),
    [
        ((a_line(),), "waiting", 150_000),
        ((a_line(paid=1),), "part", 149_999),
        ((a_line(paid=150_000),), "paid", 0),
        ((a_line(paid=200_000),), "paid", 0),
        ((a_line(status="cancelled"),), "cancelled", 0),
        ((a_line(obligation="voluntary"),), "waiting", 150_000),
        ((a_line(paid=150_000), a_line("n2", obligation="voluntary")), "paid", 150_000),
        ((a_line(), a_line("n2", status="cancelled", paid=5)), "waiting", 150_000),
    ],
)
def test_how_far_a_bill_is_paid(lines, state, left):
    bill = a_bill(*lines)
    assert (bill.state, bill.left()) == (state, left)


LINES = st.lists(
    st.tuples(st.integers(1, 10**7), st.integers(0, 10**7), st.sampled_from(["due", "voluntary", "deposit"]), st.booleans()),
    min_size=1, max_size=6,
)  # fmt: skip


@given(LINES, st.sets(st.integers(0, 5)))
def test_the_qr_carries_exactly_what_is_left_of_what_is_chosen(told, out):
    lines = [
        a_line(f"n{place}", amount, paid=paid, obligation=obligation, status="open" if is_open else "cancelled")
        for place, (amount, paid, obligation, is_open) in enumerate(told)
    ]
    bill = a_bill(*lines)
    skipped = [lines[place].key for place in out if place < len(lines)]
    slip = bill.slip(TODAY, skipped)
    expected = sum(
        max(0, amount - paid)
        for place, (amount, paid, obligation, is_open) in enumerate(told)
        if is_open and not (obligation == "voluntary" and place in out)
    )
    assert bill.left(skipped) == expected
    assert (slip is None) == (expected == 0)
    if slip is not None:
        read = decode(slip.payload)
        assert (read.amount, read.memo, read.account) == (expected, "KHC3A4B5C6D", "0011")


def test_the_account_is_the_one_that_the_kinds_name_else_the_newest_that_is_open():
    ended, old, new = an_account("1", ends=date(2026, 1, 1)), an_account("2"), an_account("3", date(2026, 9, 1))
    site = a_site("Trường", ended, old, new, an_account("4", date(2027, 1, 1)))
    for named, chosen in ((None, "3"), ("2", "2"), ("1", "3"), ("4", "3")):
        account = a_bill(site=site, account=named).account(TODAY)
        assert account is not None
        assert account.account_number == chosen
    assert a_bill(site=a_site("Trường", ended)).slip(TODAY) is None


def test_the_memo_begins_as_the_account_s_provider_needs_it():
    site = a_site("Trường", an_account(memo_prefix="SEVQR", memo_limit=19))
    slip = a_bill(site=site).slip(TODAY)
    assert slip is not None
    assert decode(slip.payload).memo == "SEVQR KHC3A4B5C6D"


@pytest.mark.parametrize(
    ("purpose", "period", "shown"),
    [
        ("Nước uống", "2026-11", "tháng 11/2026"),
        ("Ăn tháng 11/2026", "2026-11", None),
        ("Ăn T11", "t11", None),
        ("Ăn", None, None),
    ],
)
def test_a_period_is_said_once_and_in_words(purpose, period, shown):
    assert a_line(purpose=purpose, period=period).period == shown


def test_what_is_voluntary_or_a_deposit_is_never_due():
    assert a_bill(a_line(obligation="voluntary"), a_line("n2", obligation="deposit")).due_on is None
    assert a_bill(a_line(due_on=date(2026, 12, 1)), a_line("n2", due_on=date(2026, 11, 1), paid=150_000)).due_on == date(
        2026, 12, 1
    )


def test_bank_data_are_fresh_for_a_day():
    bill = a_bill()
    assert bill.is_fresh(NOW + timedelta(days=1))
    assert not bill.is_fresh(NOW + timedelta(days=1, seconds=1))
    assert not a_bill(fresh=False).is_fresh(NOW)


def test_the_page_closes_ninety_days_after_the_last_that_happened():
    assert a_bill(a_line(due_on=date(2026, 11, 30))).closes_on() == date(2027, 2, 28)
    assert a_bill(a_line(due_on=date(2026, 1, 30), paid=1)).closes_on() == date(2026, 11, 24) + timedelta(days=90)


def test_what_no_qr_can_carry_is_no_slip_and_no_error():
    too_much = a_bill(a_line(amount=10**13), a_line("n2"))
    too_long = a_bill(site=a_site("Trường", an_account(memo_prefix="SEVQRABCDE", memo_limit=19)))
    for bill in (too_much, too_long):
        assert bill.slip(TODAY) is None
        assert page_of(bill, (), "https://khop.vn/b/token", NOW).fields == ()


def test_what_a_patient_holds_tells_of_no_ward_and_no_treatment():
    line = a_line(group="Khoa Ung bướu", purpose="Viện phí")
    line = replace(line, notice=line.notice.model_copy(update={"round": "Chạy thận"}))
    bill = a_bill(line, site=a_site().model_copy(update={"type": "health"}))
    slip = bill.slip(TODAY)
    assert slip is not None
    assert (slip.round, slip.group) == (None, None)
    page = page_of(bill, (), "https://khop.vn/b/token", NOW)
    texts = [repr(page), reminders.sms(bill, None, NOW), reminders.zalo(bill, None, NOW)]
    assert not [text for text in texts if "Ung" in text or "thận" in text]
