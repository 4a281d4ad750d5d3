"""The next round from the last: the same fees for the same payers, with new days, periods and due day. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from services.notices.notice_rows import NoticeRow
from services.notices.payers.model import Payer
from services.notices.rounds.rule import Exempt, Ruled, notice_id_of
from services.notices.terms import Terms
from shared.events import Notice
from shared.privacy import PayerCode, PersonName


@dataclass(frozen=True, slots=True)
class NextRound:
    """What is different in the next round."""

    site_id: str
    round: str
    due_on: date
    period: str | None = None
    issued_on: date | None = None
    days: Mapping[str, int] = field(default_factory=dict)
    """By fee kind, where days are counted; others count as before."""
    purposes: Mapping[str, str] = field(default_factory=dict)
    """By fee kind; without one the old purpose, with the new period or round for the old."""
    left_out: frozenset[str] = frozenset()
    """Fee kinds that are not asked again."""


def continue_round(
    last: Sequence[tuple[Notice, Terms | None]],
    payers: Mapping[str, Payer],
    wanted: NextRound,
    references: Mapping[tuple[str, str], str],
) -> Ruled:
    """The rows of the next round for those payers who are still there.

    Exemptions, reductions and support go on; absences begin anew. `references`: of open bills that the new notices join,
    by payer code and fee kind.
    """
    made = Ruled()
    times: Counter[tuple[str, str]] = Counter()
    for number, (notice, last_terms) in enumerate(last, start=1):
        code = notice.payer_code.reveal() if notice.payer_code else ""
        payer = payers.get(code)
        if payer is None or not payer.is_active or notice.fee_kind in wanted.left_out:
            continue
        times[code, notice.fee_kind] += 1
        terms = None if last_terms is None else _continued(last_terms, wanted.days.get(notice.fee_kind))
        if terms is not None and terms.amount <= 0:
            made.exempt.append(Exempt(code, notice.fee_kind, terms))
            continue
        place = times[code, notice.fee_kind]
        notice_id = notice_id_of(wanted.site_id, wanted.round, notice.fee_kind, code)
        made.rows.append(
            NoticeRow(
                row=number,
                notice_id=notice_id if place == 1 else f"{notice_id}-{place}",
                site_id=wanted.site_id,
                payer_code=PayerCode(code),
                payer_name=payer.name or PersonName(""),
                group=payer.group,
                guardian_name=payer.guardian_name,
                guardian_phone=payer.guardian_phone,
                purpose=wanted.purposes.get(notice.fee_kind) or _purpose(notice, wanted),
                period=wanted.period,
                amount=notice.amount if terms is None else terms.amount,
                issued_on=wanted.issued_on,
                due_on=wanted.due_on,
                status="open",
                cancelled_on=None,
                reference=references.get((code, notice.fee_kind)),
                virtual_account=notice.virtual_account,
                fee_kind=notice.fee_kind,
                round=wanted.round,
                unit_code=payer.unit_code,
                terms=terms,
            )
        )
    return made


def _continued(terms: Terms, days: int | None) -> Terms:
    return replace(terms, absences=0, days=terms.days if days is None else days)


def _purpose(notice: Notice, wanted: NextRound) -> str:
    """The old purpose with the new period for the old, in whatever case it stands there."""
    purpose = notice.purpose or ""
    for old, new in ((notice.round, wanted.round), (notice.period, wanted.period)):
        if not old or not new:
            continue
        place = purpose.lower().find(old.lower())
        if place >= 0:
            as_before = new.lower() if purpose[place].islower() else new
            return purpose[:place] + as_before + purpose[place + len(old) :]
    return purpose
