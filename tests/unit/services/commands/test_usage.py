"""A wrong call of `khop` is answered in one line that says what was wrong, and with status 2 (INTERFACES §1)."""

from __future__ import annotations

import pytest

from tests.unit.services.commands.khop import khop


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nosuch"], "nosuch"),
        (["import"], "kind"),
        (["import", "pupils", "a.csv"], "pupils"),
        (["up"], "--state"),
        (["up", "--state", "x", "--port", "0"], "--port"),
        (["reference", "new", "--count", "many"], "--count"),
        (["vietqr", "encode", "--bin", "970436"], "--account"),
        (["connection", "set", "x", "--provider", "sepay"], "--account"),
        (["serve", "kitchen"], "kitchen"),
        (["ps", "--colour"], "--colour"),
    ],
)
def test_a_wrong_call_is_one_line(monkeypatch, capsys, arguments: list[str], named: str) -> None:
    monkeypatch.delenv("KHOP_STATE", raising=False)
    ran = khop(monkeypatch, capsys, *arguments)
    assert ran.status == 2
    assert ran.out == ""
    assert ran.err.startswith("khop: ")
    assert ran.err.count("\n") == 1
    assert named in ran.err


@pytest.mark.parametrize("arguments", [[], ["reference"], ["dlq"]])
def test_without_a_word_it_prints_what_can_be_said(monkeypatch, capsys, arguments: list[str]) -> None:
    ran = khop(monkeypatch, capsys, *arguments)
    assert ran.status == 2
    assert "Commands" in ran.out
