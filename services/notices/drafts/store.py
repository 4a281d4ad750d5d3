"""The table of drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from services.notices.drafts.sheets import Sheet

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

KEPT_FOR: Final = timedelta(days=7)
"""A draft holds names; nobody needs them longer."""

ADD = """
insert into drafts (draft_id, version, site_id, person, made_at, file_name, settings, sheets, corrections)
values ($1, 1, $2, $3, $4, $5, $6, $7, $8)
"""
ONE = """
select draft_id, version, site_id, person, made_at, file_name, settings, sheets, corrections, issued_at, answer
from drafts where draft_id = $1
"""
ONE_LOCKED = f"{ONE} for update"
# By drafts_site.
OF_SITE = """
select draft_id, version, person, made_at, file_name, settings, issued_at from drafts
where site_id = $1 and made_at > $2 order by made_at desc limit $3
"""
CORRECT = "update drafts set version = version + 1, settings = $2, corrections = $3 where draft_id = $1"
ISSUED = """
update drafts set version = version + 1, issued_at = $2, answer = $3, sheets = '[]'::jsonb, corrections = '{}'::jsonb
where draft_id = $1
"""
DROP = "delete from drafts where draft_id = $1"
# By drafts_made_at; a few rows each time.
DROP_OLD = "delete from drafts where made_at < $1"


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a person put right, by sheet."""

    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By place: {"1A": {"E7": "150000"}}."""
    left_out: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Rows that ask nothing."""
    meanings: Mapping[str, Mapping[str, tuple[str, str | None]]] = field(default_factory=dict)
    """By column letters: what the column is and, of a fee, its kind."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A list on its way to be issued."""

    draft_id: str
    version: int
    site_id: str
    person: str
    made_at: datetime
    file_name: str | None
    settings: Mapping[str, Any]
    sheets: Sequence[Sheet]
    corrections: Corrections
    issued_at: datetime | None = None
    answer: dict[str, Any] | None = None


async def add(connection: Connection, draft: Draft) -> None:
    """Store a new draft."""
    await connection.execute(
        ADD, draft.draft_id, draft.site_id, draft.person, draft.made_at, draft.file_name, dict(draft.settings),
        [{"name": sheet.name, "rows": sheet.rows} for sheet in draft.sheets], _corrections_json(draft.corrections),
    )  # fmt: skip


async def one(connection: Connection, draft_id: str, *, lock: bool = False) -> Draft | None:
    """A draft; `lock` keeps others from changing it until the transaction ends."""
    row = await connection.fetchrow(ONE_LOCKED if lock else ONE, draft_id)
    if row is None:
        return None
    corrections = Corrections(
        row["corrections"].get("cells", {}),
        row["corrections"].get("left_out", {}),
        {
            sheet: {letters: (means[0], means[1]) for letters, means in told.items()}
            for sheet, told in row["corrections"].get("meanings", {}).items()
        },
    )
    sheets = [Sheet(each["name"], each["rows"]) for each in row["sheets"]]
    told = {**row, "draft_id": str(row["draft_id"]), "sheets": sheets, "corrections": corrections}
    return Draft(**told)


async def of_site(connection: Connection, site_id: str, since: datetime, limit: int) -> list[dict[str, Any]]:
    """The newest drafts of a site, without what is in them."""
    rows = await connection.fetch(OF_SITE, site_id, since, limit)
    return [{**row, "draft_id": str(row["draft_id"])} for row in rows]


async def correct(connection: Connection, draft_id: str, settings: Mapping[str, Any], corrections: Corrections) -> None:
    """Store what was put right."""
    await connection.execute(CORRECT, draft_id, dict(settings), _corrections_json(corrections))


async def issued(connection: Connection, draft_id: str, at: datetime, answer: Mapping[str, Any]) -> None:
    """Note that a draft was issued, and forget what was in it: the notices say it now."""
    await connection.execute(ISSUED, draft_id, at, dict(answer))


async def drop(connection: Connection, draft_id: str) -> None:
    """Forget a draft."""
    await connection.execute(DROP, draft_id)


async def drop_old(connection: Connection, now: datetime) -> int:
    """Forget drafts that nobody came back to; returns how many."""
    done: str = await connection.execute(DROP_OLD, now - KEPT_FOR)
    return int(done.rpartition(" ")[2])


def _corrections_json(corrections: Corrections) -> dict[str, Any]:
    return {"cells": corrections.cells, "left_out": corrections.left_out, "meanings": corrections.meanings}
