"""VietQR.vn (api.vietqr.vn, doc.vietqr.vn "API VietQR Callback"; ../shared/facts/webhooks.md §4): one transaction a call.

VietQR.vn first fetches a token by Basic authentication, then posts the transaction under it. Editions of its documents
differ in the case of names, in the form of the amount and of the time; all of them are taken. It has an answer of its own,
for refusals too; the partner chooses the error reasons and declares to VietQR.vn which of them to send again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import jwt

from services.ingest.model import Reported
from services.ingest.providers import reading
from services.ingest.providers.base import (
    Delivery,
    MalformedError,
    Provider,
    SecretError,
    Tokens,
    UnauthorizedError,
    Verifier,
)
from shared.clock import LOCAL

TOKEN_PATH = "/api/token_generate"  # noqa: S105 - an address
SYNC_PATH = "/bank/api/transaction-sync"
TOKEN_LIFE_S = 59
"""As in the vendor's own sample."""
TOKEN_LEEWAY_S = 10
"""A token fetched over a weak network is older than its holder thinks."""

OK, UNKNOWN, REFUSED, COME_AGAIN = "000", "001", "002", "003"
"""Error reasons: 001 (no such connection) and 002 (anything else) are the vendor's; 003 is to be declared as "retry"."""

_ALGORITHM = "HS512"
_BASIC, _BEARER = "Basic ", "Bearer "
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]?(\d{2}:\d{2}(?::\d{2})?)", re.ASCII)
_MILLISECONDS_FROM = 10**11
_AMOUNT_WIDTH = 10


class Credentials:
    """A connection's user and password, and the key of `sign` where the secret has a second line.

    Tokens are signed under the password, so that every replica takes them and a rotation ends them.
    """

    def __init__(self, secret: str) -> None:
        pair, _, sign_key = secret.partition("\n")
        user, separator, password = pair.strip().partition(":")
        if not (user and separator and password):
            raise SecretError("must be user:password, and on a second line the key of `sign`, if one was agreed")
        self._basic = base64.b64encode(f"{user}:{password}".encode())
        self._token_key = hashlib.sha512(b"vietqr token\0" + f"{user}:{password}".encode()).digest()
        self._sign_key = sign_key.strip().encode()

    def __call__(self, delivery: Delivery, now_s: float) -> None:
        """Check the token, and `sign` where a key for it is set."""
        self._check_token(delivery.headers.get("authorization", ""), now_s)
        if self._sign_key:
            self._check_sign(_fields(delivery.body))

    def token_for(self, authorization: str, now_s: float) -> str | None:
        """A token for whoever knows user and password; None for anybody else."""
        given = authorization.removeprefix(_BASIC) if authorization.startswith(_BASIC) else ""
        if not hmac.compare_digest(self._basic, given.strip().encode()):
            return None
        claims = {"iat": int(now_s), "exp": int(now_s) + TOKEN_LIFE_S}
        return jwt.encode(claims, self._token_key, algorithm=_ALGORITHM)

    def _check_token(self, authorization: str, now_s: float) -> None:
        token = authorization.removeprefix(_BEARER) if authorization.startswith(_BEARER) else ""
        try:
            # Its end is checked here: the library would look at the clock itself.
            options: Any = {"verify_exp": False, "verify_iat": False, "require": ["exp"]}
            claims = jwt.decode(token, self._token_key, algorithms=[_ALGORITHM], options=options)
        except jwt.InvalidTokenError as error:
            raise UnauthorizedError("bad_token", "Authorization must be Bearer with a token of this connection") from error
        if now_s > claims["exp"] + TOKEN_LEEWAY_S:
            raise UnauthorizedError("token_expired", "the token has expired: fetch a new one")

    def _check_sign(self, fields: Mapping[str, Any]) -> None:
        """hex(HMAC-SHA256(key, transactionId + amount in 10 digits + transactionTime + orderId)); no memo is covered."""
        names = ("transactionid", "amount", "transactiontime", "orderid")
        number, amount, moment, order = (str("" if fields.get(name) is None else fields[name]) for name in names)
        content = number + amount.zfill(_AMOUNT_WIDTH) + moment + order
        expected = hmac.digest(self._sign_key, content.encode(errors="replace"), "sha256").hex()
        given = fields.get("sign") or fields.get("signature")
        if not isinstance(given, str) or not hmac.compare_digest(expected.encode(), given.encode(errors="replace")):
            raise UnauthorizedError("bad_signature", "sign does not fit the transaction")


