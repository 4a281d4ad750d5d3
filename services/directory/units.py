"""Units: rows of a file, and whether together with the known ones they can be true. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import get_args

from services.directory.model import UNVERSIONED, Wanted
from shared.events import Unit
from shared.events.directory import Level
from shared.runtime.cells import CellError, Cells, read_rows, reject_repeated
from shared.runtime.tables import Column, Rejected, Table

COLUMNS = (
    Column("unit_code", ("mã đơn vị", "mã đơn vị hành chính"), required=True),
    Column("name", ("tên", "tên đơn vị"), required=True),
    Column("level", ("cấp",), required=True),
    Column("parent_code", ("mã cấp trên", "mã đơn vị cấp trên")),
    Column("valid_from", ("hiệu lực từ", "từ ngày"), required=True),
    Column("valid_to", ("hiệu lực đến", "đến ngày")),
    Column("succeeded_by", ("đơn vị kế tục", "mã đơn vị mới")),
    Column("population", ("dân số",)),
    Column("people_15_plus", ("dân số từ 15 tuổi",)),
    Column("households", ("số hộ",)),
    Column("group_members", ("thành viên tổ công nghệ số",)),
)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as one row of a file tells it."""

    row: int
    unit: Unit


def parse_units(table: Table) -> tuple[list[UnitRow], list[Rejected]]:
    """The file's units; the same code and first day twice is refused."""
    parsed, rejected = read_rows(table, _unit)
    kept, repeated = reject_repeated(parsed, lambda each: each.unit.key, lambda each: each.row, "unit_code")
    return kept, rejected + repeated


def want_units(rows: Sequence[UnitRow], known: Mapping[str, Unit]) -> tuple[list[Wanted[Unit]], list[Rejected]]:
    """The rows that can be true together with what is known: one row of a code a day, and no unit above itself."""
    rejected: list[Rejected] = []
    left = {each.unit.key: each for each in rows}
    while True:
        state = dict(known) | {key: each.unit for key, each in left.items()}
        bad = {**_cycles(left.values(), state), **_overlaps(left, state)}
        if not bad:
            return [Wanted(each.unit, 1) for each in left.values()], rejected
        # Without the refused rows others may be sound, or no longer so: look again.
        rejected += [Rejected(left.pop(key).row, column, problem) for key, (column, problem) in bad.items()]


def _unit(cells: Cells) -> UnitRow:
    valid_from, valid_to = cells.day("valid_from"), cells.optional_day("valid_to")
    if valid_to is not None and valid_to < valid_from:
        raise CellError("valid_to", "the unit ends before it starts")
    return UnitRow(
        cells.row,
        Unit(
            version=UNVERSIONED,
            unit_code=cells.id("unit_code"),
            name=cells.text("name"),
            level=cells.choice("level", get_args(Level)),
            parent_code=cells.optional_id("parent_code"),
            valid_from=valid_from,
            valid_to=valid_to,
            succeeded_by=_successors(cells),
            population=cells.optional_count("population"),
            people_15_plus=cells.optional_count("people_15_plus"),
            households=cells.optional_count("households"),
            group_members=cells.optional_count("group_members"),
        ),
    )


def _successors(cells: Cells) -> tuple[str, ...]:
    text = cells.optional_text("succeeded_by") or ""
    codes = tuple(code.strip() for code in text.split(";") if code.strip())
    if any(" " in code for code in codes):
        raise CellError("succeeded_by", "join the codes by ;")
    return codes


def _overlaps(left: Mapping[str, UnitRow], state: Mapping[str, Unit]) -> dict[str, tuple[str, str]]:
    """Rows of the file that stand for a code at the same time as another row of it."""
    by_code: dict[str, list[Unit]] = defaultdict(list)
    codes = {each.unit.unit_code for each in left.values()}
    for unit in state.values():
        if unit.unit_code in codes:
            by_code[unit.unit_code].append(unit)
    bad = {}
    for units in by_code.values():
        units.sort(key=lambda unit: unit.valid_from)
        for before, after in pairwise(units):
            if before.valid_to is not None and before.valid_to < after.valid_from:
                continue
            refused = after if after.key in left else before
            if refused.key not in left:
                continue
            if before.valid_to is None and after.valid_to is None:
                problem = "two open rows of one code; give the earlier one its last day"
            else:
                problem = "two rows of one code hold on the same days"
            bad[refused.key] = ("valid_from", problem)
    return bad


def _cycles(rows: Iterable[UnitRow], state: Mapping[str, Unit]) -> dict[str, tuple[str, str]]:
    """Rows of the file that lie above themselves on their first day.

    That is enough: a cycle holds on some days, and the member that begins last sees it on its own first day.
    """
    by_code: dict[str, list[Unit]] = defaultdict(list)
    for each in state.values():
        by_code[each.unit_code].append(each)

    def above(unit: Unit, day: date) -> Unit | None:
        return next((each for each in by_code.get(unit.parent_code or "", ()) if _holds(each, day)), None)

    bad = {}
    in_file = {each.unit.key for each in rows}
    for start in state.values():
        seen: list[str] = []
        at: Unit | None = start
        while at is not None and at.key not in seen:
            seen.append(at.key)
            at = above(at, start.valid_from)
        if at is not None:
            cycle = seen[seen.index(at.key) :]
            # A known unit cannot be refused any more, but the file's row that closes the ring around it can.
            culprit = next((key for key in cycle if key in in_file), None)
            if culprit is not None:
                bad[culprit] = ("parent_code", "a unit would lie within itself; its parents form a ring")
    return bad


def _holds(unit: Unit, day: date) -> bool:
    return unit.valid_from <= day and (unit.valid_to is None or unit.valid_to >= day)
