"""`khop connection list` for people: one line a connection, without secrets."""

from __future__ import annotations

import httpx

from services.commands import connections
from services.commands.installation import Installation
from tests.unit.services.commands.khop import khop

ANSWER = [
    {
        "id": "an-chau", "provider": "sepay", "scheme": "hmac", "accounts": ["0123", "0124"], "rate_per_s": None, "disabled": True,
        "webhook_path": "/webhooks/sepay/an-chau", "old_secrets_valid_until": [],
    }
]  # fmt: skip


def test_each_connection_is_a_line(monkeypatch, capsys):
    monkeypatch.setattr(Installation, "call", lambda *_a, **_k: httpx.Response(200, json=ANSWER))
    monkeypatch.setattr(connections, "find_installation", lambda _state: Installation({}, "", ""))
    ran = khop(monkeypatch, capsys, "connection", "list")
    assert (ran.status, ran.out) == (0, "an-chau  sepay/hmac  disabled  0123, 0124\n")
