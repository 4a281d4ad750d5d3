"""adoption: how far paying without cash has come, where and since when.

Consumes directory.units.v1, directory.sites.v1, directory.campaigns.v1, fees.notices.v1, payments.allocations.v1,
bank.transactions.v1. Publishes adoption.metrics.v1; exports khop_cashless_share_ratio; answers GET /shares.
Handlers keep each entity's newest version and note what changed. The refresh (refresh.py, at most once a second) turns
changed facts into payments, payments into a row per site, day and fee kind, those into windows, windows into metrics; each
step recomputes what was touched and adds to nothing. model.py knows the windows, and the units in which a site lay.
All but the metrics as published is derived from the topics and emptied by a replay. No payer's code is kept: payers are
pseudonyms. docs/metrics.md defines every figure.
"""
