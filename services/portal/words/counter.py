"""Words of the counter and of the display that faces the payer."""

from __future__ import annotations

from typing import Final

from shared.events.payments import Channel

TITLE = "Quầy thu"
SITE = "Đơn vị thu"
COUNTER = "Quầy"
FIND = "Tìm người nộp: tên, mã, mã hồ sơ, mã thanh toán, điện thoại"
FIND_EMPTY = "Không tìm thấy ai còn khoản phải nộp. Có thể lập khoản thu ở dưới."
SHOW = "Hiện QR"
FOUND = "Kết quả tìm"
OPEN_BILLS = "Các khoản còn phải nộp"
ISSUE = "Lập khoản thu"
ISSUE_NAME = "Họ và tên"
ISSUE_CODE = "Mã người bệnh hoặc mã hồ sơ"
ISSUE_CODE_HINT = "Không nhập số căn cước."
ISSUE_KIND = "Loại khoản thu"
ISSUE_AMOUNT = "Số tiền"
ISSUE_AMOUNT_HINT = "0 đ: không phải nộp hoặc được miễn"
ISSUE_ZERO = "Nếu 0 đ"
ISSUE_DECISION = "Căn cứ miễn (nếu 0 đ)"
EXEMPT_STATES: Final[dict[str, str]] = {"exempt": "Miễn", "free": "0 đ, không phải nộp"}
EXEMPT_SAID = "{state}: {about} ({who} ghi lúc {time})"
EXEMPT_NEEDED = "Miễn thì phải ghi căn cứ. Thủ tục không thu phí thì chọn “0 đ, không phải nộp”."
ISSUE_BUTTON = "Lập và hiện QR"
ISSUE_REFUSED = "Chưa lập được: {problem}"
EXEMPT_DONE = "Đã ghi: {who}, {state}."
NO_KINDS = "Chưa có danh mục khoản thu của đơn vị."

WAITING = "Đang chờ tiền về"
NOBODY_WAITS = "Chưa có ai đang chờ."
ASKED = "Phải nộp {amount}"
SINCE = "chờ từ {time}"
RECEIVED = "ĐÃ NHẬN {amount}"
RECEIVED_PART = "Đã nhận {amount}, còn {left}"
NOT_YET = "Chưa nhận"
ON_DISPLAY = "đang hiện cho khách"
PUT_ON_DISPLAY = "Hiện lại cho khách"
CLAIM = "Khách báo đã chuyển"
CLAIMED = "Khách báo đã chuyển lúc {time}"
CLAIM_HINT = "Ảnh chụp màn hình của khách không phải là bằng chứng. Chờ màn hình này báo ĐÃ NHẬN."
STEP_DUE = "Đã quá {minutes} phút. Ghi bước xử lý:"
STEPS: Final[dict[str, str]] = {
    "bank_seen": "Đã xem tài khoản ngân hàng của đơn vị: chưa có",
    "wait_more": "Mời khách chờ thêm",
    "cash": "Khách nộp tiền mặt, sẽ hoàn nếu tiền chuyển về sau",
    "come_back": "Ghi điện thoại, hẹn báo lại khách",
}
STEP_NOTE = "Ghi thêm"
STEP_BUTTON = "Ghi bước"
STEP_SAID = "{time}: {step}"
END = "Xong"
LEAVE = "Bỏ chờ"
CASH = "Thu tiền mặt"
CASH_AMOUNT = "Số tiền nhận"
CASH_DOCUMENT = "Số phiếu thu hoặc biên lai do đơn vị lập (có thể ghi sau)"
CASH_BUTTON = "Ghi đã thu tiền mặt"
CASH_DONE = "Đã ghi thu tiền mặt {amount}."
CASH_TOO_MUCH = "Số tiền nhiều hơn số còn phải nộp ({left})."
CASH_SENT_BEFORE = "Biểu mẫu này đã được gửi một lần với {amount}. Xin mở lại quầy để xem đã ghi chưa."
CASH_NEEDED = "Xin điền số tiền nhận."
WAITING_DOCUMENTS = "Chờ chứng từ"
WAITING_DOCUMENTS_ALL = "Xem cả {count} khoản, cũ nhất trước"
WAITING_DOCUMENTS_NONE = "Không còn khoản tiền mặt nào chờ chứng từ."
WAITING_DOCUMENT = "Ghi số chứng từ"
TOTALS = "Hôm nay"
TOTAL_CASH = "Tiền mặt"
TOTAL_BANK = "Chuyển khoản"
TOTAL_PORTAL = "Cổng Dịch vụ công"
RECEIPT = "Xác nhận đã nhận tiền"
PAID_HOW: Final[dict[Channel, str]] = {
    "bank": "Đã chuyển khoản {amount} ngày {day}",
    "cash": "Đã nộp tiền mặt {amount} ngày {day}",
    "portal": "Đã nộp trên Cổng Dịch vụ công {amount} ngày {day}",
    "opening": "Đã trừ {amount} vào số dư đầu kỳ",
}
"""How something was paid that is not asked again."""
PAID_FEE = "{how}: {fee}."
PAID_NO_FEE = "{how}, biên lai {number}. Khoản thu chưa lập; lập thì tự khớp, không thu lại."
PORTAL_DONE = "{who}: đã nộp trên Cổng Dịch vụ công. Khoản thu đã lập và tự khớp, không thu lại."

