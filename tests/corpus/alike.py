"""Whether the compiled matching core decides as its sources do, on a new corpus: `python -m tests.corpus.alike [SEED]`.

A build that decides anything otherwise is removed, and the command fails.
"""

from __future__ import annotations

import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from services.matching import compiled
from tests.corpus.corpus import make
from tests.corpus.evaluate import TRANSFERS, decide


def main() -> int:
    build = compiled.build_path()
    if not build.is_dir():
        print("the matching core is not compiled: run `make compile`", file=sys.stderr)
        return 1
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else secrets.randbelow(10**9)
    with tempfile.TemporaryDirectory(prefix="khop-alike-") as temporary:
        folder = Path(temporary)
        make(seed, TRANSFERS).write(folder)
        seconds, decisions = {}, {}
        for switch in ("no", "yes"):
            seconds[switch] = decide(folder, **{compiled.SWITCH: switch})
            decisions[switch] = (folder / "decisions.jsonl").read_bytes()
    if decisions["no"] != decisions["yes"]:
        shutil.rmtree(build)
        print(f"seed {seed}: the compiled core decides otherwise than its sources; it was removed", file=sys.stderr)
        return 1
    print(f"seed {seed}: {TRANSFERS:,} decisions alike, compiled {seconds['no'] / seconds['yes']:.2f} times as fast")
    return 0


if __name__ == "__main__":
    sys.exit(main())
