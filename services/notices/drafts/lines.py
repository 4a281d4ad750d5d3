"""What the rows of an accountant's sheet ask: who, for what, how much, and what is not understood. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.notices.drafts.headings import FAMILY_NAME, FEE, NOTHING, TOTAL, Layout, Meaning, class_in
from services.notices.drafts.sheets import Sheet, place_of
from services.notices.fees.model import FeeKind
from services.notices.notice_rows import NoticeParser, NoticeRow, is_footer
from services.notices.payers.model import Payer, class_key, named_code, site_code
from services.notices.rounds.rule import notice_id_of
from shared.money import AmountError, format_dong, parse_dong
from shared.runtime.cells import CellError, Cells
from shared.runtime.tables import Rejected, Row
from shared.vietnamese import search_key


@dataclass(frozen=True, slots=True)
class DraftSettings:
    """What is said once for the whole draft."""

    round: str
    due_on: date
    period: str | None = None
    issued_on: date | None = None
    fee_kind: str | None = None
    """Of rows and columns that name none."""
    purpose: str | None = None
    codes_by_name: bool = False
    """Whether payers without a code get one made of class and name, where nobody else has both."""
    new_groups: Sequence[str] = ()
    """Classes that the accountant says are new: no payer is in them yet."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is not understood, at the cell where the accountant finds it."""

    sheet: str
    row: int
    cell: str
    column: str
    problem: str
    group: str | None = None
    """The class of the line, where one was understood."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One notice that a cell asks for."""

    sheet: str
    row: int
    cell: str
    asked: NoticeRow
    """Its `row` is the line's own number in the draft."""


@dataclass(slots=True)
class Understood:
    """What a draft's sheets say."""

    lines: list[DraftLine] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


