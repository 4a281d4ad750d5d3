"""Takes a file of statements: read → check → lay against what is known → store + outbox, in one database transaction."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import Counter as Metric

from services.ingest import store as ingest_store
from services.ingest.identity import reference_key
from services.ingest.model import SiteAccount, Transaction, new_transaction, see_again, site_at
from services.ingest.statements import store
from services.ingest.statements.gaps import Stretch, follows_within_a_day, gaps_before, overlapping
from services.ingest.statements.layouts import learned
from services.ingest.statements.model import PROVIDER, Line, Statement, check_past
from services.ingest.statements.pairing import Pair, pair
from services.ingest.statements.reading import File, read_file
from services.ingest.statements.store import UploadedFile
from services.ingest.taking import published
from shared.clock import day_start, local_day
from shared.events import BankStatement
from shared.events.bank import StatementLine
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Connection, Database

LINES = Metric("khop_ingest_statement_lines_total", "Lines of imported statements, by what they were.", ["outcome"])
SOURCE = f"{PROVIDER}/statement"


@dataclass(slots=True)
class Taken:
    """What an import did."""

    statements: list[BankStatement] = field(default_factory=list)
    """Those of the file, as published."""
    unchanged: int = 0
    """How many of them were known already."""
    outcomes: Counter[str] = field(default_factory=Counter)
    """Lines by what they were: new, known, doubtful (new, and marked), differs."""


async def take_file(
    database: Database, account: str, file: UploadedFile, *, opening: int | None = None, closing: int | None = None
) -> Taken:
    """Import a file of an account's statements; a second time it changes nothing. Raises StatementError."""
    async with database.reading() as connection:
        headings = await store.layout_of(connection, account)
    kept = learned(headings) if headings else None
    # Reading a year's workbook takes seconds, in which webhooks go on.
    read = await asyncio.to_thread(read_file, file.content, account, kept, opening=opening, closing=closing)
    for statement in read.statements:
        check_past(statement, file.received_at)
    async with database.transaction() as connection:
        taken = await _store(connection, account, file, read)
    for outcome, count in taken.outcomes.items():
        LINES.labels(outcome).inc(count)
    return taken


async def _store(connection: Connection, account: str, file: UploadedFile, read: File) -> Taken:
    await store.lock_account(connection, account)
    is_another_file = await store.keep_file(connection, account, file)
    if read.headings:
        await store.learn_layout(connection, account, read.headings)
    standing = await store.known(connection, [each.statement_id for each in read.statements])
    owners = await ingest_store.sites_of(connection, {account})
    taken = Taken()
    made: dict[str, BankStatement] = {}
    drawn_later: dict[str, BankStatement] = {}
    for statement in sorted(read.statements, key=lambda each: (each.from_day, each.to_day)):
        known = made.get(statement.statement_id) or standing.get(statement.statement_id)
        if known is not None:
            later = _drawn_later(known, statement, file) if is_another_file else None
            if later is None:
                taken.unchanged += 1
            else:
                drawn_later[later.statement_id] = later
            continue
        laid = await _lay(connection, statement, file, owners, taken)
        entity = _entity(statement, laid, owners, file)
        await store.insert(connection, statement, entity, file)
        made[entity.statement_id] = entity
    await store.update(connection, list(drawn_later.values()))
    after = await _lay_beside_others(connection, account, made, drawn_later) if made or drawn_later else {}
    taken.statements = [
        after.get(each.statement_id) or standing[each.statement_id]
        for each in {each.statement_id: each for each in read.statements}.values()
    ]
    return taken


