"""ingest: every bank message and statement, kept as it came, and the one transaction that it tells of.

Consumes directory.sites.v1 (which site owns an account, and since when).
Publishes bank.transactions.v1 and bank.statements.v1.
Told by banks and gateways: POST /webhooks/{provider}/{connection} (`khop connection` opens one); by people: POST
/statements/{account}, and POST /transactions/{id}/duplicate where two may be one (docs/identity.md); by
reconciliation: POST /transactions/{id}/correction, where the statement is right (docs/adr/0015).
webhooks.py is the road of a message: find the connection → verify → parse → wait for the commit → answer; providers/ holds one
small module a provider; committer.py joins concurrent messages into one database commit, on the fast road (fast.py) what
nobody told before, on the careful one (taking.py) the rest; deciding.py with identity.py says what a message is; statements/
reads files and lays them beside what is known; handlers.py gives late sites their transactions and statements.
"""
