"""A report as tables, from the read model or from reconciliation: the page, CSV and XLSX are all made of these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.portal import words
from services.portal.asking import told
from services.portal.office import Office
from services.portal.payment.loading import SiteSeen
from services.portal.payment.views import reader_of
from services.portal.people import store as people
from services.portal.people.roles import Session
from services.portal.reports import queries
from services.portal.web.periods import Period
from services.portal.web.saying import count_words, day_words, time_words

READ: Final[Mapping[str, Callable[[str], Any]]] = {"day": date.fromisoformat, "moment": datetime.fromisoformat}
"""Kinds of an owner's columns whose cells come as text and are none."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; an integer is an amount or a count."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    totals: Sequence[Any] = ()
    in_words: str = ""
    """The signed total in words."""

    def shown(self, most: int) -> list[list[str]]:
        """The first rows as the page shows them."""
        return [[_shown(value) for value in row] for row in self.rows[:most]]

    @property
    def totals_shown(self) -> list[str]:
        """The totals as the page shows them."""
        return [_shown(value) for value in self.totals]

    @property
    def styles(self) -> list[str]:
        """By column: n of numbers, t of days and moments, which must not break."""
        return [_style([row[index] for row in self.rows]) for index in range(len(self.heads))]


@dataclass(frozen=True, slots=True)
class Report:
    """All of a report, and who signs it."""

    title: str
    tables: Sequence[Table]
    signers: Sequence[str]


async def report_of(office: Office, session: Session, name: str, site: SiteSeen, period: Period) -> Report:
    """A report of a site and a period as this person may see it; raises Refusal."""
    title = words.reports.REPORTS[name][0]
    if name in words.reports.BY_OWNER:
        return await _by_owner(office, session, name, title, site, period)
    async with office.bounded.reading(session.reach) as connection:
        rows, totals = await queries.rows_of(
            connection, name, site.site_id, period.first, period.last, reader_of(session.reach)
        )
    return Report(title, [Table(title, words.reports.HEADS[name], rows, totals)], words.reports.SIGNERS)


async def _by_owner(
    office: Office, session: Session, name: str, title: str, site: SiteSeen, period: Period
) -> Report:  # fmt: skip
    answer = await told(
        office, session, "reconciliation", f"/exports/{words.reports.BY_OWNER[name]}/rows", back="/reports", long=True,
        params={"site": site.site_id, "from": period.first.isoformat(), "to": period.last.isoformat()},
    )  # fmt: skip
    ids = {
        person
        for table in answer["tables"]
        for index, column in enumerate(table["columns"]) if column["kind"] == "people"
        for row in table["rows"]
        for person in (row[index] or "").split(", ")
    }  # fmt: skip
    async with office.database.reading() as connection:
        names = await people.names_of(connection, ids)
    return Report(title, [_table(table, names) for table in answer["tables"]], answer["signatures"])


def _table(told: Mapping[str, Any], names: Mapping[str, str]) -> Table:
    kinds = [column["kind"] for column in told["columns"]]
    rows = [[_read(kind, value, names) for kind, value in zip(kinds, row, strict=True)] for row in told["rows"]]
    totals = ["" if total is None else total for total in told["totals"]]
    return Table(
        told["name"], [column["name"] for column in told["columns"]], rows, [words.reports.TOTAL, *totals[1:]],
        told["in_words"] or "",
    )  # fmt: skip


def _read(kind: str, value: Any, names: Mapping[str, str]) -> Any:
    if value is None:
        return ""
    if kind == "people":
        return ", ".join(names.get(person, person) for person in value.split(", "))
    return READ[kind](value) if kind in READ else value


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return time_words(value)
    if isinstance(value, date):
        return day_words(value)
    return count_words(value) if isinstance(value, int) else str(value)


def _style(values: Sequence[Any]) -> str:
    if any(isinstance(value, int) for value in values):
        return "n"
    return "t" if any(isinstance(value, date) for value in values) else ""