class Reader:
    """Reads the rows of a draft's sheets, one sheet after the other."""

    def __init__(
        self,
        site_id: str,
        settings: DraftSettings,
        kinds: Sequence[FeeKind],
        payers: Iterable[Payer],
        parser: NoticeParser,
    ) -> None:
        self._site_id, self._settings, self._parser = site_id, settings, parser
        self._purposes = {kind.fee_kind: kind.name for kind in sorted(kinds, key=lambda kind: kind.site_id == site_id)}
        self._by_name: dict[tuple[str, str], list[Payer]] = {}
        for payer in payers:
            name = search_key(payer.name.reveal()) if payer.name else ""
            self._by_name.setdefault((class_key(payer.group), name), []).append(payer)
        self._ids: Counter[str] = Counter()
        self._named: set[tuple[str, str]] = set()
        self.understood = Understood()

    def read(self, sheet: Sheet, layout: Layout, left_out: Iterable[int]) -> None:
        """Take up a sheet's rows, but for those that are left out."""
        skipped = set(left_out)
        group = layout.group
        for number in range(layout.header_row + 1, len(sheet.rows) + 1):
            cells = {
                each.column: layout.reading.convert(sheet.cell(number, each.column)).strip() for each in layout.meanings
            }
            if number in skipped or not any(cells.values()) or _repeats_headings(cells, layout):
                continue
            texts = [layout.reading.convert(text) for text in sheet.row(number) if text.strip()]
            if len(texts) == 1 and (found := class_in(texts[0])):
                group = found  # a class's name between the pupils of two classes
                continue
            named = {each.means: cells[each.column] for each in layout.meanings if each.means not in {FEE, TOTAL}}
            named = _joined_name(named)
            is_nobody = not named.get("payer_name") and not named.get("payer_code")
            if is_nobody or is_footer(Cells(Row(number, named))):
                continue
            self._read_row(sheet, layout, number, cells, named, group)

    def _read_row(
        self,
        sheet: Sheet,
        layout: Layout,
        number: int,
        cells: Mapping[int, str],
        named: dict[str, str],
        group: str | None,
    ) -> None:
        named["group"] = named.get("group") or group or ""
        fees = [each for each in layout.meanings if each.means == FEE and cells[each.column].lower() not in NOTHING]
        if not fees and layout.column("amount") is None and layout.column("price") is None:
            return  # nothing is asked of this payer
        try:
            code = self._own_code(named.get("payer_code") or "") or self._code_by_name(named)
        except CellError as error:
            self._trouble(sheet, layout, number, error.column, error.problem)
            return
        asked = [self._of_fee(each, cells[each.column]) for each in fees] if fees else [None]
        for fee in asked:
            self._read_line(sheet, layout, number, {**named, "payer_code": code, **(fee or {})})
        self._check_total(sheet, layout, number, cells, fees)

    def _of_fee(self, meaning: Meaning, amount: str) -> dict[str, Any]:
        kind = meaning.fee_kind or self._settings.fee_kind or ""
        purpose = self._purposes.get(meaning.fee_kind or "") or meaning.heading
        return {"amount": amount, "fee_kind": kind, "purpose": purpose, "place": meaning.column}

    def _read_line(self, sheet: Sheet, layout: Layout, number: int, told: dict[str, Any]) -> None:
        settings = self._settings
        place = told.pop("place", None)
        kind = told.get("fee_kind") or settings.fee_kind or ""
        purpose = told.get("purpose") or settings.purpose or self._purposes.get(kind) or ""
        notice_id = self._notice_id(kind or purpose or "khac", told["payer_code"])
        cells = {
            **{name: text for name, text in told.items() if isinstance(text, str)},
            "notice_id": notice_id,
            "site_id": self._site_id,
            "fee_kind": kind,
            "purpose": purpose,
            "round": settings.round,
            "period": told.get("period") or settings.period or "",
            "due_on": told.get("due_on") or settings.due_on.isoformat(),
            "issued_on": told.get("issued_on") or (settings.issued_on.isoformat() if settings.issued_on else ""),
        }
        line = len(self.understood.lines) + 1
        rows, rejected = self._parser.parse([Row(line, cells)])
        if rejected:
            column = "fee" if place is not None and rejected[0].column == "amount" else rejected[0].column
            self._trouble(sheet, layout, number, column, rejected[0].problem, place)
        for row in rows:
            where = place if place is not None else layout.column("amount")
            cell = place_of(number, where if where is not None else 0)
            self.understood.lines.append(DraftLine(sheet.name, number, cell, row))

    def _notice_id(self, fee: str, payer_code: str) -> str:
        """Always the same for the same list, and another for each notice in it."""
        notice_id = notice_id_of(self._site_id, self._settings.round, fee, payer_code)
        self._ids[notice_id] += 1
        return notice_id if self._ids[notice_id] == 1 else f"{notice_id}-{self._ids[notice_id]}"

    def _own_code(self, code: str) -> str:
        """The code as given, but never an identity number: the notice's id is made of it."""
        return site_code(self._parser.identity_key, self._site_id, code).reveal() if code else ""

    def _code_by_name(self, named: Mapping[str, str]) -> str:
        """The code of a payer whom the list names without one; raises CellError."""
        name, group = " ".join(named.get("payer_name", "").split()), named.get("group", "")
        key = (class_key(group), search_key(name))
        known = self._by_name.get(key, [])
        if len(known) == 1:
            return known[0].payer_code.reveal()
        if known:
            raise CellError("payer_code", "is empty, and two payers of this class have this name")
        if not self._settings.codes_by_name:
            raise CellError("payer_code", "is empty, and no payer of this class and name is known")
        if key in self._named:
            raise CellError("payer_code", "is empty, and two payers of this class have this name")
        self._named.add(key)
        return named_code(self._parser.identity_key, self._site_id, *key).reveal()

    def _check_total(
        self, sheet: Sheet, layout: Layout, number: int, cells: Mapping[int, str], fees: Sequence[Meaning]
    ) -> None:
        """A sum that the row gives must be the sum of its fees: otherwise a column was not understood."""
        place = layout.column(TOTAL)
        if place is None or not fees or not cells.get(place):
            return
        try:
            total = parse_dong(cells[place])
            made = sum(parse_dong(cells[each.column]) for each in fees)
        except AmountError:
            return  # the cell at fault is told of already
        if total != made:
            problem = f"is not the sum of the fees that were understood, {format_dong(made)}"
            self._trouble(sheet, layout, number, TOTAL, problem)

    def _trouble(
        self, sheet: Sheet, layout: Layout, number: int, column: str, problem: str, place: int | None = None
    ) -> None:
        where = place if place is not None else layout.column(column)
        cell = place_of(number, where) if where is not None else f"{number}"
        self.understood.troubles.append(Trouble(sheet.name, number, cell, column, problem))


def troubles_of(rejected: Iterable[Rejected], lines: Sequence[DraftLine]) -> list[Trouble]:
    """What was refused when the lines were decided, back at their cells."""
    by_number = {line.asked.row: line for line in lines}
    return [
        Trouble(line.sheet, line.row, line.cell, each.column, each.problem, line.asked.group)
        for each in rejected
        if (line := by_number.get(each.row)) is not None
    ]


def _joined_name(named: dict[str, str]) -> dict[str, str]:
    """The family and middle names, which many lists keep in a column of their own, before the given name."""
    family = named.pop(FAMILY_NAME, "")
    return {**named, "payer_name": f"{family} {named.get('payer_name', '')}".strip()} if family else named


def _repeats_headings(cells: Mapping[int, str], layout: Layout) -> bool:
    filled = [each for each in layout.meanings if cells[each.column]]
    return len(filled) > 1 and all(search_key(cells[each.column]) == search_key(each.heading) for each in filled)
