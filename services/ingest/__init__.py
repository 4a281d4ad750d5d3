"""ingest: every bank message, kept as it came, and the one transaction that it tells of.

Consumes directory.sites.v1 (which site owns an account, and since when).
Publishes bank.transactions.v1; bank.statements.v1 follows with the statements themselves.
Told by banks and gateways: POST /webhooks/{provider}/{connection} (`khop connection` opens one).
webhooks.py is the road of a message: find the connection → verify → parse → wait for the commit → answer;
providers/ holds one small module a provider; committer.py joins concurrent messages into one database commit;
connections.py keeps the connections at hand; model.py decides what a message is (new, known, conflicting, unrouted);
store.py keeps the vault, identities and transactions; handlers.py gives late sites their transactions.
"""
