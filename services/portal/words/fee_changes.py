"""Words of fees that are cancelled, or asked for less, after they were issued."""

from __future__ import annotations

from typing import Final

TITLE = "Hủy hoặc miễn, giảm khoản thu"
OPEN = "Hủy, miễn giảm"
APPROVALS = "Hủy, miễn, giảm khoản thu"
COLUMNS = ("Người nộp", "Đề nghị", "Vì sao", "Người đề nghị")
OF_FEE = "{fee}: phải nộp {amount}, đã nộp {paid}"
CANCEL = "Hủy khoản thu"
CANCEL_NOW_HINT = "Chưa ai nộp khoản này nên hủy được ngay."
CANCEL_PAID_HINT = (
    "Khoản này đã có tiền nộp nên thủ trưởng duyệt thì mới hủy. "
    "Khi đó tiền đã nộp trở lại mục Cần xử lý, để khớp khoản khác hoặc hoàn trả."
)
REASON = "Vì sao"
REASONS: Final[dict[str, str]] = {
    "issued_twice": "Lập trùng",
    "wrong_payer": "Lập nhầm người",
    "wrong_amount": "Lập sai số tiền",
    "left": "Không còn ở đơn vị, không dùng dịch vụ",
    "not_held": "Đơn vị không tổ chức nữa",
    "other": "Lý do khác",
}
EXEMPT = "Miễn, giảm"
EXEMPT_HINT = "Theo quyết định của đơn vị; thủ trưởng duyệt. Chỉ ghi số quyết định, không ghi hoàn cảnh của người nộp."
LEFT = "Còn phải nộp sau khi miễn, giảm (miễn hết: gõ 0)"
DECISION = "Số quyết định"
PROPOSE = "Đề nghị thủ trưởng duyệt"
WAITS = "Đang chờ thủ trưởng duyệt: {what}."
WAITS_BADGE = "chờ duyệt"
WITHDRAW = "Rút đề nghị"
APPROVE = "Duyệt"
REFUSE = "Không duyệt"
LAST: Final[dict[str, str]] = {
    "approved": "Đã duyệt lúc {time}: {what}.",
    "refused": "Không duyệt lúc {time}: {what}.",
    "withdrawn": "Đã rút lúc {time}: {what}.",
}
EXEMPTED_BADGE = "được miễn"
WHAT: Final[dict[str, str]] = {
    "cancel": "hủy khoản {before}",
    "exempt": "giảm từ {before} còn {after}",
    "exempt_all": "miễn hết {before}",
}
PAID_HINT = "Đã nộp {paid}: phần nộp thừa sẽ nằm ở mục Nộp thừa, trùng hoặc Cần xử lý."
BY_DECISION = "quyết định {decision}"
SAID_CANCELLED = "Đã hủy khoản thu."
SAID_PROPOSED = "Đã gửi thủ trưởng duyệt."
NOT_FOUND = "Không có khoản thu này trong các đơn vị của bạn."
NOT_CHANGEABLE = "Khoản thu này đã hủy hoặc đã quyết toán: không hủy, không miễn giảm được nữa."
LEFT_WRONG = "Số còn phải nộp là từ 0 đến dưới {amount}."
WAITS_ALREADY = "Khoản thu này đang có một đề nghị chờ duyệt."
DECIDED_ALREADY = "Đề nghị này đã được xử lý."
CHANGED_SINCE = "Khoản thu đã được sửa từ khi đề nghị. Bấm Không duyệt; kế toán sẽ đề nghị lại theo số mới."
HISTORY: Final[dict[str, str]] = {
    "cancel": "Hủy: {reason}",
    "exempt": "Miễn, giảm theo đề nghị {number}",
}
"""What the notice's own history keeps; it names no decision and nobody."""
PROBLEMS: Final[dict[str, str]] = {
    "own_proposal": "Người đề nghị không tự duyệt.",
    "erased": "Người nộp của khoản thu này đã được xóa theo yêu cầu.",
}
