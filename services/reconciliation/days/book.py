"""The day book: derives days from the stored facts and acts, and publishes what differs from what was published last.

One pass is a fixed number of statements, however many days it derives, in one transaction with the outbox.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.reconciliation.cash.deposits import link_deposits
from services.reconciliation.collected_for.store import remit_certain
from services.reconciliation.days import late, store
from services.reconciliation.days.figures import figures_of
from services.reconciliation.days.findings import (
    findings_of,
    silence_scope,
    silences_of,
    unrouted_of,
    unrouted_scope,
)
from services.reconciliation.discrepancies import measures
from services.reconciliation.discrepancies import store as discrepancy_store
from services.reconciliation.discrepancies.model import aged, next_discrepancies, settled, stands
from services.reconciliation.model import (
    AUTOMATON,
    BLOCKING,
    Close,
    DayKey,
    Figures,
    Finding,
    day_scope,
    differences,
    in_order,
    key_of,
    next_day,
    state_of,
)
from services.reconciliation.money_back.links import link_certain
from shared.events import Discrepancy, ReconciliationDay
from shared.runtime.outbox import Outgoing, enqueue
from shared.runtime.postgres import Connection

BOOKLESS = frozenset({"portal", "opening"})
"""Channels of credits that touch neither a bank account nor the cash box: no row counts them, but their money can wait too."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a pass happens, and what it may do."""

    as_of: date
    at: datetime
    may_close: bool
    """Whether everything that was published before this date was read: a day that closes too early never changes."""


@dataclass(slots=True)
class Pass:
    """What one pass found and decided."""

    days: list[ReconciliationDay] = field(default_factory=list)
    """New versions."""
    discrepancies: list[Discrepancy] = field(default_factory=list)
    """New versions."""
    standing: dict[DayKey, list[Finding]] = field(default_factory=dict)
    """What keeps each day from its balance and no person has settled."""
    figures: dict[DayKey, Figures] = field(default_factory=dict)
    unbooked: set[DayKey] = field(default_factory=set)
    """Days that should have closed and counted something else by then."""
    touched: int = 0
    """Days that have to be looked at again for what this pass found."""


async def derive(connection: Connection, moment: Moment, claim_max: int = store.CLAIM_MAX) -> bool:
    """Derive some of the touched days, for at most so many touches, in the caller's transaction; returns whether more wait."""
    await store.lock(connection)
    claimed = await connection.fetch(store.CLAIM, claim_max)
    if not claimed:
        return False
    traces: dict[DayKey, str | None] = {}
    first_hand = set()
    for row in claimed:
        key = DayKey(row["site_id"], row["account"], row["day"])
        traces[key] = row["traceparent"] or traces.get(key)
        if row["is_first_hand"]:
            first_hand.add(key)
    on_accounts = [key for key in first_hand if key.site_id and not key.is_cash and key.account not in BOOKLESS]
    around = await store.touch_around(connection, sorted(on_accounts), moment.as_of)
    unheard, silent = await store.quiet(connection, {key.account for key in on_accounts})
    yesterday = moment.as_of - timedelta(days=1)
    silent |= {(key.site_id, key.account) for key in traces if key.date == yesterday and key.site_id and not key.is_cash}
    found = await derive_days(connection, {*traces, *unheard}, moment, silent=silent)
    await publish(connection, found, traces)
    await link_certain(connection, on_accounts, moment.at)
    await remit_certain(connection, on_accounts, moment.at)
    await link_deposits(connection, [key for key in traces if key.site_id and key.is_cash])
    return len(claimed) == claim_max or around + found.touched > 0


async def derive_days(
    connection: Connection,
    touched: Iterable[DayKey],
    moment: Moment,
    *,
    silent: Collection[tuple[str, str]] = (),
    closes: Mapping[DayKey, Close] | None = None,
) -> Pass:
    """Derive days as they stand now and store what changed; `closes` are those that a person closes with it.

    The caller holds the lock, has looked at who may close what, and publishes.
    """
    closes = closes or {}
    keys = {key for key in touched if key.site_id}
    unrouted = sorted({key.account for key in touched if not key.site_id})
    before = await store.published(connection, keys)
    closed_until, open_boxes = await store.boxes(connection, {key.site_id for key in keys if key.is_cash})
    closed = sorted(key for key in keys if _is_closed(key, before, closed_until))
    await late.place(connection, closed, moment.as_of)
    moved = await late.placed_days(connection, sorted(keys)) - keys
    before |= await store.published(connection, moved)
    keys |= moved
    unclosed = sorted(key for key in keys if not _is_closed(key, before, closed_until))
    figures = await figures_of(connection, [key for key in unclosed if key.account not in BOOKLESS], moment.as_of)
    found = await findings_of(connection, sorted(keys), moment.as_of)
    over = {each.key: differences(each, found[each.key], moment.as_of) for each in figures}
    findings = [finding for key in keys for finding in over.get(key, found[key])]
    findings += await unrouted_of(connection, unrouted) + await silences_of(
        connection, sorted(silent), {each.key: each.total.credits for each in figures}, moment.as_of
    )
    looked_at = {day_scope(key) for key in keys}
    looked_at |= {unrouted_scope(account) for account in unrouted} | {silence_scope(*account) for account in silent}
    known, scopes = await discrepancy_store.published(connection, [each.discrepancy_id for each in findings], looked_at)
    result = Pass(figures={each.key: each for each in figures})
    result.standing = {
        key: [each for each in found_here if each.kind in BLOCKING and stands(each, known.get(each.discrepancy_id))]
        for key, found_here in over.items()
    }
    changed = next_discrepancies(known, scopes, findings, looked_at, moment.as_of, moment.at)
    scopes |= {each.discrepancy_id: each.scope for each in findings}
    result.discrepancies = _accept(changed, known, result.standing, closes, moment)
    await _close_and_keep(connection, figures, before, closes, open_boxes, result, moment)
    result.touched += await store.touch_boxes(connection, _with_other_deposits(figures, before, closed))
    await store.put(connection, result.days)
    await discrepancy_store.put(connection, result.discrepancies, scopes)
    measures.count(result.discrepancies, known, [day for day in result.days if day.state == "closed"])
    return result


