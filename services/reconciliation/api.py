"""Everything that may be asked of reconciliation, and every command; docs/reconciliation.md lists them."""

from __future__ import annotations

from fastapi import APIRouter

from services.reconciliation.days import api as days
from services.reconciliation.discrepancies import api as discrepancies
from services.reconciliation.discrepancies import commands as discrepancy_commands
from shared.runtime.postgres import Database


def routers(database: Database) -> list[APIRouter]:
    """The routes, folder by folder."""
    return [days.router(database), discrepancies.router(database), discrepancy_commands.router(database)]
