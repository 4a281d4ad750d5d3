"""matching: credits and their allocations, the ledger of who paid what.

Consumes directory.sites, fees.notices, bank.transactions. Publishes payments.allocations.v1.
Told by people: cash receipts, matches by hand, undoing (api.py).

matcher/ decides which notices a credit pays, pure; ledger.py applies a decision to a credit and keeps the money identity;
store.py reads and writes; handlers.py and api.py join them, each transaction under the lock of its sites (rule 8).
"""
