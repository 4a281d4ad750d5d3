"""The words of ingest: accounts, transactions as they are published, sites."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.model import (
    NAMESPACE,
    SiteAccount,
    Transaction,
    believable,
    new_transaction,
    see_again,
    site_at,
    transaction_id_of,
)
from shared.accounts import AccountError, normal_account
from shared.events import BankTransaction
from tests.unit.services.ingest.samples import ACCOUNT, NOW, a_reported, a_transaction


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("0123499999", "0123499999"),
        (" 0123 499 999 ", "0123499999"),
        ("0123-499.999", "0123499999"),
        ("0123\u00a0499\u2013999", "0123499999"),
        ("sbsepay12ab", "SBSEPAY12AB"),
        ("0001", "0001"),
    ],
)
def test_an_account_has_one_form_however_it_is_decorated(written: str, normal: str):
    assert normal_account(written) == normal


@pytest.mark.parametrize("written", ["", " - ", "0123/499", "0123_4", "٠١٢٣", "１２３", "1" * 41, "01\x0023"])
def test_what_is_no_account_is_refused_and_not_trimmed_into_one(written: str):
    with pytest.raises(AccountError):
        normal_account(written)


@given(st.text(st.sampled_from("0123456789ABCxyz -."), min_size=1, max_size=40))
def test_normalising_twice_changes_nothing(written: str):
    try:
        once = normal_account(written)
    except AccountError:
        return
    assert normal_account(once) == once


def test_a_transaction_id_never_changes():
    # Written out: another value would publish every transaction of an installation a second time.
    assert transaction_id_of("sepay", "0123499999", "92704") == "e06e972d-2115-5ed7-b31c-1b9b4d6fe707"


@given(st.text(), st.text())
def test_a_transaction_id_is_a_uuid_of_version_5(account: str, provider_id: str):
    try:
        expected = str(uuid.uuid5(NAMESPACE, f"sepay/{account}/{provider_id}"))
    except UnicodeEncodeError:
        return
    assert transaction_id_of("sepay", account, provider_id) == expected


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
REPORTS = st.builds(
    a_reported,
    amount=st.integers(1, 10**13), direction=st.sampled_from(["in", "out"]), occurred_at=MOMENTS, memo=TEXTS,
    counter_name=TEXTS, counter_account=TEXTS, bank_reference=TEXTS, balance_after=st.none() | st.integers(-5, 10**15),
    payment_code=TEXTS, virtual_account=TEXTS,
)  # fmt: skip


@given(REPORTS, REPORTS, MOMENTS)
def test_what_is_published_is_what_the_contract_writes(reported, again, received_at):
    transaction = new_transaction(reported, provider="sepay", seen_by="webhook", received_at=received_at, site_id="S1")
    see_again(transaction, again, provider="casso", seen_by="statement", received_at=received_at)
    transaction.corrections.append({
        "transaction_id": "t0", "amount": 1, "statement_id": "s1", "line": 2, "corrected_by": "kt1", "corrected_at": received_at,
    })  # fmt: skip
    raw = transaction.published()
    assert BankTransaction.model_validate_json(raw).model_dump_json().encode() == raw
    assert Transaction.of_entity(raw) == transaction


def test_a_balance_of_zero_after_money_in_is_unknown():
    assert a_transaction(balance_after=0).balance_after is None
    assert a_transaction(balance_after=0, direction="out").balance_after == 0
    assert a_transaction(balance_after=-5).balance_after == -5


def test_without_a_time_of_the_bank_the_arrival_stands():
    assert a_transaction(occurred_at=None).occurred_at == NOW


def test_a_second_sighting_fills_what_was_unknown_and_overwrites_nothing():
    transaction = a_transaction(memo="KH7Q2", occurred_at=NOW, day_only=True)
    later = a_reported(memo="other", counter_name="NGUYEN VAN AN", balance_after=7, occurred_at=NOW + timedelta(hours=1))
    see_again(transaction, later, provider="sepay", seen_by="statement", received_at=NOW)
    assert (transaction.memo, transaction.counter_name, transaction.balance_after) == ("KH7Q2", "NGUYEN VAN AN", 7)
    assert (transaction.occurred_at, transaction.day_only) == (NOW + timedelta(hours=1), False)
    assert transaction.sources == ["casso/webhook", "sepay/statement"]
    assert transaction.seen_by == "webhook"


def test_a_site_owns_an_account_from_a_local_day_until_a_local_day():
    owners = [
        SiteAccount(ACCOUNT, "old", date(2024, 1, 1), date(2026, 8, 31)),
        SiteAccount(ACCOUNT, "new", date(2026, 9, 1), None),
    ]
    assert site_at(owners, ACCOUNT, datetime(2026, 8, 31, 16, 59, tzinfo=UTC)) == "old"
    assert site_at(owners, ACCOUNT, datetime(2026, 8, 31, 17, 0, tzinfo=UTC)) == "new"
    assert site_at(owners, ACCOUNT, datetime(2023, 12, 31, tzinfo=UTC)) is None
    assert site_at(owners, "other", NOW) is None


@pytest.mark.parametrize(
    ("ahead", "kept"), [(timedelta(hours=7), True), (timedelta(days=1), True), (timedelta(days=2), False)]
)
def test_what_moved_in_the_future_moved_when_it_was_told(ahead: timedelta, kept: bool):
    reported = a_reported(occurred_at=NOW + ahead)
    assert believable(reported, NOW) == (reported if kept else reported._replace(occurred_at=None))
