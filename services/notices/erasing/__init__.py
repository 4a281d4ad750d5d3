"""Erasing a payer, or restricting one (Law 91/2025/QH15; docs/adr/0016): notices stay for the books and name nobody from then on.

model.py says whether that may be and what is left of a notice (pure), store.py holds the SQL, api.py takes the command.
"""
