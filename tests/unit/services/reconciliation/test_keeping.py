"""What the day book does when a pass takes longer than the database lets it."""

from __future__ import annotations

from contextlib import asynccontextmanager

import asyncpg
import pytest

from services.reconciliation import keeping
from services.reconciliation.days import book, store


class NoDatabase:
    """Opens transactions that nothing is asked of."""

    @asynccontextmanager
    async def transaction(self):
        yield None


async def test_a_pass_that_takes_too_long_is_tried_again_with_half_as_much(monkeypatch):
    asked: list[int] = []
    bearable = 130

    async def derive(_connection, _moment, claim_max):
        asked.append(claim_max)
        if claim_max > bearable:
            raise asyncpg.QueryCanceledError
        return True

    async def nothing(*_arguments):
        return False

    monkeypatch.setattr(book, "derive", derive)
    for module, name in ((book, "age"), (store, "open_expected"), (store, "touch_overdue")):
        monkeypatch.setattr(module, name, nothing)

    async def read_all():
        return None

    day_book = keeping.DayBook(NoDatabase(), read_all)  # type: ignore[arg-type]
    for _ in range(3):
        with pytest.raises(asyncpg.QueryCanceledError):
            await day_book.derive_some()
    assert await day_book.derive_some()
    assert asked == [store.CLAIM_MAX, 500, 250, 125]
    bearable = store.CLAIM_MAX
    for _ in range(4):
        await day_book.derive_some()
    assert asked[-4:] == [250, 500, 1_000, 1_000]
