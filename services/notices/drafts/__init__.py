"""Drafts: the list that an accountant has, understood and shown before anything is issued.

sheets.py is a sheet as plain cells, headings.py says what its columns mean, lines.py what its rows ask (all pure); store.py keeps a
draft with its corrections, running.py previews and issues it, api.py has the routes. A draft is kept for a week at most.
"""
