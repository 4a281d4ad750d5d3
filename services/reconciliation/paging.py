"""Pages by keyset: each answer names where the next one begins, so that no page grows slower than the first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel

from shared.runtime.problems import Problem

PAGE_MAX = 200
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]
After = Annotated[str, Query(max_length=300)]
Sites = Annotated[list[str], Query(alias="site", max_length=200, default_factory=list)]
"""One site, several, or (none given) all of the caller's."""

Newest = Annotated[bool, Query()]
"""The newest first; else the oldest."""

EARLIEST = date(1900, 1, 1)


class Page(BaseModel):
    """Some rows, and where the next ones begin (null: there are no more)."""

    items: list[dict[str, Any]]
    next: str | None


def page_of(rows: Sequence[dict[str, Any]], limit: int, *cursor: str) -> Page:
    """The first `limit` of the rows (one more is asked of the database); the cursor is made of these columns of the last."""
    items = list(rows[:limit])
    more = len(rows) > limit
    return Page(items=items, next="~".join(str(items[-1][name]) for name in cursor) if more else None)


def by_id(column: str, *, newest: bool) -> tuple[str, str]:
    """The condition that a row comes after the cursor `$2`, and the order, of rows whose ids grow with time."""
    return (f"($2 = '' or {column} < $2)", f"{column} desc") if newest else (f"{column} > $2", column)


def date_and_id(after: str) -> tuple[date, str]:
    """A cursor of a date and an id; from the beginning where it is empty. Raises Problem."""
    if not after:
        return EARLIEST, ""
    day, _, key = after.partition("~")
    try:
        return date.fromisoformat(day), key
    except ValueError:
        raise Problem(400, "invalid_request", "after: not a place that this list told") from None