async def _lay(
    connection: Connection, statement: Statement, file: UploadedFile, owners: Sequence[SiteAccount], taken: Taken
) -> list[tuple[Pair, Transaction]]:
    """Find or make the transaction of each line; returns them in the lines' order."""
    around = await store.transactions_around(connection, statement.account, statement.from_day, statement.to_day)
    of_other_hours = {
        line.transaction_id
        for each in await store.around(connection, statement.account, statement.from_day, statement.to_day)
        if follows_within_a_day(each, statement)
        for line in each.lines
        if line.transaction_id is not None
    }
    pairs = await asyncio.to_thread(pair, statement.lines, around, of_other_hours)
    made: list[Transaction] = []
    changed: list[Transaction] = []
    laid: list[tuple[Pair, Transaction]] = []
    names: dict[str, str] = {}
    occurrences: Counter[str | None] = Counter()
    for number, each in enumerate(pairs, start=1):
        reported = each.line.reported(statement.account, f"{statement.statement_id}/{number}")
        transaction = each.transaction
        if transaction is None:
            transaction = new_transaction(reported, provider=PROVIDER, seen_by="statement", received_at=file.received_at)
            transaction.site_id = site_at(owners, statement.account, transaction.occurred_at)
            transaction.possible_duplicate_of = each.may_be.transaction_id if each.may_be else None
            made.append(transaction)
            taken.outcomes["doubtful" if each.may_be else "new"] += 1
        else:
            taken.outcomes["differs" if each.differs else "known"] += 1
            # What another statement listed already is no news.
            if SOURCE not in transaction.sources and not each.differs:
                see_again(transaction, reported, provider=PROVIDER, seen_by="statement", received_at=file.received_at)
                transaction.version += 1
                changed.append(transaction)
        laid.append((each, transaction))
        if not each.differs:
            reference = reference_key(reported)
            occurrences[reference] += 1
            name = reference_key(reported, occurrences[reference])
            if name is not None:
                names[name] = transaction.transaction_id
    await ingest_store.insert_transactions(connection, made)
    await ingest_store.update_transactions(connection, changed)
    # Under a name that is taken stands the transaction that had it first.
    free = names.keys() - await store.keys_taken(connection, names)
    await ingest_store.insert_keys(connection, {name: names[name] for name in free})
    await enqueue(connection, [published(each, None) for each in (*made, *changed)])
    return laid


def _drawn_later(known: BankStatement, statement: Statement, file: UploadedFile) -> BankStatement | None:
    """A known statement that another file tells again, where it was drawn before its last day was over: it tells of more now.

    The same file tells nothing more, whenever it is sent.
    """
    known_at = statement.known_at(file.received_at)
    if known.received_at is None or known.received_at >= known_at or local_day(known.received_at) > statement.to_day:
        return None
    to_date = max(known.to_date, statement.last_day_at(file.received_at))
    return known.model_copy(update={"received_at": known_at, "to_date": to_date, "version": known.version + 1})


def _entity(
    statement: Statement, laid: Sequence[tuple[Pair, Transaction]], owners: Sequence[SiteAccount], file: UploadedFile
) -> BankStatement:
    to_date = statement.last_day_at(file.received_at)
    return BankStatement(
        statement_id=statement.statement_id,
        version=1,
        account=statement.account,
        site_id=site_at(owners, statement.account, day_start(to_date)),
        from_date=statement.from_day,
        to_date=to_date,
        opening=statement.opening,
        credits=statement.credits,
        debits=statement.debits,
        closing=statement.closing,
        lines=tuple(
            _line(number, each.line, transaction.transaction_id) for number, (each, transaction) in enumerate(laid, start=1)
        ),
        gaps=(),
        source=statement.source,
        received_at=statement.known_at(file.received_at),
    )


def _line(number: int, line: Line, transaction_id: str) -> StatementLine:
    return StatementLine(
        line=number,
        transaction_id=transaction_id,
        amount=line.amount,
        direction=line.direction,
        occurred_at=line.occurred_at,
        bank_reference=line.reference,
    )


async def _lay_beside_others(
    connection: Connection, account: str, made: Mapping[str, BankStatement], drawn_later: Mapping[str, BankStatement]
) -> dict[str, BankStatement]:
    """Find the gaps and overlaps that statements make or close; publish these and every other that changed."""
    stretches = await store.stretches(connection, account)
    fresh = {**made, **drawn_later}
    others = await store.known(connection, _neighbours(fresh.values(), stretches))
    after: dict[str, BankStatement] = {}
    for each in stretches:
        before = fresh.get(each.statement_id) or others.get(each.statement_id)
        if before is None:
            continue
        gaps, overlaps = gaps_before(each, stretches), overlapping(each, stretches)
        differs = (before.gaps, before.overlaps) != (gaps, overlaps)
        if each.statement_id in fresh:
            # Stored at this version in this very transaction and published by nobody yet.
            after[each.statement_id] = before.model_copy(update={"gaps": gaps, "overlaps": overlaps})
        elif differs:
            changes = {"gaps": gaps, "overlaps": overlaps, "version": before.version + 1}
            after[each.statement_id] = before.model_copy(update=changes)
    await store.update(connection, list(after.values()))
    await enqueue(connection, after.values())
    return {**others, **after}


def _neighbours(new: Iterable[BankStatement], stretches: Sequence[Stretch]) -> list[str]:
    """The statements whose gaps or overlaps these may change: those they touch, and the ones that follow."""
    touched: set[str] = set()
    new = list(new)
    for each in new:
        touched |= {
            other.statement_id for other in stretches if other.from_day <= each.to_date and each.from_date <= other.to_day
        }
        later = [other for other in stretches if other.from_day > each.to_date]
        if later:
            first = min(other.from_day for other in later)
            touched |= {other.statement_id for other in later if other.from_day == first}
    return sorted(touched - {each.statement_id for each in new})
