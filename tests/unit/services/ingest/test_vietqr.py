"""VietQR.vn: tokens, every edition of its fields, its own signature, its own answers."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from services.ingest.providers import PROVIDERS
from services.ingest.providers.base import Delivery, MalformedError, SecretError, UnauthorizedError
from services.ingest.providers.vietqr import TOKEN_LEEWAY_S, TOKEN_LIFE_S
from tests.unit.services.ingest.samples import ACCOUNT, NOW, encode, sample, vietqr_body

VIETQR = PROVIDERS["vietqr"]
NOW_S = NOW.timestamp()
SECRET = "khop:s3cret:with colon"
TOKEN_PATH, SYNC_PATH = "/api/token_generate", "/bank/api/transaction-sync"


def basic(secret: str = SECRET) -> Delivery:
    return Delivery({"authorization": "Basic " + base64.b64encode(secret.encode()).decode()}, b"")


def token(secret: str = SECRET, at: float = NOW_S) -> dict[str, Any]:
    assert VIETQR.tokens is not None
    return json.loads(VIETQR.tokens.issue([VIETQR.schemes["bearer"](secret)], basic(secret.partition("\n")[0]), at))


def bearer(body: Any, secret: str = SECRET, at: float = NOW_S) -> Delivery:
    return Delivery({"authorization": "Bearer " + token(secret, at)["access_token"]}, encode(body))


def test_its_addresses_are_those_of_the_interface():
    assert VIETQR.tokens is not None
    assert (VIETQR.path, VIETQR.tokens.path) == (SYNC_PATH, TOKEN_PATH)
    assert VIETQR.answers_at(TOKEN_PATH)
    assert not VIETQR.answers_at("")


def test_a_token_is_answered_as_in_the_sample():
    answered = token()
    assert answered.keys() == sample("vietqr_vn")["token_response"].keys()
    assert (answered["token_type"], answered["expires_in"]) == ("Bearer", 59)
    assert jwt.get_unverified_header(answered["access_token"])["alg"] == "HS512"


def test_a_token_lives_as_long_as_it_says_and_is_the_connection_s_own():
    check = VIETQR.schemes["bearer"](SECRET)
    good = bearer(vietqr_body())
    check(good, NOW_S + TOKEN_LIFE_S)
    with pytest.raises(UnauthorizedError) as refused:
        check(good, NOW_S + TOKEN_LIFE_S + TOKEN_LEEWAY_S + 1)
    assert refused.value.kind == "token_expired"
    with pytest.raises(UnauthorizedError):
        VIETQR.schemes["bearer"]("khop:other")(good, NOW_S)


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer x.y.z", "Basic a", "bearer x", "Bearer ÿ"])
def test_without_a_token_nothing_is_taken(authorization: str):
    with pytest.raises(UnauthorizedError):
        VIETQR.schemes["bearer"](SECRET)(Delivery({"authorization": authorization}, encode(vietqr_body())), NOW_S)


def test_a_token_without_a_signature_is_none():
    forged = jwt.encode({"iat": int(NOW_S), "exp": int(NOW_S) + 59}, None, algorithm="none")
    with pytest.raises(UnauthorizedError):
        VIETQR.schemes["bearer"](SECRET)(Delivery({"authorization": f"Bearer {forged}"}, b"{}"), NOW_S)


@pytest.mark.parametrize("header", ["", "Basic ", "Basic !!!", "Basic a2hvcDp3cm9uZw==", "Bearer x", "Basic ÿ"])
def test_a_token_is_given_to_nobody_else(header: str):
    assert VIETQR.tokens is not None
    with pytest.raises(UnauthorizedError) as refused:
        VIETQR.tokens.issue([VIETQR.schemes["bearer"](SECRET)], Delivery({"authorization": header}, b""), NOW_S)
    assert refused.value.kind == "bad_credentials"


def test_while_the_password_is_rotated_both_get_tokens():
    assert VIETQR.tokens is not None
    checks = [VIETQR.schemes["bearer"](each) for each in ("khop:new", "khop:old")]
    assert VIETQR.tokens.issue(checks, basic("khop:old"), NOW_S)


@pytest.mark.parametrize("secret", ["", "user", "user:", ":password", "\nkey"])
def test_a_secret_is_user_and_password(secret: str):
    with pytest.raises(SecretError):
        VIETQR.schemes["bearer"](secret)


def test_every_edition_of_the_sample_is_read():
    first, second = sample("vietqr_vn")["sync_variants"]
    (one,) = VIETQR.parse(Delivery({}, encode(first)))
    assert (one.provider_id, one.account, one.amount, one.direction) == (
        "0a4cc317-3af3-4055-bc83-7296adb624bf", "0362626234", 100_000, "in",
    )  # fmt: skip
    assert (one.bank_reference, one.memo, one.payment_code) == (
        "FT24138000000001", "VQR1234567 HOC PHI T09", "HD0000000123",
    )  # fmt: skip
    assert one.occurred_at == datetime.fromtimestamp(1715911980, UTC)
    (two,) = VIETQR.parse(Delivery({}, encode(second)))
    assert (two.account, two.amount, two.memo) == ("0362626234", 100_000, "Chuyenkhoan")
    assert two.occurred_at == datetime(2024, 5, 16, 18, 53, tzinfo=UTC)


def test_names_are_taken_in_any_case_and_a_contradiction_is_not():
    shouted = {name.upper(): value for name, value in vietqr_body().items()}
    assert VIETQR.parse(Delivery({}, encode(shouted))) == VIETQR.parse(Delivery({}, encode(vietqr_body())))
    VIETQR.parse(Delivery({}, encode(vietqr_body(bankAccount=ACCOUNT))))
    with pytest.raises(MalformedError, match="twice"):
        VIETQR.parse(Delivery({}, encode(vietqr_body(bankAccount="1"))))


MOMENT = datetime(2026, 11, 5, 7, 2, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (int(MOMENT.timestamp()), MOMENT),
        (int(MOMENT.timestamp()) * 1_000 + 5, MOMENT + timedelta(milliseconds=5)),
        (str(int(MOMENT.timestamp())), MOMENT),
        ("2026-11-05 14:02:37", MOMENT),
        ("2026-11-05T14:02:37", MOMENT),
        ("2026-11-0514:02", MOMENT.replace(second=0)),
        (None, None),
        ("", None),
    ],
)
def test_a_time_in_each_form(written: Any, moment: datetime | None):
    assert VIETQR.parse(Delivery({}, encode(vietqr_body(transactiontime=written))))[0].occurred_at == moment


def test_money_out_is_told_by_a_letter_in_any_case():
    assert VIETQR.parse(Delivery({}, encode(vietqr_body(transType="d"))))[0].direction == "out"


def test_an_id_that_is_missing_is_stood_in_for():
    bodies = [vietqr_body(transactionid=None), vietqr_body(transactionid="", referencenumber=None)]
    ids = [VIETQR.parse(Delivery({}, encode(body)))[0].provider_id for body in bodies]
    assert ids[0] == "FT26309000000004"
    assert ids[1].startswith("sha256:")
    assert VIETQR.parse(Delivery({}, encode(bodies[1])))[0].provider_id == ids[1]


@pytest.mark.parametrize(
    "change",
    [{"amount": "12,5"}, {"amount": "1e3"}, {"amount": "-5"}, {"amount": 0}, {"amount": 1.0}, {"amount": "٣"},
     {"bankaccount": None}, {"transType": "X"}, {"transType": 5}, {"transactiontime": "yesterday"},
     {"transactiontime": "2026-13-0514:02"}, {"transactiontime": -5}, {"transactiontime": 1.5}, {"transactionid": "a\u0301b"},
     {"content": {}}],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_read_is_malformed(change: dict[str, Any]):
    with pytest.raises(MalformedError):
        VIETQR.parse(Delivery({}, encode(vietqr_body(**change))))


def test_the_published_signature_vector_is_verified_where_a_key_is_set():
    published = sample("vietqr_vn")
    body, vector = published["sync_variants"][1], published["signature_vector"]
    secret = f"{SECRET}\n{vector['secret']}"
    assert body["signature"] == vector["signature"]
    check = VIETQR.schemes["bearer"](secret)
    check(bearer(body, secret), NOW_S)
    check(bearer({**body, "signature": None, "sign": vector["signature"]}, secret), NOW_S)
    for change in ({"amount": "100001"}, {"signature": ""}, {"orderId": "x"}, {"signature": 5}):
        with pytest.raises(UnauthorizedError) as refused:
            check(bearer({**body, **change}, secret), NOW_S)
        assert refused.value.kind == "bad_signature"
    # Without a key nobody agreed on a signature, and what stands in the field means nothing.
    VIETQR.schemes["bearer"](SECRET)(bearer({**body, "signature": "?"}), NOW_S)


def test_success_is_answered_in_its_form():
    published = sample("vietqr_vn")["ok_response"]
    ours = published["object"]["reftransactionid"]
    assert json.loads(VIETQR.answer([ours])) == published


@pytest.mark.parametrize(
    ("status", "reason"), [(401, "002"), (400, "002"), (413, "002"), (404, "001"), (410, "001"), (429, "003"), (503, "003")]
)
def test_a_refusal_is_told_in_its_form(status: int, reason: str):
    assert VIETQR.refuse is not None
    assert json.loads(VIETQR.refuse(SYNC_PATH, status, "why")) == {
        "error": True, "errorReason": reason, "toastMessage": "why", "object": None,
    }  # fmt: skip
    assert json.loads(VIETQR.refuse(TOKEN_PATH, status, "why")) == {"status": "FAILED", "message": "why"}
