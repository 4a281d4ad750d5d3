"""notices: fee kinds, notices, bills and their references: where fees are issued.

Consumes directory.sites.v1 (which sites exist, their accounts), payments.allocations.v1 (what is paid of each notice: shown,
never published back) and reconciliation.days.v1 (how fresh the bank's data are). Publishes fees.notices.v1.
Told by fee officers: rows of files (`khop import notices|fee-kinds`), all or nothing unless asked otherwise.
notice_rows.py and fee_kinds.py say what rows mean (pure); model.py decides bills, obligations and what changed (pure);
importing.py is an import from bytes to report; handlers.py, store.py and api.py as in every service.
"""
