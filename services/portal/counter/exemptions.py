"""Who need not pay: freed for a reason (Miễn), or a fee of 0 đồng. Noted at the counter, found again, asked nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import asyncpg

from services.portal import words
from services.portal.web.saying import time_words
from services.portal.web.searches import bare, patterns
from shared.privacy import PayerCode, PersonName
from shared.runtime.postgres import Connection
from shared.vietnamese import search_key

State = Literal["exempt", "free"]
SHOWN_MAX: Final = 20

_COLUMNS = "exemption_id, site_id, payer_name, payer_code, fee, state, reason, noted_by, noted_at"
# By the primary key: the same form is the same word.
ADD = """
insert into exemptions (exemption_id, site_id, payer_name, payer_code, code_key, search_key, fee, state, reason, noted_by, noted_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (exemption_id) do nothing
"""
# By exemptions_of_code; a counter notes a few a day.
FOUND = f"""
select {_COLUMNS} from exemptions where site_id = any($1::text[]) and search_key like all($2::text[])
order by noted_at desc, exemption_id limit {SHOWN_MAX}
"""
OF_CODE = f"""
select {_COLUMNS} from exemptions where site_id = $1 and code_key = $2 order by noted_at desc, exemption_id limit {SHOWN_MAX}
"""
FORGET = "delete from exemptions where site_id = $1 and code_key = $2"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Somebody who need not pay, as noted."""

    exemption_id: str
    site_id: str
    payer_name: PersonName
    payer_code: PayerCode
    fee: str
    state: State
    reason: str
    noted_by: str
    noted_at: datetime

    def said(self, names: Mapping[str, str]) -> str:
        """That it is so, why, and who noted it when."""
        state = words.counter.EXEMPT_STATES[self.state]
        about = ", ".join(part for part in (self.fee, self.reason) if part)
        return words.counter.EXEMPT_SAID.format(
            state=state, about=about or "–", who=names.get(self.noted_by, self.noted_by), time=time_words(self.noted_at)
        )


async def note(connection: Connection, new: Exemption) -> bool:
    """Keep that somebody need not pay; returns whether it was new."""
    name, code = new.payer_name.reveal(), new.payer_code.reveal()
    key = bare(code)
    added: str = await connection.execute(
        ADD, new.exemption_id, new.site_id, name, code, key, search_key(f"{name} {code} {key}"), new.fee, new.state,
        new.reason, new.noted_by, new.noted_at,
    )  # fmt: skip
    return added.endswith("1")


async def found(connection: Connection, sites: Collection[str], text: str) -> list[Exemption]:
    """Whom every word of a text names, the newest first."""
    return [_exemption(row) for row in await connection.fetch(FOUND, list(sites), patterns(text))]


async def of_code(connection: Connection, site_id: str, code: str) -> list[Exemption]:
    """What was noted of a payer or a dossier, the newest first; dots and dashes do not count."""
    key = bare(code)
    return [_exemption(row) for row in await connection.fetch(OF_CODE, site_id, key)] if key else []


async def forget(connection: Connection, site_id: str, code: str) -> None:
    """Forget a payer who was erased; that somebody noted something stays in the audit, which names nobody."""
    await connection.execute(FORGET, site_id, bare(code))


def people_of(noted: Sequence[Exemption]) -> set[str]:
    """Who noted them."""
    return {each.noted_by for each in noted}


def _exemption(row: asyncpg.Record) -> Exemption:
    return Exemption(
        **{**dict(row), "payer_name": PersonName(row["payer_name"]), "payer_code": PayerCode(row["payer_code"])}
    )
