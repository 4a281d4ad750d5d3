"""How providers report a movement: their JSON, their signatures, their patience. Pure.

SePay: developer.sepay.vn/en/sepay-webhooks (signature over "<timestamp>.<raw body>"). Standard Webhooks:
github.com/standard-webhooks/standard-webhooks (signature over "<id>.<timestamp>.<raw body>", key: the secret decoded).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from deploy.demo.district import SampleSite, sites

Scheme = Literal["sepay/hmac", "sepay/apikey", "standard"]
FIBONACCI_MINUTES = (0, 1, 1, 2, 3, 5, 8, 13)
"""SePay's waits before each attempt; the Standard Webhooks example begins as short and grows longer."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A provider's connection for one site's account."""

    connection_id: str
    account: str
    scheme: Scheme
    secret: str

    @property
    def provider(self) -> str:
        return self.scheme.partition("/")[0]

    @property
    def path(self) -> str:
        """Where the provider posts to, below the address of ingest."""
        return f"/webhooks/{self.provider}/{self.connection_id}"

    def settings(self) -> dict[str, object]:
        """The body of PUT /connections/{id}."""
        return {
            "provider": self.provider,
            "scheme": self.scheme.partition("/")[2] or None,
            "accounts": [self.account],
            "secret": self.secret,
            "grace_s": 86_400,
            "rate_per_s": None,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """One movement as a bank tells it to a provider."""

    number: int
    """Unique for this installation; the provider's id of the movement."""
    account: str
    amount: int
    direction: Literal["in", "out"]
    occurred_at: datetime
    """Local time, whole seconds: banks write no finer."""
    memo: str
    counter_name: str | None
    counter_account: str | None
    counter_bank: str | None
    bank_reference: str
    balance_after: int


def connection_of(site: SampleSite, admin_token: str) -> Connection:
    """A site's connection. Most are SePay with HMAC; every fifth is Standard Webhooks, every tenth SePay with an API key.

    The secret follows from the installation's admin token: a second run finds the same one, another installation another.
    """
    number = sites().index(site)
    scheme: Scheme = "standard" if number % 5 == 3 else "sepay/apikey" if number % 10 == 6 else "sepay/hmac"
    key = hmac.digest(admin_token.encode(), f"sample district/{site.site_id}".encode(), "sha256")
    secret = "whsec_" + base64.b64encode(key).decode() if scheme == "standard" else key.hex()
    return Connection(site.site_id, site.account, scheme, secret)


def body(connection: Connection, report: Report) -> bytes:
    """The request's body, the same at every attempt."""
    document = _standard_document(report) if connection.provider == "standard" else _sepay_document(report)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def headers(connection: Connection, report: Report, raw: bytes, timestamp: int) -> dict[str, str]:
    """The request's headers; the signature is made anew for every attempt, since receivers refuse old timestamps."""
    content = {"Content-Type": "application/json"}
    if connection.scheme == "sepay/apikey":
        return {**content, "Authorization": f"Apikey {connection.secret}"}
    if connection.scheme == "sepay/hmac":
        return {
            **content,
            "X-SePay-Timestamp": str(timestamp),
            "X-SePay-Signature": sepay_signature(connection.secret, timestamp, raw),
        }
    message_id = f"msg_{report.number}"
    return {
        **content,
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": standard_signature(connection.secret, message_id, timestamp, raw),
    }


def sepay_signature(secret: str, timestamp: int, raw: bytes) -> str:
    """sha256=<lower-case hex of HMAC-SHA256 over "<timestamp>.<raw body>">."""
    return "sha256=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + raw, hashlib.sha256).hexdigest()


def standard_signature(secret: str, message_id: str, timestamp: int, raw: bytes) -> str:
    """v1,<base64 of HMAC-SHA256 over "<id>.<timestamp>.<raw body>">."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + raw, "sha256")
    return "v1," + base64.b64encode(digest).decode()


def wait_before_attempt_s(attempt: int, minute_s: float) -> float:
    """How long a provider waits before its n-th attempt (0 is the first), where its minute lasts `minute_s`.

    After the last automatic attempt the simulator goes on at the longest wait: it stands for the provider's replay by hand.
    """
    return FIBONACCI_MINUTES[min(attempt, len(FIBONACCI_MINUTES) - 1)] * minute_s


def _sepay_document(report: Report) -> dict[str, object]:
    return {
        "id": report.number,
        "gateway": "NganHangMau",
        "transactionDate": f"{report.occurred_at:%Y-%m-%d %H:%M:%S}",
        "accountNumber": report.account,
        "code": None,
        "content": report.memo,
        "transferType": report.direction,
        "transferAmount": report.amount,
        "accumulated": report.balance_after,
        "subAccount": None,
        "referenceCode": report.bank_reference,
        "description": f"BankAPINotify {report.memo}",
    }


def _standard_document(report: Report) -> dict[str, object]:
    return {
        "type": "bank.transaction",
        "timestamp": report.occurred_at.isoformat(),
        "data": {
            "account": report.account,
            "virtual_account": None,
            "amount": report.amount,
            "direction": report.direction,
            "occurred_at": report.occurred_at.isoformat(),
            "memo": report.memo,
            "counter_name": report.counter_name,
            "counter_account": report.counter_account,
            "counter_bank": report.counter_bank,
            "bank_reference": report.bank_reference,
            "balance_after": report.balance_after,
        },
    }
