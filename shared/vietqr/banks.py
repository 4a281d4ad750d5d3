"""Banks and wallets that a VietQR can name, by BIN.

banks.csv was written from ../shared/facts/banks.json, which joins the lists of xuannghia/vietnam-qr-pay@17a05d3, subiz/vietqr and
openhoangnc/vietqr. The BIN is the key: letter codes differ between sources ("BVB" is BaoViet here, Bản Việt there), and a renamed
bank (OceanBank, DongA, LienVietPostBank) keeps its BIN under its present name.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

SAMPLE_BIN = "999999"
"""No bank has it: a QR that names it cannot be paid. Accounts of sample sites are there."""


class Bank(NamedTuple):
    """A receiver of transfers."""

    bin: str
    """Six digits."""
    short_name: str
    """As bank apps list it."""
    name: str
    """As it is registered."""


_SAMPLE = Bank(SAMPLE_BIN, "Ngân hàng mẫu", "Ngân hàng mẫu (không có thật)")


@cache
def banks() -> dict[str, Bank]:
    """All banks by BIN, the sample bank included."""
    lines = (files(__package__) / "banks.csv").read_text(encoding="utf-8").splitlines()
    rows = [Bank(row["bin"], row["short_name"], row["name"]) for row in csv.DictReader(lines)]
    return {bank.bin: bank for bank in [*rows, _SAMPLE]}


def find_bank(bank_bin: str) -> Bank | None:
    """The bank with this BIN, or None where the list has none: new banks appear, so an unknown BIN is no error."""
    return banks().get(bank_bin)


def bank_name(bank_bin: str) -> str:
    """What to call the bank on a slip: its short name, or "mã ngân hàng 970999" where the list has none."""
    bank = find_bank(bank_bin)
    return bank.short_name if bank else f"mã ngân hàng {bank_bin}"
