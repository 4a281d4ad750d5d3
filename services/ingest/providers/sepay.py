"""SePay (developer.sepay.vn/en/sepay-webhooks, …/en/bankhub; ../shared/facts/webhooks.md §1): one transaction a call.

Answered with 200 and {"success": true}, which both the older and the newer page of the vendor accept. SePay tells no
counterparty, and `gateway` is the account's own bank. Its Bank Hub writes the same in other words (snake_case).
"""

from __future__ import annotations

import hmac
from typing import Any

from services.ingest.model import Reported
from services.ingest.providers import reading
from services.ingest.providers.base import Delivery, Provider, UnauthorizedError, Verifier, check_timestamp, non_empty

ANSWER = b'{"success": true}'
_API_KEY = "Apikey "


def hmac_verifier(secret: str) -> Verifier:
    """Checks X-SePay-Signature: sha256=hex(HMAC-SHA256(secret, timestamp + "." + raw body))."""
    key = non_empty(secret)

    def check(delivery: Delivery, now_s: float) -> float:
        timestamp = delivery.headers.get("x-sepay-timestamp", "")
        given = delivery.headers.get("x-sepay-signature", "")
        expected = "sha256=" + hmac.digest(key, timestamp.encode() + b"." + delivery.body, "sha256").hex()
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise UnauthorizedError("bad_signature", "X-SePay-Signature does not fit the body")
        return check_timestamp(timestamp, now_s)

    return check


def api_key_verifier(secret: str) -> Verifier:
    """Checks Authorization: Apikey KEY."""
    expected = _API_KEY.encode() + non_empty(secret)

    def check(delivery: Delivery, now_s: float) -> None:  # noqa: ARG001 - this scheme knows no time
        if not hmac.compare_digest(expected, delivery.headers.get("authorization", "").encode()):
            raise UnauthorizedError("bad_api_key", "Authorization must be Apikey with this connection's key")

    return check


def parse(delivery: Delivery) -> tuple[Reported, ...]:
    """Read the one transaction of a call."""
    fields = reading.read_object(delivery.body)
    return (_from_bank_hub(fields) if "transaction_id" in fields and "id" not in fields else _from_webhook(fields),)


def _from_webhook(fields: dict[str, Any]) -> Reported:
    return Reported(
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
        payment_code=reading.text(fields, "code"),
    )


def _from_bank_hub(fields: dict[str, Any]) -> Reported:
    return Reported(
        # Bank Hub counts for itself: its ids must not meet those of the older product.
        provider_id=f"bankhub/{reading.identifier(fields, 'transaction_id')}",
        account=reading.account(fields, "account_number"),
        virtual_account=reading.virtual_account(fields, "va"),
        amount=reading.dong(fields, "amount"),
        direction=reading.direction(fields, "transfer_type", inward="credit", outward="debit"),
        occurred_at=reading.local_moment(fields, "transaction_date"),
        memo=reading.text(fields, "content"),
        bank_reference=reading.text(fields, "reference_code"),
        balance_after=reading.balance(fields, "accumulated"),
        payment_code=reading.text(fields, "payment_code"),
    )


PROVIDER = Provider(
    name="sepay",
    schemes={"hmac": hmac_verifier, "apikey": api_key_verifier},
    parse=parse,
    answer=lambda _references: ANSWER,
    kept_headers=("x-sepay-timestamp", "x-sepay-signature"),
)
