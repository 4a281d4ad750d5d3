"""The ledger's SQL: sites, credits, allocations, habits. Every query reads or writes a whole batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple

from pydantic_core import to_json

from services.matching import learned, owed
from services.matching.ledger import LedgerCredit
from services.matching.matcher import SiteRules
from services.matching.owed import Paid
from shared.events import Credit, Notice, Site
from shared.events.fees import Settled
from shared.events.payments import Allocation, Candidate, SuspenseParts, UndoneAllocation
from shared.runtime.postgres import Connection

REOPENED_MAX: Final = 500
"""Of the credits of a site that wait, so many of the newest are decided again when notices arrive; all that name one are."""


class Saved(NamedTuple):
    """What storing credits gave: the events to publish, and what is paid of notices then."""

    events: list[Credit]
    paid: list[Paid]


# One decider at a time per site (rule 8); sorted, so that two batches cannot wait for each other.
LOCK_SITES = """
select pg_advisory_xact_lock(hashtextextended('matching/' || site_id, 0)) from (
  select distinct site_id from unnest($1::text[]) as named (site_id) where site_id is not null order by site_id
) as sorted
"""

# By the primary key, as all that follow where nothing else is said.
SITES_OF_CREDITS = "select credit_id, site_id from credits where credit_id = any($1::text[])"

UPSERT_SITES = """
insert into sites (site_id, version, settings)
select * from unnest($1::text[], $2::bigint[], $3::jsonb[])
on conflict (site_id) do update set version = excluded.version, settings = excluded.settings
where excluded.version > sites.version
"""

RULES = "select site_id, settings from sites where site_id = any($1::text[])"

CREDITS = "select * from credits where credit_id = any($1::text[]) order by credit_id"
CREDITS_LOCKED = f"{CREDITS} for update"

# By allocations_credit.
ALLOCATIONS = "select * from allocations where credit_id = any($1::text[]) order by decided_at, allocation_id"

# By allocations_notice.
CREDITS_ON_NOTICES = "select distinct credit_id from allocations where notice_id = any($1::text[]) and undone_by is null"

# Automatic allocations that stand on what a notice bore before: its reference or its virtual account. By allocations_notice.
CREDITS_BY_MARK = """
select distinct credit_id from allocations join credits using (credit_id)
where notice_id = any($1::text[]) and undone_by is null and decided_by = 'auto' and not is_decided_by_person
  and not from_balance and reason in ('reference', 'reference_corrected', 'virtual_account', 'several')
"""

# By the credits_waiting_… indexes, whose conditions are repeated here, and by credits_review: of a site the newest.
CREDITS_WAITING = """
select credit_id from credits
where memo_references && $1::text[]
  and allocated = 0 and status in ('unmatched', 'suggested') and not is_decided_by_person
union
select credit_id from credits
where virtual_account = any($2::text[])
  and allocated = 0 and status in ('unmatched', 'suggested') and not is_decided_by_person and virtual_account is not null
union
select credit_id from credits
where intended_notice_id = any($3::text[]) and allocated = 0 and intended_notice_id is not null
  and not is_decided_by_person
union
select newest.credit_id from unnest($4::text[]) as sites (site_id) cross join lateral (
  select credit_id from credits c
  where c.site_id = sites.site_id and status in ('unmatched', 'suggested') and unidentified > 0
  order by occurred_at desc, credit_id collate "C" desc limit $5
) as newest
"""

COLUMNS = {
    "credit_id": "text", "version": "bigint", "transaction_version": "bigint", "site_id": "text", "account": "text",
    "channel": "text", "direction": "text", "occurred_at": "timestamptz", "received_at": "timestamptz",
    "provider": "text", "counter_bank": "text", "amount": "bigint", "allocated": "bigint", "unidentified": "bigint",
    "balance": "bigint", "to_return": "bigint", "returned": "bigint", "not_a_fee": "bigint", "status": "text",
    "reason": "text", "evidence": "text", "candidates": "text", "memo_references": "text", "virtual_account": "text",
    "intended_notice_id": "text", "document_number": "text", "partition_origin": "text", "is_decided_by_person": "boolean",
    "sender_key": "bytea", "memo_key": "bytea", "reverses": "text", "reversed_by": "text", "decided_version": "bigint",
    "possible_duplicate_of": "text", "payer_code": "text", "returned_at": "timestamptz",
}  # fmt: skip
"""Of a stored credit, as it travels. A list inside an array parameter would become a second dimension, so lists travel as JSON."""

_VALUE_OF = {
    "evidence": "evidence::jsonb",
    "candidates": "candidates::jsonb",
    "memo_references": "array(select jsonb_array_elements_text(memo_references::jsonb))",
}
_VALUES = ", ".join(_VALUE_OF.get(name, name) for name in COLUMNS)
UPSERT_CREDITS = f"""
insert into credits ({", ".join(COLUMNS)})
select {_VALUES} from unnest({", ".join(f"${place}::{kind}[]" for place, kind in enumerate(COLUMNS.values(), 1))})
  as given ({", ".join(COLUMNS)})
