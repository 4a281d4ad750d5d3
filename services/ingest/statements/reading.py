"""A statement file of any format: told apart by content, never by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.ingest.statements import camt053, mt940
from services.ingest.statements.layouts import Field, Layout
from services.ingest.statements.model import Fault, Statement, StatementError
from services.ingest.statements.tables import read_table
from shared.runtime.workbooks import is_workbook


@dataclass(frozen=True, slots=True)
class File:
    """What a file holds: statements of one account, and for a table the headings of its columns."""

    statements: tuple[Statement, ...]
    headings: Mapping[Field, str] | None = None


def read_file(
    content: bytes, account: str, kept: Layout | None = None, *, opening: int | None = None, closing: int | None = None
) -> File:
    """Read a file of an account's statements; raises StatementError."""
    if not content.strip():
        raise StatementError(Fault(1, "file", "the file is empty"))
    if not is_workbook(content):
        if camt053.looks_like(content):
            return File(tuple(camt053.read(content, account)))
        text = content.decode("utf-8-sig", errors="replace")
        if mt940.looks_like(text):
            if "\ufffd" in text:
                row = text[: text.index("\ufffd")].count("\n") + 1
                raise StatementError(Fault(row, "file", "the file is not UTF-8"))
            return File(tuple(mt940.read(text.replace("\r\n", "\n"), account)))
    read = read_table(content, account, kept, opening=opening, closing=closing)
    return File((read.statement,), read.headings)
