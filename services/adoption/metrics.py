"""What is counted, and which figure is which count over which. docs/metrics.md is made from this file. Pure.

A figure is a numerator over a denominator, both sums of counters over the sites of a scope and the days of a range.
Counters of days add up over days. Counters of payers do not: who paid on two days is one payer, so they are counted
anew over every range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PAYER_COUNTERS = (
    "all_payers", "cashless_payers", "helped_payers", "first_time_payers", "known_payers", "returning_payers",
    "due_payers", "adopted_payers",
)  # fmt: skip
"""Distinct payers of a site over a range of days; known: paid without cash before the range."""

PAYMENT_COUNTERS = (
    # Credits and đồng applied to notices.
    "all_count", "cashless_count", "helped_count", "all_value", "cashless_value", "helped_value",
    # Notices by the day on which they fall due and on which they were settled; bills by the day of their opening.
    "due_notices", "on_time_notices", "settled_notices", "issue_to_paid_days", "opened_bills", "from_afar_bills",
)  # fmt: skip
"""Counts of one day that know their fee kind and village; they add up over days."""

TRANSFER_COUNTERS = (
    # Bank credits that could pay a fee, and how they came to their notices.
    "bank_credits", "automatic_credits", "ever_automatic_credits", "undone_credits", "matched_credits", "matched_seconds",
    "matched_1s", "matched_5s", "matched_1m", "matched_1h", "matched_1d", "transferred_notices",
    "priced_credits", "cost_dong", "short_credits", "short_dong", "waiting_credits", "waiting_days",
    # Movements on accounts, and how word of them came.
    "webhook_transactions", "late_transactions", "lateness_seconds", "watched_transactions", "healed_transactions",
    "reports", "duplicate_reports",
)  # fmt: skip
"""Counts of one day that know their provider and bank; they add up, but for the queue's (waiting), a state at its end."""

SITE_COUNTERS = ("sites", "active_sites", "once_active_sites", "quiet_sites")
"""Sites of a scope over a range, and over the range of the same length before it."""

CAMPAIGN_COUNTERS = (*PAYER_COUNTERS, *PAYMENT_COUNTERS[: PAYMENT_COUNTERS.index("due_notices")])
"""What is compared before, during and after a campaign."""

WINDOW_COUNTERS = (*PAYER_COUNTERS, *PAYMENT_COUNTERS)
COUNTERS = (*WINDOW_COUNTERS, *TRANSFER_COUNTERS, *SITE_COUNTERS)

Cell = Literal["site", "village", "type", "place", "typed", "kind", "site_kind", "channel", "campaign"]
CELLS: dict[Cell, str] = {
    "site": "a site",
    "village": "a village",
    "type": "all sites of a type",
    "place": "a commune, district or province",
    "typed": "a commune, district or province by type of site",
    "kind": "a commune, district, province or type of site by fee kind",
    "site_kind": "a site by fee kind (by month only: in a week one fee of one school holds a handful of payers)",
    "channel": "a provider, or a payer's bank",
    "campaign": "a campaign's unit, and elsewhere, before, during and after it",
}
"""What a figure can be of."""

_PAYMENTS: tuple[Cell, ...] = ("site", "village", "type", "place", "typed", "kind", "site_kind", "campaign")
_PAYERS: tuple[Cell, ...] = ("site", "village", "type", "place", "kind", "campaign")
_NOTICED: tuple[Cell, ...] = ("site", "village", "type", "place", "kind", "site_kind")
_TRANSFERS: tuple[Cell, ...] = ("site", "type", "place", "channel")
_SITES: tuple[Cell, ...] = ("type", "place", "typed")
_TIMES: tuple[Cell, ...] = ("type", "place", "channel")

WINDOWS = ("day", "7d", "30d", "month")
MATCHED_WITHIN_S = {"matched_1s": 1, "matched_5s": 5, "matched_1m": 60, "matched_1h": 3_600, "matched_1d": 86_400}
"""The upper bounds of the histogram of the time from a bank's message to its match."""
LATE_AFTER_S = 300
"""A webhook that comes later than this after the bank's own time is late: the cashier has stopped waiting."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure's definition."""

    name: str
    numerator: str
    """A sum of counters, as SQL and Python both read it."""
    denominator: str
    cells: tuple[Cell, ...]
    says: str
    """The numerator in words."""
    over: str
    """The denominator in words."""
    why: str
    source: str
    """The topics whose events it is derived from."""
    unit: str = "ratio"
    windows: tuple[str, ...] = WINDOWS


