"""Events in one line each, as the portal meets them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.events import BankTransaction, Credit, Notice, Site, Unit
from shared.events.directory import SiteAccount, SiteSettings, SiteUnit
from shared.events.payments import Allocation, SuspenseParts

NOON = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)
"""14:05 on 23/11/2026 in Vietnam."""
SITE = "TH-AN-CHAU"
SINCE = date(2025, 7, 1)


def a_site(site_id: str = SITE, name: str = "Trường Tiểu học An Châu", *, sample: bool = True, version: int = 1,
           type: str = "school") -> Site:  # noqa: A002  # fmt: skip
    return Site(
        version=version,
        site_id=site_id,
        name=name,
        type=type,
        ownership="public",
        accounts=(
            SiteAccount(
                bank_bin="970436", account_number=f"ACC{site_id}", account_name="X", valid_from=SINCE, valid_to=None
            ),
        ),
        units=(SiteUnit(unit_code="07615", valid_from=SINCE, valid_to=None),),
        settings=SiteSettings(),
        sample=sample,
    )


def a_unit(name: str = "Xã Sơn Động") -> Unit:
    return Unit(
        version=1, unit_code="07615", name=name, level="commune", parent_code="24", valid_from=SINCE,
        valid_to=None, succeeded_by=(), population=None, people_15_plus=None, households=None, group_members=None,
    )  # fmt: skip


def a_notice(notice_id: str = "n1", **changes: Any) -> Notice:
    values: dict[str, Any] = {
        "version": 1, "site_id": SITE, "bill_id": "b1", "round": None, "payer_code": "HS001", "payer_name": "Nguyễn Văn An",
        "group": "3A", "guardian_name": None, "guardian_phone": None, "fee_kind": "meals", "purpose": "Tiền ăn bán trú",
        "period": "tháng 11/2026", "amount": 150_000, "issued_on": date(2026, 11, 1), "due_on": date(2026, 11, 30),
        "obligation": "due", "status": "open", "cancelled_on": None, "reference": "KHABCDEFGH", "virtual_account": None,
        "unit_code": None, "link_opened_at": None, "helper_declared_at": None,
    }  # fmt: skip
    return Notice.model_validate({**values, "notice_id": notice_id, **changes})


def a_transaction(
    transaction_id: str = "c1", *, counter_name: str | None = "LE THI HOA", version: int = 1
) -> BankTransaction:
    return BankTransaction.model_validate({
        "version": version, "transaction_id": transaction_id, "status": "live", "account": f"ACC{SITE}", "site_id": SITE,
        "virtual_account": None, "amount": 150_000, "direction": "in", "occurred_at": NOON, "received_at": NOON,
        "memo": "nop tien", "counter_name": counter_name, "counter_account": "0123456789", "counter_bank": None,
        "bank_reference": None, "balance_after": None, "provider": "standard", "seen_by": "webhook", "sightings": (),
    })  # fmt: skip


def a_credit(
    credit_id: str = "c1",
    pays: dict[str, int] | None = None,
    *,
    amount: int | None = None,
    part: str = "unidentified",
    minutes: float = 0,
    **changes: Any,
) -> Credit:
    """A credit that pays notices (`pays`: notice to đồng); what is over goes to the suspense's `part`."""
    pays = {} if pays is None else pays
    amount = sum(pays.values()) or 150_000 if amount is None else amount
    suspense = amount - sum(pays.values())
    moment = NOON + timedelta(minutes=minutes)
    values: dict[str, Any] = {
        "version": 1, "site_id": SITE, "account": f"ACC{SITE}", "channel": "bank", "direction": "in", "occurred_at": moment,
        "received_at": moment, "provider": "standard", "counter_bank": None, "amount": amount, "suspense": suspense,
        "suspense_parts": SuspenseParts(**({part: suspense} if suspense else {})),
        "status": "matched" if pays else "unmatched",
        "allocations": tuple(
            Allocation(
                allocation_id=f"{credit_id}/{notice_id}", notice_id=notice_id, amount=paid, paid_through="unknown",
                decided_by="auto", decided_at=moment,
            )
            for notice_id, paid in pays.items()
        ),
        "undone": (), "intended_notice_id": None, "reason": "reference" if pays else "none", "evidence": (),
        "candidates": (), "document_number": None, "reverses": None, "reversed_by": None, "partition_origin": SITE,
    }  # fmt: skip
    return Credit.model_validate({**values, "credit_id": credit_id, **changes})