on conflict (credit_id) do update set {", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "credit_id")}
"""

# What a newer version of the transaction says, where nothing that is published changed.
NOTE = """
update credits c set
  transaction_version = told.transaction_version, virtual_account = told.virtual_account, sender_key = told.sender_key,
  memo_key = told.memo_key, memo_references = array(select jsonb_array_elements_text(told.memo_references::jsonb)),
  possible_duplicate_of = told.possible_duplicate_of
from unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::text[])
  as told (credit_id, transaction_version, virtual_account, sender_key, memo_key, memo_references, possible_duplicate_of)
where c.credit_id = told.credit_id
"""

UPSERT_ALLOCATIONS = """
insert into allocations (
  allocation_id, credit_id, notice_id, amount, paid_through, decided_by, decided_at, undone_by, undone_at, undo_reason,
  from_balance, set_apart, settled_by
)
select * from unnest(
  $1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[], $8::text[],
  $9::timestamptz[], $10::text[], $11::boolean[], $12::bigint[], $13::text[]
)
on conflict (allocation_id) do update set
  undone_by = excluded.undone_by, undone_at = excluded.undone_at, undo_reason = excluded.undo_reason,
  set_apart = excluded.set_apart, settled_by = excluded.settled_by
where allocations.undone_by is distinct from excluded.undone_by
"""

# Whose balance these credits hold: the one payer's of all that they pay, where the credit does not say it itself (LedgerCredit's
# `names_its_payer`). By the primary key, allocations_credit and the notices' key.
OWN = """
update credits c set payer_code = (
  select min(n.payer_code) from allocations a join notices n using (notice_id)
  where a.credit_id = c.credit_id and a.undone_by is null
  having count(distinct n.payer_code) = 1 and count(n.payer_code) = count(*) and bool_and(n.site_id = c.site_id)
) where credit_id = any($1::text[]) and balance > 0 and channel <> 'opening'
  and not (channel = 'portal' and intended_notice_id is null)
"""

CREDIT_OF_ALLOCATION = "select credit_id from allocations where allocation_id = $1"

# What of these deposits was set apart to go back before. By allocations_set_apart.
SET_APART = """
select notice_id, sum(set_apart)::bigint as amount from allocations
where notice_id = any($1::text[]) and set_apart is not null group by notice_id
"""

# By the primary key, in the order of republishing.
PAGE = 'select credit_id from credits where credit_id > $1 collate "C" order by credit_id collate "C" limit $2'

# By credits_review.
REVIEW = """
select credit_id from credits
where site_id = $1 and status in ('unmatched', 'suggested') and unidentified > 0
  and (occurred_at, credit_id collate "C") > (
    select coalesce(max(occurred_at), '-infinity'), $2 collate "C" from credits where credit_id = $2)
order by occurred_at, credit_id collate "C" limit $3
"""

# By credits_reversed_by.
REVERSED_BY = "select reversed_by, credit_id from credits where reversed_by = any($1::text[])"

QUEUE = """
select count(*) as credits, coalesce(sum(unidentified), 0)::bigint as dong from credits
where status in ('unmatched', 'suggested') and unidentified > 0
"""

# By credits_suspense. What was returned or is no fee waits for nobody, and only ever grows.
OPEN_SUSPENSE = """
select coalesce(sum(unidentified), 0)::bigint as unidentified, coalesce(sum(balance), 0)::bigint as balance,
  coalesce(sum(to_return), 0)::bigint as to_return
