"""Fee kinds as data: which hold, and what each allows. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from services.notices.fees import tuition
from shared.events import Site
from shared.events.directory import SiteType
from shared.events.fees import Obligation
from shared.money import format_dong
from shared.runtime.cells import CellError
from shared.runtime.tables import Rejected

ALL_SITES = ""
OTHER = "other"
"""The kind of a notice that names none: owed, without a ceiling, unless a site's list says otherwise."""
NATURES = ("charge", "service", "collected_for", "voluntary", "deposit")
UNITS = ("time", "day", "month", "term", "year")
DOCUMENTS = ("receipt", "invoice", "voucher", "none")
"""The statutory document due on collection, which the site's own system issues: biên lai, hóa đơn, phiếu thu."""
GENERAL = "general"
PROGRAMMES = (GENERAL, "vocational", "continuing")
_OBLIGATIONS: Final[Mapping[str, Obligation]] = {"voluntary": "voluntary", "deposit": "deposit"}


@dataclass(frozen=True, slots=True)
class FeeKind:
    """One kind of fee at one site (or at all) while it holds."""

    site_id: str
    fee_kind: str
    name: str
    nature: str
    basis: str | None
    """The document of authority."""
    ceiling: int | None
    """The most that one unit of it may cost, in đồng; without a unit, one notice."""
    valid_from: date
    valid_to: date | None
    priority: int | None
    """Its place when a payment that is too small settles a bill: the lowest first."""
    unit: str | None = None
    account_number: str | None = None
    """The site's account that receives it; None: the newest that is open."""
    document: str | None = None
    programme: str = GENERAL
    """Which education it is for: tuition is forbidden in public general education only."""
    site_type: SiteType | None = None
    """Of a kind of all sites: for which of them, where not for all."""

    @property
    def key(self) -> tuple[str, str, date]:
        """What tells it from others."""
        return self.site_id, self.fee_kind, self.valid_from

    @property
    def obligation(self) -> Obligation:
        """Whether a notice of it is owed."""
        return _OBLIGATIONS.get(self.nature, "due")

    def is_for(self, site: Site | None) -> bool:
        """Whether this site may collect it, as far as its type says; of a site that is not known nothing is said."""
        return self.site_type is None or site is None or self.site_type == site.type

    def holds_on(self, day: date) -> bool:
        """Whether it is collected on this day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def limit(self, days: int | None) -> int | None:
        """The most that a notice of it may ask before anything is taken off, in đồng; `days` where it counts days."""
        if self.ceiling is None:
            return None
        return self.ceiling * days if self.unit == "day" and days else self.ceiling


@dataclass(frozen=True, slots=True)
class FeeKindRow:
    """A fee kind as one row of a file tells it."""

    row: int
    kind: FeeKind


@dataclass(frozen=True, slots=True)
class Asked:
    """What a notice asks, as far as its fee kind has a say in it."""

    fee_kind: str
    purpose: str
    issued_on: date
    due_on: date
    gross: int
    """Before absences, reductions and support, in đồng."""
    days: int | None


class FeeList:
    """The fee kinds that hold at sites, to ask what a notice may be."""

    def __init__(self, kinds: Iterable[FeeKind], sites: Mapping[str, Site] | None = None) -> None:
        self._kinds: dict[tuple[str, str], list[FeeKind]] = defaultdict(list)
        self._listed: set[str] = set()
        self._sites = sites or {}
        for kind in kinds:
            self._kinds[kind.site_id, kind.fee_kind].append(kind)
            self._listed.add(kind.site_id)

    def allow(self, site_id: str, asked: Asked) -> FeeKind | None:
        """The kind under which this may be asked; raises CellError where the list or the law does not allow it.

        A site's own kinds stand before those of all sites. None: no list was ever given, for the site or for all, or the
        notice names no kind; then it is owed, without a ceiling.
        """
        # The law comes first: that tuition is not in the list is no reason to put it there.
        self._check_tuition(site_id, asked)
        kind = self._kind(site_id, asked)
        if kind is not None:
            limit = kind.limit(asked.days)
            if limit is not None and asked.gross > limit:
                each = f" ({format_dong(kind.ceiling or 0)} a day)" if limit != kind.ceiling else ""
                raise CellError("amount", f"is above the ceiling of this fee kind, {format_dong(limit)}{each}")
        return kind

    def holding(self, site_id: str, fee_kind: str, day: date) -> FeeKind | None:
        """The kind that is collected under this code on this day, if any."""
        return next((each for each in self._named(site_id, fee_kind) if each.holds_on(day)), None)

    def _named(self, site_id: str, fee_kind: str) -> Sequence[FeeKind]:
        if own := self._kinds.get((site_id, fee_kind)):
            return own
        site = self._sites.get(site_id)
        return [each for each in self._kinds.get((ALL_SITES, fee_kind), ()) if each.is_for(site)]

    def _kind(self, site_id: str, asked: Asked) -> FeeKind | None:
        if not self._named(site_id, asked.fee_kind):
            if asked.fee_kind == OTHER or not (self._listed & {site_id, ALL_SITES}):
                return None
            raise CellError("fee_kind", "is not in the site's list of fee kinds; import it with fee-kinds first")
        kind = self.holding(site_id, asked.fee_kind, asked.issued_on)
        if kind is None:
            raise CellError("fee_kind", "is not collected on the day of issue: its dates in the list of fee kinds say so")
        return kind

    def _check_tuition(self, site_id: str, asked: Asked) -> None:
        if asked.due_on < tuition.IN_FORCE or not tuition.takes_no_tuition(self._sites.get(site_id)):
            return
        named = self._named(site_id, asked.fee_kind)
        kind = self.holding(site_id, asked.fee_kind, asked.issued_on) or next(iter(named), None)
        if kind is not None and kind.programme != GENERAL:
            return
        if tuition.is_tuition_kind(asked.fee_kind, kind.name if kind else ""):
            raise CellError("fee_kind", tuition.REASON)
        if tuition.is_called_tuition(asked.purpose):
            raise CellError("purpose", tuition.REASON)


def decide_fee_kinds(
    rows: Sequence[FeeKindRow], known: Iterable[FeeKind], sites: Mapping[str, Site]
) -> tuple[list[FeeKind], int, list[Rejected]]:
    """(changed, how many are unchanged, rejected): of one kind at one site only one row may hold on a day."""
    before = {kind.key: kind for kind in known}
    rejected = [refused for row in rows if (refused := _refused(row, sites.get(row.kind.site_id)))]
    refused_rows = {each.row for each in rejected}
    left = {row.kind.key: row for row in rows if row.row not in refused_rows}
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


def _refused(row: FeeKindRow, site: Site | None) -> Rejected | None:
    """Why a kind cannot be this site's, where it cannot."""
    kind = row.kind
    if kind.site_type is not None and kind.site_id != ALL_SITES:
        return Rejected(row.row, "site_type", "belongs to a fee kind of all sites; this row names one site")
    if kind.account_number is not None:
        if site is None:
            return Rejected(row.row, "account_number", "a fee kind of all sites has no account of its own; name the site")
        if kind.account_number not in {account.account_number for account in site.accounts}:
            return Rejected(row.row, "account_number", "is no account of this site; import it with sites first")
    ends = kind.valid_to or date.max
    is_tuition = tuition.is_tuition_kind(kind.fee_kind, kind.name)
    if is_tuition and kind.programme == GENERAL and tuition.takes_no_tuition(site) and ends >= tuition.IN_FORCE:
        return Rejected(row.row, "fee_kind", tuition.REASON)
    return None
