"""Fee kinds (danh mục khoản thu): what is collected and by what right, as data. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from shared.events.fees import Obligation
from shared.money import format_dong
from shared.runtime.cells import CellError, Cells, read_rows, reject_repeated
from shared.runtime.tables import Column, Rejected, Table

ALL_SITES = ""
OTHER = "other"
"""The kind of a notice that names none: owed, without a ceiling, unless a site's list says otherwise."""
EARLIEST = date(1900, 1, 1)
NATURES = ("charge", "service", "collected_for", "voluntary", "deposit")
_OBLIGATIONS: Final[Mapping[str, Obligation]] = {"voluntary": "voluntary", "deposit": "deposit"}

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
)


@dataclass(frozen=True, slots=True)
class FeeKind:
    """One kind of fee at one site (or at all) while it holds."""

    site_id: str
    fee_kind: str
    name: str
    nature: str
    basis: str | None
    ceiling: int | None
    """The most that one notice of it may ask, in đồng."""
    valid_from: date
    valid_to: date | None
    priority: int | None

    @property
    def key(self) -> tuple[str, str, date]:
        """What tells it from others."""
        return self.site_id, self.fee_kind, self.valid_from

    @property
    def obligation(self) -> Obligation:
        """Whether a notice of it is owed."""
        return _OBLIGATIONS.get(self.nature, "due")

    def holds_on(self, day: date) -> bool:
        """Whether it is collected on this day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class FeeKindRow:
    """A fee kind as one row of a file tells it."""

    row: int
    kind: FeeKind


class FeeList:
    """The fee kinds that hold at sites, to ask what a notice may be."""

    def __init__(self, kinds: Iterable[FeeKind]) -> None:
        self._kinds: dict[tuple[str, str], list[FeeKind]] = defaultdict(list)
        self._sites: set[str] = set()
        for kind in kinds:
            self._kinds[kind.site_id, kind.fee_kind].append(kind)
            self._sites.add(kind.site_id)

    def obligation(self, site_id: str, fee_kind: str, issued_on: date, amount: int) -> Obligation:
        """What kind of debt such a notice is; raises CellError where the list does not allow it.

        A site's own kinds stand before those of all sites. Where no list was ever given, for the site or for all, every
        kind is taken as owed.
        """
        named = self._kinds.get((site_id, fee_kind)) or self._kinds.get((ALL_SITES, fee_kind))
        if not named:
            if fee_kind == OTHER or not (self._sites & {site_id, ALL_SITES}):
                return "due"
            raise CellError("fee_kind", "is not in the site's list of fee kinds; import it with fee-kinds first")
        kind = next((each for each in named if each.holds_on(issued_on)), None)
        if kind is None:
            raise CellError("fee_kind", "is not collected on the day of issue: its dates in the list of fee kinds say so")
        if kind.ceiling is not None and amount > kind.ceiling:
            raise CellError("amount", f"is above the ceiling of this fee kind, {format_dong(kind.ceiling)}")
        return kind.obligation


def parse_fee_kinds(table: Table, default_site: str | None) -> tuple[list[FeeKindRow], list[Rejected]]:
    """The file's fee kinds; rows that name no site are the default's, or hold for all."""
    parsed, rejected = read_rows(table, lambda cells: _fee_kind(cells, default_site or ALL_SITES))
    kept, repeated = reject_repeated(parsed, lambda each: each.kind.key, lambda each: each.row, "fee_kind")
    return kept, rejected + repeated


def decide_fee_kinds(rows: Sequence[FeeKindRow], known: Iterable[FeeKind]) -> tuple[list[FeeKind], int, list[Rejected]]:
    """(changed, how many are unchanged, rejected): of one kind at one site only one row may hold on a day."""
    before = {kind.key: kind for kind in known}
    left = {row.kind.key: row for row in rows}
    rejected: list[Rejected] = []
    periods: dict[tuple[str, str], list[FeeKind]] = defaultdict(list)
    for kind in (before | {key: row.kind for key, row in left.items()}).values():
        periods[kind.site_id, kind.fee_kind].append(kind)
    for kinds in periods.values():
        kinds.sort(key=lambda kind: kind.valid_from)
        for earlier, later in pairwise(kinds):
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                row = left.pop(later.key, None) or left.pop(earlier.key, None)
                if row is not None:
                    problem = "two rows of one fee kind hold on the same days; give the earlier one its valid_to"
                    rejected.append(Rejected(row.row, "valid_from", problem))
    changed = [row.kind for row in left.values() if before.get(row.kind.key) != row.kind]
    return sorted(changed, key=lambda kind: kind.key), len(left) - len(changed), rejected


def _fee_kind(cells: Cells, default_site: str) -> FeeKindRow:
    valid_from, valid_to = cells.optional_day("valid_from") or EARLIEST, cells.optional_day("valid_to")
    if valid_to is not None and valid_to < valid_from:
        raise CellError("valid_to", "ends before it starts")
    kind = FeeKind(
        site_id=cells.optional_id("site_id") or default_site,
        fee_kind=cells.text("fee_kind", 100),
        name=cells.text("name"),
        nature=cells.choice("nature", NATURES),
        basis=cells.optional_text("basis"),
        ceiling=cells.optional_dong("ceiling"),
        valid_from=valid_from,
        valid_to=valid_to,
        priority=cells.optional_count("priority"),
    )
    return FeeKindRow(cells.row, kind)
