"""Everything that may be asked of reconciliation, and every command; docs/reconciliation.md lists them."""

from __future__ import annotations

from fastapi import APIRouter

from services.reconciliation.cash import api as cash
from services.reconciliation.cash import commands as cash_commands
from services.reconciliation.closes import api as closes
from services.reconciliation.collected_for import api as collected_for
from services.reconciliation.days import api as days
from services.reconciliation.discrepancies import api as discrepancies
from services.reconciliation.discrepancies import commands as discrepancy_commands
from services.reconciliation.discrepancies.correcting import Corrector
from services.reconciliation.documents import api as documents
from services.reconciliation.exports import api as exports
from services.reconciliation.money_back import api as money_back
from services.reconciliation.money_back import commands as money_back_commands
from shared.runtime.postgres import Database
from shared.runtime.settings import Settings

FOLDERS = (
    days, discrepancies, cash, cash_commands, money_back, money_back_commands, collected_for, documents,
    closes, exports,
)  # fmt: skip


def routers(database: Database, settings: Settings) -> list[APIRouter]:
    """The routes, folder by folder."""
    return [
        *(folder.router(database) for folder in FOLDERS),
        discrepancy_commands.router(database, Corrector(settings)),
    ]
