"""Payers as rows of a class list tell them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from services.notices.notice_rows import COLUMNS as NOTICE_COLUMNS
from services.notices.notice_rows import is_footer, payer_code_of, phone_of
from services.notices.payers.model import Payer
from shared.privacy import PersonName
from shared.runtime.cells import Cells, read_rows, reject_repeated
from shared.runtime.tables import Column, Rejected, Table

_NAMES = ("site_id", "payer_code", "payer_name", "group", "guardian_name", "guardian_phone", "unit_code")
COLUMNS = tuple(
    Column(column.name, column.aliases, required=column.name in {"payer_code", "payer_name"})
    for column in NOTICE_COLUMNS
    if column.name in _NAMES
)


@dataclass(frozen=True, slots=True)
class PayerRow:
    """A payer as one row of a file tells of them."""

    row: int
    payer: Payer


def parse_payers(table: Table, default_site: str | None, identity_key: bytes) -> tuple[list[PayerRow], list[Rejected]]:
    """The file's payers; the same one twice is refused."""
    parsed, rejected = read_rows(table, lambda cells: _payer(cells, default_site, identity_key))
    told = [row for row in parsed if row is not None]
    kept, repeated = reject_repeated(
        told, lambda each: (each.payer.site_id, each.payer.payer_code), lambda each: each.row, "payer_code"
    )
    return kept, rejected + repeated


def _payer(cells: Cells, default_site: str | None, identity_key: bytes) -> PayerRow | None:
    if is_footer(cells):
        return None
    site_id = cells.optional_id("site_id") or default_site or cells.id("site_id")
    guardian = cells.optional_text("guardian_name", 200)
    payer = Payer(
        site_id=site_id,
        payer_code=payer_code_of(cells, site_id, identity_key),
        name=PersonName(cells.text("payer_name", 200)),
        group=cells.optional_text("group", 100),
        guardian_name=None if guardian is None else PersonName(guardian),
        guardian_phone=phone_of(cells),
        unit_code=cells.optional_id("unit_code"),
    )
    return PayerRow(cells.row, payer)
