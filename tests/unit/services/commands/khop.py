"""Running a `khop` command in this process, as the installed script does."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass

import pytest

from services.__main__ import main


@dataclass(frozen=True, slots=True)
class Ran:
    status: int
    out: str
    err: str


def khop(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str, stdin: bytes = b"") -> Ran:
    monkeypatch.setattr(sys, "argv", ["khop", *arguments])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    return Ran(int(ended.value.code or 0), captured.out, captured.err)
