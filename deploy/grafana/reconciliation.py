"""*Reconciliation*: are the days balanced, what differs, what money has no place yet, how fresh is the bank's word."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import COUNT, DONG, SECONDS, SHARE, a_dashboard, a_row, number, over_time, ranking
from deploy.grafana.queries import at_once, now


def build() -> Dashboard:
    """The dashboard."""
    board = a_dashboard(
        "khop-reconciliation",
        "Khớp: đối soát",
        "Ngày đã cân chưa, chênh lệch, tiền chưa xác định khoản thu, dữ liệu ngân hàng mới đến đâu.",
        "reconciliation",
        since="now-7d",
    )
    return _delivery(_queue(_days(board)))


def _days(board: Dashboard) -> Dashboard:
    return (
        board.with_row(a_row("Ngày và sao kê"))
        .with_panel(
            number("Ngày chưa cân", "Số ngày đã qua của các tài khoản còn mở hoặc chênh lệch.", COUNT,
                   at_once('sum(khop_days_unclosed{state=~"open|discrepant"})'))
        )
        .with_panel(
            number("Ngày chưa chốt lâu nhất", "Tuổi của ngày chưa chốt lâu nhất.", "d", at_once("max(khop_days_unclosed_oldest_days)"))
        )
        .with_panel(
            number("Chênh lệch chưa xử lý", "Số chênh lệch đang mở, mọi loại.", COUNT, at_once("sum(khop_discrepancies_open)"))
        )
        .with_panel(
            number("Tiền chênh lệch", "Số tiền của các chênh lệch đang mở.", DONG, at_once("sum(khop_discrepancies_open_dong)"))
        )
        .with_panel(
            number("Sao kê cũ", "Số tài khoản có sao kê mới nhất cũ hơn hai ngày làm việc.", COUNT,
                   at_once("sum(khop_statements_overdue_accounts)"))
        )
        .with_panel(
            number("Dữ liệu ngân hàng cũ nhất", "Thời gian từ lần cuối biết chắc số liệu của tài khoản chậm nhất.", SECONDS,
                   at_once("time() - min(khop_freshness_oldest_timestamp_seconds)"))
        )
        .with_panel(
            over_time("Trạng thái các ngày chưa chốt", "Số ngày đã qua của các tài khoản theo trạng thái.", COUNT,
                      now("sum by (state) (khop_days_unclosed)", "{{state}}"))
        )
        .with_panel(
            over_time("Chênh lệch theo loại", "Số chênh lệch đang mở theo loại.", COUNT,
                      now("sum by (kind) (khop_discrepancies_open)", "{{kind}}"))
        )
    )  # fmt: skip


def _queue(board: Dashboard) -> Dashboard:
    return (
        board.with_row(a_row("Tiền chờ xử lý"))
        .with_panel(
            number("Khoản chờ một người xem", "Số khoản tiền về đang chờ quyết định.", COUNT,
                   at_once("sum(khop_review_credits)"), width=6)
        )
        .with_panel(
            number("Số tiền chờ", "Số tiền của các khoản đang chờ quyết định.", DONG, at_once("sum(khop_review_dong)"), width=6)
        )
        .with_panel(
            number("Khoản chờ lâu nhất", "Thời gian khoản tiền về ngân hàng chờ lâu nhất đã chờ.", SECONDS,
                   at_once("time() - min(khop_review_oldest_timestamp_seconds)"), width=6)
        )
        .with_panel(
            number("Tuổi trung bình của hàng chờ", "Số ngày chờ trung bình vào cuối hôm nay.", SECONDS,
                   at_once('khop_review_age_mean_seconds{level="province"}'), width=6)
        )
        .with_panel(
            over_time("Tiền treo theo phần", "Tiền còn phải xếp chỗ: chưa xác định, số dư, chờ hoàn trả.", DONG,
                      now("sum by (part) (khop_suspense_dong)", "{{part}}"))
        )
        .with_panel(
            over_time("Khoản chờ qua thời gian", "Số khoản tiền về đang chờ quyết định.", COUNT,
                      now("sum(khop_review_credits)", "khoản chờ"))
        )
    )  # fmt: skip


def _delivery(board: Dashboard) -> Dashboard:
    providers = 'level="provider",window="7d"'
    return (
        board.with_row(a_row("Tin báo của nhà cung cấp, 7 ngày qua"))
        .with_panel(
            ranking("Báo chậm", "Phần giao dịch có tin báo đầu tiên đến sau hơn 5 phút.", SHARE,
                    at_once(f"khop_webhook_late_ratio{{{providers}}}", "{{unit}}"), width=8)
        )
        .with_panel(
            ranking("Sao kê bù", "Phần giao dịch chỉ biết nhờ sao kê, vì tin báo bị mất.", SHARE,
                    at_once(f"khop_healed_by_statement_ratio{{{providers}}}", "{{unit}}"), width=8)
        )
        .with_panel(
            ranking("Báo trùng", "Phần tin báo về giao dịch đã được báo.", SHARE,
                    at_once(f"khop_duplicate_reports_ratio{{{providers}}}", "{{unit}}"), width=8)
        )
        .with_panel(
            over_time("Tin gửi lại", "Số tin báo gửi lại mỗi giây, theo nhà cung cấp.", "cps",
                      now('sum by (provider) (rate(khop_ingest_messages_total{outcome="duplicate"}[$__rate_interval]))',
                          "{{provider}}"))
        )
        .with_panel(
            over_time("Từ tin báo đến khi khớp", "Thời gian mà một nửa và 95 % khoản tiền về được khớp, 7 ngày qua.", SECONDS,
                      now("histogram_quantile(0.5, sum by (le) (khop_received_to_matched_seconds_bucket{"
                          'level="province",window="7d"}))', "một nửa"),
                      now("histogram_quantile(0.95, sum by (le) (khop_received_to_matched_seconds_bucket{"
                          'level="province",window="7d"}))', "95 %"))
        )
    )  # fmt: skip
