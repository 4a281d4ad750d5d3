"""Issuing: from rows, however they came, to stored and published notices, inside one transaction."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING

from services.notices import store, views
from services.notices.fees import store as fee_store
from services.notices.fees.model import ALL_SITES, FeeKind, FeeList
from services.notices.model import (
    Bill,
    Change,
    Known,
    Plan,
    Rules,
    derived_bill_id,
    plan_issue,
    with_references,
    without_sums_too_large,
)
from services.notices.notice_rows import NoticeRow
from services.notices.payers import store as payer_store
from services.notices.payers.model import class_key
from services.notices.sites import UNKNOWN_SITE, Waiting
from services.notices.store import Act
from shared import clock
from shared.events import Site
from shared.reference import random_reference
from shared.runtime.outbox import enqueue
from shared.runtime.problems import Problem
from shared.runtime.tables import Rejected

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

ROWS_AT_ONCE = 2_000
"""Rows of one statement: far below its time limit, and few enough to keep memory small."""
NEW_GROUP = "is a class in which the school has no payer yet; put it right, or say that it is new"
DRAWS_MAX = 20
"""Draws of references before giving up; at a hundred million issued one in two still succeeds."""


class Issuer:
    """Issues notices chunk by chunk in the transaction of its connection; each chunk sees what those before it stored."""

    def __init__(
        self, connection: Connection, act: Act, *, publish: bool = True, is_noted: bool = False,
        new_groups: Collection[str] | None = None,
    ) -> None:  # fmt: skip
        """`publish`: False where the transaction will be rolled back, so that nothing is written for the relay.

        `is_noted`: whether the act is stored already.
        `new_groups`: the classes that a person says are new; others that no payer of the school is in are refused. None: nobody was
        asked, so they are taken, and warned of once.
        """
        self._connection = connection
        self._act = act
        self._publish = publish
        self._waiting = Waiting()
        self._sites: dict[str, Site] = {}
        self._unknown: set[str] = set()
        self._kinds: list[FeeKind] | None = None
        self._is_noted = is_noted
        self._new_groups = None if new_groups is None else {class_key(group) for group in new_groups}
        self._groups: dict[str, set[str]] = {}

    async def issue(self, rows: Sequence[NoticeRow], given: AbstractSet[str]) -> Plan:
        """Decide and store at most ROWS_AT_ONCE rows; what is refused stands in the plan and is not stored."""
        await self._meet_sites({row.site_id for row in rows})
        doubted = [row for row in rows if row.site_id in self._sites and self._is_new_group(row)]
        refused = {row.row for row in doubted} if self._new_groups is not None else set()
        sound = [row for row in rows if row.site_id in self._sites and row.row not in refused]
        rules = Rules(FeeList(self._kinds or (), self._sites), self._sites)
        known = await self._known(sound)
        today = clock.local_day(clock.now())
        # In a thread: a large chunk must not keep the process from consuming and answering.
        plan = await asyncio.to_thread(plan_issue, sound, given, known, rules, today)
        plan.rejected += [Rejected(row.row, "site_id", UNKNOWN_SITE) for row in rows if row.site_id not in self._sites]
        told = [Rejected(row.row, "group", NEW_GROUP) for row in doubted]
        if refused:
            plan.rejected += told
        else:
            plan.warnings += [each for row, each in zip(doubted, told, strict=True) if self._is_met_first(row)]
        changing = [change.notice for change in plan.changes]
        bill_ids = {notice.bill_id for notice in changing} - plan.new_bills.keys()
        others = await store.open_sums(self._connection, bill_ids, [notice.notice_id for notice in changing])
        without_sums_too_large(plan, others)
        plan.changes = await self._store(plan)
        return plan

    async def _meet_sites(self, site_ids: set[str]) -> None:
        """Know and lock the sites that were not met before."""
        new = site_ids - self._sites.keys() - self._unknown
        if not new:
            return
        known = await self._waiting.for_sites(self._connection, new)
        self._unknown |= new - known
        await store.lock_sites(self._connection, known)
        self._sites |= await views.sites(self._connection, known)
        schools = [site_id for site_id in known if self._sites[site_id].type == "school"]
        for site_id, groups in (await payer_store.groups(self._connection, schools)).items():
            self._groups[site_id] = {class_key(group) for group in groups}
        self._kinds = await fee_store.of_sites(self._connection, {ALL_SITES, *self._sites})

    def _is_new_group(self, row: NoticeRow) -> bool:
        """Whether the school has classes, and the row's is none of them."""
        group = class_key(row.group)
        return bool(group) and group not in self._groups.get(row.site_id, {group}) and group not in (self._new_groups or ())

    def _is_met_first(self, row: NoticeRow) -> bool:
        known, group = self._groups[row.site_id], class_key(row.group)
        is_first = group not in known
        known.add(group)
        return is_first

    async def _known(self, rows: Sequence[NoticeRow]) -> Known:
        notices, terms = await store.notices_by_id(self._connection, [row.notice_id for row in rows])
        accounts = {kind.account_number for kind in self._kinds or ()} | {None}
        derived = {derived_bill_id(row, account) for row in rows for account in accounts}
        return Known(
            notices,
            await store.bills_by_id(self._connection, derived | {notice.bill_id for notice in notices.values()}),
            await store.bills_by_reference(self._connection, {row.reference for row in rows if row.reference is not None}),
            await payer_store.by_code(self._connection, {(row.site_id, row.payer_code) for row in rows}),
            terms,
        )

    async def _store(self, plan: Plan) -> list[Change]:
        if not plan.changes:
            return []
        if not self._is_noted:
            await store.add_act(self._connection, self._act)
            self._is_noted = True
        references = await self._add_bills(list(plan.new_bills.values()))
        changes = with_references(plan.changes, references)
        await payer_store.put(self._connection, list(plan.payers.values()))
        if await store.put_changes(self._connection, changes, self._act) != len(changes):
            raise Problem(409, "changed_meanwhile", "another command took one of these notice ids; send it again")
        if self._publish:
            await enqueue(self._connection, [change.notice for change in changes])
        return changes

    async def _add_bills(self, bills: Sequence[Bill]) -> dict[str, str]:
        """Store new bills; those without a reference get one that no other bill has or had. Returns bill id → reference."""
        told = [bill for bill in bills if bill.reference is not None]
        references = await store.add_bills(self._connection, told)
        if len(references) != len(told):
            raise Problem(409, "changed_meanwhile", "another command took one of these references; send it again")
        chance = random.SystemRandom()
        left = [bill for bill in bills if bill.reference is None]
        for _ in range(DRAWS_MAX):
            if not left:
                return references
            drawn = [replace(bill, reference=random_reference(chance)) for bill in left]
            references |= await store.add_bills(self._connection, drawn)
            left = [bill for bill in left if bill.bill_id not in references]
        if left:
            raise Problem(503, "no_reference_free", "no free reference was found; send it again")
        return references
