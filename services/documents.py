"""The documents that are made from the code, so that they cannot disagree with it. `make docs` writes them."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry
from pydantic_core import PydanticUndefined

from services import asyncapi
from services.adoption.gauges import AdoptionGauges
from services.adoption.metrics import CELLS, WINDOWS
from services.adoption.metrics import METRICS as METRICS_OF_ADOPTION
from services.topology import SERVICE_NAMES, SERVICES
from shared.runtime.settings import Settings

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PICTURE_BEGIN = "<!-- picture: made from services/topology.py by `make docs` -->"
PICTURE_END = "<!-- /picture -->"
METRICS = ROOT / "docs/metrics.md"
TABLE_BEGIN = "<!-- table: made from the code by `make docs` -->"
TABLE_END = "<!-- /table -->"
FIGURES_BEGIN = "<!-- figures: made from services/adoption/metrics.py by `make docs` -->"
FIGURES_END = "<!-- /figures -->"


def settings_table() -> str:
    """docs/settings.md: every KHOP_ variable with its default and meaning."""
    lines = [
        "# Settings",
        "",
        "Made from shared/runtime/settings.py by `make docs`. `khop up` sets all of them itself.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = (
            "(required)" if field.default is PydanticUndefined else "" if field.default is None else f"`{field.default}`"
        )
        lines.append(f"| `KHOP_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def picture() -> str:
    """The README's picture: services as boxes, topics as arrows from their owner to their consumers."""
    lines = [
        "```mermaid",
        "flowchart LR",
        '  bank(["banks, gateways"]) -- webhooks --> ingest',
        '  files(["fee lists"]) --> notices',
    ]
    lines += ['  admin(["administrators"]) --> directory', '  cash(["cashiers"]) -- receipts --> matching']
    for owner in SERVICES:
        for event in owner.publishes:
            consumers = [each.name for each in SERVICES if event in each.consumes]
            if consumers:
                lines.append(f"  {owner.name} -- {event.topic.removesuffix('.v1')} --> {' & '.join(consumers)}")
    lines += [
        "  adoption -- /metrics --> grafana([Grafana])",
        '  portal --> people(["accountants, cashiers, committees"])',
        "```",
    ]
    return "\n".join(lines)


def metrics_table() -> str:
    """Every metric of a process, with its kind and what it says."""
    for name in SERVICE_NAMES:
        import_module(f"services.{name}.app")
    # Adoption's figures are collected by an object that only a running service has.
    families = [*REGISTRY.collect(), *AdoptionGauges(CollectorRegistry()).collect()]
    # A set, for whoever imported a part of a running service before may have registered its collector as well.
    ours = sorted(
        {
            (f"{family.name}_total" if family.type == "counter" else family.name, family.type, family.documentation)
            for family in families
            if family.name.startswith("khop_")
        }
    )
    return "\n".join(
        ["| metric | kind | meaning |", "|---|---|---|", *(f"| `{n}` | {kind} | {text} |" for n, kind, text in ours)]
    )


def figures_table() -> str:
    """Every figure of adoption with its definition, and what each can be of."""
    lines = ["| metric | unit | numerator | denominator | why | derived from | of |", "|---|---|---|---|---|---|---|"]
    for each in METRICS_OF_ADOPTION:
        of = ", ".join(each.cells) + ("" if len(each.windows) == len(WINDOWS) else f" ({', '.join(each.windows)} only)")
        lines.append(f"| `{each.name}` | {each.unit} | {each.says} | {each.over} | {each.why} | {each.source} | {of} |")
    return "\n".join([*lines, "", *(f"- *{cell}*: {meaning}" for cell, meaning in CELLS.items())])


def between(text: str, begin: str, end: str, new: str) -> str:
    """The text with what stands between two marks replaced."""
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{new}\n{end}{after}"


def documents() -> dict[Path, str]:
    """Each document and what it must hold."""
    return {
        ROOT / "docs/settings.md": settings_table(),
        README: between(README.read_text(encoding="utf-8"), PICTURE_BEGIN, PICTURE_END, picture()),
        METRICS: between(
            between(METRICS.read_text(encoding="utf-8"), TABLE_BEGIN, TABLE_END, metrics_table()),
            FIGURES_BEGIN,
            FIGURES_END,
            figures_table(),
        ),
        **asyncapi.documents(),
    }


def main() -> None:
    """Write them all, or with no --write say which are out of date."""
    stale = {
        path: text for path, text in documents().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        if "--write" in sys.argv:
            path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
