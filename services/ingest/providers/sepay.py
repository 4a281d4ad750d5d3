"""SePay (developer.sepay.vn/en/sepay-webhooks; ../shared/facts/webhooks.md §1): one transaction a call.

Answered with 200 and {"success": true}, which both the older and the newer page of the vendor accept. SePay tells no
counterparty, and `gateway` is the account's own bank. `code` is its own guess of a payment code; the memo holds it anyway.
"""

from __future__ import annotations

import hmac

from services.ingest.model import Reported
from services.ingest.providers import reading
from services.ingest.providers.base import (
    Delivery,
    Provider,
    SecretError,
    UnauthorizedError,
    Verifier,
    check_timestamp,
)

ANSWER = b'{"success": true}'
_API_KEY = "Apikey "


def hmac_verifier(secret: str) -> Verifier:
    """Checks X-SePay-Signature: sha256=hex(HMAC-SHA256(secret, timestamp + "." + raw body))."""
    key = _non_empty(secret)

    def check(delivery: Delivery, now_s: float) -> None:
        timestamp = delivery.headers.get("x-sepay-timestamp", "")
        given = delivery.headers.get("x-sepay-signature", "")
        check_timestamp(timestamp, now_s)
        expected = "sha256=" + hmac.digest(key, timestamp.encode() + b"." + delivery.body, "sha256").hex()
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise UnauthorizedError("bad_signature", "X-SePay-Signature does not fit the body")

    return check


def api_key_verifier(secret: str) -> Verifier:
    """Checks Authorization: Apikey KEY."""
    expected = _API_KEY.encode() + _non_empty(secret)

    def check(delivery: Delivery, now_s: float) -> None:  # noqa: ARG001 - this scheme knows no time
        if not hmac.compare_digest(expected, delivery.headers.get("authorization", "").encode()):
            raise UnauthorizedError("bad_api_key", "Authorization must be Apikey with this connection's key")

    return check


def parse(delivery: Delivery) -> tuple[Reported, ...]:
    """Read the one transaction of a call."""
    fields = reading.read_object(delivery.body)
    return (
        Reported(
            provider_id=reading.identifier(fields, "id"),
            account=reading.account(fields, "accountNumber"),
            virtual_account=reading.virtual_account(fields, "subAccount"),
            amount=reading.dong(fields, "transferAmount"),
            direction=reading.direction(fields, "transferType"),
            occurred_at=reading.local_moment(fields, "transactionDate"),
            # `description` is the bank's whole text; it stands in where the memo was not found in it.
            memo=reading.text(fields, "content") or reading.text(fields, "description"),
            bank_reference=reading.text(fields, "referenceCode"),
            balance_after=reading.balance(fields, "accumulated"),
        ),
    )


def _non_empty(secret: str) -> bytes:
    if not secret:
        raise SecretError("must not be empty")
    return secret.encode()


PROVIDER = Provider(
    name="sepay",
    schemes={"hmac": hmac_verifier, "apikey": api_key_verifier},
    parse=parse,
    answer=lambda _transaction_ids: ANSWER,
    kept_headers=("x-sepay-timestamp", "x-sepay-signature"),
)
