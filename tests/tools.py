"""Programs that tests drive and that no Python package brings."""

from __future__ import annotations

import os
import shutil

import pytest


def needs(program: str) -> str:
    """Where a program lies; skips where it is absent, but in CI, which installs it, fails."""
    found = shutil.which(program)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")
    return found
