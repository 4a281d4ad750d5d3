"""notices: payers, fee kinds, notices, bills and their references: where fees are issued, shown and asked for.

Consumes directory.sites.v1 (which sites exist, their accounts), payments.allocations.v1 (what is paid of each notice: shown,
never published back) and reconciliation.days.v1 (how fresh the bank's data are). Publishes fees.notices.v1.
All ways of issuing end in one: files/ (imports), drafts/ (accountants' lists), rounds/ (rules), commands/ (requests) and settlements/
make rows of notice_rows.py; model.py decides them (pure); issuing.py stores and publishes them in one transaction.
fees/ says what may be asked, payers/ of whom. bills/ joins notices under a reference, page/ shows a bill to its payer, lists/ a
round to the site's people, drawing/ puts both on paper, erasing/ makes a payer's notices
name nobody. handlers.py, store.py and api.py as in every service; why: docs/adr/0009.
"""
