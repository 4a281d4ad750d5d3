"""khop reference: lines in, lines out, as INTERFACES says."""

from __future__ import annotations

import json

import pytest

from shared.reference import is_reference
from tests.unit.services.commands.khop import khop


def test_new_prints_distinct_references_and_a_seed_repeats_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = khop(monkeypatch, capsys, "reference", "new", "--count", "500", "--seed", "7")
    lines = ran.out.splitlines()
    assert ran.status == 0
    assert len(set(lines)) == len(lines) == 500
    assert all(is_reference(line) for line in lines)
    assert khop(monkeypatch, capsys, "reference", "new", "--count", "500", "--seed", "7").out == ran.out
    assert khop(monkeypatch, capsys, "reference", "new", "--count", "500").out != ran.out


def test_find_prints_an_array_for_every_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    memos = "nop khc3j9m2x8n tien\n\nKHC3J9M2X8\r\nNGUYỄN VĂN A chuyển khoản\n".encode() + b"\xff\r KHC3J9M2X8N\nkhong co"
    ran = khop(monkeypatch, capsys, "reference", "find", stdin=memos)
    exact = [{"reference": "KHC3J9M2X8N", "exact": True, "edits": 0}]
    repaired = [{"reference": "KHC3J9M2X8N", "exact": False, "edits": 1}]
    assert ran.status == 0
    assert [json.loads(line) for line in ran.out.splitlines()] == [exact, [], repaired, [], exact, []]
