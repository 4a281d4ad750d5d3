"""The reports: what is asked of the database for each, and how it stands in its sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.reconciliation.collected_for import store as collected_for
from services.reconciliation.days import queries as days
from services.reconciliation.documents import store as documents
from services.reconciliation.exports.sheets import Column, Title
from services.reconciliation.exports.tabulating import Line, Part, by_day, by_fee, by_group
from services.reconciliation.money_back import refunds
from shared.clock import day_start
from shared.events.reconciliation import CASH_ACCOUNT
from shared.runtime.postgres import Connection

ROWS_MAX = 50_000
"""Most rows of one sheet: beyond it nobody signs."""

# Allocations of a site by class, fee, day and channel. By credits_of_site and the keys of allocations and notices.
PARTS = """
select n.group_name as group, coalesce(n.fee_kind, '') as fee_kind, n.purpose, c.day, c.channel,
  sum(a.amount)::bigint as amount, count(*) as notices
from credits c join allocations a on a.credit_id = c.credit_id left join notices n on n.notice_id = a.notice_id
where c.site_id = $1 and c.day between $2 and $3 and c.direction = 'in'
group by n.group_name, coalesce(n.fee_kind, ''), n.purpose, c.day, c.channel
"""

# By shifts_of_site.
SHIFTS = """
select counter, array_to_string(cashiers, ', ') as cashiers, opened_at, closed_at, opening, expected, counted,
  counted - expected as differs, handed_over, left_in_till, closed_by, reason
from shifts where site_id = $1 and opened_at >= $2 and opened_at < $3 and closed_by is not null
order by opened_at limit $4
"""

# By transactions_in_of_day and deposit_links' key.
DEPOSITS = """
select t.day, t.account, t.transaction_id, t.amount,
  (select coalesce(sum(l.amount), 0)::bigint from deposit_links l where l.deposit_id = t.transaction_id) as cleared
