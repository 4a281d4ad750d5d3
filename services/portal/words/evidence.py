"""Why, in the words of an accountant. The first column is what matching writes, the second what is read here."""

from __future__ import annotations

from typing import Final

FACTS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "virtual_account": (("virtual account of the bill",), "Tài khoản định danh của thông báo thu"),
    "reference_intact": (("reference {} intact",), "Mã {} đúng"),
    "reference_corrected": (("reference {} with a slip corrected", "reference {} corrected"), "Mã {} đã sửa một lỗi gõ"),
    "reference_unknown_sum": (
        ("reference {} with a slip; no bill here has it and this sum",),
        "Mã gần giống {} nhưng số tiền không khớp",
    ),
    "reference_begun": (("a reference that begins with {} was cut off",), "Mã bắt đầu bằng {} bị cắt mất phần sau"),
    "reference_elsewhere": (("reference {} is of another site",), "Mã {} là của đơn vị khác"),
    "receipt": (("receipt names the notice",), "Phiếu thu ghi đúng khoản thu"),
    "code": (("payer code intact",), "Mã người nộp đúng"),
    "code_like": (
        ("payer code with letters that look like its digits",),
        "Mã người nộp có chữ viết thay số (O thay 0, I thay 1)",
    ),
    "code_elsewhere": (("payer code of another site",), "Mã người nộp là của đơn vị khác"),
    "phone": (("guardian's telephone number in the memo",), "Có số điện thoại phụ huynh trong nội dung"),
    "name_full": (("full name",), "Đúng họ và tên"),
    "name_slip": (("full name with a slip",), "Họ tên đúng, sai một chữ"),
    "name_turned": (("full name in another order",), "Đủ họ tên, đảo thứ tự"),
    "name_short": (("name with its middle cut short",), "Tên viết tắt chữ đệm"),
    "name_lost": (("name without its middle",), "Tên thiếu chữ đệm"),
    "name_initials": (("name as initials and given name",), "Tên viết tắt, đúng tên gọi"),
    "name_middle": (("given name with its middle name",), "Đúng tên đệm và tên gọi"),
    "name_given": (("given name",), "Chỉ đúng tên gọi"),
    "name_elsewhere": (("name and class of another site",), "Tên và lớp ở đơn vị khác"),
    "name_of_sender": (
        ("the name may be the sender's own", "the name is the sender's own"),
        "Tên trong nội dung có thể là tên người chuyển",
    ),
    "name_goes_on": (("the name goes on with a word that is not the payer's",), "Sau tên còn chữ không thuộc tên người nộp"),
    "marks": (("diacritics tell it from the other name",), "Dấu tiếng Việt phân biệt với người trùng tên"),
    "class": (("class equal",), "Đúng lớp"),
    "class_differs": (("class differs from the list",), "Lớp khác danh sách"),
    "account_known": (("this account paid for the payer before",), "Tài khoản này đã từng nộp cho người này"),
    "account_of_many": (("this account pays for many payers",), "Tài khoản này nộp cho nhiều người"),
    "memo_known": (("this memo stood for the payer before",), "Nội dung này đã từng là của người này"),
    "guardian_named": (("the memo names the guardian",), "Nội dung có tên phụ huynh"),
    "guardian": (("sender bears the guardian's name",), "Người chuyển trùng tên phụ huynh"),
    "contradiction": (("the memo names another payer",), "Nội dung ghi tên người khác"),
    "several_children": (("the memo speaks of several children",), "Nội dung nói đến nhiều con, cháu"),
    "one_of": (("{} payers could be meant",), "Có {} người có thể đúng"),
    "too_many": (("too many payers could be meant",), "Quá nhiều người có thể đúng"),
    "amount_equal": (
        ("amount equal to the open sum", "amount equal", "amount equal to the bills together"),
        "Số tiền bằng số còn phải nộp",
    ),
    "amount_above": (("amount above the open sum",), "Số tiền nhiều hơn số còn phải nộp"),
    "amount_part": (
        ("amount below the one open notice: paid in part", "amount below the one open notice"),
        "Số tiền ít hơn: nộp một phần",
    ),
    "amount_in_order": (
        ("amount below the open sum: settled in the order that the site set",),
        "Số tiền ít hơn: trừ theo thứ tự của đơn vị",
    ),
    "amount_one_line": (("amount equal to one notice of the bill alone",), "Số tiền đúng bằng một khoản"),
    "amount_obligatory": (
        ("amount equal to the obligatory lines and one choice of voluntary",),
        "Số tiền bằng các khoản bắt buộc",
    ),
    "amount_one_notice": (("amount equal to one open notice",), "Số tiền đúng bằng một khoản còn mở"),
    "amount_several_notices": (("amount equal to {} open notices together",), "Số tiền bằng {} khoản cộng lại"),
    "amount_together": (("amount equal to what those named owe together",), "Số tiền bằng tổng của những người được nêu tên"),
    "amount_differs": (
        (
            "amount differs from what is open", "amount differs from the bills together",
            "amount fits no choice of the bill's open notices",
        ),
        "Số tiền khác số còn phải nộp",
    ),
    "amount_fits_several_ways": (("amount fits {} choices of notices",), "Số tiền khớp theo {} cách"),
    "amount_fits_lines": (
        ("amount equal to some of the lines, and nothing says that these are meant",),
        "Số tiền bằng một số dòng, chưa rõ dòng nào",
    ),
    "amount_fits_one": (("amount equal to what one of those named owes",), "Số tiền bằng số của một người được nêu tên"),
    "amount_fits_only": (("only the amount fits",), "Chỉ số tiền là khớp"),
    "oldest_first": (("oldest due first, by the site's rule",), "Trừ khoản đến hạn trước"),
    "month": (("month of the memo",), "Đúng tháng ghi trong nội dung"),
    "month_differs": (("the memo names another month",), "Nội dung ghi tháng khác"),
    "purpose": (("fee named in the memo",), "Đúng tên khoản thu trong nội dung"),
    "purpose_differs": (("the memo names another fee that is open",), "Nội dung ghi khoản khác còn phải nộp"),
    "paid_already": (("already paid in full",), "Khoản thu đã nộp đủ trước đó"),
    "all_cancelled": (("every notice is cancelled", "the notice was cancelled after payment"), "Khoản thu đã hủy"),
    "cash_words": (("cash carried to the bank",), "Nội dung là nộp tiền mặt vào tài khoản"),
    "income_words": (("words of interest, treasury or refund",), "Nội dung là lãi, kho bạc hoặc hoàn tiền"),
    "told_twice": (("the bank may have told of one movement twice",), "Ngân hàng có thể đã báo khoản này hai lần"),
    "balance_used": (("balance of the payer applied",), "Đã trừ từ số dư của người nộp"),
    "below_threshold": (("less certain than the site asks for",), "Chưa đủ chắc để tự khớp"),
    "notice_unknown": (("the notice is not known yet",), "Chờ khoản thu được lập"),
    "told_again": (
        ("the bank's message told of another transaction again",), "Tin báo lặp lại của một giao dịch khác",
    ),
    "other_reference": (("the notice bears another reference now",), "Khoản thu nay mang mã khác"),
    "lowered": (
        ("the notice was lowered or cancelled", "the notice was lowered after payment"), "Khoản thu đã giảm hoặc hủy sau khi nộp",
    ),
    "by_person": (("decided by a person",), "Do người quyết định"),
}  # fmt: skip
"""By code: matching's sentences ({} is a code or a count) and ours."""

AGAINST: Final = frozenset({
    "reference_unknown_sum", "reference_begun", "reference_elsewhere", "code_elsewhere", "name_elsewhere", "name_of_sender",
    "name_goes_on", "class_differs", "month_differs", "purpose_differs", "account_of_many", "contradiction",
    "several_children", "one_of", "too_many", "amount_differs",
    "amount_fits_several_ways", "amount_fits_lines", "amount_fits_only", "paid_already", "other_reference", "lowered",
    "told_again", "told_twice", "all_cancelled", "cash_words", "income_words", "below_threshold", "notice_unknown",
})  # fmt: skip
"""What speaks against a match, or is why there is none."""

SENDER_DIFFERS = "Tên khác người chuyển"
SENDER_DIFFERS_HINT = "Con cháu, người thân thường nộp giúp; tên khác không phải là sai."
OPEN_EQUAL = "Số tiền bằng số còn phải nộp"
OPEN_LESS = "Nộp một phần: còn phải nộp {left}"
OPEN_MORE = "Thừa {over} so với số còn phải nộp"
OPEN_NOTHING = "Không còn phải nộp"
"""What the portal itself sees when it sets a payment beside a notice."""
