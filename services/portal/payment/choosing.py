"""Which notices a person may mean: found by any part of a name, a class, a code, a phone, or a whole memo that was pasted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.portal.payment.loading import NOTICE_COLUMNS, NoticeSeen, notice_from
from services.portal.web.searches import patterns
from shared.reference import find_references
from shared.runtime.postgres import Connection

PAYERS_MAX: Final = 20
NOTICES_MAX: Final = 120
LONGEST: Final = 1_000

# By notices_of_reference.
BY_REFERENCE = f"""
select {NOTICE_COLUMNS} from notices n where n.reference = any($1::text[]) and n.site_id = $2
order by n.due_on, n.notice_id limit {NOTICES_MAX}
"""
# By the primary key's first column: a row a payer of the site, hundreds.
PAYERS = f"""
select payer_code from payers where site_id = $1 and search_key like all($2::text[])
order by payer_group, search_key limit {PAYERS_MAX}
"""
# By notices_of_payer.
OF_PAYERS = f"""
select {NOTICE_COLUMNS} from notices n
where n.site_id = $1 and n.payer_code = any($2::text[]) and n.status = 'open'
order by n.payer_group, n.payer_name, n.payer_code, n.due_on, n.notice_id limit {NOTICES_MAX}
"""


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer with the notices that are open."""

    notices: Sequence[NoticeSeen]

    @property
    def first(self) -> NoticeSeen:
        """The notice that says who it is."""
        return self.notices[0]


async def found(connection: Connection, site_id: str, text: str) -> list[Payer]:
    """The payers that a text may mean, each with open notices first."""
    references = [each.reference for each in find_references(text)]
    rows = await connection.fetch(BY_REFERENCE, references, site_id) if references else []
    if not rows:
        codes = [row["payer_code"] for row in await connection.fetch(PAYERS, site_id, patterns(text))]
        rows = await connection.fetch(OF_PAYERS, site_id, codes)
    return _by_payer([notice_from(row) for row in rows])


def _by_payer(notices: Sequence[NoticeSeen]) -> list[Payer]:
    payers: dict[str, list[NoticeSeen]] = {}
    for notice in notices:
        key = notice.payer_code.reveal() if notice.payer_code else notice.notice_id
        payers.setdefault(key, []).append(notice)
    found_ones = [Payer(sorted(each, key=_open_and_due_first)) for each in payers.values()]
    return sorted(found_ones, key=lambda payer: not any(notice.open for notice in payer.notices))


def _open_and_due_first(notice: NoticeSeen) -> tuple[bool, date, str]:
    return not notice.open, notice.due_on, notice.notice_id
