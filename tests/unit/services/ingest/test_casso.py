"""Casso: its published sample byte for byte, both webhooks, the test call."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingest.model import Reported
from services.ingest.providers import PROVIDERS
from services.ingest.providers.base import Delivery, MalformedError, UnauthorizedError
from tests.unit.services.ingest.samples import ACCOUNT, NOW, casso_data, casso_delivery, casso_v1_data, encode, sample

CASSO = PROVIDERS["casso"]
NOW_S = NOW.timestamp()


def published() -> tuple[dict[str, Any], Delivery, float]:
    vector = sample("casso_v2")
    header = vector["headers"]["X-Casso-Signature"]
    signed_at_s = int(header.partition("t=")[2].partition(",")[0]) / 1_000
    return vector, Delivery({"x-casso-signature": header}, json.dumps(vector["body"]).encode()), signed_at_s


def test_the_published_sample_is_verified_and_is_a_test_call():
    vector, delivery, signed_at_s = published()
    check = CASSO.schemes["hmac"](vector["checksumKey"])
    assert check(delivery, signed_at_s + 299) == signed_at_s
    assert CASSO.parse(delivery) == ()
    assert json.loads(CASSO.answer(["x"])) == {"success": True}


@pytest.mark.parametrize("offset_s", [-301, 301])
def test_the_published_sample_is_refused_outside_the_tolerance(offset_s: int):
    vector, delivery, signed_at_s = published()
    with pytest.raises(UnauthorizedError) as refused:
        CASSO.schemes["hmac"](vector["checksumKey"])(delivery, signed_at_s + offset_s)
    assert (refused.value.kind, refused.value.signed_at_s) == ("timestamp_outside_tolerance", signed_at_s)


def test_the_signature_is_taken_in_each_form_in_which_the_vendor_s_samples_write_it():
    warning = sample("casso_v2")["accent_and_slash_warning"]
    check = CASSO.schemes["hmac"]("test-key")
    for signature in warning["v1"].values():
        header = f"t=1727948258788,v1={signature}"
        check(Delivery({"x-casso-signature": header}, json.dumps(warning["body"]).encode()), 1727948258)


def test_an_entry_of_nothing_does_not_cost_the_others_of_its_call():
    entries = [casso_v1_data(id=number, amount=amount) for number, amount in ((1, 0), (2, 150_000))]
    assert [each.provider_id for each in CASSO.parse(Delivery({}, encode({"error": 0, "data": entries})))] == ["2"]


def test_objects_within_a_list_may_be_signed_as_they_were_sent():
    """The vendor's page says that lists are left untouched, its sample sorts everything: each form needs the key."""
    body = {"error": 0, "data": {**casso_data(), "more": [{"z": 1, "a": 2}]}}
    untouched = {name: body[name] for name in sorted(body)}
    untouched["data"] = {name: body["data"][name] for name in sorted(body["data"])}
    timestamp = str(int(NOW_S * 1_000))
    signed = f"{timestamp}.".encode() + json.dumps(untouched, separators=(",", ":")).encode()
    header = f"t={timestamp},v1={hmac.new(b'test-secret', signed, 'sha512').hexdigest()}"
    CASSO.schemes["hmac"]("test-secret")(Delivery({"x-casso-signature": header}, encode(body)), NOW_S)


def test_the_order_in_which_the_names_come_does_not_matter():
    good = casso_delivery({"error": 0, "data": casso_data()})
    turned = json.loads(good.body)
    turned["data"] = dict(reversed(turned["data"].items()))
    CASSO.schemes["hmac"]("test-secret")(Delivery(good.headers, json.dumps(turned, indent=2).encode()), NOW_S)


@pytest.mark.parametrize(
    "header",
    ["", "t=,v1=", "v1=abc", "t=abc,v1=abc", "t=1e3,v1=a", f"t={int(NOW_S * 1000)}", f"t={int(NOW_S * 1000)},v1=ÿ",
     f"t={int(NOW_S)},v1=00", f"t={int(NOW_S * 1000)},v2=00"],
)  # fmt: skip
def test_headers_that_prove_nothing_are_refused(header: str):
    body = casso_delivery({"error": 0, "data": casso_data()}).body
    with pytest.raises(UnauthorizedError):
        CASSO.schemes["hmac"]("test-secret")(Delivery({"x-casso-signature": header}, body), NOW_S)


def test_a_signature_over_another_body_is_refused():
    good = casso_delivery({"error": 0, "data": casso_data()})
    with pytest.raises(UnauthorizedError) as refused:
        CASSO.schemes["hmac"]("test-secret")(
            Delivery(good.headers, encode({"error": 0, "data": casso_data(amount=150_001)})), NOW_S
        )
    assert refused.value.kind == "bad_signature"


def test_a_v2_message_is_read_whole():
    (reported,) = CASSO.parse(casso_delivery({"error": 0, "data": casso_data(virtualAccountNumber="vqr 001")}))
    assert reported == Reported(
        provider_id="5001", account=ACCOUNT, virtual_account="VQR001", amount=150_000, direction="in",
        occurred_at=datetime(2026, 11, 5, 7, 2, 37, tzinfo=UTC), memo="KH7Q2 nop tien an", counter_name="NGUYEN VAN AN",
        counter_account="8888888888", counter_bank="970415", bank_reference="FT26309000000001", balance_after=25_000_000,
    )  # fmt: skip


def test_a_v1_message_holds_many_and_its_test_is_left_out():
    data = [casso_v1_data(), casso_v1_data(id=0), casso_v1_data(id=6_002, amount=-40_000)]
    reported = CASSO.parse(Delivery({}, encode({"error": 0, "data": data})))
    assert [(each.provider_id, each.amount, each.direction) for each in reported] == [
        ("6001", 150_000, "in"), ("6002", 40_000, "out"),
    ]  # fmt: skip
    assert reported[0].bank_reference == "FT26309000000002"
    (other,) = CASSO.parse(Delivery({}, encode({"data": [casso_v1_data(bank_sub_acc_id="", subAccId="0777")]})))
    assert other.account == "0777"


def test_a_shared_token_is_taken_exactly_or_not_at_all():
    check = CASSO.schemes["token"]("KEY")
    check(Delivery({"secure-token": "KEY"}, b""), NOW_S)
    for wrong in ("", "key", "KEYS", "KÉY"):
        with pytest.raises(UnauthorizedError):
            check(Delivery({"secure-token": wrong}, b""), NOW_S)


@pytest.mark.parametrize(
    "body",
    [{}, {"data": None}, {"data": "x"}, {"data": [1]}, {"data": casso_data(amount=0)}, {"data": casso_data(amount="5")},
     {"data": casso_data(amount=1.5)}, {"data": casso_data(id=None)}, {"data": casso_data(transactionDateTime="now")},
     {"data": [casso_v1_data(), casso_v1_data(id=7, amount=None)]}],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_read_is_malformed(body: dict[str, Any]):
    with pytest.raises(MalformedError):
        CASSO.parse(Delivery({}, encode(body)))
