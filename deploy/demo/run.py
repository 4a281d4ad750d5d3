"""`khop demo`: load the sample district, let its payers pay, show how far it has come."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
from rich.console import Console

from deploy.demo import district, summary
from deploy.demo.api import LIMITS, TIMEOUT, Installation
from deploy.demo.books import FILE, Books
from deploy.demo.load import Loader
from deploy.demo.simulator import Simulator
from deploy.demo.truth import Truth

_FIRST_SITES = 2
"""With their slips loaded, paying begins; the other sites are loaded meanwhile."""
_DRAIN_S = 1.5
"""How long Ctrl-C waits for messages that are under way."""
_LOOK_EVERY_S = 0.1


async def demo(
    addresses: Mapping[str, str],
    admin_token: str,
    *,
    rate_per_s: float,
    seed: int,
    leaving: threading.Event,
    console: Console | None = None,
) -> Truth:
    """Run until another thread says `leaving`; returns what was really paid. Raises DemoError.

    `addresses` are those of `khop up --json`.
    """
    stop = asyncio.Event()
    console = console or Console(file=sys.stdout)
    console.print(addresses["portal"], highlight=False, soft_wrap=True)
    sites = district.sites()
    first, others = sites[:_FIRST_SITES], sites[_FIRST_SITES:]
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS) as client:
        installation = Installation(addresses, admin_token, client)
        loader = Loader(installation)
        loaded = asyncio.Event()

        async def issue_more() -> Sequence[str]:
            """The rest of the district is on its way at first; then month follows month."""
            if not loaded.is_set():
                await loaded.wait()
                return ()
            await loader.next_round(sites)
            return [site.site_id for site in sites]

        # The banks' books lie in the state folder: a later run on a kept one goes on from their balances.
        books = Books(Path(addresses["admin_token_file"]).parent / FILE) if "admin_token_file" in addresses else Books()
        simulator = Simulator(addresses, admin_token, seed=seed, issue_more=issue_more, drain_s=_DRAIN_S, books=books)

        async def load_others() -> None:
            await loader.load_connections(others)
            async for site in loader.load_notices(others):
                if stop.is_set():
                    return
                await simulator.learn([site.site_id])
            loaded.set()

        async def watch() -> None:
            while not (leaving.is_set() or stop.is_set()):
                await asyncio.sleep(_LOOK_EVERY_S)
            stop.set()

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(watch())
                group.create_task(summary.show(installation, stop, console))
                await loader.load_directory()
                await loader.load_connections(first)
                async for site in loader.load_notices(first):
                    await simulator.learn([site.site_id])
                group.create_task(load_others())
                await simulator.run(rate_per_s, None, stop)
                stop.set()
        except ExceptionGroup as errors:  # the command shows one clear line
            raise errors.exceptions[0] from None
        finally:
            await simulator.close()
    return simulator.truth
