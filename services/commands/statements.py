"""khop statement: bring a bank's statement to ingest."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from services.commands.errors import BAD_INPUT, CommandError
from services.commands.installation import JsonOption, StateOption, find_installation
from shared.clock import local_day

statement = typer.Typer(no_args_is_help=True, help=__doc__)


@statement.callback()
def group() -> None:
    """Khop statement: bring a bank's statement to ingest."""


@statement.command("import")
def import_statement(
    account: Annotated[str, typer.Argument(help="The account's number.")],
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, MT940 or CAMT.053.")],
    opening: Annotated[int | None, typer.Option(help="The opening balance, where the file names none.")] = None,
    closing: Annotated[int | None, typer.Option(help="The closing balance, where the file names none.")] = None,
    state: StateOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Import an account's statement; the same file again changes nothing."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", BAD_INPUT) from error
    parameters = {name: value for name, value in (("opening", opening), ("closing", closing)) if value is not None}
    answer = find_installation(state).call(
        "ingest", "POST", f"/statements/{account}", params=parameters, content=content,
        headers={"Content-Type": "application/octet-stream"},
    )  # fmt: skip
    report = answer.json()
    if answer.status_code >= 400:
        raise CommandError(f"{file}: {report.get('detail', 'refused')}", BAD_INPUT)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    for each in report["statements"]:
        typer.echo(f"{each['from']} to {each['to']}: {len(each['lines'])} lines, closing balance {each['closing']}")
        for gap in each["gaps"]:
            since = local_day(datetime.fromisoformat(gap["after"]))
            typer.echo(f"  gap before it, from {since}: {gap['difference']} đồng")
    typer.echo(
        "nothing new"
        if report["unchanged"]
        else f"{report['known']} known, {report['new']} new (of these {report['doubtful']} to be settled)"
    )
