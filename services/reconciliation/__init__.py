"""reconciliation: the day book of every site: does the bank agree with the books, and what is left to explain.

Consumes bank.transactions.v1, bank.statements.v1, payments.allocations.v1, directory.sites.v1, fees.notices.v1.
Publishes reconciliation.days.v1 (a row per site, account and local day; cash in a row of its own) and
reconciliation.discrepancies.v1. docs/reconciliation.md says what each state, kind and figure means, and lists the routes.
facts/ keeps each entity's newest version and notes which days it touches. days/ derives the touched days, closes them and finds
what came late; discrepancies/ says what differs; cash/, money_back/, collected_for/, documents/ and closes/ hold what people
do beside; exports/ writes it for signing. A replay empties facts/ only: days as published and everything people (or certainty)
decided are acts, and stay.
"""
