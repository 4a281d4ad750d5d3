"""What is owed: notices and payers as matching keeps them, and their SQL. Every query reads or writes a whole batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from pydantic_core import to_json

from services.matching.matcher import Payer
from services.matching.matcher.book import name_words
from services.matching.matcher.keys import CODE, NAME_AND_CLASS, keys_of
from services.matching.model import Owed
from shared.events import Notice
from shared.runtime.postgres import Connection

REMEMBERED_DAYS: Final = 400
"""A settled or cancelled notice due longer ago explains no payment by words; by its reference it is still found."""


class Known(NamedTuple):
    """What is stored of a notice that arrives anew."""

    version: int
    allocated: int
    reference: str
    virtual_account: str | None
    payer_code: str | None
    amount: int
    is_cancelled: bool


class Paid(NamedTuple):
    """What is paid of a notice, as it was stored last."""

    notice_id: str
    site_id: str
    allocated: int
    change: int


class ChangedPayer(NamedTuple):
    """A payer, and the number of the change that made them so."""

    payer: Payer
    change: int


class PayerRow(NamedTuple):
    """A payer as a notice tells them."""

    site_id: str
    payer_code: str
    name: str
    group_name: str
    guardian_name: str
    guardian_phone: str
    told_on: date
    told_by: str
    code_key: str | None
    name_keys: list[str]


_FIELDS = (
    "notice_id", "site_id", "reference", "virtual_account", "fee_kind", "obligation", "due_on", "amount", "is_cancelled",
    "allocated", "payer_code", "purpose", "period", "issued_on", "helper_declared_at", "priority", "change",
)  # fmt: skip
NOTICE_COLUMNS = ", ".join(f"n.{name}" for name in _FIELDS)
PAYER_COLUMNS = "p.site_id, p.payer_code, p.name, p.group_name, p.guardian_name, p.guardian_phone"

# A row from before payers were kept is taken again at its version, when it is published again. By the primary key.
KNOWN = """
select notice_id, case when issued_on is null then version - 1 else version end as version, allocated, reference,
  virtual_account, payer_code, amount, is_cancelled
from notices where notice_id = any($1::text[]) order by notice_id for update
"""

# Locked, for what is read here decides what is written. By the primary key.
NAMED = f"select {NOTICE_COLUMNS} from notices n where notice_id = any($1::text[]) order by notice_id for update"

# By the primary key.
SITES_OF_NOTICES = "select distinct site_id from notices where notice_id = any($1::text[])"

# By notices_reference.
OF_REFERENCES = f"select {NOTICE_COLUMNS} from notices n where reference = any($1::text[])"

# What changed at these sites since what is known of them. By notices_change and payers_change.
CHANGED_NOTICES = f"""
select {NOTICE_COLUMNS} from unnest($1::text[], $2::bigint[]) as known (site_id, change)
join notices n on n.site_id = known.site_id and n.change > known.change
where known.change > 0 or n.due_on > $3 or (n.allocated < n.amount and not n.is_cancelled)
"""
CHANGED_PAYERS = f"""
select {PAYER_COLUMNS}, p.change from unnest($1::text[], $2::bigint[]) as known (site_id, change)
join payers p on p.site_id = known.site_id and p.change > known.change
"""
ERASURES = "select site_id, erasures from site_erasures where site_id = any($1::text[])"
COUNT_WORDS = "select count(*) from name_words"
WORDS = "select word from name_words"

# Who is meant, whatever the site; the notices of those. By payers_code_key, payers_name_keys and notices_payer.
PAYERS_ANYWHERE = f"""
select {PAYER_COLUMNS}, p.code_key, p.name_keys from payers p where code_key = any($1::text[])
union
select {PAYER_COLUMNS}, p.code_key, p.name_keys from payers p where name_keys && $2::text[]
order by 1, 2 limit $3
"""
NOTICES_OF_PAYERS = f"""
select {NOTICE_COLUMNS} from unnest($1::text[], $2::text[]) as owing (site_id, payer_code)
join notices n on n.site_id = owing.site_id and n.payer_code = owing.payer_code
order by n.due_on, n.notice_id
"""

# What is paid is changed by CHANGE_ALLOCATED alone. Rule 9: a person's allocations may hold more than is due, and say so.
UPSERT_NOTICES = """
insert into notices as n (
  notice_id, version, site_id, reference, virtual_account, fee_kind, obligation, due_on, amount, is_cancelled,
  payer_code, purpose, period, issued_on, priority, helper_declared_at, change
)
select *, nextval('changes') from unnest(
  $1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[], $9::bigint[],
  $10::boolean[], $11::text[], $12::text[], $13::text[], $14::date[], $15::integer[], $16::timestamptz[]
)
on conflict (notice_id) do update set
  version = excluded.version, site_id = excluded.site_id, reference = excluded.reference,
  virtual_account = excluded.virtual_account, fee_kind = excluded.fee_kind, obligation = excluded.obligation,
  due_on = excluded.due_on, amount = excluded.amount, is_cancelled = excluded.is_cancelled,
  is_over_allocated = n.allocated > case when excluded.is_cancelled then 0 else excluded.amount end,
  payer_code = excluded.payer_code, purpose = excluded.purpose, period = excluded.period, issued_on = excluded.issued_on,
  priority = excluded.priority, helper_declared_at = excluded.helper_declared_at, change = excluded.change
