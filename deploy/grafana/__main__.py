"""`python -m deploy.grafana [--write]`: say which dashboards are out of date, or write them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana import adoption, campaigns, operations, reconciliation

FOLDER = Path(__file__).parent / "dashboards"
BOARDS = {
    "adoption": adoption.build,
    "campaigns": campaigns.build,
    "reconciliation": reconciliation.build,
    "operations": operations.build,
}


def dashboards() -> dict[Path, str]:
    """Every file and what it must hold."""
    return {
        FOLDER / f"{name}.json": json.dumps(build().build(), cls=JSONEncoder, ensure_ascii=False, indent=1, sort_keys=True)
        + "\n"
        for name, build in BOARDS.items()
    }


def main() -> None:
    """Write them all, or without --write say which are out of date."""
    for path, text in dashboards().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            if "--write" in sys.argv:
                path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
