"""payOS: its published sample byte for byte, the validation call, what a signature covers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingest.model import Reported
from services.ingest.providers import PROVIDERS
from services.ingest.providers.base import Delivery, MalformedError, UnauthorizedError
from services.ingest.providers.payos import signed_text
from tests.unit.services.ingest.samples import ACCOUNT, NOW, encode, payos_body, sample

PAYOS = PROVIDERS["payos"]
NOW_S = NOW.timestamp()


def test_the_published_sample_is_verified_and_is_the_validation_call():
    published = sample("payos")
    delivery = Delivery({}, json.dumps(published["body"], ensure_ascii=False).encode())
    assert signed_text(published["body"]["data"]) == published["signing_string"]
    assert PAYOS.schemes["hmac"](published["checksumKey"])(delivery, NOW_S) is None
    assert PAYOS.parse(delivery) == ()
    assert json.loads(PAYOS.answer(["x"])) == {"success": True}


def test_what_no_signature_covers_is_unproven_and_named_nowhere():
    body = payos_body()
    body["data"]["NGUYEN VAN AN 0901234567"] = {}
    with pytest.raises(UnauthorizedError) as refused:
        PAYOS.schemes["hmac"]("key")(Delivery({}, encode(body)), NOW_S)
    assert "NGUYEN" not in str(refused.value)


def test_the_sample_s_account_may_be_a_true_one():
    (reported,) = PAYOS.parse(Delivery({}, encode(payos_body(accountNumber="12345678"))))
    assert reported.account == "12345678"


def test_a_message_is_read_whole():
    (reported,) = PAYOS.parse(Delivery({}, encode(payos_body(counterAccountName="NGUYEN VAN AN"))))
    assert reported == Reported(
        provider_id="c0ffee/FT26309000000003", account=ACCOUNT, virtual_account=None, amount=150_000, direction="in",
        occurred_at=datetime(2026, 11, 5, 7, 2, 37, tzinfo=UTC), memo="VQRIO9 KH7Q2", counter_name="NGUYEN VAN AN",
        bank_reference="FT26309000000003", payment_code="7",
    )  # fmt: skip


@pytest.mark.parametrize("value", [None, "", "null", "undefined"])
def test_null_is_signed_as_nothing(value: Any):
    assert signed_text({"b": value, "a": 1, "c": True, "d": "Đ/x"}) == "a=1&b=&c=true&d=Đ/x"


def test_a_signature_over_another_body_is_refused():
    check = PAYOS.schemes["hmac"]("test-secret")
    good = payos_body()
    check(Delivery({}, encode(good)), NOW_S)
    for change in ({"data": payos_body(amount=1)["data"]}, {"signature": ""}, {"signature": None}, {"signature": "ÿ"}):
        with pytest.raises(UnauthorizedError):
            check(Delivery({}, encode({**good, **change})), NOW_S)


def test_parts_of_one_link_are_several_and_a_missing_half_of_the_id_is_filled():
    ids = [
        PAYOS.parse(Delivery({}, encode(payos_body(**change))))[0].provider_id
        for change in ({}, {"reference": "FT9"}, {"reference": None}, {"paymentLinkId": None})
    ]
    assert ids == ["c0ffee/FT26309000000003", "c0ffee/FT9", "c0ffee/20261105070237", "FT26309000000003/20261105070237"]


@pytest.mark.parametrize("body", [{**payos_body(), "code": "01"}, payos_body(code="02")])
def test_a_call_that_tells_of_no_success_tells_of_no_money(body: dict[str, Any]):
    assert PAYOS.parse(Delivery({}, encode(body))) == ()


@pytest.mark.parametrize(
    "body",
    [{}, {"data": []}, payos_body(amount=0), payos_body(amount="5"), payos_body(accountNumber=None),
     payos_body(paymentLinkId=None, reference=""), payos_body(transactionDateTime=5)],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_read_is_malformed(body: dict[str, Any]):
    with pytest.raises(MalformedError):
        PAYOS.parse(Delivery({}, encode(body)))
