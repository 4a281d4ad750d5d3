"""One payment: what is known of it, why it was decided so, its whole life, and what a person may do with it.

evidence.py  why, as facts that hold or do not (pure)     marking.py  which part of a memo was recognised (pure)
loading.py   what the pages show of credits, from the database   views.py  the same in words (pure)
acts.py      commands to matching                         choosing.py which notices a person may mean
api.py       the page and its forms
"""
