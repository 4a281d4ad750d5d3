"""The list of documents that the issuing software exports: read, laid to notices, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from shared.runtime.cells import CellError, Cells, read_rows, reject_repeated
from shared.runtime.tables import Column, Rejected, Table

KINDS = {
    "receipt": ("receipt", "biên lai", "bien lai"),
    "invoice": ("invoice", "hóa đơn", "hoá đơn", "hoa don"),
    "voucher": ("voucher", "phiếu thu", "phieu thu"),
}
COLUMNS = (
    Column("number", ("số chứng từ", "số biên lai", "số hóa đơn", "số phiếu thu", "số"), required=True),
    Column("series", ("ký hiệu", "mẫu số ký hiệu", "ký hiệu hóa đơn", "ký hiệu biên lai")),
    Column("kind", ("loại chứng từ",)),
    Column("issued_on", ("ngày lập", "ngày chứng từ", "ngày hóa đơn")),
    Column("amount", ("số tiền", "thành tiền", "tổng tiền")),
    Column("notice_id", ("mã khoản thu",)),
    Column("reference", ("mã thanh toán",)),
    Column("payer_code", ("mã học sinh", "mã người nộp", "mã khách hàng")),
    Column("link", ("đường dẫn tra cứu", "link tra cứu", "đường dẫn")),
)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One row of the list, and later the notices that it documents."""

    row: int
    number: str
    series: str
    kind: str
    issued_on: date | None
    amount: int | None
    notice_id: str | None
    reference: str | None
    payer_code: str | None
    link: str | None
    notices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What tells the document from others of its site."""
        return f"{self.series}/{self.number}"


@dataclass(frozen=True, slots=True)
class Settled:
    """A notice that has been paid, as far as a document can be laid to it."""

    notice_id: str
    reference: str
    payer_code: str | None
    paid: int
    documents: tuple[str, ...]
    """(series/number) of those it has already."""


def parse(table: Table) -> tuple[list[DocumentRow], list[Rejected]]:
    """The rows of the file; one document twice is refused."""
    rows, rejected = read_rows(table, _parse)
    rows, repeated = reject_repeated(
        rows,
        lambda row: (row.series, row.number, row.notice_id or row.reference or row.payer_code),
        lambda row: row.row,
        "number",
    )
    return rows, [*rejected, *repeated]


def _parse(cells: Cells) -> DocumentRow:
    row = DocumentRow(
        row=cells.row,
        number=cells.text("number", 50),
        series=cells.optional_text("series", 50) or "",
        kind=_kind(cells),
        issued_on=cells.optional_day("issued_on"),
        amount=cells.optional_dong("amount"),
        notice_id=cells.optional_id("notice_id", slash=True),
        reference=cells.optional_id("reference"),
        payer_code=cells.optional_id("payer_code", slash=True),
        link=cells.optional_text("link", 500),
    )
    if not (row.notice_id or row.reference or row.payer_code):
        raise CellError("notice_id", "the row names no notice: notice_id, reference or payer_code must be filled")
    if row.link is not None and not row.link.startswith(("https://", "http://")):
        raise CellError("link", "not a web address that begins with https://")
    return row


def _kind(cells: Cells) -> str:
    text = (cells.optional_text("kind", 50) or "receipt").lower()
    for kind, words in KINDS.items():
        if text in words:
            return kind
    raise CellError("kind", f"must be one of {', '.join(KINDS)} (biên lai, hóa đơn, phiếu thu)")


def lay(rows: Sequence[DocumentRow], settled: Sequence[Settled]) -> tuple[list[DocumentRow], list[Rejected]]:
    """Say which notices each document is for: the one it names, all paid ones of its bill, or the payer's one of its amount.

    A payer code alone is not enough where several of the payer's paid notices fit: that is refused, never guessed.
    """
    by_id = {each.notice_id: each for each in settled}
    laid, rejected = [], []
    for row in rows:
        if row.notice_id is not None:
            found = [by_id[row.notice_id]] if row.notice_id in by_id else []
            column = "notice_id"
        elif row.reference is not None:
            found, column = [each for each in settled if each.reference == row.reference], "reference"
        else:
            found, column = _of_payer(row, settled), "payer_code"
            if len(found) > 1 and sum(each.paid for each in found) != row.amount:
                rejected.append(Rejected(row.row, column, "several paid notices of this payer fit; name the notice"))
                continue
        if not found:
            rejected.append(Rejected(row.row, column, "no paid notice of this site fits"))
        elif row.amount is not None and sum(each.paid for each in found) != row.amount:
            rejected.append(Rejected(row.row, "amount", "differs from what was paid of the notices that it names"))
        else:
            laid.append(replace(row, notices=tuple(each.notice_id for each in found)))
    return laid, rejected


def _of_payer(row: DocumentRow, settled: Sequence[Settled]) -> list[Settled]:
    """What the document was laid to before, or the payer's paid notices without any: of just this amount, or else all."""
    known = [each for each in settled if each.payer_code == row.payer_code and row.name in each.documents]
    if known:
        return known
    own = [each for each in settled if each.payer_code == row.payer_code and not each.documents]
    exact = [each for each in own if each.paid == row.amount]
    return exact or own