REPORT_TITLE = "Báo cáo của Cổng Dịch vụ công"
REPORT_FILE = "Tệp báo cáo (XLSX hoặc CSV)"
REPORT_HINT = "Cần bốn cột: mã hồ sơ, số tiền, ngày nộp, số biên lai của Cổng. Nhận cả tệp hoặc không nhận dòng nào."
REPORT_AGAIN = "Nộp lại cùng một báo cáo cũng không ghi hai lần."
REPORT_BUTTON = "Nộp báo cáo"
REPORT_DONE = "Đã ghi {accepted} lần nộp; {unchanged} lần đã có từ trước."
REPORT_NO_FILE = "Chưa chọn tệp nào."
REPORT_REFUSED = "Chưa ghi dòng nào. Xin sửa các dòng sau rồi nộp lại:"
REPORT_MORE = "và {count} dòng nữa"

DISPLAY_TITLE = "Màn hình cho khách"
DISPLAY_OPEN = "Mở màn hình cho khách"
DISPLAY_IDLE = "Mời quý khách"
DISPLAY_IDLE_HINT = "Mã QR để nộp tiền sẽ hiện ở đây."
DISPLAY_SCAN = "Quét mã bằng ứng dụng ngân hàng"
DISPLAY_CODE = "Mã thanh toán"
DISPLAY_WAIT = "Đang chờ tiền về…"
DISPLAY_THANKS = "Cảm ơn quý khách"
DISPLAY_SAFE = "Quầy thu không bao giờ hỏi mật khẩu, mã OTP hay số thẻ của quý khách."
DISPLAY_NO_QR = "Chưa hiện được mã QR. Nội dung chuyển khoản: {reference}"
"""Where the owner of QR codes does not answer."""
SELF_UPDATING = "Danh sách tự cập nhật"

RECEIPT_TITLE = "Xác nhận đã nhận tiền"
RECEIPT_DISCLAIMER = "Không phải chứng từ kế toán; không thay thế phiếu thu, biên lai, hóa đơn."
RECEIPT_CODE = "Mã kiểm tra"
RECEIPT_CHECK = "Kiểm tra tại {address}"
RECEIPT_FROM = "Người nộp"
RECEIPT_FOR = "Nội dung"
RECEIPT_AMOUNT = "Đã nhận"
RECEIPT_ON = "Ngày nhận"
RECEIPT_HOW = "Cách nộp"
RECEIPT_PDF = "Tải PDF"
RECEIPT_PRINT_HINT = "In trang này, hoặc tải PDF khổ A5."
RECEIPT_NOTHING = "Khoản tiền này chưa khớp vào khoản thu nào nên chưa thể xác nhận."

VERIFY_TITLE = "Kiểm tra xác nhận đã nhận tiền"
VERIFY_CODE = "Mã kiểm tra trên xác nhận"
VERIFY_BUTTON = "Kiểm tra"
VERIFY_FOUND = "Có xác nhận này"
VERIFY_SITE = "Đơn vị thu"
VERIFY_GONE = "Khoản tiền này đã được trả lại hoặc đã thay đổi sau khi xác nhận. Xin hỏi đơn vị thu."
VERIFY_UNKNOWN = "Không có xác nhận nào mang mã này. Kiểm tra lại mã, hoặc hỏi đơn vị thu."
VERIFY_BUSY = "Kiểm tra quá nhiều lần. Xin thử lại sau một phút."
