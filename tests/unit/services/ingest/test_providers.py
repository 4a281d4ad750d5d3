"""Providers' samples byte for byte, and every way in which a delivery may be wrong."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import standardwebhooks.webhooks

from services.ingest.model import Reported
from services.ingest.providers import PROVIDERS
from services.ingest.providers.base import (
    Delivery,
    MalformedError,
    NotJsonError,
    SecretError,
    UnauthorizedError,
    verify,
)
from tests.unit.services.ingest.samples import (
    ACCOUNT,
    NOW,
    STANDARD_SECRET,
    encode,
    sample,
    sepay_body,
    sepay_delivery,
    standard_body,
    standard_delivery,
)

SEPAY, STANDARD = PROVIDERS["sepay"], PROVIDERS["standard"]
NOW_S = NOW.timestamp()


@pytest.fixture
def library_time(monkeypatch: pytest.MonkeyPatch):
    """The Standard Webhooks library reads the clock itself."""

    def stand_at(moment: datetime) -> None:
        class Frozen(datetime):
            @classmethod
            def now(cls, tz: timezone | None = None) -> datetime:
                return moment.astimezone(tz)

        monkeypatch.setattr(standardwebhooks.webhooks, "datetime", Frozen)

    stand_at(NOW)
    return stand_at


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_sepays_published_sample_is_verified_and_read():
    published = sample("sepay")
    delivery = Delivery(lower(published["headers"]), json.dumps(published["body"]).encode())
    SEPAY.schemes["apikey"]("YOUR_API_KEY")(delivery, NOW_S)
    assert SEPAY.parse(delivery) == (
        Reported(
            provider_id="92704", account="0123499999", virtual_account=None, amount=2_277_000, direction="in",
            occurred_at=datetime(2023, 3, 25, 7, 2, 37, tzinfo=UTC), memo="chuyen tien mua iphone",
            bank_reference="MBVCB.3278907687", balance_after=19_077_000,
        ),
    )  # fmt: skip
    assert SEPAY.answer([]) == b'{"success": true}'


def test_sepays_signature_vector_is_verified_byte_for_byte():
    vector = sample("sepay")["hmac_vector"]
    check = SEPAY.schemes["hmac"](vector["secret"])
    delivery = Delivery(lower(vector["headers"]), vector["raw_body"].encode())
    check(delivery, 1_700_000_000 + 300)
    check(delivery, 1_700_000_000 - 300)
    assert SEPAY.parse(delivery)[0].amount == 2_277_000
    for body in (delivery.body + b" ", delivery.body.replace(b"2277000", b"2277001")):
        with pytest.raises(UnauthorizedError) as refused:
            check(Delivery(delivery.headers, body), 1_700_000_000)
        assert refused.value.kind == "bad_signature"
    for now_s in (1_700_000_301, 1_699_999_699):
        with pytest.raises(UnauthorizedError) as refused:
            check(delivery, now_s)
        assert refused.value.kind == "timestamp_outside_tolerance"


@pytest.mark.parametrize("provider", ["sepay", "standard"])
def test_a_time_that_nobody_proved_says_nothing_of_the_senders_clock(provider: str):
    delivery = sepay_delivery(sepay_body()) if provider == "sepay" else standard_delivery(standard_body())
    headers = {name: "1000000000" if name.endswith("timestamp") else value for name, value in delivery.headers.items()}
    secret = "test-secret" if provider == "sepay" else STANDARD_SECRET
    with pytest.raises(UnauthorizedError) as refused:
        PROVIDERS[provider].schemes["hmac"](secret)(Delivery(headers, delivery.body), NOW_S)
    assert (refused.value.kind, refused.value.signed_at_s) == ("bad_signature", None)


def test_the_standard_webhooks_vector_is_verified_byte_for_byte(library_time):
    vector = sample("standard_webhooks")
    sent = datetime.fromtimestamp(int(vector["headers"]["webhook-timestamp"]), UTC)
    library_time(sent + timedelta(minutes=4))
    check = STANDARD.schemes["hmac"](vector["secret"])
    check(Delivery(vector["headers"], vector["raw_body"].encode()), sent.timestamp())
    with pytest.raises(UnauthorizedError):
        check(Delivery(vector["headers"], b'{"test": 2432232315}'), sent.timestamp())


@pytest.mark.parametrize(
    "changed",
    [
        {"x-sepay-signature": ""},
        {"x-sepay-signature": "sha256="},
        {"x-sepay-signature": "sha256=ÿ"},
        {"x-sepay-signature": "a" * 64},
        {"x-sepay-timestamp": ""},
        {"x-sepay-timestamp": "-1"},
        {"x-sepay-timestamp": "1e9"},
        {"x-sepay-timestamp": "٣"},
        {"x-sepay-timestamp": "9" * 5000},
        {"x-sepay-timestamp": str(int(NOW_S) + 1)},
        {"x-sepay-timestamp": str(int(NOW_S) + 365 * 86_400)},
    ],
)
def test_sepay_headers_that_prove_nothing_are_refused(changed: dict[str, str]):
    good = sepay_delivery(sepay_body())
    with pytest.raises(UnauthorizedError):
        SEPAY.schemes["hmac"]("test-secret")(Delivery({**good.headers, **changed}, good.body), NOW_S)


@pytest.mark.parametrize("header", ["", "Apikey ", "apikey KEY", "Apikey  KEY", "Apikey KEYS", "Bearer KEY", "Apikey ké"])
def test_an_api_key_is_taken_exactly_or_not_at_all(header: str):
    check = SEPAY.schemes["apikey"]("KEY")
    check(Delivery({"authorization": "Apikey KEY"}, b""), NOW_S)
    with pytest.raises(UnauthorizedError):
        check(Delivery({"authorization": header}, b""), NOW_S)


def test_a_connection_by_signature_does_not_take_the_secret_as_an_api_key():
    with pytest.raises(UnauthorizedError):
        SEPAY.schemes["hmac"]("KEY")(Delivery({"authorization": "Apikey KEY"}, encode(sepay_body())), NOW_S)


@pytest.mark.parametrize(
    "around",
    ["{right}", "v1,{wrong} {right}", "v1a,abc= {right}", "junk {right}", "v1,% {right}", "v1,a,b  {right}", "{right} v2,x"],
)
def test_one_right_signature_in_the_list_is_enough(around: str, library_time):
    good = standard_delivery(standard_body())
    wrong = standard_delivery(standard_body(amount=1)).headers["webhook-signature"].removeprefix("v1,")
    header = around.format(right=good.headers["webhook-signature"], wrong=wrong)
    STANDARD.schemes["hmac"](STANDARD_SECRET)(Delivery({**good.headers, "webhook-signature": header}, good.body), NOW_S)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,!!!!"},
        {"webhook-signature": "v1,ÿ"},
        {"webhook-id": ""},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": str(int(NOW_S) - 301)},
        {"webhook-timestamp": str(int(NOW_S) + 365 * 86_400)},
    ],
)
def test_standard_headers_that_prove_nothing_are_refused(changed: dict[str, str], library_time):
    good = standard_delivery(standard_body())
    with pytest.raises(UnauthorizedError):
        STANDARD.schemes["hmac"](STANDARD_SECRET)(Delivery({**good.headers, **changed}, good.body), NOW_S)


def test_while_a_secret_is_rotated_the_old_and_the_new_one_are_taken():
    checks = [SEPAY.schemes["hmac"](secret) for secret in ("new", "old")]
    verify(checks, sepay_delivery(sepay_body(), "new"), NOW_S)
    verify(checks, sepay_delivery(sepay_body(), "old"), NOW_S)
    for secrets in (checks[:1], []):
        with pytest.raises(UnauthorizedError):
            verify(secrets, sepay_delivery(sepay_body(), "old"), NOW_S)


@pytest.mark.parametrize(("scheme", "secret"), [("hmac", "whsec_"), ("hmac", "abc%"), ("hmac", "a")])
def test_a_standard_secret_must_be_base64(scheme: str, secret: str):
    with pytest.raises(SecretError):
        STANDARD.schemes[scheme](secret)


def test_a_standard_message_is_read_whole():
    (reported,) = STANDARD.parse(standard_delivery(standard_body()))
    assert reported == Reported(
        provider_id="msg_1", account=ACCOUNT, virtual_account=None, amount=150_000, direction="in",
        occurred_at=datetime(2026, 11, 5, 7, 2, 37, tzinfo=UTC), memo="KH7Q2", counter_name="NGUYEN VAN AN",
        counter_account="8888", counter_bank="970415", bank_reference="FT1", balance_after=5,
    )  # fmt: skip


def test_a_standard_message_of_another_type_is_a_test_call():
    assert STANDARD.parse(standard_delivery({"type": "ping"})) == ()


def test_optional_fields_may_be_missing():
    required = ("account", "amount", "direction", "occurred_at")
    data = {name: value for name, value in standard_body()["data"].items() if name in required}
    (reported,) = STANDARD.parse(standard_delivery({"type": "bank.transaction", "data": data}))
    assert reported.memo is None
    assert reported.balance_after is None


def test_accounts_are_normalised_and_texts_are_kept_as_written():
    body = sepay_body(accountNumber="0123 499-999", subAccount="tkpx 9k", referenceCode=" ft.1 ", content="a\0b")
    (reported,) = SEPAY.parse(sepay_delivery(body))
    assert (reported.account, reported.virtual_account) == ("0123499999", "TKPX9K")
    assert (reported.bank_reference, reported.memo) == (" ft.1 ", "a b")


def test_a_memo_of_ten_thousand_characters_is_kept_whole():
    (reported,) = SEPAY.parse(sepay_delivery(sepay_body(content="ộ" * 10_000)))
    assert reported.memo == "ộ" * 10_000


BAD_AMOUNTS = [0, -1, 1.5, 1000.0, "12,5", "150000", True, None, [], 10**14, 10**30]


@pytest.mark.parametrize("amount", BAD_AMOUNTS)
def test_an_amount_is_a_whole_number_of_dong_or_the_message_is_malformed(amount: Any):
    for provider, delivery in (
        (SEPAY, sepay_delivery(sepay_body(transferAmount=amount))),
        (STANDARD, standard_delivery(standard_body(amount=amount))),
    ):
        with pytest.raises(MalformedError, match="mount"):
            provider.parse(delivery)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"null", b'"text"', b"{", b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"type": "\xc3\x28"}', b"[" * 60_000,
        b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": ' + b"9" * 5_000 + b"}", b"id=1&amount=2",
    ],
)  # fmt: skip
def test_a_body_that_is_no_plain_json_object_is_malformed(raw: bytes):
    for provider in PROVIDERS.values():
        with pytest.raises(MalformedError):
            provider.parse(Delivery({"webhook-id": "msg_1"}, raw))


def test_an_exponent_is_no_amount():
    raw = encode(sepay_body()).replace(b"2277000", b"2e6")
    with pytest.raises(MalformedError, match="transferAmount"):
        SEPAY.parse(Delivery({}, raw))


def test_what_is_no_json_is_told_apart_from_json_that_cannot_be_read():
    with pytest.raises(NotJsonError):
        SEPAY.parse(Delivery({}, b"id=1&amount=2"))


SEPAY_WRONG: list[dict[str, Any]] = [
    {"id": None}, {"id": 0}, {"id": True}, {"id": "a b"}, {"id": "x" * 129}, {"id": 1.0}, {"id": {}},
    {"accountNumber": None}, {"accountNumber": 1.5}, {"accountNumber": ""}, {"accountNumber": "12/3"},
    {"transferType": None}, {"transferType": "IN"}, {"transferType": "credit"},
    {"transactionDate": None}, {"transactionDate": ""}, {"transactionDate": "2026-02-30 00:00:00"},
    {"transactionDate": "2026-11-06"}, {"transactionDate": "2026-11-05 14:02:37+07:00"}, {"transactionDate": 1_700_000_000},
    {"transactionDate": "9999-11-05 14:02:37"}, {"transactionDate": "0001-01-01 00:00:00"},
    {"accumulated": math.inf},
    {"content": ["x"]}, {"content": "\ud800"}, {"referenceCode": {}},
]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "read"), [("x", None), (1.5, None), (10**16, None), ("5", 5), (5.0, 5), ("-5", -5), (None, None)], ids=str
)
def test_a_balance_that_cannot_be_read_is_none_and_the_payment_stands(told: object, read: int | None):
    (reported,) = SEPAY.parse(Delivery({}, json.dumps(sepay_body(accumulated=told)).encode()))
    assert reported.balance_after == read


@pytest.mark.parametrize("change", SEPAY_WRONG, ids=str)
def test_a_wrong_field_of_sepay_is_named_and_its_value_is_not(change: dict[str, Any]):
    raw = json.dumps(sepay_body(**change)).encode()
    with pytest.raises(MalformedError) as refused:
        SEPAY.parse(Delivery({}, raw))
    (name, value) = next(iter(change.items()))
    assert name in str(refused.value) or value == math.inf
    if isinstance(value, str) and len(value) > 3:
        assert value not in str(refused.value)


@pytest.mark.parametrize("name", ["id", "accountNumber", "transferType", "transferAmount", "transactionDate"])
def test_a_missing_field_of_sepay_is_malformed(name: str):
    body = {key: value for key, value in sepay_body().items() if key != name}
    with pytest.raises(MalformedError, match=name):
        SEPAY.parse(sepay_delivery(body))


@pytest.mark.parametrize(
    "change",
    [{"occurred_at": "2026-11-05T14:02:37"}, {"occurred_at": "2026-11-05"}, {"occurred_at": 5}, {"direction": "sideways"},
     {"account": None}, {"counter_name": 1.5}],
    ids=str,
)  # fmt: skip
def test_a_wrong_field_of_standard_is_malformed(change: dict[str, Any]):
    with pytest.raises(MalformedError, match=next(iter(change))):
        STANDARD.parse(standard_delivery(standard_body(**change)))


@pytest.mark.parametrize("body", [{}, {"type": 5}, {"type": "bank.transaction"}, {"type": "bank.transaction", "data": []}])
def test_a_standard_message_without_its_parts_is_malformed(body: dict[str, Any]):
    with pytest.raises(MalformedError):
        STANDARD.parse(standard_delivery(body))


@pytest.mark.parametrize("webhook_id", ["", "a b", "é", "x" * 129])
def test_the_id_of_a_standard_message_must_be_one(webhook_id: str):
    with pytest.raises(MalformedError, match="webhook-id"):
        STANDARD.parse(Delivery({"webhook-id": webhook_id}, encode(standard_body())))


def test_texts_of_errors_hold_nothing_of_a_body():
    with pytest.raises(MalformedError) as refused:
        SEPAY.parse(Delivery({}, b'{"content": "Nguyen Van An 0912345678'))
    assert "Nguyen" not in str(refused.value)
