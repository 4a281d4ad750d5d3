"""Runs a rule, a next round or a new school year in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from services.notices import store
from services.notices.fees import store as fee_store
from services.notices.fees.model import ALL_SITES, FeeKind
from services.notices.issuing import ROWS_AT_ONCE, Issuer
from services.notices.notice_rows import COLUMNS, NoticeRow
from services.notices.payers.model import Payer
from services.notices.reports import NoticeReport
from services.notices.rounds import store as round_store
from services.notices.rounds.next_round import NextRound, continue_round
from services.notices.rounds.rule import Adjustment, Exempt, FeeRule, Ruled, apply_rule, grade_of, notice_id_of
from services.notices.store import Act
from shared import clock
from shared.runtime.problems import Problem
from shared.runtime.tables import Rejected

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

SHOWN_MAX = 50
"""Notices that an answer shows as examples of what was understood."""
_GIVEN = frozenset(column.name for column in COLUMNS) - {"status", "cancelled_on", "reference", "virtual_account"}
"""What a rule says of each notice; a cancelled one is not opened again by it."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Which payers a rule means; nothing named: the whole site."""

    groups: Collection[str] = ()
    grades: Collection[str] = ()
    payer_codes: Collection[str] = ()


@dataclass(slots=True)
class RuleReport:
    """What a rule did, or would do."""

    notices: NoticeReport = field(default_factory=NoticeReport)
    payer_count: int = 0
    amount: int = 0
    """Of all notices that it makes or changes, in đồng."""
    exempt: list[Exempt] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Notices that it makes or changes."""
        return self.notices.accepted

    @property
    def unchanged(self) -> int:
        """Notices that stand already, and say the same."""
        return self.notices.unchanged

    @property
    def rejected(self) -> Sequence[Rejected]:
        """What was refused."""
        return self.notices.rejected

    def to_json(self) -> dict[str, Any]:
        """The report of INTERFACES §1, with what was understood."""
        return {
            **self.notices.to_json(),
            "payers": self.payer_count,
            "amount": self.amount,
            "exempt": sorted(each.payer_code for each in self.exempt),
            "notices": self.shown,
        }


async def run_rule(
    connection: Connection,
    rule: FeeRule,
    whom: Whom,
    adjustments: Sequence[Adjustment],
    act: Act,
    *,
    carry_arrears: bool,
) -> RuleReport:
    """Ask one fee of everybody whom a rule means."""
    await store.lock_sites(connection, [rule.site_id])
    payers, rejected = _meant(await round_store.active_payers(connection, rule.site_id), whom)
    kinds = await fee_store.of_sites(connection, [ALL_SITES, rule.site_id])
    account = _account(kinds, rule.site_id, rule.fee_kind, rule)
    references: dict[str, str] = {}
    if carry_arrears:
        open_bills = await _joined(connection, rule.site_id, rule.round, payers)
        references = {code: reference for (code, number), reference in open_bills.items() if number == account}
        standing = [notice_id_of(rule.site_id, rule.round, rule.fee_kind, code) for code in references]
        known, _ = await store.notices_by_id(connection, standing)
        # A notice keeps the bill that its payer may hold on paper.
        references = {code: each for code, each in references.items() if _id(rule, code) not in known}
    ruled = apply_rule(rule, payers, adjustments, references)
    ruled.rejected += rejected
    report = RuleReport(payer_count=len(payers))
    await _issue(connection, ruled, act, report)
    await _keep_exempt(connection, rule.site_id, rule.round, ruled.exempt, act, report)
    return report


async def run_next_round(
    connection: Connection, last_round: str, wanted: NextRound, act: Act, *, carry_arrears: bool
) -> RuleReport:
    """Ask the fees of a round again."""
    await store.lock_sites(connection, [wanted.site_id])
    last = await round_store.notices_of_round(connection, wanted.site_id, last_round)
    if not last:
        raise Problem(404, "unknown_round", "this site has no open notices of that round")
    payers = {payer.payer_code.reveal(): payer for payer in await round_store.active_payers(connection, wanted.site_id)}
    kinds = await fee_store.of_sites(connection, [ALL_SITES, wanted.site_id])
    references: dict[tuple[str, str], str] = {}
    if carry_arrears:
        open_bills = await _joined(connection, wanted.site_id, wanted.round, list(payers.values()))
        accounts = {notice.fee_kind: _account(kinds, wanted.site_id, notice.fee_kind, wanted) for notice, _ in last}
        references = {
            (code, fee_kind): open_bills[code, account]
            for code in payers
            for fee_kind, account in accounts.items()
            if (code, account) in open_bills
        }
    ruled = continue_round(last, payers, wanted, references)
    known, _ = await store.notices_by_id(connection, [row.notice_id for row in ruled.rows])
    ruled.rows = [replace(row, reference=None) if row.notice_id in known else row for row in ruled.rows]
    report = RuleReport(payer_count=len({row.payer_code for row in ruled.rows}))
    await _issue(connection, ruled, act, report)
    await _keep_exempt(connection, wanted.site_id, wanted.round, ruled.exempt, act, report)
    return report


async def _issue(connection: Connection, ruled: Ruled, act: Act, report: RuleReport) -> None:
    report.notices.add_rejected(ruled.rejected)
    issuer = Issuer(connection, act)
    for start in range(0, len(ruled.rows), ROWS_AT_ONCE):
        chunk = ruled.rows[start : start + ROWS_AT_ONCE]
        plan = await issuer.issue(chunk, _GIVEN)
        report.notices.add(plan)
        report.amount += sum(change.notice.amount for change in plan.changes)
        report.shown += [_shown(row) for row in chunk[: SHOWN_MAX - len(report.shown)]]
    report.exempt += ruled.exempt


def _shown(row: NoticeRow) -> dict[str, Any]:
    return {
        "notice_id": row.notice_id,
        "payer_code": row.payer_code.reveal(),
        "payer_name": row.payer_name.reveal(),
        "group": row.group,
        "purpose": row.purpose,
        "amount": row.amount,
        "terms": None if row.terms is None else row.terms.to_json(),
        "joins": row.reference,
    }


async def _keep_exempt(
    connection: Connection, site_id: str, round_: str, exempt: Sequence[Exempt], act: Act, report: RuleReport
) -> None:
    if not exempt:
        return
    if not report.notices.accepted:  # then no notice has noted the act
        await store.add_act(connection, act)
    await round_store.put_exempt(connection, site_id, round_, act.act_id, exempt)


async def _joined(
    connection: Connection, site_id: str, round_: str, payers: Sequence[Payer]
) -> dict[tuple[str, str | None], str]:
    return await round_store.open_bills(connection, site_id, [payer.payer_code.reveal() for payer in payers], round_)


def _meant(payers: Sequence[Payer], whom: Whom) -> tuple[list[Payer], list[Rejected]]:
    """Whom the rule means, and what it names that nobody is."""
    groups = {payer.group for payer in payers if payer.group}
    grades = {grade_of(group) for group in groups}
    codes = {payer.payer_code.reveal() for payer in payers}
    rejected = [
        Rejected(number, column, f"no payer is known of this {word}")
        for column, word, named, there in (
            ("groups", "class", whom.groups, groups),
            ("grades", "grade", whom.grades, grades),
            ("payer_codes", "code", whom.payer_codes, codes),
        )
        for number, each in enumerate(named, start=1)
        if each not in there
    ]
    if not (whom.groups or whom.grades or whom.payer_codes):
        if not payers:
            rejected.append(
                Rejected(1, "site_id", "no payer of this site is known; import a list of payers or notices first")
            )
        return list(payers), rejected
    return [
        payer
        for payer in payers
        if payer.payer_code.reveal() in whom.payer_codes
        or (payer.group and (payer.group in whom.groups or grade_of(payer.group) in whom.grades))
    ], rejected


def _account(kinds: Sequence[FeeKind], site_id: str, fee_kind: str, asked: FeeRule | NextRound) -> str | None:
    """The account that the fee kind names on the day of issue; a site's own kinds stand before those of all sites."""
    day = asked.issued_on or clock.local_day(clock.now())
    named = [each for each in kinds if each.fee_kind == fee_kind and each.holds_on(day)]
    own = sorted(named, key=lambda kind: kind.site_id != site_id)
    return own[0].account_number if own else None


def _id(rule: FeeRule, code: str) -> str:
    return notice_id_of(rule.site_id, rule.round, rule.fee_kind, code)
