"""Fee kinds as rows of a file tell them. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final, cast, get_args

from services.notices.fees.model import ALL_SITES, DOCUMENTS, GENERAL, NATURES, PROGRAMMES, UNITS, FeeKind, FeeKindRow
from shared.events.directory import SiteType
from shared.runtime.cells import CellError, Cells, read_rows, reject_repeated
from shared.runtime.tables import Column, Rejected, Table

EARLIEST = date(1900, 1, 1)

COLUMNS = (
    Column("site_id", ("mã đơn vị thu",)),
    Column("fee_kind", ("loại khoản thu", "mã loại khoản thu"), required=True),
    Column("name", ("tên", "tên khoản thu"), required=True),
    Column("nature", ("tính chất",), required=True),
    Column("basis", ("căn cứ", "văn bản")),
    Column("ceiling", ("mức trần", "mức thu tối đa")),
    Column("valid_from", ("hiệu lực từ", "từ ngày")),
    Column("valid_to", ("hiệu lực đến", "đến ngày")),
    Column("priority", ("thứ tự ưu tiên", "ưu tiên")),
    Column("unit", ("đơn vị tính",)),
    Column("account_number", ("tài khoản nhận", "số tài khoản")),
    Column("document", ("chứng từ", "loại chứng từ")),
    Column("programme", ("chương trình",)),
    Column("site_type", ("loại đơn vị", "loại đơn vị thu")),
)

_NATURE_WORDS: Final = {
    "phi": "charge", "le phi": "charge", "phi, le phi": "charge", "dich vu": "service", "thu ho": "collected_for",
    "tu nguyen": "voluntary", "tam ung": "deposit",
}  # fmt: skip
_TYPE_WORDS: Final = {
    "truong": "school", "truong hoc": "school", "y te": "health", "co so y te": "health", "mot cua": "office",
}  # fmt: skip
_UNIT_WORDS: Final = {"lan": "time", "ngay": "day", "thang": "month", "hoc ky": "term", "nam": "year", "nam hoc": "year"}
_DOCUMENT_WORDS: Final = {"bien lai": "receipt", "hoa don": "invoice", "phieu thu": "voucher", "khong": "none"}
_PROGRAMME_WORDS: Final = {
    "pho thong": "general", "mam non": "general", "nghe": "vocational", "giao duc nghe nghiep": "vocational",
    "thuong xuyen": "continuing", "giao duc thuong xuyen": "continuing",
}  # fmt: skip


def parse_fee_kinds(table: Table, default_site: str | None) -> tuple[list[FeeKindRow], list[Rejected]]:
    """The file's fee kinds; rows that name no site are the default's, or hold for all."""
    parsed, rejected = read_rows(table, lambda cells: _fee_kind(cells, default_site or ALL_SITES))
    kept, repeated = reject_repeated(parsed, lambda each: each.kind.key, lambda each: each.row, "fee_kind")
    return kept, rejected + repeated


def _fee_kind(cells: Cells, default_site: str) -> FeeKindRow:
    valid_from, valid_to = cells.optional_day("valid_from") or EARLIEST, cells.optional_day("valid_to")
    if valid_to is not None and valid_to < valid_from:
        raise CellError("valid_to", "ends before it starts")
    kind = FeeKind(
        site_id=cells.optional_id("site_id") or default_site,
        fee_kind=cells.text("fee_kind", 100),
        name=cells.text("name"),
        nature=cells.choice("nature", NATURES, spellings=_NATURE_WORDS),
        basis=cells.optional_text("basis"),
        ceiling=cells.optional_dong("ceiling"),
        valid_from=valid_from,
        valid_to=valid_to,
        priority=cells.optional_count("priority"),
        unit=cells.optional_choice("unit", UNITS, spellings=_UNIT_WORDS),
        account_number=cells.optional_id("account_number"),
        document=cells.optional_choice("document", DOCUMENTS, spellings=_DOCUMENT_WORDS),
        programme=cells.choice("programme", PROGRAMMES, default=GENERAL, spellings=_PROGRAMME_WORDS),
        site_type=cast("SiteType | None", cells.optional_choice("site_type", get_args(SiteType), spellings=_TYPE_WORDS)),
    )
    return FeeKindRow(cells.row, kind)
