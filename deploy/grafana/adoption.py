"""*Adoption*: from the province over communes to sites, how far paying without cash has come, for whom, and what it costs."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import (
    COUNT,
    DONG,
    SECONDS,
    SHARE,
    a_choice,
    a_dashboard,
    a_row,
    listing,
    number,
    over_time,
    ranking,
)
from deploy.grafana.queries import IN_TIME, NEWEST, at_once, now, past, rows

PROVINCE = 'level="province",window="30d"'
NAMED = """join adoption.history_units u
  on u.unit_code = f.code and f.as_of >= u.valid_from and f.as_of <= coalesce(u.valid_to, 'infinity')"""
PLACES = "f.window_kind = '30d' and f.site_type = 'all' and f.fee_kind = 'all'"

COMMUNES = f"""
select u.name as "Xã",
  max(f.value) filter (where f.metric = 'cashless_share_payers') as "Theo người nộp",
  max(f.value) filter (where f.metric = 'cashless_share_count') as "Theo số lần",
  max(f.value) filter (where f.metric = 'cashless_share_value') as "Theo số tiền",
  max(f.value) filter (where f.metric = 'helped_share_payers') as "Trong đó nộp hộ",
  max(f.value) filter (where f.metric = 'payer_adoption') as "Người có khoản đến hạn đã nộp",
  max(f.value) filter (where f.metric = 'site_coverage') as "Đơn vị thu có giao dịch",
  max(f.denominator) filter (where f.metric = 'cashless_share_payers') as "Số người nộp"
from adoption.history_figures f {NAMED}
where f.level = 'commune' and {PLACES} and {NEWEST} group by u.name order by 2 desc nulls last
"""

SITES = f"""
select s.name as "Đơn vị thu",
  max(f.value) filter (where f.metric = 'cashless_share_payers') as "Theo người nộp",
  max(f.value) filter (where f.metric = 'cashless_share_value') as "Theo số tiền",
  max(f.value) filter (where f.metric = 'paid_on_time') as "Đúng hạn",
  max(f.value) filter (where f.metric = 'automatic_share') as "Tự động",
  max(f.denominator) filter (where f.metric = 'cashless_share_payers') as "Số người nộp"
