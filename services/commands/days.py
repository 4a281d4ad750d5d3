"""khop day: close a site's day by hand."""

from __future__ import annotations

import json
import uuid
from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from services.commands.errors import BAD_INPUT, CommandError
from services.commands.installation import JsonOption, StateOption, find_installation

day = typer.Typer(no_args_is_help=True, help="The day book of a site (docs/reconciliation.md).")


class Reason(StrEnum):
    """Why a day is closed in spite of a difference."""

    BANK_FEE = "bank_fee"
    BANK_CORRECTS_LATER = "bank_corrects_later"
    STATEMENT_UNAVAILABLE = "statement_unavailable"
    SMALL_DIFFERENCE = "small_difference"
    COUNTED_LATER = "counted_later"
    OTHER = "other"


@day.command("close")
def close(
    site: Annotated[str, typer.Argument(metavar="SITE")],
    on: Annotated[str, typer.Argument(metavar="DATE", help="Such as 2026-11-23.")],
    state: StateOption = None,
    reason: Annotated[Reason | None, typer.Option(help="Needed only where the day differs.")] = None,
    *,
    as_json: JsonOption = False,  # noqa: ARG001
) -> None:
    """Close all accounts of a site's day and its cash box; what comes in later is found late. The days are printed as JSON."""
    try:
        parsed = date.fromisoformat(on)
    except ValueError as error:
        raise CommandError(f"{on!r} is no date such as 2026-11-23", BAD_INPUT) from error
    body = {"site_id": site, "date": parsed.isoformat(), "reason": reason.value if reason else None}
    answer = find_installation(state).call(
        "reconciliation", "POST", "/days/close", json=body, headers={"Idempotency-Key": str(uuid.uuid4())}
    )
    typer.echo(json.dumps(answer.json(), ensure_ascii=False))