where excluded.version > n.version or n.issued_on is null
returning notice_id, is_over_allocated
"""

# The newest notice tells who a payer is: by its day of issue, then by its id.
UPSERT_PAYERS = """
insert into payers (
  site_id, payer_code, name, group_name, guardian_name, guardian_phone, told_on, told_by, code_key, name_keys, change
)
select site_id, payer_code, name, group_name, guardian_name, guardian_phone, told_on, told_by, code_key,
  array(select jsonb_array_elements_text(name_keys::jsonb)), nextval('changes')
from unnest(
  $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::text[], $9::text[], $10::text[]
) as told (
  site_id, payer_code, name, group_name, guardian_name, guardian_phone, told_on, told_by, code_key, name_keys
)
on conflict (site_id, payer_code) do update set
  name = excluded.name, group_name = excluded.group_name, guardian_name = excluded.guardian_name,
  guardian_phone = excluded.guardian_phone, told_on = excluded.told_on, told_by = excluded.told_by,
  code_key = excluded.code_key, name_keys = excluded.name_keys,
  change = case when (payers.name, payers.group_name, payers.guardian_name, payers.guardian_phone)
    is distinct from (excluded.name, excluded.group_name, excluded.guardian_name, excluded.guardian_phone)
    then excluded.change else payers.change end
where (excluded.told_on, excluded.told_by) >= (payers.told_on, payers.told_by)
"""
ADD_WORDS = "insert into name_words select unnest($1::text[]) on conflict do nothing"

# Payers whom no notice names any more, what was learned of them, and whose balances these were. By notices_payer, habits_sender
# and credits_payer.
ERASE_PAYERS = """
with gone as (
  delete from payers p using unnest($1::text[], $2::text[]) as erased (site_id, payer_code)
  where p.site_id = erased.site_id and p.payer_code = erased.payer_code and not exists (
    select 1 from notices n where n.site_id = erased.site_id and n.payer_code = erased.payer_code)
  returning p.site_id, p.payer_code
), unlearned as (
  delete from habits h using gone where h.site_id = gone.site_id and gone.payer_code = any(h.payer_codes)
), disowned as (
  update credits c set payer_code = null from gone where c.site_id = gone.site_id and (
    c.payer_code = gone.payer_code
    or (c.channel = 'portal' and c.payer_code is not null and dossier_key(c.payer_code) = dossier_key(gone.payer_code)))
)
insert into site_erasures (site_id, erasures) select site_id, 1 from gone group by site_id order by site_id
on conflict (site_id) do update set erasures = site_erasures.erasures + 1
"""

# What decisions and acts add to, or take from, what is paid. The constraint never_more_than_due refuses what must not be.
CHANGE_ALLOCATED = """
update notices n set
  allocated = n.allocated + changed.difference,
  is_over_allocated = n.is_over_allocated
    and n.allocated + changed.difference > case when n.is_cancelled then 0 else n.amount end,
  change = nextval('changes')
