"""*Operations*: does everything run, does anything wait, fail or fill up."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import COUNT, PER_SECOND, SECONDS, SHARE, a_dashboard, a_row, number, over_time
from deploy.grafana.queries import at_once, now

RATE = "[$__rate_interval]"


def build() -> Dashboard:
    """The dashboard."""
    board = a_dashboard(
        "khop-operations",
        "Khớp: vận hành",
        "Mọi dịch vụ có chạy không; có gì chờ, lỗi hoặc sắp đầy không.",
        "operations",
        since="now-6h",
    )
    return _full(_errors(_speed(_waiting(board))))


def _waiting(board: Dashboard) -> Dashboard:
    return (
        board.with_row(a_row("Chờ"))
        .with_panel(number("Dịch vụ đang chạy", "Số dịch vụ trả lời Prometheus.", COUNT, at_once('sum(up{job="khop"})')))
        .with_panel(
            number("Bản tin chưa đọc", "Số bản tin giữa nơi đã đọc và cuối chủ đề, mọi dịch vụ.", COUNT,
                   at_once("sum(khop_consumer_lag_records)"))
        )
        .with_panel(
            number("Hộp thư đi", "Tuổi của bản tin chờ gửi lâu nhất.", SECONDS, at_once("max(khop_outbox_age_seconds)"))
        )
        .with_panel(
            number("Bản tin để riêng", "Số bản tin không nhận được, còn chờ người xử lý (dlq.v1).", COUNT,
                   at_once("sum(max by (service, topic) (khop_dead_letters_waiting)) or vector(0)"))
        )
        .with_panel(
            number("Im lặng lâu nhất", "Thời gian từ tin báo cuối của nhà cung cấp im lặng lâu nhất.", SECONDS,
                   at_once("time() - min(khop_provider_last_webhook_timestamp_seconds)"))
        )
        .with_panel(
            number("Số liệu bị bỏ bớt", "Số dãy số liệu không xuất được vì quá giới hạn.", COUNT,
                   at_once("sum(khop_adoption_series_left_out)"))
        )
        .with_panel(
            over_time("Bản tin chưa đọc theo dịch vụ", "Số bản tin chưa đọc của từng dịch vụ.", COUNT,
                      now("sum by (service) (khop_consumer_lag_records)", "{{service}}"))
        )
        .with_panel(
            over_time("Hộp thư đi theo dịch vụ", "Tuổi của bản tin chờ gửi lâu nhất.", SECONDS,
                      now("max by (service) (khop_outbox_age_seconds)", "{{service}}"))
        )
    )  # fmt: skip


def _speed(board: Dashboard) -> Dashboard:
    def quantile(metric: str, by: str) -> str:
        return f"histogram_quantile(0.95, sum by (le, {by}) (rate({metric}_bucket{RATE})))"

    return (
        board.with_row(a_row("Nhanh hay chậm"))
        .with_panel(
            over_time("Từ nơi ghi đến nơi nhận", "95 % bản tin được nhận trong thời gian này sau khi được ghi.", SECONDS,
                      now(quantile("khop_event_latency_seconds", "topic"), "{{topic}}"))
        )
        .with_panel(
            over_time("Trả lời HTTP", "95 % yêu cầu được trả lời trong thời gian này.", SECONDS,
                      now(quantile("khop_http_request_seconds", "service"), "{{service}}"))
        )
        .with_panel(
            over_time("Xử lý một lô", "95 % phần lô bản tin được xử lý trong thời gian này.", SECONDS,
                      now(quantile("khop_consumer_handler_seconds", "service"), "{{service}}"))
        )
        .with_panel(
            over_time("Làm mới số liệu", "95 % lượt tính lại số liệu của dịch vụ adoption xong trong thời gian này.", SECONDS,
                      now(f"histogram_quantile(0.95, sum by (le) (rate(khop_adoption_refresh_seconds_bucket{RATE})))", "làm mới"))
        )
        .with_panel(
            over_time("Tin báo nhận được", "Số tin báo mỗi giây, theo kết quả.", PER_SECOND,
                      now(f"sum by (outcome) (rate(khop_ingest_messages_total{RATE}))", "{{outcome}}"))
        )
        .with_panel(
            over_time("Khoản tiền về được quyết định", "Số quyết định mỗi giây, theo kết quả.", PER_SECOND,
                      now(f"sum by (status) (rate(khop_decisions_total{RATE}))", "{{status}}"))
        )
    )  # fmt: skip


def _errors(board: Dashboard) -> Dashboard:
    return (
        board.with_row(a_row("Lỗi"))
        .with_panel(
            over_time("Yêu cầu lỗi", "Phần yêu cầu HTTP được trả lời bằng lỗi 5xx.", SHARE,
                      now(f'sum by (service) (rate(khop_http_request_seconds_count{{status=~"5.."}}{RATE})) / '
                          f"sum by (service) (rate(khop_http_request_seconds_count{RATE})) or "
                          f"sum by (service) (rate(khop_http_request_seconds_count{RATE})) * 0", "{{service}}"))
        )
        .with_panel(
            over_time("Thử lại và gửi lỗi", "Số lô phải thử lại, số bản tin gửi chưa được xác nhận, số lần ghi vị trí đọc lỗi, mỗi "
                      "giây.", PER_SECOND,
                      now(f"sum by (service) (rate(khop_consumer_retries_total{RATE}))", "{{service}} thử lại"),
                      now(f"sum by (service) (rate(khop_outbox_failures_total{RATE}))", "{{service}} gửi"),
                      now(f"sum by (service) (rate(khop_consumer_commit_failures_total{RATE}))", "{{service}} vị trí"))
        )
    )  # fmt: skip


def _full(board: Dashboard) -> Dashboard:
    return (
        board.with_row(a_row("Sắp đầy"))
        .with_panel(
            over_time("Kết nối PostgreSQL", "Số kết nối đang mở của từng dịch vụ.", COUNT,
                      now('sum by (service) (khop_pool_connections{state="open"})', "{{service}}"))
        )
        .with_panel(
            over_time("Bộ nhớ", "Bộ nhớ thường trú của từng dịch vụ.", "bytes",
                      now("sum by (service) (process_resident_memory_bytes)", "{{service}}"))
        )
        .with_panel(
            over_time("Hàng đợi của ingest", "Số tin báo chờ được lưu, trong giới hạn 2.000.", COUNT,
                      now("sum(khop_ingest_queue_messages)", "tin báo chờ"))
        )
        .with_panel(
            over_time("Việc chờ của adoption", "Số thay đổi, ngày và cửa sổ chờ được tính lại.", COUNT,
                      now("sum by (step) (khop_adoption_waiting)", "{{step}}"))
        )
    )  # fmt: skip
