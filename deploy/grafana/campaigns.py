"""*Campaigns*: before, during and after, there and elsewhere, with the counts; nothing is said of why."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import COUNT, SHARE, a_choice, a_dashboard, a_row, listing, over_time, ranking, words
from deploy.grafana.queries import at_once, past, rows

CLAIM = (
    "Các con số so sánh khoảng thời gian trước, trong và sau mỗi đợt vận động, ở nơi vận động và ở các nơi khác. Chúng không nói "
    "vì sao: vài xã không đủ để tách tác động của đợt vận động với mùa vụ hay đợt thu. Dưới 30 người nộp trong một khoảng là quá "
    "ít dữ liệu. Khoảng tin cậy và kết luận có ở `GET /campaigns`."
)

ALL = """
select c.name as "Đợt vận động", coalesce(u.name, c.unit_code) as "Nơi", c.starts_on as "Từ ngày", c.ends_on as "Đến ngày",
  max(f.value) filter (where f.window_kind = 'before') as "Trước",
  max(f.denominator) filter (where f.window_kind = 'before') as "Số người trước",
  max(f.value) filter (where f.window_kind = 'during') as "Trong",
  max(f.denominator) filter (where f.window_kind = 'during') as "Số người trong",
  max(f.value) filter (where f.window_kind = 'after') as "Sau",
  max(f.denominator) filter (where f.window_kind = 'after') as "Số người sau"
from adoption.history_campaigns c
left join adoption.history_units u on u.unit_code = c.unit_code and u.valid_to is null
left join adoption.history_figures f on f.level = 'campaign' and f.code = c.campaign_id and f.metric = 'cashless_share_payers'
group by c.campaign_id, c.name, u.name, c.unit_code, c.starts_on, c.ends_on order by c.starts_on desc
"""

STRETCHES = """
select case f.level when 'campaign' then 'nơi vận động' else 'nơi khác' end as "Ở đâu",
  case f.window_kind when 'before' then 'trước' when 'during' then 'trong' else 'sau' end as "Khi nào", f.as_of as "Đến ngày",
  max(f.value) filter (where f.metric = 'cashless_share_payers') as "Theo người nộp",
  max(f.numerator) filter (where f.metric = 'cashless_share_payers') as "Không dùng tiền mặt",
  max(f.denominator) filter (where f.metric = 'cashless_share_payers') as "Số người nộp",
  max(f.value) filter (where f.metric = 'first_time_payers') as "Lần đầu",
  max(f.value) filter (where f.metric = 'payer_adoption') as "Người có khoản đến hạn đã nộp"
from adoption.history_figures f where f.level in ('campaign', 'elsewhere') and f.code = ${campaign:sqlstring}
group by f.level, f.window_kind, f.as_of order by 1, 3
"""

DAILY = """
select f.as_of::timestamptz as time, 'nơi vận động' as metric, f.value from adoption.history_figures f
join adoption.history_campaigns c on c.campaign_id = ${campaign:sqlstring} and f.code = c.unit_code
where f.metric = 'cashless_share_payers' and f.window_kind = '7d' and f.site_type = 'all' and f.fee_kind = 'all'
  and f.level in ('province', 'commune', 'village') and f.as_of between c.starts_on - 92 and c.ends_on + 92
order by 1
"""


def build() -> Dashboard:
    """The dashboard."""
    board = a_dashboard(
        "khop-campaigns",
        "Khớp: các đợt vận động",
        "Trước, trong và sau mỗi đợt vận động: số người nộp và tỷ lệ, ở nơi vận động và nơi khác.",
        "campaigns",
        since="now-1y",
        refresh="5m",
    ).with_variable(
        a_choice("campaign", "Đợt vận động", "Đợt vận động được xem.",
                 "select name as __text, campaign_id as __value from adoption.history_campaigns order by starts_on desc")
    )  # fmt: skip
    return (
        board.with_panel(words("Đọc thế nào", CLAIM))
        .with_panel(
            listing("Các đợt vận động", "Tỷ lệ theo người nộp và số người nộp trước, trong và sau.", SHARE, rows(ALL),
                    units={"Số người trước": COUNT, "Số người trong": COUNT, "Số người sau": COUNT})
        )
        .with_row(a_row("Đợt vận động đã chọn"))
        .with_panel(
            listing("Nơi vận động và nơi khác", "Tỷ lệ và số người nộp của ba khoảng thời gian.", SHARE, rows(STRETCHES),
                    units={"Không dùng tiền mặt": COUNT, "Số người nộp": COUNT})
        )
        .with_panel(
            over_time("7 ngày, nơi vận động", "Tỷ lệ theo người nộp trong 7 ngày ở nơi vận động.", SHARE, past(DAILY))
        )
        .with_panel(
            ranking("Hiện tại", "Tỷ lệ theo người nộp của các đợt vận động trong một năm qua, theo khoảng thời gian.", SHARE,
                    at_once('khop_cashless_share_ratio{level="campaign",by="payers"}', "{{unit}} {{window}}"))
        )
    )  # fmt: skip