from unnest($1::text[], $2::bigint[]) as changed (notice_id, difference)
where n.notice_id = changed.notice_id
returning n.notice_id, n.site_id, n.allocated, n.change
"""

# By notices_over_allocated.
OVER_ALLOCATED = 'select notice_id from notices where site_id = $1 and is_over_allocated order by notice_id collate "C"'


async def known(connection: Connection, notice_ids: Iterable[str]) -> dict[str, Known]:
    """What is stored of these notices, their rows locked."""
    rows = await connection.fetch(KNOWN, list(notice_ids))
    return {row["notice_id"]: Known(*list(row.values())[1:]) for row in rows}


async def named(connection: Connection, notice_ids: Iterable[str]) -> list[Owed]:
    """These notices, of whatever site, their rows locked."""
    return [Owed(**row) for row in await connection.fetch(NAMED, list(notice_ids))]


async def sites_of_notices(connection: Connection, notice_ids: Collection[str]) -> list[str]:
    """Where these notices are owed, before they are locked."""
    return [row["site_id"] for row in await connection.fetch(SITES_OF_NOTICES, list(notice_ids))]


async def of_references(connection: Connection, references: Iterable[str]) -> list[Owed]:
    """The notices under these references, of whatever site and age."""
    return [Owed(**row) for row in await connection.fetch(OF_REFERENCES, list(references))]


async def changed_notices(connection: Connection, since: Mapping[str, int], today: date) -> list[Owed]:
    """The notices of these sites that changed after a change, or (after 0) all that may still matter."""
    long_ago = date.fromordinal(today.toordinal() - REMEMBERED_DAYS)
    return [Owed(**row) for row in await connection.fetch(CHANGED_NOTICES, list(since), list(since.values()), long_ago)]


async def changed_payers(connection: Connection, since: Mapping[str, int]) -> list[ChangedPayer]:
    """The payers of these sites who changed after a change."""
    rows = await connection.fetch(CHANGED_PAYERS, list(since), list(since.values()))
    return [ChangedPayer(_payer(row), row["change"]) for row in rows]


async def erasures(connection: Connection, site_ids: Collection[str]) -> dict[str, int]:
    """How often something was taken away at these sites."""
    return {row["site_id"]: row["erasures"] for row in await connection.fetch(ERASURES, list(site_ids))}


async def add_new_words(connection: Connection, words: set[str], known_count: int) -> int:
    """Bring the words that people are named with up to date; returns how many are stored."""
    count: int = await connection.fetchval(COUNT_WORDS)
    if count != known_count:
        words.update(row["word"] for row in await connection.fetch(WORDS))
    return count


async def payers_anywhere(
    connection: Connection, codes: Collection[str], names: Collection[str], most: int
) -> list[tuple[Payer, list[tuple[str, str]]]]:
    """Payers of any site under these keys, with all keys of theirs that are looked up anywhere; and what they owe."""
    rows = await connection.fetch(PAYERS_ANYWHERE, list(codes), list(names), most)
    found = []
    payers: dict[tuple[str, str], Payer] = {}
    for row in rows:
        payer = payers[row["site_id"], row["payer_code"]] = _payer(row)
        keys = [(NAME_AND_CLASS, key) for key in row["name_keys"]]
        found.append((payer, [*keys, (CODE, row["code_key"])] if row["code_key"] else keys))
    if payers:
        sites, owing = zip(*payers, strict=True)
        for notice in await connection.fetch(NOTICES_OF_PAYERS, list(sites), list(owing)):
            payers[notice["site_id"], notice["payer_code"]].notices.append(Owed(**notice))
    return found


async def upsert_notices(connection: Connection, notices: Sequence[Notice]) -> list[str]:
    """Store newer versions of notices, each at most once; returns those that hold more than is due."""
    ordered = sorted(notices, key=lambda notice: notice.notice_id)
    rows = await connection.fetch(
        UPSERT_NOTICES,
        [notice.notice_id for notice in ordered],
        [notice.version for notice in ordered],
        [notice.site_id for notice in ordered],
        [notice.reference for notice in ordered],
        [notice.virtual_account for notice in ordered],
        [notice.fee_kind for notice in ordered],
        [notice.obligation for notice in ordered],
        [notice.due_on for notice in ordered],
        [notice.amount for notice in ordered],
        [notice.status == "cancelled" for notice in ordered],
        [notice.payer_code.reveal() if notice.payer_code else None for notice in ordered],
        [notice.purpose or "" for notice in ordered],
        [notice.period or "" for notice in ordered],
        [notice.issued_on for notice in ordered],
        [notice.priority for notice in ordered],
        [notice.helper_declared_at for notice in ordered],
    )
    return [row["notice_id"] for row in rows if row["is_over_allocated"]]


async def upsert_payers(connection: Connection, notices: Iterable[Notice]) -> None:
    """Keep payers as their newest notices tell them."""
    newest: dict[tuple[str, str], PayerRow] = {}
    words: set[str] = set()
    for notice in notices:
        if notice.payer_code:
            row, payer = _payer_row(notice, notice.payer_code.reveal())
            known_row = newest.get(row[:2])
            if known_row is None or (row.told_on, row.told_by) >= (known_row.told_on, known_row.told_by):
                newest[row[:2]] = row
            words |= name_words(payer)
    if newest:
        rows = [newest[key] for key in sorted(newest)]
        columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
        await connection.execute(UPSERT_PAYERS, *columns[:-1], [_json(keys) for keys in columns[-1]])
        await connection.execute(ADD_WORDS, sorted(words))


async def erase_payers(connection: Connection, erased: Iterable[tuple[str, str]]) -> None:
    """Forget payers (site, code) whom no notice names any more, and what was learned of them."""
    rows = sorted(set(erased))
    if rows:
        await connection.execute(ERASE_PAYERS, [site for site, _ in rows], [code for _, code in rows])


async def change_allocated(connection: Connection, differences: Mapping[str, int]) -> list[Paid]:
    """Add to what is paid of notices, in đồng; returns how they stand then."""
    changed = {notice_id: difference for notice_id, difference in sorted(differences.items()) if difference}
    if not changed:
        return []
    return [Paid(**row) for row in await connection.fetch(CHANGE_ALLOCATED, list(changed), list(changed.values()))]


async def over_allocated(connection: Connection, site_id: str) -> list[str]:
    """Notices of a site that hold more than is due, by a person's decision."""
    return [row["notice_id"] for row in await connection.fetch(OVER_ALLOCATED, site_id)]


def _payer(row: Any) -> Payer:
    return Payer(
        row["site_id"], row["payer_code"], row["name"], row["group_name"], row["guardian_name"], row["guardian_phone"]
    )


def _payer_row(notice: Notice, code: str) -> tuple[PayerRow, Payer]:
    payer = Payer(
        notice.site_id,
        code,
        notice.payer_name.reveal() if notice.payer_name else "",
        notice.group or "",
        notice.guardian_name.reveal() if notice.guardian_name else "",
        notice.guardian_phone.reveal() if notice.guardian_phone else "",
    )
    keys = keys_of(payer)
    code_key = next((key.text for key in keys if key.kind == CODE), None)
    name_keys = sorted({key.text for key in keys if key.kind == NAME_AND_CLASS})
    row = PayerRow(
        payer.site_id, code, payer.name, payer.group, payer.guardian, payer.phone, notice.issued_on, notice.notice_id,
        code_key, name_keys,
    )  # fmt: skip
    return row, payer


def _json(keys: list[str]) -> str:
    """A list inside an array parameter would become a second dimension, so it travels as JSON."""
    return to_json(keys).decode()
