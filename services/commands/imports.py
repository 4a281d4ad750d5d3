"""khop import: send a file to the service that owns what it holds."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.commands.errors import BAD_INPUT, CommandError
from services.commands.installation import StateOption, find_installation


class Kind(StrEnum):
    """What a file holds."""

    UNITS = "units"
    SITES = "sites"
    FEE_KINDS = "fee-kinds"
    NOTICES = "notices"
    CAMPAIGNS = "campaigns"
    TRANSFER_FEES = "transfer-fees"
    CONTEXT = "context"


OWNER = {
    Kind.UNITS: "directory",
    Kind.SITES: "directory",
    Kind.CAMPAIGNS: "directory",
    Kind.FEE_KINDS: "notices",
    Kind.NOTICES: "notices",
    Kind.TRANSFER_FEES: "adoption",
    Kind.CONTEXT: "adoption",
}


def import_file(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx file.")],
    state: StateOption = None,
    site: Annotated[str | None, typer.Option(help="The site of rows that name none.")] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say what would happen.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Store the good rows even if others are rejected.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report is JSON either way.")] = False,  # noqa: ARG001
) -> None:
    """Import a file; a rejected row changes nothing unless --partial. The report is printed as JSON."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", BAD_INPUT) from error
    parameters = {"check": str(check).lower(), "partial": str(partial).lower(), **({"site": site} if site else {})}
    answer = find_installation(state).call(
        OWNER[kind], "POST", f"/imports/{kind}", params=parameters, content=content,
        headers={"Content-Type": "application/octet-stream"},
    )  # fmt: skip
    report = answer.json()
    if "rejected" not in report:
        raise CommandError(f"{file}: {report.get('detail', 'refused')}", BAD_INPUT)
    typer.echo(json.dumps({key: report[key] for key in ("accepted", "unchanged", "rejected")}, ensure_ascii=False))
    if report["rejected"]:
        first, more = report["rejected"][0], len(report["rejected"]) - 1
        rest = f" (and {more} more)" if more else ""
        raise CommandError(f"{file}: row {first['row']}, column {first['column']}: {first['problem']}{rest}", BAD_INPUT)
