"""What issuing many notices did, or would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from services.notices.model import Plan
from shared.runtime.tables import WHOLE_FILE, ImportReport, Rejected

LISTED_MAX = 10_000
"""Problems, and changed notices, that a report lists: beyond them nobody reads on."""


@dataclass(frozen=True, slots=True)
class Amended:
    """A notice that stood already, and the columns in which it differs now."""

    row: int
    notice_id: str
    columns: Sequence[str]


@dataclass(slots=True)
class NoticeReport:
    """Rows by what became of them."""

    accepted: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    changed: list[Amended] = field(default_factory=list)
    """The first of the notices that are amended."""
    warnings: list[Rejected] = field(default_factory=list)
    """What is stored, and should be looked at."""

    def add(self, plan: Plan) -> None:
        """Take up what became of some rows."""
        self.add_rejected(plan.rejected)
        self.accepted += len(plan.changes)
        self.unchanged += plan.unchanged
        self.warnings += plan.warnings[: LISTED_MAX - len(self.warnings)]
        amended = [
            Amended(each.row, each.notice.notice_id, [amendment.column for amendment in each.amended])
            for each in plan.changes
            if each.amended
        ]
        self.changed += amended[: LISTED_MAX - len(self.changed)]

    def add_rejected(self, rejected: Sequence[Rejected]) -> None:
        """List more problems, up to the limit."""
        if not self.is_full:
            self.rejected += sorted(rejected, key=lambda each: (each.row, each.column))
            if len(self.rejected) > LISTED_MAX:
                following = self.rejected[LISTED_MAX].row
                problem = f"more than {LISTED_MAX} problems; those from here on are not listed"
                self.rejected[LISTED_MAX:] = [Rejected(following, WHOLE_FILE, problem)]

    @property
    def is_full(self) -> bool:
        """Whether no more problems are listed."""
        return len(self.rejected) > LISTED_MAX

    def nothing_kept(self) -> None:
        """Say that nothing of it was stored."""
        self.accepted, self.changed = 0, []

    def to_json(self) -> dict[str, Any]:
        """The report of INTERFACES §1; where notices were amended it also says in what."""
        report = ImportReport(self.accepted, self.unchanged, self.rejected).to_json()
        if self.warnings:
            report["warnings"] = [asdict(each) for each in self.warnings]
        if self.changed:
            report["changed"] = [asdict(each) for each in self.changed]
        return report
