"""payOS (payos.vn/docs/tich-hop-webhook; payOSHQ/payos-lib-node@141c714; ../shared/facts/webhooks.md §3): money in.

The signature stands in the body and covers `data`. When an address is registered payOS calls it with a sample transaction,
signed like any other, and registers it only on a 2xx. Answered with 200 and {"success": true}.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

from services.ingest.model import Reported
from services.ingest.providers import reading
from services.ingest.providers.base import (
    Delivery,
    MalformedError,
    Provider,
    UnauthorizedError,
    Verifier,
    non_empty,
)

ANSWER = b'{"success": true}'
SUCCESS = "00"
VALIDATION_CALL = {
    "orderCode": 123,
    "amount": 3000,
    "accountNumber": "12345678",
    "reference": "TF230204212323",
    "paymentLinkId": "124c33293c43417ab7879e14c8d9eb18",
}
"""What tells the vendor's sample transaction from a true one."""


def verifier(secret: str) -> Verifier:
    """Checks `signature`: hex(HMAC-SHA256(key, "name=value&…" of `data`, names sorted, null as nothing))."""
    key = non_empty(secret)

    def check(delivery: Delivery, now_s: float) -> None:  # noqa: ARG001 - this scheme knows no time
        body = reading.read_object(delivery.body)
        given = body.get("signature")
        if not isinstance(given, str):
            raise UnauthorizedError("bad_signature", "signature is missing from the body")
        expected = hmac.digest(key, signed_text(reading.member(body, "data")).encode(), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), given.encode(errors="replace")):
            raise UnauthorizedError("bad_signature", "signature does not fit data")

    return check


def signed_text(data: dict[str, Any]) -> str:
    """What the signature covers, as the vendor's library writes it."""
    return "&".join(f"{name}={_written(data[name])}" for name in sorted(data))


def _written(value: Any) -> str:
    if value is None or value in ("null", "undefined"):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, list):
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    # Said of no name: whoever sent this has not proven anything yet, and may have written anything there.
    raise UnauthorizedError("bad_signature", "data holds something that no signature covers")


def parse(delivery: Delivery) -> tuple[Reported, ...]:
    """Read the one transaction of a call; a call that tells of no success tells of no money."""
    body = reading.read_object(delivery.body)
    data = reading.member(body, "data")
    if {name: data.get(name) for name in VALIDATION_CALL} == VALIDATION_CALL:
        return ()
    if body.get("code", SUCCESS) != SUCCESS or data.get("code", SUCCESS) != SUCCESS:
        return ()
    return (_reported(data),)


def _reported(data: dict[str, Any]) -> Reported:
    return Reported(
        provider_id=_own_id(data),
        account=reading.account(data, "accountNumber"),
        virtual_account=reading.virtual_account(data, "virtualAccountNumber"),
        amount=reading.dong(data, "amount"),
        direction="in",
        occurred_at=reading.local_moment(data, "transactionDateTime"),
        memo=reading.text(data, "description"),
        counter_name=reading.text(data, "counterAccountName"),
        counter_account=reading.text(data, "counterAccountNumber"),
        counter_bank=reading.text(data, "counterAccountBankId") or reading.text(data, "counterAccountBankName"),
        bank_reference=reading.text(data, "reference"),
        payment_code=reading.text(data, "orderCode"),
    )


def _own_id(data: dict[str, Any]) -> str:
    """A payment link may be paid in parts, and a bank's reference may be a short counter: together they are an id."""
    link = reading.optional_identifier(data, "paymentLinkId")
    reference = reading.optional_identifier(data, "reference")
    if link is None and reference is None:
        raise MalformedError("paymentLinkId, reference: one of them must be given")
    moment = reading.local_moment(data, "transactionDateTime") if link is None or reference is None else None
    return "/".join(part for part in (link, reference, moment and f"{moment:%Y%m%d%H%M%S}") if part)


PROVIDER = Provider(
    name="payos",
    schemes={"hmac": verifier},
    parse=parse,
    answer=lambda _references: ANSWER,
)
