"""`make compile`: the matching core in machine code, by mypyc (docs/adr/0017-compiled-core.md).

    python -m deploy.compile_matcher

Needs a C compiler and Python's headers; takes about a minute. Builds of other sources are removed.
"""

# ruff: noqa: T201 - a command: what it prints is its product

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Final

from services.matching import compiled

ROOT: Final = compiled.SOURCES.parents[2]
INSIDE: Final = compiled.SOURCES.relative_to(ROOT)


def lacking() -> str | None:
    """What this machine lacks to compile anything."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"there is no C compiler ({compiler})"
    if not (Path(sysconfig.get_paths()["include"]) / "Python.h").exists():
        return "Python's headers (Python.h) are not installed"
    return None


def compile_into(folder: Path) -> None:
    """Compile the core in this empty folder; raises CalledProcessError, with what the compilers said."""
    (folder / INSIDE).mkdir(parents=True)  # the libraries are copied to where the sources would lie
    sources = [str(each) for each in sorted(compiled.SOURCES.glob("*.py"))]
    environment = {**os.environ, "MYPYPATH": str(ROOT), "MYPYC_OPT_LEVEL": "2"}
    subprocess.run(  # noqa: S603 - our own sources, by our own compiler
        [sys.executable, "-m", "mypyc", "--ignore-missing-imports", *sources], cwd=folder, env=environment, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    for rest in ("build", ".mypy_cache"):
        shutil.rmtree(folder / rest, ignore_errors=True)


def main() -> int:
    target = compiled.build_path()
    if target.is_dir():
        print("the matching core is compiled already")
        return 0
    if problem := lacking():
        print(f"cannot compile: {problem}. Khớp runs without, matching at about half the speed.", file=sys.stderr)
        return 1
    compiled.BUILDS.mkdir(exist_ok=True)
    for old in compiled.BUILDS.iterdir():
        shutil.rmtree(old)
    with tempfile.TemporaryDirectory(dir=compiled.BUILDS) as made:
        try:
            compile_into(Path(made) / "whole")
        except subprocess.CalledProcessError as error:
            print(error.stdout[-4_000:], error.stderr[-4_000:], sep="\n", file=sys.stderr)
            return 1
        (Path(made) / "whole").rename(target)
    print("compiled the matching core")
    return 0


if __name__ == "__main__":
    sys.exit(main())
