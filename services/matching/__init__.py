"""matching: the ledger of who paid what. Given a credit and the notices, says which fee it pays, and why.

Consumes directory.sites.v1, fees.notices.v1, bank.transactions.v1 (in this order). Publishes payments.allocations.v1.
Told by people: cash receipts, allocations by hand, undo.
matcher/ decides, pure: credit and notices in, decision out; its list of stages is the algorithm.
model.py holds a credit's life: decided, released, undone, allocated by hand; pure too.
releases.py is rule 9: what a lowered or cancelled notice gives back.
ledger.py is one deciding transaction: sites locked, all loaded, all written (DESIGN §3 rule 8).
store.py and writes.py hold the SQL; the migration holds the money identity (rule 10) as constraints.
handlers.py takes the topics, api.py the commands, review.py the review list and its metrics.
"""