from transactions t join credits c on c.credit_id = t.transaction_id and c.reason = 'cash_deposit'
where t.site_id = $1 and t.day between $2 and $3 and t.counts and t.direction = 'in' order by t.day, t.transaction_id limit $4
"""

# What money collected for others is for, as a notice of each fee kind says it. By notices_collected_for.
PURPOSES = """
select distinct on (fee_kind) fee_kind, purpose from notices
where nature = 'collected_for' and site_id = $1 and purpose is not null order by fee_kind, notice_id desc
"""

SITE = "select name, is_sample from sites where site_id = $1"

_MONEY: Final[dict[str, Any]] = {"kind": "money", "is_summed": True}
_CHANNELS: Final = (
    Column("Số lượt nộp", 10, "count", is_summed=True), Column("Chuyển khoản", 16, **_MONEY), Column("Tiền mặt", 16, **_MONEY),
    Column("Cổng dịch vụ công", 16, **_MONEY), Column("Từ số dư", 16, **_MONEY), Column("Cộng", 18, **_MONEY),
)  # fmt: skip
STATES: Final = {"open": "đang mở", "balanced": "khớp, chưa đủ số liệu", "discrepant": "chênh lệch", "closed": "đã chốt"}
REASONS: Final = {
    "change_error": "Trả lại tiền thừa sai", "receipt_missing": "Thiếu phiếu thu", "counterfeit": "Tiền giả", "other": "Lý do khác",
}  # fmt: skip
"""Why a counted till differs from what had to be in it."""
DATA_IN: Final = {"statement": "sao kê", "balances": "số dư liên tục", "webhooks": "thông báo ngân hàng", "cash": "tiền mặt"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet before it is written."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    words_of: int | None


async def title_of(connection: Connection, site_id: str, first: date, last: date) -> Title | None:
    """What stands above the sheets of a site; None for an unknown one."""
    row = await connection.fetchrow(SITE, site_id)
    if row is None:
        return None
    period = f"Từ ngày {first:%d/%m/%Y} đến ngày {last:%d/%m/%Y}"
    return Title(row["name"], "", period, row["is_sample"])


async def collected(connection: Connection, site_id: str, first: date, last: date) -> list[Sheet]:
    """What was collected by class, by fee and by day on which the money moved."""
    parts = [Part(**dict(row)) for row in await connection.fetch(PARTS, site_id, first, last)]
    fees = [(line.label, line.also, *line.row()[1:]) for line in by_fee(parts)]
    return [
        _collected("Theo lớp", "TỔNG HỢP THU THEO LỚP", Column("Lớp", 16), by_group(parts)),
        Sheet(
            "Theo khoản thu", "TỔNG HỢP THU THEO KHOẢN THU", (Column("Mã", 14), Column("Nội dung", 36), *_CHANNELS), fees, 7
        ),
        _collected("Theo ngày", "TỔNG HỢP THU THEO NGÀY", Column("Ngày", 14, "day"), by_day(parts)),
    ]


def _collected(name: str, title: str, first: Column, lines: Sequence[Line]) -> Sheet:
    return Sheet(name, title, (first, *_CHANNELS), [line.row() for line in lines], 6)


async def day_book(connection: Connection, site_id: str, first: date, last: date) -> list[Sheet]:
    """The day book: what the bank says, what was matched, what is left, what was found late."""
    columns = (
        Column("Ngày", 12, "day"), Column("Tài khoản", 20), Column("Số dư đầu", 16, "money"), Column("Ghi Có", 16, **_MONEY),
        Column("Ghi Nợ", 16, **_MONEY), Column("Số dư cuối", 16, "money"), Column("Đã khớp", 16, **_MONEY),
        Column("Chưa khớp, không phải khoản thu", 16, **_MONEY), Column("Tiền mặt thu", 16, **_MONEY),
        Column("Nộp vào ngân hàng", 16, **_MONEY), Column("Trong đó ghi muộn", 16, **_MONEY), Column("Căn cứ", 16),
        Column("Trạng thái", 14), Column("Người chốt", 14, "people"),
    )  # fmt: skip
    rows = []
    for day in await days.days_between(connection, site_id, first, last):
        late = day["late"] or {}
        rows.append((
            date.fromisoformat(day["date"]), "Tiền mặt" if day["account"] == CASH_ACCOUNT else day["account"],
            day["opening"], day["credits"], day["debits"], day["closing"], day["allocated"], day["suspense"], day["cash"],
            day["deposits"], late.get("credits", 0) + late.get("cash", 0), DATA_IN.get(day["data_in"] or "", ""),
            STATES[day["state"]], "tự động" if day["closed_by"] == "auto" else day["closed_by"] or "",
        ))  # fmt: skip
    return [Sheet("Đối soát ngày", "SỔ ĐỐI SOÁT NGÀY", columns, rows, 6)]


async def cash_journal(connection: Connection, site_id: str, first: date, last: date) -> list[Sheet]:
    """The hand-over journal of shifts, and the deposits."""
    end = day_start(date.fromordinal(last.toordinal() + 1))
    shifts = await connection.fetch(SHIFTS, site_id, day_start(first), end, ROWS_MAX)
    deposits = await connection.fetch(DEPOSITS, site_id, first, last, ROWS_MAX)
    journal = (
        Column("Quầy", 8), Column("Người thu", 20, "people"), Column("Mở ca", 16, "moment"), Column("Chốt ca", 16, "moment"),
        Column("Tồn đầu ca", 14, "money"), Column("Phải có", 16, **_MONEY), Column("Kiểm đếm", 16, **_MONEY),
        Column("Thừa (thiếu)", 14, **_MONEY), Column("Bàn giao", 16, **_MONEY), Column("Để lại quầy", 14, "money"),
        Column("Người nhận", 16, "people"), Column("Lý do", 18),
    )  # fmt: skip
    handed = [(*row[:-1], REASONS.get(row["reason"], row["reason"])) for row in shifts]
    brought = (
        Column("Ngày", 12, "day"), Column("Tài khoản", 20), Column("Giao dịch", 38), Column("Số tiền nộp", 18, **_MONEY),
        Column("Đã đối với phiếu thu", 18, **_MONEY),
    )  # fmt: skip
    return [
        Sheet("Nhật ký thu bàn giao", "NHẬT KÝ THU BÀN GIAO", journal, handed, 8),
        Sheet("Nộp tiền mặt", "TIỀN MẶT NỘP VÀO TÀI KHOẢN", brought, [tuple(row) for row in deposits], 3),
    ]


async def held_for_others(connection: Connection, site_id: str, first: date, last: date) -> list[Sheet]:
    """What was collected for others, handed on, and is still held."""
    columns = (
        Column("Cơ quan nhận", 32), Column("Khoản thu", 18), Column("Đã thu trong kỳ", 18, **_MONEY),
        Column("Đã nộp trong kỳ", 18, **_MONEY), Column("Còn phải nộp", 18, **_MONEY),
    )  # fmt: skip
    purposes = {row["fee_kind"]: row["purpose"] for row in await connection.fetch(PURPOSES, site_id)}
    rows = [
        (row["body"] or "(chưa khai báo)", purposes.get(row["fee_kind"], row["fee_kind"]), row["collected"], row["remitted"],
         row["to_remit"])
        for row in await collected_for.ledger(connection, [site_id], first, last)
    ]  # fmt: skip
    return [Sheet("Thu hộ", "CÁC KHOẢN THU HỘ", columns, rows, 4)]


async def without_document(connection: Connection, site_id: str, first: date, last: date) -> list[Sheet]:
    """Paid notices that have no statutory document yet; in the form in which the list of documents is taken back."""
    columns = (
        Column("Mã khoản thu", 24), Column("Mã người nộp", 16), Column("Họ và tên", 26), Column("Lớp", 10),
        Column("Nội dung", 30), Column("Ngày nộp", 12, "day"), Column("Số tiền", 16, **_MONEY), Column("Số chứng từ", 14),
    )  # fmt: skip
    found = await documents.missing(connection, site_id, first, last, (date(1900, 1, 1), ""), ROWS_MAX)
    rows = [
        (row["notice_id"], row["payer_code"], row["payer_name"], row["group_name"], row["purpose"] or row["fee_kind"],
         row["paid_on"], row["paid"], None)
        for row in found
    ]  # fmt: skip
    return [Sheet("Chưa xuất chứng từ", "ĐÃ THU, CHƯA XUẤT CHỨNG TỪ", columns, rows, 6)]


async def payment_list(connection: Connection, list_id: str) -> tuple[str, date, Sheet] | None:
    """A payment list as it is entered at the bank: to the accounts that paid, and no others."""
    found = await refunds.one_list(connection, list_id)
    if found is None:
        return None
    made, rows = found
    columns = (
        Column("Số tài khoản nhận", 22), Column("Ngân hàng", 18), Column("Tên người nhận", 28),
        Column("Số tiền", 18, **_MONEY), Column("Nội dung", 34), Column("Người đề nghị", 16, "people"),
        Column("Người duyệt", 16, "people"),
    )  # fmt: skip
    lines = [
        (row["to_account"] or "(đã chi)", row["to_bank"], row["to_name"], row["amount"],
         f"Hoan tra {row['refund_id'][-8:]}", row["proposed_by"], row["decided_by"])
        for row in rows
    ]  # fmt: skip
    sheet = Sheet("Bảng kê hoàn trả", "BẢNG KÊ CHI HOÀN TRẢ NGƯỜI NỘP", columns, lines, 3)
    return made["site_id"], made["made_at"].date(), sheet


REPORTS: Final = {
    "collected": collected,
    "days": day_book,
    "cash": cash_journal,
    "collected-for": held_for_others,
    "documents-missing": without_document,
}
"""What GET /exports/{report} knows."""