def issue_token(verifiers: Sequence[Verifier], delivery: Delivery, now_s: float) -> bytes:
    """The answer of the token address; raises UnauthorizedError."""
    authorization = delivery.headers.get("authorization", "")
    for each in verifiers:
        assert isinstance(each, Credentials)
        token = each.token_for(authorization, now_s)
        if token is not None:
            return _json({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFE_S})
    raise UnauthorizedError("bad_credentials", "Authorization must be Basic with this connection's user and password")


def parse(delivery: Delivery) -> tuple[Reported, ...]:
    """Read the one transaction of a call."""
    fields = _fields(delivery.body)
    reference = reading.optional_identifier(fields, "referencenumber")
    return (
        Reported(
            provider_id=reading.optional_identifier(fields, "transactionid") or reference or _digest(delivery.body),
            account=reading.account(fields, "bankaccount"),
            virtual_account=None,
            amount=reading.dong_or_digits(fields, "amount"),
            direction=_direction(fields),
            occurred_at=_moment(fields.get("transactiontime")),
            memo=reading.text(fields, "content"),
            bank_reference=reference,
            payment_code=reading.text(fields, "orderid"),
        ),
    )


def _fields(body: bytes) -> dict[str, Any]:
    """The fields under their names in lower case."""
    fields: dict[str, Any] = {}
    for name, value in reading.read_object(body).items():
        if fields.setdefault(name.lower(), value) != value:
            raise MalformedError("a name stands twice, in different case and with different values")
    return fields


def _direction(fields: Mapping[str, Any]) -> Any:
    kind = fields.get("transtype")
    return reading.direction(
        {"transType": kind.upper() if isinstance(kind, str) else kind}, "transType", inward="C", outward="D"
    )


def _moment(value: Any) -> datetime | None:
    """A time in any of the forms of the vendor's pages: unix seconds or milliseconds, "2024-05-17 01:53", "2024-05-1701:53".

    None where none is given, which the vendor allows.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 13:
        value = int(value)
    try:
        if type(value) is int and 0 <= value < 10**13:
            seconds = value / 1_000 if value >= _MILLISECONDS_FROM else value
            return reading.within_years(datetime.fromtimestamp(seconds, UTC), "transactionTime")
        if isinstance(value, str) and (found := _TIME.fullmatch(value.strip())):
            local = datetime.fromisoformat(f"{found[1]} {found[2]}").replace(tzinfo=LOCAL)
            return reading.within_years(local, "transactionTime")
    except ValueError:
        pass
    raise MalformedError('transactionTime: must be unix time or a local time such as "2024-05-17 01:53:00"')


def _digest(body: bytes) -> str:
    """Stands in for an id, which the vendor does not promise: it sends the same message again byte for byte."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def answer(references: Sequence[str]) -> bytes:
    """Success, with our id of the transaction."""
    return _json({"error": False, "errorReason": OK, "toastMessage": "", "object": {"reftransactionid": references[0]}})


def refuse(path: str, status: int, detail: str) -> bytes:
    """A refusal in the form of the address that was called."""
    if path == TOKEN_PATH:
        return _json({"status": "FAILED", "message": detail})
    reason = UNKNOWN if status in {404, 410} else COME_AGAIN if status in {408, 429, 503} else REFUSED
    return _json({"error": True, "errorReason": reason, "toastMessage": detail, "object": None})


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


PROVIDER = Provider(
    name="vietqr",
    schemes={"bearer": Credentials},
    parse=parse,
    answer=answer,
    path=SYNC_PATH,
    tokens=Tokens(TOKEN_PATH, issue_token),
    refuse=refuse,
)