from credits where unidentified + balance + to_return > 0
"""


async def lock_sites(connection: Connection, site_ids: Iterable[str | None]) -> None:
    """Wait until no other transaction decides for these sites; held to the end of the transaction."""
    await connection.execute(LOCK_SITES, list(site_ids))


async def sites_of_credits(connection: Connection, credit_ids: Collection[str]) -> list[str | None]:
    """Where known credits stand, before they are locked."""
    return [row["site_id"] for row in await connection.fetch(SITES_OF_CREDITS, list(credit_ids))]


async def upsert_sites(connection: Connection, sites: Sequence[Site]) -> None:
    """Keep the settings of sites at their newest version; each site at most once, in order."""
    await connection.execute(
        UPSERT_SITES,
        [site.site_id for site in sites],
        [site.version for site in sites],
        [site.settings.model_dump(mode="json") for site in sites],
    )


async def load_rules(connection: Connection, site_ids: Iterable[str | None]) -> dict[str, SiteRules]:
    """What each site decided about settling."""
    rows = await connection.fetch(RULES, [site_id for site_id in set(site_ids) if site_id])
    return {
        row["site_id"]: SiteRules(
            tuple(row["settings"]["settle_priority"]),
            row["settings"]["oldest_first"],
            row["settings"].get("match_threshold", SiteRules().match_threshold),
        )
        for row in rows
    }


async def load_credits(connection: Connection, credit_ids: Iterable[str], *, lock: bool = True) -> dict[str, LedgerCredit]:
    """Whole credits by id; their rows locked, where what is read decides what is written."""
    ids = sorted(set(credit_ids))
    rows = await connection.fetch(CREDITS_LOCKED if lock else CREDITS, ids)
    live: dict[str, list[Allocation]] = defaultdict(list)
    undone: dict[str, list[UndoneAllocation]] = defaultdict(list)
    from_balance: dict[str, set[str]] = defaultdict(set)
    for row in await connection.fetch(ALLOCATIONS, ids) if rows else ():
        if row["from_balance"]:
            from_balance[row["credit_id"]].add(row["allocation_id"])
        if row["undone_by"] is None:
            live[row["credit_id"]].append(Allocation(**_allocation(row)))
        else:
            undone[row["credit_id"]].append(
                UndoneAllocation(
                    **_allocation(row),
                    undone_by=row["undone_by"],
                    undone_at=row["undone_at"],
                    reason=row["undo_reason"],
                    settled=Settled(by=row["settled_by"], to_return=row["set_apart"]) if row["set_apart"] else None,
                )
            )
    found = {row["credit_id"]: _credit(row, live[row["credit_id"]], undone[row["credit_id"]]) for row in rows}
    for credit in found.values():
        credit.from_balance = from_balance[credit.credit_id]
        credit.mark_stored()
    return found


async def load_credits_on_notices(connection: Connection, notice_ids: Iterable[str]) -> list[str]:
    """Ids of the credits that pay something of these notices."""
    return [row["credit_id"] for row in await connection.fetch(CREDITS_ON_NOTICES, list(notice_ids))]


async def load_set_apart(connection: Connection, notice_ids: Iterable[str]) -> dict[str, int]:
    """What of these deposits was set apart to go back before, in đồng."""
    return {row["notice_id"]: row["amount"] for row in await connection.fetch(SET_APART, list(notice_ids))}


async def load_decided_by_marks(connection: Connection, notice_ids: Iterable[str]) -> list[str]:
    """Ids of the credits that the automaton allocated to these notices by a reference or a virtual account."""
    return [row["credit_id"] for row in await connection.fetch(CREDITS_BY_MARK, list(notice_ids))]


async def load_waiting(connection: Connection, notices: Sequence[Notice], marks: Collection[str]) -> list[str]:
    """Ids of the undecided credits that these notices could explain, and of those that name one of the marks (references)."""
    rows = await connection.fetch(
        CREDITS_WAITING,
        sorted({*(notice.reference for notice in notices), *marks}),
        [notice.virtual_account for notice in notices if notice.virtual_account],
        [notice.notice_id for notice in notices],
        sorted({notice.site_id for notice in notices}),
        REOPENED_MAX,
    )
    return [row["credit_id"] for row in rows]


async def load_reversed_by(connection: Connection, money_out: Iterable[str]) -> dict[str, str]:
    """Which credits these movements of money out gave back."""
    return {row["reversed_by"]: row["credit_id"] for row in await connection.fetch(REVERSED_BY, list(money_out))}


async def save(connection: Connection, credits: Iterable[LedgerCredit]) -> Saved:
    """Store changed credits at their next version, what they pay of notices, and what that teaches."""
    ordered = sorted(credits, key=lambda credit: credit.credit_id)
    if not ordered:
        return Saved([], [])
    differences: dict[str, int] = {}
    for credit in ordered:
        credit.version += 1
        if credit.stored is None or credit.stored.decision != credit.decision:
            credit.decided_version = credit.version
        for notice_id, amount in credit.paid.items():
            differences[notice_id] = differences.get(notice_id, 0) + amount
        for notice_id, amount in (credit.stored.paid if credit.stored else {}).items():
            differences[notice_id] = differences.get(notice_id, 0) - amount
    paid = await owed.change_allocated(connection, differences)
    rows = [_row(credit) for credit in ordered]
    await connection.execute(UPSERT_CREDITS, *[[row[name] for row in rows] for name in COLUMNS])
    await _save_allocations(connection, ordered)
    await own_balances(connection, [credit.credit_id for credit in ordered if credit.suspense.balance])
    await learned.learn(connection, [credit for credit in ordered if credit.allocations or credit.undone])
    for credit in ordered:
        credit.mark_stored()
    return Saved([credit.event() for credit in ordered], paid)


async def own_balances(connection: Connection, credit_ids: Collection[str]) -> None:
    """Keep whose balance these credits hold, as what they pay says."""
    if credit_ids:
        await connection.execute(OWN, sorted(credit_ids))


async def note(connection: Connection, credits: Iterable[LedgerCredit]) -> None:
    """Store what is not published of stored credits, at the version that they have."""
    ordered = sorted(credits, key=lambda credit: credit.credit_id)
    if ordered:
        await connection.execute(
            NOTE,
            [credit.credit_id for credit in ordered],
            [credit.transaction_version for credit in ordered],
            [credit.virtual_account for credit in ordered],
            [credit.sender_key for credit in ordered],
            [credit.memo_key for credit in ordered],
            [to_json(credit.memo_references).decode() for credit in ordered],
            [credit.possible_duplicate_of for credit in ordered],
        )


async def credit_of_allocation(connection: Connection, allocation_id: str) -> str | None:
    """The credit that an allocation is a part of."""
    credit_id: str | None = await connection.fetchval(CREDIT_OF_ALLOCATION, allocation_id)
    return credit_id


async def page(connection: Connection, after: str, limit: int) -> list[Credit]:
    """Credits as they are published, in the order of their ids."""
    ids = [row["credit_id"] for row in await connection.fetch(PAGE, after, limit)]
    credits = await load_credits(connection, ids, lock=False)
    return [credits[each].event() for each in ids]


async def review(connection: Connection, site_id: str, after: str, limit: int) -> tuple[list[Credit], list[str]]:
    """A page of what a site's people have to look at, oldest first; and its over-allocated notices."""
    ids = [row["credit_id"] for row in await connection.fetch(REVIEW, site_id, after, limit)]
    credits = await load_credits(connection, ids, lock=False)
    return [credits[each].event() for each in ids], await owed.over_allocated(connection, site_id)


