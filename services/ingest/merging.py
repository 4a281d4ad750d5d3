"""Merging a transaction into another one: what was known of the first is known of the second from then on."""

from __future__ import annotations

from services.ingest import store
from services.ingest.model import Transaction
from services.ingest.statements import store as statement_store
from shared.clock import local_day
from shared.events import BankStatement
from shared.runtime.postgres import Connection
from shared.runtime.problems import Problem


async def merge(
    connection: Connection, one: Transaction, other: Transaction
) -> tuple[list[Transaction], list[BankStatement]]:
    """`one` turned out to be `other`. Returns the transactions that changed, which the caller stores and publishes, and the
    statements at their next version, stored, which the caller publishes. Raises Problem where they cannot be one.
    """
    changed = _merge(one, other)
    # Those that may be the merged one may be the other now, and statements list the other.
    for each in await store.doubtful_of(connection, one.transaction_id):
        if each.transaction_id != other.transaction_id:
            each.possible_duplicate_of = other.transaction_id
            each.version += 1
            changed.append(each)
    await store.follow_merge(connection, one.transaction_id, other.transaction_id)
    return changed, await _list_other(connection, one, other)


def _merge(one: Transaction, other: Transaction) -> list[Transaction]:
    """The first stays known as the second, which takes over what was seen and corrected of it."""
    if (one.status, other.status) != ("live", "live"):
        raise Problem(409, "not_live", "one of the two was merged or erased already")
    if (one.account, one.direction) != (other.account, other.direction):
        raise Problem(422, "not_mergeable", "only movements of one account and one direction can be the same")
    one.status, one.merged_into, one.possible_duplicate_of = "merged_into", other.transaction_id, None
    one.version += 1
    other.sightings += one.sightings
    other.corrections += one.corrections
    if other.possible_duplicate_of == one.transaction_id:
        other.possible_duplicate_of = None
    other.version += 1
    return [one, other]


async def _list_other(connection: Connection, one: Transaction, other: Transaction) -> list[BankStatement]:
    """The statements that list a merged transaction, with the other in its place, at their next version."""
    after = []
    day = local_day(one.occurred_at)
    for statement in await statement_store.around(connection, one.account, day, day):
        lines = tuple(
            line.model_copy(update={"transaction_id": other.transaction_id})
            if line.transaction_id == one.transaction_id
            else line
            for line in statement.lines
        )
        if lines != statement.lines:
            after.append(statement.model_copy(update={"lines": lines, "version": statement.version + 1}))
    await statement_store.update(connection, after)
    return after
