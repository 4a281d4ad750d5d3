"""What every place of the system says of the money, so that all of them can be held against what was really paid."""

from __future__ import annotations

from dataclasses import dataclass, fields

import asyncpg

from deploy.demo.api import Installation
from deploy.demo.truth import Totals


@dataclass(frozen=True)
class Book:
    """Sums in đồng; None where a place does not know."""

    bank_in: int | None = None
    bank_out: int | None = None
    cash: int | None = None
    received: int | None = None
    allocated: int | None = None
    suspense: int | None = None

    def differences(self, truth: Totals) -> dict[str, tuple[int, int]]:
        """(said, paid) of each sum that differs; what is allocated is the automaton's to say, within bounds."""
        paid = {
            "bank_in": truth.in_dong, "bank_out": truth.out_dong, "cash": truth.cash_dong, "received": truth.received_dong,
        }  # fmt: skip
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        wrong = {name: (said[name], paid[name]) for name in paid if said[name] not in (None, paid[name])}
        if self.allocated is not None and self.suspense is not None:
            together = self.allocated + self.suspense
            if together != truth.received_dong:
                wrong["allocated + suspense"] = (together, truth.received_dong)
        if self.allocated is not None and not (
            truth.allocated_at_least_dong <= self.allocated <= truth.allocated_at_most_dong
        ):
            wrong["allocated"] = (self.allocated, truth.allocated_at_least_dong)
        return wrong


PLACES = {
    "ingest": """
      select sum(amount) filter (where direction = 'in') as bank_in, sum(amount) filter (where direction = 'out') as bank_out
      from ingest.transactions where entity::jsonb ->> 'status' <> 'merged_into'
    """,
    "matching": """
      select sum(amount) filter (where channel = 'bank' and direction = 'in') as bank_in,
        sum(amount) filter (where channel = 'bank' and direction = 'out') as bank_out,
        sum(amount) filter (where channel = 'cash') as cash, sum(amount) filter (where direction = 'in') as received,
        sum(allocated) filter (where direction = 'in') as allocated,
        sum(amount - allocated) filter (where direction = 'in') as suspense
      from matching.credits
    """,
    "matching, allocation by allocation": """
      select sum(amount) as allocated from matching.allocations where undone_by is null
    """,
    "notices": "select sum(amount) as allocated from notices.payments",
    "reconciliation": """
      select sum(t.amount) filter (where t.direction = 'in') as bank_in,
        sum(t.amount) filter (where t.direction = 'out') as bank_out
      from reconciliation.transactions t where counts
    """,
    "reconciliation's days": """
      select sum(credits) as bank_in, sum(debits) as bank_out, sum(cash) as cash, sum(allocated) as allocated,
        sum(suspense) as suspense
      from reconciliation.days, jsonb_to_record(entity) as
        d(credits bigint, debits bigint, cash bigint, allocated bigint, suspense bigint)
    """,
    "adoption": "select sum(amount) as allocated from adoption.payments",
    "portal": """
      select sum(received_dong) as received, sum(allocated_dong) as allocated, sum(suspense_dong) as suspense
      from portal.site_figures
    """,
}


async def read_books(dsn: str, installation: Installation) -> dict[str, Book]:
    """The book of each place, by its name; the portal's once from its tables and once as people see it."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = {place: await connection.fetchrow(query) for place, query in PLACES.items()}
    finally:
        await connection.close()
    books = {place: Book(**{name: int(value or 0) for name, value in row.items()}) for place, row in rows.items()}
    summary = await installation.summary()
    books["the portal's page"] = Book(
        received=summary["received_dong"], allocated=summary["allocated_dong"], suspense=summary["suspense_dong"]
    )
    return books


def disagreements(books: dict[str, Book], truth: Totals) -> dict[str, object]:
    """Where a place differs from the truth, or from another about what is allocated."""
    wrong: dict[str, object] = {place: found for place, book in books.items() if (found := book.differences(truth))}
    allocated = {place: book.allocated for place, book in books.items() if book.allocated is not None}
    if len(set(allocated.values())) > 1:
        wrong["allocated differs between places"] = allocated
    return wrong
