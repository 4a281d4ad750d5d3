"""reconciliation: the day book of every site: does the bank agree with the books, and what is left to explain.

Consumes bank.transactions.v1, bank.statements.v1, payments.allocations.v1, directory.sites.v1, fees.notices.v1.
Publishes reconciliation.days.v1 (a row per site, account and local day; cash in a row of its own) and
reconciliation.discrepancies.v1. Answers GET /days.
Handlers keep each entity's newest version and note which days it touches; day_book.py derives the touched days from the
stored facts, asks model.py what they mean on a given date, and publishes only what differs from what was published last.
Facts come from the topics and are emptied by a replay; days and discrepancies as published survive it, with versions.
Portal payments and opening balances touch neither a bank account nor the cash box on that day: no row counts them.
"""