async def _close_and_keep(
    connection: Connection,
    figures: Sequence[Figures],
    before: Mapping[DayKey, ReconciliationDay],
    closes: Mapping[DayKey, Close],
    open_boxes: AbstractSet[DayKey],
    result: Pass,
    moment: Moment,
) -> None:
    """Close what a person closes and what closes by itself; every other day is told as it stands."""
    states = {
        each.key: state_of(each, [finding.kind for finding in result.standing[each.key]], moment.as_of) for each in figures
    }
    closing = dict(closes)
    for each in figures:
        if states[each.key] == "balanced" and each.data_in is not None and moment.may_close and _is_told(each, before):
            closing.setdefault(each.key, Close(moment.at, AUTOMATON))
    unclosed = open_boxes | {each.key for each in figures if _is_told(each, before)}
    totals = {each.key: each.total for each in figures if each.key in in_order(closing, unclosed)}
    booked = await late.book(connection, totals) if totals else set()
    closed = in_order(booked, unclosed)
    await late.keep(connection, booked, closed)
    result.unbooked = totals.keys() - closed
    told_on = []
    for each in figures:
        published = before.get(each.key)
        day = next_day(published, each, states[each.key], closing[each.key] if each.key in closed else None)
        if day is None:
            continue
        result.days.append(day)
        if each.key.is_cash and (published is None or published.closing != day.closing or day.state == "closed"):
            told_on.append(each.key)
    result.touched = await store.touch(connection, result.unbooked) + await store.touch_next(connection, told_on)


def _is_closed(key: DayKey, before: Mapping[DayKey, ReconciliationDay], closed_until: Mapping[str, date]) -> bool:
    """Whether the day has closed; a cash box is closed up to its last closed day, days without a row included."""
    if key.is_cash:
        return key.date <= closed_until.get(key.site_id, date.min)
    return key in before and before[key].state == "closed"


def _with_other_deposits(
    figures: Sequence[Figures], before: Mapping[DayKey, ReconciliationDay], closed: Sequence[DayKey]
) -> list[DayKey]:
    """The bank days of which other deposits are told than before, or may be: their cash boxes have to be looked at too."""
    told = {key: day.deposits for key, day in before.items() if not key.is_cash}
    changed = [each.key for each in figures if not each.key.is_cash and each.total.deposits != told.get(each.key, 0)]
    return sorted({*changed, *(key for key in closed if told.get(key))})


def _is_told(figures: Figures, before: Mapping[DayKey, ReconciliationDay]) -> bool:
    return figures.has_facts or figures.is_expected or figures.key in before


def _accept(
    changed: Sequence[Discrepancy],
    known: Mapping[str, Discrepancy],
    standing: Mapping[DayKey, Sequence[Finding]],
    closes: Mapping[DayKey, Close],
    moment: Moment,
) -> list[Discrepancy]:
    """A person who closes a day in spite of its differences has settled them."""
    newest = {each.discrepancy_id: each for each in changed}
    for key, close in closes.items():
        for finding in standing.get(key, ()):
            discrepancy = newest.get(finding.discrepancy_id) or known[finding.discrepancy_id]
            published = known.get(finding.discrepancy_id)
            ended = settled(discrepancy, close.by, moment.at, close.reason)
            # Where it was found just now, nobody has seen the version in between.
            newest[finding.discrepancy_id] = ended.model_copy(update={"version": published.version + 1 if published else 1})
    return sorted(newest.values(), key=lambda each: each.discrepancy_id)


async def age(connection: Connection, moment: Moment) -> bool:
    """Let open discrepancies grow older on a new date; returns whether more wait."""
    await store.lock(connection)
    younger, scopes = await discrepancy_store.of_another_age(connection, moment.as_of)
    older = [aged(each, moment.as_of) for each in younger]
    await discrepancy_store.put(connection, older, scopes)
    await enqueue(connection, older)
    return len(younger) == discrepancy_store.AGED_MAX


async def publish(connection: Connection, found: Pass, traces: Mapping[DayKey, str | None]) -> None:
    """Send what changed, each with the trace of what caused it (a day that another one's touch changed has none)."""
    outgoing = [Outgoing(day, traces.get(key_of(day))) for day in found.days]
    for each in found.discrepancies:
        about = each.about
        key = DayKey(each.site_id or "", about.account, about.date) if about.account and about.date else None
        outgoing.append(Outgoing(each, traces.get(key) if key else None))
    await enqueue(connection, outgoing)
