"""Which fee does a credit pay, and why: pure and deterministic.

`decide` walks `STAGES` from the most certain evidence to the weakest; the list is the algorithm.
"""

from services.matching.matcher.book import Book
from services.matching.matcher.stages import STAGES, decide
from services.matching.matcher.values import Decision, Incoming, OpenNotice, Share, SiteRules

__all__ = ["STAGES", "Book", "Decision", "Incoming", "OpenNotice", "Share", "SiteRules", "decide"]
