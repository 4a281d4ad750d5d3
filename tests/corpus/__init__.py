"""Simulated corpora: sites, what their payers owe, what arrives on the accounts, and what a careful accountant would do with it.

Nothing here is taken from the matcher: names, abbreviations, banks' wrappers and the verdicts are written down a second time,
from docs/matching.md and ../shared/facts/memos.md, so that the score does not measure the matcher's own tables.
The same seed gives the same corpus.
"""
