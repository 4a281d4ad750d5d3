"""khop vietqr: keys, exit codes and one clear line, as INTERFACES says."""

from __future__ import annotations

import json

import pytest

from shared.vietqr import encode_transfer
from tests.unit.services.commands.khop import khop

PAYLOAD = encode_transfer("970436", "0123", amount=150_000, memo="KHC3J9M2P7X")


def test_encode_prints_the_payload(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--bin", "970436", "--account", "0123", "--amount", "150000", "--memo", "KHC3J9M2P7X"]
    ran = khop(monkeypatch, capsys, "vietqr", "encode", *options)
    assert (ran.status, ran.out) == (0, PAYLOAD + "\n")


def test_decode_prints_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ran = khop(monkeypatch, capsys, "vietqr", "decode", PAYLOAD)
    read = json.loads(ran.out)
    assert ran.status == 0
    assert read.pop("fields")["54"] == "150000"
    assert read.pop("warnings") == []
    assert read == {
        "method": "dynamic", "bin": "970436", "account": "0123", "service": "QRIBFTTA", "amount": 150_000,
        "currency": "704", "country": "VN", "bill": None, "memo": "KHC3J9M2P7X", "crc": PAYLOAD[-4:], "crc_ok": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["decode", PAYLOAD.replace("150000", "950000")], "khop: the check (CRC) is"),
        (["decode", "nonsense"], "khop: not a payment QR"),
        (["encode", "--bin", "97", "--account", "0123"], "khop: bin: "),
        (["encode", "--bin", "970436", "--account", "0123", "--amount", "1.5"], "khop: amount: "),
        (["encode", "--bin", "970436", "--account", "0123", "--memo", "x" * 26], "khop: memo: "),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = khop(monkeypatch, capsys, "vietqr", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(sentence)
    assert ran.err.count("\n") == 1
