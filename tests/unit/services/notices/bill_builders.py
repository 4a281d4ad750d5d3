"""Bills for tests, each in one line."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.notices.bills.model import BillLine, BillView, Payment
from services.notices.terms import Terms
from shared.events import Notice, Site
from shared.events.directory import SiteAccount, SiteSettings
from shared.privacy import PayerCode, PersonName

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def an_account(
    number: str = "0011", begins: date = date(2020, 1, 1), ends: date | None = None, **more: object
) -> SiteAccount:
    return SiteAccount(
        bank_bin="970418", account_number=number, account_name="TRUONG TH AN CHAU", valid_from=begins, valid_to=ends, **more
    )


def a_site(name: str = "Trường Tiểu học An Châu", *accounts: SiteAccount, phone: str | None = "0204 3886 123") -> Site:
    return Site(
        version=1, site_id="s1", name=name, type="school", ownership="public", accounts=accounts or (an_account(),),
        units=(), settings=SiteSettings(), phone=phone,
    )  # fmt: skip


def a_line(
    notice_id: str = "n1", amount: int = 150_000, *, paid: int = 0, obligation: str = "due", status: str = "open",
    due_on: date = date(2026, 11, 30), purpose: str = "Tiền ăn bán trú", period: str | None = None,
    terms: Terms | None = None, name: str = "Nguyễn Thị Ánh Tuyết", group: str | None = "1A", code: str = "HS4321",
) -> BillLine:  # fmt: skip
    notice = Notice(
        version=1, notice_id=notice_id, site_id="s1", bill_id="b1", round="Đợt 1", payer_code=PayerCode(code),
        payer_name=PersonName(name), group=group, guardian_name=None, guardian_phone=None, fee_kind="meals", purpose=purpose,
        period=period, amount=amount, issued_on=date(2026, 11, 1), due_on=due_on, obligation=obligation, status=status,
        cancelled_on=None, reference="KHC3A4B5C6D", virtual_account=None, unit_code=None, link_opened_at=None,
        helper_declared_at=None,
    )  # fmt: skip
    return BillLine(notice, paid, terms)


def a_bill(*lines: BillLine, site: Site | None = None, account: str | None = None, fresh: bool = True) -> BillView:
    made = lines or (a_line(),)
    payments = tuple(
        Payment(f"c-{line.notice.notice_id}", line.notice.notice_id, line.paid, NOW, "bank") for line in made if line.paid
    )
    return BillView("b1", "KHC3A4B5C6D", account, "token", site or a_site(), made, payments, NOW if fresh else None)
