"""Notices as items of a JSON request: the same columns as in a file, read by the same rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.notices.notice_rows import COLUMNS
from shared.events import Notice
from shared.runtime.tables import Entry, Rejected, Row

NAMES: Final = frozenset(column.name for column in COLUMNS)
NAMED_BY: Final = frozenset({"notice_id", "site_id", "payer_code", "issued_on", "reference"})
"""What says which notice it is: nobody amends it."""


@dataclass(frozen=True, slots=True)
class Items:
    """Items that give the same columns."""

    given: frozenset[str]
    entries: list[Entry]


def entries_of(items: Sequence[Mapping[str, Any]]) -> list[Items]:
    """The items as rows numbered from 1, put together by the columns that they give: what an item omits stays as it is."""
    groups: dict[frozenset[str], list[Entry]] = {}
    for number, item in enumerate(items, start=1):
        groups.setdefault(frozenset(item) & NAMES, []).append(_entry(number, item))
    return [Items(given, entries) for given, entries in groups.items()]


def amended(notice: Notice, changes: Mapping[str, Any]) -> dict[str, Any]:
    """A notice that stands as an item, with what shall be different in it."""
    item = {name: _told(getattr(notice, name)) for name in NAMES if name in type(notice).model_fields}
    return {**item, "reference": None, **changes}


def _told(value: Any) -> str | int | None:
    if isinstance(value, date):
        return value.isoformat()
    return str.__str__(value) if isinstance(value, str) else value


def _entry(number: int, item: Mapping[str, Any]) -> Entry:
    unknown = sorted(set(item) - NAMES)
    if unknown:
        # A misspelt name must not lose its value.
        return Rejected(number, unknown[0][:100], "no such column")
    cells: dict[str, str] = {}
    for name, value in item.items():
        if value is None:
            cells[name] = ""
        elif isinstance(value, str):
            cells[name] = value
        elif isinstance(value, int) and not isinstance(value, bool):
            cells[name] = str(value)
        else:
            return Rejected(number, name, "must be a text or a whole number")
    return Row(number, cells)
