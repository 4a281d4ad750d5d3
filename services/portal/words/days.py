"""Words of the reconciliation of days: đối soát ngày, chênh lệch, chốt."""

from __future__ import annotations

from typing import Final

TITLE = "Đối soát ngày"
COLUMNS = ("Ngày", "Tài khoản", "Ngân hàng báo", "Tin báo nhận", "Đã khớp", "Chưa khớp", "Chênh lệch", "Trạng thái")
CASH = "Tiền mặt"
NO_STATEMENT = "chưa có sao kê"
STATES: Final[dict[str, str]] = {
    "open": "đang mở",
    "balanced": "khớp",
    "discrepant": "chênh lệch",
    "closed": "đã chốt",
}
STATE_KINDS: Final[dict[str, str]] = {"open": "", "balanced": "ok", "discrepant": "bad", "closed": "ok"}
"""The colour of a state; its word says it too."""
EMPTY = "Chưa có ngày nào trong khoảng này."
FRESH = "Số liệu ngân hàng đến {moment}."
NEVER_FRESH = "Chưa có số liệu ngân hàng."
CLOSED_BY = "{who} chốt lúc {time}"
CLOSED_AUTO = "tự chốt lúc {time}"
OPENING = "Số dư đầu ngày"
CREDITS = "Tin báo ghi Có"
DEBITS = "Tin báo ghi Nợ"
BANK_CREDITS = "Sao kê ghi Có"
BANK_DEBITS = "Sao kê ghi Nợ"
CLOSING = "Số dư cuối ngày"
ALLOCATED = "Đã khớp vào khoản thu"
SUSPENSE = "Chưa khớp"
CASH_IN = "Tiền mặt thu trong ngày"
DEPOSITS = "Tiền mặt nộp vào tài khoản"
DIFFERENCE = "Chênh lệch giữa sao kê và tin báo"
LATE = "Ghi muộn từ ngày đã chốt: {count} khoản, {amount}"
CLOSE = "Chốt ngày"
CLOSE_WITH_REASON = "Chốt ngày còn chênh lệch"
CLOSE_REASON = "Vì sao vẫn chốt"
CLOSE_REASONS: Final[dict[str, str]] = {
    "bank_fee": "Phí ngân hàng",
    "bank_corrects_later": "Ngân hàng sẽ sửa",
    "statement_unavailable": "Không lấy được sao kê",
    "small_difference": "Chênh lệch nhỏ",
    "counted_later": "Sẽ kiểm đếm sau",
    "other": "Lý do khác",
}
NOT_BEGUN = "Ngày này chưa đến."
DAY_DIFFERS = "Ngày này còn chênh lệch. Chọn lý do nếu vẫn chốt."
CLOSE_IN_ORDER = "Tiền mặt chốt lần lượt từng ngày: còn ngày trước chưa chốt."
UNDECIDED = "Còn giao dịch chưa được xét; xin thử lại sau ít giây."
UNKNOWN_DAY = "Không có gì trong ngày này."
CLOSED_ONCE = "Ngày đã chốt không thay đổi nữa; khoản đến muộn ghi vào ngày phát hiện."
TRANSACTIONS = "Các khoản trong ngày"