from adoption.history_figures f join adoption.history_sites s on s.site_id = f.code
where f.level = 'site' and {PLACES} and {NEWEST} group by s.name order by 2 nulls last limit 200
"""


def _by_place(metric: str) -> str:
    return f"""
    select f.as_of::timestamptz as time, u.name as metric, f.value as value from adoption.history_figures f {NAMED}
    where f.level = 'commune' and f.metric = '{metric}' and {PLACES} and f.{IN_TIME} order by 1, 2
    """


def _of_province(*metrics: tuple[str, str]) -> str:
    cases = " ".join(f"when '{metric}' then '{name}'" for metric, name in metrics)
    names = ", ".join(f"'{metric}'" for metric, _ in metrics)
    return f"""
    select as_of::timestamptz as time, case metric {cases} end as metric, value from adoption.history_figures
    where level = 'province' and site_type = 'all' and fee_kind = 'all' and window_kind = '30d' and metric in ({names})
      and {IN_TIME} order by 1, 2
    """


def build() -> Dashboard:
    """The dashboard."""
    board = a_dashboard(
        "khop-adoption",
        "Khớp: thanh toán không dùng tiền mặt",
        "Tỷ lệ thanh toán không dùng tiền mặt theo tỉnh, xã, đơn vị thu: đã tới đâu, cho ai, từ khi nào.",
        "adoption",
        since="now-90d",
        refresh="1m",
    )
    board = board.with_variable(
        a_choice(
            "commune", "Xã", "Xã có các đơn vị thu được xem.",
            """
            select name as __text, unit_code as __value from adoption.history_units
            where level = 'commune' and valid_to is null order by 1
            """,
        )
    ).with_variable(
        a_choice("site", "Đơn vị thu", "Đơn vị thu được xem.",
                 "select name as __text, site_id as __value from adoption.history_sites order by 1")
    )  # fmt: skip
    return _costs(_people(_places(_now(board))))


def _now(board: Dashboard) -> Dashboard:
    def share(by: str) -> str:
        return f'khop_cashless_share_ratio{{{PROVINCE},by="{by}"}}'

    return (
        board.with_row(a_row("Toàn tỉnh, 30 ngày qua"))
        .with_panel(
            number("Theo người nộp", "Số người nộp có ít nhất một lần không dùng tiền mặt, chia cho số người nộp.", SHARE,
                   at_once(share("payers")))
        )
        .with_panel(
            number("Theo số lần nộp", "Số lần nộp qua ngân hàng hoặc cổng dịch vụ công, chia cho số lần nộp.", SHARE,
                   at_once(share("count")))
        )
        .with_panel(
            number("Theo số tiền", "Số tiền nộp không dùng tiền mặt, chia cho số tiền đã nộp.", SHARE, at_once(share("value")))
        )
        .with_panel(
            number("Trong đó nộp hộ", "Phần người nộp không dùng tiền mặt nhờ cán bộ hoặc người nộp hộ.", SHARE,
                   at_once(f'khop_helped_share_ratio{{{PROVINCE},by="payers"}}'))
        )
        .with_panel(
            number("Đơn vị thu có giao dịch", "Số đơn vị thu có ít nhất một khoản không dùng tiền mặt, chia cho số đơn vị thu.",
                   SHARE, at_once(f"khop_site_coverage_ratio{{{PROVINCE}}}"))
        )
        .with_panel(
            number("Người có khoản đến hạn đã nộp", "Số người nộp đủ một khoản đến hạn hoàn toàn không dùng tiền mặt, chia cho "
                   "số người có khoản đến hạn.", SHARE, at_once(f"khop_payer_adoption_ratio{{{PROVINCE}}}"))
        )
    )  # fmt: skip


def _places(board: Dashboard) -> Dashboard:
    return (
        board.with_row(a_row("Theo xã và đơn vị thu"))
        .with_panel(
            ranking("Xếp hạng xã, 30 ngày qua", "Tỷ lệ theo người nộp của từng xã, cao nhất trước; không cần bản đồ.", SHARE,
                    at_once('sort_desc(khop_cashless_share_ratio{level="commune",window="30d",by="payers"})', "{{unit}}"))
        )
        .with_panel(
            over_time("Xã qua thời gian", "Tỷ lệ theo người nộp trong 30 ngày của từng xã, theo tên ở thời điểm đó.", SHARE,
                      past(_by_place("cashless_share_payers")))
        )
        .with_panel(
            listing("Bảng các xã", "Các chỉ số 30 ngày của từng xã vào ngày cuối đang xem.", SHARE, rows(COMMUNES),
                    units={"Số người nộp": COUNT})
        )
        .with_panel(
            listing("Đơn vị thu, thấp nhất trước", "Nơi cần được giúp: chỉ số 30 ngày của các đơn vị thu.", SHARE, rows(SITES),
                    units={"Số người nộp": COUNT}, width=14)
        )
        .with_panel(
            over_time("Một đơn vị thu", "Tỷ lệ theo người nộp trong 30 ngày của đơn vị thu đã chọn.", SHARE, past(f"""
                select as_of::timestamptz as time, value as "Theo người nộp" from adoption.history_figures
                where level = 'site' and code = ${{site:sqlstring}} and metric = 'cashless_share_payers' and window_kind = '30d'
                  and fee_kind = 'all' and {IN_TIME} order by 1
            """), width=10)
        )
        .with_panel(
            ranking("Loại đơn vị thu", "Tỷ lệ theo người nộp của trường học, cơ sở y tế, Bộ phận Một cửa trong 30 ngày.", SHARE,
                    at_once('khop_cashless_share_ratio{level="type",window="30d",by="payers"}', "{{unit}}"))
        )
        .with_panel(
            listing("Khoản thu của xã, tháng này", "Tỷ lệ theo người nộp và số người nộp của từng khoản thu trong xã đã chọn.",
                    SHARE, rows("""
                select fee_kind as "Khoản thu", value as "Theo người nộp", denominator as "Số người nộp" from adoption.history_figures
                where level = 'commune' and code = ${commune:sqlstring} and metric = 'cashless_share_payers' and fee_kind <> 'all'
                  and window_kind = '30d' and as_of = (
                    select max(as_of) from adoption.history_figures where level = 'commune' and code = ${commune:sqlstring}
                      and window_kind = '30d' and as_of <= $__timeTo()::date
                  ) order by 3 desc
            """), units={"Số người nộp": COUNT}, width=12)
        )
    )  # fmt: skip


def _people(board: Dashboard) -> Dashboard:
    return (
        board.with_row(a_row("Người nộp"))
        .with_panel(
            over_time("Lần đầu, quay lại, trở về tiền mặt", "Toàn tỉnh, 30 ngày: người nộp lần đầu không dùng tiền mặt; người đã "
                      "từng và nộp lại như vậy; người đã từng nhưng chỉ còn nộp tiền mặt.", SHARE, past(_of_province(
                          ("first_time_payers", "Lần đầu"), ("returning_payers", "Quay lại"),
                          ("back_to_cash_payers", "Trở về tiền mặt"),
                      )))
        )
        .with_panel(
            over_time("Nộp từ xa và đúng hạn", "Toàn tỉnh, 30 ngày: thông báo thu được nộp sau khi mở đường dẫn hoặc có “Tôi nộp "
                      "giúp”; khoản đến hạn được nộp đủ đúng hạn.", SHARE, past(_of_province(
                          ("paid_from_afar_bills", "Nộp từ xa"), ("paid_on_time", "Đúng hạn"),
                      )))
        )
        .with_panel(
            number("Từ khi báo thu đến khi nộp", "Số ngày trung bình từ khi ra thông báo đến khi nộp đủ, 30 ngày qua.", SECONDS,
                   at_once(f"khop_issue_to_paid_mean_seconds{{{PROVINCE}}}"), width=6)
        )
        .with_panel(
            number("Đơn vị thu im ắng", "Số đơn vị thu có khoản không dùng tiền mặt trong 7 ngày trước nhưng không có trong 7 "
                   "ngày qua, chia cho số đơn vị trước đó có.", SHARE,
                   at_once('khop_sites_gone_quiet_ratio{level="province",window="7d"}'), width=6)
        )
        .with_panel(
            listing("Bối cảnh", "Tài khoản, điện thoại thông minh, mạng và tổ công nghệ số bên cạnh tỷ lệ, kèm nguồn.", COUNT,
                    rows("""
                select coalesce(u.name, c.unit_code) as "Đơn vị", c.measure as "Chỉ tiêu", c.value as "Giá trị",
                  c.as_of as "Ngày", c.source as "Nguồn"
                from adoption.history_context c left join adoption.history_units u on u.unit_code = c.unit_code and u.valid_to is null
                order by 1, 2, 4 desc
            """), width=12)
        )
    )  # fmt: skip


def _costs(board: Dashboard) -> Dashboard:
    by_bank = 'level="bank",window="30d"'
    return (
        board.with_row(a_row("Ngân hàng và chi phí, 30 ngày qua"))
        .with_panel(
            ranking("Tự động khớp theo ngân hàng của người nộp", "Số khoản tiền về được khớp hoàn toàn tự động, chia cho số khoản "
                    "tiền về: ứng dụng nào còn để lại việc làm tay.", SHARE,
                    at_once(f"sort_desc(khop_automatic_ratio{{{by_bank}}})", "{{unit}}"))
        )
        .with_panel(
            ranking("Phí chuyển tiền trung bình", "Phí mà người nộp chịu theo bảng phí có ngày hiệu lực, tính trung bình mỗi "
                    "khoản.", DONG, at_once(f"sort_desc(khop_transfer_cost_mean_dong{{{by_bank}}})", "{{unit}}"))
        )
        .with_panel(
            over_time("Thiếu vì phí", "Phần các khoản tiền về thiếu đúng một mức phí so với thông báo thu.", SHARE,
                      now('khop_short_by_fee_ratio{level="province",window="30d"}', "toàn tỉnh"))
        )
        .with_panel(
            number("Lần chuyển tiết kiệm được", "Phần lần chuyển tiền không phải làm nhờ gộp nhiều khoản vào một mã QR.", SHARE,
                   at_once(f"khop_bundled_transfers_saved_ratio{{{PROVINCE}}}"), width=6)
        )
        .with_panel(
            listing("Bảng phí", "Phí chuyển tiền có ngày hiệu lực và nguồn; dòng giả định được ghi rõ.", DONG, rows("""
                select bank as "Ngân hàng", provider as "Nhà cung cấp", valid_from as "Từ ngày", fee as "Phí",
                  case when assumed then 'giả định' else '' end as "Ghi chú", source as "Nguồn"
                from adoption.history_transfer_fees order by 1, 3
            """), width=18)
        )
    )  # fmt: skip
