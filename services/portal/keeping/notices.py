"""Notices, and the payers that they name."""

from __future__ import annotations

from collections.abc import Sequence

from services.portal.keeping.figures import count_installation, revise
from shared.events import Notice
from shared.runtime.postgres import Connection
from shared.vietnamese import search_key

UPSERT_NOTICES = """
insert into notices as t
  (notice_id, version, site_id, bill_id, reference, round, payer_code, payer_name, payer_group, guardian_name,
   guardian_phone, purpose, period, fee_kind, amount, obligation, issued_on, due_on, status, is_settled)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::text[], $17::date[],
  $18::date[], $19::text[], $20::boolean[])
on conflict (notice_id) do update set
  version = excluded.version, site_id = excluded.site_id, bill_id = excluded.bill_id, reference = excluded.reference,
  round = excluded.round, payer_code = excluded.payer_code, payer_name = excluded.payer_name,
  payer_group = excluded.payer_group, guardian_name = excluded.guardian_name, guardian_phone = excluded.guardian_phone,
  purpose = excluded.purpose, period = excluded.period, fee_kind = excluded.fee_kind, amount = excluded.amount,
  obligation = excluded.obligation, issued_on = excluded.issued_on, due_on = excluded.due_on, status = excluded.status,
  is_settled = excluded.is_settled
where excluded.version > t.version
"""

# A payer is as the newest notice says, whatever the order in which notices come: by the day of issue, then by id. A newer
# version of that very notice (a corrected name, an erasure) replaces what the older one said.
UPSERT_PAYERS = """
insert into payers as t
  (site_id, payer_code, issued_on, notice_id, payer_name, payer_group, guardian_name, guardian_phone, search_key)
select * from unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
on conflict (site_id, payer_code) do update set
  issued_on = excluded.issued_on, notice_id = excluded.notice_id, payer_name = excluded.payer_name,
  payer_group = excluded.payer_group, guardian_name = excluded.guardian_name, guardian_phone = excluded.guardian_phone,
  search_key = excluded.search_key
where (excluded.issued_on, excluded.notice_id) >= (t.issued_on, t.notice_id)
"""

# Whom a notice named before it was erased, and payers whom no notice names any more. By the primary keys and notices_of_payer.
NAMED_BEFORE = """
select distinct site_id, payer_code from notices where notice_id = any($1::text[]) and payer_code is not null
"""
FORGET_PAYERS = """
delete from payers p using unnest($1::text[], $2::text[]) as gone (site_id, payer_code)
where p.site_id = gone.site_id and p.payer_code = gone.payer_code and not exists (
  select from notices n where n.site_id = gone.site_id and n.payer_code = gone.payer_code)
"""


async def keep_notices(connection: Connection, notices: Sequence[Notice]) -> None:
    """Keep the notices and their payers, and tell the pages of their sites: a payment may have come before its notice."""
    erased = [notice.notice_id for notice in notices if notice.payer_code is None]
    named = await connection.fetch(NAMED_BEFORE, erased) if erased else []
    await connection.execute(
        UPSERT_NOTICES,
        [notice.notice_id for notice in notices],
        [notice.version for notice in notices],
        [notice.site_id for notice in notices],
        [notice.bill_id for notice in notices],
        [notice.reference for notice in notices],
        [notice.round for notice in notices],
        [notice.payer_code for notice in notices],
        [notice.payer_name for notice in notices],
        [notice.group for notice in notices],
        [notice.guardian_name for notice in notices],
        [notice.guardian_phone for notice in notices],
        [notice.purpose for notice in notices],
        [notice.period for notice in notices],
        [notice.fee_kind for notice in notices],
        [notice.amount for notice in notices],
        [notice.obligation for notice in notices],
        [notice.issued_on for notice in notices],
        [notice.due_on for notice in notices],
        [notice.status for notice in notices],
        [notice.settled is not None for notice in notices],
    )
    await _keep_payers(connection, notices)
    if named:
        await connection.execute(FORGET_PAYERS, [row["site_id"] for row in named], [row["payer_code"] for row in named])
    await revise(connection, {notice.site_id for notice in notices})
    await count_installation(connection)


async def _keep_payers(connection: Connection, notices: Sequence[Notice]) -> None:
    newest: dict[tuple[str, str], Notice] = {}
    for notice in notices:
        if notice.payer_code:
            key = (notice.site_id, notice.payer_code.reveal())
            known = newest.get(key)
            if known is None or (notice.issued_on, notice.notice_id) >= (known.issued_on, known.notice_id):
                newest[key] = notice
    told = sorted(newest.items())
    await connection.execute(
        UPSERT_PAYERS,
        [site_id for (site_id, _), _ in told],
        [code for (_, code), _ in told],
        [notice.issued_on for _, notice in told],
        [notice.notice_id for _, notice in told],
        [notice.payer_name for _, notice in told],
        [notice.group for _, notice in told],
        [notice.guardian_name for _, notice in told],
        [notice.guardian_phone for _, notice in told],
        [_words_of(notice) for _, notice in told],
    )


def _words_of(notice: Notice) -> str:
    """What a payer is found by: name, class, code, the guardian's name and phone.

    A code stands there once more without its dots and dashes: so people type dossier codes, and so banks write them.
    """
    parts = (notice.payer_name, notice.group, notice.payer_code, notice.guardian_name, notice.guardian_phone)
    squeezed = "".join(letter for letter in (notice.payer_code.reveal() if notice.payer_code else "") if letter.isalnum())
    return search_key(" ".join([*(str.__str__(part) for part in parts if part), squeezed]))
