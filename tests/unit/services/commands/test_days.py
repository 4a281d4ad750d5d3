"""khop day close: how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from services.commands.errors import BAD_INPUT, FAILED
from services.topology import SERVICE_NAMES
from tests.unit.services.commands.khop import khop


@pytest.mark.parametrize(
    ("answered", "exit_code"), [(200, 0), (400, BAD_INPUT), (404, BAD_INPUT), (409, FAILED), (412, FAILED), (503, FAILED)]
)
def test_a_day_that_cannot_close_yet_is_a_failure_and_no_bad_input(monkeypatch, capsys, tmp_path: Path, answered, exit_code):
    addresses = dict.fromkeys((*SERVICE_NAMES, "kafka"), "http://khop.test")
    (tmp_path / "status.json").write_text(json.dumps({"addresses": addresses}), encoding="utf-8")
    (tmp_path / "admin.token").write_text("an-admin-token-for-tests", encoding="utf-8")
    body = {"days": []} if answered == 200 else {"detail": "this day has differences"}
    client = httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(answered, json=body)))
    monkeypatch.setattr(httpx, "stream", client.stream)
    ran = khop(monkeypatch, capsys, "day", "close", "TH1", "2026-11-23", "--state", str(tmp_path))
    assert ran.status == exit_code
    assert ran.err.count("\n") == (answered != 200)
