"""Links that open a bank's app with the transfer filled in; data, one row a bank (bank_apps.csv).

Only apps for which vietqr.io documents that they fill in the transfer (its changelog 2.12 to 2.18) have an `app`; any bank
with a `code` can be the receiver. Format: https://www.vietqr.io/danh-sach-api/deeplink-app-ngan-hang
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from urllib.parse import urlencode

from services.notices.drawing.values import Payee

LINK = "https://dl.vietqr.io/pay?"


class AppLink(NamedTuple):
    """A link into one bank's app."""

    name: str
    address: str


def app_links(payee: Payee, reference: str, amount: int) -> list[AppLink]:
    """A link for each app; none where the receiver's bank has no code, or nothing may be paid."""
    receiver = _banks().get(payee.bank_bin, {}).get("code")
    if payee.sample or not receiver:
        return []
    transfer = {
        "ba": f"{payee.account_number}@{receiver}",
        "am": str(amount),
        "tn": payee.memo(reference),
        "bn": payee.account_name,
    }
    return [
        AppLink(row["name"], LINK + urlencode({"app": row["app"], **transfer})) for row in _banks().values() if row["app"]
    ]


@cache
def _banks() -> dict[str, dict[str, str]]:
    lines = (files(__package__) / "bank_apps.csv").read_text(encoding="utf-8").splitlines()
    return {row["bin"]: row for row in csv.DictReader(lines)}
