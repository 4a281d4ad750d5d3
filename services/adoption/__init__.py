"""adoption: how far paying without cash has come, where, for whom and since when, and what helped.

Consumes directory.units.v1, directory.sites.v1, directory.campaigns.v1, fees.notices.v1, payments.allocations.v1,
bank.transactions.v1. Publishes adoption.metrics.v1; exports gauges of the current windows; answers GET /shares,
/metrics-series, /campaigns, /context and /transfer-fees.
Handlers (store.py) keep each entity's newest version and note what changed. The refresh (refresh.py, at most once a second)
turns changed facts into rows (rows.py), rows into days (days.py), days into windows (windows.py), windows into sums over every
scope (summing.py), and publishes the figures that differ (publishing.py); each step recomputes what was touched and adds to
nothing. metrics.py defines every figure and docs/metrics.md is made from it; model.py knows ranges and places, comparing.py
what may be said of a campaign. All but the figures as published, the table of transfer fees and the context is derived from
the topics and emptied by a replay. No payer's code is kept: payers are pseudonyms.
"""
