"""The accountant's lists over all her sites: what waits, what is matched, what is over; ticks that survive paging and sorting.

places.py   where a page of a list begins (pure)     queries.py  what a page shows
ticks.py    what is ticked; bulk.py  matching what is ticked, after a summary
api.py      the pages
"""
