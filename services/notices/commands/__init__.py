"""Commands over HTTP that issue and amend notices one by one or in batches.

items.py reads JSON as a file's rows are read (pure); issue.py runs what is asked in one transaction, once for its
Idempotency-Key; api.py has the routes.
"""
