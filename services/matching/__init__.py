"""matching: credits and their allocations, the ledger of who paid what.

Consumes directory.sites, fees.notices, bank.transactions. Publishes payments.allocations.v1.
Told by people: cash receipts, matches by hand, undoing, moving, returns (by_hand.py, suggestions.py, receipts.py; acts.py is what
they share, people.py who may).

matcher/ decides which notices a credit pays, pure; ledger.py applies a decision to a credit and keeps the money identity. books.py
holds what a site's people owe, deciding.py decides a batch on it, arriving.py takes transactions over, handlers.py joins them.
store.py, owed.py and learned.py read and write; each transaction is under the lock of its sites (rule 8).
"""

from services.matching import compiled

compiled.prefer(__path__)
