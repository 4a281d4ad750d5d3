"""khop import: send a file to the service that owns what it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.commands.errors import BAD_INPUT, CommandError, exit_code_of
from services.commands.installation import Installation, StateOption, find_installation
from shared.runtime.tables import BYTES_MAX, WHOLE_FILE, ImportReport, Rejected

WARNINGS_SHOWN = 10
"""On stderr; the report has all of them."""


class Kind(StrEnum):
    """What a file holds."""

    UNITS = "units"
    SITES = "sites"
    FEE_KINDS = "fee-kinds"
    NOTICES = "notices"
    CAMPAIGNS = "campaigns"
    PAYERS = "payers"
    TRANSFER_FEES = "transfer-fees"
    CONTEXT = "context"
    PEOPLE = "people"


OWNER = {
    Kind.UNITS: "directory",
    Kind.SITES: "directory",
    Kind.CAMPAIGNS: "directory",
    Kind.FEE_KINDS: "notices",
    Kind.NOTICES: "notices",
    Kind.PAYERS: "notices",
    Kind.TRANSFER_FEES: "adoption",
    Kind.CONTEXT: "adoption",
    Kind.PEOPLE: "portal",
}


def import_file(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx file.")],
    state: StateOption = None,
    site: Annotated[str | None, typer.Option(help="The site of rows that name none.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why notices that stand are amended; kept with each of them.")] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say what would happen.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Store the good rows even if others are rejected.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report is JSON either way.")] = False,  # noqa: ARG001
) -> None:
    """Import a file; a rejected row changes nothing unless --partial. The report is printed as JSON."""
    parameters = {"check": str(check).lower(), "partial": str(partial).lower()}
    parameters |= {name: value for name, value in (("site", site), ("reason", reason)) if value}
    try:
        with file.open("rb") as stream:
            report = _too_large(file) or _send(find_installation(state), kind, stream, parameters)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", BAD_INPUT) from error
    if "rejected" not in report:
        raise CommandError(f"{file}: {report.get('detail', 'refused')}", BAD_INPUT)
    # Where something was rejected, the report came as a problem document.
    report = {name: value for name, value in report.items() if name not in {"type", "title", "status", "detail"}}
    typer.echo(json.dumps(report, ensure_ascii=False))
    for warning in report.get("warnings", [])[:WARNINGS_SHOWN]:
        typer.echo(f"warning: {file}: row {warning['row']}, column {warning['column']}: {warning['problem']}", err=True)
    if report["rejected"]:
        first, more = report["rejected"][0], len(report["rejected"]) - 1
        rest = f" (and {more} more)" if more else ""
        raise CommandError(f"{file}: row {first['row']}, column {first['column']}: {first['problem']}{rest}", BAD_INPUT)


def _too_large(file: Path) -> dict[str, Any] | None:
    """The report that the service would give for a file above its limit, without sending it."""
    if file.stat().st_size <= BYTES_MAX:
        return None
    problem = f"the file is larger than {BYTES_MAX // 2**20} MiB; send it in parts"
    return ImportReport(0, 0, [Rejected(1, WHOLE_FILE, problem)]).to_json()


def _send(installation: Installation, kind: Kind, stream: BinaryIO, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Send the file and show, on a terminal, how far the service is; returns its report or its problem."""
    accept = "application/x-ndjson, application/json"
    report: dict[str, Any] = {}
    with (
        _progress() as progress,
        installation.stream(
            OWNER[kind], "POST", f"/imports/{kind}", params=parameters, content=stream,
            headers={"Content-Type": "application/octet-stream", "Accept": accept},
        ) as lines,
    ):  # fmt: skip
        task = progress.add_task(str(kind), total=None)
        for line in lines:
            told: dict[str, Any] = json.loads(line)
            if "of" in told:
                progress.update(task, completed=told["rows"], total=told["of"])
            elif "problem" in told:
                raise CommandError(told["problem"]["detail"], exit_code_of(told["problem"]["status"]))
            else:
                report = told.get("report", told)
    return report


def _progress() -> Progress:
    """A bar on stderr where that is a terminal, nothing anywhere else."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