async def queue_size(connection: Connection) -> tuple[int, int]:
    """How many credits wait for a person, and how much money, in đồng."""
    row = await connection.fetchrow(QUEUE)
    assert row is not None
    return row["credits"], row["dong"]


async def open_suspense(connection: Connection) -> dict[str, int]:
    """The money that is still to be placed, in đồng, by part of suspense."""
    row = await connection.fetchrow(OPEN_SUSPENSE)
    assert row is not None
    return dict(row)


async def _save_allocations(connection: Connection, credits: Iterable[LedgerCredit]) -> None:
    rows: list[tuple[Any, ...]] = []
    for credit in credits:
        for each in (*credit.allocations, *credit.undone):
            gone = each if isinstance(each, UndoneAllocation) else None
            undone = (gone.undone_by, gone.undone_at, gone.reason) if gone else (None,) * 3
            settled = (gone.settled.to_return, gone.settled.by) if gone and gone.settled else (None,) * 2
            rows.append((
                each.allocation_id, credit.credit_id, each.notice_id, each.amount, each.paid_through, each.decided_by,
                each.decided_at, *undone, each.allocation_id in credit.from_balance, *settled,
            ))  # fmt: skip
    if rows:
        rows.sort()
        await connection.execute(UPSERT_ALLOCATIONS, *[list(column) for column in zip(*rows, strict=True)])


def _allocation(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in Allocation.model_fields}


def _credit(row: Any, live: list[Allocation], undone: list[UndoneAllocation]) -> LedgerCredit:
    parts = {name: row[name] for name in SuspenseParts.model_fields}
    own = {
        name: row[name]
        for name in COLUMNS
        if name not in parts and name not in {"allocated", "evidence", "candidates", "memo_references"}
    }
    return LedgerCredit(
        **own,
        suspense=SuspenseParts(**parts),
        allocations=live,
        undone=undone,
        evidence=tuple(row["evidence"]),
        candidates=tuple(Candidate(**each) for each in row["candidates"]),
        memo_references=tuple(row["memo_references"]),
    )


def _row(credit: LedgerCredit) -> dict[str, Any]:
    return {name: getattr(credit, name) for name in COLUMNS if hasattr(credit, name)} | {
        **credit.suspense.model_dump(),
        "payer_code": credit.payer_code if credit.names_its_payer else None,
        "evidence": to_json(credit.evidence).decode(),
        "candidates": to_json(credit.candidates).decode(),
        "memo_references": to_json(credit.memo_references).decode(),
    }
