"""The matching core in machine code, where `make compile` has made it of these very sources (docs/adr/0017-compiled-core.md).

The core is plain Python and runs as such; compiled by mypyc it decides nearly twice as fast. A build lies under the digest of the
sources that it was made of, so one that has aged is never loaded.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Final

SOURCES: Final = Path(__file__).with_name("matcher")
BUILDS: Final = Path(__file__).with_name("matcher_builds")
SWITCH: Final = "KHOP_COMPILED"
"""An environment variable; "no" leaves builds alone."""


def build_path() -> Path:
    """Where a build of the sources as they are now lies, or would lie."""
    digest = hashlib.sha256()
    for source in sorted(SOURCES.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return BUILDS / f"{sys.implementation.cache_tag}-{digest.hexdigest()[:16]}"


def prefer(package_path: list[str]) -> None:
    """Let a package find the core in its build first, if there is one."""
    if not BUILDS.is_dir() or os.environ.get(SWITCH) == "no" or not (build := build_path()).is_dir():
        return
    package_path.insert(0, str(build / "services" / "matching"))
    sys.path.append(str(build))  # the modules' common library