DISCREPANCIES = "Chênh lệch cần xử lý"
NO_DISCREPANCIES = "Không có chênh lệch nào cần xử lý."
DISCREPANCY_COLUMNS = ("Loại", "Số tiền", "Phát hiện", "Hạn xử lý", "Về")
KINDS: Final[dict[str, str]] = {
    "missing_webhook": "Có trên sao kê, không có tin báo",
    "missing_on_statement": "Có tin báo, không có trên sao kê",
    "amount_differs": "Số tiền khác nhau",
    "duplicate_suspected": "Nghi ghi trùng một giao dịch",
    "unrouted_account": "Tiền về tài khoản chưa thuộc đơn vị nào",
    "suspense_old": "Tiền chưa khớp để lâu",
    "balance_break": "Số dư không nối tiếp",
    "silent_site": "Im lặng bất thường",
    "undecided_transaction": "Giao dịch chưa được xét",
    "cash_difference": "Tiền mặt thừa hoặc thiếu khi chốt ca",
    "deposit_exceeds_cash": "Nộp tiền mặt nhiều hơn số đã thu",
}
SETTLE = "Xử lý xong"
SETTLE_REASON = "Vì sao"
SETTLE_NOTE = "Ghi thêm (không bắt buộc)"
SETTLED = "Đã xử lý."
REASONS: Final[dict[str, str]] = {
    "feed_repaired": "Đã sửa kết nối",
    "provider_informed": "Đã báo nhà cung cấp",
    "bank_posts_later": "Ngân hàng ghi vào ngày sau",
    "bank_reversed_it": "Ngân hàng đã hủy giao dịch",
    "checked_with_bank": "Đã hỏi ngân hàng",
    "statement_is_right": "Sao kê đúng",
    "bank_fee": "Phí ngân hàng",
    "message_is_right": "Tin báo đúng",
    "two_payments": "Là hai lần nộp khác nhau",
    "not_ours": "Không phải của đơn vị",
    "account_closed": "Tài khoản đã đóng",
    "payer_asked": "Đã hỏi người nộp",
    "waits_for_payer": "Chờ người nộp trả lời",
    "not_a_fee": "Không phải khoản thu",
    "statement_missing": "Thiếu sao kê",
    "balances_unreliable": "Số dư của ngân hàng không tin được",
    "no_collection_now": "Đang không thu",
    "account_changed": "Đã đổi tài khoản",
    "change_error": "Trả lại tiền thừa sai",
    "receipt_missing": "Thiếu phiếu thu",
    "counterfeit": "Tiền giả",
    "made_good": "Đã bù",
    "receipts_outside": "Phiếu thu lập ngoài hệ thống",
    "opening_cash": "Tiền mặt có từ trước",
    "other": "Lý do khác",
}
REASONS_OF: Final[dict[str, tuple[str, ...]]] = {
    "missing_webhook": ("feed_repaired", "provider_informed", "other"),
    "missing_on_statement": ("bank_posts_later", "bank_reversed_it", "checked_with_bank", "other"),
    "amount_differs": ("bank_fee", "message_is_right", "statement_is_right", "checked_with_bank", "other"),
    "duplicate_suspected": ("two_payments", "checked_with_bank", "other"),
    "unrouted_account": ("not_ours", "account_closed", "other"),
    "suspense_old": ("payer_asked", "waits_for_payer", "not_a_fee", "other"),
    "balance_break": ("bank_fee", "statement_missing", "balances_unreliable", "checked_with_bank", "other"),
    "silent_site": ("no_collection_now", "feed_repaired", "account_changed", "other"),
    "undecided_transaction": ("other",),
    "cash_difference": ("change_error", "receipt_missing", "counterfeit", "made_good", "other"),
    "deposit_exceeds_cash": ("receipts_outside", "opening_cash", "other"),
}
"""What may be said when settling each kind, as reconciliation takes it."""
ALREADY_SETTLED = "Chênh lệch này đã được xử lý trước đó."
NOTHING_TO_CORRECT = "Sao kê và giao dịch nay đã giống nhau, hoặc lệch một số tiền khác. Xin tải lại trang để xem."
MONEY_WENT_ON = (
    "Khoản này đã có đề nghị hoàn trả, đã hoàn trả hoặc đã gắn với tiền ra, nên không sửa số tiền được nữa. "
    "Nếu chưa chuyển tiền, xin rút đề nghị hoàn trả rồi làm lại."
)
NOT_CORRECTED = "Không sửa được số tiền của giao dịch này. Chưa có gì thay đổi; xin báo người quản trị."
UPLOAD = "Nộp sao kê"
UPLOAD_HINT = "Tệp sao kê của ngân hàng: CSV, XLSX, MT940 hoặc CAMT.053. Nộp lại cùng một tệp không làm thay đổi gì."
UPLOAD_FILE = "Tệp sao kê"
UPLOAD_ACCOUNT = "Tài khoản"
UPLOADED = "Đã nhận sao kê: {lines} dòng, {new} giao dịch mới."
UPLOADED_AGAIN = "Sao kê này đã nhận trước đây; không có gì thay đổi."
UPLOAD_REFUSED = "Chưa nhận được sao kê: {problem}"
UPLOAD_NONE = "Chưa chọn tệp."

CLOSES = "Chốt đợt thu, chốt tháng"
CLOSE_MONTH = "Chốt tháng"
CLOSE_ROUND = "Chốt đợt thu"
CLOSE_SUBJECT = "Tháng (2026-11) hoặc tên đợt thu"
CLOSE_HINT = "Chọn tháng đã hết hoặc đợt thu, bấm “Xem trước” để xem số liệu rồi mới ký. Số đã ký không thay đổi nữa."
CLOSE_LOOK = "Xem trước"
CLOSE_SIGN = "Ký chốt"
CLOSE_FIGURES: Final[dict[str, str]] = {
    "received": "Đã nhận",
    "allocated": "Đã khớp",
    "issued": "Phải thu",
    "collected": "Đã thu",
    "outstanding": "Còn phải thu",
    "given": "Tự nguyện, tạm ứng đã nhận",
    "notices": "Số khoản thu",
    "settled": "Đã nộp đủ",
    "payers": "Số người nộp",
}
CLOSE_HINDERED = "Chưa chốt được: {count} ngày chưa chốt hoặc còn chênh lệch."
CLOSE_SIGNED = "{who} đã ký chốt lúc {time}."
CLOSE_NOT_OVER = "Tháng này chưa hết."
CLOSE_UNKNOWN = "Không có đợt thu nào mang tên này."
CLOSE_CHANGED = "Số liệu vừa thay đổi. Xin xem lại rồi ký."
