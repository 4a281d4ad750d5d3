"""Casso (casso.vn; CassoHQ/casso-webhook-v2-verify-signature@0bfff92; ../shared/facts/webhooks.md §2).

Webhook V2 sends one transaction a call, signed over the body with its names sorted; V1 sends many, under a shared token.
A transaction with id 0 is Casso's test call. Answered with 200 and {"success": true}.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from typing import Any

from services.ingest.model import Reported
from services.ingest.providers import reading
from services.ingest.providers.base import (
    Delivery,
    MalformedError,
    Provider,
    UnauthorizedError,
    Verifier,
    check_timestamp,
    non_empty,
)

ANSWER = b'{"success": true}'


def signature_verifier(secret: str) -> Verifier:
    """Checks X-Casso-Signature: t=MILLISECONDS,v1=hex(HMAC-SHA512(key, t + "." + the body as JSON, names sorted))."""
    key = non_empty(secret)

    def check(delivery: Delivery, now_s: float) -> float:
        timestamp, signatures = _split(delivery.headers.get("x-casso-signature", ""))
        for document in _written_sorted(reading.read_object(delivery.body)):
            expected = hmac.digest(key, timestamp.encode() + b"." + document, "sha512").hex().encode()
            if any(hmac.compare_digest(expected, each.encode()) for each in signatures):
                return check_timestamp(timestamp, now_s, per_second=1_000)
        raise UnauthorizedError("bad_signature", "X-Casso-Signature does not fit the body")

    return check


def token_verifier(secret: str) -> Verifier:
    """Checks secure-token: KEY."""
    expected = non_empty(secret)

    def check(delivery: Delivery, now_s: float) -> None:  # noqa: ARG001 - this scheme knows no time
        if not hmac.compare_digest(expected, delivery.headers.get("secure-token", "").encode()):
            raise UnauthorizedError("bad_token", "secure-token is not this connection's")

    return check


def parse(delivery: Delivery) -> tuple[Reported, ...]:
    """Read the transactions of a call: an object in V2, a list in V1."""
    data = reading.read_object(delivery.body).get("data")
    if isinstance(data, dict):
        return () if _is_test(data) else (_from_v2(data),)
    if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
        raise MalformedError("data: must be an object or a list of objects")
    # An entry of 0 đ moved nothing; the others of its call did.
    return tuple(_from_v1(each) for each in data if not _is_test(each) and each.get("amount") != 0)


def _from_v2(fields: dict[str, Any]) -> Reported:
    amount, direction = reading.signed_dong(fields, "amount")
    return Reported(
        provider_id=reading.identifier(fields, "id"),
        account=reading.account(fields, "accountNumber"),
        virtual_account=reading.virtual_account(fields, "virtualAccountNumber"),
        amount=amount,
        direction=direction,
        occurred_at=reading.local_moment(fields, "transactionDateTime"),
        memo=reading.text(fields, "description"),
        counter_name=reading.text(fields, "counterAccountName"),
        counter_account=reading.text(fields, "counterAccountNumber"),
        counter_bank=reading.text(fields, "counterAccountBankId") or reading.text(fields, "counterAccountBankName"),
        bank_reference=reading.text(fields, "reference"),
        balance_after=reading.balance(fields, "runningBalance"),
    )


def _from_v1(fields: dict[str, Any]) -> Reported:
    amount, direction = reading.signed_dong(fields, "amount")
    return Reported(
        provider_id=reading.identifier(fields, "id"),
        account=reading.account(fields, "bank_sub_acc_id" if fields.get("bank_sub_acc_id") else "subAccId"),
        virtual_account=reading.virtual_account(fields, "virtualAccount"),
        amount=amount,
        direction=direction,
        occurred_at=reading.local_moment(fields, "when"),
        memo=reading.text(fields, "description"),
        counter_name=reading.text(fields, "corresponsiveName"),
        counter_account=reading.text(fields, "corresponsiveAccount"),
        counter_bank=reading.text(fields, "corresponsiveBankId") or reading.text(fields, "corresponsiveBankName"),
        bank_reference=reading.text(fields, "tid"),
        balance_after=reading.balance(fields, "cusum_balance"),
    )


def _is_test(fields: dict[str, Any]) -> bool:
    return type(fields.get("id")) is int and fields["id"] == 0


def _split(header: str) -> tuple[str, list[str]]:
    parts = [part.strip().partition("=") for part in header.split(",")]
    timestamp = next((value for name, _, value in parts if name == "t"), "")
    return timestamp, [value for name, _, value in parts if name == "v1"]


def _written_sorted(body: dict[str, Any]) -> Iterator[bytes]:
    """The body as the vendor's samples in JavaScript, Python and PHP write it, with lists sorted within or left as they are.

    They differ where a text holds a letter beyond ASCII or a slash, and in lists of objects; which one the live server uses is
    unknown. Each needs the key, so taking any of them is safe.
    """
    forms: dict[str, None] = {}
    for names_sorted, within_lists in ((body, True), (_sorted_outside_lists(body), False)):
        plain = json.dumps(names_sorted, sort_keys=within_lists, separators=(",", ":"), ensure_ascii=False)
        escaped = json.dumps(names_sorted, sort_keys=within_lists, separators=(",", ":"))
        forms |= dict.fromkeys((plain, escaped, escaped.replace("/", r"\/")))
    return (form.encode(errors="surrogatepass") for form in forms)


def _sorted_outside_lists(value: Any) -> Any:
    return {name: _sorted_outside_lists(value[name]) for name in sorted(value)} if isinstance(value, dict) else value


PROVIDER = Provider(
    name="casso",
    schemes={"hmac": signature_verifier, "token": token_verifier},
    parse=parse,
    answer=lambda _references: ANSWER,
    kept_headers=("x-casso-signature",),
)