_ALLOCATIONS = "payments.allocations"
_NOTICES = "payments.allocations, fees.notices"

METRICS: tuple[Metric, ...] = (
    Metric(
        "cashless_share_payers", "cashless_payers", "all_payers", _PAYMENTS,
        "distinct payers of a site of whom at least one allocation came without cash",
        "distinct payers of a site with at least one allocation",
        "says how many *people* the change has reached; one who used both ways counts in both", _NOTICES,
    ),
    Metric(
        "cashless_share_count", "cashless_count", "all_count", _PAYMENTS,
        "credits with at least one allocation that came by bank or by the public-service portal",
        "all credits with at least one allocation", "says how often", _ALLOCATIONS,
    ),
    Metric(
        "cashless_share_value", "cashless_value", "all_value", _PAYMENTS,
        "đồng of allocations whose credit came by bank or portal", "đồng of all allocations",
        "says how much; a few large fees can hide many small cash payments", _ALLOCATIONS,
    ),
    Metric(
        "helped_share_payers", "helped_payers", "all_payers", _PAYERS,
        "of the payers without cash, those for whom staff or a helper paid (`paid_through`)",
        "distinct payers of a site with at least one allocation",
        "the part of the share that rests on helpers: help that nobody needs any more is the aim", _NOTICES,
    ),
    Metric(
        "helped_share_count", "helped_count", "all_count", _PAYERS,
        "of the credits without cash, those with an allocation paid through staff or a helper",
        "all credits with at least one allocation", "as above, by credits", _ALLOCATIONS,
    ),
    Metric(
        "helped_share_value", "helped_value", "all_value", _PAYERS,
        "of the đồng without cash, those paid through staff or a helper", "đồng of all allocations",
        "as above, by đồng", _ALLOCATIONS,
    ),
    Metric(
        "site_coverage", "active_sites", "sites", _SITES,
        "sites with at least one allocation of a credit without cash", "sites that lie in the scope on the last day",
        "tells a scope in which some sites do all from one in which all sites do some",
        "directory.sites, directory.units, payments.allocations",
    ),
    Metric(
        "sites_gone_quiet", "quiet_sites", "once_active_sites", _SITES,
        "of those, sites without any in this range",
        "sites with a payment without cash in the range of the same length just before, still there on the last day",
        "a site that stops is a broken QR, a changed account or a new clerk: somebody should ring",
        "directory.sites, payments.allocations", windows=("7d", "30d", "month"),
    ),
    Metric(
        "payer_adoption", "adopted_payers", "due_payers", _PAYMENTS,
        "of those, payers of whom at least one such notice is settled in full without any cash, by now",
        "distinct payers with an obligatory notice, not cancelled, whose due day lies in the range and has come",
        "counts also those who have not paid at all, which a share of payments cannot", _NOTICES,
    ),
    Metric(
        "first_time_payers", "first_time_payers", "cashless_payers", _PAYERS,
        "of those, payers whose first payment without cash at the site lies in the range",
        "distinct payers who paid without cash", "says whether new people come", _NOTICES,
    ),
    Metric(
        "returning_payers", "returning_payers", "known_payers", _PAYERS,
        "of those, payers who paid without cash again",
        "distinct payers with any payment in the range who had paid without cash before it",
        "says whether those who tried it stay", _NOTICES,
    ),
    Metric(
        "back_to_cash_payers", "known_payers - returning_payers", "known_payers", _PAYERS,
        "of those, payers who paid in cash only",
        "distinct payers with any payment in the range who had paid without cash before it",
        "whom to ask what went wrong", _NOTICES,
    ),
    Metric(
        "paid_from_afar_bills", "from_afar_bills", "opened_bills", _NOTICED,
        "of those, bills on which money came without cash after the opening, or at any time where a helper declared "
        "“Tôi nộp giúp”, by now",
        "bills whose share link was first opened in the range",
        "whether the link reaches relatives far away; observed only, never inferred from names", _NOTICES,
    ),
    Metric(
        "issue_to_paid_days", "issue_to_paid_days", "settled_notices", _NOTICED,
        "days from a notice's issue to the day on which it was settled, summed (paid before its issue: 0)",
        "notices settled in full in the range", "a fee that is easy to pay is paid soon", _NOTICES, "days",
    ),
    Metric(
        "paid_on_time", "on_time_notices", "due_notices", _NOTICED,
        "of those, notices settled in full on their due day or before",
        "obligatory notices, not cancelled, whose due day lies in the range and has come",
        "what the site itself gains by it", _NOTICES,
    ),
    Metric(
        "received_to_matched_seconds", "matched_seconds", "matched_credits", _TIMES,
        "seconds from Khớp's first word of a credit to the first of its allocations that hold, summed",
        "bank credits with an allocation", "how long payer and accountant wait", _ALLOCATIONS, "seconds",
    ),
    *(
        Metric(
            f"matched_within_{counter.removeprefix('matched_')}", counter, "matched_credits", _TIMES,
            f"of those, credits matched within {seconds:,} s" + (" (with the others: a histogram)" if seconds == 1 else ""),
            "bank credits with an allocation", "as above; a mean hides the few that wait for days", _ALLOCATIONS,
        )
        for counter, seconds in MATCHED_WITHIN_S.items()
    ),
    Metric(
        "automatic_share", "automatic_credits", "bank_credits", _TRANSFERS,
        "of those, credits all of whose allocations the automaton made, and nobody took one back",
        "bank credits that could pay a fee (neither interest and the like nor a deposit of cash)",
        "a transfer that needs no hand is the product; by bank it says whose application leaves work", _ALLOCATIONS,
    ),
    Metric(
        "automatic_undone_share", "undone_credits", "ever_automatic_credits", _TRANSFERS,
        "of those, credits of which a person took an automatic allocation back", "bank credits that the automaton ever matched",
        "the price of automation: wrong matches", _ALLOCATIONS,
    ),
    Metric(
        "review_age_days", "waiting_days", "waiting_credits", _TRANSFERS,
        "days since Khớp first heard of them, summed",
        "bank credits that wait for a person at the day's end: the size of the queue",
        "size and age of the queue of one day", _ALLOCATIONS, "days", windows=("day",),
    ),
    Metric(
        "transfer_cost_dong", "cost_dong", "priced_credits", _TRANSFERS,
        "đồng that the transfers cost their senders by the dated table of fees (`GET /transfer-fees`), summed",
        "matched bank credits whose bank or provider stands in the table for that day", "a fee to the payer is a wall",
        _ALLOCATIONS, "dong",
    ),
    Metric(
        "short_by_fee_share", "short_credits", "matched_credits", _TRANSFERS,
        "of those, credits that lack exactly a fee of the table to the sum of their one bill",
        "bank credits with an allocation", "a fee taken from the sum leaves the bill open and the accountant with a riddle",
        _NOTICES,
    ),
    Metric(
        "short_by_fee_dong", "short_dong", "short_credits", _TRANSFERS,
        "đồng that these credits lack, summed", "credits short by a fee", "as above, in đồng", _NOTICES, "dong",
    ),
    Metric(
        "bundled_transfers_saved", "transferred_notices - matched_credits", "transferred_notices", _TRANSFERS,
        "transfers that bills with several notices saved: notices less credits",
        "notices that bank credits paid, each once a credit", "what one QR for all fees of a round saves", _ALLOCATIONS,
    ),
    Metric(
        "webhook_late_share", "late_transactions", "webhook_transactions", _TRANSFERS,
        f"of those, transactions whose first webhook came more than {LATE_AFTER_S} s after the bank's own time",
        "transactions of which a webhook told", "a cashier cannot wait for a late one", "bank.transactions",
    ),
    Metric(
        "webhook_lateness_seconds", "lateness_seconds", "webhook_transactions", _TRANSFERS,
        "seconds from the bank's own time to the first webhook, summed (a clock that goes ahead: 0)",
        "transactions of which a webhook told", "as above, the mean", "bank.transactions", "seconds",
    ),
    Metric(
        "healed_by_statement_share", "healed_transactions", "watched_transactions", _TRANSFERS,
        "of those, transactions that only a statement or a pull told of",
        "transactions on accounts for which a provider sends webhooks", "what webhooks lost", "bank.transactions",
    ),
    Metric(
        "duplicate_reports_share", "duplicate_reports", "reports", _TRANSFERS,
        "of those, webhooks that told of a transaction already told, and all of transactions merged into another",
        "webhooks that told of a transaction, each provider and sending once (a message sent again is counted by ingest: "
        '`khop_ingest_messages_total{outcome="duplicate"}`)',
        "two connections on one account, or a provider that gives one movement two ids", "bank.transactions",
    ),
)  # fmt: skip

POSITIONS = {metric.name: place for place, metric in enumerate(METRICS)}
"""Where a metric stands in the arrays of the figures table. The order is stored: append, never insert."""
