"""Writing transfer codes: read back they say what was written, and they equal those that others write."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vietqr import (
    MEMO_LIMIT,
    SAMPLE_BIN,
    STRICT_MEMO_LIMIT,
    VietQRError,
    bank_name,
    decode,
    encode_transfer,
    find_bank,
    payment_memo,
)
from shared.vietqr.banks import banks
from tests.unit.shared.vietqr.vectors import vectors

PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "

bins = st.text(string.digits, min_size=6, max_size=6)
accounts = st.text(string.ascii_letters + string.digits, min_size=1, max_size=19)
cards = st.text(string.digits, min_size=12, max_size=19)
amounts = st.none() | st.integers(1, 10**13 - 1)
memos = st.none() | st.text(PRINTABLE, min_size=1, max_size=MEMO_LIMIT)


@given(bins, accounts, amounts, memos)
def test_what_is_written_to_an_account_is_read_back(bank: str, account: str, amount: int | None, memo: str | None) -> None:
    read = decode(encode_transfer(bank, account, amount=amount, memo=memo))
    assert (read.bin, read.account, read.service) == (bank, account, "QRIBFTTA")
    assert (read.amount, read.memo, read.currency, read.country) == (amount, memo, "704", "VN")
    assert read.method == ("static" if amount is None and memo is None else "dynamic")
    assert read.warnings == []


@given(bins, cards)
def test_what_is_written_to_a_card_is_read_back(bank: str, card: str) -> None:
    read = decode(encode_transfer(bank, card, card=True))
    assert (read.bin, read.account, read.service) == (bank, card, "QRIBFTTC")


def test_a_published_code_of_the_common_form_is_written_alike() -> None:
    alike = 0
    for vector in vectors():
        if vector["crc_valid"] and _is_of_the_common_form(vector):
            read = decode(vector["payload"])
            written = encode_transfer(
                read.bin or "", read.account or "", amount=read.amount, memo=read.memo, card=read.service == "QRIBFTTC"
            )
            assert written == vector["payload"], vector["id"]
            alike += 1
    assert alike >= 15


def _is_of_the_common_form(vector: dict[str, Any]) -> bool:
    """Sound, a transfer, no field but those that we write, static only where it has neither amount nor memo."""
    fields: dict[str, str] | None = vector["fields"]
    expected: dict[str, str] = vector["expected"]
    return (
        vector["structure_ok"]
        and fields is not None
        and expected.get("service", "").startswith("QRIBFTT")
        and set(fields) <= {"00", "01", "38", "53", "54", "58", "62", "63"}
        and ("62" not in fields or fields["62"].startswith("08"))
        and (fields["01"] == "11") == ("54" not in fields and "62" not in fields)
    )


def test_a_memo_loses_its_diacritics() -> None:
    assert decode(encode_transfer("970436", "0123", memo="Tiền ăn Đông")).memo == "Tien an Dong"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bank_bin": "97043"}, "bin"),
        ({"bank_bin": "９７０４３６"}, "bin"),
        ({"account": ""}, "account"),
        ({"account": "A" * 20}, "account"),
        ({"account": "0123-456"}, "account"),
        ({"account": "0123", "card": True}, "account"),
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": 10**13}, "amount"),
        ({"memo": "x" * 26}, "memo"),
        ({"memo": "KHC3J9M2X8N tien an", "memo_limit": 18}, "memo"),
        ({"memo": "hai\ndòng"}, "memo"),
        ({"memo": "学校"}, "memo"),
    ],
)
def test_an_error_names_its_field(changes: dict[str, Any], field: str) -> None:
    values: dict[str, Any] = {"bank_bin": "970436", "account": "0123456789", "amount": None, "memo": None} | changes
    with pytest.raises(VietQRError, match=f"^{field}: "):
        encode_transfer(values.pop("bank_bin"), values.pop("account"), **values)


@pytest.mark.parametrize(
    ("prefix", "memo"),
    [("", "KHC3J9M2X8N"), ("SEVQR", "SEVQR KHC3J9M2X8N"), ("SEVQR TKPAB1", "SEVQR TKPAB1 KHC3J9M2X8N")],
)
def test_what_a_provider_needs_stands_before_the_reference(prefix: str, memo: str) -> None:
    assert payment_memo("KHC3J9M2X8N", prefix) == memo


def test_a_prefix_too_long_for_the_provider_is_refused() -> None:
    assert payment_memo("KHC3J9M2X8N", "SEVQR", STRICT_MEMO_LIMIT) == "SEVQR KHC3J9M2X8N"
    with pytest.raises(VietQRError, match="memo: 20 characters, at most 19"):
        payment_memo("KHC3J9M2X8N", "TKPABC12", STRICT_MEMO_LIMIT)


def test_banks_are_known_by_their_bin() -> None:
    assert len(banks()) == 72
    assert all(bank == find_bank(bin_) and len(bin_) == 6 and bank.short_name for bin_, bank in banks().items())
    assert bank_name("970436") == "Vietcombank"
    assert bank_name(SAMPLE_BIN) == "Ngân hàng mẫu"
    assert bank_name("970999") == "mã ngân hàng 970999"
