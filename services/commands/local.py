"""khop up, ps, demo: everything on this machine (deploy/local)."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import Annotated

import httpx
import typer

from deploy.local.errors import LocalStackError
from deploy.local.options import Addresses, Hooks, UpOptions
from deploy.local.services import ServiceSet
from deploy.local.status import read_status
from deploy.local.supervisor import run_up
from services.commands.errors import BAD_INPUT, CommandError
from services.commands.installation import JsonOption
from services.prepare import prepare
from services.serving import serve_in_child
from services.topology import SERVICE_NAMES

EMBEDDED_PARTITIONS = 4
"""Of the one embedded broker: more would only make its recovery longer (DESIGN §5)."""

ADMIN_LINK_TIMEOUT_S = 10

SERVICES = ServiceSet(names=SERVICE_NAMES, serve=serve_in_child, preload=[f"services.{name}.app" for name in SERVICE_NAMES])

StateFolder = Annotated[Path, typer.Option("--state", envvar="KHOP_STATE", help="The folder that keeps everything.")]
PortOption = Annotated[
    int, typer.Option(min=1, max=65_529, help="The portal's port; the other services take the six after it.")
]
HostOption = Annotated[str, typer.Option(help="The address to listen on.")]


def up(
    state: StateFolder,
    port: PortOption = 8080,
    host: HostOption = "127.0.0.1",
    *,
    as_json: JsonOption = False,
    sample: Annotated[bool, typer.Option("--sample", help="Load the sample district.")] = False,
) -> None:
    """Start everything on this machine and keep it running until Ctrl-C."""
    _run(_options(state, port, host, as_json=as_json), Hooks(when_ready=partial(_when_ready, sample=sample)))


def ps(state: StateFolder, *, as_json: JsonOption = False) -> None:
    """Show the processes of a running `khop up`."""
    try:
        status = read_status(state)
    except LocalStackError as error:
        raise CommandError(str(error), BAD_INPUT) from error
    if as_json:
        typer.echo(json.dumps({"pids": status.pids, "restarts": status.restarts, "ready": status.ready}))
        return
    for name, pid in status.pids.items():
        restarts = status.restarts.get(name, 0)
        typer.echo(f"{name:15} {pid or 'down':>8}" + (f"  restarted {restarts} times" if restarts else ""))
    typer.echo("ready" if status.ready else "not ready")


def demo(
    state: Annotated[Path | None, typer.Option("--state", help="Keep the data in this folder.")] = None,
    port: PortOption = 8080,
    rate: Annotated[float, typer.Option(help="Simulated payments a second.", min=0.1, max=200)] = 2.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same payers.")] = 2026,
) -> None:
    """Start everything with the sample district, and let simulated payers pay."""
    meanwhile = Hooks(meanwhile=partial(_simulate, rate=rate, seed=seed))
    if state is not None:
        _run(_options(state, port, "127.0.0.1", as_json=False), meanwhile)
        return
    with tempfile.TemporaryDirectory(prefix="khop-demo-") as folder:
        _run(_options(Path(folder), port, "127.0.0.1", as_json=False), meanwhile)


def _options(state: Path, port: int, host: str, *, as_json: bool) -> UpOptions:
    return UpOptions(
        state=state,
        port=port,
        host=host,
        json=as_json,
        database_url=os.environ.get("KHOP_DATABASE_URL"),
        kafka_bootstrap=os.environ.get("KHOP_KAFKA_BOOTSTRAP"),
    )


def _run(options: UpOptions, hooks: Hooks) -> None:
    def prepare_stores(database: str, bootstrap: str) -> None:
        secret_key = (options.state / "secret.key").read_text(encoding="utf-8").strip()
        asyncio.run(prepare(database, bootstrap, secret_key, partitions=EMBEDDED_PARTITIONS, replicas=1))

    try:
        run_up(options, SERVICES, prepare_stores, hooks)
    except LocalStackError as error:
        raise CommandError(str(error)) from error


def _admin_token(addresses: Addresses) -> str:
    return Path(addresses["admin_token_file"]).read_text(encoding="utf-8").strip()


def _when_ready(addresses: Addresses, *, sample: bool) -> dict[str, object]:
    if sample:
        from deploy.demo.load import load_sample  # noqa: PLC0415 - the demo is no part of a plain `up`

        asyncio.run(load_sample(addresses, _admin_token(addresses)))
    return {"admin_link": _admin_link(addresses)}


def _admin_link(addresses: Addresses) -> str | None:
    """The one-time link by which the first administrator is made; None where there is one already."""
    try:
        answer = httpx.post(
            f"{addresses['portal']}/people/admin-link",
            headers={"Authorization": f"Bearer {_admin_token(addresses)}"},
            timeout=ADMIN_LINK_TIMEOUT_S,
        )
        link: str | None = answer.raise_for_status().json()["admin_link"]
    except httpx.HTTPError as error:
        typer.echo(f"khop: the portal made no administrator's link ({error}); start khop up again for one", err=True)
        return None
    return link


def _simulate(addresses: Addresses, leaving: threading.Event, *, rate: float, seed: int) -> None:
    from deploy.demo.run import demo as run_demo  # noqa: PLC0415 - as above

    asyncio.run(run_demo(addresses, _admin_token(addresses), rate_per_s=rate, seed=seed, leaving=leaving))
