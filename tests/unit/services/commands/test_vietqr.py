"""khop vietqr: keys, exit codes and one clear line, as INTERFACES says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.vietqr import encode_transfer
from tests.unit.services.commands.khop import khop
from tests.unit.services.notices.drawing.pictures import codes_in, picture

PAYLOAD = encode_transfer("970436", "0123", amount=150_000, memo="KHC3J9M2X8N")


def test_encode_prints_the_payload(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--bin", "970436", "--account", "0123", "--amount", "150000", "--memo", "KHC3J9M2X8N"]
    ran = khop(monkeypatch, capsys, "vietqr", "encode", *options)
    assert (ran.status, ran.out) == (0, PAYLOAD + "\n")


def test_encode_draws_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    svg, png = tmp_path / "code.svg", tmp_path / "code.png"
    options = ["--bin", "999999", "--account", "MAU26", "--svg", str(svg), "--png", str(png)]
    ran = khop(monkeypatch, capsys, "vietqr", "encode", *options)
    assert codes_in(picture(png.read_bytes())) == [ran.out.strip()]
    assert "MẪU, KHÔNG CHUYỂN TIỀN" in svg.read_text(encoding="utf-8")


def test_a_picture_that_cannot_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--bin", "970436", "--account", "0123", "--png", str(tmp_path / "missing" / "code.png")]
    ran = khop(monkeypatch, capsys, "vietqr", "encode", *options)
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)


def test_decode_prints_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ran = khop(monkeypatch, capsys, "vietqr", "decode", PAYLOAD)
    read = json.loads(ran.out)
    assert ran.status == 0
    assert read.pop("fields")["54"] == "150000"
    assert read.pop("warnings") == []
    assert read == {
        "method": "dynamic", "bin": "970436", "account": "0123", "service": "QRIBFTTA", "amount": 150_000,
        "currency": "704", "country": "VN", "bill": None, "memo": "KHC3J9M2X8N", "crc": PAYLOAD[-4:], "crc_ok": True,
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
