"""What a message is, decided without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.model import (
    AccountError,
    Known,
    SiteAccount,
    claims,
    decide,
    identity_keys,
    normal_account,
    site_at,
    transaction_id_of,
    transaction_of,
    with_site,
)
from tests.unit.services.ingest.samples import ACCOUNT, NOW, a_message, a_reported


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


def test_the_same_message_twice_in_a_group_is_one_transaction():
    decision = decide([a_message(a_reported()), a_message(a_reported())], {})
    assert decision.outcomes == ["new", "duplicate"]
    assert len(decision.new) == 1
    assert decision.transaction_ids[0] == decision.transaction_ids[1]


def test_a_message_known_before_is_a_duplicate_by_any_of_its_keys():
    message = a_message(a_reported())
    for key in identity_keys(message, message.reported[0]):
        decision = decide([message], {key: Known("t", ACCOUNT, 150_000, "in")})
        assert (decision.outcomes, decision.transaction_ids, decision.new) == (["duplicate"], [["t"]], [])


def test_the_same_transaction_over_two_connections_of_one_provider_is_one():
    decision = decide([a_message(a_reported()), a_message(a_reported(), connection_id="two")], {})
    assert decision.outcomes == ["new", "duplicate"]
    assert "message/two/1" in decision.owned_keys


@pytest.mark.parametrize("change", [{"amount": 150_001}, {"direction": "out"}, {"account": "999"}])
def test_a_known_id_with_another_content_is_a_conflict_and_the_first_stands(change: dict[str, object]):
    messages = [a_message(a_reported()), a_message(a_reported(**change), accounts=frozenset({ACCOUNT, "999"}))]
    decision = decide(messages, {})
    assert decision.outcomes == ["new", "conflict"]
    assert [reported.amount for _, reported in decision.new] == [150_000]
    # What the contradiction claimed for itself is given back.
    assert claims(messages).keys() - decision.owned_keys <= {"sepay/999/1"}


def test_equal_amounts_under_two_ids_stay_two():
    decision = decide([a_message(a_reported(), a_reported(provider_id="2"))], {})
    assert decision.outcomes == ["new"]
    assert len(set(decision.transaction_ids[0])) == 2


def test_an_account_outside_the_connection_is_unrouted_and_claims_nothing():
    message = a_message(a_reported(account="777"))
    decision = decide([message], {})
    assert (decision.outcomes, decision.new, len(decision.unrouted)) == (["unrouted"], [], 1)
    assert claims([message]) == {}


def test_a_message_without_transactions_is_a_test_call():
    assert decide([a_message()], {}).outcomes == ["test"]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 2), st.sampled_from(["one", "two"])), max_size=12))
def test_any_group_makes_each_transaction_once_and_claims_what_it_owns(rows: list[tuple[int, int, str]]):
    messages = [a_message(a_reported(provider_id=str(n), amount=dong), connection_id=where) for n, dong, where in rows]
    decision = decide(messages, {})
    made = [transaction_id_of(message.provider, each.account, each.provider_id) for message, each in decision.new]
    assert len(made) == len(set(made)) == len({n for n, _, _ in rows})
    assert decision.owned_keys <= claims(messages).keys()
    for message, each in decision.new:
        assert set(identity_keys(message, each)) <= decision.owned_keys


def test_a_balance_of_zero_after_money_in_is_unknown():
    message = a_message()
    assert transaction_of(message, a_reported(balance_after=0), None).balance_after is None
    assert transaction_of(message, a_reported(balance_after=0, direction="out"), None).balance_after == 0
    assert transaction_of(message, a_reported(balance_after=-5), None).balance_after == -5


def test_a_site_owns_an_account_from_a_local_day_until_a_local_day():
    owners = [
        SiteAccount(ACCOUNT, "old", date(2024, 1, 1), date(2026, 8, 31)),
        SiteAccount(ACCOUNT, "new", date(2026, 9, 1), None),
    ]
    assert site_at(owners, ACCOUNT, datetime(2026, 8, 31, 16, 59, tzinfo=UTC)) == "old"
    assert site_at(owners, ACCOUNT, datetime(2026, 8, 31, 17, 0, tzinfo=UTC)) == "new"
    assert site_at(owners, ACCOUNT, datetime(2023, 12, 31, tzinfo=UTC)) is None
    assert site_at(owners, "other", NOW) is None


def test_a_late_site_makes_the_next_version_and_changes_nothing_else():
    before = transaction_of(a_message(), a_reported(), None)
    after = with_site(before, "S1")
    assert (after.version, after.site_id) == (2, "S1")
    assert after.model_copy(update={"version": 1, "site_id": None}) == before
