"""Rows of reports. One statement each; a report is of one site and a stretch of days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.portal import words
from services.portal.payment.views import Reader
from services.portal.web.saying import period_words
from shared import clock
from shared.privacy import PayerCode, PersonName
from shared.runtime.postgres import Connection

ROWS_MAX: Final = 100_000

# By allocations_of_site; notices and credits by their primary keys.
PAID = f"""
select a.occurred_at, n.payer_name, n.payer_code, n.payer_group, n.purpose, n.period, a.amount, a.channel, c.document_number
from allocations a join notices n using (notice_id) join credits c using (credit_id)
where a.site_id = $1 and a.occurred_at >= $2 and a.occurred_at < $3
order by a.occurred_at, a.credit_id, a.allocation_id limit {ROWS_MAX}
"""
# By notices_of_round's first column; what is paid by allocations_of_notice.
COLLECTED = f"""
select n.purpose, n.payer_group, count(distinct coalesce(n.payer_code, n.bill_id)) as payers, sum(n.amount)::bigint as asked,
  sum(least(n.amount, p.paid))::bigint as paid
from notices n
cross join lateral (select coalesce(sum(a.amount), 0)::bigint as paid from allocations a where a.notice_id = n.notice_id) p
where n.site_id = $1 and n.due_on between $2 and $3 and n.status = 'open' and n.obligation = 'due'
group by n.purpose, n.payer_group order by n.purpose, n.payer_group limit {ROWS_MAX}
"""
# By credits_in_excess.
OVERPAID = f"""
select c.occurred_at, c.amount, (c.entity -> 'suspense_parts' ->> 'balance')::bigint as balance,
  (c.entity -> 'suspense_parts' ->> 'to_return')::bigint as to_return,
  case when c.reason = 'duplicate' then (c.entity -> 'suspense_parts' ->> 'unidentified')::bigint else 0 end as twice,
  n.payer_name, n.payer_code
from credits c
left join lateral (
  select n.payer_name, n.payer_code from notices n where n.notice_id = any(array(
    select a.notice_id from allocations a where a.credit_id = c.credit_id
    union all select c.entity ->> 'intended_notice_id'
    union all select c.entity -> 'candidates' -> 0 -> 'notice_ids' ->> 0 where c.reason = 'duplicate'
  )) limit 1
) n on true
where c.site_id = $1 and c.is_excess and c.occurred_at >= $2 and c.occurred_at < $3 order by c.occurred_at, c.credit_id limit {ROWS_MAX}
"""
# By credits_of_day.
BY_DAY = """
select day, count(*) filter (where channel in ('bank', 'portal')) as bank_count,
  coalesce(sum(amount - suspense) filter (where channel in ('bank', 'portal')), 0)::bigint as bank,
  count(*) filter (where channel = 'cash') as cash_count,
  coalesce(sum(amount - suspense) filter (where channel = 'cash'), 0)::bigint as cash
from credits where site_id = $1 and day between $2 and $3 and direction = 'in' and suspense < amount
group by day order by day
"""


async def rows_of(
    connection: Connection, name: str, site_id: str, first: date, last: date, reader: Reader
) -> tuple[list[tuple[Any, ...]], tuple[Any, ...]]:
    """The rows of a report and its totals."""
    begin, end = clock.day_start(first), clock.day_start(date.fromordinal(last.toordinal() + 1))
    if name == "paid":
        found = await connection.fetch(PAID, site_id, begin, end)
        rows: list[tuple[Any, ...]] = [
            (clock.local_day(row["occurred_at"]), *_who(row, reader), row["payer_group"] or "", row["purpose"] or "",
             period_words(row["period"] or ""), row["amount"], words.queue.CHANNELS[row["channel"]], row["document_number"] or "")
            for row in found
        ]  # fmt: skip
        return rows, (words.reports.TOTAL, "", "", "", "", "", sum(row[6] for row in rows), "", "")
    if name == "collected":
        found = await connection.fetch(COLLECTED, site_id, first, last)
        rows = [
            (row["purpose"] or words.NOTICE_UNKNOWN, row["payer_group"] or words.reports.NO_CLASS, row["payers"], row["asked"],
             row["paid"], row["asked"] - row["paid"])
            for row in found
        ]  # fmt: skip
        return rows, (words.reports.TOTAL, "", "", *_sums(rows, 3, 4, 5))
    if name == "overpaid":
        found = await connection.fetch(OVERPAID, site_id, begin, end)
        rows = [
            (
                clock.local_day(row["occurred_at"]),
                row["amount"],
                row["balance"],
                row["to_return"],
                row["twice"],
                *_who(row, reader),
            )
            for row in found
        ]
        return rows, (words.reports.TOTAL, *_sums(rows, 1, 2, 3, 4), "", "")
    found = await connection.fetch(BY_DAY, site_id, first, last)
    rows = [
        (row["day"], row["bank_count"], row["bank"], row["cash_count"], row["cash"], row["bank"] + row["cash"])
        for row in found
    ]
    return rows, (words.reports.TOTAL, *_sums(rows, 1, 2, 3, 4, 5))


def _who(row: Mapping[str, Any], reader: Reader) -> tuple[str, str]:
    name = PersonName(row["payer_name"]) if row["payer_name"] else None
    return reader.say(name), reader.say(PayerCode(row["payer_code"]) if row["payer_code"] else None)


def _sums(rows: Sequence[tuple[Any, ...]], *columns: int) -> tuple[int, ...]:
    return tuple(sum(row[column] for row in rows) for column in columns)
