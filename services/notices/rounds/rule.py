"""One fee for many payers: a rule and what is particular to some of them. Pure.

Of a payer's exemption, reduction or support a rule takes the amount and the decision's number, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.notices.notice_rows import NoticeRow
from services.notices.payers.model import Payer
from services.notices.terms import Deduction, Terms
from shared.privacy import PersonName
from shared.runtime.tables import Rejected
from shared.vietnamese import search_key

_NOT_OF_IDS = re.compile(r"[^a-z0-9]+")
_GRADE = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class FeeRule:
    """What every payer of some classes is asked."""

    site_id: str
    round: str
    fee_kind: str
    purpose: str
    price: int
    """In đồng: of a day where days are counted, else of the whole."""
    due_on: date
    days: int = 1
    period: str | None = None
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What is particular to one payer."""

    row: int
    """Its place in the request, from 1: by which it is refused."""
    payer_code: str
    days: int | None = None
    """Instead of the rule's."""
    absences: int = 0
    deductions: tuple[Deduction, ...] = ()
    is_left_out: bool = False
    """Whether this payer gets no notice."""


@dataclass(frozen=True, slots=True)
class Exempt:
    """A payer of whom nothing is left to be asked, with the terms that say so."""

    payer_code: str
    fee_kind: str
    terms: Terms


@dataclass(slots=True)
class Ruled:
    """What a rule makes."""

    rows: list[NoticeRow] = field(default_factory=list)
    exempt: list[Exempt] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def apply_rule(
    rule: FeeRule, payers: Sequence[Payer], adjustments: Sequence[Adjustment], references: Mapping[str, str]
) -> Ruled:
    """The rows of a rule. `references`: of payers whose new notice joins a bill that is still open, by code."""
    made = Ruled()
    by_code: dict[str, Adjustment] = {}
    known = {payer.payer_code.reveal() for payer in payers}
    for each in adjustments:
        first = by_code.setdefault(each.payer_code, each)
        if first is not each:
            made.rejected.append(Rejected(each.row, "payer_code", f"the same as in row {first.row}"))
        elif each.payer_code not in known:
            made.rejected.append(Rejected(each.row, "payer_code", "is nobody whom this rule means"))
    for number, payer in enumerate(payers, start=1):
        code = payer.payer_code.reveal()
        own = by_code.get(code, Adjustment(0, code))
        if own.is_left_out:
            continue
        days = rule.days if own.days is None else own.days
        if own.absences > days:
            made.rejected.append(Rejected(own.row, "absences", "are more than the days"))
            continue
        terms = Terms(rule.price, days, own.absences, own.deductions)
        if terms.amount <= 0:
            made.exempt.append(Exempt(code, rule.fee_kind, terms))
            continue
        made.rows.append(_row(number, rule, payer, terms, references.get(code)))
    return made


def notice_id_of(site_id: str, round_: str, fee_kind: str, payer_code: str) -> str:
    """The id under which a rule asks a payer: always the same, so that a rule that runs again changes only what differs."""
    return "-".join((site_id, slug(round_), slug(fee_kind), payer_code))


def slug(text: str) -> str:
    """A text as a part of an id: "Tháng 11/2026" → "thang-11-2026"."""
    return _NOT_OF_IDS.sub("-", search_key(text)).strip("-")


def grade_of(group: str) -> str:
    """The grade of a class: "10A1" → "10", "Mẫu giáo 5 tuổi B" → "5"; a class without a number is a grade of its own."""
    found = _GRADE.search(group)
    return found[0] if found else group


def _row(number: int, rule: FeeRule, payer: Payer, terms: Terms, reference: str | None) -> NoticeRow:
    is_plain = terms == Terms(terms.price)
    return NoticeRow(
        row=number,
        notice_id=notice_id_of(rule.site_id, rule.round, rule.fee_kind, payer.payer_code.reveal()),
        site_id=rule.site_id,
        payer_code=payer.payer_code,
        payer_name=payer.name or PersonName(""),
        group=payer.group,
        guardian_name=payer.guardian_name,
        guardian_phone=payer.guardian_phone,
        purpose=rule.purpose,
        period=rule.period,
        amount=terms.amount,
        issued_on=rule.issued_on,
        due_on=rule.due_on,
        status="open",
        cancelled_on=None,
        reference=reference,
        virtual_account=None,
        fee_kind=rule.fee_kind,
        round=rule.round,
        unit_code=payer.unit_code,
        terms=None if is_plain else terms,
    )
