"""Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec; ../shared/facts/webhooks.md §5): any sender.

The body is Khớp's own (INTERFACES §2); webhook-id is the sender's id of the transaction. The project's own library signs; its check
would look at the time before the signature, and splits the list of signatures carelessly, so they are compared here.
"""

from __future__ import annotations

import binascii
import hmac
from datetime import UTC, datetime
from typing import Any

from standardwebhooks.webhooks import Webhook

from services.ingest.model import Reported
from services.ingest.providers import reading
from services.ingest.providers.base import (
    Delivery,
    MalformedError,
    Provider,
    SecretError,
    UnauthorizedError,
    Verifier,
    check_timestamp,
)

TRANSACTION = "bank.transaction"
ANSWER = b'{"success": true}'


def verifier(secret: str) -> Verifier:
    """Checks webhook-signature: one of a list of v1,base64(HMAC-SHA256(secret, id.timestamp.body)) fits."""
    try:
        # Decoded here, strictly: the library would drop what is not base64 and check against another key.
        encoded = secret.removeprefix("whsec_").rstrip("=")
        key = binascii.a2b_base64((encoded + "=" * (-len(encoded) % 4)).encode(), strict_mode=True)
    except ValueError as error:
        raise SecretError("must be base64, with or without the prefix whsec_") from error
    if not key:
        raise SecretError("must not be empty")
    webhook = Webhook(key)

    def check(delivery: Delivery, now_s: float) -> float:
        """The signature first, the time then: a time that nobody proved says nothing of the sender's clock."""
        timestamp = delivery.headers.get("webhook-timestamp", "")
        try:
            moment = datetime.fromtimestamp(int(timestamp), UTC)
            signed = webhook.sign(
                msg_id=delivery.headers.get("webhook-id", ""), timestamp=moment, data=delivery.body.decode()
            )
        except UnicodeDecodeError as error:
            raise MalformedError("the body is not UTF-8") from error
        except (ValueError, OverflowError, OSError) as error:
            raise UnauthorizedError("bad_timestamp", "the timestamp header is missing or no unix time") from error
        expected = binascii.a2b_base64(signed.partition(",")[2])
        given = _known_signatures(delivery.headers.get("webhook-signature", ""))
        if not any(hmac.compare_digest(expected, each) for each in given):
            raise UnauthorizedError("bad_signature", "no signature in webhook-signature fits the body")
        return check_timestamp(timestamp, now_s)

    return check


def parse(delivery: Delivery) -> tuple[Reported, ...]:
    """Read a bank.transaction; a message of another type is a test call."""
    fields = reading.read_object(delivery.body)
    kind = fields.get("type")
    if not isinstance(kind, str):
        raise MalformedError("type: must be a text")
    if kind != TRANSACTION:
        return ()
    webhook_id = delivery.headers.get("webhook-id", "")
    if not reading.is_identifier(webhook_id):
        raise MalformedError(f"webhook-id: must be 1 to {reading.ID_LENGTH_MAX} visible ASCII characters")
    return (_reported(webhook_id, reading.member(fields, "data")),)


def _reported(webhook_id: str, data: dict[str, Any]) -> Reported:
    return Reported(
        provider_id=webhook_id,
        account=reading.account(data, "account"),
        virtual_account=reading.virtual_account(data, "virtual_account"),
        amount=reading.dong(data, "amount"),
        direction=reading.direction(data, "direction"),
        occurred_at=reading.moment(data, "occurred_at"),
        memo=reading.text(data, "memo"),
        counter_name=reading.text(data, "counter_name"),
        counter_account=reading.text(data, "counter_account"),
        counter_bank=reading.text(data, "counter_bank"),
        bank_reference=reading.text(data, "bank_reference"),
        balance_after=reading.balance(data, "balance_after"),
    )


def _known_signatures(header: str) -> list[bytes]:
    """The well-formed v1 signatures of the list; unknown versions are skipped, as the specification says."""
    known = []
    for entry in header.split():
        version, _, signature = entry.partition(",")
        try:
            if version == "v1":
                known.append(binascii.a2b_base64(signature.encode(), strict_mode=True))
        except ValueError:
            continue
    return known


PROVIDER = Provider(
    name="standard",
    schemes={"hmac": verifier},
    parse=parse,
    answer=lambda _references: ANSWER,
    kept_headers=("webhook-id", "webhook-timestamp", "webhook-signature"),
)
