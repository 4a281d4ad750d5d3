"""Payloads that others published, from ../shared/facts/vietqr_vectors.json; read there, not copied."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).parents[5] / "shared" / "facts" / "vietqr_vectors.json"


def vectors() -> list[dict[str, Any]]:
    """All of them, by their ids; a test skips where the folder is absent, except in CI."""
    if not FILE.exists() and not os.environ.get("CI"):
        pytest.skip(f"{FILE} is not here")
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found
