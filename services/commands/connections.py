"""khop connection: who may send bank messages, for which accounts, signed how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from services.commands.errors import BAD_INPUT, CommandError
from services.commands.installation import JsonOption, StateOption, find_installation

connection = typer.Typer(no_args_is_help=True, help=__doc__)

DEFAULT_GRACE_S = 24 * 3600


@connection.command("set")
def set_connection(
    connection_id: Annotated[str, typer.Argument(metavar="ID")],
    provider: Annotated[str, typer.Option(help="sepay, casso, payos, vietqr or standard.")],
    account: Annotated[list[str], typer.Option(help="An account that it reports on; repeat for more.")],
    secret_file: Annotated[Path, typer.Option(help="A file that holds the secret; for vietqr user:password.")],
    scheme: Annotated[str | None, typer.Option(help="sepay: hmac (default) or apikey; casso: hmac or token.")] = None,
    grace: Annotated[int, typer.Option(help="Seconds for which the former secret stays valid.", min=0)] = DEFAULT_GRACE_S,
    rate: Annotated[float | None, typer.Option(help="Most messages a second; unlimited by default.")] = None,
    network: Annotated[
        list[str] | None, typer.Option(help="An address or network from which it may send; repeat for more. Default: any.")
    ] = None,
    state: StateOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Create a connection, or give it a new secret."""
    try:
        secret = secret_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CommandError(f"{secret_file} cannot be read: {error.strerror}", BAD_INPUT) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{secret_file} is no text", BAD_INPUT) from error
    body = {
        "provider": provider,
        "scheme": scheme,
        "accounts": account,
        "secret": secret,
        "grace_s": grace,
        "rate_per_s": rate,
        "networks": network or [],
    }
    installation = find_installation(state)
    answer = installation.call("ingest", "PUT", f"/connections/{connection_id}", json=body)
    if answer.status_code >= 400:
        raise CommandError(str(answer.json().get("detail", "refused")), BAD_INPUT)
    url = f"{installation.addresses['ingest']}/webhooks/{provider}/{connection_id}"
    typer.echo(json.dumps(answer.json(), ensure_ascii=False) if as_json else f"{connection_id}: the provider posts to {url}")


@connection.command("list")
def list_connections(state: StateOption = None, *, as_json: JsonOption = False) -> None:
    """Show the connections, without their secrets."""
    connections = find_installation(state).call("ingest", "GET", "/connections").json()
    if as_json:
        typer.echo(json.dumps(connections, ensure_ascii=False))
        return
    for each in connections:
        standing = "disabled" if each.get("disabled") else "active"
        accounts = ", ".join(each["accounts"])
        typer.echo(f"{each['id']}  {each['provider']}/{each['scheme']}  {standing}  {accounts}")


@connection.command("disable")
def disable_connection(connection_id: Annotated[str, typer.Argument(metavar="ID")], state: StateOption = None) -> None:
    """Refuse further messages of a connection."""
    find_installation(state).call("ingest", "POST", f"/connections/{connection_id}/disable")
    typer.echo(f"{connection_id}: disabled")
