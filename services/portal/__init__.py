"""portal: the pages that people see, who they are, and the read model behind the pages.

Consumes every topic but dlq.v1 and keeps what the pages show; publishes nothing: commands go over HTTP to the service that
owns the thing (owners.py). What it holds of topics is derived, so `khop replay portal` rebuilds it; people, sessions, the
audit, notes, waits and receipts are its own, and no replay touches them.

keeping/   what the topics write          people/    roles, sign-in, sessions, the audit; row-level security
web/       rendering, forms, addresses    words/     every Vietnamese word of the pages, once, by subject
payment/, queue/, counter/, fees/, days/, cash/, refunds/, reports/, committee/, overview/, requests/, searching/
           a subject each: api.py its routes, queries.py what it reads, views.py the same in words (pure)
model.py   what a credit means to a reader (pure)
live.py    tells open pages that something changed; api.py lists the routes
"""
