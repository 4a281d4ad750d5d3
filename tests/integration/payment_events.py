"""Events of the payment topics in one line each, for tests of the services that derive figures from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from shared.clock import LOCAL
from shared.events import BankStatement, BankTransaction, Credit, Notice, Site, Unit
from shared.events.bank import Sighting, StatementLine
from shared.events.directory import SiteAccount, SiteSettings, SiteUnit
from shared.events.payments import Allocation, SuspenseParts, UndoneAllocation

ACCOUNT = "0711000123456"


def at(day: date, hour: int = 9) -> datetime:
    """A moment of a local day."""
    return datetime.combine(day, time(hour), LOCAL).astimezone(UTC)


def a_transaction(transaction_id: str, day: date, amount: int = 100_000, **more: object) -> BankTransaction:
    moment = at(day)
    values: dict[str, object] = {
        "transaction_id": transaction_id, "version": 1, "status": "live", "account": ACCOUNT, "site_id": "TH1",
        "virtual_account": None, "amount": amount, "direction": "in", "occurred_at": moment, "received_at": moment,
        "memo": None, "counter_name": None, "counter_account": None, "counter_bank": None, "bank_reference": None,
        "balance_after": None, "provider": "sepay", "seen_by": "webhook",
        "sightings": (Sighting(provider="sepay", seen_by="webhook", received_at=moment),),
    }  # fmt: skip
    return BankTransaction.model_validate(values | more)


def a_credit(
    credit_id: str, day: date, amount: int = 100_000, *, pays: dict[str, int] | None = None, **more: object
) -> Credit:
    """A credit that pays these notices; what is left stands in suspense."""
    moment = at(day)
    pays = pays or {}
    suspense = amount - sum(pays.values())
    values: dict[str, object] = {
        "credit_id": credit_id, "version": 1, "site_id": "TH1", "account": ACCOUNT, "channel": "bank", "direction": "in",
        "occurred_at": moment, "received_at": moment, "provider": "sepay", "counter_bank": None, "amount": amount,
        "suspense": suspense, "suspense_parts": SuspenseParts(unidentified=suspense),
        "status": "matched" if pays else "unmatched",
        "allocations": tuple(
            Allocation(
                allocation_id=f"{credit_id}/{notice_id}", notice_id=notice_id, amount=part, paid_through="unknown",
                decided_by="auto", decided_at=moment,
            )
            for notice_id, part in pays.items()
        ),
        "undone": (), "intended_notice_id": None, "reason": "reference" if pays else "none", "evidence": (),
        "candidates": (), "document_number": None, "reverses": None, "reversed_by": None, "partition_origin": ACCOUNT,
    }  # fmt: skip
    return Credit.model_validate(values | more)


def cash(credit_id: str, day: date, amount: int = 100_000, **more: object) -> Credit:
    """A cash receipt."""
    site = str(more.get("site_id", "TH1"))
    more = {"channel": "cash", "account": None, "reason": "cash_receipt", "partition_origin": site, **more}
    return a_credit(credit_id, day, amount, **more)  # type: ignore[arg-type]


def undone(credit: Credit) -> Credit:
    """The credit's next version, in which a person took all allocations back."""
    gone = tuple(
        UndoneAllocation(**each.model_dump(), undone_by="kt1", undone_at=each.decided_at, reason="nhầm")
        for each in credit.allocations
    )
    return credit.model_copy(
        update={
            "version": credit.version + 1, "allocations": (), "undone": gone, "suspense": credit.amount,
            "suspense_parts": SuspenseParts(unidentified=credit.amount), "status": "unmatched",
        }
    )  # fmt: skip


def a_notice(notice_id: str, payer_code: str | None = None, **more: object) -> Notice:
    values: dict[str, object] = {
        "notice_id": notice_id, "version": 1, "site_id": "TH1", "bill_id": f"bill-{notice_id}", "round": None,
        "payer_code": payer_code or f"HS-{notice_id}", "payer_name": "Nguyễn Văn An", "group": None, "guardian_name": None,
        "guardian_phone": None, "fee_kind": "meals", "purpose": None, "period": None, "amount": 100_000,
        "issued_on": date(2026, 1, 1), "due_on": date(2026, 12, 31), "obligation": "due", "status": "open",
        "cancelled_on": None, "reference": f"KH{notice_id}", "virtual_account": None, "unit_code": None,
        "link_opened_at": None, "helper_declared_at": None,
    }  # fmt: skip
    return Notice.model_validate(values | more)


def a_site(site_id: str = "TH1", *, units: dict[str, date] | None = None, **more: object) -> Site:
    """A school; `units` are its units by their first day there."""
    stays = sorted((units or {"07615": date(2020, 1, 1)}).items(), key=lambda stay: stay[1])
    ends = [starts - timedelta(days=1) for _, starts in stays[1:]] + [None]
    values: dict[str, object] = {
        "site_id": site_id, "version": 1, "name": f"Trường {site_id}", "type": "school", "ownership": "public",
        "accounts": (
            SiteAccount(bank_bin="970436", account_number=ACCOUNT, account_name=site_id, valid_from=date(2020, 1, 1), valid_to=None),
        ),
        "units": tuple(
            SiteUnit(unit_code=code, valid_from=starts, valid_to=end) for (code, starts), end in zip(stays, ends, strict=True)
        ),
        "settings": SiteSettings(),
    }  # fmt: skip
    return Site.model_validate(values | more)


def a_unit(code: str, level: str, parent: str | None, starts: date = date(2020, 1, 1), **more: object) -> Unit:
    values: dict[str, object] = {
        "unit_code": code, "version": 1, "name": f"Đơn vị {code}", "level": level, "parent_code": parent, "valid_from": starts,
        "valid_to": None, "succeeded_by": (), "population": None, "people_15_plus": None, "households": None,
        "group_members": None,
    }  # fmt: skip
    return Unit.model_validate(values | more)


def a_statement(statement_id: str, first: date, last: date, lines: list[BankTransaction], **more: object) -> BankStatement:
    """A statement that agrees with itself, opening at one million."""
    credits = sum(line.amount for line in lines if line.direction == "in")
    debits = sum(line.amount for line in lines if line.direction == "out")
    values: dict[str, object] = {
        "statement_id": statement_id, "version": 1, "account": ACCOUNT, "site_id": "TH1", "from": first, "to": last,
        "opening": 1_000_000, "credits": credits, "debits": debits, "closing": 1_000_000 + credits - debits,
        "lines": tuple(
            StatementLine(
                line=number, transaction_id=line.transaction_id, amount=line.amount, direction=line.direction,
                occurred_at=line.occurred_at, bank_reference=None,
            )
            for number, line in enumerate(lines)
        ),
        "gaps": (), "source": "csv/vietcombank",
    }  # fmt: skip
    return BankStatement.model_validate(values | more)
