"""portal: the pages that people see, and the read model behind them (people, roles and sessions come with sign-in).

Consumes every topic but dlq.v1 and keeps what the pages show; publishes nothing: commands go over HTTP to the service that
owns the thing. All it holds is derived, so `khop replay portal` rebuilds it.

model.py   what a credit means to a reader: its state, its figures, the place of a page in a list (pure)
words.py   every Vietnamese word of the pages, once
views.py   entities put into words, names masked; pages.py renders them (templates/, static/)
addresses.py  how addresses are written and read; refusals.py, page_route.py  what goes wrong, as a page
store.py   what the topics write; queries.py what the pages read
live.py    tells open pages that something changed; api.py the routes
"""
