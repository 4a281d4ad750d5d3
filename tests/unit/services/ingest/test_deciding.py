"""What becomes of a group of messages, decided without a database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.deciding import Standing, decide, keys_of, own_keys
from services.ingest.identity import reference_key
from services.ingest.model import transaction_id_of
from tests.unit.services.ingest.samples import ACCOUNT, NOW, a_message, a_reported, a_transaction

NOTHING = Standing()
FT = "FT26309000000001"


def test_the_same_message_twice_in_a_group_is_one_transaction():
    decision = decide([a_message(a_reported()), a_message(a_reported())], NOTHING)
    assert decision.outcomes == ["new", "duplicate"]
    assert [each.version for each in decision.new] == [1]
    assert len(decision.new[0].sightings) == 1
    assert decision.transaction_ids[0] == decision.transaction_ids[1]


def test_a_message_known_before_is_a_duplicate_by_any_of_its_keys_and_changes_nothing():
    message = a_message(a_reported())
    for key in own_keys(message, message.reported[0]):
        known = a_transaction()
        decision = decide([message], Standing({key: known}))
        assert (decision.outcomes, decision.transaction_ids) == (["duplicate"], [[known.transaction_id]])
        assert (decision.new, decision.changed) == ([], {})


def test_a_message_that_was_corrected_since_is_a_duplicate_with_its_wrong_amount_too():
    message = a_message(a_reported())
    known = a_transaction(amount=100_000)
    known.corrections.append({"transaction_id": "t0", "amount": message.reported[0].amount})
    for key in own_keys(message, message.reported[0]):
        assert decide([message], Standing({key: known})).outcomes == ["duplicate"]
    other = a_message(a_reported(amount=90_000))
    assert decide([other], Standing({own_keys(other, other.reported[0])[0]: known})).outcomes == ["conflict"]


def test_the_same_transaction_over_two_connections_of_one_provider_is_one():
    decision = decide([a_message(a_reported()), a_message(a_reported(), connection_id="two")], NOTHING)
    assert decision.outcomes == ["new", "duplicate"]
    assert "message/two/1" in decision.keys


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 150_001}, {"direction": "out"}, {"account": "999"}, {"bank_reference": "FT26309000000002"},
        {"occurred_at": NOW - timedelta(days=2)},
    ],
)  # fmt: skip
def test_2_a_known_id_with_another_content_is_a_second_transaction_and_marked(change: dict[str, object]):
    first = a_message(a_reported(bank_reference=FT))
    report = a_reported(**{"bank_reference": FT, **change})
    second = a_message(report, accounts=frozenset({ACCOUNT, "999"}))
    decision = decide([first, second, second], NOTHING)
    assert decision.outcomes == ["new", "conflict", "duplicate"]
    one, other = decision.new
    assert (one.amount, one.possible_duplicate_of) == (150_000, None)
    assert (other.account, other.amount, other.direction) == (report.account, report.amount, report.direction)
    assert other.possible_duplicate_of == one.transaction_id != other.transaction_id
    assert decision.transaction_ids == [[one.transaction_id], [other.transaction_id], [other.transaction_id]]
    # The id's own names stay with the first; those of another account stay free for whoever speaks for it.
    assert "sepay/999/1" not in decision.keys
    assert decision.keys[own_keys(first, first.reported[0])[1]] == one.transaction_id
    # Sent again another day, by another process, it is still the same.
    again = decide([second], Standing({key: {each.transaction_id: each for each in decision.new}[known]
                                       for key, known in decision.keys.items()}))  # fmt: skip
    assert (again.outcomes, again.new, again.changed) == (["duplicate"], [], {})
    assert again.transaction_ids == [[other.transaction_id]]


def test_2_a_second_content_that_another_source_told_already_is_that_transaction():
    known, other = a_transaction(), a_transaction(provider_id="9", amount=5, bank_reference=FT)
    message = a_message(a_reported(amount=5, bank_reference=FT))
    standing = Standing({own_keys(message, message.reported[0])[0]: known, str(reference_key(message.reported[0])): other})
    decision = decide([message], standing)
    assert (decision.outcomes, decision.new) == (["conflict"], [])
    assert list(decision.changed) == [other.transaction_id]


def test_equal_amounts_under_two_ids_stay_two():
    decision = decide([a_message(a_reported(), a_reported(provider_id="2"))], NOTHING)
    assert decision.outcomes == ["new"]
    assert len(set(decision.transaction_ids[0])) == 2
    assert [each.possible_duplicate_of for each in decision.new] == [None, None]


def test_a_second_provider_under_the_bank_s_reference_adds_a_sighting_as_the_next_version():
    report = a_reported(bank_reference=f"{FT}\\BNK")
    known = a_transaction(bank_reference=FT)
    decision = decide([a_message(report)], Standing({str(reference_key(report)): known}))
    assert decision.outcomes == ["duplicate"]
    (changed,) = decision.changed.values()
    assert (changed.version, changed.sources) == (2, ["casso/webhook", "sepay/webhook"])
    # The provider's own id names it from now on.
    assert decision.keys[f"sepay/{ACCOUNT}/1"] == known.transaction_id


def test_two_providers_in_one_group_make_one_transaction_at_its_first_version():
    first = a_message(a_reported(bank_reference=FT))
    second = a_message(a_reported(provider_id="9", bank_reference=f"{FT}BNK"), provider="casso", connection_id="c")
    decision = decide([first, second], NOTHING)
    assert decision.outcomes == ["new", "duplicate"]
    assert [(each.version, each.sources) for each in decision.new] == [(1, ["sepay/webhook", "casso/webhook"])]
    assert decision.changed == {}


def test_a_reference_that_comes_again_much_later_is_kept_apart_and_marked():
    report = a_reported(bank_reference=FT, occurred_at=NOW + timedelta(days=11))
    known = a_transaction(bank_reference=FT)
    decision = decide([a_message(report)], Standing({str(reference_key(report)): known}))
    assert [each.possible_duplicate_of for each in decision.new] == [known.transaction_id]


def test_what_is_merely_alike_is_new_and_marked():
    known = a_transaction(memo="nop tien an")
    decision = decide([a_message(a_reported(memo="hoc phi"))], Standing(alike=[known]))
    assert decision.outcomes == ["new"]
    assert decision.new[0].possible_duplicate_of == known.transaction_id
    assert decision.changed == {}


def test_two_equal_payments_that_two_providers_tell_of_are_two():
    known = [a_transaction(provider_id=number, memo="KH7Q2A nop tien") for number in ("1", "2")]
    reports = [a_message(a_reported(provider_id=number, memo="KH7Q2A nop tien")) for number in ("7", "8")]
    decision = decide(reports, Standing(alike=known))
    assert (decision.outcomes, decision.new) == (["duplicate", "duplicate"], [])
    assert {ids[0] for ids in decision.transaction_ids} == {each.transaction_id for each in known}


def test_an_account_outside_the_connection_is_unrouted_and_names_nothing():
    message = a_message(a_reported(account="777"))
    decision = decide([message], NOTHING)
    assert (decision.outcomes, decision.new, len(decision.unrouted)) == (["unrouted"], [], 1)
    assert keys_of([message]) == []


def test_a_message_without_transactions_is_a_test_call():
    assert decide([a_message()], NOTHING).outcomes == ["test"]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 2), st.sampled_from(["one", "two"])), max_size=12))
def test_any_group_makes_each_transaction_once_and_names_only_what_it_looked_up(rows: list[tuple[int, int, str]]):
    messages = [a_message(a_reported(provider_id=str(n), amount=dong), connection_id=where) for n, dong, where in rows]
    decision = decide(messages, NOTHING)
    made = [each.transaction_id for each in decision.new]
    # Another amount under an id that was told before is another transaction, once, whichever connection tells it.
    assert len(made) == len(set(made)) == len({(n, dong) for n, dong, _ in rows})
    assert set(made) >= {transaction_id_of("sepay", ACCOUNT, str(n)) for n, _, _ in rows}
    assert decision.keys.keys() <= set(keys_of(messages))
    assert set(decision.keys.values()) <= set(made)


@pytest.mark.parametrize("provider", ["sepay", "casso"])
def test_an_erased_transaction_told_again_gets_no_text_back_and_its_message_is_kept_without_one(provider: str):
    told = a_reported(
        memo="KH7Q2 nop tien", counter_name="LE THI HOA", bank_reference=FT, virtual_account="V1", payment_code="KH7Q2"
    )
    message = a_message(told)
    known = a_transaction(provider, bank_reference=FT)
    known.status = "erased"
    key = own_keys(message, told)[0] if provider == "sepay" else reference_key(told) or ""
    decision = decide([message], Standing({key: known}))
    assert (decision.outcomes, decision.new, decision.erased) == (["duplicate"], [], {known.transaction_id})
    assert (known.status, known.memo, known.counter_name, known.virtual_account, known.payment_code) == (
        "erased",
        *[None] * 4,
    )
