"""Deliveries and messages in one line each; the providers' published samples where the checkout's neighbour has them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.ingest.model import Message, Reported, Transaction, new_transaction
from services.ingest.providers.base import Delivery

FACTS = Path(__file__).parents[5] / "shared" / "facts" / "webhooks"
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
ACCOUNT = "0123499999"
STANDARD_SECRET = "whsec_" + base64.b64encode(b"a secret of at least 24 bytes").decode()


def sample(name: str) -> dict[str, Any]:
    path = FACTS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the providers' samples are not beside this checkout: {path}")
    return json.loads(path.read_text())


def sepay_body(**changes: Any) -> dict[str, Any]:
    """Another id comes with another reference of the bank, unless the test says otherwise."""
    return {
        "id": 92704, "gateway": "Vietcombank", "transactionDate": "2026-11-05 14:02:37", "accountNumber": ACCOUNT,
        "code": None, "content": "KH7Q2 nop tien an", "transferType": "in", "transferAmount": 2_277_000,
        "accumulated": 19_077_000, "subAccount": None,
        "referenceCode": f"MBVCB.{changes.get('id', 92704):010}" if type(changes.get("id", 1)) is int else None,
        "description": "",
        **changes,
    }  # fmt: skip


def standard_body(**changes: Any) -> dict[str, Any]:
    return {
        "type": "bank.transaction", "timestamp": "2026-11-05T07:02:40Z",
        "data": {
            "account": ACCOUNT, "virtual_account": None, "amount": 150_000, "direction": "in",
            "occurred_at": "2026-11-05T14:02:37+07:00", "memo": "KH7Q2", "counter_name": "NGUYEN VAN AN",
            "counter_account": "8888", "counter_bank": "970415", "bank_reference": "FT1", "balance_after": 5,
            **changes,
        },
    }  # fmt: skip


def encode(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def sepay_delivery(body: Any, secret: str = "test-secret", at: float = NOW.timestamp()) -> Delivery:
    raw, timestamp = encode(body), str(int(at))
    signature = hmac.new(secret.encode(), timestamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return Delivery({"x-sepay-timestamp": timestamp, "x-sepay-signature": f"sha256={signature}"}, raw)


def standard_delivery(
    body: Any, secret: str = STANDARD_SECRET, at: float = NOW.timestamp(), webhook_id: str = "msg_1"
) -> Delivery:
    raw, timestamp = encode(body), str(int(at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + raw, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return Delivery({"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": signature}, raw)


def a_reported(**changes: Any) -> Reported:
    return Reported(**{
        "provider_id": "1", "account": ACCOUNT, "virtual_account": None, "amount": 150_000, "direction": "in",
        "occurred_at": NOW, **changes,
    })  # fmt: skip


def a_message(*reported: Reported, **changes: Any) -> Message:
    return Message(**{
        "message_id": uuid.uuid4(), "received_at": NOW, "provider": "sepay", "connection_id": "one",
        "accounts": frozenset({ACCOUNT}), "headers": {}, "body": b"{}", "reported": reported, **changes,
    })  # fmt: skip


def a_transaction(provider: str = "casso", seen_by: str = "webhook", **changes: Any) -> Transaction:
    """One that stands already, seen by another provider than `a_message`'s."""
    return new_transaction(a_reported(**changes), provider=provider, seen_by=seen_by, received_at=NOW)  # type: ignore[arg-type]


def casso_delivery(body: Any, secret: str = "test-secret", at: float = NOW.timestamp()) -> Delivery:
    """Webhook V2, signed as Casso's own sample in JavaScript signs."""
    timestamp = str(int(at * 1_000))
    document = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hmac.new(secret.encode(), f"{timestamp}.{document}".encode(), hashlib.sha512).hexdigest()
    return Delivery({"x-casso-signature": f"t={timestamp},v1={digest}"}, encode(body))


def casso_data(**changes: Any) -> dict[str, Any]:
    return {
        "id": 5_001, "reference": "FT26309000000001", "description": "KH7Q2 nop tien an", "amount": 150_000,
        "runningBalance": 25_000_000, "transactionDateTime": "2026-11-05 14:02:37", "accountNumber": ACCOUNT,
        "bankName": "VPBank", "bankAbbreviation": "VPB", "virtualAccountNumber": "", "virtualAccountName": "",
        "counterAccountName": "NGUYEN VAN AN", "counterAccountNumber": "8888888888", "counterAccountBankId": "970415",
        "counterAccountBankName": "VietinBank", **changes,
    }  # fmt: skip


def casso_v1_data(**changes: Any) -> dict[str, Any]:
    return {
        "id": 6_001, "tid": "FT26309000000002", "description": "KH7Q3 nop tien an", "amount": 150_000,
        "cusum_balance": 0, "when": "2026-11-05 14:02:37", "bank_sub_acc_id": ACCOUNT, "subAccId": ACCOUNT,
        "bankName": "VPBank", "bankAbbreviation": "VPB", "virtualAccount": "", "virtualAccountName": "",
        "corresponsiveName": "", "corresponsiveAccount": "", "corresponsiveBankId": "", "corresponsiveBankName": "",
        **changes,
    }  # fmt: skip


def payos_data(**changes: Any) -> dict[str, Any]:
    return {
        "orderCode": 7, "amount": 150_000, "description": "VQRIO9 KH7Q2", "accountNumber": ACCOUNT,
        "reference": "FT26309000000003", "transactionDateTime": "2026-11-05 14:02:37", "currency": "VND",
        "paymentLinkId": "c0ffee", "code": "00", "desc": "success", "counterAccountBankId": None,
        "counterAccountBankName": None, "counterAccountName": None, "counterAccountNumber": None,
        "virtualAccountName": "", "virtualAccountNumber": "", **changes,
    }  # fmt: skip


def payos_body(secret: str = "test-secret", **changes: Any) -> dict[str, Any]:
    data = payos_data(**changes)
    text = "&".join(f"{name}={'' if data[name] is None else data[name]}" for name in sorted(data))
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {"code": "00", "desc": "success", "success": True, "data": data, "signature": signature}


def vietqr_body(**changes: Any) -> dict[str, Any]:
    return {
        "transactionid": "0a4cc317", "transactiontime": 1_793_862_157, "referencenumber": "FT26309000000004",
        "amount": 150_000, "content": "KH7Q2 NOP TIEN AN", "bankaccount": ACCOUNT, "transType": "C", "orderId": "",
        "terminalCode": "", "subTerminalCode": "", "serviceCode": "", "urlLink": "", "sign": "", **changes,
    }  # fmt: skip
