"""Campaigns: rows of a file. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from services.directory.model import UNVERSIONED
from shared.events import Campaign
from shared.runtime.cells import CellError, Cells, read_rows, reject_repeated
from shared.runtime.tables import Column, Rejected, Table

COLUMNS = (
    Column("campaign_id", ("mã chiến dịch", "mã đợt vận động"), required=True),
    Column("name", ("tên", "tên chiến dịch"), required=True),
    Column("unit_code", ("mã đơn vị", "mã đơn vị hành chính"), required=True),
    Column("starts_on", ("bắt đầu", "từ ngày"), required=True),
    Column("ends_on", ("kết thúc", "đến ngày"), required=True),
    Column("kind", ("loại", "hình thức"), required=True),
)


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as one row of a file tells it."""

    row: int
    campaign: Campaign


def parse_campaigns(table: Table) -> tuple[list[CampaignRow], list[Rejected]]:
    """The file's campaigns; the same id twice is refused."""
    parsed, rejected = read_rows(table, _campaign)
    kept, repeated = reject_repeated(parsed, lambda each: each.campaign.key, lambda each: each.row, "campaign_id")
    return kept, rejected + repeated


def _campaign(cells: Cells) -> CampaignRow:
    starts_on, ends_on = cells.day("starts_on"), cells.day("ends_on")
    if ends_on < starts_on:
        raise CellError("ends_on", "the campaign ends before it starts")
    return CampaignRow(
        cells.row,
        Campaign(
            version=UNVERSIONED,
            campaign_id=cells.id("campaign_id"),
            name=cells.text("name"),
            unit_code=cells.id("unit_code"),
            starts_on=starts_on,
            ends_on=ends_on,
            kind=cells.text("kind"),
        ),
    )
