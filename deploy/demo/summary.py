"""The live summary of a demonstration: one block in a terminal, else a line every five seconds (INTERFACES §1)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from rich.console import Console
from rich.live import Live
from rich.table import Table

from deploy.demo.api import Installation
from shared.money import format_dong

_LINE_EVERY_S = 5.0
_BLOCK_EVERY_S = 1.0


def line(totals: Mapping[str, Any]) -> str:
    """The summary where nobody watches a terminal."""
    return (
        f"received={totals['received']} matched={totals['matched']} review={totals['review']} "
        f"cashless={_share(totals.get('cashless_share'), '{:.2f}')}"
    )


def block(totals: Mapping[str, Any], address: str) -> Table:
    """The summary in a terminal."""
    table = Table(title=f"Khớp, dữ liệu mẫu · {address}", title_justify="left", show_header=False, min_width=48)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    table.add_row("Tiền về", str(totals["received"]), format_dong(totals["received_dong"]))
    table.add_row("Đã khớp", str(totals["matched"]), format_dong(totals["allocated_dong"]))
    table.add_row("Cần xem lại", str(totals["review"]), format_dong(totals["suspense_dong"]))
    table.add_row("Không dùng tiền mặt", _share(totals.get("cashless_share"), "{:.0%}"), "")
    return table


async def show(installation: Installation, stop: asyncio.Event, console: Console) -> None:
    """Show the portal's totals until `stop`; while the portal does not answer, the last ones stand."""
    if not console.is_terminal:
        while not stop.is_set():
            totals = await _totals(installation)
            if totals is not None:
                console.print(line(totals), highlight=False, soft_wrap=True)
            await _pause(stop, _LINE_EVERY_S)
        return
    with Live(console=console, auto_refresh=False) as live:
        while not stop.is_set():
            totals = await _totals(installation)
            if totals is not None:
                live.update(block(totals, installation.addresses["portal"]), refresh=True)
            await _pause(stop, _BLOCK_EVERY_S)


async def _totals(installation: Installation) -> dict[str, Any] | None:
    try:
        return await installation.summary()
    except httpx.HTTPError:
        return None


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _share(share: float | None, form: str) -> str:
    return "-" if share is None else form.format(share)
