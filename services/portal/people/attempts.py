"""How often somebody may try to sign in. Counted in the database, so that it holds over replicas and restarts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from shared.runtime.postgres import Connection

WINDOW: Final = timedelta(minutes=15)
OF_ONE_AND_HERE: Final = 5
"""Failures for one name from one address: more than a hand mistypes."""
OF_ONE: Final = 30
"""Failures for one name from anywhere: a slow guess from many addresses, and yet no stranger locks a person out for long."""
FROM_HERE: Final = 60
"""Failures from one address, whatever the name: a school behind one address may mistype a lot."""

# By sign_in_failures_of_login and sign_in_failures_of_address.
COUNTED = """
select
  (select count(*) from sign_in_failures where login = $1 and at > $3 and address = $2) as of_one_and_here,
  (select count(*) from sign_in_failures where login = $1 and at > $3) as of_one,
  (select count(*) from sign_in_failures where address = $2 and at > $3) as from_here
"""
NOTE = "insert into sign_in_failures (login, address, at) values ($1, $2, $3)"
FORGIVE = "delete from sign_in_failures where login = $1 and address = $2"
# A few rows each time.
FORGET = "delete from sign_in_failures where at < $1"


async def may_try(connection: Connection, login: str, address: str, now: datetime) -> bool:
    """Whether one more try is allowed now."""
    row = await connection.fetchrow(COUNTED, login, address, now - WINDOW)
    assert row is not None
    return bool(row["of_one_and_here"] < OF_ONE_AND_HERE and row["of_one"] < OF_ONE and row["from_here"] < FROM_HERE)


async def note_failure(connection: Connection, login: str, address: str, now: datetime) -> None:
    """Remember a failure, and forget those that count no more."""
    await connection.execute(NOTE, login, address, now)
    await connection.execute(FORGET, now - WINDOW)


async def note_success(connection: Connection, login: str, address: str) -> None:
    """Who knows the password starts anew."""
    await connection.execute(FORGIVE, login, address)
